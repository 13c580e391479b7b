/**
 * A round robin of several threads: each has its own, and before it picks it makes the turns that the others have made
 * meanwhile, counted in one shared word. So all of them walk through one sequence, and clients see HAProxy's order whichever
 * threads they come to.
 *
 *   turns of all   0  1  2  3  4  5       thread A picked at 0, 1 and 4; B at 2, 3 and 5
 *   servers        a  b  c  a  b  c
 *
 * When a server comes or goes everybody starts anew, at the place of that sequence which the number of turns says: it does
 * not matter when a thread hears of it. Out of step, when servers are full, each is still a round robin of its own.
 */
import type { SharedState } from '../shared-state.ts';
import { type Balance, type BalanceKey, NO_KEY } from './balance.ts';
import { type Roster, WHOLE_WARMTH } from './roster.ts';

/** Turns that are made up for one by one, which takes a few hundred microseconds at most. */
const MOST_TURNS = 4096;

export class InStep implements Balance {
  readonly #create: () => Balance;
  readonly #roster: Roster;
  readonly #shared: SharedState;
  readonly #word: number;
  #inner: Balance;
  /** After so many turns the sequence repeats, as a rule. */
  #period = 1;
  /** The turn that `#inner` is to make next. */
  #turn = 0;

  /** `create`: a round robin that starts anew. `roster`: this one's own. */
  constructor(create: () => Balance, roster: Roster, shared: SharedState, word: number) {
    this.#create = create;
    this.#roster = roster;
    this.#shared = shared;
    this.#word = word;
    for (let i = 0; i < roster.count; i++) roster.renew(i);
    this.#inner = create();
    this.#begin();
  }

  pick(except: number, key: BalanceKey): number {
    const turn = this.#shared.add(this.#word, 1);
    let missed = (turn - this.#turn) >>> 0;
    this.#turn = (turn + 1) | 0;
    if (missed > MOST_TURNS) missed = Math.min(missed % this.#period, MOST_TURNS);
    for (; missed > 0; missed--) this.#inner.pick(-1, NO_KEY);
    return this.#inner.pick(except, key);
  }

  refresh(): void {
    let changed = false;
    for (let i = 0; i < this.#roster.count; i++) changed = this.#roster.renew(i) || changed;
    if (!changed) return;
    this.#inner = this.#create();
    this.#begin();
  }

  /** At the last turn at which a sequence began, had it always been this one. */
  #begin(): void {
    const roster = this.#roster;
    roster.recount();
    const backup = roster.active > 0 ? 0 : 1;
    let period = 0;
    let parts = 0;
    for (let i = 0; i < roster.count; i++) {
      if (roster.usable[i] === 0 || roster.backup[i] !== backup) continue;
      period += roster.weight[i] as number;
      parts |= roster.weight[i] as number;
    }
    // Without servers that are warming up, all of them have whole weights.
    if (parts % WHOLE_WARMTH === 0) period /= WHOLE_WARMTH;
    this.#period = Math.max(1, period);
    const turn = this.#shared.get(this.#word);
    this.#turn = (turn - ((turn >>> 0) % this.#period)) | 0;
  }

  taken(i: number): void {
    this.#inner.taken(i);
  }

  released(i: number): void {
    this.#inner.released(i);
  }
}
