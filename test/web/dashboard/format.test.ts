import { describe, expect, it } from 'vitest';
import {
  bytes,
  bytesPerSecond,
  count,
  duration,
  milliseconds,
  ofLimit,
  perSecond,
  plural,
} from '../../../src/web/dashboard/page/format.ts';

describe('figures for people', () => {
  it.each<[number, string]>([
    [0, '0'],
    [7, '7'],
    [7.5, '7.5'],
    [7.04, '7'],
    [42, '42'],
    [42.6, '42.6'],
    [999, '999'],
    [999.5, '1k'],
    [1000, '1k'],
    [1234, '1.23k'],
    [12_345, '12.3k'],
    [123_456, '123k'],
    [999_499, '999k'],
    [999_500, '1M'],
    [45_600_000, '45.6M'],
    [5e15, '5000T'],
  ])('%d is %s', (value, text) => expect(count(value)).toBe(text));

  it.each<[number, string]>([
    [0, '0 B'],
    [1023, '1023 B'],
    [1023.6, '1 KiB'],
    [1536, '1.5 KiB'],
    [69.4 * 1024, '69.4 KiB'],
    [200 * 1024, '200 KiB'],
    [2.25 * 1024 ** 2, '2.25 MiB'],
  ])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each<[number, string]>([
    [0, '0 ms'],
    [0.4, '0.4 ms'],
    [12.4, '12 ms'],
    [999, '999 ms'],
    [1250, '1.25 s'],
    [60_000, '60 s'],
  ])('%d ms are %s', (value, text) => expect(milliseconds(value)).toBe(text));

  it.each<[number, string]>([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [86_400_000, '1 d'],
    [(6 * 24 + 3) * 3_600_000, '6 d 3 h'],
  ])('%d ms last %s', (value, text) => expect(duration(value)).toBe(text));

  it('says units, limits and numbers of things', () => {
    expect(perSecond(1500)).toBe('1.5k/s');
    expect(bytesPerSecond(512)).toBe('512 B/s');
    expect(ofLimit(3, 0)).toBe('3');
    expect(ofLimit(3, 2000)).toBe('3 / 2k');
    expect(plural(1, 'server')).toBe('1 server');
    expect(plural(2, 'server')).toBe('2 servers');
  });
});
