/**
 * A second data process that is loaded, has given up its privileges, and waits: it takes the place of one that dies, in a
 * few milliseconds instead of the 200 and more that a start takes.
 *
 *   keep() ─ a moment ─▶ started, plan ─▶ held ─▶ take(): `serve`, and it is a data process like any other
 *                            ▲              │ dies
 *                            └─ later ──────┘
 *
 * It costs the memory of a data process without clients. Not here: who dies, and when another one may follow
 * (supervisor.ts).
 */
import type { Timer, Timers } from '../core/clock.ts';
import type { ServerChanges } from '../proxy/messages.ts';
import type { Plan } from '../proxy/plan.ts';
import type { Journal } from './journal.ts';
import type { DataProcess, DataProcessEvents, StartDataProcess } from './spawn.ts';

/** The start of a process takes a core: whoever serves has just begun and shall have it first. */
const SPARE_AFTER_MS = 1000;
/** One that died, or could not be made. */
const SPARE_AGAIN_MS = 30_000;

export interface SpareSetup {
  readonly start: StartDataProcess;
  readonly plan: Plan;
  /** What has changed since. */
  readonly servers: () => ServerChanges;
  readonly inherited: readonly number[];
  readonly journal: Journal;
  readonly timers: Timers;
}

export class SpareProcess {
  readonly #setup: SpareSetup;
  #process: DataProcess | null = null;
  #timer: Timer | null = null;
  #failure = '';
  /** Who hears of it: ourselves, or since it was taken somebody else. */
  #release: ((events: DataProcessEvents) => void) | null = null;
  /** What is to be called when it is gone; null: another one follows. */
  #ending: (() => void)[] | null = null;

  constructor(setup: SpareSetup) {
    this.#setup = setup;
  }

  get process(): DataProcess | null {
    return this.#process;
  }

  /** There shall be one, a moment from now. */
  keep(): void {
    if (this.#process !== null || this.#ending !== null) return;
    this.#timer?.cancel();
    this.#timer = this.#setup.timers.after(SPARE_AFTER_MS, () => this.#start());
  }

  /** Hands it over and lets it serve; null: there is none. */
  take(events: DataProcessEvents): DataProcess | null {
    this.#timer?.cancel();
    const taken = this.#process;
    if (taken === null) return null;
    this.#process = null;
    this.#release?.(events);
    taken.send({ type: 'serve' });
    return taken;
  }

  /** Ends it, for good; `then` is called when it is gone, at once if there is none. */
  end(then: () => void): void {
    this.#timer?.cancel();
    this.#ending ??= [];
    if (this.#process === null) {
      then();
      return;
    }
    this.#ending.push(then);
    // It serves nobody: there is nothing to finish.
    this.#process.kill('SIGKILL');
  }

  #start(): void {
    const { start, plan, servers, inherited } = this.#setup;
    this.#failure = '';
    let events: DataProcessEvents = {
      message: (message) => {
        if (message.type === 'failed') this.#failure = message.message;
      },
      exit: (how) => this.#died(how),
    };
    this.#release = (others) => {
      events = others;
    };
    this.#process = start(inherited, {
      message: (message) => events.message(message),
      exit: (how, code) => events.exit(how, code),
    });
    this.#process.send({ type: 'plan', plan, held: true, servers: servers() });
  }

  #died(how: string): void {
    const { journal, timers } = this.#setup;
    this.#process = null;
    if (this.#ending !== null) {
      for (const then of this.#ending.splice(0)) then();
      return;
    }
    const why = this.#failure === '' ? how : this.#failure;
    journal.warning(`the spare data process ended (${why}); there will be another one`);
    this.#timer = timers.after(SPARE_AGAIN_MS, () => this.#start());
  }
}
