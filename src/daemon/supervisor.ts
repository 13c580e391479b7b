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
import type { FromData, ServerChanges } from '../proxy/messages.ts';
import type { Plan } from '../proxy/plan.ts';
import type { Answer } from '../proxy/questions.ts';
import { type SharedState, THREAD_SERVERS } from '../proxy/shared-state.ts';
import type { Chronicle } from './chronicle.ts';
import type { Journal } from './journal.ts';
import type { Ask } from './questions.ts';
import { respawnDelayMs } from './respawn.ts';
import { SpareProcess } from './spare.ts';
import type { DataProcess, DataProcessEvents, StartDataProcess } from './spawn.ts';
import { forgetConnections } from './verdicts.ts';

const READY_WITHIN_MS = 10_000;
const KILL_AFTER_MS = 500;
/** For a change of servers to be heard. */
const KNOWN_WITHIN_MS = 1000;
const LOOK_AGAIN_MS = 1;

export interface SupervisorSetup {
  readonly start: StartDataProcess;
  readonly plan: Plan;
  /** What has changed since. */
  readonly servers: () => ServerChanges;
  readonly state: SharedState;
  /** Descriptors of this process, in the order that the plan counts them. */
  readonly inherited: readonly number[];
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly clock: Clock;
  readonly timers: Timers;
  /** A second process waits to replace the first. */
  readonly spare: boolean;
  /** Who hears what threads answer, and that nobody will any more; nobody, where nothing is asked. */
  readonly listener?: AnswerListener;
}

export interface AnswerListener {
  answered(id: number, answer: Answer): void;
  lost(): void;
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
  readonly #spare: SpareProcess | null;
  #startedMs = 0;
  #delayMs: number | null = null;
  #timer: Timer | null = null;
  #firstStart: { resolve: (ready: Ready) => void; reject: (error: Error) => void } | null = null;
  #lastFailure = '';
  #engine: string | null = null;
  #deaths = 0;
  #resolveEnded: () => void = () => {};
  /** The data process is gone and none will follow. */
  readonly ended: Promise<void>;

  constructor(setup: SupervisorSetup) {
    this.#setup = setup;
    this.#spare = setup.spare ? new SpareProcess(setup) : null;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  get serving(): boolean {
    return this.#phase === 'serving';
  }

  /** The event engine of the one that serves; null: none has so far. */
  get engine(): string | null {
    return this.#engine;
  }

  /** Of the one that serves; null: there is none at the moment. */
  get pid(): number | null {
    return this.#process?.pid ?? null;
  }

  /** How many died while they were to serve. */
  get deaths(): number {
    return this.#deaths;
  }

  /** No process is left, and none will follow. */
  get over(): boolean {
    return this.#phase === 'ended' && this.processes.length === 0;
  }

