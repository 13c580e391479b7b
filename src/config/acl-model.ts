/**
 * ACLs and conditions as they are meant.
 *
 *   acl static path_beg /img /css        one test of an Acl; further lines of the same name add tests, of which one suffices
 *   if static !{ src 10.0.0.0/8 } or x   suites of terms: one suite suffices, of which every term has to hold
 *
 * Not here: their syntax (haproxy/acl.ts, haproxy/acl-condition.ts), running them (src/proxy/sample/condition.ts).
 */
import type { SampleExpression } from './sample-model.ts';

/** `-m`, and `meth` for the method of a request. */
export type MatchMethod =
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

export interface AclTest {
  readonly sample: SampleExpression;
  readonly method: MatchMethod;
  readonly ignoresCase: boolean;
  /** int and len: `least:most`, either may be missing; ip: `address/bits` or `address/mask`; bin: hex digits; else as written. */
  readonly patterns: readonly string[];
}

export interface Acl {
  /** '' of those between braces. */
  readonly name: string;
  readonly tests: readonly AclTest[];
}

export interface ConditionTerm {
  readonly acl: Acl;
  readonly negated: boolean;
}

export interface Condition {
  /** `unless`: it applies where none of the suites holds. */
  readonly unless: boolean;
  readonly suites: readonly (readonly ConditionTerm[])[];
}

/** `use_backend NAME if …`. */
export interface BackendRule {
  readonly backend: string;
  readonly condition: Condition;
}

/** `use-server NAME if …`. */
export interface ServerRule {
  readonly server: string;
  readonly condition: Condition;
}

/** `force-persist if …`: a cookie is followed to a server that is down; `ignore-persist if …`: to none. */
export interface PersistRule {
  readonly forces: boolean;
  readonly condition: Condition;
}

/** Of each kind the first one that applies decides. */
export interface ProxyRules {
  readonly backends: readonly BackendRule[];
  readonly servers: readonly ServerRule[];
  readonly persistence: readonly PersistRule[];
}
