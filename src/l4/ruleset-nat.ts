/**
 * `inet tandem`: services with servers that get packets in their own name (NAT). The kernel's connection tracking sees to it
 * that a connection stays with its server whatever becomes of the rules.
 *
 *   first packet ─▶ prerouting ─ services4 ─▶ vs_… ─▶ dnat to a server ─▶ postrouting: connections4 counts it
 *   every packet ─▶ forward: requests4 and replies4 count it
 *
 *   packet for a service that has nobody ─▶ input: refused (ruleset-refused.ts)
 *
 * A persistent service looks for the client first (ruleset-choice.ts), and knows its servers by numbers: servers4. Servers
 * answer through this box (it is their route to clients): nothing is masqueraded. Not here: where elements lie (ruleset-places.ts).
 */
import {
  commentText,
  type ElementGroup,
  type NftChain,
  type NftElement,
  type NftSet,
  type NftTable,
} from './nft-table.ts';
import { chainName, choiceRules, clientsName, clientsSet, mapText, nextServer, selector } from './ruleset-choice.ts';
import { refusedChains, refusedSets } from './ruleset-refused.ts';
import { type ServicePlaces, serviceMaps, servicePlaces, serviceRules } from './ruleset-services.ts';
import { type ServiceTraffic, serviceTraffic, trafficChains, trafficSets } from './ruleset-traffic.ts';
import { SEAL_CHAINS } from './seal-chains.ts';
import type { ServerIds } from './server-ids.ts';
import type { Destination, L4Service } from './service.ts';
import { slotsOf } from './slots.ts';
import { trafficComment } from './traffic.ts';

export const NAT_TABLE = 'inet tandem';

/** What one service adds. */
export interface NatPiece {
  readonly service: L4Service;
  readonly places: ServicePlaces;
  readonly traffic: ServiceTraffic;
  readonly chain: NftChain;
  /** By number; empty where the rule itself names them. */
  readonly servers: ElementGroup;
  readonly serversAnyPort: ElementGroup;
}

/** null: it has no such servers. */
export function natPiece(whole: L4Service, ids: ServerIds): NatPiece | null {
  const destinations = whole.destinations.filter(({ forwarding }) => forwarding === 'NAT');
  if (destinations.length === 0) return null;
  const service = destinations.length === whole.destinations.length ? whole : { ...whole, destinations };
  const servers = new Map<string, NftElement>();
  const serversAnyPort = new Map<string, NftElement>();
  const hasPort = destinations.some(({ address }) => address.port !== 0);
  const isSimple =
    service.persistence === null && destinations.every(({ address }) => (address.port !== 0) === hasPort);
  if (!isSimple)
    for (const { key, address } of destinations) {
      const element = { comment: trafficComment(service.key, key), value: mappedText(address) };
      (address.port === 0 ? serversAnyPort : servers).set(ids.idOf(service.key, key), element);
    }
  const rules = isSimple ? simpleRules(service) : numberedRules(service, ids);
  return {
    service,
    places: servicePlaces(service),
    traffic: serviceTraffic(service),
    chain: { declaration: `comment "${commentText(service.name)}";`, rules },
    servers,
    serversAnyPort,
  };
}

/** `refused`: of services of any kind (ruleset-refused.ts). null: there is nothing for it. */
export function natTable(pieces: readonly NatPiece[], refused: readonly ServicePlaces[]): NftTable | null {
  if (pieces.length === 0 && refused.length === 0) return null;
  const refusedMaps = refusedSets(refused);
  const sets = new Map<string, NftSet>(refusedMaps);
  const chains = new Map<string, NftChain>([...SEAL_CHAINS, ...refusedChains(refusedMaps)]);
  if (pieces.length > 0) addBalance(pieces, sets, chains);
  return { name: NAT_TABLE, comment: 'virtual servers with NAT, written by Tandem', sets, chains };
}

