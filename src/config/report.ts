/**
 * A problem as one line of text, the way compilers print them: editors and people know where to click.
 *
 *   haproxy.cfg:12:5: error: unknown keyword 'blance'; did you mean 'balance'?
 */
import type { Problem } from '../core/problem.ts';

export function formatProblem(problem: Problem): string {
  const { file, line, column, severity, message, hint } = problem;
  const place = `${printable(file)}:${line}:${column}`;
  return `${place}: ${severity}: ${printable(message)}${hint === undefined ? '' : `; ${printable(hint)}`}`;
}

/** Configurations are text from elsewhere: control characters must not reach a terminal as they are. */
function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
