/**
 * Whose turn it is: a scheduler as a table of slots, which a rule picks from by a counter (turns) or by a hash.
 *
 *   wrr, weights 4 2 2  ─▶  reduced to 2 1 1  ─▶  a b c a          taken one after the other
 *   sh, the same        ─▶  a b c a          taken by jhash of the client's address
 *   mh                  ─▶  a table in which a server that goes leaves the slots of others alone (Maglev, NSDI '16)
 *
 * Pure. Not here: shares from counts of connections (shares.ts).
 */
import { xxh32 } from '../core/xxh32.ts';
import type { Destination, L4Service } from './service.ts';

/** Elements of a map for one service: weights that need more are rounded to this. */
export const MOST_SLOTS = 256;
/** Prime, and the same for any number of servers: it decides what moves when one goes. */
export const MAGLEV_SLOTS = 509;

/** Who gets a new connection, by slot; empty: nobody. */
export function slotsOf({ scheduler, destinations }: L4Service): readonly Destination[] {
  const open = openOf(destinations);
  switch (scheduler) {
    case 'rr':
      return open;
    case 'dh':
      return [...open].sort(byKey);
    case 'sh':
      return interleaved([...open].sort(byKey), reduced(open.length, [...open].sort(byKey).map(shareOf)));
    case 'mh':
      return maglev(open);
    case 'wrr':
    case 'lc':
    case 'wlc':
    case 'sed':
    case 'nq':
      return interleaved(open, reduced(open.length, open.map(shareOf)));
  }
}

/** Those with a share, unless nobody has one. */
function openOf(destinations: readonly Destination[]): readonly Destination[] {
  const weighted = destinations.filter(({ weight }) => weight > 0);
  const open = weighted.filter(({ share }) => share !== 0);
  return open.length > 0 ? open : weighted;
}

function shareOf({ weight, share }: Destination): number {
  return share ?? weight;
}

function byKey(a: Destination, b: Destination): number {
  return a.key < b.key ? -1 : 1;
}

/** In the same proportion, as small as they get; everybody has one. */
function reduced(servers: number, shares: readonly number[]): readonly number[] {
  const divisor = shares.reduce(greatestCommonDivisor, 0);
  const small = shares.map((share) => (divisor === 0 ? 1 : Math.max(1, share / divisor)));
  const sum = small.reduce((a, b) => a + b, 0);
  if (sum <= MOST_SLOTS) return small;
  const room = Math.max(0, MOST_SLOTS - servers);
  return small.map((share) => 1 + Math.floor((share * room) / sum));
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Smooth: in every stretch of it everybody has about his part. */
function interleaved(servers: readonly Destination[], shares: readonly number[]): readonly Destination[] {
  const total = shares.reduce((a, b) => a + b, 0);
  const credit = shares.map(() => 0);
  const slots: Destination[] = [];
  for (let slot = 0; slot < total; slot++) {
    let best = 0;
    for (let i = 0; i < credit.length; i++) {
      credit[i] = (credit[i] ?? 0) + (shares[i] ?? 0);
      if ((credit[i] ?? 0) > (credit[best] ?? 0)) best = i;
    }
    credit[best] = (credit[best] ?? 0) - total;
    const server = servers[best];
    if (server !== undefined) slots.push(server);
  }
  return slots;
}

function maglev(open: readonly Destination[]): readonly Destination[] {
  if (open.length === 0) return [];
  const servers = [...open].sort(byKey);
  const shares = reduced(servers.length, servers.map(shareOf));
  const most = Math.max(...shares);
  const walks = servers.map(({ key }) => {
    const bytes = Buffer.from(key);
    const offset = xxh32(bytes, 0, bytes.length, 1) % MAGLEV_SLOTS;
    const skip = (xxh32(bytes, 0, bytes.length, 2) % (MAGLEV_SLOTS - 1)) + 1;
    return { at: offset, skip, credit: 0 };
  });
  const table: (Destination | undefined)[] = Array.from({ length: MAGLEV_SLOTS });
  for (let filled = 0; filled < MAGLEV_SLOTS; ) {
    for (const [i, walk] of walks.entries()) {
      walk.credit += shares[i] ?? 0;
      if (walk.credit < most) continue;
      walk.credit -= most;
      while (table[walk.at] !== undefined) walk.at = (walk.at + walk.skip) % MAGLEV_SLOTS;
      table[walk.at] = servers[i];
      if (++filled === MAGLEV_SLOTS) break;
    }
  }
  return table.flatMap((server) => server ?? []);
}
