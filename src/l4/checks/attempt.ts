/**
 * One look at a real server, as a seam: check-run.ts decides when, and what it means; the other files here make it.
 *
 *   begin(end) ─▶ … ─▶ end(outcome)      once, not before `begin` has returned
 *              └▶ cancel()               then `end` is not called any more; nothing stays open
 */
import type { CheckTiming } from '../../config/l4-model.ts';

export type Outcome =
  | { readonly kind: 'good'; readonly why: string; readonly weightChange?: number }
  /** `said`: the beginning of its line in the log, in keepalived's words. */
  | { readonly kind: 'bad'; readonly why: string; readonly said: string }
  /** It could not be made, for reasons of this box: it says nothing of the server. */
  | { readonly kind: 'unmade'; readonly why: string };

export interface Attempt {
  cancel(): void;
}

/** What a check knows between its attempts. */
export interface Standing {
  readonly isUp: boolean;
  /** An attempt has counted. */
  readonly hasRun: boolean;
  /** Failures since the last success that did not count. */
  readonly tries: number;
}

export interface Verdict {
  readonly standing: Standing;
  /** Until the next attempt. */
  readonly delayMs: number;
}

export interface Method {
  /** Of an attempt's time that passed, the next delay is less: from start to start. */
  readonly countsFromStart: boolean;
  /** The first failure after a start counts by itself. */
  readonly isStrictAtFirst: boolean;
  begin(end: (outcome: Outcome) => void): Attempt;
  judge(timing: CheckTiming, standing: Standing, good: boolean): Verdict;
  /** Lines for a server that comes up and goes down; null: none. */
  succeeded(): string | null;
  failed(): string;
}
