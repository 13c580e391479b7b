import { describe, expect, it } from 'vitest';
import { nextDelayMs, startDelaysMs } from '../../src/health/schedule.ts';

describe('start of checks', () => {
  it('is spread over the interval by position', () => {
    expect(startDelaysMs([2000, 2000, 2000, 2000], null)).toEqual([0, 500, 1000, 1500]);
  });

  it('takes the shortest interval of at least a second where that is longer than its own', () => {
    expect(startDelaysMs([3000, 200, 5000], null)).toEqual([0, 1000, 3333]);
  });

  it('does not let a frequent check hurry the others', () => {
    expect(startDelaysMs([500, 500], null)).toEqual([0, 250]);
  });

  it('is bounded by max-spread-checks', () => {
    expect(startDelaysMs([10_000, 10_000], 100)).toEqual([0, 50]);
  });

  it('has nothing to do without checks', () => {
    expect(startDelaysMs([], null)).toEqual([]);
  });
});

describe('the next check', () => {
  it('comes after the interval without spread-checks, whatever chance says', () => {
    expect(nextDelayMs(2000, 0, 0.9)).toBe(2000);
  });

  it.each([
    [0, 2100],
    [0.5, 2000],
    [0.999, 1901],
  ])('strays by the percentage both ways: chance %d', (chance, expected) => {
    expect(nextDelayMs(2000, 5, chance)).toBe(expected);
  });
});
