/**
 * Time, and what is going to happen in it: the earliest first, and what is due at the same moment in the order in which it
 * was entered. A binary heap of slots; nothing is allocated for an entry.
 */
import type { Clock } from '../../src/core/clock.ts';

/** Somebody to whom something happens. Entries of an earlier `life` (the object has been used again) are dropped. */
export interface Actor {
  readonly life: number;
  happen(what: number, argument: number): void;
}

/** Entries of one moment are told apart by their number: 2^28 of them fit beside 2^25 ms, nine hours. */
const ORDER = 0x1000_0000;
const START_MS = 1000;
const WALL_START_MS = 1_700_000_000_000;

export class Calendar implements Clock {
  nowMs = START_MS;
  #order = 0;
  #count = 0;
  #keys = new Float64Array(256);
  #heap = new Int32Array(256);
  #free: number[] = [];
  #slots = 0;
  readonly #actors: (Actor | null)[] = [];
  readonly #lives: number[] = [];
  readonly #whats: number[] = [];
  readonly #arguments: number[] = [];

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return WALL_START_MS + this.nowMs;
  }

  /** As new. */
  reset(): void {
    this.nowMs = START_MS;
    this.#order = 0;
    this.#count = 0;
    this.#slots = 0;
    this.#free.length = 0;
    this.#actors.fill(null);
  }

  enter(dueMs: number, actor: Actor, what: number, argument: number): void {
    const slot = this.#free.pop() ?? this.#slots++;
    if (slot >= this.#keys.length) this.#grow();
    this.#order = (this.#order + 1) % ORDER;
    this.#keys[slot] = dueMs * ORDER + this.#order;
    this.#actors[slot] = actor;
    this.#lives[slot] = actor.life;
    this.#whats[slot] = what;
    this.#arguments[slot] = argument;
    this.#rise(this.#count++, slot);
  }

  /** Infinity: nothing is going to happen. */
  get nextMs(): number {
    if (this.#count === 0) return Number.POSITIVE_INFINITY;
    return Math.floor((this.#keys[this.#heap[0] as number] as number) / ORDER);
  }

  /** Lets happen what is due. */
  run(): void {
    const end = (this.nowMs + 1) * ORDER;
    while (this.#count > 0) {
      const slot = this.#heap[0] as number;
      if ((this.#keys[slot] as number) >= end) return;
      this.#count--;
      if (this.#count > 0) this.#sink(this.#heap[this.#count] as number);
      const actor = this.#actors[slot] as Actor;
      this.#actors[slot] = null;
      this.#free.push(slot);
      if (actor.life === this.#lives[slot]) actor.happen(this.#whats[slot] as number, this.#arguments[slot] as number);
    }
  }

  #rise(from: number, slot: number): void {
    const heap = this.#heap;
    const keys = this.#keys;
    const key = keys[slot] as number;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const other = heap[parent] as number;
      if ((keys[other] as number) <= key) break;
      heap[at] = other;
      at = parent;
    }
    heap[at] = slot;
  }

  #sink(slot: number): void {
    const heap = this.#heap;
    const keys = this.#keys;
    const key = keys[slot] as number;
    const count = this.#count;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= count) break;
      if (child + 1 < count && (keys[heap[child + 1] as number] as number) < (keys[heap[child] as number] as number)) {
        child++;
      }
      const other = heap[child] as number;
      if ((keys[other] as number) >= key) break;
      heap[at] = other;
      at = child;
    }
    heap[at] = slot;
  }

  #grow(): void {
    const keys = new Float64Array(this.#keys.length * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    const heap = new Int32Array(this.#heap.length * 2);
    heap.set(this.#heap);
    this.#heap = heap;
  }
}
