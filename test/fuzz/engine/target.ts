/**
 * What can be fuzzed: a way to make inputs from a seed, and a way to judge one.
 *
 * Inputs are bytes in a latin1 string, one character a byte: what shrinks, prints and replays is always the same kind of
 * thing, and a target that wants text decodes it.
 *
 * Not here: runs (campaign.ts), making findings small (shrink.ts).
 */
import type { SeededRandom } from '../../support/random.ts';
import type { Tally } from './tally.ts';

/** Something is wrong. */
export interface Finding {
  /** Which relation is broken: stays the same while an input shrinks. */
  readonly kind: string;
  readonly detail: string;
}

export type Verdict = Finding | null;

export interface Target {
  readonly name: string;
  /** Inputs in a run of CI. */
  readonly count: number;
  /** How often a finding may be tried again to make it small, where a try takes long. */
  readonly shrinkTries?: number;
  make(random: SeededRandom): string;
  /** An exception is a finding, too. */
  check(input: string, tally: Tally): Verdict | Promise<Verdict>;
  /** What a run must have seen at least once to have tested something (see Tally). */
  readonly expected: readonly string[];
}

/** A target with processes around it. */
export interface StagedTarget extends Target {
  stop(): Promise<void>;
}

export function finding(kind: string, detail: unknown): Finding {
  return { kind, detail: typeof detail === 'string' ? detail : JSON.stringify(detail) };
}
