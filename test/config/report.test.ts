/** A problem as one line that editors understand. */
import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../src/config/report.ts';

const problem = { severity: 'error', code: 'x', file: 'a.cfg', line: 3, column: 5, message: 'no good' } as const;

describe('a problem', () => {
  it('says where, how bad, what, and what to write', () => {
    expect(formatProblem(problem)).toBe('a.cfg:3:5: error: no good');
    expect(formatProblem({ ...problem, hint: 'better' })).toBe('a.cfg:3:5: error: no good; better');
  });

  it('brings no control characters of a file to the terminal', () => {
    expect(formatProblem({ ...problem, message: 'a\u001b[31m\n\u0085b' })).toBe(
      'a.cfg:3:5: error: a\\x1b[31m\\x0a\\x85b',
    );
  });
});
