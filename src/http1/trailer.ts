/**
 * Which fields may not be in a trailer section (RFC 9110 6.5.1, RFC 9112 7.1.2).
 *
 * A recipient that merges trailers into the head would take a length, a host or a credential from there that nobody has
 * checked, so fields that frame, route, authenticate or say who the client is are not passed on.
 *
 * Names are compared by a running hash, because a name may arrive in pieces that are gone when its end is seen. Another
 * name with the same hash would be dropped as well: a trailer lost, which every sender has to reckon with (6.5).
 *
 * Not here: the section's syntax (src/http1/chunked.ts).
 */

export const NAME_HASH_START = 7;

/** The hash of a name with one more byte, letters in either case. */
export function nameHash(hash: number, byte: number): number {
  return (Math.imul(hash, 0x01000193) ^ (byte | 0x20)) | 0;
}

const FORBIDDEN = new Set(
  [
    'authorization',
    'cache-control',
    'connection',
    'content-encoding',
    'content-length',
    'content-range',
    'content-type',
    'cookie',
    'expect',
    'forwarded',
    'host',
    'http2-settings',
    'keep-alive',
    'max-forwards',
    'origin',
    'proxy-authenticate',
    'proxy-authorization',
    'proxy-connection',
    'range',
    'set-cookie',
    'te',
    'trailer',
    'transfer-encoding',
    'upgrade',
    'via',
    'www-authenticate',
    'x-forwarded-for',
    'x-forwarded-host',
    'x-forwarded-port',
    'x-forwarded-proto',
    'x-real-ip',
  ].map(hashOf),
);

function hashOf(name: string): number {
  let hash = NAME_HASH_START;
  for (let i = 0; i < name.length; i++) hash = nameHash(hash, name.charCodeAt(i));
  return hash;
}

/** Whether the name with this hash is one that may not be in a trailer. */
export function isForbiddenTrailer(hash: number): boolean {
  return FORBIDDEN.has(hash);
}
