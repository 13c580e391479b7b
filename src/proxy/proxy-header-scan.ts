/**
 * Reads the header of the PROXY protocol, both versions, from a client that must begin with one. A pure function over
 * bytes; the same answer however they were cut, as partial headers are waited for, which the protocol recommends and
 * HAProxy 2.6 does not.
 *
 * Stricter than HAProxy where two readers could disagree: numbers have no leading zeros and no more than their digits,
 * ports end at 65535. Truer to the text: UNKNOWN may be followed by anything, and families other than TCP over IP are
 * skipped with their TLVs, where 2.6 closes the connection.
 *
 * Not here: writing one (src/core/proxy-header.ts), time limits and logs (proxy-header-session.ts).
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { Endpoint } from '../core/address.ts';
import { crc32c } from '../core/crc32c.ts';
import { endpointOf, PROXY_V2_SIGNATURE, TLV_CRC32C, TLV_UNIQUE_ID } from '../core/proxy-header.ts';

/** What stands there so far is the beginning of a header. */
export const HEADER_PARTIAL = -1;
export const HEADER_WHOLE = 0;
/** The rest are errors, HAProxy's own. */
export const HEADER_TRUNCATED = 1;
export const HEADER_ALIEN = 2;
export const HEADER_INVALID = 3;
export const HEADER_UNHANDLED = 4;

const V1_START = Buffer.from('PROXY ');
/** With the longest addresses; the protocol's own figure, line end included. */
const V1_MAX_BYTES = 107;
const V2_FIXED_BYTES = 16;
const TLV_FIXED_BYTES = 3;
const TLV_AUTHORITY = 0x02;
/** HAProxy's: PP2_AUTHORITY_MAX, UNIQUEID_LEN. */
const AUTHORITY_MAX_BYTES = 255;
const UNIQUE_ID_MAX_BYTES = 128;
const CR = 0x0d;
const LF = 0x0a;
const PORT = /^(?:0|[1-9][0-9]{0,4})$/;

export class ProxyHeaderScan {
  /** Behind its last byte. */
  end = 0;
  /** Both null: what the header is about is the connection itself, or nothing that has an address here. */
  source: Endpoint | null = null;
  destination: Endpoint | null = null;

  /** HEADER_* for [start, end). A header longer than `maxBytes` is truncated, as there is no room for it. */
  scan(bytes: Uint8Array, start: number, end: number, maxBytes: number): number {
    this.source = null;
    this.destination = null;
    if (agrees(bytes, start, end, V1_START)) {
      return end - start < V1_START.length ? HEADER_PARTIAL : this.#text(bytes, start, end);
    }
    if (agrees(bytes, start, end, PROXY_V2_SIGNATURE)) return this.#binary(bytes, start, end, maxBytes);
    // Not even long enough for HAProxy to see what it is.
    return end - start < V2_FIXED_BYTES ? HEADER_TRUNCATED : HEADER_ALIEN;
  }

