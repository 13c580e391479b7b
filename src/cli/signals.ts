/**
 * Signals, as HAProxy obeys them.
 *
 *   TERM, INT   everything ends now            USR1   finish what is there, then end
 *   USR2        reload                         HUP    the same, but for tandem-haproxy without -W: states of servers to the
 *                                                     logs
 *
 * Where there are no proxies, USR1 and USR2 are keepalived's (src/daemon/pair-dumps.ts).
 *
 * Watched from the first moment: Node would take an early USR1 as "open a debugger". What comes before there is something
 * to control is obeyed as soon as there is; TERM and INT do not wait for that longer than half a second.
 */
import { systemTimers } from '../core/clock.ts';

export type StopSignal = 'SIGTERM' | 'SIGINT';

const START_MAY_TAKE_MS = 500;

/** What a signal is said to. */
export interface Obedient {
  stop(): void;
  drain(): void;
  dumpStates(): void;
  /** Reads the files again. */
  reload(): void;
  /** USR1 and USR2, where they mean something else than to HAProxy. */
  user?(signal: 'SIGUSR1' | 'SIGUSR2'): void;
}

export class SignalWatch {
  #stoppedBy: StopSignal | null = null;
  readonly #early: NodeJS.Signals[] = [];
  #obey: ((signal: NodeJS.Signals) => void) | null = null;
  readonly #listeners: readonly [NodeJS.Signals, () => void][];

  constructor() {
    const signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGINT', 'SIGUSR1', 'SIGUSR2', 'SIGHUP'];
    this.#listeners = signals.map((signal) => [signal, () => this.#receive(signal)]);
    for (const [signal, listener] of this.#listeners) process.on(signal, listener);
  }

  /** The one that stopped it, if one did. */
  get stoppedBy(): StopSignal | null {
    return this.#stoppedBy;
  }

  attach(control: Obedient, hangUpReloads: boolean): void {
    this.#obey = (signal) => {
      if (signal === 'SIGTERM' || signal === 'SIGINT') control.stop();
      else if ((signal === 'SIGUSR1' || signal === 'SIGUSR2') && control.user !== undefined) control.user(signal);
      else if (signal === 'SIGUSR1') control.drain();
      else if (signal === 'SIGUSR2' || hangUpReloads) control.reload();
      else control.dumpStates();
    };
    for (const signal of this.#early.splice(0)) this.#obey(signal);
  }

  /** Signals mean again what they mean to any program. */
  release(): void {
    for (const [signal, listener] of this.#listeners) process.off(signal, listener);
  }

  #receive(signal: NodeJS.Signals): void {
    const stops = signal === 'SIGTERM' || signal === 'SIGINT';
    if (stops) this.#stoppedBy = signal;
    if (this.#obey !== null) {
      this.#obey(signal);
      return;
    }
    this.#early.push(signal);
    if (stops) systemTimers.after(START_MAY_TAKE_MS, () => this.#giveUp(signal));
  }

  /** Still nothing to control: ends as programs do. A data process that is starting sees our end, and ends. */
  #giveUp(signal: StopSignal): void {
    if (this.#obey !== null) return;
    this.release();
    process.kill(process.pid, signal);
  }
}
