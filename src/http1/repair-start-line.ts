/**
 * The start line of a head that is being repaired: what options such as accept-invalid-http-request forgive, written as
 * RFC 9112 wants it.
 *
 *   several blanks      one space
 *   bytes from 0x80     percent-encoded
 *   #fragment           left out: it is no part of a target (RFC 9112 3.2)
 *   HTTP/2.0, HTTP/9.1  HTTP/1.1 (as in haproxy: a version above ours)
 *   HTTP/1.10, HTTP/0.9 HTTP/1.0 (as in haproxy: a version that nobody can tell)
 *   no version          HTTP/1.0, if it is a GET; its head ends here
 *
 * Whatever else is wrong stays wrong, and the scanner refuses it again. Another protocol than HTTP is not repaired: what
 * ends its messages is not ours to know.
 */
import { afterBlanks } from './blanks.ts';
import { ascii } from './byte-match.ts';
import type { Line, RepairedBytes } from './repaired-bytes.ts';

/** It stays as it is: refused. */
export const LINE_REFUSED = 0;
export const LINE_WRITTEN = 1;
/** The line is all of the head (HTTP/0.9). */
export const LINE_IS_ALL = 2;

const TAB = 9;
const SPACE = 32;
const HASH = 35;
const PERCENT = 37;
const DOT = 46;
const ZERO = 48;
const ONE = 49;
const HTTP = ascii('HTTP/');
const GET = ascii('GET');
const HTTP_1_0 = ascii('HTTP/1.0');
const HTTP_1_1 = ascii('HTTP/1.1');
const HEX_DIGITS = ascii('0123456789ABCDEF');

export function repairRequestLine(out: RepairedBytes, bytes: Uint8Array, line: Line): number {
  const { start, end } = line;
  const methodEnd = wordEnd(bytes, start, end);
  const target = afterBlanks(bytes, methodEnd, end);
  const targetEnd = wordEnd(bytes, target, end);
  const version = afterBlanks(bytes, targetEnd, end);
  out.copy(bytes, start, methodEnd);
  out.put(SPACE);
  if (!putTarget(out, bytes, target, targetEnd)) return LINE_REFUSED;
  out.put(SPACE);
  if (version === end) {
    if (targetEnd !== end || !isGet(bytes, start, methodEnd)) return LINE_REFUSED;
    out.copy(HTTP_1_0, 0, HTTP_1_0.length);
    out.endLine();
    out.endLine();
    return LINE_IS_ALL;
  }
  if (wordEnd(bytes, version, end) !== end || !putVersion(out, bytes, version, end)) return LINE_REFUSED;
  out.endLine();
  return LINE_WRITTEN;
}

export function repairStatusLine(out: RepairedBytes, bytes: Uint8Array, line: Line): number {
  const { start, end } = line;
  const versionEnd = wordEnd(bytes, start, end);
  if (!putVersion(out, bytes, start, versionEnd)) return LINE_REFUSED;
  out.put(SPACE);
  const status = afterBlanks(bytes, versionEnd, end);
  const statusEnd = wordEnd(bytes, status, end);
  out.copy(bytes, status, statusEnd);
  out.put(SPACE);
  out.copyText(bytes, afterBlanks(bytes, statusEnd, end), end);
  out.endLine();
  return LINE_WRITTEN;
}

/** False: nothing is left of it. */
function putTarget(out: RepairedBytes, bytes: Uint8Array, start: number, end: number): boolean {
  let i = start;
  for (; i < end && bytes[i] !== HASH; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x80) out.put(byte);
    else {
      out.put(PERCENT);
      out.put(HEX_DIGITS[byte >> 4] as number);
      out.put(HEX_DIGITS[byte & 15] as number);
    }
  }
  return i > start;
}

/** `HTTP/` 1*DIGIT `.` 1*DIGIT becomes one of our versions; false if it is something else. */
function putVersion(out: RepairedBytes, bytes: Uint8Array, start: number, end: number): boolean {
  for (let k = 0; k < HTTP.length; k++) if (bytes[start + k] !== HTTP[k]) return false;
  const major = start + HTTP.length;
  const dot = digitsEnd(bytes, major, end);
  if (dot === major || dot >= end || bytes[dot] !== DOT) return false;
  const minor = dot + 1;
  if (minor === end || digitsEnd(bytes, minor, end) !== end) return false;
  const isShort = dot - major === 1 && end - minor === 1;
  const isAbove = (bytes[major] as number) > ONE || (bytes[major] === ONE && (bytes[minor] as number) >= ONE);
  const ours = isShort && isAbove ? HTTP_1_1 : HTTP_1_0;
  out.copy(ours, 0, ours.length);
  return true;
}

function isGet(bytes: Uint8Array, start: number, end: number): boolean {
  for (let k = 0; k < GET.length; k++) if (bytes[start + k] !== GET[k]) return false;
  return end - start === GET.length;
}

function wordEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== SPACE && bytes[i] !== TAB) i++;
  return i;
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && ((bytes[i] as number) - ZERO) >>> 0 < 10) i++;
  return i;
}
