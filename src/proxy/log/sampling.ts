/**
 * `log … sample <ranges>:<size>`: which lines a target gets of each `size`. The ranges are walked in their order, as HAProxy
 * does it. Threads count for themselves: in the long run it is the same part of all lines.
 */
import type { LogTargetPlan } from '../plan.ts';

export class Sampling {
  readonly #ranges: NonNullable<LogTargetPlan['sampling']>['ranges'];
  readonly #size: number;
  #line = 0;
  #range = 0;

  constructor({ ranges, size }: NonNullable<LogTargetPlan['sampling']>) {
    this.#ranges = ranges;
    this.#size = size;
  }

  /** Counts a line; true: it is not for this target. */
  skips(): boolean {
    const range = this.#ranges[this.#range];
    this.#line = (this.#line % this.#size) + 1;
    if (range === undefined || this.#line < range.from || this.#line > range.to) return true;
    if (this.#line === range.to) this.#range = (this.#range + 1) % this.#ranges.length;
    return false;
  }
}
