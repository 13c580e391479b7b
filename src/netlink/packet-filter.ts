/**
 * What a packet filter does with one packet, as far as its rules tell. Rules that cannot be judged from the packet alone
 * (rates, marks, sets of others) leave both ways open, so that a verdict of `drop` is certain. Pure.
 *
 * Not here: where the rules come from (nft-ruleset.ts, iptables-rules.ts).
 */
import { subnetTest } from '../core/subnet.ts';

/** An advert on its way in. */
export interface FilteredPacket {
  readonly family: 4 | 6;
  /** The interface it comes in by. */
  readonly device: string;
  /** null: not known. */
  readonly source: string | null;
  readonly destination: string | null;
  readonly multicast: boolean;
}

/** null: the packet alone does not tell. */
export type Match = (packet: FilteredPacket) => boolean | null;

export type Verdict =
  | { readonly kind: 'accept' | 'drop' | 'return' | 'next' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string };

export interface FilterRule {
  readonly matches: readonly Match[];
  readonly verdict: Verdict;
}

export interface FilterChain {
  /** Unique: chains of other tables are other chains. */
  readonly name: string;
  /** For messages: `table inet filter, chain input`. */
  readonly title: string;
  /** What happens to packets that reach its end; null: only other chains come here. */
  readonly policy: 'accept' | 'drop' | null;
  readonly rules: readonly FilterRule[];
}

type Outcome = 'accept' | 'drop' | 'end';

/** How deep chains may call each other; the kernel allows 16. */
const MAX_DEPTH = 16;

/** The chain that certainly drops it; null: none does. */
export function droppingChain(chains: readonly FilterChain[], packet: FilteredPacket): FilterChain | null {
  const byName = new Map(chains.map((chain) => [chain.name, chain]));
  const drops = (chain: FilterChain): boolean => {
    const outcomes = outcomesOf(chain, packet, byName, 0);
    return !outcomes.has('accept') && (!outcomes.has('end') || chain.policy === 'drop');
  };
  return chains.find((chain) => chain.policy !== null && drops(chain)) ?? null;
}

function outcomesOf(
  chain: FilterChain,
  packet: FilteredPacket,
  byName: ReadonlyMap<string, FilterChain>,
  depth: number,
): ReadonlySet<Outcome> {
  const outcomes = new Set<Outcome>();
  // Who gets lost here knows nothing.
  if (depth > MAX_DEPTH) return outcomes.add('accept').add('end');
  for (const { matches, verdict } of chain.rules) {
    const taken = allOf(matches, packet);
    if (taken === false || verdict.kind === 'next') continue;
    const inner = verdictOutcomes(verdict, packet, byName, depth);
    for (const outcome of inner) if (verdict.kind !== 'jump' || outcome !== 'end') outcomes.add(outcome);
    const goesOn = verdict.kind === 'jump' && inner.has('end');
    if (taken === true && !goesOn) return outcomes;
  }
  return outcomes.add('end');
}

function verdictOutcomes(
  verdict: Verdict,
  packet: FilteredPacket,
  byName: ReadonlyMap<string, FilterChain>,
  depth: number,
): ReadonlySet<Outcome> {
  switch (verdict.kind) {
    case 'accept':
    case 'drop':
      return new Set([verdict.kind]);
    case 'jump':
    case 'goto': {
      const target = byName.get(verdict.chain);
      return target === undefined ? new Set(['end']) : outcomesOf(target, packet, byName, depth + 1);
    }
    default:
      return new Set(['end']);
  }
}

function allOf(matches: readonly Match[], packet: FilteredPacket): boolean | null {
  let known: boolean | null = true;
  for (const match of matches) {
    const one = match(packet);
    if (one === false) return false;
    if (one === null) known = null;
  }
  return known;
}

// --- matches ----------------------------------------------------------------------------------------------------------

export const unknown: Match = () => null;

export function not(match: Match): Match {
  return (packet) => {
    const one = match(packet);
    return one === null ? null : !one;
  };
}

/** `eth0`, or `eth*` (iptables: `eth+`). */
export function onDevice(pattern: string): Match {
  if (!/[*+]$/.test(pattern)) return ({ device }) => device === pattern;
  return ({ device }) => device.startsWith(pattern.slice(0, -1));
}

/** VRRP by its names; a protocol that cannot be read is another one. */
export function ofProtocol(name: string | number): Match {
  return () => ['112', 'vrrp', 'all', '0'].includes(String(name));
}

/** `side` is in the network. */
export function inNetwork(side: 'source' | 'destination', ip: string, prefixLength: number): Match {
  const family = ip.includes(':') ? 6 : 4;
  let has: (address: string) => boolean;
  try {
    has = subnetTest(ip, prefixLength);
  } catch {
    return unknown;
  }
  return (packet) => {
    if (packet.family !== family) return false;
    const address = packet[side];
    return address === null ? null : has(address);
  };
}

/** Adverts to a group are new to the kernel for ever: nobody answers to them. Those to one box may have been answered. */
export function inState(states: readonly string[]): Match {
  const names = states.map((state) => state.toLowerCase());
  return ({ multicast }) => {
    if (names.includes('new') || names.includes('untracked')) return multicast ? true : null;
    if (names.includes('established') || names.includes('related')) return multicast ? false : null;
    return false;
  };
}
