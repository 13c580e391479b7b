/**
 * How late something was, many times: counted by size, for whoever makes a histogram of it. A fixed piece of memory, whatever
 * happens.
 */

/** Upper bounds of the sizes, in milliseconds; what is beyond them is counted in the end. */
export const LATENESS_BOUNDS_MS: readonly number[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 3000];

export class Lateness {
  /** One for each bound, and one for the rest: what is above the bound before, up to this one. */
  readonly counts: number[] = [...LATENESS_BOUNDS_MS, 0].map(() => 0);
  sumMs = 0;
  maxMs = 0;

  note(lateMs: number): void {
    const ms = Math.max(0, lateMs);
    const size = LATENESS_BOUNDS_MS.findIndex((bound) => ms <= bound);
    const at = size < 0 ? LATENESS_BOUNDS_MS.length : size;
    this.counts[at] = (this.counts[at] ?? 0) + 1;
    this.sumMs += ms;
    this.maxMs = Math.max(this.maxMs, ms);
  }
}
