/** Cookies: `req.cook(name)`, `res.cook(name)`, `cookie(name)`. */
import { afterBlanks, trimmedEnd, valueEnd } from '../../http1/blanks.ts';
import { startsWith } from '../../http1/byte-match.ts';
import type { Head } from '../../http1/head.ts';
import { asShort, bytesOf, headOf, type Side } from './fetch-fields.ts';
import type { MakeFetch } from './fetches.ts';
import { FieldWalk } from './field-walk.ts';
import { SAMPLE_TEXT } from './value.ts';

const EQUALS = 61;
const SEMICOLON = 59;
const COMMA = 44;
const DOLLAR = 36;
const NONE = -1;

/** The cookies of a name (empty: all of them), one after the other, over all lines. */
class CookieWalk {
  start = 0;
  end = 0;
  readonly #name: Buffer;
  readonly #lines = [new FieldWalk('cookie', false), new FieldWalk('set-cookie', false)] as const;
  /** Where the line goes on; NONE: with the next one. */
  #at = NONE;
  #lineEnd = 0;

  constructor(name: string) {
    this.#name = Buffer.from(name);
  }

  rewind(): void {
    this.#at = NONE;
    this.#lines[0].rewind();
    this.#lines[1].rewind();
  }

  next(head: Head, bytes: Buffer, isRequest: boolean): boolean {
    const lines = this.#lines[isRequest ? 0 : 1];
    while (true) {
      if (this.#at === NONE) {
        if (!lines.next(head, bytes)) return false;
        if (lines.end - lines.start < this.#name.length + 1) continue;
        this.#at = lines.start;
        this.#lineEnd = lines.end;
      }
      this.#at = this.#find(bytes, this.#at, this.#lineEnd, isRequest);
      if (this.#at !== NONE) return true;
    }
  }

  /** Where to go on behind the cookie that was found; NONE: there is none. */
  #find(bytes: Buffer, from: number, end: number, isRequest: boolean): number {
    const { length } = this.#name;
    for (let at = from; at + length + 1 < end; ) {
      const name = afterBlanks(bytes, at, end);
      let equals = name;
      while (equals < end) {
        const byte = bytes[equals];
        if (byte === EQUALS || byte === SEMICOLON || (isRequest && byte === COMMA)) break;
        equals++;
      }
      const nameEnd = trimmedEnd(bytes, name, equals);
      const has = equals < end && bytes[equals] === EQUALS;
      const value = has ? afterBlanks(bytes, equals + 1, end) : equals;
      const next = has ? valueEnd(bytes, value, end, SEMICOLON) : equals;
      at = next + 1;
      if (bytes[name] === DOLLAR || !has) continue;
      if (length === 0 || (nameEnd - name === length && startsWith(bytes, name, this.#name))) {
        this.start = value;
        this.end = trimmedEnd(bytes, value, next);
        return at;
      }
      // Behind the first pair of a Set-Cookie there are attributes.
      if (!isRequest) return NONE;
    }
    return NONE;
  }
}

function isRequestSide(side: Side, hasResponse: boolean): boolean {
  return side === 'request' || (side === 'either' && !hasResponse);
}

/** The last one of that name; without a name the first one. Who asks for all gets one after the other. */
function cookie(side: Side): MakeFetch {
  return (args) => {
    const walk = new CookieWalk(args.text(0));
    const isNamed = args.text(0) !== '';
    return (scope, value) => {
      const head = headOf(scope, side);
      if (head === null) return false;
      const bytes = bytesOf(scope, side);
      const isRequest = isRequestSide(side, scope.responseHead !== null);
      if (!value.continues) walk.rewind();
      let found = false;
      while (walk.next(head, bytes, isRequest)) {
        found = value.setRange(SAMPLE_TEXT, bytes, walk.start, walk.end);
        value.more = value.iterates;
        if (value.iterates || !isNamed) return true;
      }
      value.more = false;
      return found;
    };
  };
}

function cookieCount(side: Side): MakeFetch {
  return (args) => {
    const walk = new CookieWalk(args.text(0));
    return (scope, value) => {
      const head = headOf(scope, side);
      if (head === null) return false;
      const isRequest = isRequestSide(side, scope.responseHead !== null);
      walk.rewind();
      let found = 0;
      while (walk.next(head, bytesOf(scope, side), isRequest)) found++;
      return value.setInteger(found);
    };
  };
}

export const COOKIE_FETCHES: Readonly<Record<string, MakeFetch>> = {
  'req.cook': cookie('request'),
  'req.cook_cnt': cookieCount('request'),
  'req.cook_val': asShort(cookie('request')),
  'res.cook': cookie('response'),
  'res.cook_cnt': cookieCount('response'),
  'res.cook_val': asShort(cookie('response')),
  cookie: cookie('either'),
};
