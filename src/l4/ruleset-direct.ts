/**
 * `netdev tandem`: services with servers that get packets as they are, for the virtual address (DR): where packets come in
 * from an interface, before the box itself looks at them, they are sent on to the server's own address on the link. The kernel
 * finds its MAC address and decrements the TTL.
 *
 *   packet ─▶ in_eth0 ─ services4 ─▶ vs_…  ─ flows4_tcp: known connection ─▶ vs_…_send ─ fwd ip to 10.0.0.71 device eth1
 *                                       └─ else a server is chosen ─▶ vs_…_begin ┘
 *
 * The address must be this box's own at that moment, as for IPVS: frames for the other box, which a switch that has forgotten its
 * MAC address sends to everybody, and packets that are to be routed there, are not ours.
 *
 * There is no conntrack there: flows4_tcp and its like keep a connection at its server while the set of servers changes; times are
 * those of IPVS. One that ends goes over to flows4_tcp_closing, which a last ACK does not prolong to the time of one at rest. A
 * server with NAT in such a service gets its packets by `accept`: the rest is the other table's. Later fragments have no ports and
 * are not sent on.
 */
import { commentText, type NftChain, type NftElement, type NftSet, type NftTable } from './nft-table.ts';
import { chainName, clientsOf, knownClient, mapText, nextServer, rememberClient } from './ruleset-choice.ts';
import { serviceMaps, serviceRules } from './ruleset-services.ts';
import { serverIds } from './server-ids.ts';
import type { Destination, L4Service } from './service.ts';
import { slotsOf } from './slots.ts';
import { trafficComment } from './traffic.ts';

export const DIRECT_TABLE = 'netdev tandem';

/** Of one family; connections beyond that go to the server that a change leaves them. */
const MOST_FLOWS = 1_048_576;
/** Of a map of flows; each of them has its own. */
const FLOW_S = 900;

/** This box, as far as packets for servers with DR are concerned. */
export interface DirectLinks {
  /** Where clients' packets come in; they must be there, or nft takes nothing of it. */
  readonly interfaces: readonly string[];
  /** The interface to a server; null: none leads there now, so its connections wait. */
  readonly deviceOf: (ip: string) => string | null;
}

/** null: no service has such servers. */
export function directTable(all: readonly L4Service[], links: DirectLinks): NftTable | null {
  const services = all.filter(({ destinations }) => destinations.some(({ forwarding }) => forwarding === 'DR'));
  if (services.length === 0) return null;
  const maps = serviceMaps(services);
  const sets = new Map<string, NftSet>(maps);
  for (const service of services) {
    const declaration = `type ${flowType(service)} : classid; size ${MOST_FLOWS}; flags dynamic,timeout; timeout ${FLOW_S}s;`;
    sets.set(flowsName(service), { kind: 'map', declaration, elements: new Map() });
    if (!hasTcp(service)) continue;
    sets.set(closingName(service), { kind: 'map', declaration, elements: new Map() });
  }
  const chains = new Map<string, NftChain>();
  for (const service of services) {
    const { destinations, name } = service;
    const chain = chainName(service);
    const clients = clientsOf(service);
    if (clients !== null) sets.set(clients.name, clients.set);
    const ids = serverIds(destinations.map(({ key }) => key));
    const idOf = ({ key }: Destination): string => ids.get(key) ?? '';
    const counters = countersOf(service, idOf);
    sets.set(`${chain}_connections`, counters);
    sets.set(`${chain}_requests`, counters);
    const declaration = `comment "${commentText(name)}";`;
    chains.set(`${chain}_send`, { declaration, rules: sendRules(service, idOf, links) });
    chains.set(`${chain}_begin`, { declaration, rules: beginRules(service) });
    chains.set(chain, { declaration, rules: directRules(service, idOf, links) });
  }
  for (const name of links.interfaces)
    chains.set(`in_${name.replace(/[^A-Za-z0-9]/g, '_')}`, {
      declaration: `type filter hook ingress device "${name}" priority filter; policy accept;`,
      rules: serviceRules(maps),
    });
  return { name: DIRECT_TABLE, comment: 'virtual servers with direct routing, written by Tandem', sets, chains };
}

function countersOf({ key, destinations }: L4Service, idOf: (one: Destination) => string): NftSet {
  const elements = new Map<string, NftElement>(
    destinations.map((one) => [idOf(one), { comment: trafficComment(key, one.key), value: '' }]),
  );
  return { kind: 'set', declaration: 'type classid; counter;', elements };
}

/**
 * IPv4: apart by protocol, a port of TCP and UDP is two services. IPv6: of the service alone, as its keys are hashes (nft 1.0.6
 * fails to write maps whose keys are longer than 16 bytes): connections that meet share their server.
 */
function flowsName(service: L4Service): string {
  const { family, protocol, marks } = service;
  if (family === 6) return `${chainName(service)}_flows`;
  return `flows4_${marks.length > 0 ? 'marked' : protocol.toLowerCase()}`;
}

