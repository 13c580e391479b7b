/**
 * How many connections to a server this thread has needed at the same time lately: as many are worth keeping. Without it,
 * clients that never come back (and so never reuse, see `http-reuse safe`) would leave one idle connection each.
 *
 *   kept while used + idle < peak of this period and the last        a period is the server's pool-purge-delay
 *
 * What all threads need together stands in the shared state, for whoever asks.
 */
import type { SharedState } from './shared-state.ts';

export class ConnectionNeed {
  readonly #periodMs: number;
  #used = 0;
  #peak = 0;
  #lastPeak = 0;
  #periodEndsMs = 0;
  readonly #shared: SharedState;
  readonly #word: number;
  /** What this thread has added to it. */
  #said = 0;

  /** `word`: the gauge of what all threads need. */
  constructor(periodMs: number, shared: SharedState, word: number) {
    this.#periodMs = periodMs;
    this.#shared = shared;
    this.#word = word;
  }

  used(): void {
    this.#used++;
    if (this.#used <= this.#peak) return;
    this.#peak = this.#used;
    if (this.#peak > this.#said) this.#say();
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
      this.#say();
    }
    return this.#used + idle < Math.max(this.#peak, this.#lastPeak);
  }

  /** No idle connection is left: if none is in use either, nobody has come for long. */
  rest(): void {
    if (this.#used > 0) return;
    this.#peak = 0;
    this.#lastPeak = 0;
    this.#say();
  }

  #say(): void {
    const need = Math.max(this.#peak, this.#lastPeak);
    if (need === this.#said) return;
    this.#shared.add(this.#word, need - this.#said);
    this.#said = need;
  }
}
