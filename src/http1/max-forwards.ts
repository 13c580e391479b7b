/**
 * Max-Forwards (RFC 9110 7.6.2): TRACE and OPTIONS count the intermediaries that they may still pass. It is counted down
 * in place, spaces filling up; at 0 the request must not be forwarded.
 *
 * Not here: for which methods (src/http1/request-head.ts).
 */
import { HEADER_MAX_FORWARDS, type Head } from './head.ts';

const SPACE = 32;
const ZERO = 48;
/** A greater number becomes this one (7.6.2: "the lesser of … the recipient's maximum supported value"). */
const MOST = 999999999;

/** False: no hop is left. A value that is no number says nothing and stays as it is. */
export function countHop(head: Head, bytes: Uint8Array): boolean {
  for (let h = 0; h < head.headerCount; h++) {
    if (head.id[h] !== HEADER_MAX_FORWARDS) continue;
    const start = head.valueStart[h] as number;
    const end = head.valueEnd[h] as number;
    const hops = number(bytes, start, end);
    if (hops === 0) return false;
    if (hops > 0) head.valueStart[h] = write(bytes, start, end, Math.min(hops - 1, MOST));
  }
  return true;
}

/** The number in bytes[start, end); -1 if there is none. */
function number(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let i = start; i < end; i++) {
    const digit = (bytes[i] as number) - ZERO;
    if (digit >>> 0 > 9) return -1;
    value = value * 10 + digit;
  }
  return end > start ? value : -1;
}

/** Writes a number that has no more digits than there is room, right-aligned; returns where it begins. */
function write(bytes: Uint8Array, start: number, end: number, value: number): number {
  let i = end;
  let rest = value;
  do {
    bytes[--i] = ZERO + (rest % 10);
    rest = Math.floor(rest / 10);
  } while (rest > 0);
  bytes.fill(SPACE, start, i);
  return i;
}
