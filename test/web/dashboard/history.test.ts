import { describe, expect, it } from 'vitest';
import { areaPath, linePath, niceBytes, niceTop } from '../../../src/web/dashboard/page/geometry.ts';
import { Growth, Series } from '../../../src/web/dashboard/page/history.ts';
import { placeOf, SPANS_MS, spanFor } from '../../../src/web/dashboard/page/span.ts';

describe('a series', () => {
  it('keeps the last values, however many come', () => {
    const series = new Series();
    for (let i = 0; i < 1000; i++) series.push(i * 1000, i);
    expect(series.length).toBe(256);
    expect([series.timeAt(0), series.valueAt(0)]).toEqual([744_000, 744]);
    expect([series.timeAt(255), series.last]).toEqual([999_000, 999]);
    expect(series.maxSince(998_000)).toBe(999);
    expect(series.valueAt(series.closest(900_400))).toBe(900);
  });

  it('takes what comes soon again in place of the last', () => {
    const series = new Series();
    series.push(0, 1);
    series.push(1000, 2);
    series.push(1100, 3);
    series.push(1200, 4);
    series.push(2100, 5);
    expect([0, 1, 2, 3].map((at) => [series.timeAt(at), series.valueAt(at)])).toEqual([
      [0, 1],
      [1000, 2],
      [1200, 4],
      [2100, 5],
    ]);
    expect(series.length).toBe(4);
  });

  it('has nothing at first', () => {
    const series = new Series();
    expect([series.last, series.maxSince(0), series.closest(5)]).toEqual([0, 0, -1]);
  });
});

describe('growth', () => {
  it('is what is added in a second; unknown at first, nothing when a counter begins anew', () => {
    const growth = new Growth();
    expect(growth.look(1000, 50)).toBe(null);
    expect(growth.look(3000, 70)).toBe(10);
    // Too soon to say.
    expect(growth.look(3100, 90)).toBe(10);
    expect(growth.look(4000, 90)).toBe(20);
    expect(growth.look(5000, 3)).toBe(0);
    expect(growth.look(6000, 8)).toBe(5);
  });
});

describe('lines', () => {
  const frame = { width: 100, height: 50, fromMs: 0, toMs: 10_000, top: 10 };

  it('go through the values, and are closed to areas', () => {
    const series = new Series();
    series.push(0, 0);
    series.push(5000, 5);
    series.push(10_000, 20);
    expect(linePath(series, frame)).toBe('M0 50L50 25L100 0');
    expect(areaPath(series, frame)).toBe('M0 50L0 50L50 25L100 0V50Z');
  });

  it('come from before the left side', () => {
    const series = new Series();
    series.push(-5000, 10);
    series.push(5000, 10);
    expect(linePath(series, frame)).toBe('M-50 0L50 0');
  });

  it('have gaps where nothing is known', () => {
    const series = new Series();
    for (const timeMs of [0, 1000, 20_000, 21_000]) series.push(timeMs, 10);
    const wide = { ...frame, toMs: 100_000 };
    expect(linePath(series, wide)).toBe('M0 0L1 0M20 0L21 0');
    expect(areaPath(series, wide)).toBe('M0 50L0 0L1 0V50ZM20 50L20 0L21 0V50Z');
  });

  it('are empty without values', () => {
    expect([linePath(new Series(), frame), areaPath(new Series(), frame)]).toEqual(['', '']);
  });
});

describe('scales', () => {
  it.each<[number, number, number]>([
    [0, 10, 10],
    [10, 10, 10],
    [10.1, 10, 20],
    [23, 10, 25],
    [26, 10, 50],
    [51, 10, 100],
    [0.3, 0.1, 0.5],
  ])('for %d, at least %d, end at %d', (max, least, top) => expect(niceTop(max, least)).toBeCloseTo(top));

  it.each<[number, number]>([
    [0, 1024],
    [1500, 2048],
    [150_000, 200 * 1024],
    [600 * 1024, 1024 ** 2],
    [3 * 1024 ** 2, 5 * 1024 ** 2],
  ])('for %d bytes end at %d', (max, top) => expect(niceBytes(max)).toBe(top));
});

describe('the time line', () => {
  it('shows the shortest span that has the last two dozen events', () => {
    const now = 1e12;
    expect(spanFor([], now)).toBe(SPANS_MS[0]);
    expect(spanFor([now - 1000], now)).toBe(300_000);
    expect(spanFor([now - 1000, now - 400_000], now)).toBe(900_000);
    const many = Array.from({ length: 100 }, (_, at) => now - at * 1000);
    expect(spanFor([...many, now - 1e10], now)).toBe(300_000);
    expect(spanFor([now - 1e13], now)).toBe(SPANS_MS.at(-1));
  });

  it('has now at its right end', () => {
    expect([placeOf(1000, 1000, 100), placeOf(950, 1000, 100), placeOf(899, 1000, 100)]).toEqual([1, 0.5, null]);
    // A clock that was set back.
    expect(placeOf(2000, 1000, 100)).toBe(1);
  });
});
