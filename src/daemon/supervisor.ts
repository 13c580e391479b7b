/**
 * Keeps one data process alive on the listening sockets that the control process holds.
 *
 *            ready                 exit                        timer
 *   starting ─────▶ serving ─────────────────▶ waiting ─────────────────▶ starting
 *      │ exit, first time                (clients wait in the accept queue)
 *      ▼                drain()                exit
 *    ended ◀──────────────────── draining ◀── serving
 *
 * Not here: what runs in it (src/proxy), when to stop (control.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { FromData } from '../proxy/messages.ts';
import type { Plan } from '../proxy/plan.ts';
import type { SharedState } from '../proxy/shared-state.ts';
import type { Journal } from './journal.ts';
import { respawnDelayMs } from './respawn.ts';
import type { DataProcess, StartDataProcess } from './spawn.ts';
import { forgetConnections } from './verdicts.ts';

const READY_WITHIN_MS = 10_000;
const KILL_AFTER_MS = 500;

export interface SupervisorSetup {
  readonly start: StartDataProcess;
  readonly plan: Plan;
  readonly state: SharedState;
  /** Descriptors of this process, in the order that the plan counts them. */
  readonly inherited: readonly number[];
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timers: Timers;
}

export interface Ready {
  readonly threads: number;
  readonly poller: string;
}

type Phase = 'starting' | 'serving' | 'waiting' | 'draining' | 'stopping' | 'ended';

export class DataSupervisor {
  readonly #setup: SupervisorSetup;
  #phase: Phase = 'starting';
  #process: DataProcess | null = null;
  #startedMs = 0;
  #delayMs: number | null = null;
  #timer: Timer | null = null;
  #firstStart: { resolve: (ready: Ready) => void; reject: (error: Error) => void } | null = null;
  #lastFailure = '';
  #resolveEnded: () => void = () => {};
  /** The data process is gone and none will follow. */
  readonly ended: Promise<void>;

  constructor(setup: SupervisorSetup) {
    this.#setup = setup;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get serving(): boolean {
    return this.#phase === 'serving';
  }

  /** Resolves when the first data process serves; rejects when it cannot. */
  start(): Promise<Ready> {
    return new Promise((resolve, reject) => {
      this.#firstStart = { resolve, reject };
      this.#spawn();
    });
  }

  /** The shared state has changed. */
  wake(): void {
    if (this.#phase === 'serving' || this.#phase === 'draining') this.#process?.send({ type: 'verdicts' });
  }

  /** Answers end their connections, or no more so. */
  lastAnswers(on: boolean): void {
    if (this.#phase === 'serving') this.#process?.send({ type: 'last-answers', on });
  }

  /** Accept nothing more, finish what is there, end. */
  drain(): void {
    if (this.#phase === 'waiting') this.#end();
    if (this.#phase !== 'starting' && this.#phase !== 'serving') return;
    this.#timer?.cancel();
    this.#phase = 'draining';
    this.#process?.send({ type: 'stop-accepting' });
  }

  /** Ends it now; resolves when it is gone, at the latest a moment after half a second. */
  terminate(): Promise<void> {
    this.#timer?.cancel();
    if (this.#process === null) this.#end();
    if (this.#phase === 'ended') return this.ended;
    this.#phase = 'stopping';
    this.#process?.kill('SIGTERM');
    this.#timer = this.#setup.timers.after(KILL_AFTER_MS, () => this.#process?.kill('SIGKILL'));
    return this.ended;
  }

  #spawn(): void {
    const { start, plan, inherited, clock, timers } = this.#setup;
    this.#phase = 'starting';
    this.#startedMs = clock.monotonicMs();
    this.#lastFailure = '';
    this.#timer = timers.after(READY_WITHIN_MS, () => {
      this.#lastFailure = `not ready within ${READY_WITHIN_MS / 1000} s`;
      this.#process?.kill('SIGKILL');
    });
    this.#process = start(inherited, {
      message: (message) => this.#message(message),
      exit: (how, code) => this.#exited(how, code),
    });
    this.#process.send({ type: 'plan', plan });
  }

  #message(message: FromData): void {
    const { journal } = this.#setup;
    switch (message.type) {
      case 'ready':
        this.#becomeReady(message);
        break;
      case 'log':
        if (message.level === 'info') journal.notice(message.message);
        else if (message.level === 'warn') journal.warning(message.message);
        else journal.alert(message.message);
        break;
      case 'failed':
        this.#lastFailure = message.message;
        break;
      case 'drained':
        break;
    }
  }

  #becomeReady(ready: Ready): void {
    if (this.#phase !== 'starting') return;
    this.#timer?.cancel();
    this.#phase = 'serving';
    // States may have changed while it started.
    this.wake();
    if (this.#firstStart !== null) this.#firstStart.resolve(ready);
    else this.#setup.journal.notice(`data process ${this.#process?.pid} serves`);
    this.#firstStart = null;
  }

  #exited(how: string, code: number | null): void {
    const { journal, clock, timers, state, plan } = this.#setup;
    const pid = this.#process?.pid;
    this.#process = null;
    this.#timer?.cancel();
    const wasDraining = this.#phase === 'draining';
    if (wasDraining && code !== 0) journal.alert(`data process ${pid} ended with ${how} while it finished`);
    if (wasDraining || this.#phase === 'stopping') {
      this.#end();
      return;
    }
    const reason = this.#lastFailure === '' ? `it ended with ${how}` : this.#lastFailure;
    if (this.#firstStart !== null) {
      this.#firstStart.reject(new Error(reason));
      this.#end();
      return;
    }
    forgetConnections(state, plan);
    this.#delayMs = respawnDelayMs(this.#delayMs, clock.monotonicMs() - this.#startedMs);
    const when = this.#delayMs === 0 ? 'at once' : `in ${this.#delayMs} ms`;
    journal.alert(`data process ${pid} died (${reason}); a new one starts ${when} on the same sockets`);
    this.#phase = 'waiting';
    if (this.#delayMs === 0) this.#spawn();
    else this.#timer = timers.after(this.#delayMs, () => this.#spawn());
  }

  #end(): void {
    this.#timer?.cancel();
    this.#phase = 'ended';
    this.#resolveEnded();
  }
}
