/** Commands are cut into words as keepalived cuts them (lib/parser.c, alloc_strvec_quoted_escaped). */
import { describe, expect, it } from 'vitest';
import { splitQuoted } from '../../../src/config/keepalived/script-command.ts';

describe('the words of a command', () => {
  it.each<[string, string[] | null]>([
    ['', []],
    ['  a\t b ', ['a', 'b']],
    ['"a b" c', ['a b', 'c']],
    ["'a b' c", ['a b', 'c']],
    ['a" b "c', ['a b c']],
    ['"it\'s"', ["it's"]],
    ['\'say "hi"\'', ['say "hi"']],
    ['"" x', ['', 'x']],
    ['a\\ b', ['a b']],
    ['\\"a\\"', ['"a"']],
    ['\\n\\t\\E', ['\n\t\x1b']],
    ['\\x41\\x4a', ['AJ']],
    ['\\101\\60', ['A0']],
    ['\\cA', ['\x01']],
    ['"a', null],
    ["a 'b", null],
    ['a\\', null],
  ])('%j', (text, words) => {
    expect(splitQuoted(text)).toEqual(words);
  });
});
