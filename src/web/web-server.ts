/**
 * HTTP in the control process: lets visitors in, within limits, and hands them to the pages.
 *
 *   own listeners (`tandem run --http`, `tandem { http }`) ─▶ RouteTable ─▶ page
 *
 * It shares a process with VRRP, so everything has a bound: visitors, heads, bodies, time without progress, answers under
 * way. Whatever a page does, nothing of it leaves this file but its answer. Not here: opening the listeners
 * (src/daemon/web-listener.ts), the pages.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { WebListener } from '../daemon/web-listener.ts';
import { isLocalName, isLoopback, isOwnPost } from './origin.ts';
import type { RouteTable } from './routes.ts';
import { BODY_MAX_BYTES, refusal, type WebAnswer, type WebVisit } from './visit.ts';
import { sendAnswer } from './web-answer.ts';
import type { WebSide } from './web-side.ts';

/** Connections of one listener; more are closed at once. */
const VISITORS_MAX = 128;
/** Answers that are being made or read: as many dashboards may be open. */
const ANSWERS_MAX = 64;
const HEAD_MAX_BYTES = 16_384;
const HEAD_MS = 10_000;
const REQUEST_MS = 20_000;
const KEEP_ALIVE_MS = 15_000;
/** Without progress in either direction. */
const STALLED_MS = 30_000;
const LOOK_FOR_SLOW_EVERY_MS = 2000;

export interface WebServerOptions {
  /** As it is at the moment, which a reload changes. */
  readonly side: () => WebSide;
  readonly routes: RouteTable;
}

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #servers = new Map<WebListener, Server>();
  readonly #over = new AbortController();
  #answers = 0;

  constructor(options: WebServerOptions) {
    this.#options = options;
  }

  /** Serves these listeners, and no others; who is connected to one that is gone is let go. */
  follow(listeners: readonly WebListener[]): void {
    for (const [listener, server] of this.#servers) {
      if (listeners.includes(listener)) continue;
      end(server);
      this.#servers.delete(listener);
    }
    for (const listener of listeners) {
      if (!this.#servers.has(listener)) this.#servers.set(listener, this.#serve(listener));
    }
  }

  close(): void {
    this.#over.abort();
    for (const server of this.#servers.values()) end(server);
    this.#servers.clear();
  }

  #serve(listener: WebListener): Server {
    const options = { maxHeaderSize: HEAD_MAX_BYTES, connectionsCheckingInterval: LOOK_FOR_SLOW_EVERY_MS };
    const server = createServer(options, (request, response) => void this.#visit(listener, request, response));
    server.maxConnections = VISITORS_MAX;
    server.headersTimeout = HEAD_MS;
    server.requestTimeout = REQUEST_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.timeout = STALLED_MS;
    server.on('error', (error) => this.#options.side().journal.alert(`http ${listener.name}: ${error.message}`));
    server.listen({ fd: listener.take() });
    return server;
  }

  async #visit(listener: WebListener, request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => request.destroy());
    if (this.#answers >= ANSWERS_MAX) {
      const busy = refusal(503, `${ANSWERS_MAX} answers are under way already.`);
      await sendAnswer(response, { ...busy, headers: { ...busy.headers, 'Retry-After': '2', Connection: 'close' } });
      return;
    }
    this.#answers++;
    const left = new AbortController();
    response.on('close', () => left.abort());
    const gone = AbortSignal.any([left.signal, this.#over.signal]);
    try {
      await sendAnswer(response, await this.#answer(listener, request, gone), gone);
    } catch (error) {
      this.#tell(request, error);
      if (response.headersSent) response.destroy();
      else await sendAnswer(response, refusal(500, 'This page could not be made; the log says why.'));
    } finally {
      this.#answers--;
    }
  }

  async #answer(listener: WebListener, request: IncomingMessage, gone: AbortSignal): Promise<WebAnswer> {
    const { method = '', url = '/', headers } = request;
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST')
      return refusal(501, 'GET, HEAD and POST are served.');
    if (isLoopback(request.socket.localAddress ?? '') && !isLocalName(headers.host, hostname())) {
      return refusal(421, 'This is not the host that was asked for.');
    }
    if (method === 'POST' && !isOwnPost(headers)) return refusal(403, 'Only pages of this host may post here.');
    const body = method === 'POST' ? await readBody(request) : '';
    if (body === null) {
      const tooMuch = refusal(413, `At most ${BODY_MAX_BYTES} bytes are read.`);
      return { ...tooMuch, headers: { ...tooMuch.headers, Connection: 'close' } };
    }
    const target = url.startsWith('/') ? url : '/';
    const mark = target.indexOf('?');
    const visit: WebVisit = {
      method,
      target,
      path: mark < 0 ? target : target.slice(0, mark),
      query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
      headers,
      body,
      admin: listener.admin,
      side: this.#options.side(),
      gone,
    };
    return this.#options.routes.answer(visit);
  }

  /** A defect of ours: who asks learns that there is no answer, the journal why. */
  #tell(request: IncomingMessage, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.side().journal.warning(`http ${JSON.stringify(request.url ?? '').slice(0, 200)}: ${text}`);
  }
}

/** null: more than anybody should send. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Who sends too much is told so: the connection is needed for that.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    const chunk = piece as Buffer;
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) return null;
    pieces.push(chunk);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}
