/**
 * All servers of all worlds: one listening socket, as the address says which one is meant, and one for checks. A request
 * says by its key who made it, and so what it is answered.
 *
 * Not here: clients (client.ts), what is compared (transcript.ts).
 */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { readMessage } from '../hostile/strict-http.ts';
import { type Places, serverAt, serverSocket } from './places.ts';
import type { Answer, World } from './world.ts';

/** The header line by which a request is known again: world, client, number. */
export const keyLine = (key: string): string => `X-Key: ${key}`;
const KEY = /^x-key: *(\d+)-(\d+)-(\d+)\r$/im;

/** A connection of a server, as far as something came. */
export interface ServerConnection {
  readonly server: number;
  /** What the PROXY protocol said. */
  readonly preface: string;
  readonly requests: readonly string[];
  /** Bytes behind the last whole request. */
  readonly rest: string;
}

interface Upstream extends ServerConnection {
  preface: string;
  requests: string[];
  rest: string;
  /** A head that was answered before its body was there. */
  answered: boolean;
  /** It was told to send the body. */
  continued: boolean;
  ended: boolean;
}

const EXPECTS = /^expect: *100-continue\r$/im;
const PREFACE = /^(?:PROXY [^\r\n]*\r\n|\r\n\r\n\0\r\nQUIT\n[\s\S]{2}([\s\S]{2}))/;

/** Bytes of a PROXY header in front, 0 without one. */
function prefaceLength(raw: string): number {
  const match = PREFACE.exec(raw);
  if (match === null) return 0;
  const length = match[1];
  return length === undefined ? match[0].length : 16 + length.charCodeAt(0) * 256 + length.charCodeAt(1);
}

/** Only TCP has resets. */
export function resetOrClose(socket: Socket): void {
  if (socket.remoteAddress === undefined) socket.destroy();
  else socket.resetAndDestroy();
}

export class Origin {
  readonly #places: Places;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  #worlds: readonly World[] = [];
  #connections = new Map<number, Upstream[]>();
  #attempts = new Map<string, number>();
  /** Connections that we have ended, by world, until they are closed. */
  readonly #closing = new Map<number, number>();
  readonly #waiting = new Set<() => void>();
  readonly #held = new Map<number, (() => void)[]>();

  private constructor(places: Places) {
    this.#places = places;
  }

