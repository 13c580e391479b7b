/**
 * What a thread says of itself in each turn, for `show info`: streams, clients whose turn it is, buffers. Written only when it
 * has changed.
 */
import type { SlabPool } from '../sys/slabs.ts';
import {
  type SharedState,
  THREAD_READY,
  THREAD_SLABS_MAPPED,
  THREAD_SLABS_REFUSED,
  THREAD_STREAMS,
} from './shared-state.ts';

export class ThreadFigures {
  readonly #shared: SharedState;
  readonly #row: number;
  readonly #slabs: SlabPool;
  #streams = 0;
  #ready = 0;
  #mapped = 0;
  #refused = 0;
  /** What those before it in its place were refused. */
  readonly #refusedBefore: number;

  constructor(shared: SharedState, row: number, slabs: SlabPool) {
    this.#shared = shared;
    this.#row = row;
    this.#slabs = slabs;
    this.#refusedBefore = shared.get(row + THREAD_SLABS_REFUSED);
  }

  tell(streams: number, ready: number): void {
    const { mapped, refused } = this.#slabs;
    const shared = this.#shared;
    const row = this.#row;
    if (streams !== this.#streams) {
      this.#streams = streams;
      shared.set(row + THREAD_STREAMS, streams);
    }
    if (ready !== this.#ready) {
      this.#ready = ready;
      shared.set(row + THREAD_READY, ready);
    }
    if (mapped !== this.#mapped) {
      this.#mapped = mapped;
      shared.set(row + THREAD_SLABS_MAPPED, mapped);
    }
    if (refused === this.#refused) return;
    this.#refused = refused;
    shared.set(row + THREAD_SLABS_REFUSED, (this.#refusedBefore + refused) | 0);
  }
}
