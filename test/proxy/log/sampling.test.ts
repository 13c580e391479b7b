/** `log … sample`: which lines a target gets. */
import { expect, it } from 'vitest';
import { Sampling } from '../../../src/proxy/log/sampling.ts';

// What haproxy 2.6.12 logs of the first twenty lines.
it.each([
  ['1:10', '1 11'],
  ['10:10', '10 20'],
  ['1,3-5:10', '1 3 4 5 11 13 14 15'],
  ['2-3:3', '2 3 5 6 8 9 11 12 14 15 17 18 20'],
  ['1:1', '1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20'],
])('%s', (written, expected) => {
  const [list = '', size] = written.split(':');
  const ranges = list.split(',').map((range) => {
    const [from, to] = range.split('-').map(Number);
    return { from: from ?? 0, to: to ?? from ?? 0 };
  });
  const sampling = new Sampling({ ranges, size: Number(size) });
  const got = Array.from({ length: 20 }, (_, i) => i + 1).filter(() => !sampling.skips());
  expect(got.join(' ')).toBe(expected);
});
