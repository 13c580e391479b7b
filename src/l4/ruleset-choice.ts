/**
 * A packet that begins something gets a server: the client's own, if the service is persistent and it came before, else the
 * one of the next slot. Rules leave its number (server-ids.ts) in `meta priority`, or none.
 *
 *   client ─ vs_…_clients ─▶ a server that is still there ─────────────────┐
 *      └── unknown, or its server is gone ─▶ slot ─▶ server ─▶ remembered ─┴─▶ meta priority
 *
 * A server of weight 0 keeps its clients, as in IPVS without expire_quiescent_template. Clients are one table for a whole
 * service, all its addresses and ports together.
 */
import { formatIpv4, formatIpv6 } from '../core/ip-bytes.ts';
import type { NftSet } from './nft-table.ts';
import type { Destination, L4Service } from './service.ts';

/** Of one service; who comes beyond that is balanced, and not remembered. */
const MOST_CLIENTS = 262_144;
/** Of jhash; it never changes. */
const HASH_SEED = '0x54616e64';

export function chainName({ key }: L4Service): string {
  return `vs_${key}`;
}

/** null: it is not persistent. */
export function clientsOf(service: L4Service): { readonly name: string; readonly set: NftSet } | null {
  const { persistence, family } = service;
  if (persistence === null) return null;
  const { timeoutS, prefixLength } = persistence;
  const declaration = `type ipv${family}_addr : classid; size ${MOST_CLIENTS}; flags dynamic,timeout; timeout ${timeoutS}s;`;
  // What it was declared with is in its name: other times, another map.
  const name = `${chainName(service)}_clients_${timeoutS}s_${prefixLength}`;
  return { name, set: { kind: 'map', declaration, elements: new Map() } };
}

/** A client that is known: its server is in `meta priority`, and `taken` is the end of it, unless that server is gone. */
export function knownClient(service: L4Service, taken: string): readonly string[] {
  const clients = clientUse(service);
  if (clients === null) return ['meta priority set 0'];
  const { client, map } = clients;
  return [
    'meta priority set 0',
    `meta priority set ${client} map ${map}`,
    `meta priority != 0 ${taken}`,
    `meta priority != 0 delete ${map} { ${client} : meta priority }`,
    'meta priority set 0',
  ];
}

/** The client is remembered, or its time begins anew. */
export function rememberClient(service: L4Service): readonly string[] {
  const clients = clientUse(service);
  if (clients === null) return [];
  return [`meta priority != 0 update ${clients.map} { ${clients.client} : meta priority }`];
}

function clientUse(service: L4Service): { readonly client: string; readonly map: string } | null {
  const clients = clientsOf(service);
  if (clients === null || service.persistence === null) return null;
  return { client: clientText(service.family, service.persistence.prefixLength), map: `@${clients.name}` };
}

/** The server of the next slot. */
export function nextServer(
  service: L4Service,
  slots: readonly Destination[],
  idOf: (one: Destination) => string,
): readonly string[] {
  const [only] = slots;
  if (only === undefined) return [];
  if (slots.every((slot) => slot === only)) return [`meta priority set ${idOf(only)}`];
  const map = mapText(slots.map((slot, i) => [String(i), idOf(slot)]));
  return [`meta priority set ${selector(service, slots.length)} ${map}`];
}

/** A number below that of slots. */
export function selector({ scheduler, family, hashesPort }: L4Service, slots: number): string {
  const ip = family === 4 ? 'ip' : 'ip6';
  switch (scheduler) {
    case 'dh':
      return `jhash ${ip} daddr mod ${slots} seed ${HASH_SEED}`;
    case 'sh':
    case 'mh':
      return `jhash ${ip} saddr${hashesPort ? ' . th sport' : ''} mod ${slots} seed ${HASH_SEED}`;
    case 'rr':
    case 'wrr':
    case 'lc':
    case 'wlc':
    case 'sed':
    case 'nq':
      return `numgen inc mod ${slots}`;
  }
}

export function mapText(pairs: readonly (readonly [string, string])[]): string {
  return `map { ${pairs.map(([key, value]) => `${key} : ${value}`).join(', ')} }`;
}

function clientText(family: 4 | 6, prefixLength: number): string {
  const bytes = new Uint8Array(family === 4 ? 4 : 16);
  if (prefixLength === bytes.length * 8) return family === 4 ? 'ip saddr' : 'ip6 saddr';
  for (let bit = 0; bit < prefixLength; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  return family === 4 ? `ip saddr & ${formatIpv4(bytes, 0)}` : `ip6 saddr & ${formatIpv6(bytes, 0)}`;
}
