/**
 * Says what runs short while it serves, as the data threads count it: descriptors, memory, readers of the logs. Each once
 * when it begins, and as long as it goes on again now and then.
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import { HEADER_LINES_LOST, HEADER_SHORT, HEADER_STARVED, type SharedState } from '../proxy/shared-state.ts';
import type { Journal } from './journal.ts';

const LOOK_EVERY_MS = 500;
const REPEAT_MS = 10_000;

const KINDS: readonly [word: number, text: (count: number) => string][] = [
  [
    HEADER_STARVED,
    () => 'no descriptors or no memory are left to let clients in (accept): they wait until there are; see ulimit -n',
  ],
  [HEADER_SHORT, () => 'the memory for buffers is used up: new clients wait until there is some'],
  [HEADER_LINES_LOST, (count) => `${count} log lines were lost: a log target does not take them`],
];

interface Shortage {
  readonly word: number;
  readonly text: (count: number) => string;
  /** The count when it was said last, and when that was. */
  said: number;
  saidMs: number;
}

export class Shortages {
  readonly #state: SharedState;
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #shortages: readonly Shortage[];
  #timer: Timer | null = null;

  constructor(state: SharedState, journal: Journal, clock: Clock, timers: Timers) {
    this.#state = state;
    this.#journal = journal;
    this.#clock = clock;
    this.#timers = timers;
    this.#shortages = KINDS.map(([word, text]) => ({ word, text, said: 0, saidMs: Number.NEGATIVE_INFINITY }));
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #look(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const shortage of this.#shortages) {
      const count = this.#state.get(shortage.word);
      if (count === shortage.said || nowMs - shortage.saidMs < REPEAT_MS) continue;
      // The counter wraps.
      this.#journal.warning(shortage.text((count - shortage.said) | 0));
      shortage.said = count;
      shortage.saidMs = nowMs;
    }
    this.#timer = this.#timers.after(LOOK_EVERY_MS, () => this.#look());
  }
}
