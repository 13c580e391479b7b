/**
 * Where virtual servers listen: `virtual_server 192.0.2.1 80`, and the lines of a group:
 *
 *   192.0.2.1 80                 without a port, or with 0: all of them
 *   192.0.2.1-10 80          the last byte (of IPv6: the last group) up to 10
 *   192.0.2.1-192.0.3.9 80
 *   192.0.2.0/24 80          all of them
 *   fwmark 5 [inet|inet6]
 */
import { ipv4Bytes, ipv6Bytes } from '../../../core/ip-bytes.ts';
import type { FirewallMark, L4Place } from '../../l4-model.ts';
import type { Statement } from '../statement.ts';
import { familyOf, type IpValue, readInteger, readIp, readPort, readPrefix } from '../values.ts';

export const MOST_MARK = 4_294_967_295;

/** One address, and a port or none. null: reported. */
export function readPlace(s: Statement, at: number): L4Place | null {
  return withPort(s, at + 1, (ip) => ({ family: ip.family, first: ip.ip, last: ip.ip }), readIp(s, at));
}

export function readMark(s: Statement, at: number): FirewallMark | null {
  const mark = readInteger(s, at, 1, MOST_MARK);
  if (mark === null) return null;
  const family = s.text(at + 1);
  if (family === '' || family === 'inet' || family === 'inet6')
    return { mark, family: family === '' ? null : family === 'inet' ? 4 : 6 };
  s.error(at + 1, 'bad-value', `'${family}' is no family of addresses`, 'inet or inet6');
  return null;
}

/** A line of a group. null: reported. */
export function readGroupLine(s: Statement): L4Place | FirewallMark | null {
  if (s.keyword === 'fwmark') return readMark(s, 1);
  const text = s.text(0);
  if (text.includes('/')) return withPort(s, 1, (range) => range, readNetwork(s));
  const dash = text.indexOf('-');
  if (dash < 0) return readPlace(s, 0);
  return withPort(s, 1, (range) => range, readRange(s, text.slice(0, dash), text.slice(dash + 1)));
}

type Range = Pick<L4Place, 'family' | 'first' | 'last'>;

function withPort<T>(s: Statement, at: number, rangeOf: (value: T) => Range, value: T | null): L4Place | null {
  const port = readPort(s, at);
  if (s.has(at + 1)) s.error(at + 1, 'extra-argument', `what is '${s.text(at + 1)}' for?`, 'IP PORT');
  if (value === null || port === null) return null;
  return { ...rangeOf(value), firstPort: port, lastPort: port === 0 ? 65_535 : port };
}

function readRange(s: Statement, from: string, to: string): Range | null {
  const family = familyOf(from);
  const last = family === null ? null : lastOf(from, to, family);
  // The short form has to be a range, as for keepalived.
  const least = last === to ? 0 : 1;
  if (family === null || last === null || compareIps(last, from, family) < least) {
    s.error(0, 'bad-address', `'${s.text(0)}' is no range of addresses`, '192.0.2.1-10, 192.0.2.1-192.0.2.10');
    return null;
  }
  return { family, first: from, last };
}

/** `to` is an address, or takes the place of the last part of `from`. */
function lastOf(from: string, to: string, family: 4 | 6): string | null {
  const whole = familyOf(to);
  if (whole === family) return to;
  if (whole !== null) return null;
  const separator = family === 4 ? '.' : ':';
  if (!(family === 4 ? /^\d{1,3}$/ : /^[0-9a-f]{1,4}$/i).test(to)) return null;
  const last = `${from.slice(0, from.lastIndexOf(separator) + 1)}${to}`;
  return familyOf(last) === family ? last : null;
}

/** keepalived leaves out a network that is written with the address of a host. */
function readNetwork(s: Statement): Range | null {
  const prefix = readPrefix(s, 0);
  if (prefix === null) return null;
  const range = networkRange(prefix);
  if (prefix.prefixLength > 0 && compareIps(prefix.ip, range.first, prefix.family) === 0) return range;
  const message = `'${s.text(0)}' is no network: behind its ${prefix.prefixLength} bits there are others`;
  if (prefix.prefixLength === 0) s.error(0, 'bad-address', 'a virtual server cannot have all addresses there are');
  else s.error(0, 'bad-address', message, `${range.first}/${prefix.prefixLength}`);
  return null;
}

function networkRange({ ip, family, prefixLength }: IpValue & { readonly prefixLength: number }): Range {
  const bytes = Uint8Array.from(bytesOf(ip, family));
  const last = Uint8Array.from(bytes);
  for (let i = 0; i < bytes.length; i++) {
    const kept = Math.max(0, Math.min(8, prefixLength - i * 8));
    const mask = (0xff00 >> kept) & 0xff;
    bytes[i] = (bytes[i] ?? 0) & mask;
    last[i] = (bytes[i] ?? 0) | (~mask & 0xff);
  }
  return { family, first: textOf(bytes), last: textOf(last) };
}

function bytesOf(ip: string, family: 4 | 6): Uint8Array {
  return family === 4 ? ipv4Bytes(ip) : ipv6Bytes(ip);
}

function textOf(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  return groups.join(':');
}

export function compareIps(a: string, b: string, family: 4 | 6): number {
  return Buffer.compare(Buffer.from(bytesOf(a, family)), Buffer.from(bytesOf(b, family)));
}

/** As keepalived writes it in its journal. */
export function placeText({ first, firstPort }: L4Place, protocol: string): string {
  return `[${first}]:${protocol.toLowerCase()}:${firstPort}`;
}
