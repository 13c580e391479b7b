/**
 * The two fields that frame a body: Content-Length (RFC 9110 8.6) and Transfer-Encoding (RFC 9112 6.1).
 *
 * Every reading that another recipient might have of them is either the same as ours or refused, because two readings of
 * one length are request smuggling. A value that is legal but written in an odd way is rewritten in place to the plain
 * form, spaces filling up, so that a scan of the result means the same. Tabs around it become spaces: others refuse them.
 *
 * Not here: the bytes of the body (src/http1/chunked.ts).
 */
import { afterBlanks } from './blanks.ts';
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import { tokenTable } from './char-class.ts';
import { HEAD_ERR_CODING, HEAD_ERR_LENGTH, HEAD_ERR_NOT_IMPLEMENTED, HEAD_PARTIAL, type Head } from './head.ts';

const CR = 13;
const SPACE = 32;
const COMMA = 44;
const ZERO = 48;
const COLON = 58;
const SEMICOLON = 59;
const CHUNKED = ascii('chunked');
const TOKEN = tokenTable();

/** Takes note of Content-Length in line `index`, whose value is bytes[start, end). 0, or the error. */
export function noteContentLength(head: Head, bytes: Uint8Array, index: number, start: number, end: number): number {
  if (bytes[start - 1] !== SPACE || bytes[start - 2] !== COLON || bytes[end] !== CR) plainBlanks(bytes, start, end);
  const first = digitsEnd(bytes, start, end);
  if (first === start) return head.fail(HEAD_ERR_LENGTH, start);
  if (first !== end) {
    if (!collapseList(bytes, start, first, end)) return head.fail(HEAD_ERR_LENGTH, first);
    head.valueEnd[index] = first;
  }
  const length = decimal(bytes, start, first);
  if (length < 0) return head.fail(HEAD_ERR_LENGTH, start);
  if (head.contentLengthIndex < 0) {
    head.contentLengthIndex = index;
    head.contentLength = length;
    return HEAD_PARTIAL;
  }
  // A second line may repeat the first, byte for byte (`05` and `5` are one number to us, and two to others).
  const same = head.valueStart[head.contentLengthIndex] as number;
  if (!sameBytes(bytes, same, digitsEnd(bytes, same, bytes.length), start, first)) {
    return head.fail(HEAD_ERR_LENGTH, start);
  }
  head.drop(index);
  return HEAD_PARTIAL;
}

/**
 * `0005` becomes `   5`: some read a number that begins with 0 as octal. Only once the whole head is known, because two
 * lines that are written differently are refused.
 */
export function plainLength(head: Head, bytes: Uint8Array): void {
  const index = head.contentLengthIndex;
  if (bytes[head.valueStart[index] as number] !== ZERO) return;
  const last = (head.valueEnd[index] as number) - 1;
  let i = head.valueStart[index] as number;
  while (i < last && bytes[i] === ZERO) bytes[i++] = SPACE;
  head.valueStart[index] = i;
}

/** Blanks around the value of a field line become spaces: not everybody takes HTAB for one. */
export function plainBlanks(bytes: Uint8Array, start: number, end: number): void {
  for (let i = start - 1; bytes[i] !== COLON; i--) bytes[i] = SPACE;
  for (let i = end; bytes[i] !== CR; i++) bytes[i] = SPACE;
}

function digitsEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && ((bytes[i] as number) - ZERO) >>> 0 < 10) i++;
  return i;
}

/** The number in bytes[start, end), digits all; -1 if a double cannot hold it exactly. */
function decimal(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  if (end - start < 10) {
    for (let i = start; i < end; i++) value = (value * 10 + (bytes[i] as number) - ZERO) | 0;
    return value;
  }
  for (let i = start; i < end; i++) {
    value = value * 10 + ((bytes[i] as number) - ZERO);
    if (value > Number.MAX_SAFE_INTEGER) return -1;
  }
  return value;
}

/** `5, 5` becomes `5   `; false if the list has a different or an empty member. */
function collapseList(bytes: Uint8Array, start: number, first: number, end: number): boolean {
  let i = first;
  while (i < end) {
    i = afterBlanks(bytes, i, end);
    if (i >= end || bytes[i] !== COMMA) return false;
    const member = afterBlanks(bytes, i + 1, end);
    i = digitsEnd(bytes, member, end);
    if (!sameBytes(bytes, start, first, member, i)) return false;
  }
  bytes.fill(SPACE, first, end);
  return true;
}

function sameBytes(bytes: Uint8Array, start: number, end: number, otherStart: number, otherEnd: number): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = start, j = otherStart; i < end; i++, j++) if (bytes[i] !== bytes[j]) return false;
  return true;
}

/**
 * Takes note of Transfer-Encoding in line `index`. Only exactly `chunked`, once, is understood: all else is malformed, has
 * chunked in the wrong place, or names a coding that we do not have.
 */
export function noteTransferEncoding(head: Head, bytes: Uint8Array, index: number, start: number, end: number): number {
  if (bytes[start - 1] !== SPACE || bytes[start - 2] !== COLON || bytes[end] !== CR) plainBlanks(bytes, start, end);
  if (head.chunked) return head.fail(HEAD_ERR_CODING, start);
  if (!equalsIgnoringCase(bytes, start, end, CHUNKED)) return head.fail(unknownCoding(bytes, start, end), start);
  bytes.set(CHUNKED, start);
  head.chunked = true;
  head.transferEncodingIndex = index;
  return HEAD_PARTIAL;
}

/** 501 for a list of well-formed codings that does not hold chunked, or has it once and last; 400 for all else. */
function unknownCoding(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  for (;;) {
    const name = i;
    while (i < end && TOKEN[bytes[i] as number] === 1) i++;
    if (i === name) return HEAD_ERR_CODING;
    const isChunked = equalsIgnoringCase(bytes, name, i, CHUNKED);
    const nameEnd = i;
    i = afterBlanks(bytes, i, end);
    if (i < end && bytes[i] !== COMMA && bytes[i] !== SEMICOLON) return HEAD_ERR_CODING;
    while (i < end && bytes[i] !== COMMA) i++;
    // chunked has no parameters and nothing comes after it (RFC 9112 7.1).
    if (isChunked && (i < end || i !== nameEnd)) return HEAD_ERR_CODING;
    if (i >= end) return HEAD_ERR_NOT_IMPLEMENTED;
    i = afterBlanks(bytes, i + 1, end);
  }
}
