/**
 * `balance random(N)`: of N servers drawn at random, by weight, the one with the fewest connections for its weight. Two draws
 * are nearly as even as counting all, and need no order that threads would have to share.
 */
import { systemRandom } from '../../core/random.ts';
import type { HashPlan } from '../plan.ts';
import { ConsistentHash } from './consistent-hash.ts';
import type { Roster } from './roster.ts';

export class RandomBalance extends ConsistentHash {
  readonly #draws: number;

  constructor(roster: Roster, ids: readonly number[], plan: HashPlan) {
    super(roster, ids, plan);
    this.#draws = plan.draws;
  }

  override pick(except: number): number {
    const { roster } = this;
    const alone = this.standIn();
    if (alone !== undefined) return alone;
    let best = this.ofHash(draw(), except);
    for (let drawn = 1; drawn < this.#draws; drawn++) {
      const other = this.ofHash(draw(), except);
      const load = roster.served(other) * (roster.weight[best] as number);
      if (load <= roster.served(best) * (roster.weight[other] as number)) best = other;
    }
    return roster.isFull(best) ? this.next(except) : best;
  }
}

function draw(): number {
  return (systemRandom.next() * 0x1_0000_0000) | 0;
}
