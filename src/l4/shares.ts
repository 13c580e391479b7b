/**
 * lc, wlc, sed, nq as shares of the connections to come: rules cannot compare counts, so what the scheduler would do with the
 * next connections, if none of them ended, is computed from counts that somebody gives, now and then.
 *
 * Pure. The order of equals is that of the list, as in IPVS.
 */
import type { Scheduler } from '../config/l4-model.ts';

/** Connections that one computation looks ahead. */
export const LOOK_AHEAD = 64;

export interface ServerLoad {
  readonly weight: number;
  /** Connections that it has. */
  readonly connections: number;
}

/** How many of the next connections each of them gets; null: this scheduler asks for no counts. */
export function sharesOf(scheduler: Scheduler, servers: readonly ServerLoad[]): readonly number[] | null {
  const cost = COSTS[scheduler];
  if (cost === undefined) return null;
  const counts = servers.map(({ connections }) => connections);
  const shares = servers.map(() => 0);
  if (servers.every(({ weight }) => weight === 0)) return shares;
  for (let n = 0; n < LOOK_AHEAD; n++) {
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < servers.length; i++) {
      const weight = servers[i]?.weight ?? 0;
      if (weight === 0) continue;
      const own = cost(counts[i] ?? 0, weight);
      if (own >= least) continue;
      best = i;
      least = own;
    }
    counts[best] = (counts[best] ?? 0) + 1;
    shares[best] = (shares[best] ?? 0) + 1;
  }
  return shares;
}

const COSTS: Partial<Record<Scheduler, (connections: number, weight: number) => number>> = {
  lc: (connections) => connections,
  wlc: (connections, weight) => connections / weight,
  sed: (connections, weight) => (connections + 1) / weight,
  nq: (connections, weight) => (connections === 0 ? -1 : (connections + 1) / weight),
};
