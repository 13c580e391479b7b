/**
 * A sample expression, ready to run: the fetch and its converters are functions made once, when the plan is loaded.
 *
 *   evaluate(scope):   fetch ─▶ cast ─ convert ─▶ cast ─ convert ─▶ scope.value
 *
 * Not here: what it looks at (scope.ts), fetches and converters themselves (fetches.ts, converters.ts).
 */
import type { SamplePlan } from '../sample-plan.ts';
import { SampleArguments } from './arguments.ts';
import { castSample } from './cast.ts';
import { converterFor, type RunConverter } from './converters.ts';
import { fetchFor, type RunFetch } from './fetches.ts';
import type { SampleScope } from './scope.ts';
import type { SampleValue } from './value.ts';

interface Step {
  readonly takes: number;
  readonly run: RunConverter;
}

export class SampleExpression {
  readonly #fetch: RunFetch;
  readonly #steps: readonly Step[];

  constructor(plan: SamplePlan) {
    this.#fetch = fetchFor(plan.fetch.word)(new SampleArguments(plan.fetch));
    this.#steps = plan.converters.map((step) => {
      const { takes, make } = converterFor(step.word);
      return { takes, run: make(new SampleArguments(step)) };
    });
  }

  /** Into `scope.value`; false: there is none. */
  evaluate(scope: SampleScope): boolean {
    scope.value.begin(false);
    return this.next(scope, scope.value);
  }

  /** One of several: the caller has begun with the value, and says whether it goes on from the last one. */
  next(scope: SampleScope, value: SampleValue): boolean {
    if (!this.#fetch(scope, value)) {
      value.more = false;
      return false;
    }
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) {
      const step = steps[i] as Step;
      if (!castSample(value, step.takes) || !step.run(value, scope)) return false;
    }
    return true;
  }
}
