/**
 * How fast a counter grows that is read elsewhere, once in some seconds: it stands still between two readings, and looking at it
 * every second would see nothing four times and then everything. Pure; the dashboard's page has it, too.
 */

/** Who has not grown for so long does not. */
const STILL_MS = 12_000;

export class SteppedRate {
  #count: number | null = null;
  /** When it was seen to be another one; null: not yet, so nobody knows since when. */
  #steppedMs: number | null = null;
  #rate = 0;

  /** A second; 0 until two steps were seen. */
  look(nowMs: number, count: number): number {
    const before = this.#count;
    this.#count = count;
    const passedMs = this.#steppedMs === null ? null : nowMs - this.#steppedMs;
    if (before === null || count === before) {
      if (passedMs !== null && passedMs > STILL_MS) this.#rate = 0;
      return this.#rate;
    }
    this.#steppedMs = nowMs;
    // A counter that was cleared, or of another process.
    if (count < before || passedMs === null || passedMs <= 0) return this.#rate;
    this.#rate = ((count - before) * 1000) / Math.min(passedMs, STILL_MS);
    return this.#rate;
  }
}
