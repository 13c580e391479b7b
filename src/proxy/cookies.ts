/**
 * Persistence by a cookie: finds the server that a request's cookies name, and changes what the server sees of them: with
 * `insert indirect` the cookie is taken out, in `prefix` mode the server's name is.
 *
 *   insert, rewrite, or nothing   NAME=SERVER[|LAST[|FIRST]]     dates for maxidle and maxlife (cookie-date.ts)
 *   prefix                        NAME=SERVER~VALUE
 *
 * A Cookie field is `name=value; name=value` (RFC 6265 4.2.1), read as HAProxy reads it: a comma ends a value, too, unless it
 * is in quotes; names are compared byte for byte. Not here: Set-Cookie on the way back (set-cookie.ts).
 */
import { afterBlanks, trimmedEnd, valueEnd } from '../http1/blanks.ts';
import { startsWith } from '../http1/byte-match.ts';
import { HEADER_COOKIE } from '../http1/head.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { DATE_BYTES, readDate, UNIT_SECONDS } from './cookie-date.ts';
import type { CookiePlan } from './plan.ts';
import { PERSIST_FORCED, PERSIST_IGNORED, PERSIST_USUAL } from './rules.ts';
import type { ProxyRuntime, ServerRuntime } from './runtime.ts';

const SEMICOLON = 0x3b;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const DOLLAR = 0x24;
const BAR = 0x7c;
const TILDE = 0x7e;
const SPACE = 0x20;

// What a request's cookies said about persistence: the log's letter.
export const COOKIE_NONE = 0x4e; // N
export const COOKIE_VALID = 0x56; // V
export const COOKIE_INVALID = 0x49; // I: no server has it
export const COOKIE_DOWN = 0x44; // D: its server is down
export const COOKIE_EXPIRED = 0x45; // E: not used for longer than maxidle
export const COOKIE_OLD = 0x4f; // O: made longer ago than maxlife
export const COOKIE_UNUSED = 0x55; // U: a rule says that it is not looked at, or has named a server

/** Whether anything is done to cookies; one that is only read has no letters in HAProxy's log. */
export function isWorked({ inserts, rewrites, prefixes, indirect }: CookiePlan): boolean {
  return inserts || rewrites || prefixes || indirect;
}

/** Dates beyond this are wrong, and not only in another time zone. */
const FUTURE_SECONDS = 86_400;

/** Whether a server may have a request because of its cookie; with `option persist` any may. */
export type IsUp = (server: ServerRuntime) => boolean;

export class PersistenceCookie {
  letter = COOKIE_NONE;
  /** Who gets the request; null: the balance decides. */
  server: ServerRuntime | null = null;
  /** Dates of the cookie in units of four seconds; 0: it has none. */
  lastSeen = 0;
  firstSeen = 0;

  readonly #isUp: IsUp;
  #usage = PERSIST_USUAL;
  // Of the pair that is looked at.
  #valueStart = 0;
  #valueEnd = 0;
  /** The server's part of the value ends here. */
  #serverEnd = 0;
  // Of the line that is edited: what is behind #rest has to move to #kept.
  #kept = 0;
  #rest = 0;

  constructor(isUp: IsUp) {
    this.#isUp = isUp;
  }

