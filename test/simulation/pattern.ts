/**
 * What bodies consist of: a stretch of a pool of noise, chosen by whose body it is. So a byte that is lost, doubled, moved,
 * or somebody else's does not fit, and both writing and checking are one native call.
 */
import { SeededRandom } from '../support/random.ts';

/** The longest body. */
export const BODY_MAX_BYTES = 300_000;
const POOL_BYTES = 1_048_576;
/** Shorter ones are compared here; a native call costs more. */
const SHORT = 48;

const pool = Buffer.alloc(POOL_BYTES);
const random = new SeededRandom(20_261_121);
for (let i = 0; i < POOL_BYTES; i++) pool[i] = random.below(256);

function offsetOf(body: number): number {
  return (Math.imul(body + 1, 0x9e37_79b1) >>> 0) % (POOL_BYTES - BODY_MAX_BYTES);
}

/** Writes bytes [from, to) of a body to `at` of `into`. */
export function writeBody(body: number, from: number, to: number, into: Uint8Array, at: number): void {
  const offset = offsetOf(body);
  pool.copy(into, at, offset + from, offset + to);
}

/** Whether [start, end) of `bytes` are bytes of a body, from `from` on. */
export function isBody(body: number, from: number, bytes: Buffer, start: number, end: number): boolean {
  const offset = offsetOf(body) + from;
  const length = end - start;
  if (from + length > BODY_MAX_BYTES) return false;
  if (length > SHORT) return pool.compare(bytes, start, end, offset, offset + length) === 0;
  for (let i = 0; i < length; i++) if (bytes[start + i] !== pool[offset + i]) return false;
  return true;
}
