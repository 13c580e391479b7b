/**
 * What a server is told beyond what the client said, and the server that the client's cookie asks for.
 *
 * Lines to add are collected here, lines to drop are marked in the head; moving the bytes is rewriteHead's
 * (src/http1/edit.ts). Not here: responses (response-edit.ts).
 */
import type { RequestHead } from '../http1/request-head.ts';
import type { Poller } from '../sys/poller.ts';
import { COOKIE_NONE, isWorked, PersistenceCookie } from './cookies.ts';
import type { Dispatcher } from './dispatcher.ts';
import { ForwardedFor } from './forwarded-for.ts';
import { InsertBuffer, START_LINE_GROWTH_BYTES } from './insert-buffer.ts';
import type { StreamNotes } from './log/notes.ts';
import { CLOSE_SERVER } from './plan.ts';
import { PERSIST_IGNORED } from './rules.ts';
import type { ProxyRuntime, ServerRuntime } from './runtime.ts';
import type { Stream } from './stream.ts';

const CONNECTION_CLOSE = Buffer.from('Connection: close\r\n', 'latin1');
const CONNECTION_KEEP_ALIVE = Buffer.from('Connection: keep-alive\r\n', 'latin1');
const CONNECTION_UPGRADE = Buffer.from('Connection: upgrade\r\n', 'latin1');

export class RequestEdit {
  /** The lines that the last `apply` adds. */
  readonly insert: InsertBuffer;
  readonly #poller: Poller;
  readonly #cookie: PersistenceCookie;
  readonly #forwardedFor = new Map<ProxyRuntime, Map<ProxyRuntime, ForwardedFor | null>>();

  constructor(headroomBytes: number, poller: Poller, dispatcher: Dispatcher) {
    this.insert = new InsertBuffer(headroomBytes - START_LINE_GROWTH_BYTES);
    this.#poller = poller;
    this.#cookie = new PersistenceCookie((server) => dispatcher.acceptsPersistent(server));
  }

  /** Returns the server that a rule or the cookie names, if it may have the request; null: the balance decides. */
  apply(stream: Stream, head: RequestHead, bytes: Uint8Array): ServerRuntime | null {
    const { insert } = this;
    const { client, backend } = stream;
    insert.clear();
    let preferred = stream.ruledServer;
    if (backend.cookieName !== null) preferred = this.#persistence(stream, head, bytes) ?? preferred;
    if (stream.notes !== null) this.#tellUniqueId(client.listener.frontend, stream.notes);
    this.#forwardedForOf(client.listener.frontend, backend)?.insert(insert, client, head, bytes);
    if (stream.wantsUpgrade) insert.addAll(CONNECTION_UPGRADE);
    else if (stream.closeMode >= CLOSE_SERVER) insert.addAll(CONNECTION_CLOSE);
    else if (head.minor === 0) insert.addAll(CONNECTION_KEEP_ALIVE);
    return preferred;
  }

  #tellUniqueId({ logging }: ProxyRuntime, { bytes, uniqueId }: StreamNotes): void {
    if (logging === null || logging.uniqueIdHeader === null || uniqueId.length < 0) return;
    this.insert.addAll(logging.uniqueIdHeader);
    this.insert.add(bytes, uniqueId.start, uniqueId.start + uniqueId.length);
    this.insert.endLine();
  }

  #persistence(stream: Stream, head: RequestHead, bytes: Uint8Array): ServerRuntime | null {
    const cookie = this.#cookie;
    cookie.read(head, bytes, stream.backend, Math.floor(this.#poller.wallMs / 1000), usageOf(stream));
    if (stream.backend.plan.cookie !== null && isWorked(stream.backend.plan.cookie)) {
      stream.requestCookie = cookie.letter;
      // Until an answer says otherwise, and where none comes.
      stream.responseCookie = COOKIE_NONE;
    }
    stream.cookieLastSeen = cookie.lastSeen;
    stream.cookieFirstSeen = cookie.firstSeen;
    return cookie.server;
  }

  /** The merged option of the two proxies, made when the pair is first met. */
  #forwardedForOf(frontend: ProxyRuntime, backend: ProxyRuntime): ForwardedFor | null {
    let ofFrontend = this.#forwardedFor.get(frontend);
    if (ofFrontend === undefined) {
      ofFrontend = new Map();
      this.#forwardedFor.set(frontend, ofFrontend);
    }
    let merged = ofFrontend.get(backend);
    if (merged === undefined) {
      merged = ForwardedFor.of(frontend, backend);
      ofFrontend.set(backend, merged);
    }
    return merged;
  }
}

/** A cookie is of no use to a stream that has its server. */
function usageOf({ persistence, ruledServer }: Stream): number {
  return ruledServer === null ? persistence : PERSIST_IGNORED;
}
