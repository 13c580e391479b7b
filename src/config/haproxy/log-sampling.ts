/** `log … sample <ranges>:<size>`: `1,3-5:10` is the first and the third to fifth of ten lines. */
import type { LogSampling } from '../log-model.ts';
import type { Statement } from './statement.ts';

export function parseSampling(s: Statement, at: number): LogSampling | null {
  const written = s.text(at);
  const [ranges = '', size, ...rest] = written.split(':');
  if (size === undefined) {
    s.error(at, 'bad-value', 'the size of the sample is missing', 'for example: sample 1,3-5:10');
    return null;
  }
  const found: { from: number; to: number }[] = [];
  for (const word of ranges === '' ? [] : ranges.replace(/,$/, '').split(',')) {
    const match = /^0*([1-9]\d{0,8})(?:-0*([1-9]\d{0,8}))?$/.exec(word);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? from);
    if (match === null || (match[2] !== undefined && to <= from)) {
      s.error(at, 'bad-value', `wrong sample range '${word}'`, 'ranges count from 1: 1,3-5');
      return null;
    }
    if (found.some((other) => from <= other.to && to >= other.from)) {
      s.error(at, 'bad-value', 'ranges are overlapping');
      return null;
    }
    found.push({ from, to });
  }
  if (found.length === 0) {
    s.error(at, 'bad-value', 'no sampling ranges given', 'for example: sample 1:10');
    return null;
  }
  const count = /^\d{1,9}$/.test(size) && rest.length === 0 ? Number(size) : 0;
  const last = Math.max(...found.map(({ to }) => to));
  if (count === 0) s.error(at, 'bad-value', `wrong sample size '${size}' for sample range '${ranges}'`);
  else if (count < last) {
    s.error(at, 'bad-value', `sample size ${count} should be greater or equal to ${last}, the end of the last range`);
  } else return { ranges: found.sort((a, b) => a.from - b.from), size: count };
  return null;
}
