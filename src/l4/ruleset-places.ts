/**
 * Where services listen and what their servers are counted by, as keys of maps: one address and port, looked up by hash, or
 * ranges of them, which must not overlap in one map: who comes first has it (as IPVS knows one service for an address).
 *
 *   services4           192.0.2.1 . tcp . 80
 *   services4_ranges    192.0.2.1-192.0.2.9 . tcp . 80
 *   services4_any_port  192.0.2.1 . tcp                        asked last: a service of the port itself is nearer
 */

import type { L4Place } from '../config/l4-model.ts';
import { ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';
import type { Destination, L4Service } from './service.ts';

export interface Range {
  readonly first: bigint;
  readonly last: bigint;
}

/** Of one map: what it has, by a key without the ranges, so that what cannot meet is not compared. */
export class TakenRanges {
  readonly #boxes = new Map<string, (readonly Range[])[]>();

  /** false: something of it is taken. */
  take(group: string, box: readonly Range[]): boolean {
    const others = this.#boxes.get(group) ?? [];
    if (others.some((other) => other.every((range, i) => meets(range, box[i])))) return false;
    this.#boxes.set(group, [...others, box]);
    return true;
  }
}

function meets(a: Range, b: Range | undefined): boolean {
  return b !== undefined && a.first <= b.last && b.first <= a.last;
}

export type PlaceKind = 'exact' | 'range' | 'any-port';

export function kindOf({ first, last, firstPort, lastPort }: L4Place): PlaceKind {
  if (firstPort === 0) return 'any-port';
  return first === last && firstPort === lastPort ? 'exact' : 'range';
}

/** The key of a place in the map for its kind. */
export function placeKey(place: L4Place, { protocol }: L4Service): string {
  const key = `${ipText(place.first, place.last)} . ${protocol.toLowerCase()}`;
  return place.firstPort === 0 ? key : `${key} . ${portText(place.firstPort, place.lastPort)}`;
}

export function placeBox({ first, last, firstPort, lastPort }: L4Place): readonly Range[] {
  const ips = { first: numberOf(first), last: numberOf(last) };
  return firstPort === 0 ? [ips] : [ips, { first: BigInt(firstPort), last: BigInt(lastPort) }];
}

/**
 * By what packets between a place and a server are known, in both directions: the address that the client asked for, and
 * the server's own. Without a place: all addresses (of a mark).
 */
export interface TrafficKey {
  readonly isExact: boolean;
  readonly text: string;
  readonly group: string;
  /** Of what is no range it is empty. */
  readonly box: readonly Range[];
}

export function trafficKey(
  place: L4Place | null,
  family: 4 | 6,
  protocol: string,
  { address }: Destination,
): TrafficKey {
  const [least, most] =
    family === 4 ? ['0.0.0.0', '255.255.255.255'] : ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'];
  const first = place?.first ?? least;
  const last = place?.last ?? most;
  const [firstPort, lastPort] = serverPorts(place, address.port);
  const group = `${protocol} . ${address.ip}`;
  const isExact = first === last && firstPort === lastPort;
  return {
    isExact,
    text: `${ipText(first, last)} . ${group} . ${portText(firstPort, lastPort)}`,
    group,
    box: isExact
      ? []
      : [
          { first: numberOf(first), last: numberOf(last) },
          { first: BigInt(firstPort), last: BigInt(lastPort) },
        ],
  };
}

/** A server without a port has that of the place, which may be any. */
function serverPorts(place: L4Place | null, port: number): readonly [number, number] {
  if (port !== 0) return [port, port];
  return place === null || place.firstPort === 0 ? [0, 65_535] : [place.firstPort, place.lastPort];
}

/** Of an address and a port, or ranges of them, as keys have them. */
export function textBox(ips: string, ports: string): readonly Range[] {
  const [first = '', last = first] = ips.split('-');
  const [firstPort = '', lastPort = firstPort] = ports.split('-');
  return [
    { first: numberOf(first), last: numberOf(last) },
    { first: BigInt(firstPort), last: BigInt(lastPort) },
  ];
}

function ipText(first: string, last: string): string {
  return first === last ? first : `${first}-${last}`;
}

function portText(first: number, last: number): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function numberOf(ip: string): bigint {
  const bytes = ip.includes(':') ? ipv6Bytes(ip) : ipv4Bytes(ip);
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`);
}
