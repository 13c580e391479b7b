/**
 * `redir PREFIX` of a server: who wants to read is sent there instead of being served through us, with the path of the
 * request behind the prefix (`/`: nothing before it). HAProxy's own words, in its order.
 */
import { offsetOf } from '../http1/byte-match.ts';
import type { Slab } from '../sys/slabs.ts';

const SPACE = 0x20;
const SLASH = 0x2f;
const COLON = 0x3a;

const HEAD = Buffer.from('HTTP/1.1 302 Found\r\nCache-Control: no-cache\r\nConnection: close\r\nContent-Length: 0\r\n');
const LOCATION = Buffer.from('Location: ');
const END = Buffer.from('\r\n\r\n');
/** As the log counts it: without separators, with what the start line has of its own (log/htx-size.ts). */
const LOGGED_BYTES = 96;

export class ServerRedirect {
  /** What the log says of the answer's size. */
  loggedBytes = 0;
  #pathStart = 0;
  #pathEnd = 0;

  /** The answer to the request that begins at `start`, written into `into`: its end; -1: no path, or no room. */
  write(prefix: string, request: Slab, start: number, end: number, into: Slab): number {
    if (!this.#findPath(request.bytes, start, end)) return -1;
    const before = prefix === '/' ? '' : prefix;
    const length = before.length + this.#pathEnd - this.#pathStart;
    if (HEAD.length + LOCATION.length + length + END.length > into.sizeBytes) return -1;
    const { bytes, base } = into;
    let at = base + HEAD.copy(bytes, base);
    at += LOCATION.copy(bytes, at);
    at += bytes.write(before, at, 'latin1');
    at += request.bytes.copy(bytes, at, this.#pathStart, this.#pathEnd);
    at += END.copy(bytes, at);
    this.loggedBytes = LOGGED_BYTES + length;
    return at;
  }

  /** Behind the method, and behind `scheme://authority` of an absolute target. */
  #findPath(bytes: Uint8Array, start: number, end: number): boolean {
    let at = offsetOf(bytes, SPACE, start, end) + 1;
    const targetEnd = offsetOf(bytes, SPACE, at, end);
    if (targetEnd >= end) return false;
    if (bytes[at] !== SLASH) {
      const colon = offsetOf(bytes, COLON, at, targetEnd);
      if (colon + 3 > targetEnd || bytes[colon + 1] !== SLASH) return false;
      at = offsetOf(bytes, SLASH, colon + 3, targetEnd);
      if (at === targetEnd) return false;
    }
    this.#pathStart = at;
    this.#pathEnd = targetEnd;
    return true;
  }
}
