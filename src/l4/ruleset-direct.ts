/**
 * `netdev tandem`: services with servers that get packets as they are, for the virtual address (DR): where packets come in
 * from an interface, before the box itself looks at them, they are sent on to the server's own address on the link. The kernel
 * finds its MAC address and decrements the TTL.
 *
 *   packet ─▶ in_eth0_2 ─ services4 ─▶ vs_…  ─ a known connection (ruleset-flows.ts) ──▶ deliver4 ─ fwd ip to 10.0.0.71
 *                                         └─ else a server is chosen ─ begin4_tcp … ┘             device eth1
 *
 *   connections, requests     by number of the server: what there is, and what it got
 *   servers4_eth1_3           the same: who gets packets by that interface
 *   elsewhere                 not sent on: servers with NAT in such a service, which are the other table's, and this box itself, as a
 *                             sorry server mostly, which has the virtual address as every server does
 *
 * The address must be this box's own at that moment, as for IPVS: frames for the other box, which a switch that has forgotten its
 * MAC address sends to everybody, and packets that are to be routed there, are not ours.
 *
 * Indexes of interfaces are in the names: one that is made anew gets other rules. Later fragments have no ports and are not sent on.
 */
import { nftName } from '../netlink/nft-name.ts';
import {
  commentText,
  type ElementGroup,
  type NftChain,
  type NftElement,
  type NftSet,
  type NftTable,
} from './nft-table.ts';
import { chainName, choiceRules, clientsName, clientsSet, nextServer } from './ruleset-choice.ts';
import { beginChain, flowChains, flowKind, flowSets, knownChain } from './ruleset-flows.ts';
import { type ServicePlaces, serviceMaps, servicePlaces, serviceRules } from './ruleset-services.ts';
import { SEAL_CHAINS } from './seal-chains.ts';
import type { ServerIds } from './server-ids.ts';
import type { L4Service } from './service.ts';
import { slotsOf } from './slots.ts';
import { trafficComment } from './traffic.ts';

export const DIRECT_TABLE = 'netdev tandem';

export interface LinkId {
  readonly name: string;
  readonly index: number;
}

/** No way to a server, as it is this box. */
export const HERE: LinkId = { name: 'lo', index: 0 };

/** This box, as far as packets for servers with DR are concerned. */
export interface DirectLinks {
  /** Where clients' packets come in; they must be there, or nft takes nothing of it. */
  readonly interfaces: readonly LinkId[];
  /** The interface to a server, or HERE; null: none leads there now, so its connections wait. */
  readonly deviceOf: (ip: string) => LinkId | null;
}

/** What one service adds. */
export interface DirectPiece {
  readonly service: L4Service;
  readonly places: ServicePlaces;
  readonly chain: NftChain;
  /** All its servers, with whose they are as a comment. */
  readonly counted: ElementGroup;
  readonly elsewhere: ElementGroup;
  /** By interface, those that are sent on. */
  readonly devices: ReadonlyMap<string, { readonly device: LinkId; readonly servers: ElementGroup }>;
}

/** null: it has no such servers. */
export function directPiece(service: L4Service, ids: ServerIds, { deviceOf }: DirectLinks): DirectPiece | null {
  if (!service.destinations.some(({ forwarding }) => forwarding === 'DR')) return null;
  const counted = new Map<string, NftElement>();
  const elsewhere = new Map<string, NftElement>();
  const devices = new Map<string, { device: LinkId; servers: Map<string, NftElement> }>();
  for (const { key, address, forwarding } of service.destinations) {
    const id = ids.idOf(service.key, key);
    const comment = trafficComment(service.key, key);
    counted.set(id, { comment, value: '' });
    const device = forwarding === 'NAT' ? HERE : deviceOf(address.ip);
    if (device === null) continue;
    if (device === HERE) {
      elsewhere.set(id, { comment, value: '' });
      continue;
    }
    const { servers } = devices.get(linkText(device)) ?? { servers: new Map<string, NftElement>() };
    devices.set(linkText(device), { device, servers: servers.set(id, { comment, value: address.ip }) });
  }
  const chain = { declaration: `comment "${commentText(service.name)}";`, rules: directRules(service, ids) };
  return { service, places: servicePlaces(service), chain, counted, elsewhere, devices };
}

