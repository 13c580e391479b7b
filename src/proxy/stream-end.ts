/**
 * The end of a stream, however it came: its server connection goes back to the pool or is closed, its slot is given to
 * the next, its log line is written, and the object is put away for another exchange.
 */
import { ChunkedBody } from '../http1/chunked.ts';
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { REQUEST_LINE_MAX_BYTES } from './log/record.ts';
import { NoteTaking } from './note-taking.ts';
import type { ProxyRuntime, ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_BACKEND_SESSIONS_MAX,
  PROXY_BYTES_IN_LOW,
  PROXY_BYTES_OUT_LOW,
  PROXY_INTERNAL_ERRORS,
  PROXY_OWN_BYTES_IN_LOW,
  PROXY_OWN_BYTES_OUT_LOW,
  PROXY_OWN_CLIENT_ABORTS,
  PROXY_OWN_INTERNAL_ERRORS,
  PROXY_OWN_RESPONSES_1XX,
  PROXY_REQUESTS,
  PROXY_RESPONSES_1XX,
  SERVER_BYTES_IN_LOW,
  SERVER_BYTES_OUT_LOW,
  SERVER_CLIENT_ABORTS,
  SERVER_INTERNAL_ERRORS,
  SERVER_RESPONSES_1XX,
  SERVER_SERVER_ABORTS,
} from './shared-state.ts';
import {
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_INTERNAL,
  CAUSE_SERVER,
  DASH,
  PHASE_CONNECT,
  PHASE_DATA,
  PHASE_QUEUE,
  STREAM_QUEUED,
  Stream,
  type StreamOwner,
} from './stream.ts';
import { StreamTimes } from './stream-times.ts';
import type { TrafficLog } from './traffic-log.ts';

/** Streams that are kept for the next exchanges; more are left to the garbage collector. */
const KEPT_STREAMS = 4096;
/** The place of `other` behind 1xx to 5xx. */
const OTHER = 5;

export class StreamEnd {
  readonly #context: ThreadContext;
  readonly #pool: ServerPool;
  readonly #dispatcher: Dispatcher;
  readonly #log: TrafficLog;
  readonly notes: NoteTaking;
  readonly #times: StreamTimes;
  /** Those with room for the request line, which only logging frontends need, and those without. */
  readonly #freeLogged: Stream[] = [];
  readonly #free: Stream[] = [];
  /** Streams under way. */
  active = 0;

  constructor(context: ThreadContext, pool: ServerPool, dispatcher: Dispatcher, log: TrafficLog) {
    this.#context = context;
    this.#pool = pool;
    this.#dispatcher = dispatcher;
    this.#log = log;
    this.notes = new NoteTaking(context, log);
    this.#times = new StreamTimes(context.shared);
  }

  /** Streams that are kept for the next exchanges. */
  get kept(): number {
    return this.#free.length + this.#freeLogged.length;
  }

  /** A stream for this client, which has none. */
  begin(owner: StreamOwner, client: ClientConnection, backend: ProxyRuntime): Stream {
    const { frontend } = client.listener;
    const logs = frontend.sinks !== null;
    const stream = (logs ? this.#freeLogged : this.#free).pop() ?? newStream(owner, client, backend, logs);
    stream.reset(owner, client, backend);
    stream.startedMs = this.#context.poller.nowMs;
    client.stream = stream;
    this.active++;
    if (frontend.logging !== null) this.notes.begin(stream, frontend.logging);
    const { shared } = this.#context;
    shared.raise(backend.row + PROXY_BACKEND_SESSIONS_MAX, shared.add(backend.row + PROXY_BACKEND_SESSIONS, 1) + 1);
    return stream;
  }

  /** The stream's request is known (in TCP mode: its connection is there). */
  describe(stream: Stream): void {
    if (stream.client.listener.frontend.sinks !== null) this.#log.begun(stream);
  }

  /** Lets go of the server connection; `usable` when it may carry another exchange. */
  leaveServer(stream: Stream, usable: boolean): void {
    this.#leaveConnection(stream, usable);
    this.#dispatcher.release(stream);
  }

  #leaveConnection(stream: Stream, usable: boolean): void {
    const connection = stream.server;
    if (connection !== null) {
      stream.server = null;
      if (stream.notes !== null) this.notes.leaves(stream, stream.notes, connection);
      if (connection.stash !== null) {
        this.#context.slabs.give(connection.stash);
        connection.stash = null;
      }
      // What the kernel still has for us behind the response is not the next one's.
      const quiet = connection.pending === null && !connection.readable && !connection.hangup;
      if (usable && quiet) this.#pool.release(connection, stream.client);
      else this.#pool.close(connection);
    }
  }

  /** Drops the copy of the request. */
  leaveRequest(stream: Stream): void {
    if (stream.requestOwned && stream.request !== null) this.#context.slabs.give(stream.request);
    stream.request = null;
    stream.requestOwned = false;
  }

