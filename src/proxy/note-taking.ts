/**
 * Fills a stream's notes: captured headers and cookies when a head is there, the unique ID, the ends of the connection to the
 * server; and has its line written if it is due before the end.
 *
 * Only for streams that have notes (FrontendLog): the others never come here. Not here: the line (traffic-log.ts).
 */
import { HEADER_COOKIE, HEADER_SET_COOKIE, type Head, matchesName } from '../http1/head.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { ServerConnection } from './connection.ts';
import { CookieWalk } from './cookie-walk.ts';
import type { FrontendLog } from './frontend-log.ts';
import { headSize, usualHeadSize } from './log/htx-size.ts';
import type { Note, StreamNotes } from './log/notes.ts';
import { LOG_AT_REQUEST } from './plan.ts';
import type { ThreadContext } from './runtime.ts';
import { HEADER_REQUESTS } from './shared-state.ts';
import type { Stream } from './stream.ts';
import type { TrafficLog } from './traffic-log.ts';

export class NoteTaking {
  readonly #context: ThreadContext;
  readonly #log: TrafficLog;
  readonly #cookies = new CookieWalk();

  constructor(context: ThreadContext, log: TrafficLog) {
    this.#context = context;
    this.#log = log;
  }

  /** A stream begins; `logging` is its frontend's. */
  begin(stream: Stream, logging: FrontendLog): void {
    const notes = logging.keeper?.take() ?? null;
    stream.notes = notes;
    if (notes !== null && logging.wantsRequestNumber) {
      notes.requestNumber = this.#context.shared.add(HEADER_REQUESTS, 1) >>> 0;
    }
  }

  /** Its head stands in `bytes`, as it came. */
  request(stream: Stream, notes: StreamNotes, head: RequestHead, bytes: Buffer): void {
    const logging = stream.client.listener.frontend.logging as FrontendLog;
    if (logging.requestNames.length > 0) captureHeaders(notes, notes.request, logging.requestNames, head, bytes);
    if (logging.cookie !== null)
      this.#captureCookie(notes, notes.clientCookie, logging.cookie, HEADER_COOKIE, head, bytes);
    if (logging.wantsRequestSize) notes.requestExtraBytes = headSize(head, bytes) - usualHeadSize(head, bytes);
    this.#log.scope.of(stream).request(head, bytes);
    if (logging.uniqueId !== null) this.#log.makeUniqueId(stream, notes, logging.uniqueId);
    if (logging.plan.moment === LOG_AT_REQUEST) this.#log.early(stream, notes, 0);
  }

  /** A stream without a request needs its unique ID: its server is told. */
  identify(stream: Stream, notes: StreamNotes): void {
    const format = stream.client.listener.frontend.logging?.uniqueId ?? null;
    if (format === null) return;
    this.#log.scope.of(stream);
    this.#log.makeUniqueId(stream, notes, format);
  }

  /** The final head of the response, as it came; `more` bytes of the body are there, too. */
  response(stream: Stream, notes: StreamNotes, head: ResponseHead, bytes: Uint8Array, more: number): void {
    const logging = stream.client.listener.frontend.logging as FrontendLog;
    if (logging.responseNames.length > 0) captureHeaders(notes, notes.response, logging.responseNames, head, bytes);
    if (logging.cookie !== null) {
      this.#captureCookie(notes, notes.serverCookie, logging.cookie, HEADER_SET_COOKIE, head, bytes);
    }
    if (!logging.writesAtResponse) return;
    if (stream.server !== null) this.server(notes, stream.server, logging);
    this.#log.early(stream, notes, more);
  }

  /** In TCP mode: the server's connection stands. */
  established(stream: Stream, notes: StreamNotes, connection: ServerConnection): void {
    const logging = stream.client.listener.frontend.logging as FrontendLog;
    if (!logging.writesAtResponse) return;
    this.server(notes, connection, logging);
    this.#log.early(stream, notes, 0);
  }

  /** The stream is about to let go of its connection to the server. */
  leaves(stream: Stream, notes: StreamNotes, connection: ServerConnection): void {
    this.server(notes, connection, stream.client.listener.frontend.logging as FrontendLog);
  }

  server(notes: StreamNotes, connection: ServerConnection, logging: FrontendLog): void {
    notes.hasServer = true;
    notes.serverPort = connection.port;
    if (!logging.wantsSource || connection.fd < 0) return;
    connection.source ??= this.#context.poller.localEnd(connection);
    notes.source = connection.source;
  }

  #captureCookie(notes: StreamNotes, note: Note, name: Uint8Array, id: number, head: Head, bytes: Uint8Array): void {
    for (let i = 0; i < head.headerCount && note.length < 0; i++) {
      if (head.id[i] !== id) continue;
      const start = head.valueStart[i] as number;
      if (!this.#cookies.find(bytes, start, head.valueEnd[i] as number, name, id === HEADER_SET_COOKIE)) continue;
      notes.keep(note, bytes, this.#cookies.start, this.#cookies.end);
    }
  }
}

/** The last one of a name counts. */
function captureHeaders(
  notes: StreamNotes,
  into: readonly Note[],
  names: readonly Uint8Array[],
  head: Head,
  bytes: Uint8Array,
): void {
  for (let i = 0; i < head.headerCount; i++) {
    for (let n = 0; n < names.length; n++) {
      if (!matchesName(head, bytes, i, names[n] as Uint8Array)) continue;
      notes.keep(into[n] as Note, bytes, head.valueStart[i] as number, head.valueEnd[i] as number);
    }
  }
}