  /** The one that serves, and the one that waits. */
  get processes(): DataProcess[] {
    return [this.#process, this.#spare?.process ?? null].filter((one) => one !== null);
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

  /** Asks a thread of the process that has the clients; false: there is none. */
  ask(question: Ask): boolean {
    if (this.#process === null || (this.#phase !== 'serving' && this.#phase !== 'draining')) return false;
    this.#process.send(question);
    return true;
  }

  /** Resolves when all threads of the one that serves know it; at once where none does, and in any case after a second. */
  changeServers(servers: ServerChanges): Promise<void> {
    for (const one of this.processes) one.send({ type: 'servers', servers });
    const untilMs = this.#setup.clock.monotonicMs() + KNOWN_WITHIN_MS;
    return new Promise((resolve) => this.#whenKnown(servers.number, untilMs, resolve));
  }

  #whenKnown(number: number, untilMs: number, then: () => void): void {
    const { state, plan, clock, timers } = this.#setup;
    let known = true;
    for (let thread = 0; thread < plan.threads; thread++) {
      known &&= state.get(state.thread(thread) + THREAD_SERVERS) >= number;
    }
    if (known || this.#phase !== 'serving' || clock.monotonicMs() >= untilMs) then();
    else timers.after(LOOK_AGAIN_MS, () => this.#whenKnown(number, untilMs, then));
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
    // The listening sockets are to close with those who accept from them: not a moment later.
    if (this.#spare === null) this.#stopAccepting();
    else this.#spare.end(() => this.#stopAccepting());
  }

  #stopAccepting(): void {
    if (this.#phase === 'draining') this.#process?.send({ type: 'stop-accepting' });
  }

  /** The process that serves does not do what it should: it is killed, and another one follows. */
  replace(reason: string): void {
    if (this.#phase !== 'serving') return;
    this.#lastFailure = reason;
    this.#process?.kill('SIGKILL');
  }

  /** Ends it now; resolves when it is gone, at the latest a moment after half a second. */
  terminate(): Promise<void> {
    this.#timer?.cancel();
    if (this.#process === null) this.#end();
    if (this.#phase === 'ended') return this.ended;
    this.#phase = 'stopping';
    this.#spare?.end(() => {});
    this.#process?.kill('SIGTERM');
    this.#timer = this.#setup.timers.after(KILL_AFTER_MS, () => this.#process?.kill('SIGKILL'));
    return this.ended;
  }

  #spawn(): void {
    const { start, plan, servers, inherited, clock, timers } = this.#setup;
    this.#phase = 'starting';
    this.#startedMs = clock.monotonicMs();
    this.#lastFailure = '';
    this.#timer = timers.after(READY_WITHIN_MS, () => {
      this.#lastFailure = `not ready within ${READY_WITHIN_MS / 1000} s`;
      this.#process?.kill('SIGKILL');
    });
    const events: DataProcessEvents = {
      message: (message) => this.#message(message),
      exit: (how, code) => this.#exited(how, code),
    };
    this.#process = this.#spare?.take(events) ?? null;
    if (this.#process !== null) return;
    this.#process = start(inherited, events);
    this.#process.send({ type: 'plan', plan, held: false, servers: servers() });
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
      case 'answer':
        this.#setup.listener?.answered(message.id, message.answer);
        break;
      case 'drained':
        break;
    }
  }

  #becomeReady(ready: Ready): void {
    if (this.#phase !== 'starting') return;
    this.#timer?.cancel();
    this.#phase = 'serving';
    this.#engine = ready.poller;
    this.#spare?.keep();
    // States may have changed while it started.
    this.wake();
    if (this.#firstStart !== null) this.#firstStart.resolve(ready);
    else {
      this.#setup.journal.notice(`data process ${this.#process?.pid} serves`);
      this.#setup.chronicle.note('data-process', `${this.#process?.pid}`, 'serving', 'in place of the one that died');
    }
    this.#firstStart = null;
  }

  #exited(how: string, code: number | null): void {
    const { journal, chronicle, clock, timers, state, plan } = this.#setup;
    const pid = this.#process?.pid;
    this.#process = null;
    this.#setup.listener?.lost();
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
    this.#deaths++;
    this.#delayMs = respawnDelayMs(this.#delayMs, clock.monotonicMs() - this.#startedMs);
    const when = this.#delayMs === 0 ? 'at once' : `in ${this.#delayMs} ms`;
    journal.alert(`data process ${pid} died (${reason}); a new one starts ${when} on the same sockets`);
    chronicle.note('data-process', `${pid}`, 'died', reason);
    this.#phase = 'waiting';
    if (this.#delayMs === 0) this.#spawn();
    else this.#timer = timers.after(this.#delayMs, () => this.#spawn());
  }

  #end(): void {
    this.#timer?.cancel();
    this.#phase = 'ended';
    this.#firstStart?.reject(new Error('it was told to end'));
    this.#firstStart = null;
    if (this.#spare === null) this.#resolveEnded();
    else this.#spare.end(this.#resolveEnded);
  }
}