  /** `usage`: PERSIST_*. Looks for the backend's cookie in all lines; one that held nothing but cookies to be taken out is dropped. */
  read(head: RequestHead, bytes: Uint8Array, backend: ProxyRuntime, nowS: number, usage = PERSIST_USUAL): void {
    this.#usage = usage;
    this.letter = COOKIE_NONE;
    this.server = null;
    this.lastSeen = 0;
    this.firstSeen = 0;
    const plan = backend.plan.cookie;
    const name = backend.cookieName;
    if (plan === null || name === null) return;
    for (let i = 0; i < head.headerCount; i++) {
      if (head.id[i] !== HEADER_COOKIE) continue;
      const start = head.valueStart[i] as number;
      const end = head.valueEnd[i] as number;
      const keeps = this.#line(bytes, start, end, backend, plan, name, nowS);
      if (this.#rest === start) continue;
      this.#cut(bytes, end, end);
      if (!keeps) head.drop(i);
      else head.valueStart[i] = moveToEnd(bytes, start, this.#kept, end);
    }
  }

  /** False: nothing is left of the line but attributes of cookies that are gone. */
  #line(
    bytes: Uint8Array,
    start: number,
    end: number,
    backend: ProxyRuntime,
    plan: CookiePlan,
    name: Uint8Array,
    nowS: number,
  ): boolean {
    const removes = plan.inserts && plan.indirect;
    this.#kept = start;
    this.#rest = start;
    let any = false;
    let keeps = false;
    let removed = false;
    for (let position = start; position < end; ) {
      const pairEnd = pairEndOf(bytes, position, end);
      this.#valueStart = valueStartOf(bytes, position, pairEnd, name);
      const ours = this.#valueStart >= 0;
      if (ours) {
        this.#valueEnd = trimmedEnd(bytes, this.#valueStart, pairEnd);
        this.#look(bytes, backend, plan, nowS);
        if (plan.prefixes && this.#serverEnd < this.#valueEnd) this.#cut(bytes, this.#valueStart, this.#serverEnd + 1);
      }
      // Attributes, `$Path`, go with their cookie (RFC 2965).
      const attribute = bytes[afterBlanks(bytes, position, pairEnd)] === DOLLAR;
      removed = ours ? removes : removed && attribute;
      keeps ||= !removed && !attribute;
      if (!removed) any = true;
      else if (any) this.#cut(bytes, position - 1, pairEnd);
      else this.#cut(bytes, this.#rest, afterBlanks(bytes, Math.min(pairEnd + 1, end), end));
      position = pairEnd + 1;
    }
    return keeps;
  }

  /** Takes [from, to) out, in one pass over the line however many there are. */
  #cut(bytes: Uint8Array, from: number, to: number): void {
    if (this.#kept !== this.#rest) bytes.copyWithin(this.#kept, this.#rest, from);
    this.#kept += from - this.#rest;
    this.#rest = to;
  }

  /** One pair with the cookie's name: the first one that a server accepts decides. */
  #look(bytes: Uint8Array, backend: ProxyRuntime, plan: CookiePlan, nowS: number): void {
    this.#serverEnd = this.#valueStart;
    const divider = plan.prefixes ? TILDE : BAR;
    while (this.#serverEnd < this.#valueEnd && bytes[this.#serverEnd] !== divider) this.#serverEnd++;
    let usable = this.#serverEnd > this.#valueStart;
    if (!plan.prefixes) {
      if (this.#serverEnd < this.#valueEnd) this.#readDates(bytes);
      const letter = this.#ageLetter(plan, nowS);
      if (letter !== COOKIE_NONE) {
        this.letter = letter;
        this.lastSeen = 0;
        this.firstSeen = 0;
        usable = false;
      }
    }
    const ignored = this.#usage === PERSIST_IGNORED;
    if (usable && this.server === null && !ignored) this.#findServer(bytes, backend);
    if (this.letter === COOKIE_NONE) this.letter = ignored ? COOKIE_UNUSED : COOKIE_INVALID;
  }

  #readDates(bytes: Uint8Array): void {
    const last = this.#serverEnd + 1;
    if (this.#valueEnd - last >= DATE_BYTES) this.lastSeen = Math.max(0, readDate(bytes, last)) || this.lastSeen;
    let first = last;
    while (first < this.#valueEnd && bytes[first] !== BAR) first++;
    first++;
    if (this.#valueEnd - first >= DATE_BYTES) this.firstSeen = Math.max(0, readDate(bytes, first)) || this.firstSeen;
  }

  /** COOKIE_NONE: it is not too old. */
  #ageLetter({ maxIdleS, maxLifeS }: CookiePlan, nowS: number): number {
    const first = this.firstSeen * UNIT_SECONDS;
    if (first > 0 && maxLifeS > 0 && (nowS - first > maxLifeS || first - nowS > FUTURE_SECONDS)) return COOKIE_OLD;
    const last = this.lastSeen * UNIT_SECONDS;
    if (last > 0 && maxIdleS > 0 && (nowS - last > maxIdleS || last - nowS > FUTURE_SECONDS)) return COOKIE_EXPIRED;
    return COOKIE_NONE;
  }

  /** Several servers may share a cookie: the first one that can. */
  #findServer(bytes: Uint8Array, backend: ProxyRuntime): void {
    const length = this.#serverEnd - this.#valueStart;
    for (const server of backend.servers) {
      const { cookie } = server;
      if (cookie === null || cookie.length !== length) continue;
      if (!startsWith(bytes, this.#valueStart, cookie)) continue;
      const isUp = this.#isUp(server);
      this.letter = isUp ? COOKIE_VALID : COOKIE_DOWN;
      if (!isUp && !backend.plan.persist && this.#usage !== PERSIST_FORCED) continue;
      this.server = server;
      return;
    }
  }
}

/** Where the value begins, if the cookie at `start` has that name; else -1. Blanks may stand around the equals sign. */
export function valueStartOf(bytes: Uint8Array, start: number, end: number, name: Uint8Array): number {
  let at = afterBlanks(bytes, start, end);
  if (at + name.length >= end || !startsWith(bytes, at, name)) return -1;
  at = afterBlanks(bytes, at + name.length, end);
  return bytes[at] === EQUALS ? afterBlanks(bytes, at + 1, end) : -1;
}

/** Quotes count in the value only: in a name they are a byte like others. */
function pairEndOf(bytes: Uint8Array, start: number, end: number): number {
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === EQUALS) return valueEnd(bytes, i + 1, end, SEMICOLON);
    if (byte === SEMICOLON || byte === COMMA) return i;
  }
  return end;
}

/** The line keeps its length: spaces go before the value, for behind it some take them for a part of it. */
function moveToEnd(bytes: Uint8Array, start: number, end: number, lineEnd: number): number {
  const moved = start + lineEnd - end;
  bytes.copyWithin(moved, start, end);
  bytes.fill(SPACE, start, moved);
  return moved;
}
