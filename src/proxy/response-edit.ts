/**
 * What a client is told beyond what the server said: how the connection goes on, and where the client belongs.
 *
 * Lines to add are collected here, lines to drop are marked in the head; moving the bytes is rewriteHead's
 * (src/http1/edit.ts). Not here: requests (request-edit.ts).
 */
import { HEADER_SET_COOKIE } from '../http1/head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import { isCacheable } from './cacheability.ts';
import { InsertBuffer, START_LINE_GROWTH_BYTES } from './insert-buffer.ts';
import type { Stream } from './stream.ts';

const CONNECTION_CLOSE = Buffer.from('Connection: close\r\n', 'latin1');
const CONNECTION_KEEP_ALIVE = Buffer.from('Connection: keep-alive\r\n', 'latin1');
const CONNECTION_UPGRADE = Buffer.from('Connection: upgrade\r\n', 'latin1');
const CACHE_PRIVATE = Buffer.from('Cache-control: private\r\n', 'latin1');
const EQUALS = 0x3d;

// The log's letter for the cookie of a response.
const LETTER_INSERTED = 0x49; // I
const LETTER_NONE = 0x4e; // N

export class ResponseEdit {
  /** The lines that the last `apply` or `upgrade` adds. */
  readonly insert: InsertBuffer;

  constructor(headroomBytes: number) {
    this.insert = new InsertBuffer(headroomBytes - START_LINE_GROWTH_BYTES);
  }

  apply(stream: Stream, head: ResponseHead, bytes: Uint8Array): void {
    const { insert } = this;
    insert.clear();
    if (stream.backend.cookieName !== null) this.#persistence(stream, head, bytes);
    if (stream.clientCloses) {
      if (stream.clientMinor === 1) insert.addAll(CONNECTION_CLOSE);
    } else if (stream.clientMinor === 0 || head.minor === 0) {
      // A version is passed on as it is, and in HTTP/1.0 a connection that stays has to say so.
      insert.addAll(CONNECTION_KEEP_ALIVE);
    }
  }

  /** Of a 101. */
  upgrade(): InsertBuffer {
    this.insert.clear();
    this.insert.addAll(CONNECTION_UPGRADE);
    return this.insert;
  }

  /** Tells the client its server's cookie, unless it came with it. */
  #persistence(stream: Stream, head: ResponseHead, bytes: Uint8Array): void {
    const { backend, target } = stream;
    const plan = backend.plan.cookie;
    if (plan === null || target === null) return;
    stream.responseCookie = LETTER_NONE;
    if (head.setCookieCount > 0) dropServersOwn(head, bytes, backend.cookieName as Uint8Array);
    if (stream.persistent) return;
    this.insert.addAll(target.setCookie);
    if (target.cookie !== null) stream.responseCookie = LETTER_INSERTED;
    if (plan.nocache && isCacheable(head, bytes)) this.insert.addAll(CACHE_PRIVATE);
  }
}

/** A server that sets a cookie of our name would confuse the client about where it belongs. */
function dropServersOwn(head: ResponseHead, bytes: Uint8Array, name: Uint8Array): void {
  for (let i = 0; i < head.headerCount; i++) {
    if (head.id[i] !== HEADER_SET_COOKIE) continue;
    const start = head.valueStart[i] as number;
    if (bytes[start + name.length] !== EQUALS) continue;
    let same = true;
    for (let j = 0; j < name.length && same; j++) same = bytes[start + j] === name[j];
    if (same) head.drop(i);
  }
}
