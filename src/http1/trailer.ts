/**
 * A line of a trailer section (RFC 9110 6.5, RFC 9112 7.1.2): the rules of field lines, and which fields may not be there.
 *
 * A recipient that merges trailers into the head would take a length, a host or a credential from here that nobody has
 * checked, so fields that frame, route, authenticate or steer are not passed on.
 *
 * Not here: where the trailer section begins and ends (src/http1/chunked.ts).
 */
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import { tokenTable } from './char-class.ts';

/** scanTrailerLine's answers beside the offset after the line, which is negative for a line that may not go on. */
export const TRAILER_PARTIAL = 0;
export const TRAILER_BAD = -1;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const DELETE = 127;
const TOKEN = tokenTable();

const FORBIDDEN = [
  'age',
  'authorization',
  'cache-control',
  'connection',
  'content-encoding',
  'content-length',
  'content-range',
  'content-type',
  'cookie',
  'date',
  'expect',
  'expires',
  'forwarded',
  'host',
  'http2-settings',
  'keep-alive',
  'location',
  'max-forwards',
  'pragma',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'range',
  'retry-after',
  'set-cookie',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'vary',
  'via',
  'www-authenticate',
].map(ascii);
/** Families: every conditional, and everything that says who the client is. */
const FORBIDDEN_PREFIXES = ['if-', 'x-forwarded-', 'x-real-'].map(ascii);

/** Scans the line at `start`: the offset after it, that offset negated if the field is forbidden, or TRAILER_*. */
export function scanTrailerLine(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && TOKEN[bytes[i] as number] === 1) i++;
  const nameEnd = i;
  if (i >= end) return TRAILER_PARTIAL;
  if (i === start || bytes[i] !== COLON) return TRAILER_BAD;
  for (i++; i < end; i++) {
    const byte = bytes[i] as number;
    if ((byte >= SPACE && byte !== DELETE) || byte === TAB) continue;
    if (byte !== CR) return TRAILER_BAD;
    if (i + 1 >= end) return TRAILER_PARTIAL;
    if (bytes[i + 1] !== LF) return TRAILER_BAD;
    return isForbidden(bytes, start, nameEnd) ? -(i + 2) : i + 2;
  }
  return TRAILER_PARTIAL;
}

function isForbidden(bytes: Uint8Array, start: number, end: number): boolean {
  for (const name of FORBIDDEN) if (equalsIgnoringCase(bytes, start, end, name)) return true;
  for (const prefix of FORBIDDEN_PREFIXES) {
    if (end - start > prefix.length && equalsIgnoringCase(bytes, start, start + prefix.length, prefix)) return true;
  }
  return false;
}
