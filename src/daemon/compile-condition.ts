/** Conditions as the data process runs them: ACLs are put where they are used. */
import type { Condition } from '../config/acl-model.ts';
import type { Proxy as ProxyModel } from '../config/model.ts';
import type { ConditionPlan } from '../proxy/condition-plan.ts';
import { compileSample } from './compile-sample.ts';

/** `running`: the proxies of the plan; `own`: the one that the condition belongs to. */
export function compileCondition(condition: Condition, running: readonly ProxyModel[], own: ProxyModel): ConditionPlan {
  return {
    unless: condition.unless,
    suites: condition.suites.map((suite) =>
      suite.map(({ acl, negated }) => ({
        negated,
        tests: acl.tests.map((test) => ({ ...test, sample: compileSample(test.sample, running, own) })),
      })),
    ),
  };
}
