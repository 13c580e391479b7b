/**
 * Conditions, ready to run: `if a !b or c`. A fetch that finds several (`hdr(x)`) is tested with one after the other, until one
 * matches; a test whose fetch finds nothing does not match.
 *
 * Not here: comparing (matcher.ts).
 */
import type { AclTestPlan, ConditionPlan } from '../condition-plan.ts';
import { castSample } from './cast.ts';
import { SampleExpression } from './expression.ts';
import { createMatcher, type Matcher } from './matcher.ts';
import type { SampleScope } from './scope.ts';

class AclTest {
  readonly #sample: SampleExpression;
  readonly #matcher: Matcher;

  constructor({ sample, method, ignoresCase, patterns }: AclTestPlan) {
    this.#sample = new SampleExpression(sample);
    this.#matcher = createMatcher(method, ignoresCase, patterns);
  }

  passes(scope: SampleScope): boolean {
    const { value } = scope;
    value.begin(true);
    do {
      if (!this.#sample.next(scope, value)) {
        // A converter that gives nothing is no match, and ends it.
        return false;
      }
      if (castSample(value, this.#matcher.takes) && this.#matcher.matches(value)) return true;
      value.continues = true;
    } while (value.more);
    return false;
  }
}

interface Term {
  readonly negated: boolean;
  readonly tests: readonly AclTest[];
}

export class Condition {
  readonly #unless: boolean;
  readonly #suites: readonly (readonly Term[])[];

  constructor(plan: ConditionPlan) {
    this.#unless = plan.unless;
    this.#suites = plan.suites.map((suite) =>
      suite.map(({ negated, tests }) => ({ negated, tests: tests.map((test) => new AclTest(test)) })),
    );
  }

  applies(scope: SampleScope): boolean {
    for (const suite of this.#suites) if (holds(suite, scope)) return !this.#unless;
    return this.#unless;
  }
}

function holds(suite: readonly Term[], scope: SampleScope): boolean {
  for (const { negated, tests } of suite) if (passesAny(tests, scope) === negated) return false;
  return true;
}

function passesAny(tests: readonly AclTest[], scope: SampleScope): boolean {
  for (const test of tests) if (test.passes(scope)) return true;
  return false;
}
