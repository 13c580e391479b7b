/**
 * Conditions in the plan: ACLs stand where they are used. Of the suites one has to hold, of a suite's terms all, of a term's
 * tests one.
 *
 * Not here: running them (src/proxy/sample/condition.ts).
 */
import type { SamplePlan } from './sample-plan.ts';

export type MatchMethodPlan =
  | 'found'
  | 'bool'
  | 'int'
  | 'ip'
  | 'bin'
  | 'len'
  | 'str'
  | 'beg'
  | 'sub'
  | 'dir'
  | 'dom'
  | 'end'
  | 'reg'
  | 'meth';

export interface AclTestPlan {
  readonly sample: SamplePlan;
  readonly method: MatchMethodPlan;
  readonly ignoresCase: boolean;
  /** int, len: `least:most`, either may be missing; ip: `address/bits` or `address/mask`; bin: hex digits; else text. */
  readonly patterns: readonly string[];
}

export interface ConditionTermPlan {
  readonly negated: boolean;
  readonly tests: readonly AclTestPlan[];
}

export interface ConditionPlan {
  readonly unless: boolean;
  readonly suites: readonly (readonly ConditionTermPlan[])[];
}

/** Of each kind the first one that applies decides. */
export interface RulesPlan {
  /** What `balance hash` hashes; null: it does not. */
  readonly hash: SamplePlan | null;
  /** Indices of proxies. */
  readonly backends: readonly { readonly backend: number; readonly condition: ConditionPlan }[];
  /** Positions in the proxy's list of servers. */
  readonly servers: readonly { readonly server: number; readonly condition: ConditionPlan }[];
  readonly persistence: readonly { readonly forces: boolean; readonly condition: ConditionPlan }[];
}
