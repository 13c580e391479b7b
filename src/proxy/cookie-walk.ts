/**
 * The first cookie of a line whose name begins with something, as HAProxy's `capture cookie` looks for it: NAME=VALUE as it
 * was written, blanks before it and behind it left out. Not here: cookies that name a server (cookies.ts).
 */
import { afterBlanks, trimmedEnd, valueEnd } from '../http1/blanks.ts';
import { startsWith } from '../http1/byte-match.ts';

const SEMICOLON = 0x3b;
const COMMA = 0x2c;
const EQUALS = 0x3d;
const DOLLAR = 0x24;

export class CookieWalk {
  start = 0;
  end = 0;

  /** `single`: of a Set-Cookie line, where only the first pair is a cookie. */
  find(bytes: Uint8Array, from: number, to: number, prefix: Uint8Array, single: boolean): boolean {
    let at = from;
    while (at < to) {
      const nameStart = afterBlanks(bytes, at, to);
      let equals = nameStart;
      while (equals < to && !isEnd(bytes[equals] as number)) equals++;
      let end = equals;
      if (bytes[equals] === EQUALS && equals < to) end = valueEnd(bytes, equals + 1, to, SEMICOLON);
      this.start = nameStart;
      this.end = trimmedEnd(bytes, nameStart, end);
      // Without an equals sign it is no cookie; `$Path` is an attribute of one (RFC 2965).
      const found = equals < to && bytes[equals] === EQUALS && bytes[nameStart] !== DOLLAR;
      if (found && this.end - nameStart >= prefix.length && startsWith(bytes, nameStart, prefix)) return true;
      if (single) return false;
      at = end + 1;
    }
    return false;
  }
}

function isEnd(byte: number): boolean {
  return byte === EQUALS || byte === SEMICOLON || byte === COMMA;
}
