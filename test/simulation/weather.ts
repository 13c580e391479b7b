/** What the network, the kernel and the machine do on their own account. Shares are of a thousand. */
import type { SeededRandom } from '../support/random.ts';

export interface Weather {
  /** Segments that are cut in two, again and again. */
  readonly cuts: number;
  /** Messages that arrive a few bytes at a time. */
  readonly dribbles: number;
  readonly delays: number;
  readonly longestDelayMs: number;
  /** Writes of which only a part is taken. */
  readonly shortWrites: number;
  /** Writes of which nothing is taken at first. */
  readonly refusedWrites: number;
  /** Reads that find less than there is. */
  readonly shortReads: number;
  /** Turns in which a connection is said to be readable that is not. */
  readonly falseAlarms: number;
  /** Turns that are told of a few things only. */
  readonly shortTurns: number;
  /** Turns after which a thread is not scheduled for a while. */
  readonly stalls: number;
  /** Accepts and connects that fail for want of descriptors or memory. */
  readonly shortages: number;
  /** How many descriptors there can be. */
  readonly descriptors: number;
  /** Slabs that are not to be had. */
  readonly slabRefusals: number;
}

export function weatherOf(random: SeededRandom, breaks: boolean): Weather {
  const share = (most: number): number => (random.below(3) === 0 ? 0 : random.below(most));
  return {
    cuts: share(400),
    dribbles: share(60),
    delays: share(300),
    longestDelayMs: 1 + random.below(random.pick([2, 8, 40])),
    shortWrites: share(200),
    refusedWrites: random.below(12) === 0 ? 1000 : share(100),
    shortReads: share(80),
    falseAlarms: share(40),
    shortTurns: share(300),
    stalls: share(60),
    shortages: breaks ? share(20) : 0,
    descriptors: breaks && random.below(6) === 0 ? 8 + random.below(60) : Number.POSITIVE_INFINITY,
    slabRefusals: breaks && random.below(6) === 0 ? 1 + random.below(20) : 0,
  };
}