function closingName(service: L4Service): string {
  return `${flowsName(service)}_closing`;
}

function hasTcp({ protocol, marks }: L4Service): boolean {
  return protocol === 'TCP' || marks.length > 0;
}

function flowType({ family }: L4Service): string {
  return family === 4 ? 'ipv4_addr . inet_service . ipv4_addr . inet_service' : 'classid';
}

function flowKey({ family }: L4Service): string {
  if (family === 4) return 'ip saddr . th sport . ip daddr . th dport';
  return 'jhash ip6 saddr . th sport . ip6 daddr . th dport mod 4294967295 seed 0x666c6f77';
}

/** Its server is in `meta priority`; else what is no server's number. */
function flowLookup(service: L4Service, flows: string, match = ''): readonly string[] {
  const map = `map @${flows}`;
  if (service.family === 4) return ['meta priority set 0', `${match}meta priority set ${flowKey(service)} ${map}`];
  return [`${match}meta priority set ${flowKey(service)}`, `${match}meta priority set meta priority ${map}`];
}

function directRules(service: L4Service, idOf: (one: Destination) => string, links: DirectLinks): readonly string[] {
  const begin = `meta priority @${chainName(service)}_connections goto ${chainName(service)}_begin`;
  return [
    'fib daddr type != local return',
    ...knownFlow(service),
    ...closingFlow(service, idOf, links),
    ...knownClient(service, begin),
    ...nextServer(service, slotsOf(service), idOf),
    begin,
    'meta priority set 0',
  ];
}

function knownFlow(service: L4Service): readonly string[] {
  if (service.onePacket) return [];
  const [flows, chain] = [flowsName(service), chainName(service)];
  return [
    ...flowLookup(service, flows),
    `meta priority @${chain}_requests goto ${chain}_send`,
    `meta priority != 0 delete @${flows} { ${flowKey(service)} : meta priority }`,
  ];
}

/** What comes after the end of a connection, as long as it comes. */
function closingFlow(service: L4Service, idOf: (one: Destination) => string, links: DirectLinks): readonly string[] {
  if (service.onePacket || !hasTcp(service)) return [];
  const flows = closingName(service);
  const update = `update @${flows} { ${flowKey(service)} : meta priority }`;
  return [
    ...flowLookup(service, flows, 'tcp flags & syn == 0 '),
    `meta priority @${chainName(service)}_requests ${update}`,
    ...forwardRules(service, idOf, links),
  ];
}

function beginRules(service: L4Service): readonly string[] {
  const chain = chainName(service);
  return [...rememberClient(service), `meta priority @${chain}_requests goto ${chain}_send`];
}

function sendRules(service: L4Service, idOf: (one: Destination) => string, links: DirectLinks): readonly string[] {
  return [...rememberFlow(service), ...forwardRules(service, idOf, links)];
}

/** Of a server, to which it goes; others pass. */
function forwardRules(
  { destinations, family }: L4Service,
  idOf: (one: Destination) => string,
  { deviceOf }: DirectLinks,
): readonly string[] {
  const rules: string[] = [];
  const groups = new Map<string, Destination[]>();
  for (const one of destinations) {
    const where = one.forwarding === 'NAT' ? 'NAT' : (deviceOf(one.address.ip) ?? '');
    groups.set(where, [...(groups.get(where) ?? []), one]);
  }
  for (const [where, some] of groups) {
    const ids = `{ ${some.map(idOf).join(', ')} }`;
    if (where === 'NAT') rules.push(`meta priority ${ids} meta priority set 0 accept`);
    // Its connections wait.
    else if (where === '') rules.push(`meta priority ${ids} drop`);
    else {
      const to = mapText(some.map((one) => [idOf(one), one.address.ip]));
      rules.push(`fwd ${family === 4 ? 'ip' : 'ip6'} to meta priority ${to} device "${where}"`);
    }
  }
  return rules;
}

function rememberFlow(service: L4Service): readonly string[] {
  const { onePacket, protocol, marks } = service;
  if (onePacket) return [];
  const { tcpS, tcpEdgeS, datagramS } = service.flowTimeouts;
  const [flows, closing, key] = [`@${flowsName(service)}`, `@${closingName(service)}`, flowKey(service)];
  const update = (map: string, seconds: number): string =>
    `update ${map} { ${key} timeout ${seconds}s : meta priority }`;
  const tcp = [
    `tcp flags & (fin | syn | rst) == 0 ${update(flows, tcpS)}`,
    `tcp flags & syn != 0 ${update(flows, tcpEdgeS)}`,
    `tcp flags & (fin | rst) != 0 ${update(closing, tcpEdgeS)}`,
    `tcp flags & (fin | rst) != 0 delete ${flows} { ${key} : meta priority }`,
  ];
  const other = `meta l4proto != tcp ${update(flows, protocol === 'SCTP' ? tcpS : datagramS)}`;
  if (marks.length > 0) return [...tcp, other];
  return protocol === 'TCP' ? tcp : [other];
}
