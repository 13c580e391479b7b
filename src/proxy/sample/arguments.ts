/** Arguments of a step of an expression, as the plan has them. */
import type { SampleStepPlan } from '../sample-plan.ts';

const NOTHING = Buffer.alloc(0);

export class SampleArguments {
  readonly #values: SampleStepPlan['arguments'];

  constructor(step: SampleStepPlan) {
    this.#values = step.arguments;
  }

  has(at: number): boolean {
    return (this.#values[at] ?? null) !== null;
  }

  /** '' where it was left out. */
  text(at: number): string {
    const value = this.#values[at] ?? null;
    return value === null ? '' : String(value);
  }

  bytes(at: number): Buffer {
    return this.has(at) ? Buffer.from(this.text(at)) : NOTHING;
  }

  /** Only nearly right beyond 2^53. */
  number(at: number, otherwise = 0): number {
    const value = this.#values[at] ?? null;
    return value === null ? otherwise : Number(value);
  }

  wide(at: number): bigint {
    return this.has(at) ? BigInt(this.text(at)) : 0n;
  }
}
