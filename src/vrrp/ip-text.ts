/** IP addresses as text in one canonical form, as bytes, and in order (RFC 5798 6.4.3 compares them as numbers). */
import { isIPv4 } from 'node:net';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from '../core/ip-bytes.ts';

export type Family = 4 | 6;

export function familyOf(ip: string): Family {
  return isIPv4(ip) ? 4 : 6;
}

export function ipBytes(ip: string): Uint8Array {
  return isIPv4(ip) ? ipv4Bytes(ip) : ipv6Bytes(ip);
}

export function ipText(bytes: Uint8Array, offset: number, family: Family): string {
  return family === 4 ? formatIpv4(bytes, offset) : formatIpv6(bytes, offset);
}

/** The same address has the same text: `fd00::0:1` and `fd00::1`; a zone is left out. */
export function canonicalIp(ip: string): string {
  return ipText(ipBytes(ip), 0, familyOf(ip));
}

/** Unsigned, in network order: below 0, 0 or above 0. */
export function compareIps(a: string, b: string): number {
  return Buffer.compare(ipBytes(a), ipBytes(b));
}
