/**
 * Rules of a proxy, ready to run: `use_backend`, `use-server`, `force-persist`, `ignore-persist`. Of each kind the first one
 * that applies decides.
 *
 * Not here: conditions (sample/condition.ts); when rules run (request-start.ts, tcp-session.ts).
 */
import type { RulesPlan } from './condition-plan.ts';
import { Condition } from './sample/condition.ts';
import { SampleExpression } from './sample/expression.ts';
import type { SampleScope } from './sample/scope.ts';

/** What becomes of a stream's cookie. */
export const PERSIST_USUAL = 0;
/** It is followed to a server that is down, too. */
export const PERSIST_FORCED = 1;
/** It is followed to none, and none is given. */
export const PERSIST_IGNORED = 2;

/** No rule applies. */
export const NO_RULE = -2;

interface Rule {
  readonly result: number;
  readonly condition: Condition;
}

export class ProxyRules {
  readonly #backends: readonly Rule[];
  readonly #servers: readonly Rule[];
  readonly #persistence: readonly Rule[];

  /** What `balance hash` hashes; null: it does not. */
  readonly hash: SampleExpression | null;

  constructor(plan: RulesPlan) {
    this.hash = plan.hash === null ? null : new SampleExpression(plan.hash);
    this.#backends = plan.backends.map((rule) => made(rule.backend, rule.condition));
    this.#servers = plan.servers.map((rule) => made(rule.server, rule.condition));
    this.#persistence = plan.persistence.map(({ forces, condition }) =>
      made(forces ? PERSIST_FORCED : PERSIST_IGNORED, condition),
    );
  }

  /** The index of a proxy, -1 where that is disabled; NO_RULE. */
  backend(scope: SampleScope): number {
    return firstOf(this.#backends, scope);
  }

  /** PERSIST_*. */
  persistence(scope: SampleScope): number {
    const result = firstOf(this.#persistence, scope);
    return result === NO_RULE ? PERSIST_USUAL : result;
  }

  /** Of the rules from `from` on the first that names a server: its number; NO_RULE. */
  serverRule(scope: SampleScope, from: number): number {
    for (let i = from; i < this.#servers.length; i++) {
      if ((this.#servers[i] as Rule).condition.applies(scope)) return i;
    }
    return NO_RULE;
  }

  /** The position of the server that a rule names. */
  serverOf(rule: number): number {
    return (this.#servers[rule] as Rule).result;
  }
}

function made(result: number, plan: ConstructorParameters<typeof Condition>[0]): Rule {
  return { result, condition: new Condition(plan) };
}

function firstOf(rules: readonly Rule[], scope: SampleScope): number {
  for (const { result, condition } of rules) {
    if (condition.applies(scope)) return result;
  }
  return NO_RULE;
}
