import { describe, expect, it } from 'vitest';
import { median, percentile, ratios, settled, spread } from '../../bench/statistics.mjs';

describe('medians', () => {
  it.each([
    { values: [3, 1, 2], middle: 2 },
    { values: [4, 1, 3, 2], middle: 2.5 },
    { values: [7], middle: 7 },
    { values: [10, 9, 100], middle: 10 },
  ])('of $values is $middle', ({ values, middle }) => {
    expect(median(values)).toBe(middle);
  });

  it('leave out what is no number, and are none of nothing', () => {
    expect(median([Number.NaN, 5, Number.POSITIVE_INFINITY])).toBe(5);
    expect(median([])).toBeNaN();
    expect(median([Number.NaN])).toBeNaN();
  });

  it('leave their list in its order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('the spread of rounds', () => {
  it('is median, least and most', () => {
    expect(spread([5, 1, 3, Number.NaN])).toEqual({ median: 3, least: 1, most: 5 });
  });

  it('is unknown where nothing was measured', () => {
    expect(spread([])).toEqual({ median: Number.NaN, least: Number.NaN, most: Number.NaN });
  });
});

describe('ratios', () => {
  it('are taken within each round, so that a drift of the machine cancels', () => {
    // The machine got twice as slow in the middle: the ratio of medians would be 1.
    expect(ratios([8, 16, 8], [10, 20, 10])).toEqual([0.8, 0.8, 0.8]);
  });

  it('are unknown in rounds without a base', () => {
    expect(ratios([1, 2], [2])).toEqual([0.5, Number.NaN]);
  });
});

describe('percentiles', () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  it.each([
    { share: 0.5, value: 50 },
    { share: 0.99, value: 99 },
    { share: 0.999, value: 100 },
    { share: 0, value: 1 },
  ])('of 1 to 100, $share of them are at most $value', ({ share, value }) => {
    expect(percentile(hundred, share)).toBe(value);
  });

  it('are unknown of nothing', () => {
    expect(percentile([], 0.5)).toBeNaN();
  });
});

describe('a count that sinks while code is compiled', () => {
  it.each([
    { values: [100, 100], is: false },
    { values: [400, 100, 102, 101], is: true },
    { values: [400, 200, 101, 100], is: false },
    { values: [100, 105, 110], is: false },
  ])('$values: settled $is', ({ values, is }) => {
    expect(settled(values, 0.05)).toBe(is);
  });
});
