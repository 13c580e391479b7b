import { describe, expect, it } from 'vitest';
import { PLAIN_EXPECT } from '../../src/config/check-model.ts';
import { matchBytes, wantedBytes } from '../../src/health/expect-bytes.ts';
import { Patterns } from '../../src/health/patterns.ts';

const all = new Patterns();

describe('expected bytes', () => {
  const pong = { what: 'string', bytes: '+PONG' } as const;
  it.each([
    ['are there', pong, 'say +PONG', false, null, 'matches'],
    ['may still come', pong, '+PON', false, null, 'wait'],
    ['are too few to look at', pong, '-ER', false, 0, 'wait'],
    ['may still come behind others', pong, '-ERR no', false, null, 'wait'],
    ['are not there where enough is', pong, '-ERR no', false, 0, 'differs'],
    ['are there, but not enough', pong, '+PONG', false, 6, 'wait'],
    ['are there, with all that comes', pong, '+PONG', true, 6, 'matches'],
    ['did not come', pong, '+PON', true, null, 'differs'],
    ['fit an expression', { what: 'rstring', expression: '^\\+P[A-Z]+G\\r$' }, '+PONG\r\n', false, null, 'matches'],
    ['do not fit an expression', { what: 'rstring', expression: '^P' }, '+PONG', true, null, 'differs'],
    ['fit an expression in hexadecimal', { what: 'rbinary', expression: '^2B5[0]4F' }, '+PO', false, null, 'matches'],
  ] as const)('%s', (_, pattern, received, last, minBytes, expected) => {
    const found = wantedBytes(pattern, '');
    const wanted = 'wanted' in found ? found.wanted : '';
    expect(matchBytes({ ...PLAIN_EXPECT, step: 1, pattern, minBytes }, received, last, wanted, all)).toBe(expected);
  });
});

describe('what a pattern looks for', () => {
  it.each([
    [{ what: 'binary', bytes: '\0\xff' }, '', { wanted: '\0\xff' }],
    [{ what: 'string-lf', text: [] }, 'ab', { wanted: 'ab' }],
    [{ what: 'string-lf', text: [] }, '', { why: 'log-format string evaluated to an empty string' }],
    [{ what: 'binary-lf', text: [] }, '00fF', { wanted: '\0\xff' }],
    [
      { what: 'binary-lf', text: [] },
      '00f',
      { why: 'Failed to parse hexastring resulting of eval of a log-format string' },
    ],
  ] as const)('%j, %j', (pattern, text, expected) => {
    expect(wantedBytes(pattern, text)).toEqual(expected);
  });
});
