/**
 * Which of the fields we care about a name is: by length and first letter, then by comparing.
 *
 * Not here: what is done about each (src/http1/fields.ts).
 */
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import {
  HEADER_CACHE_CONTROL,
  HEADER_CONNECTION,
  HEADER_CONTENT_LENGTH,
  HEADER_COOKIE,
  HEADER_DATE,
  HEADER_EXPECT,
  HEADER_HOST,
  HEADER_HTTP2_SETTINGS,
  HEADER_KEEP_ALIVE,
  HEADER_OTHER,
  HEADER_PROXY_CONNECTION,
  HEADER_SET_COOKIE,
  HEADER_TE,
  HEADER_TRAILER,
  HEADER_TRANSFER_ENCODING,
  HEADER_UPGRADE,
  HEADER_X_FORWARDED_FOR,
} from './head.ts';

const NAMES: readonly (readonly [id: number, name: string])[] = [
  [HEADER_HOST, 'host'],
  [HEADER_CONTENT_LENGTH, 'content-length'],
  [HEADER_TRANSFER_ENCODING, 'transfer-encoding'],
  [HEADER_CONNECTION, 'connection'],
  [HEADER_KEEP_ALIVE, 'keep-alive'],
  [HEADER_PROXY_CONNECTION, 'proxy-connection'],
  [HEADER_TE, 'te'],
  [HEADER_TRAILER, 'trailer'],
  [HEADER_UPGRADE, 'upgrade'],
  [HEADER_EXPECT, 'expect'],
  [HEADER_COOKIE, 'cookie'],
  [HEADER_SET_COOKIE, 'set-cookie'],
  [HEADER_CACHE_CONTROL, 'cache-control'],
  [HEADER_DATE, 'date'],
  [HEADER_X_FORWARDED_FOR, 'x-forwarded-for'],
  [HEADER_HTTP2_SETTINGS, 'http2-settings'],
];

const LONGEST = 17;
/** Slot of (length, first letter): no two of our names share both, which the constructor of this table asserts. */
const ID_AT = new Uint8Array((LONGEST + 1) * 32);
const NAME_AT: Uint8Array[] = [];

for (const [id, name] of NAMES) {
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  if (ID_AT[slot] !== 0) throw new Error(`two field names share the slot of ${name}`);
  ID_AT[slot] = id;
  NAME_AT[id] = ascii(name);
}

/** HEADER_* of the name in bytes[start, end). */
export function fieldId(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST) return HEADER_OTHER;
  const id = ID_AT[length * 32 + ((bytes[start] as number) & 31)] as number;
  if (id === 0) return HEADER_OTHER;
  return equalsIgnoringCase(bytes, start, end, NAME_AT[id] as Uint8Array) ? id : HEADER_OTHER;
}
