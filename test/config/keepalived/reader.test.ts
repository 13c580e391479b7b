/** From files to lines: keepalived's reading rules, one table each. */
import { describe, expect, it } from 'vitest';
import { readLines } from '../../../src/config/keepalived/reader.ts';
import { type LoadContext, ProblemSink } from '../../../src/config/keepalived/source.ts';

const FILES: Readonly<Record<string, string>> = {
  '/etc/k/a.conf': 'from a\n',
  '/etc/k/b.conf': 'from b\n',
  '/etc/k/.hidden.conf': 'from hidden\n',
  '/etc/k/sub/c.conf': 'from c\ninclude d.inc\n',
  '/etc/k/sub/d.inc': 'from d\n',
  '/etc/k/loop.conf': 'include loop.conf\n',
};

const context: LoadContext = {
  env: { HOME: '/root' },
  readFile: (path) => {
    const text = FILES[path];
    if (text === undefined) throw new Error('no such file');
    return Buffer.from(text);
  },
  listFolder: (path) => {
    const under = Object.keys(FILES).filter((name) => name.startsWith(`${path === '/' ? '' : path}/`));
    return [...new Set(under.map((name) => name.slice(path === '/' ? 1 : path.length + 1).split('/')[0] ?? ''))];
  },
  hostname: 'lb1',
  folder: '/work',
  random: () => 0.5,
};

function read(text: string, more: Partial<LoadContext> = {}): { lines: string[]; codes: string[] } {
  const sink = new ProblemSink();
  const lines = readLines([{ name: '/etc/k/main.conf', text }], { ...context, ...more }, sink);
  return { lines: lines.map(({ line }) => line.text), codes: sink.problems.map(({ code }) => code) };
}

const rows = (table: readonly (readonly [string, readonly string[]])[]) =>
  it.each(table)('%j', (text, expected) => {
    const { lines, codes } = read(text);
    expect(lines).toEqual(expected);
    expect(codes).toEqual([]);
  });

describe('comments', () => {
  rows([
    ['a # b', ['a']],
    ['a ! b', ['a']],
    ['eth0#x', ['eth0']],
    ['eth0!x', ['eth0']],
    ['"a # b" c', ['"a # b" c']],
    ['"a ! b"!c', ['"a ! b"']],
    ['a \\# b \\! c # d', ['a # b ! c']],
    ['"a \\# b"', ['"a \\# b"']],
    ['  \t\n#\n!\n\t a \t\r\n', ['a']],
    ['a # "not a quote', ['a']],
  ]);

  it('want their quotes closed', () => {
    expect(read('a "b\nc').codes).toEqual(['open-quote']);
    expect(read('a "b # c"').lines).toEqual(['a "b # c"']);
  });
});

describe('definitions', () => {
  rows([
    ['$A=1\nx $A', ['x 1']],
    [`$A = 1\nx \${A}`, ['x 1']],
    [`$A=1\nx \${A}y`, ['x 1y']],
    ['$A=1\nx f($A,$A)', ['x f(1,1)']],
    ['$A=$B c\n$B=1\nx $A', ['x 1 c']],
    ['$A=1\n$A=2\nx $A', ['x 2']],
    ['$A=one # comment\nx $A', ['x one']],
    ['$A=\nx $A y', ['x  y']],
    ['$A= \\\n  b 1 \\\n  c 2\n$A\nd', ['b 1', 'c 2', 'd']],
    ['$A= \\\n  b 1 \\\n\n$A\nd', ['b 1', 'd']],
    ['$A=b \\\n  c\nx $A', ['x b', 'c']],
    ['$A=~SEQ(n, 2)\n$A x $n', ['x 1', 'x 2']],
    ['x "$5" "$HOME,"', ['x "$5" "$HOME,"']],
    [`x "\${_HASH}\${_BANG}" \${_PWD}`, ['x "#!" /work']],
    [`x \${_HASH} y`, ['x']],
    [`x \${_ENV HOME} \${_ENV NOTHING}y`, ['x /root y']],
    [`x \${_RANDOM 1 10} \${_RANDOM 4}`, ['x 6 2']],
  ]);

  it('have to come to an end', () => {
    expect(read('$A=$A\nx $A').codes).toEqual(['endless-line']);
    expect(read('$A=$B $B\n$B=$A $A\nx $A\ny')).toEqual({ lines: ['y'], codes: ['endless-line'] });
    expect(read('$A= \\\n $A \\\n $A\n$A').codes).toEqual(['endless-line']);
  });

  it('that are not there stay, with a warning, and without one in quotes', () => {
    expect(read(`x $NO \${NO} "$NO "`)).toEqual({
      lines: [`x $NO \${NO} "$NO "`],
      codes: ['undefined-name', 'undefined-name'],
    });
  });

  it('are the only place where a backslash joins lines', () => {
    expect(read('a \\\nb').codes).toEqual(['line-continuation']);
  });
});

