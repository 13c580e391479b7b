/**
 * How many attempts may be under way at once: ten thousand servers that do not answer must not take all descriptors of a
 * process that has other things to do. Who finds no place waits for one; first come, first served.
 */
import { descriptorLimit } from '../../sys/limits.ts';

/** Of the descriptors that there may be, half; and no more than this. */
const MOST_AT_ONCE = 16_384;

export class Places {
  readonly #most: number;
  #taken = 0;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  get taken(): number {
    return this.#taken;
  }

  /** `begin` is called when there is a place, maybe at once; `leave` gives it back. */
  enter(begin: () => void): void {
    if (this.#taken >= this.#most) {
      this.#waiting.add(begin);
      return;
    }
    this.#taken++;
    begin();
  }

  leave(): void {
    this.#taken--;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#taken++;
    next();
  }

  /** Not any more. False: it has its place already, or does not wait. */
  giveUp(begin: () => void): boolean {
    return this.#waiting.delete(begin);
  }
}

export function placesOfThisProcess(): Places {
  return new Places(Math.min(MOST_AT_ONCE, Math.floor(descriptorLimit().soft / 2)));
}
