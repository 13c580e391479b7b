/**
 * Buffers that the kernel takes when it has received something, and that go back once it has been looked at: so a waiting
 * connection needs none. Each is a slab: what is received stands behind headroom for edits.
 *
 *   ring of { address, length, id } in shared memory; ours is its tail, the kernel's its head
 *
 * The memory is the kernel's for as long as the process lives: it is never unmapped.
 */
import { type IoRing, RingUnavailable } from './io-ring.ts';
import * as libc from './libc.ts';
import { allocate, type Region, scratchAddress, scratchBytes } from './memory.ts';
import type { Slab } from './slabs.ts';

const REGISTER_PBUF_RING = 22;
const REGISTRATION_BYTES = 40;
const ENTRY_BYTES = 16;
/** The ring's tail lies in the reserved half-word of its first entry. */
const TAIL_HALF_WORD = 7;
const TWO_TO_32 = 0x1_0000_0000;

export class BufferRing {
  readonly slabs: readonly Slab[];
  readonly #half: Uint16Array;
  readonly #words: Uint32Array;
  readonly #mask: number;
  readonly #headroomBytes: number;
  #tail = 0;

  /**
   * It becomes the ring's buffer group 0. `count`: a power of two. In `memory`, `count` × `sizeBytes` from `base` on are its
   * own from now on.
   */
  constructor(ring: IoRing, memory: Region, base: number, count: number, sizeBytes: number, headroomBytes: number) {
    this.#mask = count - 1;
    this.#headroomBytes = headroomBytes;
    const entries = allocate(Math.max(4096, count * ENTRY_BYTES));
    this.#half = new Uint16Array(entries.bytes.buffer);
    this.#words = new Uint32Array(entries.bytes.buffer);
    scratchBytes.fill(0, 0, REGISTRATION_BYTES);
    scratchBytes.writeBigUInt64LE(BigInt(entries.address), 0);
    scratchBytes.writeUInt32LE(count, 8);
    if (ring.register(REGISTER_PBUF_RING, scratchAddress, 1) < 0) {
      throw new RingUnavailable(`io_uring_register of a buffer ring: ${libc.errno()}`);
    }
    this.slabs = Array.from({ length: count }, (_, i) => ({
      bytes: memory.bytes,
      base: base + i * sizeBytes,
      address: memory.address,
      sizeBytes,
    }));
    for (let id = 0; id < count; id++) this.give(id);
  }

  /** The kernel may fill buffer `id` again. */
  give(id: number): void {
    const slab = this.slabs[id] as Slab;
    const at = this.#tail & this.#mask;
    const address = slab.address + slab.base + this.#headroomBytes;
    this.#words[at * 4] = address >>> 0;
    this.#words[at * 4 + 1] = (address / TWO_TO_32) >>> 0;
    this.#words[at * 4 + 2] = slab.sizeBytes - this.#headroomBytes;
    this.#half[at * 8 + 6] = id;
    this.#tail = (this.#tail + 1) & 0xffff;
    this.#half[TAIL_HALF_WORD] = this.#tail;
  }
}
