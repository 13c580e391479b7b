/**
 * Fixed buffers for bytes that have to wait: a head that is not complete, a write that the peer does not take yet, a
 * request that may have to be sent again. An idle connection holds none.
 *
 *   arena (one mmap, one Buffer)   [ scratch | the engine's own | slab 0 | … ]   more arenas are mapped when needed
 *   bulk arena                     [ bulk slab 0 | … ]                             mapped when first needed, never grows
 *
 * Everything is read into the scratch slab first; what must wait is copied to a slab of its own. Ordinary reads are no
 * longer than a slab. A fast transfer reads more at once, as long as a bulk slab is free for what its peer may not take:
 * so many connections cannot hold much, and few fast ones cost little. Pages are paid for when they are first used.
 */
import { allocate, type Region } from './memory.ts';

export interface Slab {
  /** The arena's bytes; the slab's are `base` to `base + sizeBytes`. */
  readonly bytes: Buffer;
  readonly base: number;
  /** The address of `bytes[0]`: a position `p` in `bytes` is at `address + p`. */
  readonly address: number;
  readonly sizeBytes: number;
}

const SLABS_PER_ARENA = 1024;
/** Room for an engine's own buffers: 128 of the bulk size, and a send queue. Pages that nobody touches cost nothing. */
const ENGINE_BYTES = 9 * 1024 * 1024;
/** One read of a fast transfer: four times fewer system calls than with a slab, and still inside the level 2 cache. */
const BULK_BYTES = 65536;
/** Fast transfers that may be stalled at the same time; the others read in slabs. 8 MiB at most. */
const BULK_SLABS = 128;
/** A quarter of all slabs is for connections that there are already. */
const SCARCE_SHARE = 4;
/** What is received before anybody wants it may fill so many, or a quarter where that is less, and then nothing is. */
const EARLY_SLABS = 1024;
/** What comes in spite of that, because it was asked for before, may fill half of all. */
const HELD_SHARE = 2;

export class SlabPool {
  readonly sizeBytes: number;
  readonly bulkBytes: number;
  /** Where every read lands; its content is valid until the next read of the thread. */
  readonly scratch: Slab;
  /** The engine's own buffers; copies from here to slabs of the same arena are the fastest. */
  readonly engine: Region & { readonly base: number };
  readonly #limit: number;
  readonly #scarceFrom: number;
  readonly #earlyUpTo: number;
  readonly #heldUpTo: number;
  readonly #free: Slab[] = [];
  readonly #bulk: Slab[] = [];
  #bulkMapped = false;
  #lent = 0;
  /** How many have been mapped, and how often there was none to lend. */
  mapped = SLABS_PER_ARENA;
  refused = 0;
  #refusedBulk = 0;

  /** `limit`: how many slabs may be lent at once; it stops a flood of stalled connections from eating the machine. */
  constructor(sizeBytes: number, limit: number) {
    this.sizeBytes = sizeBytes;
    this.bulkBytes = Math.max(BULK_BYTES, sizeBytes);
    this.#limit = limit;
    this.#scarceFrom = limit - limit / SCARCE_SHARE;
    this.#earlyUpTo = Math.min(EARLY_SLABS, limit / SCARCE_SHARE);
    this.#heldUpTo = limit / HELD_SHARE;
    const arena = allocate(this.bulkBytes + ENGINE_BYTES + SLABS_PER_ARENA * sizeBytes);
    this.engine = { ...arena, base: this.bulkBytes, sizeBytes: ENGINE_BYTES };
    this.scratch = { bytes: arena.bytes, base: 0, address: arena.address, sizeBytes: this.bulkBytes };
    cut(this.#free, arena, this.bulkBytes + ENGINE_BYTES, sizeBytes, SLABS_PER_ARENA);
  }

  /** Slabs that are in use. */
  get lent(): number {
    return this.#lent;
  }

  /** Of either kind: how many there are, how many are in use, and how often there was none. */
  get figures() {
    const bulkUsed = this.#bulkMapped ? BULK_SLABS - this.#bulk.length : 0;
    const used = this.#lent - bulkUsed;
    return {
      buffers: {
        sizeBytes: this.sizeBytes,
        allocated: this.#free.length + used,
        used,
        failures: this.refused - this.#refusedBulk,
      },
      bulkBuffers: {
        sizeBytes: this.bulkBytes,
        allocated: this.#bulkMapped ? BULK_SLABS : 0,
        used: bulkUsed,
        failures: this.#refusedBulk,
      },
    };
  }

  /** Most of them are in use: who is there shall have the rest. */
  get scarce(): boolean {
    return this.#lent >= this.#scarceFrom;
  }

  /** An engine may receive for those who have not said that they want it. */
  get allowsEarly(): boolean {
    return this.#lent < this.#earlyUpTo;
  }

  /** One for what an engine received although nobody wanted it; null: that holds enough, what else there is is others'. */
  takeForHeld(): Slab | null {
    return this.#lent < this.#heldUpTo ? this.take() : null;
  }

  /** Whether `takeBulk` would have one. */
  get hasBulk(): boolean {
    if (!this.#bulkMapped) {
      this.#bulkMapped = true;
      cut(this.#bulk, allocate(BULK_SLABS * this.bulkBytes), 0, this.bulkBytes, BULK_SLABS);
    }
    return this.#bulk.length > 0;
  }

  /** A slab for `lengthBytes`; null: the limit is reached, the caller ends what it was doing. */
  takeFor(lengthBytes: number): Slab | null {
    if (lengthBytes <= this.sizeBytes) return this.take();
    const slab = this.#bulk.pop();
    if (slab === undefined) {
      this.refused++;
      this.#refusedBulk++;
      return null;
    }
    this.#lent++;
    return slab;
  }

  take(): Slab | null {
    if (this.#lent >= this.#limit) {
      this.refused++;
      return null;
    }
    if (this.#free.length === 0) {
      cut(this.#free, allocate(SLABS_PER_ARENA * this.sizeBytes), 0, this.sizeBytes, SLABS_PER_ARENA);
      this.mapped += SLABS_PER_ARENA;
    }
    const slab = this.#free.pop();
    if (slab === undefined) return null;
    this.#lent++;
    return slab;
  }

  give(slab: Slab): void {
    this.#lent--;
    if (slab.sizeBytes === this.sizeBytes) this.#free.push(slab);
    else this.#bulk.push(slab);
  }
}

function cut(
  into: Slab[],
  arena: { readonly bytes: Buffer; readonly address: number },
  from: number,
  sizeBytes: number,
  count: number,
): void {
  // Last first, so that the first is lent first and the pages that are touched stay together.
  for (let i = count - 1; i >= 0; i--) {
    into.push({ bytes: arena.bytes, base: from + i * sizeBytes, address: arena.address, sizeBytes });
  }
}

/** Copies [start, end) of `from` to position `at` of `to`; both are positions in their arenas. */
export function copyBytes(from: Slab, start: number, end: number, to: Slab, at: number): void {
  if (from.bytes === to.bytes) to.bytes.copyWithin(at, start, end);
  else from.bytes.copy(to.bytes, at, start, end);
}