/** null: no service has such servers. */
export function directTable(pieces: readonly DirectPiece[], links: DirectLinks): NftTable | null {
  if (pieces.length === 0) return null;
  const sets = new Map<string, NftSet>(serviceMaps(pieces.map(({ places }) => places)));
  const counted = new Map(pieces.map((piece) => [piece.service.key, piece.counted]));
  for (const name of ['connections', 'requests'])
    sets.set(name, { kind: 'set', declaration: 'type classid; counter;', keeps: 'counters', elements: counted });
  const elsewhere = new Map(
    pieces.flatMap((one) => (one.elsewhere.size > 0 ? [[one.service.key, one.elsewhere]] : [])),
  );
  if (elsewhere.size > 0)
    sets.set('elsewhere', { kind: 'set', declaration: 'type classid;', keeps: 'nothing', elements: elsewhere });
  const chains = new Map<string, NftChain>(SEAL_CHAINS);
  for (const family of [4, 6] as const) {
    const own = pieces.filter(({ service }) => service.family === family);
    if (own.length === 0) continue;
    if (own.some(({ service }) => service.persistence !== null)) sets.set(clientsName(family), clientsSet(family));
    chains.set(`deliver${family}`, deliverChain(family, own, sets));
    const kinds = new Map(own.map(({ service }) => [flowKind(service).name, flowKind(service)]));
    for (const kind of kinds.values()) {
      for (const [name, set] of flowSets(family, kind)) sets.set(name, set);
      for (const [name, chain] of flowChains(family, kind)) chains.set(name, chain);
    }
  }
  for (const { service, chain } of pieces) chains.set(chainName(service), chain);
  const rules = [...NOT_OURS, ...serviceRules(sets)];
  for (const link of links.interfaces)
    chains.set(`in_${linkText(link)}`, {
      declaration: `type filter hook ingress device "${link.name}" priority filter; policy accept;`,
      rules,
      mayVanish: true,
    });
  return { name: DIRECT_TABLE, comment: 'virtual servers with direct routing, written by Tandem', sets, chains };
}

/** Packets for other machines that a promiscuous interface shows, and those of a VLAN, which come again by its own interface. */
const NOT_OURS = ['meta pkttype != host accept', 'ether type { 8021q, 8021ad } accept'] as const;

function linkText({ name, index }: LinkId): string {
  return `${nftName(name)}_${index}`;
}

/** Adds the maps that it asks. Who has no interface now waits. */
function deliverChain(family: 4 | 6, pieces: readonly DirectPiece[], sets: Map<string, NftSet>): NftChain {
  const groups = new Map<string, { readonly device: LinkId; readonly elements: Map<string, ElementGroup> }>();
  for (const { service, devices } of pieces)
    for (const [text, { device, servers }] of devices) {
      const known = groups.get(text) ?? { device, elements: new Map<string, ElementGroup>() };
      known.elements.set(service.key, servers);
      groups.set(text, known);
    }
  const rules = sets.has('elsewhere') ? ['meta priority @elsewhere meta priority set 0 accept'] : [];
  for (const [text, { device, elements }] of groups) {
    const name = `servers${family}_${text}`;
    sets.set(name, { kind: 'map', declaration: `type classid : ipv${family}_addr;`, keeps: 'nothing', elements });
    rules.push(`fwd ${family === 4 ? 'ip' : 'ip6'} to meta priority map @${name} device "${device.name}"`);
  }
  return { declaration: 'comment "on to the server of this number";', rules: [...rules, 'drop'] };
}

function directRules(service: L4Service, ids: ServerIds): readonly string[] {
  const { family } = service;
  const kind = flowKind(service);
  const begin = beginChain(family, kind);
  const slot = nextServer(service, slotsOf(service), ({ key }) => ids.idOf(service.key, key));
  return [
    `jump ${knownChain(family, kind)}`,
    ...choiceRules(service, ids.numberOf(service.key), slot, `jump ${begin}`, `jump ${begin}`),
    'meta priority set 0',
  ];
}
