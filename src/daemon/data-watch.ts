/**
 * Looks after a data process that is there but does not serve.
 *
 *   stopped (SIGSTOP, a terminal)   ─▶ continued at once: nobody is served while it stands, and nothing is lost so far
 *   a thread hangs (pulses.ts)      ─▶ killed; the supervisor replaces it
 *   … while somebody debugs it      ─▶ said once
 *
 * The kernel tells of a stop by SIGCHLD. Not here: what VRRP makes of it (data-path.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { SharedState } from '../proxy/shared-state.ts';
import { isStopped, isTraced } from '../sys/process-state.ts';
import type { Journal } from './journal.ts';
import { Pulses } from './pulses.ts';
import type { DataProcess } from './spawn.ts';

const LOOK_EVERY_MS = 250;

/** The part of the supervisor that this needs. */
export interface Watched {
  readonly serving: boolean;
  /** All that there are. */
  readonly processes: readonly DataProcess[];
  /** Kills the one that serves; another one follows. */
  replace(reason: string): void;
}

export interface WatchSetup {
  readonly threads: number;
  readonly state: SharedState;
  readonly supervisor: Watched;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly timers: Timers;
  /** How to look at a process; tests pretend. */
  readonly stopped?: (pid: number) => boolean;
  readonly traced?: (pid: number) => boolean;
}

export class DataWatch {
  readonly #setup: WatchSetup;
  readonly #pulses: Pulses;
  readonly #onChild = () => this.childChanged();
  #timer: Timer | null = null;
  #saidTraced = false;

  constructor(setup: WatchSetup) {
    this.#setup = setup;
    this.#pulses = new Pulses(setup.threads, setup.state, setup.clock.monotonicMs());
  }

  start(): void {
    process.on('SIGCHLD', this.#onChild);
    this.#look();
  }

  stop(): void {
    process.off('SIGCHLD', this.#onChild);
    this.#timer?.cancel();
  }

  /** Since when a thread has not been seen to turn. */
  heartbeatAgeMs(thread: number): number {
    return this.#pulses.ageMs(thread, this.#setup.clock.monotonicMs());
  }

  /** A child has ended, was stopped, or goes on. */
  childChanged(): void {
    const { supervisor, journal, stopped = isStopped } = this.#setup;
    for (const one of supervisor.processes) {
      if (!stopped(one.pid)) continue;
      journal.warning(`data process ${one.pid} was stopped by a signal; it is told to continue`);
      one.kill('SIGCONT');
    }
  }

  #look(): void {
    const { supervisor, clock, timers } = this.#setup;
    const stuck = this.#pulses.look(clock.monotonicMs(), supervisor.serving);
    if (stuck < 0) this.#saidTraced = false;
    else this.#replace(stuck);
    this.#timer = timers.after(LOOK_EVERY_MS, () => this.#look());
  }

  #replace(thread: number): void {
    const { supervisor, journal, traced = isTraced } = this.#setup;
    const what = `thread ${thread + 1} hangs`;
    if (!supervisor.processes.some(({ pid }) => traced(pid))) {
      supervisor.replace(what);
      return;
    }
    if (!this.#saidTraced) journal.warning(`${what}; its process is being debugged and therefore left alone`);
    this.#saidTraced = true;
  }
}
