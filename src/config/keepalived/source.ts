/** What reading a keepalived.conf needs from outside, and the lines that come out of it. */
import type { Problem } from '../../core/problem.ts';
import type { Origin } from '../model.ts';
import type { ListFolder } from './glob.ts';
import type { LineText } from './line-text.ts';

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export interface LoadContext {
  /** For `${_ENV NAME}`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For files that `include` names; throws when it cannot. */
  readonly readFile: (path: string) => Buffer;
  /** For wildcards in `include`; throws when it cannot. */
  readonly listFolder: ListFolder;
  readonly hostname: string;
  /** What `@id` lines are compared with (`-i`); the host's name when absent. */
  readonly configId?: string;
  /** An `include` that finds nothing is an error, as `includea` always is. */
  readonly strictIncludes?: boolean;
  /** `${_INSTANCE}`. */
  readonly instanceName?: string;
  /** Current folder, `${_PWD}`. */
  readonly folder?: string;
  /** 0 included to 1 not included, for `${_RANDOM a b}`. */
  readonly random?: () => number;
}

/** A line as the parser gets it: no comment, no definition, no include left. Never empty. */
export interface LogicalLine {
  readonly origin: Origin;
  readonly line: LineText;
}

/** Collects problems with their place. */
export class ProblemSink {
  readonly problems: Problem[] = [];

  report(
    severity: Problem['severity'],
    origin: Origin,
    column: number,
    code: string,
    message: string,
    hint?: string,
  ): void {
    const problem = { severity, code, file: origin.file, line: origin.line, column, message };
    this.problems.push(hint === undefined ? problem : { ...problem, hint });
  }
}
