/**
 * A slab pool that is watched: what was given back is spoilt, nothing is given back twice, and each slab that is lent can be
 * asked whose it is. It is used for one run after the other, since memory of a pool is never given back; so it starts each
 * time as if it were new.
 */
import { allocate } from '../../src/sys/memory.ts';
import { type Slab, SlabPool } from '../../src/sys/slabs.ts';
import { violated } from './violation.ts';

export const SPOILT = 0xee;
/** Fewer than in earnest, so that they run out. */
const BULK_SLABS = 4;
const GROWTH = 64;

export class WatchedSlab implements Slab {
  readonly bytes: Buffer;
  readonly base: number;
  readonly address: number;
  readonly sizeBytes: number;
  isLent = false;
  /** The last census that found an owner of it. */
  census = 0;

  constructor(bytes: Buffer, base: number, address: number, sizeBytes: number) {
    this.bytes = bytes;
    this.base = base;
    this.address = address;
    this.sizeBytes = sizeBytes;
  }
}

export class WatchedSlabs extends SlabPool {
  readonly #all: WatchedSlab[] = [];
  readonly #allBulk: WatchedSlab[] = [];
  #spare: WatchedSlab[] = [];
  #spareBulk: WatchedSlab[] = [];
  #lentCount = 0;
  #most: number;
  /** Of a thousand times that somebody asks for one, how often there is none. */
  refusals = 0;
  /** 0 to 999. */
  chance: () => number = () => 999;

  constructor(sizeBytes: number) {
    super(sizeBytes, 1);
    this.#most = 1;
    cut(this.#allBulk, BULK_SLABS, this.bulkBytes);
    cut(this.#all, GROWTH, sizeBytes);
  }

  /** As new. */
  reset(limit: number): void {
    this.#most = limit;
    this.#lentCount = 0;
    this.refusals = 0;
    this.#spare = this.#all.slice();
    this.#spareBulk = this.#allBulk.slice();
    for (const slab of this.#all) clean(slab);
    for (const slab of this.#allBulk) clean(slab);
    this.scratch.bytes.fill(SPOILT, this.scratch.base, this.scratch.base + this.scratch.sizeBytes);
  }

  override get lent(): number {
    return this.#lentCount;
  }

  override get hasBulk(): boolean {
    return this.#spareBulk.length > 0;
  }

  override takeFor(lengthBytes: number): Slab | null {
    if (lengthBytes <= this.sizeBytes) return this.take();
    if (lengthBytes > this.bulkBytes) violated(`asks for a slab of ${lengthBytes} bytes`);
    const slab = this.#spareBulk.pop();
    return slab === undefined ? null : this.#lend(slab);
  }

  override take(): Slab | null {
    if (this.#lentCount >= this.#most) return null;
    if (this.refusals > 0 && this.chance() < this.refusals) return null;
    let slab = this.#spare.pop();
    if (slab === undefined) {
      const from = this.#all.length;
      cut(this.#all, GROWTH, this.sizeBytes);
      this.#spare = this.#all.slice(from);
      slab = this.#spare.pop() as WatchedSlab;
    }
    return this.#lend(slab);
  }

  override give(given: Slab): void {
    const slab = given as WatchedSlab;
    if (slab.isLent !== true) violated('gives a slab back that was not lent');
    slab.isLent = false;
    slab.bytes.fill(SPOILT, slab.base, slab.base + slab.sizeBytes);
    this.#lentCount--;
    if (slab.sizeBytes === this.sizeBytes) this.#spare.push(slab);
    else this.#spareBulk.push(slab);
  }

  #lend(slab: WatchedSlab): WatchedSlab {
    slab.isLent = true;
    this.#lentCount++;
    return slab;
  }
}

function clean(slab: WatchedSlab): void {
  slab.isLent = false;
  slab.census = 0;
  slab.bytes.fill(SPOILT, slab.base, slab.base + slab.sizeBytes);
}

function cut(into: WatchedSlab[], count: number, sizeBytes: number): void {
  const { bytes, address } = allocate(count * sizeBytes);
  for (let i = 0; i < count; i++) into.push(new WatchedSlab(bytes, i * sizeBytes, address, sizeBytes));
}
