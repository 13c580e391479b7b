/**
 * Tells systemd how the service is (Type=notify): sd_notify(3), through the datagram socket that it names in NOTIFY_SOCKET.
 *
 *   starting ─▶ READY=1 ─▶ RELOADING=1 ─▶ READY=1 …  ─▶ STOPPING=1        meanwhile STATUS= and, where wanted, WATCHDOG=1
 *
 * WATCHDOG=1 says that the control process turns; what it makes of data processes that do not is data-watch.ts. Where nobody
 * listens nothing of this does anything.
 */
import { monotonicMicroseconds, type Timer, type Timers } from '../core/clock.ts';
import { UnixDatagramOutlet } from '../sys/datagram.ts';
import { allocate } from '../sys/memory.ts';
import type { Journal } from './journal.ts';

const STATUS_EVERY_MS = 10_000;
/** sd_watchdog_enabled(3): half of what is granted, or more often. */
const BEATS_PER_WATCHDOG = 3;
const LEAST_BEAT_MS = 50;
/** A longer status is cut off. */
const MESSAGE_BYTES = 1024;

export interface ServiceSetup {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly journal: Journal;
  readonly timers: Timers;
}

export class Systemd {
  readonly #setup: ServiceSetup;
  readonly #outlet: UnixDatagramOutlet | null;
  readonly #message = allocate(MESSAGE_BYTES);
  readonly #watchdogMs: number;
  #describe: () => string = () => 'Ready.';
  #status = '';
  #beat: Timer | null = null;
  #deaf = false;

  constructor(setup: ServiceSetup) {
    const { NOTIFY_SOCKET: path = '', WATCHDOG_USEC: microseconds = '', WATCHDOG_PID: pid } = setup.environment;
    this.#setup = setup;
    this.#outlet = path === '' ? null : new UnixDatagramOutlet({ family: 'unix', path: pathOf(path) });
    const ours = pid === undefined || Number(pid) === process.pid;
    this.#watchdogMs = ours && /^[1-9]\d*$/.test(microseconds) ? Number(microseconds) / 1000 : 0;
  }

  /** `describe`: one line, asked for again and again. */
  ready(describe: () => string): void {
    this.#describe = describe;
    this.#status = describe();
    this.#tell(`READY=1\nMAINPID=${process.pid}\nSTATUS=${this.#status}`);
    this.#beatOn();
  }

  reloading(): void {
    this.#status = 'Reloading.';
    this.#tell(`RELOADING=1\nMONOTONIC_USEC=${monotonicMicroseconds()}\nSTATUS=${this.#status}`);
  }

  reloaded(): void {
    this.#status = this.#describe();
    this.#tell(`READY=1\nSTATUS=${this.#status}`);
  }

  /** The last that is said. */
  stopping(): void {
    if (this.#outlet === null) return;
    this.#describe = () => 'Stopping.';
    this.#tell('STOPPING=1\nSTATUS=Stopping.');
  }

  end(): void {
    this.#beat?.cancel();
    this.#outlet?.close();
  }

  #beatOn(): void {
    if (this.#outlet === null) return;
    const everyMs =
      this.#watchdogMs > 0
        ? Math.max(LEAST_BEAT_MS, Math.min(STATUS_EVERY_MS, this.#watchdogMs / BEATS_PER_WATCHDOG))
        : STATUS_EVERY_MS;
    this.#beat = this.#setup.timers.after(everyMs, () => {
      const status = this.#describe();
      const news = status === this.#status ? '' : `STATUS=${status}`;
      this.#status = status;
      const text = [this.#watchdogMs > 0 ? 'WATCHDOG=1' : '', news].filter((line) => line !== '').join('\n');
      if (text !== '') this.#tell(text);
      this.#beatOn();
    });
  }

  #tell(state: string): void {
    if (this.#outlet === null) return;
    const { address, bytes } = this.#message;
    const sent = this.#outlet.send(address, bytes.write(`${state}\n`));
    if (!sent && !this.#deaf) this.#setup.journal.warning('systemd does not listen on its NOTIFY_SOCKET');
    this.#deaf = !sent;
  }
}

/** Its abstract names are not filled up, other than HAProxy's. */
function pathOf(path: string): string {
  return path.startsWith('@') ? `\0${path.slice(1)}` : path;
}
