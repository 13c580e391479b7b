/** What each loader promises of any text: a model or errors, and each problem with a place that is there. */

import { formatProblem } from '../../../src/config/report.ts';
import type { Problem } from '../../../src/core/problem.ts';
import type { Tally } from '../engine/tally.ts';
import { finding, type Verdict } from '../engine/target.ts';

interface Loaded {
  readonly model: object | null;
  readonly problems: readonly Problem[];
}

/** More problems than this for each word and line is work without end. */
const PROBLEMS_PER_WORD = 4;

/** `load` is called twice: the same text has the same meaning. `foreign`: files that a configuration can include. */
export function verdictOn(load: () => Loaded, file: string, text: string, foreign: boolean, tally: Tally): Verdict {
  const { model, problems } = load();
  const errors = problems.filter(({ severity }) => severity === 'error');
  if ((model === null) !== errors.length > 0) return finding('neither a model nor an error, or both', problems);
  const lines = text.split('\n');
  const words = text.split(/\s+/).length;
  if (problems.length > PROBLEMS_PER_WORD * (words + lines.length)) {
    return finding('more problems than words', problems.length);
  }
  for (const problem of problems) {
    const fault = placeFault(problem, file, lines, foreign);
    if (fault !== null) return finding(`a problem ${fault}`, problem);
    if (!/^[^\x00-\x1f\x7f-\x9f]+$/.test(formatProblem(problem)))
      return finding('a problem that is not one line when printed', problem);
  }
  const again = load();
  if (JSON.stringify([again.model, again.problems]) !== JSON.stringify([model, problems]))
    return finding('another verdict the second time', text);
  tally.count(model === null ? 'refused' : 'accepted');
  for (const { code } of errors) tally.count(`error: ${code}`);
  return null;
}

function placeFault(problem: Problem, file: string, lines: readonly string[], foreign: boolean): string | null {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(problem.code)) return 'with a code that is none';
  // `.warning` and its like say what the file says, be it nothing.
  if (problem.message === '' && !['alert', 'warning', 'notice', 'diag'].includes(problem.code))
    return 'without a message';
  if (!Number.isInteger(problem.line) || !Number.isInteger(problem.column)) return 'without a place';
  if (problem.line < 1 || problem.column < 1) return 'before the text';
  if (problem.file !== file) return foreign ? null : 'in another file';
  const line = lines[problem.line - 1];
  if (line === undefined) return 'behind the last line';
  // One behind the end is where something is missing.
  return problem.column > line.length + 1 ? 'behind the end of its line' : null;
}
