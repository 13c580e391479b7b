import { describe, expect, it } from 'vitest';
import { sameMeaning } from '../../src/config/same-meaning.ts';

const origin = (line: number) => ({ file: 'keepalived.conf', line });

describe('the same', () => {
  it.each([
    ['values', 5, 5],
    ['nothing', null, null],
    ['lists', [1, [2, 'a']], [1, [2, 'a']]],
    ['what is written elsewhere', { origin: origin(1), a: [{ origin: origin(2) }] }, { origin: origin(7), a: [{}] }],
    ['in another order', { a: 1, b: 2 }, { b: 2, a: 1 }],
    ['undefined and not there', { a: 1, b: undefined }, { a: 1 }],
    ['bytes', { a: Uint8Array.of(1, 2) }, { a: Uint8Array.of(1, 2) }],
  ])('%s', (_what, a, b) => {
    expect(sameMeaning(a, b)).toBe(true);
    expect(sameMeaning(b, a)).toBe(true);
  });
});

describe('not the same', () => {
  it.each([
    ['values', 5, '5'],
    ['nothing and something', null, {}],
    ['nothing and not there', { a: null }, {}],
    ['lists of other lengths', [1, 2], [1]],
    ['lists in another order', [1, 2], [2, 1]],
    ['a list and an object', [], {}],
    ['one more', { a: 1 }, { a: 1, b: 2 }],
    ['deep inside', { a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 2 }] } }],
    ['bytes', { a: Uint8Array.of(1, 2) }, { a: Uint8Array.of(1, 3) }],
    ['bytes, more of them', { a: Uint8Array.of(1) }, { a: Uint8Array.of(1, 3) }],
  ])('%s', (_what, a, b) => {
    expect(sameMeaning(a, b)).toBe(false);
    expect(sameMeaning(b, a)).toBe(false);
  });
});
