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
  HEADER_MAX_FORWARDS,
  HEADER_OTHER,
  HEADER_PROXY_CONNECTION,
  HEADER_SET_COOKIE,
  HEADER_TE,
  HEADER_TRAILER,
  HEADER_TRANSFER_ENCODING,
  HEADER_UPGRADE,
  HEADER_X_FORWARDED_FOR,
} from './head.ts';
import { viewOf } from './text-run.ts';

const TE = ascii('te');
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
  [HEADER_MAX_FORWARDS, 'max-forwards'],
];

const LONGEST = 17;
const LOWER_CASE = 0x20202020;
/** Slot of (length, first letter): no two of our names share both, which the loop below asserts. */
const ID_AT = new Uint8Array((LONGEST + 1) * 32);
/** By id: the name as little-endian words; the last one ends with the name and may overlap the one before. */
const WORDS_OF: Int32Array[] = [new Int32Array(0)];

for (const [id, name] of NAMES) {
  const slot = name.length * 32 + (name.charCodeAt(0) & 31);
  if (ID_AT[slot] !== 0) throw new Error(`two field names share the slot of ${name}`);
  ID_AT[slot] = id;
  WORDS_OF[id] = wordsOf(name);
}

function wordsOf(name: string): Int32Array {
  const view = viewOf(ascii(name));
  const words: number[] = [];
  for (let at = 0; at + 4 < name.length; at += 4) words.push(view.getInt32(at, true));
  if (name.length >= 4) words.push(view.getInt32(name.length - 4, true));
  return Int32Array.from(words);
}

/** HEADER_* of the name in bytes[start, end), a token. */
export function fieldId(bytes: Uint8Array, view: DataView, start: number, end: number): number {
  const length = end - start;
  if (length > LONGEST) return HEADER_OTHER;
  const id = ID_AT[length * 32 + ((bytes[start] as number) & 31)] as number;
  if (id === 0) return HEADER_OTHER;
  if (length < 4) return equalsIgnoringCase(bytes, start, end, TE) ? id : HEADER_OTHER;
  const words = WORDS_OF[id] as Int32Array;
  const last = end - 4;
  let at = start;
  for (let k = 0; k < words.length; k++) {
    // Exact for the bytes of a token: see byte-match.ts.
    if ((view.getInt32(at, true) | LOWER_CASE) !== words[k]) return HEADER_OTHER;
    at = Math.min(at + 4, last);
  }
  return id;
}
