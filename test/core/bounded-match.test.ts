import { describe, expect, it } from 'vitest';
import { indexWithin } from '../../src/core/bounded-match.ts';

describe('a pattern over what others sent', () => {
  it.each([
    [/ok/, 'not ok', 4],
    [/ok/, 'well', -1],
    [/o+k/, 'not oook', 4],
    [/o+k/, 'well', -1],
    [/^(a+)+$/, 'aaa', 0],
  ])('%s in %j: %i', (expression, text, index) => {
    expect(indexWithin(expression, text)).toBe(index);
  });

  it.each([/o/g, /o+/g])('%s is looked for from where it was told', (expression) => {
    expression.lastIndex = 2;
    expect(indexWithin(expression, 'of so')).toBe(4);
  });

  it.each([
    [/^(a+)+$/, `${'a'.repeat(60)}!`],
    [/foo.*bar/, 'foo'.repeat(1_000_000)],
  ])('%s ends on a text that is made for it', (expression, text) => {
    expect(indexWithin(expression, text)).toBe(null);
    // The next one has a time of its own.
    expect(indexWithin(/b+/, 'abc')).toBe(1);
  });
});
