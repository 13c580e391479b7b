/** Commands are cut into words as keepalived cuts them (lib/parser.c, alloc_strvec_quoted_escaped). */
import { describe, expect, it } from 'vitest';
import { LineText } from '../../../src/config/keepalived/line-text.ts';
import { readCommand, splitQuoted } from '../../../src/config/keepalived/script-command.ts';
import { ProblemSink } from '../../../src/config/keepalived/source.ts';
import { Statement } from '../../../src/config/keepalived/statement.ts';

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

describe('what only a shell knows', () => {
  const said = (command: string): readonly string[] => {
    const sink = new ProblemSink();
    const raw = LineText.of(`misc_path ${command}`);
    const words = [{ text: 'misc_path', column: 1, quoted: false }];
    readCommand(new Statement({ file: 'k.conf', line: 1 }, words, raw, sink), false);
    return sink.problems.map(({ code, message }) => `${code}: ${message}`);
  };

  it.each<[string, string | null]>([
    ['"/bin/dig @10.0.0.1 > /dev/null"', '>'],
    ['"/bin/dig @10.0.0.1 >/dev/null 2>&1"', '>/dev/null'],
    ['"/bin/dig @10.0.0.1 2>&1"', '2>&1'],
    ['"/bin/nc -z 10.0.0.1 53 || exit 1"', '||'],
    ['"/bin/a | /bin/b"', '|'],
    [`"/bin/sh -c '/bin/a > /dev/null || exit 1'"`, null],
    ['"/bin/a -> b a|b x&y"', null],
  ])('%s', (command, word) => {
    expect(said(command)).toEqual(
      word === null
        ? []
        : [`no-shell: there is no shell: '${command.split(' ')[0]?.slice(1)}' gets '${word}' as an argument`],
    );
  });
});
