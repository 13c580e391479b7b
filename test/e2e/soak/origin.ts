/**
 * The server behind the proxy. Its URLs say what to do:
 *   GET  /down?seed=S&bytes=N&framing=length|chunked|close[&reset=K]   sends a pattern; K: resets after K bytes
 *   POST /up?seed=S&bytes=N                                            checks the body, answers with no body
 *   POST /echo?seed=S&bytes=N                                          checks the body and sends it back as it comes
 * What it found wrong is in `faults`.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { drained } from './backpressure.ts';
import { PatternCheck, patternSlice } from './pattern.ts';

export class Origin {
  readonly faults: string[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    this.#server.keepAliveTimeout = 0;
    this.#server.requestTimeout = 0;
    this.#server.on('clientError', (error, socket) => {
      // Whatever a client does, the proxy must send us HTTP. A connection that just ends is no fault.
      if (!/ECONNRESET|EPIPE|HPE_INVALID_EOF_STATE/.test(`${(error as NodeJS.ErrnoException).code}`)) {
        this.faults.push(`the proxy sent what is not HTTP: ${error.message}`);
      }
      socket.destroy();
    });
  }

  static async listen(): Promise<{ origin: Origin; port: number }> {
    const origin = new Origin();
    origin.#server.listen(0, '127.0.0.1');
    await once(origin.#server, 'listening');
    const address = origin.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return { origin, port: address.port };
  }

  /** Ends the connections that the proxy keeps idle. */
  closeConnections(): void {
    this.#server.closeAllConnections();
  }

  async close(): Promise<void> {
    this.closeConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://origin');
    const seed = Number(url.searchParams.get('seed'));
    const bytes = Number(url.searchParams.get('bytes'));
    response.on('error', () => undefined);
    if (url.pathname === '/down') await this.#down(url, seed, bytes, response);
    else if (url.pathname === '/up') await this.#up(request, seed, bytes, response, false);
    else if (url.pathname === '/echo') await this.#up(request, seed, bytes, response, true);
    else this.faults.push(`unknown request ${request.method} ${request.url}`);
  }

  async #down(url: URL, seed: number, bytes: number, response: ServerResponse): Promise<void> {
    const framing = url.searchParams.get('framing');
    const resetAt = Number(url.searchParams.get('reset') ?? -1);
    if (framing === 'length') response.setHeader('Content-Length', bytes);
    if (framing === 'close') {
      // HTTP/1.1 with neither length nor chunks: the end of the connection ends the body.
      response.useChunkedEncodingByDefault = false;
      response.shouldKeepAlive = false;
    }
    response.setHeader('X-Seed', seed);
    for (let sent = 0; sent < bytes; ) {
      if (resetAt >= 0 && sent >= resetAt) {
        response.socket?.resetAndDestroy();
        return;
      }
      const slice = patternSlice(seed, sent, bytes - sent);
      sent += slice.length;
      if (!response.write(slice) && !(await drained(response))) return;
    }
    response.end();
  }

  async #up(
    request: IncomingMessage,
    seed: number,
    bytes: number,
    response: ServerResponse,
    echo: boolean,
  ): Promise<void> {
    const check = new PatternCheck(seed);
    try {
      for await (const chunk of request as AsyncIterable<Buffer>) {
        check.take(chunk);
        if (echo && !response.write(chunk) && !(await drained(response))) return;
      }
    } catch {
      // The client went away in the middle: what came so far must be right all the same.
    }
    if (check.wrongAt >= 0) this.faults.push(`${request.url}: byte ${check.wrongAt} of an upload is wrong`);
    if (request.complete && check.bytes !== bytes) {
      this.faults.push(`${request.url}: ${check.bytes} bytes arrived as a complete upload`);
    }
    response.end();
  }
}
