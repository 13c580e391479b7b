/**
 * `HTTP/1.x` (RFC 9112 2.3): case-sensitive, one digit each. A minor version above ours is a message that we understand
 * and that leaves with our own version; another major version is not.
 *
 * Not here: rewriting it (src/http1/start-line.ts).
 */
import { ascii } from './byte-match.ts';
import { EDIT_VERSION, HEAD_ERR_START_LINE, HEAD_ERR_VERSION, HEAD_OK, HEAD_PARTIAL, type Head } from './head.ts';

const ZERO = 48;
const ONE = 49;
const NAME = ascii('HTTP/1.');
const MAJOR_AT = 5;
export const VERSION_LENGTH = 8;

/** `HTTP` and `/1.1` as little-endian words: what nearly every version is. */
const WORD_HTTP = 0x50545448;
const WORD_1_1 = 0x312e312f;

/** Scans the version at `at`: HEAD_PARTIAL, HEAD_OK, HEAD_ERR_START_LINE or HEAD_ERR_VERSION. */
export function scanVersion(head: Head, bytes: Uint8Array, view: DataView, at: number, end: number): number {
  if (at + 8 <= end && view.getInt32(at, true) === WORD_HTTP && view.getInt32(at + 4, true) === WORD_1_1) {
    head.versionAt = at + 7;
    head.minor = 1;
    return HEAD_OK;
  }
  return scanOddVersion(head, bytes, at, end);
}

function scanOddVersion(head: Head, bytes: Uint8Array, at: number, end: number): number {
  for (let k = 0; k < 7; k++) {
    if (at + k >= end) return HEAD_PARTIAL;
    const byte = bytes[at + k] as number;
    if (byte === NAME[k]) continue;
    const isOtherMajor = k === MAJOR_AT && (byte - ZERO) >>> 0 < 10;
    return head.fail(isOtherMajor ? HEAD_ERR_VERSION : HEAD_ERR_START_LINE, at + k);
  }
  if (at + 7 >= end) return HEAD_PARTIAL;
  const minor = bytes[at + 7] as number;
  if ((minor - ZERO) >>> 0 > 9) return head.fail(HEAD_ERR_START_LINE, at + 7);
  head.versionAt = at + 7;
  head.minor = minor === ZERO ? 0 : 1;
  if (minor > ONE) head.startLineEdit |= EDIT_VERSION;
  return HEAD_OK;
}
