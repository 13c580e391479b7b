/** A warning of `tandem check` about this box, where the line is that asks for it. */
import type { Origin } from '../config/model.ts';
import type { Problem } from '../core/problem.ts';

export function boxWarning(code: string, { file, line }: Origin, message: string, hint?: string): Problem {
  const problem = { severity: 'warning' as const, code, file, line, column: 1, message };
  return hint === undefined ? problem : { ...problem, hint };
}
