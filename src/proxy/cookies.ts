/**
 * Persistence by an inserted cookie: finds the server that a request's cookie names, and takes the cookie out of what the
 * server sees where `indirect` says so.
 *
 * A Cookie field is `name=value; name=value` (RFC 6265 4.2.1); names are compared byte for byte. Not here: Set-Cookie on
 * the way back (http-back.ts).
 */
import { HEADER_COOKIE } from '../http1/head.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ProxyRuntime, ServerRuntime } from './runtime.ts';

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const SPACE = 0x20;
const TAB = 0x09;

/** What a request's cookies said about persistence. */
export const COOKIE_ABSENT = 0;
export const COOKIE_KNOWN = 1;
export const COOKIE_UNKNOWN = 2;

export class PersistenceCookie {
  found = COOKIE_ABSENT;
  server: ServerRuntime | null = null;

  #valueStart = 0;
  #valueEnd = 0;
  #kept = 0;
  #rest = -1;
  #any = false;

  /**
   * Looks for the backend's cookie. With `indirect` the cookie is taken out where it stands, and a line that held nothing
   * else is dropped from `head`.
   */
  read(head: RequestHead, bytes: Uint8Array, backend: ProxyRuntime): void {
    this.found = COOKIE_ABSENT;
    this.server = null;
    const name = backend.cookieName;
    if (name === null) return;
    const remove = backend.plan.cookie?.indirect === true;
    for (let i = 0; i < head.headerCount; i++) {
      if (head.id[i] !== HEADER_COOKIE) continue;
      const start = head.valueStart[i] as number;
      const end = head.valueEnd[i] as number;
      this.#kept = start;
      this.#rest = -1;
      this.#any = false;
      for (let position = start; position < end; ) {
        const pairEnd = pairEndOf(bytes, position, end);
        if (this.#pairNamed(bytes, position, pairEnd, name)) {
          if (this.found === COOKIE_ABSENT) this.#lookUp(bytes, backend);
          if (remove) this.#leaveOut(bytes, start, position, pairEnd);
        }
        position = pairEnd + 1;
      }
      if (this.#rest < 0) continue;
      this.#keep(bytes, end);
      if (this.#kept === start) head.drop(i);
      else head.valueStart[i] = moveToEnd(bytes, start, this.#kept, end);
    }
  }

  /*
   * Pairs are left out in one pass, however many they are: what lies between two of them moves once.
   *
   *   start ── kept ──▶ #kept … left out … #rest ── ";" and pairs that are kept ──▶ the next one to leave out
   */

  #leaveOut(bytes: Uint8Array, start: number, position: number, pairEnd: number): void {
    // The separator before the pair goes with it.
    if (this.#rest >= 0) this.#keep(bytes, position - 1);
    else if (position > start) {
      this.#kept = position - 1;
      this.#any = true;
    }
    this.#rest = pairEnd;
  }

  #keep(bytes: Uint8Array, to: number): void {
    let from = this.#rest;
    if (from >= to) return;
    if (!this.#any) {
      // What comes first has no separator before it.
      do from++;
      while (from < to && (bytes[from] === SPACE || bytes[from] === TAB));
      this.#any = true;
    }
    bytes.copyWithin(this.#kept, from, to);
    this.#kept += to - from;
  }

  #pairNamed(bytes: Uint8Array, from: number, to: number, name: Uint8Array): boolean {
    let start = from;
    while (start < to && (bytes[start] === SPACE || bytes[start] === TAB)) start++;
    const equals = start + name.length;
    if (equals >= to) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    let at = equals;
    while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    if (bytes[at] !== EQUALS) return false;
    at++;
    while (at < to && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
    let end = to;
    while (end > at && (bytes[end - 1] === SPACE || bytes[end - 1] === TAB)) end--;
    this.#valueStart = at;
    this.#valueEnd = end;
    return true;
  }

  #lookUp(bytes: Uint8Array, backend: ProxyRuntime): void {
    const length = this.#valueEnd - this.#valueStart;
    if (length === 0) return;
    this.found = COOKIE_UNKNOWN;
    for (const server of backend.servers) {
      const { cookie } = server;
      if (cookie === null || cookie.length !== length) continue;
      let same = true;
      for (let i = 0; i < length && same; i++) same = cookie[i] === bytes[this.#valueStart + i];
      if (same) {
        this.found = COOKIE_KNOWN;
        this.server = server;
        return;
      }
    }
  }
}

function pairEndOf(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  while (at < end && bytes[at] !== SEMICOLON) at++;
  return at;
}

/** The line keeps its length: spaces go before the value, for behind it some take them for a part of it. */
function moveToEnd(bytes: Uint8Array, start: number, end: number, lineEnd: number): number {
  const moved = start + lineEnd - end;
  bytes.copyWithin(moved, start, end);
  bytes.fill(SPACE, start, moved);
  return moved;
}
