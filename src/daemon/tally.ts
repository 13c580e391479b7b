/**
 * Counters of the shared memory, which wrap at 32 bits and are never set back, as numbers that do neither wrap nor move
 * when somebody clears them: what was seen last is kept, and the difference is added up here.
 *
 * Looked at often enough (once a second, by rates.ts) no counter can wrap unseen. Not here: gauges, which are read as is.
 */
import type { SharedState } from '../proxy/shared-state.ts';

export class Tally {
  readonly #state: SharedState;
  readonly #seen = new Map<number, number>();
  readonly #totals = new Map<number, number>();

  constructor(state: SharedState) {
    this.#state = state;
  }

  /** Events counted in this word. */
  count(word: number): number {
    const now = this.#state.get(word);
    const total = (this.#totals.get(word) ?? 0) + ((now - (this.#seen.get(word) ?? 0)) >>> 0);
    this.#seen.set(word, now);
    this.#totals.set(word, total);
    return total;
  }

  /** Bytes counted in this word and the next. */
  bytes(word: number): number {
    const now = this.#state.bytes(word);
    const total = (this.#totals.get(word) ?? 0) + Math.max(0, now - (this.#seen.get(word) ?? 0));
    // A carry that has not arrived yet makes it smaller for a moment: then it is counted next time.
    if (now >= (this.#seen.get(word) ?? 0)) {
      this.#seen.set(word, now);
      this.#totals.set(word, total);
    }
    return total;
  }

  /** From here on everything counts from nothing. */
  clear(): void {
    for (const word of this.#totals.keys()) this.#totals.set(word, 0);
  }
}
