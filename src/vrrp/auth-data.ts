/** The password of version 2: text in 8 bytes, zero padded, in clear. It keeps mistakes out, not attackers. */
import { timingSafeEqual } from 'node:crypto';

export const AUTH_DATA_BYTES = 8;

/** What is longer is cut, as keepalived does. */
export function authDataOf(password: string): Uint8Array {
  const data = new Uint8Array(AUTH_DATA_BYTES);
  data.set(Buffer.from(password).subarray(0, AUTH_DATA_BYTES));
  return data;
}

/** In a time that does not depend on where they differ. */
export function sameAuthData(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
