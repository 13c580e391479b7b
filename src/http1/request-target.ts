/**
 * The four forms of a request target (RFC 9112 3.2), and which method may use which.
 *
 *   origin      /path?query                        every method but CONNECT
 *   absolute    http://authority/path?query        every method but CONNECT
 *   authority   host:port                          CONNECT only
 *   asterisk    *                                  OPTIONS only
 *
 * The bytes have passed the table of target characters before they get here.
 *
 * Not here: Host against the target (request-head.ts), rewriting absolute-form (start-line.ts).
 */
import { authorityHostEnd, portOf } from './authority.ts';
import { ascii } from './byte-match.ts';
import { HEAD_ERR_TARGET, HEAD_OK, type Head } from './head.ts';
import { METHOD_CONNECT, METHOD_OPTIONS } from './method.ts';

export const TARGET_ORIGIN = 0;
export const TARGET_ABSOLUTE = 1;
export const TARGET_AUTHORITY = 2;
export const TARGET_ASTERISK = 3;

/** Longer than any host name and port (253 + 6): what is kept while absolute-form is rewritten. */
export const MAX_AUTHORITY_LENGTH = 320;

const SLASH = 47;
const ASTERISK = 42;
const COLON = 58;
const QUESTION = 63;
/** The schemes that this proxy serves; https is what a TLS terminator in front of it may leave in place. */
const HTTP = ascii('http://');
const HTTPS = ascii('https://');

/** What of a request head the target concerns. */
export interface TargetHolder extends Head {
  /** METHOD_*. */
  method: number;
  targetStart: number;
  targetEnd: number;
  /** TARGET_*. */
  targetForm: number;
  /** Of absolute-form and authority-form: [authorityStart, authorityEnd). */
  authorityStart: number;
  authorityEnd: number;
  /** First byte of path and query, up to targetEnd (absolute-form may have none, or begin with '?': the path is then '/'). */
  pathStart: number;
}

/** Takes note of the target in bytes[start, end). HEAD_OK or HEAD_ERR_TARGET. */
export function noteTarget(head: TargetHolder, bytes: Uint8Array, start: number, end: number): number {
  head.targetStart = start;
  head.targetEnd = end;
  head.pathStart = start;
  if (start === end) return head.fail(HEAD_ERR_TARGET, start);
  if (head.method === METHOD_CONNECT) return noteAuthorityForm(head, bytes, start, end);
  if (bytes[start] === SLASH) {
    head.targetForm = TARGET_ORIGIN;
    return HEAD_OK;
  }
  if (bytes[start] === ASTERISK && end - start === 1 && head.method === METHOD_OPTIONS) {
    head.targetForm = TARGET_ASTERISK;
    return HEAD_OK;
  }
  const scheme = schemeLength(bytes, start, end);
  return scheme > 0 ? noteAbsoluteForm(head, bytes, start + scheme, end) : head.fail(HEAD_ERR_TARGET, start);
}

function noteAuthorityForm(head: TargetHolder, bytes: Uint8Array, start: number, end: number): number {
  const hostEnd = authorityHostEnd(bytes, start, end);
  // The port is not optional here (RFC 9112 3.2.3), and 0 is none.
  if (hostEnd <= start || portOf(bytes, hostEnd + 1, end) <= 0) return head.fail(HEAD_ERR_TARGET, start);
  head.targetForm = TARGET_AUTHORITY;
  head.authorityStart = start;
  head.authorityEnd = end;
  head.pathStart = end;
  return HEAD_OK;
}

function noteAbsoluteForm(head: TargetHolder, bytes: Uint8Array, authority: number, end: number): number {
  let i = authority;
  while (i < end && bytes[i] !== SLASH && bytes[i] !== QUESTION) i++;
  if (i - authority > MAX_AUTHORITY_LENGTH) return head.fail(HEAD_ERR_TARGET, authority);
  if (authorityHostEnd(bytes, authority, i) <= authority) return head.fail(HEAD_ERR_TARGET, authority);
  head.targetForm = TARGET_ABSOLUTE;
  head.authorityStart = authority;
  head.authorityEnd = i;
  head.pathStart = i;
  return HEAD_OK;
}

/** Length of `http://` or `https://` at the start, letters in either case; 0 if there is neither. */
function schemeLength(bytes: Uint8Array, start: number, end: number): number {
  if (end - start >= HTTP.length && agrees(bytes, start, end, HTTP)) return HTTP.length;
  return end - start >= HTTPS.length && agrees(bytes, start, end, HTTPS) ? HTTPS.length : 0;
}

/** Whether the bytes and `scheme` agree as far as both go. */
function agrees(bytes: Uint8Array, start: number, end: number, scheme: Uint8Array): boolean {
  const length = Math.min(end - start, scheme.length);
  for (let i = 0; i < length; i++) {
    const wanted = scheme[i] as number;
    const byte = bytes[start + i] as number;
    if (wanted === SLASH || wanted === COLON ? byte !== wanted : (byte | 0x20) !== wanted) return false;
  }
  return true;
}

/** Whether the incomplete target bytes[start, end) can still become one that the method allows. */
export function couldBeTarget(head: TargetHolder, bytes: Uint8Array, start: number, end: number): boolean {
  if (start >= end || head.method === METHOD_CONNECT) return true;
  if (bytes[start] === SLASH) return true;
  if (bytes[start] === ASTERISK) return end - start === 1 && head.method === METHOD_OPTIONS;
  return agrees(bytes, start, end, HTTP) || agrees(bytes, start, end, HTTPS);
}
