/**
 * Byte classes of HTTP/1.1 (RFC 9110 5.6, RFC 9112, RFC 3986) as tables of 256 entries: 1 for a member, 0 for the rest.
 *
 * They are built by functions so that each scanner keeps a module-local table of its own: a table that is reached
 * through an import costs a load per byte.
 *
 * Not here: comparing names (src/http1/byte-match.ts).
 */

/** tchar (RFC 9110 5.6.2): methods, field names, connection options. */
export function tokenTable(): Uint8Array {
  return tableOf("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/**
 * What a request target may hold: visible ASCII without '#'. More than RFC 3986 has (browsers do send `|`, `"`, `{`), but
 * neither space nor control (line splitting), nor '#' (rules on the end of the path would be fooled, CVE-2023-45539), nor
 * bytes from 0x80, which belong percent-encoded.
 */
export function targetTable(): Uint8Array {
  const table = new Uint8Array(256);
  for (let byte = 0x21; byte < 0x7f; byte++) table[byte] = 1;
  table[0x23] = 0;
  return table;
}

/**
 * reg-name of a host (RFC 3986 3.2.2) without '%', which needs a closer look, and without ',': a list of hosts is how
 * two joined Host lines look.
 */
export function regNameTable(): Uint8Array {
  return tableOf("-._~!$&'()*+;=0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
}

/** Value of a hexadecimal digit, 255 for every other byte. */
export function hexTable(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  for (let digit = 0; digit < 10; digit++) table[0x30 + digit] = digit;
  for (let digit = 10; digit < 16; digit++) {
    table[0x41 + digit - 10] = digit;
    table[0x61 + digit - 10] = digit;
  }
  return table;
}

function tableOf(members: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let i = 0; i < members.length; i++) table[members.charCodeAt(i)] = 1;
  return table;
}