function addBalance(pieces: readonly NatPiece[], sets: Map<string, NftSet>, chains: Map<string, NftChain>): void {
  for (const [name, set] of serviceMaps(pieces.map(({ places }) => places))) sets.set(name, set);
  for (const family of [4, 6] as const) {
    const own = pieces.filter(({ service }) => service.family === family);
    if (own.some(({ service }) => service.persistence !== null)) sets.set(clientsName(family), clientsSet(family));
    const type = `type classid : ipv${family}_addr`;
    addServers(sets, `servers${family}`, `${type} . inet_service;`, own, ({ servers }) => servers);
    addServers(sets, `servers${family}_any_port`, `${type};`, own, ({ serversAnyPort }) => serversAnyPort);
    for (const protocol of ['tcp', 'udp', 'sctp', 'marked'])
      if (
        own.some(({ service, servers, serversAnyPort }) => {
          return servers.size + serversAnyPort.size > 0 && protocolName(service) === protocol;
        })
      )
        chains.set(`send${family}_${protocol}`, sendChain(family, protocol, sets));
  }
  for (const [name, set] of trafficSets(pieces.map(({ traffic }) => traffic))) sets.set(name, set);
  for (const { service, chain } of pieces) chains.set(chainName(service), chain);
  const rules = serviceRules(sets);
  chains.set('prerouting', { declaration: 'type nat hook prerouting priority dstnat - 5; policy accept;', rules });
  chains.set('output', { declaration: 'type nat hook output priority -105; policy accept;', rules });
  for (const [name, chain] of trafficChains(sets)) chains.set(name, chain);
}

function addServers(
  sets: Map<string, NftSet>,
  name: string,
  declaration: string,
  pieces: readonly NatPiece[],
  groupOf: (piece: NatPiece) => ElementGroup,
): void {
  const elements = new Map<string, ElementGroup>();
  for (const piece of pieces) {
    const group = groupOf(piece);
    if (group.size > 0) elements.set(piece.service.key, group);
  }
  if (elements.size > 0) sets.set(name, { kind: 'map', declaration, keeps: 'nothing', elements });
}

/** A mark is of packets of any protocol, as in IPVS. */
export function protocolName({ marks, protocol }: L4Service): string {
  return marks.length > 0 ? 'marked' : protocol.toLowerCase();
}

function toText(family: 4 | 6, protocol: string): string {
  return `meta l4proto ${protocol === 'marked' ? '{ tcp, udp, sctp }' : protocol} dnat ${family === 4 ? 'ip' : 'ip6'} to`;
}

function sendChain(family: 4 | 6, protocol: string, sets: ReadonlyMap<string, NftSet>): NftChain {
  const names = [`servers${family}`, `servers${family}_any_port`].filter((name) => sets.has(name));
  const rules = names.map((name) => `${toText(family, protocol)} meta priority map @${name}`);
  return { declaration: 'comment "on to the server of this number, if it is there";', rules };
}

function simpleRules(service: L4Service): readonly string[] {
  const to = toText(service.family, protocolName(service));
  const slots = slotsOf(service);
  const [only] = slots;
  if (only === undefined) return [];
  if (slots.every((slot) => slot === only)) return [`${to} ${aloneText(only)}`];
  const map = mapText(slots.map(({ address }, i) => [String(i), mappedText(address)]));
  return [`${to} ${selector(service, slots.length)} ${map}`];
}

function numberedRules(service: L4Service, ids: ServerIds): readonly string[] {
  const send = `send${service.family}_${protocolName(service)}`;
  const slot = nextServer(service, slotsOf(service), ({ key }) => ids.idOf(service.key, key));
  return choiceRules(service, ids.numberOf(service.key), slot, `jump ${send}`, `goto ${send}`);
}

function aloneText({ address: { family, ip, port } }: Destination): string {
  if (port === 0) return ip;
  return family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`;
}

function mappedText({ ip, port }: Destination['address']): string {
  return port === 0 ? ip : `${ip} . ${port}`;
}
