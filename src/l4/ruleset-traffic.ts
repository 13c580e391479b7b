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
import type { ElementGroup, NftChain, NftElement, NftSet } from './nft-table.ts';
import { TakenRanges, type TrafficKey, trafficKey } from './ruleset-places.ts';
import type { L4Service } from './service.ts';
import { trafficComment } from './traffic.ts';

const KINDS = ['connections', 'requests', 'replies'] as const;
const BEHIND = ['', '_ranges'] as const;

/** What one service is counted by. */
export interface ServiceTraffic {
  readonly service: L4Service;
  /** Addresses that clients ask for; '': all of them. */
  readonly asked: readonly string[];
  readonly exact: ElementGroup;
  readonly ranges: readonly { readonly key: TrafficKey; readonly element: NftElement }[];
}

export function serviceTraffic(service: L4Service): ServiceTraffic {
  const exact = new Map<string, NftElement>();
  const ranges: { key: TrafficKey; element: NftElement }[] = [];
  const protocols = service.marks.length > 0 ? ['tcp', 'udp', 'sctp'] : [service.protocol.toLowerCase()];
  const places = service.marks.length > 0 ? [null, ...service.places] : service.places;
  for (const destination of service.destinations) {
    const element = { comment: trafficComment(service.key, destination.key), value: '' };
    for (const place of places)
      for (const protocol of protocols) {
        const key = trafficKey(place, service.family, protocol, destination);
        if (!key.isExact) ranges.push({ key, element });
        else if (!exact.has(key.text)) exact.set(key.text, element);
      }
  }
  return { service, asked: [...new Set(places.map((place) => place?.first ?? ''))], exact, ranges };
}

export function trafficSets(all: readonly ServiceTraffic[]): ReadonlyMap<string, NftSet> {
  const sets = new Map<string, NftSet>();
  for (const family of [4, 6] as const) {
    const own = all.filter(({ service }) => service.family === family);
    const type = `type ipv${family}_addr . inet_proto . ipv${family}_addr . inet_service;`;
    const exact = exactGroups(own);
    const ranges = rangeGroups(own);
    for (const kind of KINDS) {
      const name = `${kind}${family}`;
      const keeps = 'counters';
      if (exact.size > 0) sets.set(name, { kind: 'set', declaration: `${type} counter;`, keeps, elements: exact });
      const declaration = `${type} flags interval; counter;`;
      if (ranges.size > 0) sets.set(`${name}_ranges`, { kind: 'set', declaration, keeps, elements: ranges });
    }
  }
  return sets;
}

function exactGroups(all: readonly ServiceTraffic[]): ReadonlyMap<string, ElementGroup> {
  const groups = new Map<string, ElementGroup>();
  const owners = new Map<string, ElementGroup>();
  const users = new Map<string, number>();
  for (const { asked } of all) for (const ip of asked) users.set(ip, (users.get(ip) ?? 0) + 1);
  for (const { service, asked, exact } of all) {
    if (exact.size === 0) continue;
    if (asked.every((ip) => users.get(ip) === 1)) {
      groups.set(service.key, exact);
      continue;
    }
    let own = 0;
    for (const key of exact.keys()) {
      if (owners.has(key)) continue;
      owners.set(key, exact);
      own++;
    }
    // The same object as before, where nobody else has any of it.
    const some = own === exact.size ? exact : new Map([...exact].filter(([key]) => owners.get(key) === exact));
    if (own > 0) groups.set(service.key, some);
  }
  return groups;
}

function rangeGroups(all: readonly ServiceTraffic[]): ReadonlyMap<string, ElementGroup> {
  const groups = new Map<string, ElementGroup>();
  const taken = new TakenRanges();
  for (const { service, ranges } of all) {
    const own = new Map<string, NftElement>();
    for (const { key, element } of ranges) if (taken.take(key.group, key.box)) own.set(key.text, element);
    if (own.size > 0) groups.set(service.key, own);
  }
  return groups;
}

/** Every packet that the box forwards comes by: as few rules as there are sets, and the first that knows it is the last. */
export function trafficChains(sets: ReadonlyMap<string, NftSet>): readonly (readonly [string, NftChain])[] {
  const rules = (kind: string, match: string, address: string, port: string): readonly string[] =>
    ([4, 6] as const).flatMap((family) => {
      const ip = family === 4 ? 'ip' : 'ip6';
      const key = `ct original ${ip} daddr . meta l4proto . ${ip} ${address} . th ${port}`;
      const names = BEHIND.map((suffix) => `${kind}${family}${suffix}`).filter((name) => sets.has(name));
      return names.map((name) => `${match}${key} @${name} accept`);
    });
  const replies = rules('replies', 'ct direction reply ', 'saddr', 'sport');
  return [
    [
      'postrouting',
      {
        // A chain of nat sees the first packet of a connection.
        declaration: 'type nat hook postrouting priority srcnat - 5; policy accept;',
        rules: [NOT_OURS, ...rules('connections', '', 'daddr', 'dport')],
      },
    ],
    [
      'forward',
      {
        declaration: 'type filter hook forward priority filter + 5; policy accept;',
        rules: [NOT_OURS, ...rules('requests', 'ct direction original ', 'daddr', 'dport'), ...replies],
      },
    ],
  ];
}

const NOT_OURS = 'ct status ! dnat accept';
