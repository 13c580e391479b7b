import { describe, expect, it } from 'vitest';
import { copyBytes, type Slab, SlabPool } from '../../src/sys/slabs.ts';

const SIZE = 4096;

function takeAll(pool: SlabPool): Slab[] {
  const slabs: Slab[] = [];
  for (let slab = pool.take(); slab !== null; slab = pool.take()) slabs.push(slab);
  return slabs;
}

describe('slabs', () => {
  it.each([1, 7, 1024, 1025, 3000])('are lent up to the limit of %i and not beyond', (limit) => {
    const pool = new SlabPool(SIZE, limit);
    const slabs = takeAll(pool);
    expect(slabs.length).toBe(limit);
    expect(pool.lent).toBe(limit);
    for (const slab of slabs) pool.give(slab);
    expect(pool.lent).toBe(0);
    expect(takeAll(pool).length).toBe(limit);
  });

  it('are scarce when no more than a quarter of them is left', () => {
    const pool = new SlabPool(SIZE, 40);
    const slabs: Slab[] = [];
    for (let i = 0; i < 29; i++) slabs.push(pool.take() as Slab);
    expect(pool.scarce).toBe(false);
    slabs.push(pool.take() as Slab);
    expect(pool.scarce).toBe(true);
    pool.give(slabs.pop() as Slab);
    expect(pool.scarce).toBe(false);
  });

  it('are apart from each other and from the scratch slab, over several arenas', () => {
    const pool = new SlabPool(SIZE, 2500);
    const slabs = takeAll(pool);
    slabs.forEach((slab, i) => {
      expect(slab.sizeBytes).toBe(SIZE);
      slab.bytes.fill(i & 0xff, slab.base, slab.base + SIZE);
    });
    pool.scratch.bytes.fill(0xff, pool.scratch.base, pool.scratch.base + pool.scratch.sizeBytes);
    for (const [i, slab] of slabs.entries()) {
      expect(slab.bytes.subarray(slab.base, slab.base + SIZE).every((byte) => byte === (i & 0xff))).toBe(true);
    }
  });

  it('of the bulk size are lent for what is longer, as long as there are any', () => {
    const pool = new SlabPool(SIZE, 1000);
    expect(pool.takeFor(SIZE)?.sizeBytes).toBe(SIZE);
    expect(pool.takeFor(SIZE + 1)).toBeNull();
    expect(pool.hasBulk).toBe(true);
    const bulk: Slab[] = [];
    while (pool.hasBulk) {
      const slab = pool.takeFor(pool.bulkBytes);
      if (slab === null) throw new Error('has bulk, gives none');
      expect(slab.sizeBytes).toBe(pool.bulkBytes);
      bulk.push(slab);
    }
    expect(pool.takeFor(SIZE + 1)).toBeNull();
    expect(pool.take()).not.toBeNull();
    const [first] = bulk;
    if (first !== undefined) pool.give(first);
    expect(pool.hasBulk).toBe(true);
    expect(pool.take()?.sizeBytes).toBe(SIZE);
  });

  it('that are as long as a bulk read are one kind', () => {
    const pool = new SlabPool(100_000, 10);
    expect(pool.bulkBytes).toBe(100_000);
    const slabs = takeAll(pool);
    for (const slab of slabs) pool.give(slab);
    expect(takeAll(pool).length).toBe(10);
  });

  it('are copied within one arena and between two, also where they overlap', () => {
    const pool = new SlabPool(SIZE, 2000);
    const slabs = takeAll(pool);
    const [a] = slabs;
    const b = slabs.at(-1);
    if (a === undefined || b === undefined) throw new Error('no slabs');
    expect(a.bytes).not.toBe(b.bytes);
    a.bytes.write('hello, world', a.base);
    copyBytes(a, a.base, a.base + 12, b, b.base + 100);
    expect(b.bytes.toString('latin1', b.base + 100, b.base + 112)).toBe('hello, world');
    copyBytes(a, a.base, a.base + 12, a, a.base + 5);
    expect(a.bytes.toString('latin1', a.base, a.base + 17)).toBe('hellohello, world');
  });
});
