/** The processor time of the calling thread so far (clock_gettime(2)). */
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

const CLOCK_THREAD_CPUTIME_ID = 3;

/** Microseconds. */
export function threadTimeUs(): number {
  if (libc.clockGettime(CLOCK_THREAD_CPUTIME_ID, scratchAddress) < 0) return 0;
  const seconds = Number(scratchBytes.readBigInt64LE(0));
  return seconds * 1_000_000 + Math.floor(Number(scratchBytes.readBigInt64LE(8)) / 1000);
}
