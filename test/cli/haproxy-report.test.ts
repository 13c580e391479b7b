import { expect, it } from 'vitest';
import { reportFatalErrors, reportProblems } from '../../src/cli/haproxy-report.ts';
import type { Problem } from '../../src/core/problem.ts';
import { haproxyJournal } from '../../src/daemon/journal.ts';

const problem: Problem = { severity: 'error', code: 'x', file: 'a.cfg', line: 3, column: 7, message: 'no such thing' };

function told(problems: readonly Problem[]): string[] {
  const lines: string[] = [];
  const journal = haproxyJournal((line) => lines.push(line), 42);
  reportProblems(problems, journal);
  return lines;
}

it.each([
  [problem, '[ALERT]    (42) : config : parsing [a.cfg:3] : no such thing\n'],
  [{ ...problem, hint: 'try that' }, '[ALERT]    (42) : config : parsing [a.cfg:3] : no such thing; try that\n'],
  [{ ...problem, severity: 'warning' }, '[WARNING]  (42) : config : parsing [a.cfg:3] : no such thing\n'],
  [{ ...problem, severity: 'notice' }, '[NOTICE]   (42) : config : parsing [a.cfg:3] : no such thing\n'],
  [
    { ...problem, code: 'cannot-bind', message: 'proxy web: x' },
    '[ALERT]    (42) : Binding [a.cfg:3] for proxy web: x\n',
  ],
  [{ ...problem, code: 'unknown-host' }, '[ALERT]    (42) : config : [a.cfg:3] : no such thing\n'],
] as const)("a problem has the shape of haproxy's lines: %#", (one, line) => {
  expect(told([one])).toEqual([line]);
});

it('what a file says cannot command a terminal', () => {
  expect(told([{ ...problem, message: 'a\u001b[31m\nb' }])).toEqual([
    '[ALERT]    (42) : config : parsing [a.cfg:3] : a\\x1b[31m\\x0ab\n',
  ]);
});

it('the last lines name each file with errors once', () => {
  const lines: string[] = [];
  const journal = haproxyJournal((line) => lines.push(line), 42);
  reportFatalErrors(
    [problem, problem, { ...problem, file: 'b.cfg' }, { ...problem, severity: 'warning', file: 'c.cfg' }],
    journal,
  );
  expect(lines).toEqual([
    '[ALERT]    (42) : config : Error(s) found in configuration file : a.cfg\n',
    '[ALERT]    (42) : config : Error(s) found in configuration file : b.cfg\n',
    '[ALERT]    (42) : config : Fatal errors found in configuration.\n',
  ]);
});
