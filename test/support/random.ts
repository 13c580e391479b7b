/** Seeded pseudo-random numbers (LCG of Numerical Recipes): a failed run repeats with its seed. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 <= n < limit, whole. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 0x1_0000_0000) * limit);
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  /** Small numbers as often as large ones: uniform in the number of bits, up to `limit`. */
  size(limit: number): number {
    return this.below(2 ** this.below(Math.ceil(Math.log2(limit)) + 1)) % (limit + 1);
  }
}
