/**
 * The connection of one check, with its deadlines: a new one each time, never reused. Whoever uses it gets its one end,
 * in HAProxy's terms, whatever goes wrong.
 *
 *   connect ──▶ L4CON / L4TOUT           answer ──▶ SOCKERR / L7TOUT / what the caller finds
 */
import { connect, type Socket } from 'node:net';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { Timer, Timers } from '../core/clock.ts';
import { errorText } from '../core/error-text.ts';
import type { ProbeTarget } from './probe.ts';
import type { Finding, ResultCode } from './result.ts';

/** `sun_path` of a socket address (unix(7)). */
const UNIX_PATH_BYTES = 108;

export class CheckConnection {
  readonly socket: Socket;
  readonly finding: Promise<Finding>;
  readonly #target: ProbeTarget;
  readonly #timers: Timers;
  #timer: Timer;
  #connected = false;
  #resolve: (finding: Finding) => void = () => {};
  #done = false;
  readonly #onEnd: (() => void)[] = [];

  constructor(target: ProbeTarget, timers: Timers) {
    this.#target = target;
    this.#timers = timers;
    this.finding = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.socket = open(target.address);
    this.#timer = timers.after(target.connectTimeoutMs, () => this.end('L4TOUT'));
    this.socket.on('error', (error: NodeJS.ErrnoException) => this.fail(error));
    this.socket.once('connect', () => this.#becomeConnected());
  }

  /** The deadline for the answer takes over from the one for the connection. */
  #becomeConnected(): void {
    this.#connected = true;
    const { answerTimeoutMs } = this.#target;
    if (this.#done || answerTimeoutMs === null) return;
    this.#timer.cancel();
    this.#timer = this.#timers.after(answerTimeoutMs, () => this.end('L7TOUT'));
  }

  onConnected(action: () => void): void {
    this.socket.once('connect', () => {
      if (!this.#done) action();
    });
  }

  /** Something that must not outlive the check. */
  onEnd(action: () => void): void {
    if (this.#done) action();
    else this.#onEnd.push(action);
  }

  /** The system says why, or else (undici does it so) the socket was given up because of what came over it. */
  fail(error: NodeJS.ErrnoException): void {
    const info = error.errno === undefined ? '' : errorText(-error.errno);
    if (!this.#connected) this.end('L4CON', info);
    else this.end(info === '' ? 'L7RSP' : 'SOCKERR', info);
  }

  /** A deadline for the connection that strikes after it means that the answer is late. */
  end(result: ResultCode, info = '', status = 0): void {
    const late = result === 'L4TOUT' && this.#connected;
    this.conclude({ result: late ? 'L7TOUT' : result, info, status });
  }

  /** The first word counts: what falls over because the connection is taken away is no finding. */
  conclude(finding: Finding): void {
    if (this.#done) return;
    this.#resolve(finding);
    this.cancel();
  }

  cancel(): void {
    if (this.#done) return;
    this.#done = true;
    this.#timer.cancel();
    for (const action of this.#onEnd) action();
    // A reset: no TIME_WAIT is left behind, neither here nor there.
    if (this.#target.address.family !== 'unix' && this.#connected) this.socket.resetAndDestroy();
    else this.socket.destroy();
  }
}

function open(address: InetAddress | UnixAddress): Socket {
  if (address.family !== 'unix') return connect({ host: address.ip, port: address.port, noDelay: true });
  return connect({ path: address.path.startsWith('@') ? abstractName(address.path) : address.path });
}

/** Filled up with zero bytes, as HAProxy does: Node versions differ in whether they do. */
function abstractName(path: string): string {
  return `\0${path.slice(1)}`.padEnd(UNIX_PATH_BYTES, '\0');
}
