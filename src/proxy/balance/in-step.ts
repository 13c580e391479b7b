/**
 * A round robin of several threads: each has its own, and before it picks it makes the turns that the others have made
 * meanwhile, counted in one shared word. So all of them walk through one sequence, and clients see HAProxy's order whichever
 * threads they come to.
 *
 *   turns of all   0  1  2  3  4  5       thread A picked at 0, 1 and 4; B at 2, 3 and 5
 *   servers        a  b  c  a  b  c
 *
 * Out of step, when servers come and go under load or are full, each is still a round robin of its own.
 */
import type { SharedState } from '../shared-state.ts';
import type { Balance } from './balance.ts';

/** Turns that are made up for one by one, which takes a few hundred microseconds at most. */
const MOST_TURNS = 4096;

export class InStep implements Balance {
  readonly #inner: Balance;
  readonly #shared: SharedState;
  readonly #word: number;
  readonly #period: number;
  #turn: number;

  /** `period`: after so many turns the sequence repeats, as a rule. */
  constructor(inner: Balance, shared: SharedState, word: number, period: number) {
    this.#inner = inner;
    this.#shared = shared;
    this.#word = word;
    this.#period = Math.max(1, period);
    this.#turn = shared.get(word);
  }

  pick(except: number): number {
    const turn = this.#shared.add(this.#word, 1);
    let missed = (turn - this.#turn) >>> 0;
    this.#turn = (turn + 1) | 0;
    if (missed > MOST_TURNS) missed = Math.min(missed % this.#period, MOST_TURNS);
    for (; missed > 0; missed--) this.#inner.pick(-1);
    return this.#inner.pick(except);
  }

  refresh(): void {
    this.#inner.refresh();
  }

  taken(i: number): void {
    this.#inner.taken(i);
  }

  released(i: number): void {
    this.#inner.released(i);
  }
}
