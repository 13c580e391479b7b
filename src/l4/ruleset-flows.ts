/**
 * Connections of servers with DR: there is no conntrack where their packets are sent on, so a map has the server of each, which
 * it keeps while the set of servers changes; times are those of IPVS. The same maps and chains for all services of a protocol:
 *
 *   known4_…   flows4_tcp ─▶ a server that is still there ─▶ send4_…
 *   begin4_…   a server was chosen: counted ─▶ send4_…
 *   send4_…    remembered ─▶ deliver4 (ruleset-direct.ts)
 *
 * One that ends goes over to flows4_tcp_closing, which a last ACK does not prolong to the time of one at rest. The protocol is
 * not part of the key; who comes by a mark has maps of its own. IPv6: the addresses are hashed (nft 1.0.6 fails to write maps
 * whose keys are longer than 16 bytes).
 */
import type { FlowTimeouts } from '../config/l4-model.ts';
import type { NftChain, NftSet } from './nft-table.ts';
import type { L4Service } from './service.ts';

/** Of one map; connections beyond that go to the server that a change leaves them. */
const MOST_FLOWS = 1_048_576;
/** Of a map; each connection has its own. */
const FLOW_S = 900;

/** Services of which connections are remembered in the same way. */
export interface FlowKind {
  readonly name: string;
  /** `once`: each packet is a connection. */
  readonly protocol: 'tcp' | 'udp' | 'sctp' | 'marked' | 'once';
  readonly timeouts: FlowTimeouts;
}

export function flowKind({ onePacket, marks, protocol, flowTimeouts }: L4Service): FlowKind {
  const { tcpS, tcpEdgeS, datagramS } = flowTimeouts;
  const timeouts = flowTimeouts;
  if (onePacket) return { name: 'once', protocol: 'once', timeouts };
  // A mark is of packets of any protocol, as in IPVS.
  if (marks.length > 0) return { name: `marked_${tcpS}s_${tcpEdgeS}s_${datagramS}s`, protocol: 'marked', timeouts };
  switch (protocol) {
    case 'TCP':
      return { name: `tcp_${tcpS}s_${tcpEdgeS}s`, protocol: 'tcp', timeouts };
    case 'UDP':
      return { name: `udp_${datagramS}s`, protocol: 'udp', timeouts };
    case 'SCTP':
      return { name: `sctp_${tcpS}s`, protocol: 'sctp', timeouts };
  }
}

export function knownChain(family: 4 | 6, { name }: FlowKind): string {
  return `known${family}_${name}`;
}

export function beginChain(family: 4 | 6, { name }: FlowKind): string {
  return `begin${family}_${name}`;
}

function flowsName(family: 4 | 6, { protocol }: FlowKind): string {
  return `flows${family}_${protocol}`;
}

function closingName(family: 4 | 6, kind: FlowKind): string {
  return `${flowsName(family, kind)}_closing`;
}

function hasTcp({ protocol }: FlowKind): boolean {
  return protocol === 'tcp' || protocol === 'marked';
}

function flowKey(family: 4 | 6): string {
  if (family === 4) return 'ip saddr . th sport . ip daddr . th dport';
  return 'th sport . th dport . jhash ip6 saddr . ip6 daddr mod 4294967295 seed 0x666c6f77';
}

export function flowSets(family: 4 | 6, kind: FlowKind): readonly (readonly [string, NftSet])[] {
  if (kind.protocol === 'once') return [];
  const [type, key] =
    family === 4
      ? ['type ipv4_addr . inet_service . ipv4_addr . inet_service : classid', 'client . asked for']
      : ['typeof th sport . th dport . numgen inc mod 1 : meta priority', 'ports . hash of addresses'];
  const options = `size ${MOST_FLOWS}; flags dynamic,timeout; timeout ${FLOW_S}s; comment "${key} : server";`;
  const set: NftSet = { kind: 'map', declaration: `${type}; ${options}`, keeps: 'memory', elements: new Map() };
  const closing: readonly (readonly [string, NftSet])[] = hasTcp(kind) ? [[closingName(family, kind), set]] : [];
  return [[flowsName(family, kind), set], ...closing];
}

export function flowChains(family: 4 | 6, kind: FlowKind): readonly (readonly [string, NftChain])[] {
  const [send, deliver] = [`send${family}_${kind.name}`, `deliver${family}`];
  const begin: NftChain = {
    declaration: 'comment "a server was chosen";',
    rules: [`meta priority @connections meta priority @requests goto ${kind.protocol === 'once' ? deliver : send}`],
  };
  // What ends here goes the way of all packets.
  const local = 'fib daddr type != local accept comment "not an address of this box"';
  if (kind.protocol === 'once')
    return [
      [beginChain(family, kind), begin],
      [knownChain(family, kind), { declaration: '', rules: [local] }],
    ];
  const [flows, key] = [`@${flowsName(family, kind)}`, flowKey(family)];
  const known = [
    local,
    'meta priority set 0',
    `meta priority set ${key} map ${flows}`,
    `meta priority @requests goto ${send}`,
    `meta priority != 0 delete ${flows} { ${key} : meta priority } comment "its server is gone"`,
  ];
  const [endName, end] = endChain(family, kind);
  const closing = [
    'meta priority set 0',
    `tcp flags & syn == 0 meta priority set ${key} map @${closingName(family, kind)}`,
    `meta priority @requests goto ${endName}`,
  ];
  return [
    [send, { declaration: 'comment "the connection is remembered";', rules: sendRules(family, kind) }],
    ...(hasTcp(kind) ? ([[endName, end]] as const) : []),
    [beginChain(family, kind), begin],
    [
      knownChain(family, kind),
      {
        declaration: 'comment "of a connection that is known";',
        rules: hasTcp(kind) ? [...known, ...closing] : known,
      },
    ],
  ];
}

/** What comes after the end of a connection, as long as it comes. */
function endChain(family: 4 | 6, kind: FlowKind): readonly [string, NftChain] {
  const map = `@${closingName(family, kind)}`;
  const update = `update ${map} { ${flowKey(family)} timeout ${kind.timeouts.tcpEdgeS}s : meta priority }`;
  const rules = [update, `goto deliver${family}`];
  return [`end${family}_${kind.name}`, { declaration: 'comment "of one that has ended";', rules }];
}

function sendRules(family: 4 | 6, kind: FlowKind): readonly string[] {
  const { tcpS, tcpEdgeS, datagramS } = kind.timeouts;
  const [flows, key, deliver] = [`@${flowsName(family, kind)}`, flowKey(family), `goto deliver${family}`];
  const update = (map: string, seconds: number): string =>
    `update ${map} { ${key} timeout ${seconds}s : meta priority }`;
  const tcp = [
    `tcp flags & (fin | syn | rst) == 0 ${update(flows, tcpS)} ${deliver}`,
    `tcp flags & syn != 0 ${update(flows, tcpEdgeS)}`,
    `tcp flags & (fin | rst) != 0 ${update(`@${closingName(family, kind)}`, tcpEdgeS)}`,
    `tcp flags & (fin | rst) != 0 delete ${flows} { ${key} : meta priority }`,
  ];
  const other = `meta l4proto != tcp ${update(flows, kind.protocol === 'sctp' ? tcpS : datagramS)}`;
  switch (kind.protocol) {
    case 'tcp':
      return [...tcp, deliver];
    case 'marked':
      return [...tcp, other, deliver];
    default:
      return [other, deliver];
  }
}