  #text(bytes: Uint8Array, start: number, end: number): number {
    const stop = Math.min(end, start + V1_MAX_BYTES);
    let at = start + V1_START.length;
    while (at < stop && bytes[at] !== CR) at++;
    if (at + 1 >= stop) return stop === start + V1_MAX_BYTES ? HEADER_INVALID : HEADER_PARTIAL;
    if (bytes[at + 1] !== LF) return HEADER_INVALID;
    this.end = at + 2;
    const line = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
      'latin1',
      start + V1_START.length,
      at,
    );
    const [protocol, from = '', to = '', fromPort = '', toPort = '', ...rest] = line.split(' ');
    if (protocol === 'UNKNOWN') return HEADER_WHOLE;
    const isAddress = protocol === 'TCP4' ? isIPv4 : protocol === 'TCP6' ? isIPv6 : null;
    if (isAddress === null) return HEADER_UNHANDLED;
    const isRight = isAddress(from) && isAddress(to) && isPort(fromPort) && isPort(toPort);
    if (!isRight || rest.length > 0 || line.includes('%')) return HEADER_INVALID;
    this.source = endpointOf(from, Number(fromPort));
    this.destination = endpointOf(to, Number(toPort));
    return HEADER_WHOLE;
  }

  #binary(bytes: Uint8Array, start: number, end: number, maxBytes: number): number {
    // Version and command: what is not 2 is nothing that we know, were it otherwise the same.
    if (end - start > 12 && (bytes[start + 12] as number) >> 4 !== 2) return HEADER_ALIEN;
    if (end - start < V2_FIXED_BYTES) return HEADER_PARTIAL;
    const stop = start + V2_FIXED_BYTES + number16(bytes, start + 14);
    if (stop - start > maxBytes) return HEADER_TRUNCATED;
    if (end < stop) return HEADER_PARTIAL;
    this.end = stop;
    switch ((bytes[start + 12] as number) & 0x0f) {
      case 0:
        return HEADER_WHOLE;
      case 1:
        return this.#addresses(bytes, start, stop);
      default:
        return HEADER_INVALID;
    }
  }

  #addresses(bytes: Uint8Array, start: number, stop: number): number {
    const kind = bytes[start + 13] as number;
    const at = start + V2_FIXED_BYTES;
    const sizeBytes = kind === 0x11 ? 4 : kind === 0x21 ? 16 : 0;
    const tlvs = at + (sizeBytes > 0 ? 2 * sizeBytes + 4 : addressBytes(kind >> 4));
    if (tlvs > stop || !tlvsAreRight(bytes, start, tlvs, stop)) return HEADER_INVALID;
    if (sizeBytes === 0) return HEADER_WHOLE;
    const family = sizeBytes === 4 ? 4 : 6;
    const ports = at + 2 * sizeBytes;
    // Copies (which a Buffer's own `slice` does not make): the bytes are soon something else.
    const [source, destination] = [new Uint8Array(sizeBytes), new Uint8Array(sizeBytes)];
    source.set(bytes.subarray(at, at + sizeBytes));
    destination.set(bytes.subarray(at + sizeBytes, ports));
    this.source = { family, address: source, port: number16(bytes, ports) };
    this.destination = { family, address: destination, port: number16(bytes, ports + 2) };
    return HEADER_WHOLE;
  }
}

/** Of families that are skipped: unspecified, UDP over IP, unix. */
function addressBytes(family: number): number {
  switch (family) {
    case 1:
      return 12;
    case 2:
      return 36;
    case 3:
      return 216;
    default:
      return 0;
  }
}

/** They fill the rest exactly. A checksum holds; what else they say is not used. */
function tlvsAreRight(bytes: Uint8Array, start: number, from: number, stop: number): boolean {
  for (let at = from; at < stop; ) {
    if (at + TLV_FIXED_BYTES > stop) return false;
    const value = at + TLV_FIXED_BYTES;
    const length = number16(bytes, at + 1);
    if (value + length > stop) return false;
    switch (bytes[at]) {
      case TLV_CRC32C:
        if (length !== 4 || crc32c(bytes, start, stop, value) !== number32(bytes, value)) return false;
        break;
      case TLV_AUTHORITY:
        if (length > AUTHORITY_MAX_BYTES) return false;
        break;
      case TLV_UNIQUE_ID:
        if (length > UNIQUE_ID_MAX_BYTES) return false;
        break;
    }
    at = value + length;
  }
  return true;
}

/** As far as both go. */
function agrees(bytes: Uint8Array, start: number, end: number, expected: Uint8Array): boolean {
  const length = Math.min(end - start, expected.length);
  for (let i = 0; i < length; i++) if (bytes[start + i] !== expected[i]) return false;
  return true;
}

function isPort(text: string): boolean {
  return PORT.test(text) && Number(text) <= 0xffff;
}

function number16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

function number32(bytes: Uint8Array, at: number): number {
  return ((number16(bytes, at) << 16) | number16(bytes, at + 2)) >>> 0;
}
