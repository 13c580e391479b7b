/**
 * `vrrp_script`: runs a program every interval and counts its results. One run at a time; a run that takes longer than its
 * time-out is ended with everything it started, and is a failure. Exit code 0 is success, nothing else is.
 */
import type { VrrpScript } from '../../config/pair-model.ts';
import type { Clock, Timer, Timers } from '../../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../../core/command.ts';
import type { VrrpJournal } from '../journal.ts';
import { type Counted, count } from './rise-fall.ts';

export interface ScriptTrackerSetup {
  readonly script: VrrpScript;
  readonly runner: CommandRunner;
  readonly resolveUser: ResolveUser;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: VrrpJournal;
  changed(up: boolean): void;
  /** A run begins, or has ended. */
  runs(now: boolean): void;
}

export class ScriptTracker {
  readonly #setup: ScriptTrackerSetup;
  #counted: Counted;
  #first = true;
  #timer: Timer | null = null;
  #stopped = false;

  constructor(setup: ScriptTrackerSetup) {
    this.#setup = setup;
    this.#counted = { up: !setup.script.initFail, against: 0 };
  }

  get up(): boolean {
    return this.#counted.up;
  }

  start(): void {
    void this.#run();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  async #run(): Promise<void> {
    const { script, runner, resolveUser, clock, timers, journal } = this.#setup;
    const startedMs = clock.monotonicMs();
    const { command } = script;
    const who = resolveUser(command.user, command.group);
    let good = false;
    let how = '';
    if (typeof who === 'string') how = who;
    else {
      this.#setup.runs(true);
      const result = await runner.run(command.argv, { ...who, timeoutMs: script.timeoutMs });
      this.#setup.runs(false);
      good = result.exitCode === 0;
      how = result.how;
    }
    if (this.#stopped) return;
    // From start to start; a run that took longer is followed at once.
    const waitMs = Math.max(0, startedMs + script.intervalMs - clock.monotonicMs());
    this.#timer = timers.after(waitMs, () => void this.#run());
    const before = this.#counted;
    // The first result of all counts by itself: nothing is known that it could be weighed against.
    const { rise, fall } = this.#first ? { rise: 1, fall: 1 } : script;
    this.#first = false;
    this.#counted = count(before, good, rise, fall);
    if (this.#counted.up === before.up) return;
    const name = `VRRP_Script(${script.name})`;
    if (this.#counted.up) journal.info(`${name} succeeded`);
    else journal.warning(`${name} failed (${how})`);
    this.#setup.changed(this.#counted.up);
  }
}
