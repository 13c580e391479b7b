/**
 * `vrrp_track_process`: looks which programs run, a few times a second, and waits as keepalived does.
 *
 *   a tracked process forks, and the quorum is gained (or its maximum exceeded)   after fork_delay
 *   a tracked process ends, and the quorum is lost (or its maximum kept again)    after terminate_delay
 *   a program is started, or becomes another one                                  at once
 *
 * and not at all if it is as before by then. keepalived is told by the kernel (cn_proc). That is refused in every network
 * namespace but the first, so looking is needed anyway; and it would wake us for each process of the box.
 */
import type { TrackedProcess } from '../../config/pair-model.ts';
import type { Clock, Timer, Timers } from '../../core/clock.ts';
import type { VrrpJournal } from '../journal.ts';
import { isQuorate, matches, type RunningProcess } from './process-table.ts';

const LOOK_EVERY_MS = 250;

export interface ProcessTrackerSetup {
  readonly tracked: TrackedProcess;
  readonly read: () => readonly RunningProcess[];
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: VrrpJournal;
  changed(up: boolean): void;
}

export class ProcessTracker {
  readonly #setup: ProcessTrackerSetup;
  #up = false;
  /** The matching ones that were seen last. */
  #pids: ReadonlySet<number> = new Set();
  /** When it is told that it is otherwise than told. */
  #tellAtMs: number | null = null;
  #timer: Timer | null = null;

  constructor(setup: ProcessTrackerSetup) {
    this.#setup = setup;
  }

  /** What runs now is told at once. */
  start(): void {
    const { tracked, read, changed } = this.#setup;
    this.#pids = new Set(read().flatMap((process) => (matches(tracked, process) ? [process.pid] : [])));
    this.#up = isQuorate(tracked, this.#pids.size);
    changed(this.#up);
    this.#later();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** A delay that ends is kept to the millisecond. */
  #later(): void {
    const { timers, clock } = this.#setup;
    const leftMs = this.#tellAtMs === null ? LOOK_EVERY_MS : this.#tellAtMs - clock.monotonicMs();
    this.#timer = timers.after(Math.max(0, Math.min(LOOK_EVERY_MS, Math.ceil(leftMs))), () => {
      this.#look();
      this.#later();
    });
  }

  #look(): void {
    const { tracked, read, clock } = this.#setup;
    const running = read();
    const found = running.filter((process) => matches(tracked, process));
    const before = this.#pids;
    this.#pids = new Set(found.map(({ pid }) => pid));
    const up = isQuorate(tracked, found.length);
    if (up === this.#up) {
      this.#tellAtMs = null;
      return;
    }
    const nowMs = clock.monotonicMs();
    this.#tellAtMs ??= nowMs + this.#delayMs(before, found, running);
    if (nowMs >= this.#tellAtMs) this.#tell(up);
  }

  /** By what brought the change about. */
  #delayMs(before: ReadonlySet<number>, found: readonly RunningProcess[], running: readonly RunningProcess[]): number {
    const { riseDelayMs, fallDelayMs } = this.#setup.tracked;
    if (found.length > before.size) {
      const born = found.filter(({ pid }) => !before.has(pid));
      const family = new Set([...before, ...born.map(({ pid }) => pid)]);
      return born.every(({ parent }) => family.has(parent)) ? riseDelayMs : 0;
    }
    const alive = new Set(running.map(({ pid }) => pid));
    const gone = [...before].filter((pid) => !this.#pids.has(pid));
    return gone.every((pid) => !alive.has(pid)) ? fallDelayMs : 0;
  }

  #tell(up: boolean): void {
    const { tracked, journal, changed } = this.#setup;
    this.#up = up;
    this.#tellAtMs = null;
    journal.info(`Quorum ${up ? 'gained' : 'lost'} for tracked process ${tracked.name}`);
    changed(up);
  }
}
