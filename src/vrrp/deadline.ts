/** One moment to be woken at: never before it, on the monotonic clock, and as soon after it as the loop can. */
import type { Clock, Timer, Timers } from '../core/clock.ts';

export class Deadline {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #reached: () => void;
  #atMs: number | null = null;
  #timer: Timer | null = null;

  constructor(clock: Clock, timers: Timers, reached: () => void) {
    this.#clock = clock;
    this.#timers = timers;
    this.#reached = reached;
  }

  /** null: none. */
  set(atMs: number | null): void {
    this.#timer?.cancel();
    this.#timer = null;
    this.#atMs = atMs;
    if (atMs !== null) this.#arm(atMs);
  }

  #arm(atMs: number): void {
    // Node's timers count whole milliseconds on a clock that is read once a turn: they may be early.
    const waitMs = Math.max(0, Math.ceil(atMs - this.#clock.monotonicMs()));
    this.#timer = this.#timers.after(waitMs, () => {
      this.#timer = null;
      if (this.#atMs === null) return;
      if (this.#clock.monotonicMs() < this.#atMs) this.#arm(this.#atMs);
      else {
        this.#atMs = null;
        this.#reached();
      }
    });
  }
}
