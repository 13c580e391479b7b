/**
 * Integers of 64 bits: as numbers while they are exact, beyond that as BigInt. Sums and products end at the smallest and the
 * largest one, as in HAProxy.
 */
import type { SampleValue } from './value.ts';

const ZERO = 48;
const MINUS = 45;
const PLUS = 43;
/** So many digits are always exact. */
const SAFE_DIGITS = 15;

/** Text as C's read_int64 takes it: a sign, digits, and whatever follows; without digits 0. */
export function readInteger(value: SampleValue, bytes: Uint8Array, start: number, end: number): void {
  const negative = bytes[start] === MINUS;
  const first = negative || bytes[start] === PLUS ? start + 1 : start;
  let at = first;
  let number = 0;
  while (at < end) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
    at++;
  }
  if (at - first <= SAFE_DIGITS) {
    value.setInteger(negative && number !== 0 ? -number : number);
    return;
  }
  const digits = Buffer.from(bytes.subarray(first, at)).toString('latin1');
  value.setWide(negative ? -BigInt(digits) : BigInt(digits));
}

/** Digits of 32 bits, as HAProxy's strl2ic counts them: too many of them wrap, and only what is above `9` (of signed bytes) ends them. */
export function readShort(bytes: Uint8Array, start: number, end: number): number {
  const negative = bytes[start] === MINUS;
  let number = 0;
  for (let at = negative ? start + 1 : start; at < end; at++) {
    const digit = (((bytes[at] as number) << 24) >> 24) - ZERO;
    if (digit > 9) break;
    number = (Math.imul(number, 10) + (negative ? -digit : digit)) | 0;
  }
  return number;
}