describe('repetitions', () => {
  rows([
    ['~SEQ(n, 3) a $n', ['a 1', 'a 2', 'a 3']],
    [`~SEQ(n, 5, 7) a\${n}b`, ['a5b', 'a6b', 'a7b']],
    ['~SEQ(n, 7, 5) $n', ['7', '6', '5']],
    ['~SEQ(n, 1, 4, 10) $n', ['1', '5', '9']],
    ['~SEQx(n, 8, 12) $n', ['8', '9', 'a', 'b', 'c']],
    ['~SEQ(n, 0x10, 0x11) $n', ['16', '17']],
    ['~SEQ(n, -2) $n', ['-1', '-2']],
    ['~SEQ(i, 2) ~SEQ(j, 2) $i $j', ['1 1', '1 2', '2 1', '2 2']],
    ['$N=2\n~SEQ(n, $N) $n', ['1', '2']],
    ['~LST(n, x, y) a $n', ['a x', 'a y']],
    [`~LST({a, b}, {1, 2}, {3}) $a:\${b}`, ['$a:2', '$a:']],
    [`~LST({a, b}, {1, 2}, {3, 4}) \${a}:\${b}`, ['1:2', '3:4']],
  ]);

  it.each([
    '~SEQ(n) a',
    '~SEQ n, 3 a',
    '~SEQ(n, 1, -1, 3) a',
    '~SEQ(n, 1, 0, 3) a',
    '~LST(n) a',
    '~LST(n, {a, b}) c',
    '~SEQ(n, 999999999) a',
  ])('%s is none', (text) => {
    expect(read(text)).toEqual({ lines: [], codes: ['bad-repetition'] });
  });
});

describe('lines for one host', () => {
  rows([
    ['@lb1 a', ['a']],
    ['@lb2 a', []],
    ['@^lb1 a', []],
    ['@^lb2 a', ['a']],
    ['@lb1 $A=1\nx $A', ['x 1']],
    ['@lb2 $A=1\n$A=2\nx $A', ['x 2']],
    ['@lb1', []],
    ['@lb1 @^lb2 a', ['a']],
  ]);

  it('go by -i where it is given', () => {
    expect(read('@lb1 a\n@node7 b', { configId: 'node7' }).lines).toEqual(['b']);
  });
});

describe('include', () => {
  rows([
    ['a\ninclude a.conf\nb', ['a', 'from a', 'b']],
    ['include ?.conf', ['from a', 'from b']],
    ['include {b,a}.conf', ['from b', 'from a']],
    ['include "[!a].conf"', ['from b']],
    ['include /etc/k/sub/*.conf', ['from c', 'from d']],
    ['include */c.conf', ['from c', 'from d']],
    ['include "a.conf"', ['from a']],
    ['include nothing*.conf', []],
    [`$F=a\ninclude \${F}.conf`, ['from a']],
  ]);

  it('of one file that is not there is told, of a strict one is an error', () => {
    expect(read('include no.conf').codes).toEqual(['unreadable-file']);
    expect(read('includer no.conf').codes).toEqual(['unreadable-file']);
    expect(read('includew no*.conf').codes).toEqual(['unreadable-file']);
    expect(read('include no*.conf', { strictIncludes: true }).codes).toEqual(['unreadable-file']);
  });

  it('of itself ends', () => {
    expect(read('include loop.conf\nb')).toEqual({ lines: ['b'], codes: ['include-depth'] });
  });
});

it('points at the column in the file, through comments and definitions', () => {
  const sink = new ProblemSink();
  const [, line] = readLines([{ name: 'f', text: '$A=long value\n  x $A y' }], context, sink).map((one) => one.line);
  const [only] = readLines([{ name: 'f', text: '$A=long value\n  x $A y' }], context, sink).map((one) => one.line);
  expect(line).toBeUndefined();
  expect(only?.text).toBe('x long value y');
  expect(only?.columnAt(0)).toBe(3);
  expect(only?.columnAt(4)).toBe(5);
  expect(only?.columnAt(13)).toBe(8);
});
