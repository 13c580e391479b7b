/**
 * How many connections to a server this thread has needed at the same time lately: as many are worth keeping. Without it,
 * clients that never come back (and so never reuse, see `http-reuse safe`) would leave one idle connection each.
 *
 *   kept while used + idle < peak of this period and the last        a period is the server's pool-purge-delay
 */
export class ConnectionNeed {
  readonly #periodMs: number;
  #used = 0;
  #peak = 0;
  #lastPeak = 0;
  #periodEndsMs = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  used(): void {
    this.#used++;
    if (this.#used > this.#peak) this.#peak = this.#used;
  }

  unused(): void {
    this.#used--;
  }

  /** Whether one more idle connection beside `idle` others is worth keeping. */
  wants(idle: number, nowMs: number): boolean {
    if (this.#periodMs === 0) return false;
    if (nowMs >= this.#periodEndsMs) {
      this.#periodEndsMs = nowMs + this.#periodMs;
      this.#lastPeak = this.#peak;
      // The connection at hand was in use until now.
      this.#peak = this.#used + 1;
    }
    return this.#used + idle < Math.max(this.#peak, this.#lastPeak);
  }
}
