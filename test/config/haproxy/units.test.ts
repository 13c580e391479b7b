/** Times and sizes with units. */
import { describe, expect, it } from 'vitest';
import { parseSize, parseTime, type TimeUnit } from '../../../src/config/haproxy/units.ts';

describe('times', () => {
  it.each<[string, number, TimeUnit?]>([
    ['0', 0],
    ['1500', 1500],
    ['5ms', 5],
    ['5s', 5000],
    ['2m', 120_000],
    ['1h', 3_600_000],
    ['24d', 2_073_600_000],
    ['1000us', 1],
    ['1us', 1],
    ['1001us', 2],
    ['0us', 0],
    ['2147483647', 2_147_483_647],
    ['10', 10, 's'],
    ['1500ms', 2, 's'],
    ['1m', 60, 's'],
    ['00012s', 12_000],
  ])('%s is %d', (text, value, unit = 'ms') => {
    expect(parseTime(text, unit)).toEqual({ value, error: null });
  });

  it.each([
    ['2147483648', 'overflow'],
    ['25d', 'overflow'],
    ['99999999999999999999d', 'overflow'],
    ['', 'syntax'],
    ['s', 'syntax'],
    ['-5', 'syntax'],
    ['+5', 'syntax'],
    ['5x', 'syntax'],
    ['5u', 'syntax'],
    ['1.5s', 'syntax'],
    ['5 s', 'syntax'],
  ])('%j: %s', (text, error) => {
    expect(parseTime(text)).toEqual({ value: null, error });
  });

  it('gives back what stands behind the unit', () => {
    expect(parseTime('5sx')).toEqual({ value: 5000, error: null, trailing: 'x' });
  });
});

describe('sizes', () => {
  it.each([
    ['0', 0],
    ['16384', 16_384],
    ['4k', 4096],
    ['4K', 4096],
    ['2m', 2_097_152],
    ['1G', 1_073_741_824],
    ['4294967295', 4_294_967_295],
  ])('%s is %d', (text, value) => {
    expect(parseSize(text)).toEqual({ value, error: null });
  });

  it.each([
    ['4294967296', 'overflow'],
    ['4g', 'overflow'],
    ['4kb', 'syntax'],
    ['k', 'syntax'],
    ['', 'syntax'],
    ['-1', 'syntax'],
  ])('%j: %s', (text, error) => {
    expect(parseSize(text)).toEqual({ value: null, error });
  });
});