  /** Everything but the client connection, which is the caller's. */
  finish(stream: Stream, serverUsable: boolean): void {
    const { shared } = this.#context;
    const { client, backend } = stream;
    if (stream.state === STREAM_QUEUED) stream.queuedMs = this.#context.poller.nowMs;
    this.#dispatcher.line.forget(stream);
    this.#leaveConnection(stream, serverUsable);
    const freed = this.#dispatcher.free(stream);
    this.leaveRequest(stream);
    shared.add(backend.row + PROXY_BACKEND_SESSIONS, -1);
    // The log's figures of backend and server are of those that remain; the client still counts.
    if (client.listener.frontend.sinks !== null) this.#log.ended(stream);
    const frontend = client.listener.frontend;
    const family = (stream.status / 100) | 0;
    const kind = family >= 1 && family <= 5 ? family - 1 : OTHER;
    if (frontend.plan.http) {
      shared.add(frontend.row + PROXY_REQUESTS, 1);
      shared.add(frontend.row + PROXY_RESPONSES_1XX + kind, 1);
    }
    if (!stream.badRequest) this.#count(stream, kind);
    client.stream = null;
    this.active--;
    if (stream.notes !== null) client.listener.frontend.logging?.keeper?.give(stream.notes);
    const free = stream.line.length > 0 ? this.#freeLogged : this.#free;
    if (free.length < KEPT_STREAMS) free.push(stream);
    // Whoever has waited for the slot is not in the figures of this one.
    if (freed !== null) this.#dispatcher.line.serve(freed);
  }

  /** Of a request that was one. For the server, too; what none had a part in is the backend's own. */
  #count(stream: Stream, kind: number): void {
    const { shared } = this.#context;
    const { backend, target } = stream;
    const { frontend } = stream.client.listener;
    shared.addBytes(frontend.row + PROXY_BYTES_IN_LOW, stream.bytesIn);
    shared.addBytes(frontend.row + PROXY_BYTES_OUT_LOW, stream.bytesOut);
    if (backend.ownerRow >= 0) {
      this.#countInside(stream, kind);
      return;
    }
    const isServers = target !== null && (stream.responseStarted || !backend.plan.http);
    if (isServers) shared.add(target.row + SERVER_RESPONSES_1XX + kind, 1);
    else shared.add(backend.row + PROXY_OWN_RESPONSES_1XX + kind, 1);
    if (target !== null) {
      shared.addBytes(target.row + SERVER_BYTES_IN_LOW, stream.bytesIn);
      shared.addBytes(target.row + SERVER_BYTES_OUT_LOW, stream.bytesOut);
      this.#times.count(stream, target.row, this.#context.poller.nowMs);
    } else {
      shared.addBytes(backend.row + PROXY_OWN_BYTES_IN_LOW, stream.bytesIn);
      shared.addBytes(backend.row + PROXY_OWN_BYTES_OUT_LOW, stream.bytesOut);
    }
    if (stream.cause === DASH) return;
    if (stream.cause === CAUSE_CLIENT || stream.cause === CAUSE_CLIENT_TIMEOUT) {
      // Who leaves before there is a connection to a server is nobody's in HAProxy, either.
      if (stream.phase === PHASE_QUEUE || stream.phase === PHASE_CONNECT) return;
      if (target === null) shared.add(backend.row + PROXY_OWN_CLIENT_ABORTS, 1);
      else shared.add(target.row + SERVER_CLIENT_ABORTS, 1);
    } else if (stream.cause === CAUSE_SERVER && stream.phase === PHASE_DATA && target !== null) {
      shared.add(target.row + SERVER_SERVER_ABORTS, 1);
    } else if (stream.cause === CAUSE_INTERNAL) {
      shared.add(frontend.row + PROXY_INTERNAL_ERRORS, 1);
      if (target === null) shared.add(backend.row + PROXY_OWN_INTERNAL_ERRORS, 1);
      else shared.add(target.row + SERVER_INTERNAL_ERRORS, 1);
    }
  }

  /** What a proxy has answered by itself: its frontend's alone, but for the bytes, if that has answered. */
  #countInside({ backend, client, bytesIn, bytesOut }: Stream, kind: number): void {
    const { shared } = this.#context;
    const { ownerRow } = backend;
    shared.addBytes(ownerRow + PROXY_OWN_BYTES_IN_LOW, bytesIn);
    shared.addBytes(ownerRow + PROXY_OWN_BYTES_OUT_LOW, bytesOut);
    if (ownerRow !== client.listener.frontend.row) shared.add(ownerRow + PROXY_OWN_RESPONSES_1XX + kind, 1);
  }
}

const NO_LINE = Buffer.alloc(0);

function newStream(owner: StreamOwner, client: ClientConnection, backend: ProxyRuntime, logs: boolean): Stream {
  const line = logs ? Buffer.alloc(REQUEST_LINE_MAX_BYTES) : NO_LINE;
  return new Stream(owner, client, backend, new ChunkedBody(), new ChunkedBody(), line);
}
