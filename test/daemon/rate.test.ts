/** Counters that wrap, as numbers that do not; and events a second. */
import { describe, expect, it } from 'vitest';
import { Rate } from '../../src/daemon/rate.ts';
import { Tally } from '../../src/daemon/tally.ts';
import { SharedState } from '../../src/proxy/shared-state.ts';
import { SeededRandom } from '../support/random.ts';

const memory = () =>
  new SharedState(new ArrayBuffer(4096), {
    threads: 1,
    servers: 0,
    proxies: 0,
    listeners: 0,
    capturesAt: 4096,
    sizeBytes: 4096,
  });

describe('a tally', () => {
  it.each([1, 2, 3])('is the sum of what was counted, however the memory wraps (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    const state = memory();
    const tally = new Tally(state);
    let sum = 0;
    for (let i = 0; i < 2000; i++) {
      const events = random.size(2 ** 31);
      state.add(5, events | 0);
      sum += events;
      expect(tally.count(5)).toBe(sum);
    }
  });

  it('has bytes beyond 32 bits, also while a carry is on its way', () => {
    const state = memory();
    const tally = new Tally(state);
    state.addBytes(8, 0xffff_ffff);
    expect(tally.bytes(8)).toBe(0xffff_ffff);
    // The low word has wrapped, the high one has not been written yet.
    state.set(8, 4);
    expect(tally.bytes(8)).toBe(0xffff_ffff);
    state.set(9, 1);
    expect(tally.bytes(8)).toBe(0x1_0000_0004);
  });

  it('begins anew when it is cleared, and the memory does not', () => {
    const state = memory();
    const tally = new Tally(state);
    state.add(3, 7);
    tally.count(3);
    tally.clear();
    expect(tally.count(3)).toBe(0);
    state.add(3, 2);
    expect([tally.count(3), state.get(3)]).toEqual([2, 9]);
  });
});

describe('a rate', () => {
  it('is this second and what is missing of the last one', () => {
    const rate = new Rate(0, 0);
    expect(rate.now(10, 500)).toBe(10);
    expect(rate.now(20, 1000)).toBe(20);
    expect(rate.now(20, 1500)).toBe(10);
    expect(rate.now(24, 1750)).toBe(9);
    expect(rate.now(24, 2000)).toBe(4);
    expect(rate.now(24, 3000)).toBe(0);
    expect(rate.max).toBe(20);
  });

  it('after a long time without a look is the mean of it, and something is never nothing', () => {
    const rate = new Rate(0, 0);
    expect(rate.now(100, 10_000)).toBe(10);
    expect(rate.now(101, 30_000)).toBe(1);
    expect(rate.max).toBe(10);
  });

  it('forgets its greatest value when told to', () => {
    const rate = new Rate(0, 0);
    rate.now(50, 1000);
    rate.clear(false);
    expect(rate.max).toBe(0);
    rate.now(52, 2000);
    expect(rate.max).toBe(2);
  });
});
