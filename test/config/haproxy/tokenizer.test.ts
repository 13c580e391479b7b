/** A line becomes words by HAProxy's rules of quoting, escaping and environment variables. */
import { describe, expect, it } from 'vitest';
import { tokenize } from '../../../src/config/haproxy/tokenizer.ts';
import { SeededRandom } from '../../support/random.ts';

const env = { A: 'value', EMPTY: '', LIST: 'one  two three', _x1: 'under' };
const place = { file: 'haproxy.cfg', line: 7, section: 'web' };
const read = (line: string) => tokenize(line, env, place);
const words = (line: string) => read(line).words?.map((word) => word.text);
/** `$`{…} as in a configuration, out of the reach of the linter's eye for template strings. */
const $ = (name: string): string => `$\{${name}}`;

describe('words', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['   \t ', []],
    ['# only a comment', []],
    ['one', ['one']],
    ['  one \t two  ', ['one', 'two']],
    ['one#two three', ['one']],
    ['one \\# two', ['one', '#', 'two']],
    ['"a # b" c', ['a # b', 'c']],
    ["'a \" b' c", ['a " b', 'c']],
    ['"a \' b" c', ["a ' b", 'c']],
    ['ab"c d"ef', ['abc def']],
    ['a\\ b', ['a b']],
    ['a\\\\b', ['a\\b']],
    ['a\\"b', ['a"b']],
    ["a\\'b", ["a'b"]],
    ["'a\\nb'", ['a\\nb']],
    ['a\\tb\\nc\\rd', ['a\tb\nc\rd']],
    ['\\x41\\x7a', ['Az']],
    ['\\1\\z', ['\\1\\z']],
    ['end\\', ['end\\']],
    ['one\rtwo', ['one']],
    ['one \rtwo', ['one', 'two']],
    ['"" x', ['', 'x']],
    ['x ""', ['x', '']],
    ['"one" "two"', ['one', 'two']],
  ])('%j', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it('know their column', () => {
    expect(read('  one "two three"  four').words).toEqual([
      { text: 'one', column: 3 },
      { text: 'two three', column: 7 },
      { text: 'four', column: 20 },
    ]);
  });

  it('are at most 64', () => {
    expect(words('x '.repeat(64).trimEnd())).toHaveLength(64);
    expect(read('x '.repeat(65).trimEnd()).error?.code).toBe('too-many-words');
  });
});

describe('environment variables', () => {
  it.each<[string, string[]]>([
    [`"${$('A')}"`, ['value']],
    ['"$A"', ['value']],
    ['"$A-x"', ['value-x']],
    [`"a${$('A')}b"`, ['avalueb']],
    [`"${$('NOT_SET')}x"`, ['x']],
    [`"${$('NOT_SET-a default')}"`, ['a default']],
    [`"${$('A-a default')}"`, ['value']],
    [`"${$('EMPTY-a default')}x"`, ['x']],
    [`"${$('LIST')}"`, ['one  two three']],
    [`"${$('LIST[*]')}"`, ['one', 'two', 'three']],
    [`"x${$('LIST[*]')}y"`, ['xone', 'two', 'threey']],
    [`"${$('NOT_SET[*]-a b')}"`, ['a', 'b']],
    [`"${$('_x1')}"`, ['under']],
    [`${$('A')}`, [$('A')]],
    [`'${$('A')}'`, [$('A')]],
    ['"\\$A"', ['$A']],
    [`"${$('.LINE')}:${$('.FILE')}:${$('.SECTION')}"`, ['7:haproxy.cfg:web']],
    [`"${$('constructor')}x"`, ['x']],
  ])('%s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });
});

describe('mistakes', () => {
  it.each<[string, string, number]>([
    ['a "b c', 'unmatched-quote', 3],
    ["a 'b c", 'unmatched-quote', 3],
    ['a \\x4', 'bad-hex-escape', 3],
    ['a \\xzz', 'bad-hex-escape', 3],
    ['"$1"', 'bad-variable-name', 3],
    ['"$"', 'bad-variable-name', 3],
    [`"${$('')}"`, 'bad-variable-name', 4],
    [`"${$('.NO')}"`, 'bad-variable-name', 4],
    ['"${A"', 'unmatched-brace', 3],
    ['"${A-b"', 'unmatched-brace', 3],
    [`"${$('A[x]')}"`, 'bad-word-expansion', 5],
  ])('%s: %s', (line, code, column) => {
    expect(read(line).error).toMatchObject({ code, column });
  });

  it('never throws, whatever the bytes are', () => {
    const random = new SeededRandom(20260801);
    const alphabet = [...' \t"\'\\#$', ...'{}[*]-.xA1\r\v\n\0é'];
    for (let round = 0; round < 20_000; round++) {
      let line = '';
      for (let i = random.below(24); i > 0; i--) line += alphabet[random.below(alphabet.length)];
      const { words: found, error } = read(line);
      expect((found === null) !== (error === null)).toBe(true);
    }
  });
});
