/**
 * The trailer section of a chunked body (RFC 9110 6.5, RFC 9112 7.1.2), byte by byte: the syntax of field lines, and which
 * fields may not be there.
 *
 * A recipient that merges trailers into the head would take a length, a host or a credential from there that nobody has
 * checked, so fields that frame, route, authenticate or say who the client is are not passed on.
 *
 * Names are compared by a running hash, because a name may arrive in pieces that are gone when its end is seen. Another
 * name with the same hash would be dropped as well: a trailer lost, which every sender has to reckon with (6.5).
 *
 * Not here: what is passed on (src/http1/chunked.ts, which has the states below 16).
 */

/** At the start of a line. */
export const TRAILER = 32;
export const TRAILER_NAME = 33;
const TRAILER_VALUE = 34;
const TRAILER_LF = 35;
/** The value of a field that does not go on. */
export const TRAILER_SKIP = 36;
export const TRAILER_SKIP_LF = 37;
/** The CR of the blank line was the last byte. */
const TRAILER_END_LF = 38;
export const TRAILER_END = 39;
export const TRAILER_BROKEN = 40;

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const DELETE = 127;

const HASH_START = 7;
/** Of the whole section. */
const MAX_BYTES = 8192;

export class TrailerSection {
  bytes = 0;
  /** Of the name so far. */
  hash = HASH_START;

  reset(): void {
    this.bytes = 0;
    this.hash = HASH_START;
  }
}

/** The state after one more byte; `isToken`: it is a tchar. */
export function trailerState(section: TrailerSection, state: number, byte: number, isToken: boolean): number {
  if (++section.bytes > MAX_BYTES) return TRAILER_BROKEN;
  switch (state) {
    case TRAILER:
      if (byte === CR) return TRAILER_END_LF;
      section.hash = nameHash(HASH_START, byte);
      return isToken ? TRAILER_NAME : TRAILER_BROKEN;
    case TRAILER_NAME:
      if (isToken) {
        section.hash = nameHash(section.hash, byte);
        return TRAILER_NAME;
      }
      if (byte !== COLON) return TRAILER_BROKEN;
      return FORBIDDEN.has(section.hash) ? TRAILER_SKIP : TRAILER_VALUE;
    case TRAILER_VALUE:
    case TRAILER_SKIP:
      if (byte === CR) return state + 1;
      return (byte >= SPACE && byte !== DELETE) || byte === TAB ? state : TRAILER_BROKEN;
    case TRAILER_LF:
    case TRAILER_SKIP_LF:
      return byte === LF ? TRAILER : TRAILER_BROKEN;
    case TRAILER_END_LF:
      return byte === LF ? TRAILER_END : TRAILER_BROKEN;
    default:
      return TRAILER_BROKEN;
  }
}

/** The hash of a name with one more byte, letters in either case. */
function nameHash(hash: number, byte: number): number {
  return (Math.imul(hash, 0x01000193) ^ (byte | 0x20)) | 0;
}

const FORBIDDEN = new Set(
  [
    'age',
    'authentication-info',
    'authorization',
    'cache-control',
    'connection',
    'content-encoding',
    'content-length',
    'content-location',
    'content-range',
    'content-type',
    'cookie',
    'date',
    'expect',
    'expires',
    'forwarded',
    'host',
    'http2-settings',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'keep-alive',
    'location',
    'max-forwards',
    'origin',
    'pragma',
    'proxy-authenticate',
    'proxy-authentication-info',
    'proxy-authorization',
    'proxy-connection',
    'range',
    'referer',
    'retry-after',
    'sec-websocket-accept',
    'sec-websocket-key',
    'set-cookie',
    'set-cookie2',
    'strict-transport-security',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'user-agent',
    'vary',
    'via',
    'www-authenticate',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-real-ip',
  ].map(hashOf),
);

function hashOf(name: string): number {
  let hash = HASH_START;
  for (let i = 0; i < name.length; i++) hash = nameHash(hash, name.charCodeAt(i));
  return hash;
}
