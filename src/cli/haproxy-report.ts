/**
 * Problems and messages in the shape of HAProxy's stderr, which its users' tools take apart:
 *
 *   [ALERT]    (1234) : config : parsing [haproxy.cfg:12] : unknown keyword 'blance' …
 */
import type { Problem } from '../core/problem.ts';
import type { Journal } from '../daemon/journal.ts';

export function reportProblems(problems: readonly Problem[], journal: Journal): void {
  for (const problem of problems) {
    const line = `config : ${place(problem)} : ${problem.message}${problem.hint === undefined ? '' : `; ${problem.hint}`}`;
    const text = printable(line);
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

function place({ file, line }: Problem): string {
  return `parsing [${file}:${line}]`;
}

/** Configurations are text from elsewhere: control characters must not reach a terminal as they are. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
