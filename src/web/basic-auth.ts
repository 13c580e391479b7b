/** A name and a password in a request (RFC 7617), compared in a time that tells nothing of them. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { WebAnswer } from './visit.ts';

export interface Login {
  readonly name: string;
  readonly password: string;
}

export function isKnown(authorization: string | undefined, users: readonly Login[]): boolean {
  const given = loginOf(authorization);
  if (given === null) return false;
  let known = false;
  for (const { name, password } of users) {
    const same = isSame(name, given.name) && isSame(password, given.password);
    known = known || same;
  }
  return known;
}

function loginOf(authorization: string | undefined): Login | null {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? null : { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}

/** In HAProxy's words. */
export function loginWanted(realm: string): WebAnswer {
  const text = realm.replace(/[\r\n]/g, ' ').replace(/["\\]/g, '\\$&');
  return {
    status: 401,
    headers: { 'Content-Type': 'text/html', 'Cache-Control': 'no-cache', 'WWW-Authenticate': `Basic realm="${text}"` },
    body: '<html><body><h1>401 Unauthorized</h1>\nYou need a valid user and password to access this content.\n</body></html>\n',
  };
}
