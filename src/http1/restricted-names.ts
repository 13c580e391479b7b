/**
 * `option http-restrict-req-hdr-names`: field names of letters, digits and `-` alone. Servers that turn names into variables
 * (CGI, FastCGI, WSGI) write all else as `_`, so that `X_Forwarded_For` becomes `X-Forwarded-For` there.
 */
import type { Head } from './head.ts';

const PLAIN = plainTable();

/** Drops the fields with other names; whether there was one. */
export function dropRestricted(head: Head, bytes: Uint8Array): boolean {
  let found = false;
  for (let h = 0; h < head.headerCount; h++) {
    if (head.dropped[h] === 1 || isPlain(bytes, head.nameStart[h] as number, head.nameEnd[h] as number)) continue;
    head.drop(h);
    found = true;
  }
  return found;
}

function isPlain(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (PLAIN[bytes[i] as number] === 0) return false;
  return true;
}

function plainTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (const byte of Buffer.from('-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', 'latin1')) {
    table[byte] = 1;
  }
  return table;
}
