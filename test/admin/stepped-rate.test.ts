import { expect, it } from 'vitest';
import { SteppedRate } from '../../src/admin/stepped-rate.ts';

/** Rates seen by who looks once a second, of a counter that is read every `readS` seconds. */
function seen(readS: number, countAt: (second: number) => number, seconds: number): readonly number[] {
  const rate = new SteppedRate();
  return Array.from({ length: seconds }, (_, second) =>
    Math.round(rate.look(second * 1000, countAt(Math.floor(second / readS) * readS))),
  );
}

it.each([1, 2, 5])('is even, however seldom the counter is read: every %i s', (readS) => {
  const rates = seen(readS, (second) => 1000 + second * 10, 30);
  expect(new Set(rates.slice(2 * readS))).toEqual(new Set([10]));
  expect(rates.slice(0, 2 * readS).every((rate) => rate === 0)).toBe(true);
});

it('ends some time after the counter stands still, and begins again', () => {
  const rates = seen(5, (second) => (second < 20 ? second * 10 : second < 60 ? 200 : 200 + (second - 60) * 10), 90);
  expect([rates[19], rates[25], rates[40], rates[60], rates[80]]).toEqual([10, 10, 0, 0, 10]);
});

it('is no leap when the counter begins anew', () => {
  const rates = seen(1, (second) => (second < 5 ? 1_000_000 + second : second - 5), 10);
  expect(Math.max(...rates)).toBe(1);
});
