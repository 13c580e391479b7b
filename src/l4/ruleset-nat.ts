/**
 * `table inet tandem`: services whose servers get packets with their own address written in (NAT). conntrack does that with
 * the rest of a connection, and so it stays with its server whatever becomes of the rules.
 *
 *   first packet ─▶ prerouting ─ services4 ─▶ vs_… ─▶ dnat to a server ─▶ postrouting: connections4 counts it
 *   every packet ─▶ forward: requests4 and replies4 count it
 *
 * A persistent service looks for the client first (ruleset-choice.ts). Servers answer through this box (it is their route to
 * clients): nothing is masqueraded. Not here: where elements lie (ruleset-places.ts).
 */
import { commentText, type NftChain, type NftSet, type NftTable } from './nft-table.ts';
import { chainName, clientsOf, knownClient, mapText, nextServer, rememberClient, selector } from './ruleset-choice.ts';
import { serviceMaps, serviceRules } from './ruleset-services.ts';
import { trafficRules, trafficSets } from './ruleset-traffic.ts';
import { serverIds } from './server-ids.ts';
import type { Destination, L4Service } from './service.ts';
import { slotsOf } from './slots.ts';

export const NAT_TABLE = 'inet tandem';

/** null: no service has such servers. */
export function natTable(all: readonly L4Service[]): NftTable | null {
  const services = all
    .filter(({ destinations }) => destinations.some(isNat))
    .map((service) => ({ ...service, destinations: service.destinations.filter(isNat) }));
  if (services.length === 0) return null;
  const maps = serviceMaps(services);
  const traffic = trafficSets(services);
  const sets = new Map<string, NftSet>([...maps, ...traffic]);
  const chains = new Map<string, NftChain>();
  for (const service of services) {
    const clients = clientsOf(service);
    if (clients !== null) sets.set(clients.name, clients.set);
    for (const [name, rules] of natRules(service))
      chains.set(name, { declaration: `comment "${commentText(service.name)}";`, rules });
  }
  const rules = serviceRules(maps);
  chains.set('prerouting', { declaration: 'type nat hook prerouting priority dstnat - 5; policy accept;', rules });
  chains.set('output', { declaration: 'type nat hook output priority -105; policy accept;', rules });
  for (const [name, chain] of trafficRules(traffic)) chains.set(name, chain);
  return { name: NAT_TABLE, comment: 'virtual servers with NAT, written by Tandem', sets, chains };
}

function isNat({ forwarding }: Destination): boolean {
  return forwarding === 'NAT';
}

function natRules(service: L4Service): readonly (readonly [string, readonly string[]])[] {
  const { destinations, family, marks, protocol } = service;
  const chain = chainName(service);
  // A mark is of packets of any protocol, as in IPVS.
  const protocols = marks.length > 0 ? '{ tcp, udp, sctp }' : protocol.toLowerCase();
  const to = `meta l4proto ${protocols} dnat ${family === 4 ? 'ip' : 'ip6'} to`;
  const slots = slotsOf(service);
  const withPort = destinations.filter(({ address }) => address.port !== 0);
  const withoutPort = destinations.filter(({ address }) => address.port === 0);
  if (service.persistence === null && (withPort.length === 0 || withoutPort.length === 0)) {
    const [only] = slots;
    if (only === undefined) return [[chain, []]];
    if (slots.every((slot) => slot === only)) return [[chain, [`${to} ${aloneText(only)}`]]];
    const map = mapText(slots.map((slot, i) => [String(i), mappedText(slot)]));
    return [[chain, [`${to} ${selector(service, slots.length)} ${map}`]]];
  }
  const ids = serverIds(destinations.map(({ key }) => key));
  const idOf = ({ key }: Destination): string => ids.get(key) ?? '';
  const send = [...rememberClient(service)];
  for (const some of [withPort, withoutPort])
    if (some.length > 0) send.push(`${to} meta priority ${mapText(some.map((one) => [idOf(one), mappedText(one)]))}`);
  const begin = [
    ...knownClient(service, `jump ${chain}_send`),
    ...nextServer(service, slots, idOf),
    `goto ${chain}_send`,
  ];
  return [
    [`${chain}_send`, send],
    [chain, begin],
  ];
}

function aloneText({ address: { family, ip, port } }: Destination): string {
  if (port === 0) return ip;
  return family === 4 ? `${ip}:${port}` : `[${ip}]:${port}`;
}

function mappedText({ address: { ip, port } }: Destination): string {
  return port === 0 ? ip : `${ip} . ${port}`;
}
