import { describe, expect, it } from 'vitest';
import { LATENESS_BOUNDS_MS, Lateness } from '../../src/vrrp/lateness.ts';
import { FakePair } from '../support/fake-pair.ts';

const CONF = `
vrrp_instance VI_1 {
  state MASTER
  interface eth0
  virtual_router_id 51
  priority 255
  advert_int 1
  virtual_ipaddress { 10.77.0.100/24 }
}
`;

/** How many were late by more than the bound before, up to this one. */
function sizes({ counts }: Lateness): Record<string, number> {
  const names = [...LATENESS_BOUNDS_MS.map(String), 'more'];
  return Object.fromEntries(names.map((name, i) => [name, counts[i] ?? -1]).filter(([, count]) => count !== 0));
}

describe('lateness', () => {
  it.each([
    [[0, 0.5, 1], { 1: 3 }],
    [[1.01, 2, 3], { 2: 2, 5: 1 }],
    [[3000, 3000.5, 1e9], { 3000: 1, more: 2 }],
    // A clock that is read once a turn may be a little behind.
    [[-1], { 1: 1 }],
  ])('of %j is counted by size', (lates, expected) => {
    const lateness = new Lateness();
    for (const late of lates) lateness.note(late);
    expect(sizes(lateness)).toEqual(expected);
    expect(lateness.maxMs).toBe(Math.max(0, ...lates));
    expect(lateness.sumMs).toBeCloseTo(lates.reduce((sum, late) => sum + Math.max(0, late), 0));
  });

  it('of a master is that of the adverts that were due, not of the first one', async () => {
    const box = new FakePair();
    expect(await box.start(CONF)).toEqual([]);
    const statistics = () => box.pair.view().instances[0]?.statistics ?? null;
    expect(statistics()?.advertsSent).toBe(1);
    expect(statistics()?.lateness.counts.every((count) => count === 0)).toBe(true);
    await box.time.advance(3000);
    expect(sizes(statistics()?.lateness ?? new Lateness())).toEqual({ 1: 3 });
    box.time.suspend(1150);
    await box.time.advance(0);
    expect(sizes(statistics()?.lateness ?? new Lateness())).toEqual({ 1: 3, 200: 1 });
    expect(statistics()?.lateness.maxMs).toBeCloseTo(150);
  });

  it('is that of the late one, too, when it has first read what had arrived', async () => {
    const box = new FakePair();
    await box.start(CONF);
    box.time.suspend(3500);
    await box.time.advance(0);
    const lateness = box.pair.view().instances[0]?.statistics.lateness ?? new Lateness();
    expect(sizes(lateness)).toEqual({ 3000: 1 });
    expect(lateness.maxMs).toBeCloseTo(2500);
  });

  it('is forgotten with the other statistics', async () => {
    const box = new FakePair();
    await box.start(CONF);
    await box.time.advance(2000);
    box.pair.clearStatistics();
    expect(box.pair.view().instances[0]?.statistics.lateness).toEqual(new Lateness());
  });
});
