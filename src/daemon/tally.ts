/**
 * Counters of the shared memory, which wrap at 32 bits and are never set back, as numbers that do neither wrap nor move
 * when somebody clears them: what was seen last is kept, and the difference is added up here.
 *
 * Looked at often enough (statistics.ts sees to that) no counter can wrap unseen. Not here: gauges, which are read as is.
 */
import type { SharedState } from '../proxy/shared-state.ts';

export class Tally {
  readonly #state: SharedState;
  // By word.
  readonly #seen: Float64Array;
  readonly #totals: Float64Array;

  constructor(state: SharedState) {
    this.#state = state;
    const words = state.countedWords;
    this.#seen = new Float64Array(words);
    this.#totals = new Float64Array(words);
  }

  /** Events counted in this word. */
  count(word: number): number {
    const now = this.#state.get(word);
    const total = (this.#totals[word] ?? 0) + ((now - (this.#seen[word] ?? 0)) >>> 0);
    this.#seen[word] = now;
    this.#totals[word] = total;
    return total;
  }

  /** Bytes counted in this word and the next. */
  bytes(word: number): number {
    const now = this.#state.bytes(word);
    const fresh = now - (this.#seen[word] ?? 0);
    const total = this.#totals[word] ?? 0;
    // A carry that has not arrived yet makes it smaller for a moment: then it is counted next time.
    if (fresh < 0) return total;
    this.#seen[word] = now;
    this.#totals[word] = total + fresh;
    return total + fresh;
  }

  /** Goes on from where another one was when its word `from` had the value `then`. */
  goOn(word: number, before: Tally, from: number, then: number): void {
    this.#totals[word] = (before.#totals[from] ?? 0) - (((before.#seen[from] ?? 0) - then) | 0);
  }

  /** The same for bytes. */
  goOnBytes(word: number, before: Tally, from: number, then: number): void {
    this.#totals[word] = (before.#totals[from] ?? 0) - ((before.#seen[from] ?? 0) - then);
  }

  /** These words begin anew, from nothing. */
  begin(from: number, to: number): void {
    this.#seen.fill(0, from, to);
    this.#totals.fill(0, from, to);
  }

  /** From here on everything counts from nothing. */
  clear(): void {
    this.#totals.fill(0);
  }
}
