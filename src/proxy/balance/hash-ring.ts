/**
 * Consistent hashing: each usable server stands at as many places of a ring of 2^32 as its weight says, sixteen for each unit.
 * A hash belongs to the nearest place; when a server leaves, only what was nearest to it moves.
 *
 *   #keys:    [ 17 | 40 | 41 | 90 ]       sorted
 *   #owners:  [  b |  a |  b |  a ]       who stands there
 *
 * Not here: who is full, and what is hashed.
 */
import { spread } from './hash.ts';
import type { Roster } from './roster.ts';

/** The most places of one server: its numbers are this far apart from the next one's. */
const PLACES_MOST = 4096;
/** Above the owner's position in a sorted number. */
const OWNER_RANGE = 65536;

export class HashRing {
  readonly #ids: readonly number[];
  #keys = new Uint32Array(0);
  #owners = new Int32Array(0);

  /** `ids`: the servers' numbers (`id`), which say where they stand. */
  constructor(ids: readonly number[]) {
    this.#ids = ids;
  }

  get size(): number {
    return this.#keys.length;
  }

  /** Who stands at this place. */
  owner(place: number): number {
    return this.#owners[place] as number;
  }

  key(place: number): number {
    return this.#keys[place] as number;
  }

  /** The place behind this one, in a circle. */
  after(place: number): number {
    return place + 1 < this.#keys.length ? place + 1 : 0;
  }

  /** With the servers that are in the group that serves now. */
  rebuild(roster: Roster): void {
    const wanted = roster.active > 0 ? 0 : 1;
    const isIn = (i: number): boolean => roster.usable[i] === 1 && roster.backup[i] === wanted;
    let size = 0;
    for (let i = 0; i < roster.count; i++) if (isIn(i)) size += roster.weight[i] as number;
    const sorted = new Float64Array(size);
    let at = 0;
    for (let i = 0; i < roster.count; i++) {
      if (!isIn(i)) continue;
      const first = (this.#ids[i] as number) * PLACES_MOST;
      const places = roster.weight[i] as number;
      for (let n = 0; n < places; n++) sorted[at++] = (spread(first + n) >>> 0) * OWNER_RANGE + i;
    }
    sorted.sort();
    this.#keys = Uint32Array.from(sorted, (number) => Math.floor(number / OWNER_RANGE));
    this.#owners = Int32Array.from(sorted, (number) => number % OWNER_RANGE);
  }

  /** The first place at or behind an unsigned `hash`, in a circle. */
  atOrAfter(hash: number): number {
    const keys = this.#keys;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < hash) low = middle + 1;
      else high = middle;
    }
    return low === keys.length ? 0 : low;
  }

  /** The place that is nearest to `hash`; of two that are as near the one before it. */
  nearest(hash: number): number {
    const next = this.atOrAfter(hash >>> 0);
    const previous = next === 0 ? this.#keys.length - 1 : next - 1;
    const before = (hash - (this.#keys[previous] as number)) >>> 0;
    const behind = ((this.#keys[next] as number) - hash) >>> 0;
    return before <= behind ? previous : next;
  }
}
