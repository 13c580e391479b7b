import { describe, expect, it } from 'vitest';
import { pcreExpression } from '../../src/core/pcre.ts';

describe('an expression means what it means to PCRE', () => {
  it.each([
    ['^a$', 'a\n', true],
    ['^a$', 'a\n\n', false],
    ['^a\\$', 'a$', true],
    ['^[$]$', '$', true],
    ['^[]$]+$', ']$', true],
    ['^[^]x]$', ']', false],
    ['^[^]x]$', 'y', true],
    ['(a|b)$', 'xb', true],
    ['(?i)^abc', 'ABCD', true],
    ['^[[:digit:]x]+$', '12x', true],
    ['^[[:digit:]x]+$', '12:', false],
    ['^[^[:space:]]+$', 'a b', false],
    ['^[[:punct:]]+$', '!/@[`~', true],
    ['\\Aab\\z', 'ab', true],
    ['\\Aab\\z', 'ab\n', false],
    ['\\Aab\\Z', 'ab\n', true],
    ['a\\hb', 'a\tb', true],
    ['a[\\h]b', 'a b', true],
    ['a\\\\$', 'a\\', true],
  ])('%j of %j: %s', (expression, text, expected) => {
    expect(pcreExpression(expression).test(text)).toBe(expected);
  });

  it.each(['a++', '(?>a)', '(', '[a', 'a(?i)b'])('%j is refused', (expression) => {
    expect(() => pcreExpression(expression)).toThrow(SyntaxError);
  });
});
