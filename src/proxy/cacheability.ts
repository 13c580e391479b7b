/**
 * Whether a cache between us and the client might keep a response, as HAProxy judges it for `cookie … nocache`: one that
 * brings somebody's persistence cookie must not be kept for others.
 *
 * RFC 9111 3: a status that is cacheable by default, a way to tell freshness or to validate, and nothing that forbids it.
 */
import { HEADER_CACHE_CONTROL, type Head, matchesName } from '../http1/head.ts';
import { METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_TRACE } from '../http1/method.ts';
import type { ResponseHead } from '../http1/response-head.ts';

/** What a cache may answer by itself: the safe methods. */
const METHODS: readonly number[] = [METHOD_GET, METHOD_HEAD, METHOD_OPTIONS, METHOD_TRACE];
const ETAG = Buffer.from('etag');
const LAST_MODIFIED = Buffer.from('last-modified');
const EXPIRES = Buffer.from('expires');
const PRAGMA = Buffer.from('pragma');
const NO_CACHE = Buffer.from('no-cache');
const FORBIDDING = ['private', 'no-cache', 'no-store', 'max-age=0', 's-maxage=0'].map((word) => Buffer.from(word));
const MAX_AGE = Buffer.from('max-age');
const S_MAXAGE = Buffer.from('s-maxage');
const COMMA = 0x2c;

export function isCacheable(method: number, head: ResponseHead, bytes: Uint8Array): boolean {
  if (!METHODS.includes(method)) return false;
  if (!isCacheableStatus(head.status)) return false;
  let lasting = false;
  for (let i = 0; i < head.headerCount; i++) {
    if (head.id[i] === HEADER_CACHE_CONTROL) {
      if (FORBIDDING.some((word) => hasDirective(head, bytes, i, word, true))) return false;
      if (hasDirective(head, bytes, i, MAX_AGE, false) || hasDirective(head, bytes, i, S_MAXAGE, false)) lasting = true;
    } else if (matchesName(head, bytes, i, PRAGMA)) {
      if (hasDirective(head, bytes, i, NO_CACHE, true)) return false;
    } else if (isValidator(head, bytes, i)) lasting = true;
  }
  return lasting;
}

function isValidator(head: Head, bytes: Uint8Array, i: number): boolean {
  return (
    matchesName(head, bytes, i, ETAG) ||
    matchesName(head, bytes, i, LAST_MODIFIED) ||
    matchesName(head, bytes, i, EXPIRES)
  );
}

/** Whether a member of the list in line i begins with `word`, or with `exact` is it (a parameter may follow). */
function hasDirective(head: Head, bytes: Uint8Array, i: number, word: Uint8Array, exact: boolean): boolean {
  const end = head.valueEnd[i] as number;
  let at = head.valueStart[i] as number;
  while (at < end) {
    while (at < end && ((bytes[at] as number) <= 32 || bytes[at] === COMMA)) at++;
    let same = 0;
    while (
      same < word.length &&
      at + same < end &&
      ((bytes[at + same] as number) | 32) === ((word[same] as number) | 32)
    )
      same++;
    if (same === word.length) {
      const next = at + same < end ? (bytes[at + same] as number) : COMMA;
      if (!exact || next === COMMA || next <= 32 || (next === 0x3d && word.indexOf(0x3d) < 0)) return true;
    }
    while (at < end && bytes[at] !== COMMA) at++;
  }
  return false;
}

/** RFC 9110 15.1, as HAProxy lists them. */
function isCacheableStatus(status: number): boolean {
  switch (status) {
    case 200:
    case 203:
    case 204:
    case 206:
    case 300:
    case 301:
    case 404:
    case 405:
    case 410:
    case 414:
    case 501:
      return true;
    default:
      return false;
  }
}
