/**
 * The dates in a persistence cookie, `NAME=SERVER|LAST|FIRST`, as HAProxy writes them: 30 bits in units of four seconds since
 * 1970, in five characters of base64. So a client keeps its session when HAProxy is replaced, and the other way round.
 */

const DIGITS = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');
const VALUES = new Int8Array(256).fill(-1);
for (let i = 0; i < DIGITS.length; i++) VALUES[DIGITS[i] as number] = i;

export const DATE_BYTES = 5;
export const UNIT_SECONDS = 4;

/** Of bytes[at, at + 5); negative: no date. */
export function readDate(bytes: Uint8Array, at: number): number {
  let date = 0;
  for (let i = 0; i < DATE_BYTES; i++) {
    const digit = VALUES[bytes[at + i] as number] as number;
    if (digit < 0) return -1;
    date = (date << 6) | digit;
  }
  return date;
}

/** Into bytes[at, at + 5). */
export function writeDate(bytes: Uint8Array, at: number, date: number): void {
  for (let i = 0; i < DATE_BYTES; i++) bytes[at + i] = DIGITS[(date >>> (24 - 6 * i)) & 63] as number;
}

/** Now, rounded up. */
export function dateOf(wallMs: number): number {
  return (Math.floor(wallMs / 1000) + UNIT_SECONDS - 1) >> 2;
}
