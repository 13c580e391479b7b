/**
 * The hash functions of `hash-type`, equal to HAProxy's bit for bit: a switch from it must leave each client with its
 * server. All return 32 bits as a signed integer, which V8 keeps without an object.
 *
 *   sdbm, djb2, crc32    as they are known       wt6    Willy Tarreau's        spread    Bob Jenkins' full avalanche
 */
import { HASH_CRC32, HASH_DJB2, HASH_WT6 } from '../plan.ts';

const DJB2_START = 5381;
const WT6_FIRST = 0xa53c965a;
const WT6_SECOND = 0x5ca6953a;
/** The polynomial with its bits in reverse. */
const CRC32_POLYNOMIAL = 0xedb88320;
/** A prime near three quarters of 2^32: neighbours come far apart. */
const FAR = 3221225473;

/** HASH_* of bytes[start, end). */
export function hashBytes(kind: number, bytes: Uint8Array, start: number, end: number): number {
  switch (kind) {
    case HASH_DJB2:
      return djb2(bytes, start, end);
    case HASH_WT6:
      return wt6(bytes, start, end);
    case HASH_CRC32:
      return crc32(bytes, start, end);
    default:
      return sdbm(bytes, start, end);
  }
}

function sdbm(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0;
  for (let i = start; i < end; i++) hash = ((bytes[i] as number) + (hash << 6) + (hash << 16) - hash) | 0;
  return hash;
}

function djb2(bytes: Uint8Array, start: number, end: number): number {
  let hash = DJB2_START;
  for (let i = start; i < end; i++) hash = ((hash << 5) + hash + (bytes[i] as number)) | 0;
  return hash;
}

/** Two halves that turn each other; how far, the bytes before have said. */
function wt6(bytes: Uint8Array, start: number, end: number): number {
  let first = WT6_FIRST | 0;
  let second = WT6_SECOND | 0;
  let secondTurn = 6;
  let firstTurn = 18;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    const a = ~(first ^ byte);
    const b = ~(second + byte);
    first = rotate(b, secondTurn);
    second = rotate(a, firstTurn);
    const turns = ((first >>> 16) ^ second) & 0xffff;
    secondTurn = turns & 31;
    firstTurn = turns >>> 11;
  }
  return first ^ second;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function crc32(bytes: Uint8Array, start: number, end: number): number {
  let hash = -1;
  for (let i = start; i < end; i++) {
    hash ^= bytes[i] as number;
    for (let bit = 0; bit < 8; bit++) hash = (hash >>> 1) ^ ((hash & 1) === 0 ? 0 : CRC32_POLYNOMIAL);
  }
  return ~hash;
}

/** `avalanche`: each bit of the result depends on all bits of `word`. */
export function spread(word: number): number {
  let a = word | 0;
  a = (a + 0x7ed55d16 + (a << 12)) | 0;
  a = a ^ 0xc761c23c ^ (a >>> 19);
  a = (a + 0x165667b1 + (a << 5)) | 0;
  a = (a + 0xd3a2646c) ^ (a << 9);
  a = (a + 0xfd7046c5 + (a << 3)) | 0;
  a = a ^ 0xb55a4f09 ^ (a >>> 16);
  return Math.imul(a, FAR);
}
