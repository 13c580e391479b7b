/** How much of its time the data process waits, from its processor time between two looks (HAProxy's `Idle_pct`). */

const ALL = 100;

export class IdleMeter {
  readonly #usedMs: () => number;
  readonly #threads: number;
  #lastMs: number;
  #lastUsedMs: number;
  /** Percent of what its threads have; 100 before there was a look. */
  percent = ALL;

  /** `usedMs`: processor time of the data process so far, less than before when it is another one. */
  constructor(usedMs: () => number, threads: number, nowMs: number) {
    this.#usedMs = usedMs;
    this.#threads = threads;
    this.#lastMs = nowMs;
    this.#lastUsedMs = usedMs();
  }

  look(nowMs: number): void {
    const elapsedMs = (nowMs - this.#lastMs) * this.#threads;
    const usedMs = this.#usedMs();
    if (elapsedMs <= 0) return;
    const busy = (ALL * Math.max(0, usedMs - this.#lastUsedMs)) / elapsedMs;
    this.percent = Math.max(0, Math.min(ALL, Math.round(ALL - busy)));
    this.#lastMs = nowMs;
    this.#lastUsedMs = usedMs;
  }
}
