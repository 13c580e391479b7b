/**
 * IP addresses as text, written by hand into bytes, in the form that inet_ntop gives (RFC 5952; IPv4-mapped addresses
 * with their dotted end). Not here: strings and sockaddr (src/sys/sockaddr.ts).
 */
import { writeNumber } from './digits.ts';

const DOT = 0x2e;
const COLON = 0x3a;
const ZERO = 0x30;
const LOWER_A_LESS_TEN = 0x57;

export function writeIpv4(into: Uint8Array, at: number, bytes: Uint8Array, offset: number): number {
  let end = writeNumber(into, at, bytes[offset] ?? 0);
  for (let i = 1; i < 4; i++) {
    into[end] = DOT;
    end = writeNumber(into, end + 1, bytes[offset + i] ?? 0);
  }
  return end;
}

function groupAt(bytes: Uint8Array, offset: number, group: number): number {
  return ((bytes[offset + group * 2] ?? 0) << 8) | (bytes[offset + group * 2 + 1] ?? 0);
}

function writeHexDigit(into: Uint8Array, at: number, value: number): void {
  into[at] = value + (value < 10 ? ZERO : LOWER_A_LESS_TEN);
}

function writeGroup(into: Uint8Array, at: number, group: number): number {
  let end = at;
  if (group >= 0x1000) writeHexDigit(into, end++, group >> 12);
  if (group >= 0x100) writeHexDigit(into, end++, (group >> 8) & 15);
  if (group >= 0x10) writeHexDigit(into, end++, (group >> 4) & 15);
  writeHexDigit(into, end++, group & 15);
  return end;
}

export function writeIpv6(into: Uint8Array, at: number, bytes: Uint8Array, offset: number): number {
  // The longest run of two or more zero groups becomes `::`, the first one of several.
  let gapStart = -1;
  let gapLength = 1;
  let run = 0;
  for (let group = 0; group < 8; group++) {
    run = groupAt(bytes, offset, group) === 0 ? run + 1 : 0;
    if (run > gapLength) {
      gapLength = run;
      gapStart = group - run + 1;
    }
  }
  // ::a.b.c.d and ::ffff:a.b.c.d: an IPv4 address in IPv6 clothes.
  const dotted =
    gapStart === 0 && (gapLength === 6 || (gapLength === 5 && groupAt(bytes, offset, 5) === 0xffff)) ? 6 : 8;
  let end = at;
  for (let group = 0; group < dotted; group++) {
    if (group === gapStart) {
      into[end++] = COLON;
      if (group === 0) into[end++] = COLON;
      group += gapLength - 1;
      continue;
    }
    end = writeGroup(into, end, groupAt(bytes, offset, group));
    if (group < 7) into[end++] = COLON;
  }
  return dotted === 6 ? writeIpv4(into, end, bytes, offset + 12) : end;
}
