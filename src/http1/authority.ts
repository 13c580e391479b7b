/**
 * `uri-host [ ":" port ]` (RFC 3986 3.2.2 and 3.2.3, RFC 9110 7.2), as in Host, absolute-form and CONNECT.
 *
 * No userinfo (RFC 9110 4.2.4: it hides the real host), no list, no path, a port that is a TCP port.
 *
 * Not here: which of Host and target counts (src/http1/request-head.ts).
 */
import { hexTable, regNameTable } from './char-class.ts';

const PERCENT = 37;
const DOT = 46;
const ZERO = 48;
const COLON = 58;
const BRACKET_OPEN = 91;
const BRACKET_CLOSE = 93;
const LOWER_V = 118;
const REG_NAME = regNameTable();
const HEX = hexTable();

/** Offset of the end of the host (a colon, or `end`) if bytes[start, end) is an authority; -1 if it is not. */
export function authorityHostEnd(bytes: Uint8Array, start: number, end: number): number {
  const regName = REG_NAME;
  let i = start;
  if (i < end && bytes[i] === BRACKET_OPEN) {
    i = literalEnd(bytes, i, end);
    if (i < 0) return -1;
  } else {
    const lastFour = end - 4;
    while (
      i <= lastFour &&
      ((regName[bytes[i] as number] as number) &
        (regName[bytes[i + 1] as number] as number) &
        (regName[bytes[i + 2] as number] as number) &
        (regName[bytes[i + 3] as number] as number)) ===
        1
    ) {
      i += 4;
    }
    while (i < end) {
      const byte = bytes[i] as number;
      if (regName[byte] === 1) i++;
      else if (byte === PERCENT && isHexPair(bytes, i + 1, end)) i += 3;
      else break;
    }
  }
  if (i === end) return i;
  if (bytes[i] !== COLON) return -1;
  return portOf(bytes, i + 1, end) < 0 ? -1 : i;
}

/** The port in bytes[start, end): 0 if empty, -1 if it is no TCP port. */
export function portOf(bytes: Uint8Array, start: number, end: number): number {
  let port = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit >>> 0 > 9) return -1;
    port = port * 10 + digit;
    if (port > 65535) return -1;
  }
  return port;
}

function isHexPair(bytes: Uint8Array, at: number, end: number): boolean {
  return at + 1 < end && (HEX[bytes[at] as number] as number) < 16 && (HEX[bytes[at + 1] as number] as number) < 16;
}

/** Offset after the `]` of an IP-literal that begins at `start`, or -1. */
function literalEnd(bytes: Uint8Array, start: number, end: number): number {
  let close = start + 1;
  while (close < end && bytes[close] !== BRACKET_CLOSE) close++;
  if (close >= end) return -1;
  const isFuture = close > start + 1 && ((bytes[start + 1] as number) | 0x20) === LOWER_V;
  const valid = isFuture ? isIpFuture(bytes, start + 2, close) : isIpv6(bytes, start + 1, close);
  return valid ? close + 1 : -1;
}

/** `1*HEXDIG "." 1*( unreserved / sub-delims / ":" )` */
function isIpFuture(bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  while (i < end && (HEX[bytes[i] as number] as number) < 16) i++;
  if (i === start || i + 1 >= end || bytes[i] !== DOT) return false;
  for (i++; i < end; i++) if (REG_NAME[bytes[i] as number] === 0 && bytes[i] !== COLON) return false;
  return true;
}

/** Eight groups, or fewer with one `::`; the last two may be written as an IPv4 address. */
function isIpv6(bytes: Uint8Array, start: number, end: number): boolean {
  let groups = 0;
  let compressed = false;
  let i = start;
  if (i + 1 < end && bytes[i] === COLON && bytes[i + 1] === COLON) {
    compressed = true;
    i += 2;
  }
  while (i < end) {
    const group = i;
    while (i < end && (HEX[bytes[i] as number] as number) < 16) i++;
    if (i < end && bytes[i] === DOT) {
      if (!isIpv4(bytes, group, end)) return false;
      groups += 2;
      return compressed ? groups < 8 : groups === 8;
    }
    if (i === group || i - group > 4) return false;
    groups++;
    if (i === end) break;
    if (bytes[i] !== COLON || ++i === end) return false;
    if (bytes[i] === COLON) {
      if (compressed) return false;
      compressed = true;
      i++;
    }
  }
  return compressed ? groups < 8 : groups === 8;
}

function isIpv4(bytes: Uint8Array, start: number, end: number): boolean {
  let parts = 0;
  let i = start;
  for (;;) {
    const part = i;
    let value = 0;
    while (i < end && ((bytes[i] as number) - ZERO) >>> 0 < 10) value = value * 10 + (bytes[i++] as number) - ZERO;
    // dec-octet has no leading zero: `010` is 10 to some, and 8 to those who read it as octal.
    if (i === part || i - part > 3 || value > 255 || (bytes[part] === ZERO && i - part > 1)) return false;
    if (++parts === 4) return i === end;
    if (i >= end || bytes[i++] !== DOT) return false;
  }
}
