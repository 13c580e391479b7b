/**
 * Problems and messages in the shape of HAProxy's stderr, which its users' tools take apart:
 *
 *   [ALERT]    (1234) : config : parsing [haproxy.cfg:12] : unknown keyword 'blance' …
 *   [ALERT]    (1234) : Binding [haproxy.cfg:12] for proxy web: cannot bind socket (Address already in use) for […]
 */
import type { Problem } from '../core/problem.ts';
import type { Journal } from '../daemon/journal.ts';

export function reportProblems(problems: readonly Problem[], journal: Journal): void {
  for (const problem of problems) {
    const hint = problem.hint === undefined ? '' : `; ${problem.hint}`;
    const text = printable(`${place(problem)}${problem.message}${hint}`);
    if (problem.severity === 'error') journal.alert(text);
    else if (problem.severity === 'warning') journal.warning(text);
    else journal.notice(text);
  }
}

export function reportFatalErrors(problems: readonly Problem[], journal: Journal): void {
  const files = new Set(problems.filter(({ severity }) => severity === 'error').map(({ file }) => file));
  for (const file of files) journal.alert(printable(`config : Error(s) found in configuration file : ${file}`));
  journal.alert('config : Fatal errors found in configuration.');
}

/** HAProxy's three ways of saying where, by what went wrong. */
function place({ code, file, line }: Problem): string {
  switch (code) {
    case 'cannot-bind':
      return `Binding [${file}:${line}] for `;
    case 'unknown-host':
      return `config : [${file}:${line}] : `;
    default:
      return `config : parsing [${file}:${line}] : `;
  }
}

/** Configurations are text from elsewhere: control characters must not reach a terminal as they are. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
