/** What figures were in the last minutes: for each a ring of moments and values. Pure: no document here. */

/** How far charts look back. */
export const WINDOW_MS = 180_000;
/** A value a second, and some that come early. */
const CAPACITY = 256;
/** What comes sooner after the last one takes its place. */
const SPACING_MS = 600;

export class Series {
  readonly #times = new Float64Array(CAPACITY);
  readonly #values = new Float64Array(CAPACITY);
  #next = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The last value; 0: there is none. */
  get last(): number {
    return this.#length === 0 ? 0 : (this.#values[this.#at(this.#length - 1)] ?? 0);
  }

  push(timeMs: number, value: number): void {
    const isEarly = this.#length > 1 && timeMs - this.timeAt(this.#length - 2) < SPACING_MS;
    if (isEarly) {
      const last = this.#at(this.#length - 1);
      this.#times[last] = timeMs;
      this.#values[last] = value;
      return;
    }
    this.#times[this.#next] = timeMs;
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % CAPACITY;
    this.#length = Math.min(this.#length + 1, CAPACITY);
  }

  /** 0 is the oldest. */
  timeAt(index: number): number {
    return this.#times[this.#at(index)] ?? 0;
  }

  valueAt(index: number): number {
    return this.#values[this.#at(index)] ?? 0;
  }

  /** The greatest since then. */
  maxSince(timeMs: number): number {
    let max = 0;
    for (let i = 0; i < this.#length; i++) {
      if (this.timeAt(i) >= timeMs) max = Math.max(max, this.valueAt(i));
    }
    return max;
  }

  /** The one that is closest to a moment; -1: there is none. */
  closest(timeMs: number): number {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < this.#length; i++) {
      const off = Math.abs(this.timeAt(i) - timeMs);
      if (off >= least) continue;
      least = off;
      best = i;
    }
    return best;
  }

  #at(index: number): number {
    return (this.#next - this.#length + index + 2 * CAPACITY) % CAPACITY;
  }
}

/** A counter's growth a second, from looking at it now and then. */
export class Growth {
  #count: number | null = null;
  #timeMs = 0;
  #rate = 0;

  /** null: it was looked at for the first time. */
  look(timeMs: number, count: number): number | null {
    const before = this.#count;
    const passedMs = timeMs - this.#timeMs;
    if (before !== null && passedMs < SPACING_MS) return this.#rate;
    this.#count = count;
    this.#timeMs = timeMs;
    if (before === null) return null;
    // A counter that was cleared, or of another process.
    this.#rate = count < before ? 0 : ((count - before) * 1000) / passedMs;
    return this.#rate;
  }
}
