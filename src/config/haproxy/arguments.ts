/**
 * Words read as values: integers, times, names. Each reports what is wrong at the word and returns null then.
 */
import type { Statement } from './statement.ts';
import { parseTime, type TimeUnit } from './units.ts';

export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** An integer the way C's atol() reads it: HAProxy takes `12abc` as 12, so do we, but we say so. */
export function integerArgument(s: Statement, at: number, range: Range = {}): number | null {
  const text = s.text(at);
  const digits = /^\s*([-+]?\d+)/.exec(text)?.[1];
  const value = digits === undefined ? 0 : Number(digits);
  if (digits !== text) {
    const message = `'${text}' is not a whole number; it is read as ${value}, as HAProxy does`;
    s.warning(at, 'not-a-number', message, `write ${value}, or what you meant`);
  }
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER } = range;
  if (value >= min && value <= max) return value;
  const bounds = range.max === undefined ? `at least ${min}` : `between ${min} and ${max}`;
  s.error(at, 'bad-value', `'${s.text(at - 1)} ${text}': the value must be ${bounds}`);
  return null;
}

/** A time; `min: 1` refuses 0. */
export function timeArgument(s: Statement, at: number, unit: TimeUnit = 'ms', min = 0): number | null {
  const text = s.text(at);
  const result = parseTime(text, unit);
  const name = s.text(at - 1);
  if (result.error === 'overflow') {
    s.error(
      at,
      'time-overflow',
      `'${name} ${text}' is too long a time`,
      'the longest is 2147483647 ms, about 24.8 days',
    );
    return null;
  }
  if (result.error !== null) {
    s.error(at, 'bad-time', `'${name}' expects a time, not '${text}'`, 'a number with us, ms, s, m, h or d');
    return null;
  }
  if (result.value < min) {
    s.error(at, 'bad-time', `'${name}' must be longer than 0`);
    return null;
  }
  if (result.trailing !== undefined) {
    s.warning(
      at,
      'bad-time',
      `unexpected '${result.trailing}' after the time '${text}'`,
      'HAProxy will refuse this one day',
    );
  }
  return result.value;
}

/** A name of letters, digits and `.:_-`, as proxies and servers have. */
export function nameArgument(s: Statement, at: number, what: string): string | null {
  const text = s.text(at);
  const bad = /[^A-Za-z0-9.:_-]/.exec(text);
  if (bad === null) return text;
  s.error(at, 'bad-name', `character '${bad[0]}' is not permitted in the ${what} name '${text}'`);
  return null;
}

/** One of a few words. */
export function choiceArgument<T extends string>(s: Statement, at: number, choices: readonly T[]): T | null {
  const text = s.text(at);
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  const list = choices.map((choice) => `'${choice}'`).join(', ');
  s.error(at, 'bad-value', `'${s.text(at - 1)}' expects one of ${list}, not '${text}'`);
  return null;
}
