/** What virtual routers say: lines in keepalived's words, and a limit on how often the same one is repeated. */
import type { Clock } from '../core/clock.ts';
import type { Journal } from '../core/journal.ts';

export type VrrpJournal = Journal;

const REPEAT_MS = 10_000;
const REMEMBERED = 512;

/** A peer that cannot hear us makes us say the same a hundred times a second. */
export class QuietJournal implements VrrpJournal {
  readonly #to: VrrpJournal;
  readonly #clock: Clock;
  readonly #said = new Map<string, number>();

  constructor(to: VrrpJournal, clock: Clock) {
    this.#to = to;
    this.#clock = clock;
  }

  /** Changes of state are always said. */
  always(text: string): void {
    this.#to.info(text);
  }

  info(text: string): void {
    if (this.#isNew(text)) this.#to.info(text);
  }

  warning(text: string): void {
    if (this.#isNew(text)) this.#to.warning(text);
  }

  #isNew(text: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const lastMs = this.#said.get(text);
    if (lastMs !== undefined && nowMs - lastMs < REPEAT_MS) return false;
    if (this.#said.size >= REMEMBERED) this.#said.clear();
    this.#said.set(text, nowMs);
    return true;
  }
}
