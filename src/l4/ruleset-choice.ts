/**
 * A packet that begins something gets a server: the client's own, if the service is persistent and it came before, else the
 * one of the next slot. Rules leave its number (server-ids.ts) in `meta priority`.
 *
 *   client ─ clients4 ─▶ a server that is still there ──────────────────────┐
 *      └── unknown, or its server is gone ─▶ slot ─▶ server ─▶ remembered ──┴─▶ on to it
 *
 *   clients4   the client's address or network . number of the service : number of the server      one map for all services
 *   clients6   a hash of it . the same : the same         (nft 1.0.6 fails to write maps whose keys are longer than 16 bytes:
 *                                                          two clients of a service that meet share their server)
 *
 * A server of weight 0 keeps its clients, as in IPVS without expire_quiescent_template. Clients are one table for a whole
 * service, all its addresses and ports together.
 */
import { formatIpv4, formatIpv6 } from '../core/ip-bytes.ts';
import type { NftSet } from './nft-table.ts';
import type { Destination, L4Service } from './service.ts';

/** Of all services together; who comes beyond that is balanced, and not remembered. */
const MOST_CLIENTS = 1_048_576;
/** Of jhash; it never changes. */
const HASH_SEED = '0x54616e64';

export function chainName({ key }: L4Service): string {
  return `vs_${key}`;
}

export function clientsName(family: 4 | 6): string {
  return `clients${family}`;
}

/** The map of a family. */
export function clientsSet(family: 4 | 6): NftSet {
  const type = `typeof ${family === 4 ? 'ip saddr' : NUMBER} . ${NUMBER} : meta priority`;
  const comment = `client${family === 4 ? '' : ' (hashed)'} . service : server`;
  const declaration = `${type}; size ${MOST_CLIENTS}; flags dynamic,timeout; comment "${comment}";`;
  return { kind: 'map', declaration, keeps: 'memory', elements: new Map() };
}

/** A register with this number plus `offset`. */
const NUMBER = 'numgen inc mod 1';

/**
 * `taken` ends it, with the server in `meta priority`, unless that server is gone or there is none: the one of the next slot is
 * remembered, and has the last word by `then`. `number`: that of the service.
 */
export function choiceRules(
  service: L4Service,
  number: number,
  slot: string | null,
  taken: string,
  then: string,
): readonly string[] {
  const { persistence, family } = service;
  if (persistence === null) return slot === null ? [] : [slot, then];
  const map = `@${clientsName(family)}`;
  const client = `${clientText(family, persistence.prefixLength)} . ${NUMBER} offset ${number}`;
  const update = `update ${map} { ${client} timeout ${persistence.timeoutS}s : meta priority }`;
  return [
    'meta priority set 0',
    // Its time begins anew.
    `meta priority set ${client} map ${map} ${update} comment "a client that is known"`,
    `meta priority != 0 ${taken}`,
    `meta priority != 0 delete ${map} { ${client} : meta priority } comment "its server is gone"`,
    ...(slot === null ? [] : [slot, update, then]),
  ];
}

/** The server of the next slot; null: there is none. */
export function nextServer(
  service: L4Service,
  slots: readonly Destination[],
  idOf: (one: Destination) => string,
): string | null {
  const [only] = slots;
  if (only === undefined) return null;
  if (slots.every((slot) => slot === only)) return `meta priority set ${idOf(only)}`;
  const map = mapText(slots.map((slot, i) => [String(i), idOf(slot)]));
  return `meta priority set ${selector(service, slots.length)} ${map}`;
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
  const address = family === 4 ? 'ip saddr' : 'ip6 saddr';
  const isWhole = prefixLength === bytes.length * 8;
  for (let bit = 0; bit < prefixLength; bit++) bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (0x80 >> (bit & 7));
  const mask = family === 4 ? formatIpv4(bytes, 0) : formatIpv6(bytes, 0);
  const network = isWhole ? address : `${address} & ${mask}`;
  return family === 4 ? network : `jhash ${network} mod 4294967295 seed ${HASH_SEED}`;
}