  static async open(places: Places): Promise<Origin> {
    const origin = new Origin(places);
    await origin.#listen(places.servers, (socket) => {
      const { world, server } = serverAt(socket.localAddress ?? '');
      origin.#serve(socket, world, server);
    });
    await origin.#listen(places.checks, (socket) => origin.#check(socket));
    return origin;
  }

  /** Forgets everything: for the next program, or other worlds. */
  async begin(worlds: readonly World[]): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const server of this.#servers.splice(2)) server.close();
    this.#worlds = worlds;
    this.#connections = new Map();
    this.#attempts = new Map();
    this.#closing.clear();
    this.#held.clear();
    for (const [w, world] of worlds.entries()) {
      for (const [s, server] of world.servers.entries()) {
        if (server.kind === 'unix')
          await this.#listen(serverSocket(this.#places, w, s), (socket) => this.#serve(socket, w, s));
      }
    }
  }

  connections(world: number): readonly ServerConnection[] {
    return this.#connections.get(world) ?? [];
  }

  /** When a request with this key has reached a server. */
  async arrived(key: string, gone: AbortSignal): Promise<void> {
    await this.#until(() => this.#attempts.has(key), gone);
  }

  /** When all connections that the servers have ended are closed by the proxy, too. */
  async quiet(world: number, gone: AbortSignal): Promise<void> {
    await this.#until(() => (this.#closing.get(world) ?? 0) === 0, gone);
  }

  /** What was held back is said now. */
  release(world: number): void {
    for (const say of this.#held.get(world)?.splice(0) ?? []) say();
  }

  async close(): Promise<void> {
    await this.begin([]);
    for (const server of this.#servers) {
      server.close();
      await once(server, 'close');
    }
  }

  async #listen(where: number | string, serve: (socket: Socket) => void): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#sockets.delete(socket));
      serve(socket);
    });
    this.#servers.push(server);
    if (typeof where === 'number') server.listen(where, '0.0.0.0', 1024);
    else server.listen(where);
    await once(server, 'listening');
  }

  async #until(holds: () => boolean, gone: AbortSignal): Promise<void> {
    while (!holds() && !gone.aborted) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          gone.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        gone.addEventListener('abort', wake, { once: true });
      });
    }
  }

  #changed(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #check(socket: Socket): void {
    const { world, server } = serverAt(socket.localAddress ?? '');
    const answer = this.#worlds[world]?.servers[server]?.check?.answer ?? '';
    let heard = '';
    socket.on('data', (chunk) => {
      heard += chunk.toString('latin1');
      if (heard.includes('\r\n\r\n')) socket.end(answer, 'latin1');
    });
    socket.on('end', () => socket.end());
  }

  #serve(socket: Socket, world: number, server: number): void {
    const upstream: Upstream = {
      server,
      preface: '',
      requests: [],
      rest: '',
      answered: false,
      continued: false,
      ended: false,
    };
    let listed = false;
    socket.on('data', (chunk) => {
      if (!listed) this.#connections.set(world, [...(this.#connections.get(world) ?? []), upstream]);
      listed = true;
      upstream.rest += chunk.toString('latin1');
      this.#read(socket, world, upstream);
    });
    socket.on('end', () => this.#finish(socket, world, upstream, ''));
    socket.on('close', () => {
      if (upstream.ended) this.#closing.set(world, (this.#closing.get(world) ?? 0) - 1);
      this.#changed();
    });
  }

  #read(socket: Socket, world: number, upstream: Upstream): void {
    if (upstream.requests.length === 0 && upstream.preface === '' && !upstream.answered) {
      const length = prefaceLength(upstream.rest);
      if (length > upstream.rest.length) return;
      upstream.preface = upstream.rest.slice(0, length);
      upstream.rest = upstream.rest.slice(length);
    }
    while (upstream.rest !== '' && !upstream.ended) {
      const headEnd = upstream.rest.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = upstream.rest.slice(0, headEnd + 2);
      if (!upstream.answered) this.#answer(socket, world, upstream, head, 'head');
      const message = readMessage(upstream.rest, true, false);
      if (message.kind === 'incomplete') {
        if (!upstream.answered && !upstream.continued && EXPECTS.test(head)) {
          upstream.continued = true;
          socket.write('HTTP/1.1 100 Continue\r\n\r\n');
        }
        return;
      }
      if (message.kind === 'fault') {
        this.#finish(socket, world, upstream, '');
        return;
      }
      const whole = upstream.rest.slice(0, message.end);
      upstream.requests.push(whole);
      upstream.rest = upstream.rest.slice(message.end);
      if (!upstream.answered) this.#answer(socket, world, upstream, whole, 'whole');
      upstream.answered = false;
      upstream.continued = false;
    }
  }

  /** Answers a request if it is the time for it. */
  #answer(socket: Socket, world: number, upstream: Upstream, request: string, now: Answer['after']): void {
    const [, w, c, r] = KEY.exec(request) ?? [];
    if (w === undefined) {
      if (now === 'whole') this.#finish(socket, world, upstream, '');
      return;
    }
    const key = `${w}-${c}-${r}`;
    const answers = this.#worlds[Number(w)]?.clients[Number(c)]?.requests[Number(r)]?.answers ?? [];
    const attempt = this.#attempts.get(key) ?? 0;
    const answer = answers[Math.min(attempt, answers.length - 1)];
    if (answer === undefined || answer.after !== now) return;
    upstream.answered = true;
    this.#attempts.set(key, attempt + 1);
    if (answer.afterwards === 'held') {
      const say = (): void => {
        if (!socket.destroyed) socket.write(answer.says, 'latin1');
      };
      this.#held.set(world, [...(this.#held.get(world) ?? []), say]);
    } else if (answer.afterwards === 'close') {
      this.#finish(socket, world, upstream, answer.says);
    } else if (answer.afterwards === 'reset') {
      this.#ending(world, upstream);
      resetOrClose(socket);
    } else if (answer.says !== '') {
      socket.write(answer.says, 'latin1');
    }
    this.#changed();
  }

  #finish(socket: Socket, world: number, upstream: Upstream, lastWords: string): void {
    this.#ending(world, upstream);
    socket.end(lastWords, 'latin1');
  }

  #ending(world: number, upstream: Upstream): void {
    if (upstream.ended) return;
    upstream.ended = true;
    this.#closing.set(world, (this.#closing.get(world) ?? 0) + 1);
  }
}
