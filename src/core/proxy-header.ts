/**
 * Writes the header of the PROXY protocol (haproxy.org's proxy-protocol.txt): who the client is, said to a server before
 * anything else.
 *
 *   version 1   PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n        or  PROXY UNKNOWN\r\n
 *   version 2   ┌ signature, 12 ┬ version, command ┬ family ┬ length, 2 ┬ addresses ┬ TLVs: type, length, value … ┐
 *
 * Checks write it too. Not here: reading one (src/proxy/proxy-header-scan.ts).
 */
import { isIPv4 } from 'node:net';
import type { Endpoint } from './address.ts';
import { crc32c } from './crc32c.ts';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from './ip-bytes.ts';

/** `send-proxy`, `send-proxy-v2` with `proxy-v2-options`. */
export interface ProxyHeaderOptions {
  readonly version: 1 | 2;
  readonly crc32c: boolean;
  /** Of version 2; what HAProxy makes is no longer than 127 bytes. */
  readonly uniqueId: Uint8Array | null;
}

/** What is never exceeded as long as a unique id has at most 128 bytes. */
export const PROXY_HEADER_MAX_BYTES = 256;

export const PROXY_V2_SIGNATURE = Uint8Array.of(0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a);
export const TLV_CRC32C = 0x03;
export const TLV_UNIQUE_ID = 0x05;

const COMMAND_LOCAL = 0x20;
const COMMAND_PROXY = 0x21;
const FAMILY_TCP4 = 0x11;
const FAMILY_TCP6 = 0x21;
const FIXED_BYTES = 16;
const MAPPED_AT = 12;

export function endpointOf(ip: string, port: number): Endpoint {
  if (isIPv4(ip)) return { family: 4, address: ipv4Bytes(ip), port };
  return { family: 6, address: ipv6Bytes(ip), port };
}

/**
 * Writes at `at` and returns where it ends. Without both ends, as for the proxy's own checks, the header says that there is
 * nobody behind it (LOCAL; UNKNOWN). Where only one is IPv6 the other is mapped into it.
 */
export function writeProxyHeader(
  into: Uint8Array,
  at: number,
  options: ProxyHeaderOptions,
  source: Endpoint | null,
  destination: Endpoint | null,
): number {
  const known = source !== null && destination !== null && source.family !== 0 && destination.family !== 0;
  if (options.version === 2) {
    return known ? writeBinary(into, at, options, source, destination) : writeBinary(into, at, options, null, null);
  }
  return writeText(into, at, known ? textOf(source, destination) : 'PROXY UNKNOWN\r\n');
}

function textOf(source: Endpoint, destination: Endpoint): string {
  const { port } = source;
  if (source.family === 4 && destination.family === 4) {
    const [from, to] = [formatIpv4(source.address, 0), formatIpv4(destination.address, 0)];
    return `PROXY TCP4 ${from} ${to} ${port} ${destination.port}\r\n`;
  }
  return `PROXY TCP6 ${ipv6Text(source)} ${ipv6Text(destination)} ${port} ${destination.port}\r\n`;
}

/** As inet_ntop writes it: a mapped IPv4 address keeps its dots. */
function ipv6Text({ family, address }: Endpoint): string {
  if (family === 4) return `::ffff:${formatIpv4(address, 0)}`;
  const mapped = address.subarray(0, MAPPED_AT).every((byte, i) => byte === (i < 10 ? 0 : 0xff));
  return mapped ? `::ffff:${formatIpv4(address, MAPPED_AT)}` : formatIpv6(address, 0);
}

function writeText(into: Uint8Array, at: number, text: string): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

function writeBinary(
  into: Uint8Array,
  at: number,
  options: ProxyHeaderOptions,
  source: Endpoint | null,
  destination: Endpoint | null,
): number {
  into.set(PROXY_V2_SIGNATURE, at);
  let end = at + FIXED_BYTES;
  if (source === null || destination === null) {
    into[at + 12] = COMMAND_LOCAL;
    into[at + 13] = 0;
  } else {
    const short = source.family === 4 && destination.family === 4;
    into[at + 12] = COMMAND_PROXY;
    into[at + 13] = short ? FAMILY_TCP4 : FAMILY_TCP6;
    end = writeAddress(into, end, source, short);
    end = writeAddress(into, end, destination, short);
    end = writeNumber16(into, end, source.port);
    end = writeNumber16(into, end, destination.port);
  }
  let checksumAt = -1;
  if (options.crc32c) {
    checksumAt = end + 3;
    end = writeTlv(into, end, TLV_CRC32C, new Uint8Array(4));
  }
  if (options.uniqueId !== null) end = writeTlv(into, end, TLV_UNIQUE_ID, options.uniqueId);
  writeNumber16(into, at + 14, end - at - FIXED_BYTES);
  if (checksumAt < 0) return end;
  const checksum = crc32c(into, at, end);
  writeNumber16(into, checksumAt, checksum >>> 16);
  writeNumber16(into, checksumAt + 2, checksum & 0xffff);
  return end;
}

function writeAddress(into: Uint8Array, at: number, { family, address }: Endpoint, short: boolean): number {
  if (short) {
    into.set(address.subarray(0, 4), at);
    return at + 4;
  }
  if (family === 6) into.set(address.subarray(0, 16), at);
  else {
    into.fill(0, at, at + 10);
    into.fill(0xff, at + 10, at + MAPPED_AT);
    into.set(address.subarray(0, 4), at + MAPPED_AT);
  }
  return at + 16;
}

function writeTlv(into: Uint8Array, at: number, type: number, value: Uint8Array): number {
  into[at] = type;
  into.set(value, writeNumber16(into, at + 1, value.length));
  return at + 3 + value.length;
}

function writeNumber16(into: Uint8Array, at: number, value: number): number {
  into[at] = value >>> 8;
  into[at + 1] = value & 0xff;
  return at + 2;
}
