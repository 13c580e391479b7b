/** A client and a server that say exactly what a test wants, when it wants it, and note what they get. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A server whose every connection is the test's to script. */
export class RawServer {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;

  private constructor(server: Server, sockets: Set<Socket>, port: number) {
    this.#server = server;
    this.#sockets = sockets;
    this.port = port;
  }

  static async listen(serve: (socket: Socket) => void): Promise<RawServer> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return new RawServer(server, sockets, address.port);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

/** Calls `answer` for each request head with its Content-Length body. */
export function requests(answer: (socket: Socket, head: string, body: string) => void): (socket: Socket) => void {
  return (socket) => {
    let got = '';
    socket.on('end', () => socket.end());
    socket.on('data', (chunk) => {
      got += chunk.toString('latin1');
      for (;;) {
        const headEnd = got.indexOf('\r\n\r\n') + 4;
        if (headEnd < 4) return;
        const length = Number(/content-length: *(\d+)/i.exec(got.slice(0, headEnd))?.[1] ?? 0);
        if (got.length < headEnd + length) return;
        const head = got.slice(0, headEnd);
        const body = got.slice(headEnd, headEnd + length);
        got = got.slice(headEnd + length);
        answer(socket, head, body);
      }
    });
  };
}

export const ok = (body: string): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

export class RawClient {
  readonly socket: Socket;
  /** What came, as latin1; only its length is kept with `countOnly`. */
  text = '';
  bytes = 0;
  ended = false;
  closed = false;
  error: string | null = null;

  constructor(port: number, options: { countOnly?: boolean; reads?: boolean } = {}) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.socket = socket;
    if (options.reads !== false) this.read(options.countOnly === true);
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.closed = true));
    socket.on('error', (error: NodeJS.ErrnoException) => (this.error = error.code ?? error.message));
  }

  read(countOnly = false): void {
    this.socket.on('data', (chunk) => {
      this.bytes += chunk.length;
      if (!countOnly) this.text += chunk.toString('latin1');
    });
  }

  send(bytes: string | Buffer): void {
    if (!this.closed) this.socket.write(bytes, 'latin1');
  }

  get over(): boolean {
    return this.ended || this.closed;
  }

  /** Waits until `condition` holds; false: it did not within that time. */
  async until(condition: () => boolean, withinMs = 3000): Promise<boolean> {
    for (const untilMs = Date.now() + withinMs; Date.now() < untilMs; ) {
      if (condition()) return true;
      await sleep(5);
    }
    return condition();
  }
}
