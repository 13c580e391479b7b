/** Both ends of the wire around a proxy: raw bytes in from a client, raw bytes as they reach the server. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Messages, readMessages } from './strict-http.ts';

/** After the last awaited byte: as long as a byte too many could need on loopback. */
const QUIET_MS = 20;
const GIVE_UP_MS = 2500;

interface Upstream {
  raw: string;
  answered: number;
}

/** A server that records what it gets and answers each whole request, or a fixed answer at the first one. */
export class RecordingServer {
  readonly #server: Server;
  #connections: Upstream[] = [];
  #answer: string | undefined;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(): Promise<{ server: RecordingServer; port: number }> {
    const server = new RecordingServer();
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    const address = server.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return { server, port: address.port };
  }

  /** Forgets what came so far. With an answer: these bytes, then the end of the connection. */
  begin(answer?: string): void {
    this.#connections = [];
    this.#answer = answer;
  }

  /** What reached the server since `begin`, connection by connection. */
  seen(): { raw: string; messages: Messages }[] {
    return this.#connections
      .filter((one) => one.raw !== '')
      .map((one) => ({ raw: one.raw, messages: readMessages(one.raw, true, false) }));
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    const connection: Upstream = { raw: '', answered: 0 };
    this.#connections.push(connection);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      connection.raw += chunk.toString('latin1');
      const { complete, fault } = readMessages(connection.raw, true, false);
      if (fault !== undefined) {
        socket.end();
        return;
      }
      for (; connection.answered < complete.length; connection.answered++) {
        if (this.#answer !== undefined) {
          socket.end(this.#answer, 'latin1');
          return;
        }
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      }
    });
  }
}

export interface ClientView {
  readonly raw: string;
  readonly closed: boolean;
}

/**
 * Sends raw bytes and collects what comes back until the proxy closes, or `enough` says so and nothing more comes.
 * `cutEvery` sends pieces of that size as segments of their own; `halfClose` ends the client's side after the last byte.
 */
export async function send(
  port: number,
  raw: string,
  options: { enough: (answer: string) => boolean; halfClose?: boolean; cutEvery?: number },
): Promise<ClientView> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  let answer = '';
  let closed = false;
  let wake: () => void = () => undefined;
  const changed = () => new Promise<void>((resolve) => (wake = resolve));
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    wake();
  });
  for (const event of ['end', 'close'] as const) {
    socket.on(event, () => {
      closed = true;
      wake();
    });
  }
  socket.on('error', () => wake());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined);
  const bytes = Buffer.from(raw, 'latin1');
  const step = options.cutEvery ?? (bytes.length || 1);
  for (let at = 0; at < bytes.length && !closed; at += step) {
    socket.write(bytes.subarray(at, at + step));
    if (options.cutEvery !== undefined) await new Promise((resolve) => setImmediate(resolve));
  }
  if (options.halfClose === true) socket.end();
  const deadline = AbortSignal.timeout(GIVE_UP_MS);
  const late = once(deadline, 'abort');
  while (!closed && !deadline.aborted && !options.enough(answer)) await Promise.race([changed(), late]);
  if (!closed && !deadline.aborted) await Promise.race([changed(), sleep(QUIET_MS)]);
  socket.destroy();
  return { raw: answer, closed };
}
