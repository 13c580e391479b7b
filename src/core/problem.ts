/**
 * A problem found in a configuration file: a value, not an exception, so that all of them are reported at once.
 *
 * Not here: how problems are printed (src/config/report.ts).
 */
/** A notice is only told (`.notice` in a file); it never stops a start, not even where warnings do. */
export type Severity = 'error' | 'warning' | 'notice';

export interface Problem {
  readonly severity: Severity;
  /** Stable, kebab-case: what kind of problem it is, for tests and tools. */
  readonly code: string;
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in characters. */
  readonly column: number;
  readonly message: string;
  /** What to write instead, when we know. */
  readonly hint?: string;
}
