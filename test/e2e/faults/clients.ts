/**
 * Clients that ask while something breaks, and remember how it went for each of their requests.
 *
 *   own    every request on a connection of its own, one each few milliseconds, whatever the others wait for
 *   kept   connections that are kept: the next request follows the answer; one that breaks is replaced at once
 *
 * A kept connection that is closed while nothing was asked on it is no failure: a client asks again on another one.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

export type How =
  /** With all that was promised. */
  | 'answered'
  /** Nobody listens. */
  | 'refused'
  /** The connection ended before a byte of the answer. */
  | 'unanswered'
  /** In the middle of the answer. */
  | 'truncated';

export interface Outcome {
  readonly kind: 'own' | 'kept';
  /** When its connection was begun. */
  readonly connectedMs: number;
  /** When it was asked. */
  readonly begunMs: number;
  readonly endedMs: number;
  readonly how: How;
}

const HEAD_END = Buffer.from('\r\n\r\n');

/** The length of the answer that `bytes` begins with; null: it is not all there. */
function answerLength(bytes: Buffer): number | null {
  const head = bytes.indexOf(HEAD_END);
  if (head < 0) return null;
  const length = Number(/content-length: *(\d+)/i.exec(bytes.toString('latin1', 0, head))?.[1] ?? 0);
  return bytes.length >= head + 4 + length ? head + 4 + length : null;
}

export class Clients {
  readonly outcomes: Outcome[] = [];
  readonly #port: number;
  readonly #sockets = new Set<Socket>();
  #going = true;
  #waiting = 0;

  constructor(port: number) {
    this.#port = port;
  }

  /** Requests that have no outcome yet. */
  get waiting(): number {
    return this.#waiting;
  }

  get answered(): number {
    return this.outcomes.filter(({ how }) => how === 'answered').length;
  }

  failures(): Outcome[] {
    return this.outcomes.filter(({ how }) => how !== 'answered');
  }

  own(perSecond: number): void {
    const beganMs = performance.now();
    let asked = 0;
    const timer = setInterval(() => {
      if (!this.#going) {
        clearInterval(timer);
        return;
      }
      for (const due = ((performance.now() - beganMs) * perSecond) / 1000; asked < due; asked++) this.#askOnce();
    }, 1);
  }

  kept(connections: number, pauseMs: number): void {
    for (let i = 0; i < connections; i++) this.#keep(pauseMs);
  }

  /** Asks nothing more; what was asked may be answered for `withinMs`. */
  async stop(withinMs: number): Promise<void> {
    this.#going = false;
    for (const untilMs = performance.now() + withinMs; this.#waiting > 0 && performance.now() < untilMs; )
      await sleep(5);
    for (const socket of this.#sockets) socket.destroy();
  }

  #open(): Socket {
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    return socket;
  }

  #note(kind: Outcome['kind'], connectedMs: number, begunMs: number, how: How): void {
    this.#waiting--;
    this.outcomes.push({ kind, connectedMs, begunMs, endedMs: performance.now(), how });
  }

  #askOnce(): void {
    const begunMs = performance.now();
    const socket = this.#open();
    let bytes: Buffer = Buffer.alloc(0);
    let how: How = 'unanswered';
    this.#waiting++;
    socket.write('GET / HTTP/1.1\r\nHost: own\r\nConnection: close\r\n\r\n');
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      how = answerLength(bytes) === null ? 'truncated' : 'answered';
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') how = 'refused';
    });
    socket.on('close', () => this.#note('own', begunMs, begunMs, how));
  }

  #keep(pauseMs: number): void {
    const socket = this.#open();
    const connectedMs = performance.now();
    let begunMs = 0;
    let asked = false;
    let refused = false;
    let bytes: Buffer = Buffer.alloc(0);
    const ask = (): void => {
      if (!this.#going || socket.destroyed) return;
      begunMs = performance.now();
      asked = true;
      this.#waiting++;
      socket.write('GET / HTTP/1.1\r\nHost: kept\r\n\r\n');
    };
    socket.once('connect', ask);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const length = answerLength(bytes);
      if (length === null) return;
      bytes = bytes.subarray(length);
      asked = false;
      this.#note('kept', connectedMs, begunMs, 'answered');
      setTimeout(ask, pauseMs);
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      refused = error.code === 'ECONNREFUSED';
    });
    socket.on('close', () => {
      if (asked) this.#note('kept', connectedMs, begunMs, bytes.length > 0 ? 'truncated' : 'unanswered');
      else if (refused) {
        this.#waiting++;
        this.#note('kept', connectedMs, performance.now(), 'refused');
      }
      if (this.#going) setTimeout(() => this.#keep(pauseMs), refused ? 10 : 0);
    });
  }
}
