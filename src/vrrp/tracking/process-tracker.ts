/** `vrrp_track_process`: looks which programs run, a few times a second, and waits as long as the file wants to be sure. */
import type { TrackedProcess } from '../../config/pair-model.ts';
import type { Clock, Timer, Timers } from '../../core/clock.ts';
import type { VrrpJournal } from '../journal.ts';
import { isQuorate, type RunningProcess } from './process-table.ts';

const LOOK_EVERY_MS = 500;

export interface ProcessTrackerSetup {
  readonly tracked: readonly TrackedProcess[];
  readonly read: () => readonly RunningProcess[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: VrrpJournal;
  changed(tracked: TrackedProcess, up: boolean): void;
}

interface Seen {
  readonly tracked: TrackedProcess;
  up: boolean;
  /** Since when it is otherwise than told. */
  otherSinceMs: number | null;
}

export class ProcessTracker {
  readonly #setup: ProcessTrackerSetup;
  readonly #seen: readonly Seen[];
  #timer: Timer | null = null;

  constructor(setup: ProcessTrackerSetup) {
    this.#setup = setup;
    this.#seen = setup.tracked.map((tracked) => ({ tracked, up: false, otherSinceMs: null }));
  }

  /** What runs now is told at once. */
  start(): void {
    if (this.#seen.length === 0) return;
    const running = this.#setup.read();
    for (const one of this.#seen) {
      one.up = isQuorate(one.tracked, running);
      this.#setup.changed(one.tracked, one.up);
    }
    this.#later();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #later(): void {
    this.#timer = this.#setup.timers.after(LOOK_EVERY_MS, () => {
      this.#look();
      this.#later();
    });
  }

  #look(): void {
    const running = this.#setup.read();
    const nowMs = this.#setup.clock.monotonicMs();
    for (const one of this.#seen) {
      const up = isQuorate(one.tracked, running);
      if (up === one.up) {
        one.otherSinceMs = null;
        continue;
      }
      one.otherSinceMs ??= nowMs;
      const waitMs = up ? one.tracked.riseDelayMs : one.tracked.fallDelayMs;
      if (nowMs - one.otherSinceMs < waitMs) continue;
      one.up = up;
      one.otherSinceMs = null;
      this.#setup.journal.info(`Quorum ${up ? 'gained' : 'lost'} for tracked process ${one.tracked.name}`);
      this.#setup.changed(one.tracked, up);
    }
  }
}
