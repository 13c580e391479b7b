/**
 * A run of a target: input after input, each from a seed of its own, so that one can be made again without the ones
 * before it. What is found is shrunk; one finding of a kind is kept, the others are counted.
 *
 * Not here: what is fuzzed (target.ts), the command line (by-hand.ts), time (whoever calls says when to stop).
 */
import { SeededRandom } from '../../support/random.ts';
import { shrink } from './shrink.ts';
import { Tally } from './tally.ts';
import type { Target, Verdict } from './target.ts';

export interface Found {
  readonly kind: string;
  readonly detail: string;
  /** Makes the input again: `npm run fuzz -- --target T --seed S --at N`. */
  readonly seed: number;
  readonly at: number;
  readonly input: string;
  readonly shrunk: string;
  /** How many inputs showed this kind. */
  times: number;
}

export interface Outcome {
  readonly inputs: number;
  readonly found: readonly Found[];
  readonly tally: Tally;
}

export interface Limits {
  readonly seed: number;
  /** The number of the first input. */
  readonly from?: number;
  readonly count: number;
  /** Asked before each input. */
  readonly stop?: () => boolean;
  readonly onFound?: (found: Found) => void;
}

/** Two numbers to one that differs in all of its bits when either changes (the finalizer of MurmurHash3). */
export function inputSeed(seed: number, at: number): number {
  let mixed = Math.imul(seed ^ Math.imul(at + 1, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

export function makeInput(target: Target, seed: number, at: number): string {
  return target.make(new SeededRandom(inputSeed(seed, at)));
}

/** The verdict on one input; an exception is one. */
export async function judge(target: Target, input: string, tally: Tally): Promise<Verdict> {
  try {
    const verdict = target.check(input, tally);
    return verdict instanceof Promise ? await verdict : verdict;
  } catch (error) {
    const where = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { kind: `exception: ${String(error).split('\n')[0]?.slice(0, 80)}`, detail: where };
  }
}

export async function run(target: Target, limits: Limits): Promise<Outcome> {
  const tally = new Tally();
  const found = new Map<string, Found>();
  const { seed, from = 0, count, stop = () => false } = limits;
  let inputs = 0;
  for (; inputs < count && !stop(); inputs++) {
    const at = from + inputs;
    const input = makeInput(target, seed, at);
    const verdict = await judge(target, input, tally);
    if (verdict === null) continue;
    const known = found.get(verdict.kind);
    if (known !== undefined) {
      known.times++;
      continue;
    }
    const spare = new Tally();
    const shows = async (one: string): Promise<boolean> => (await judge(target, one, spare))?.kind === verdict.kind;
    const shrunk = await shrink(input, shows, target.shrinkTries);
    const detail = (await judge(target, shrunk, spare))?.detail ?? verdict.detail;
    const one: Found = { kind: verdict.kind, detail, seed, at, input, shrunk, times: 1 };
    found.set(verdict.kind, one);
    limits.onFound?.(one);
  }
  return { inputs, found: [...found.values()], tally };
}
