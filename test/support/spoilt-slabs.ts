/** A slab pool that notices who uses what was given back. */
import type { Slab, SlabPool } from '../../src/sys/slabs.ts';

export const SPOILT = 0xee;

/** Who gives a slab back may not look at it any more, and may not give it back twice. */
export function spoilGivenSlabs(slabs: SlabPool): void {
  const lent = new Set<Slab>();
  const note = (slab: Slab | null): Slab | null => {
    if (slab !== null) lent.add(slab);
    return slab;
  };
  const take = slabs.take.bind(slabs);
  const takeFor = slabs.takeFor.bind(slabs);
  const give = slabs.give.bind(slabs);
  slabs.take = () => note(take());
  slabs.takeFor = (lengthBytes) => note(takeFor(lengthBytes));
  slabs.give = (slab) => {
    if (!lent.delete(slab)) throw new Error('gives a slab back that was not lent');
    slab.bytes.fill(SPOILT, slab.base, slab.base + slab.sizeBytes);
    give(slab);
  };
}
