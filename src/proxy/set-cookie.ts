/**
 * The persistence cookie on the way back: what becomes of a server's own Set-Cookie of that name, and whether the client is
 * told where it belongs.
 *
 *   insert     the server's is taken out; ours goes in when the client came without one, or its dates are to be renewed
 *   rewrite    the value of the server's becomes our server's
 *   prefix     our server's stands before the value, and `~`
 *   preserve   the server's own stays as it is, and nothing is inserted then
 *
 * The first cookie of a line is looked at (RFC 6265 4.1: there is no other). Not here: requests (cookies.ts).
 */
import { trimmedEnd, valueEnd } from '../http1/blanks.ts';
import { HEADER_SET_COOKIE } from '../http1/head.ts';
import { METHOD_POST } from '../http1/method.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { DATE_BYTES, dateOf, UNIT_SECONDS, writeDate } from './cookie-date.ts';
import { COOKIE_NONE, isWorked, valueStartOf } from './cookies.ts';
import type { InsertBuffer } from './insert-buffer.ts';
import type { CookiePlan } from './plan.ts';
import { PERSIST_IGNORED } from './rules.ts';
import type { ServerRuntime } from './runtime.ts';
import type { Stream } from './stream.ts';

const SEMICOLON = 0x3b;
const BAR = 0x7c;
const TILDE = Buffer.from('~', 'latin1');
const LINE_END = Buffer.from('\r\n', 'latin1');
const SET_COOKIE = Buffer.from('Set-Cookie: ', 'latin1');

// The log's letter for the cookie of a response, beside COOKIE_NONE.
const INSERTED = 0x49; // I
const UPDATED = 0x55; // U
const DELETED = 0x44; // D
const PASSED = 0x50; // P
const REWRITTEN = 0x52; // R

export class SetCookie {
  readonly #insert: InsertBuffer;
  readonly #date = Buffer.alloc(1 + DATE_BYTES);

  /** What is added goes to `insert`. */
  constructor(insert: InsertBuffer) {
    this.#insert = insert;
    this.#date[0] = BAR;
  }

  /** True: the client has been told a cookie of ours. */
  apply(stream: Stream, head: ResponseHead, bytes: Uint8Array, wallMs: number): boolean {
    const { backend, target } = stream;
    const plan = backend.plan.cookie;
    if (plan === null || target === null || !isWorked(plan)) return false;
    stream.responseCookie = COOKIE_NONE;
    if (stream.persistence === PERSIST_IGNORED) return false;
    if (head.setCookieCount > 0) this.#serversOwn(stream, head, bytes, plan, target);
    if (!plan.inserts || (plan.preserve && stream.responseCookie === PASSED)) return false;
    if (stream.persistent && !mustRenew(stream, plan, wallMs)) return false;
    if (plan.postOnly && stream.method !== METHOD_POST) return false;
    this.#tell(stream, plan, target, wallMs);
    stream.responseCookie = target.cookie !== null && stream.persistent ? UPDATED : INSERTED;
    return true;
  }

  #serversOwn(stream: Stream, head: ResponseHead, bytes: Uint8Array, plan: CookiePlan, target: ServerRuntime): void {
    const name = stream.backend.cookieName as Uint8Array;
    for (let i = 0; i < head.headerCount; i++) {
      if (head.id[i] !== HEADER_SET_COOKIE || head.dropped[i] === 1) continue;
      const value = valueStartOf(bytes, head.valueStart[i] as number, head.valueEnd[i] as number, name);
      if (value < 0) continue;
      stream.responseCookie = PASSED;
      if (plan.preserve) continue;
      if (plan.inserts || (stream.persistent && plan.indirect)) {
        head.drop(i);
        stream.responseCookie = DELETED;
      } else if (target.cookie !== null && (plan.rewrites || plan.prefixes)) {
        this.#replace(head, bytes, i, value, target.cookie, plan.rewrites);
        stream.responseCookie = REWRITTEN;
      }
    }
  }

  /** The line goes, and comes back with another value. */
  #replace(head: ResponseHead, bytes: Uint8Array, i: number, value: number, cookie: Buffer, wholly: boolean): void {
    const insert = this.#insert;
    const end = head.valueEnd[i] as number;
    insert.addAll(SET_COOKIE);
    insert.add(bytes, head.valueStart[i] as number, value);
    insert.addAll(cookie);
    if (!wholly) insert.addAll(TILDE);
    insert.add(bytes, wholly ? trimmedEnd(bytes, value, valueEnd(bytes, value, end, SEMICOLON)) : value, end);
    insert.addAll(LINE_END);
    head.drop(i);
  }

  #tell(stream: Stream, { maxIdleS, maxLifeS }: CookiePlan, target: ServerRuntime, wallMs: number): void {
    const insert = this.#insert;
    insert.addAll(target.setCookie);
    if (target.cookie !== null && (maxIdleS > 0 || maxLifeS > 0)) {
      const now = dateOf(wallMs);
      this.#addDate(now);
      if (maxLifeS > 0) this.#addDate(stream.cookieFirstSeen > 0 ? stream.cookieFirstSeen : now);
    }
    insert.addAll(stream.backend.cookieAttributes);
  }

  #addDate(date: number): void {
    writeDate(this.#date, 1, date);
    this.#insert.addAll(this.#date);
  }
}

/** The client has the right cookie: it is sent again when its dates have to move, or come, or go. */
function mustRenew(
  { cookieLastSeen, cookieFirstSeen }: Stream,
  { maxIdleS, maxLifeS }: CookiePlan,
  wallMs: number,
): boolean {
  if (maxLifeS > 0 !== cookieFirstSeen > 0) return true;
  if (maxIdleS === 0 && cookieLastSeen === 0) return false;
  return cookieLastSeen === 0 || cookieLastSeen * UNIT_SECONDS < Math.floor(wallMs / 1000);
}
