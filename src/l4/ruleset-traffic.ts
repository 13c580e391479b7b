/**
 * NAT: what every server got, counted by elements of sets (one counter an element): a rule for all of them, and a server's
 * counters outlast every change but its own end.
 *
 *   connections4   the address asked for . protocol . the server's address . its port    once a connection
 *   requests4      the same                                                              packets of clients
 *   replies4       the same                                                              packets of servers
 *
 * Servers that two services have at the same address, for clients that ask for the same one, are counted as the first one's.
 * Of clients in this box connections alone are counted. Not here: reading them (traffic.ts).
 */
import type { NftChain, NftElement, NftSet } from './nft-table.ts';
import { TakenRanges, trafficKey } from './ruleset-places.ts';
import type { L4Service } from './service.ts';
import { trafficComment } from './traffic.ts';

const KINDS = ['connections', 'requests', 'replies'] as const;

/** Of those alone that have something to count. */
export function trafficSets(services: readonly L4Service[]): ReadonlyMap<string, NftSet> {
  const sets = new Map<string, NftSet>();
  for (const family of [4, 6] as const) {
    const [exact, ranges] = elementsOf(services.filter((service) => service.family === family));
    const type = `type ipv${family}_addr . inet_proto . ipv${family}_addr . inet_service;`;
    for (const kind of KINDS) {
      if (exact.size > 0)
        sets.set(`${kind}${family}`, { kind: 'set', declaration: `${type} counter;`, elements: exact });
      const declaration = `${type} flags interval; counter;`;
      if (ranges.size > 0) sets.set(`${kind}${family}_ranges`, { kind: 'set', declaration, elements: ranges });
    }
  }
  return sets;
}

type Elements = ReadonlyMap<string, NftElement>;

function elementsOf(services: readonly L4Service[]): readonly [Elements, Elements] {
  const exact = new Map<string, NftElement>();
  const ranges = new Map<string, NftElement>();
  const taken = new TakenRanges();
  for (const service of services)
    for (const destination of service.destinations) {
      const protocols = service.marks.length > 0 ? ['tcp', 'udp', 'sctp'] : [service.protocol.toLowerCase()];
      const places = service.marks.length > 0 ? [null, ...service.places] : service.places;
      const comment = trafficComment(service.key, destination.key);
      for (const place of places)
        for (const protocol of protocols) {
          const key = trafficKey(place, service.family, protocol, destination);
          const elements = key.isExact ? exact : ranges;
          if (elements.has(key.text) || (!key.isExact && !taken.take(key.group, key.box))) continue;
          elements.set(key.text, { comment, value: '' });
        }
    }
  return [exact, ranges];
}

const BEHIND = ['', '_ranges'] as const;

/** Every packet that the box forwards comes by: as few rules as there are sets, and the first that knows it is the last. */
export function trafficRules(sets: ReadonlyMap<string, NftSet>): ReadonlyMap<string, NftChain> {
  return new Map([
    [
      'postrouting',
      {
        // A chain of nat sees the first packet of a connection.
        declaration: 'type nat hook postrouting priority srcnat - 5; policy accept;',
        rules: [NOT_OURS, ...rulesOf(sets, ['connections', '', 'daddr', 'dport'])],
      },
    ],
    [
      'forward',
      {
        declaration: 'type filter hook forward priority filter + 5; policy accept;',
        rules: [
          NOT_OURS,
          ...rulesOf(sets, ['requests', 'ct direction original ', 'daddr', 'dport']),
          ...rulesOf(sets, ['replies', 'ct direction reply ', 'saddr', 'sport']),
        ],
      },
    ],
  ]);
}

const NOT_OURS = 'ct status ! dnat accept';

function rulesOf(
  sets: ReadonlyMap<string, NftSet>,
  [kind, match, address, port]: readonly [string, string, string, string],
): readonly string[] {
  return ([4, 6] as const).flatMap((family) => {
    const ip = family === 4 ? 'ip' : 'ip6';
    return BEHIND.map((suffix) => `${kind}${family}${suffix}`)
      .filter((set) => sets.has(set))
      .map((set) => `${match}ct original ${ip} daddr . meta l4proto . ${ip} ${address} . th ${port} @${set} accept`);
  });
}
