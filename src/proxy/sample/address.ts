/**
 * Addresses out of text, without strings. IPv4 as HAProxy reads it: four numbers with dots, and whatever follows that is
 * neither; IPv6 as inet_pton does (RFC 4291 2.2).
 */
import { SAMPLE_IP6, type SampleValue } from './value.ts';

const ZERO = 48;
const DOT = 46;
const COLON = 58;
const IP6_BYTES = 16;
/** The longest text of an IPv6 address, and one more, as INET6_ADDRSTRLEN has it. */
const IP6_TEXT_MAX = 46;

/** How many bytes of [start, end) are an IPv4 address; 0: they are none. The address is left in the value. */
export function readIp4(value: SampleValue, bytes: Uint8Array, start: number, end: number): number {
  let address = 0;
  let octet = 0;
  let octets = 0;
  let sawDigit = false;
  let at = start;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    const digit = byte - ZERO;
    if (digit >= 0 && digit <= 9) {
      octet = octet * 10 + digit;
      if (octet > 255) return 0;
      if (!sawDigit) {
        if (++octets > 4) return 0;
        sawDigit = true;
      }
    } else if (byte === DOT) {
      if (!sawDigit || octets === 4) return 0;
      address = ((address << 8) | octet) >>> 0;
      octet = 0;
      sawDigit = false;
    } else break;
  }
  if (octets < 4) return 0;
  value.setIp4(((address << 8) | octet) >>> 0);
  return at - start;
}

const groups = new Uint16Array(8);

/** Whether bytes[start, end) are an IPv6 address; it is left in the value. */
export function readIp6(value: SampleValue, bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > IP6_TEXT_MAX) return false;
  let count = 0;
  let gap = -1;
  let at = start;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false;
    at++;
  }
  while (at < end) {
    if (bytes[at] === COLON) {
      if (gap >= 0) return false;
      gap = count;
      at++;
      continue;
    }
    const first = at;
    let group = 0;
    while (at < end) {
      const digit = hexDigit(bytes[at] as number);
      if (digit < 0) break;
      group = group * 16 + digit;
      at++;
    }
    if (at < end && bytes[at] === DOT) {
      if (count > 6 || readIp4(value, bytes, first, end) !== end - first) return false;
      groups[count++] = value.number >>> 16;
      groups[count++] = value.number & 0xffff;
      at = end;
      break;
    }
    if (at === first || at - first > 4 || count === 8) return false;
    groups[count++] = group;
    if (at === end) break;
    if (bytes[at] !== COLON) return false;
    at++;
    // A colon has something behind it: a group, or the second colon of a gap.
    if (at === end) return false;
  }
  if (gap < 0 ? count !== 8 : count === 8) return false;
  const into = value.other();
  into.fill(0, 0, IP6_BYTES);
  const before = gap < 0 ? count : gap;
  for (let i = 0; i < before; i++) into.writeUInt16BE(groups[i] as number, 2 * i);
  for (let i = before; i < count; i++) into.writeUInt16BE(groups[i] as number, 2 * (8 - count + i));
  return value.setRange(SAMPLE_IP6, into, 0, IP6_BYTES);
}

/** -1: it is none. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
