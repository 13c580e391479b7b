/**
 * What a client is told beyond what the server said: how the connection goes on, and where the client belongs.
 *
 * Lines to add are collected here, lines to drop are marked in the head; moving the bytes is rewriteHead's
 * (src/http1/edit.ts). Not here: requests (request-edit.ts).
 */
import type { ResponseHead } from '../http1/response-head.ts';
import type { Poller } from '../sys/poller.ts';
import { isCacheable } from './cacheability.ts';
import { InsertBuffer, START_LINE_GROWTH_BYTES } from './insert-buffer.ts';
import { SetCookie } from './set-cookie.ts';
import type { Stream } from './stream.ts';

const CONNECTION_CLOSE = Buffer.from('Connection: close\r\n', 'latin1');
const CONNECTION_KEEP_ALIVE = Buffer.from('Connection: keep-alive\r\n', 'latin1');
const CONNECTION_UPGRADE = Buffer.from('Connection: upgrade\r\n', 'latin1');
const CACHE_PRIVATE = Buffer.from('Cache-control: private\r\n', 'latin1');

export class ResponseEdit {
  /** The lines that the last `apply` or `upgrade` adds. */
  readonly insert: InsertBuffer;
  readonly #poller: Poller;
  readonly #cookie: SetCookie;

  constructor(headroomBytes: number, poller: Poller) {
    this.insert = new InsertBuffer(headroomBytes - START_LINE_GROWTH_BYTES);
    this.#poller = poller;
    this.#cookie = new SetCookie(this.insert);
  }

  apply(stream: Stream, head: ResponseHead, bytes: Uint8Array): void {
    const { insert } = this;
    insert.clear();
    if (stream.backend.cookieName !== null && this.#cookie.apply(stream, head, bytes, this.#poller.wallMs)) {
      if (stream.backend.plan.cookie?.nocache === true && isCacheable(stream.method, head, bytes))
        insert.addAll(CACHE_PRIVATE);
    }
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
}
