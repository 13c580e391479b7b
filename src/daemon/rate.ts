/**
 * Events a second, as HAProxy counts them: those of this second so far, and of the last one as much as is missing. Who
 * owns it looks at the counter once a second.
 *
 *   last second ▕█████▏ this one ▕██·····▏     rate = this one + (part that is missing) × last
 */
const SECOND_MS = 1000;

export class Rate {
  #last = 0;
  #startTotal: number;
  #startMs: number;
  #seenTotal: number;
  /** What it was when somebody looked last. */
  latest = 0;
  /** The most that it was, at the times at which somebody looked and found something new: it comes with an event. */
  max = 0;

  constructor(total: number, nowMs: number) {
    this.#startTotal = total;
    this.#seenTotal = total;
    this.#startMs = nowMs;
  }

  /** `total`: all events so far. */
  now(total: number, nowMs: number): number {
    const elapsedMs = nowMs - this.#startMs;
    const fresh = total - this.#startTotal;
    const isNews = total !== this.#seenTotal;
    this.#seenTotal = total;
    if (elapsedMs >= SECOND_MS) {
      this.#last = Math.ceil((fresh * SECOND_MS) / elapsedMs);
      this.#startTotal = total;
      this.#startMs = nowMs;
      this.latest = this.#last;
      if (isNews) this.max = Math.max(this.max, this.#last);
      return this.#last;
    }
    const rate = fresh + Math.floor((this.#last * (SECOND_MS - elapsedMs)) / SECOND_MS);
    this.latest = rate;
    if (isNews) this.max = Math.max(this.max, rate);
    return rate;
  }

  /** The greatest rate begins anew; with `all`, so does what is counted. */
  clear(all: boolean): void {
    if (all) {
      this.#startTotal = 0;
      this.#seenTotal = 0;
    }
    this.max = 0;
  }
}
