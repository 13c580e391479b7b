/** Seeds one after the other, until so many requests have been asked or the time is up. */
import { Counts } from './counts.ts';
import { Violation } from './violation.ts';
import { World } from './world.ts';

/** Requests of one seed: enough for queues, pools and deadlines to matter, few enough to read a trace. */
export const REQUESTS_PER_SEED = 500;

export interface Campaign {
  /** The first seed. */
  readonly seed: number;
  readonly requests: number;
  /** True: no further seed is begun. */
  isOver?(): boolean;
  /** After each seed. */
  progress?(seed: number, requests: number): void;
}

export interface Outcome {
  readonly requests: number;
  /** The seed after the last one that was run. */
  readonly nextSeed: number;
  readonly counts: Counts;
  readonly failure: Failure | null;
}

export interface Failure {
  readonly seed: number;
  readonly error: Error;
}

export function runCampaign(
  { seed: first, requests: target, isOver, progress }: Campaign,
  world = new World(),
): Outcome {
  const counts = new Counts();
  let requests = 0;
  let seed = first;
  for (; requests < target && isOver?.() !== true; seed++) {
    try {
      requests += world.run(seed, REQUESTS_PER_SEED);
    } catch (error) {
      // Anything else that is thrown would have ended the data process.
      return { requests, nextSeed: seed + 1, counts, failure: { seed, error: asError(error) } };
    }
    counts.add(world.counts);
    progress?.(seed, requests);
  }
  return { requests, nextSeed: seed, counts, failure: null };
}

/** What runs a failing seed again, exactly, and says each step. */
export function replayCommand(seed: number): string {
  return `npm run simulate -- --seed ${seed} --requests 1 --trace`;
}

export function describeFailure({ seed, error }: Failure): string {
  const kind = error instanceof Violation ? '' : ' (thrown in the data path: the process would have died)';
  return `seed ${seed}${kind}: ${error.stack ?? error.message}\nreplay: ${replayCommand(seed)}`;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
