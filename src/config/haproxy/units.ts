/**
 * Numbers with units: `25s`, `1500`, `10k` (configuration.txt 2.5 "Time format"). Pure; the callers report problems.
 */
export type UnitResult =
  | { readonly value: number; readonly error: null; readonly trailing?: string }
  | { readonly value: null; readonly error: 'overflow' | 'underflow' | 'syntax' };

/** HAProxy keeps times in 31 bits of milliseconds: about 24.8 days. */
const MAX_TIME = 0x7fffffff;
const MAX_SIZE = 0xffffffff;

const MICROSECONDS: Readonly<Record<string, number>> = {
  us: 1,
  ms: 1_000,
  s: 1_000_000,
  m: 60_000_000,
  h: 3_600_000_000,
  d: 86_400_000_000,
};

export type TimeUnit = 'ms' | 's';

/**
 * A time in `unit`, rounded up; a number without a unit is already in `unit`. Characters after the unit are given back as
 * `trailing`: HAProxy 2.6 only warns about them.
 */
export function parseTime(text: string, unit: TimeUnit = 'ms'): UnitResult {
  const match = /^(\d+)(us|ms|s|m|h|d)?(.*)$/s.exec(text);
  if (match === null) return { value: null, error: 'syntax' };
  const [, digits = '', suffix, trailing = ''] = match;
  if (suffix === undefined && trailing !== '') return { value: null, error: 'syntax' };
  const written = Number(digits);
  const scale = suffix === undefined ? 1 : (MICROSECONDS[suffix] ?? 1) / (MICROSECONDS[unit] ?? 1);
  const value = scale >= 1 ? written * scale : Math.ceil(written / Math.round(1 / scale));
  if (value > MAX_TIME) return { value: null, error: 'overflow' };
  return trailing === '' ? { value, error: null } : { value, error: null, trailing };
}

/** A size in bytes, with `k`, `m` or `g` for powers of 1024. */
export function parseSize(text: string): UnitResult {
  const match = /^(\d+)([kKmMgG]?)$/.exec(text);
  if (match === null) return { value: null, error: 'syntax' };
  const [, digits = '', suffix = ''] = match;
  const value = Number(digits) * 1024 ** ' kmg'.indexOf(suffix === '' ? ' ' : suffix.toLowerCase());
  return value > MAX_SIZE ? { value: null, error: 'overflow' } : { value, error: null };
}
