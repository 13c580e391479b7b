/**
 * Fixed buffers for bytes that have to wait: a head that is not complete, a write that the peer does not take yet, a
 * request that may have to be sent again. An idle connection holds none.
 *
 *   arena (one mmap, one Buffer)   [ scratch | slab 0 | slab 1 | … ]   further arenas are mapped when it is used up
 *
 * Everything is read into the scratch slab first; what must wait is copied to a slab of its own. All slabs have the
 * same size, so what fits into the scratch slab always fits into another. Pages are touched, and so paid for, when
 * they are used.
 */
import { allocate } from './memory.ts';

export interface Slab {
  /** The arena's bytes; the slab's are `base` to `base + sizeBytes`. */
  readonly bytes: Buffer;
  readonly base: number;
  /** The address of `bytes[0]`: a position `p` in `bytes` is at `address + p`. */
  readonly address: number;
}

const SLABS_PER_ARENA = 1024;

export class SlabPool {
  readonly sizeBytes: number;
  /** Where every read lands; its content is valid until the next read of the thread. */
  readonly scratch: Slab;
  readonly #limit: number;
  readonly #free: Slab[] = [];
  #mapped = 0;
  #lent = 0;

  /** `limit`: how many slabs may be lent at once; it stops a flood of stalled connections from eating the machine. */
  constructor(sizeBytes: number, limit: number) {
    this.sizeBytes = sizeBytes;
    this.#limit = limit;
    this.#grow();
    const scratch = this.#free.pop();
    if (scratch === undefined) throw new Error('no memory for the scratch slab');
    this.scratch = scratch;
  }

  get lent(): number {
    return this.#lent;
  }

  /** null: the limit is reached; the caller ends what it was doing. */
  take(): Slab | null {
    if (this.#lent >= this.#limit) return null;
    if (this.#free.length === 0) this.#grow();
    const slab = this.#free.pop();
    if (slab === undefined) return null;
    this.#lent++;
    return slab;
  }

  give(slab: Slab): void {
    this.#lent--;
    this.#free.push(slab);
  }

  #grow(): void {
    const arena = allocate(SLABS_PER_ARENA * this.sizeBytes);
    for (let i = SLABS_PER_ARENA - 1; i >= 0; i--) {
      this.#free.push({ bytes: arena.bytes, base: i * this.sizeBytes, address: arena.address });
    }
    this.#mapped += SLABS_PER_ARENA;
  }

  get mapped(): number {
    return this.#mapped;
  }
}

/** Copies [start, end) of `from` to position `at` of `to`; both are positions in their arenas. */
export function copyBytes(from: Slab, start: number, end: number, to: Slab, at: number): void {
  if (from.bytes === to.bytes) to.bytes.copyWithin(at, start, end);
  else from.bytes.copy(to.bytes, at, start, end);
}
