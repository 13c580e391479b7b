/**
 * A stream: one request and its response, with its timers, counters and log fields. A TCP connection is one stream too.
 * Streams are recycled: an exchange allocates nothing.
 *
 *   NEW (─▶ BUFFERING) ─▶ QUEUED ─▶ CONNECTING ─▶ FORWARDING ─▶ over
 *                           └──────── retry ◀───────┘   (also from a reused connection that turned out to be dead)
 */

import type { ChunkedBody } from '../http1/chunked.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientConnection, ServerConnection } from './connection.ts';
import type { StreamNotes } from './log/notes.ts';
import type { ProxyRuntime, ServerRuntime } from './runtime.ts';

export const STREAM_NEW = 0;
/** Waits for a slot on a server. */
export const STREAM_QUEUED = 1;
/** Waits a moment before the next attempt on the same server. */
export const STREAM_PAUSING = 2;
export const STREAM_CONNECTING = 3;
/** The server connection stands. */
export const STREAM_FORWARDING = 4;

/** Its body is awaited before it gets a server (`option http-buffer-request`). */
export const STREAM_BUFFERING = 5;

/** How the end of a body is known. */
export const BODY_NONE = 0;
export const BODY_LENGTH = 1;
export const BODY_CHUNKED = 2;
export const BODY_UNTIL_CLOSE = 3;

// Termination state as HAProxy logs it: who ended it (first character) and in which phase (second).
export const DASH = 0x2d;
export const CAUSE_CLIENT = 0x43; // C
export const CAUSE_CLIENT_TIMEOUT = 0x63; // c
export const CAUSE_SERVER = 0x53; // S
export const CAUSE_SERVER_TIMEOUT = 0x73; // s
export const CAUSE_PROXY = 0x50; // P
export const CAUSE_RESOURCE = 0x52; // R
export const CAUSE_INTERNAL = 0x49; // I
export const CAUSE_LOCAL = 0x4c; // L: an answer of the proxy's own, without any trouble
export const CAUSE_DOWN = 0x44; // D: its server went down
export const CAUSE_UP = 0x55; // U: the server came back that a backup server stood in for
export const CAUSE_KILLED = 0x4b; // K: an operator has ended it
export const PHASE_REQUEST = 0x52; // R
export const PHASE_QUEUE = 0x51; // Q
export const PHASE_CONNECT = 0x43; // C
export const PHASE_HEADERS = 0x48; // H
export const PHASE_DATA = 0x44; // D

/** What a session does when its server choice is over; the HTTP and the TCP session each have one. */
export interface StreamOwner {
  /** `server` is connected (or may be: then sending says SEND_TOO_EARLY) and belongs to the stream now. */
  onServerReady(stream: Stream, server: ServerConnection): void;
  /** No server will be had. `status` is what an HTTP client is told; cause and phase go to the log. */
  onServerUnavailable(stream: Stream, status: number, cause: number, phase: number): void;
  /** Its server has a place to send clients to (`redir`). False: this one has to be served. */
  onServerRedirects(stream: Stream, prefix: string): boolean;
}

export class Stream {
  state = STREAM_NEW;
  owner: StreamOwner;
  client: ClientConnection;
  server: ServerConnection | null = null;
  backend: ProxyRuntime;
  /** The server that was chosen; kept for the log after its connection is gone. */
  target: ServerRuntime | null = null;
  /** The target was named by a cookie, not by the balance. */
  persistent = false;
  /** PERSIST_* of rules.ts: what becomes of its cookie. */
  persistence = 0;
  /** The server that a rule has named. */
  ruledServer: ServerRuntime | null = null;
  /** It holds one of the target's slots. */
  holdsSlot = false;
  /** Dates of the client's cookie (cookie-date.ts); 0: it has none. */
  cookieLastSeen = 0;
  cookieFirstSeen = 0;
  /** What a hashing balance goes by (balance/hash-key.ts). */
  hashed = false;
  hash = 0;
  retriesLeft = 0;
  retries = 0;
  /** RETRY_*: after what it may be sent again. */
  retryOn = 0;
  /** CAUSE_* of the first attempt to connect that failed; DASH: none has, or one has succeeded since. */
  failure = DASH;
  redispatched = false;
  lastErrno = 0;

  // Queue links, see queue.ts.
  queue: unknown = null;
  queueNext: Stream | null = null;
  queuePrevious: Stream | null = null;
  /** Its ticket. */
  queueSequence = 0;
  /** When it began to wait, and how long it had waited in other queues before. */
  queuedSinceMs = 0;
  queueWaitedMs = 0;
  serverQueuePosition = 0;
  backendQueuePosition = 0;

  // The request.
  method = 0;
  clientMinor = 1;
  isHead = false;
  /** The client will not, or may not, use the connection again. */
  clientCloses = false;
  wantsUpgrade = false;
  /** With wantsUpgrade: to what, see src/http1/upgrade.ts. */
  upgradeOffer = '';
  requestBody = BODY_NONE;
  requestLeft = 0;
  requestChunks: ChunkedBody;
  requestDone = false;
  /** It may be sent a second time without harm (RFC 9110 9.2.2). */
  idempotent = false;
  /** The edited request: in the scratch slab while it is new, in a slab of its own when it has to wait. */
  request: Slab | null = null;
  requestOwned = false;
  requestStart = 0;
  requestEnd = 0;
  requestSent = false;
  /** The server stopped taking the request: what it answers is the last exchange of both connections. */
  requestBroken = false;
  /** The client holds the body back until it is told to go on (RFC 9110 10.1.1), which has not happened yet. */
  awaitsContinue = false;
  // How slowly its body may come (body-pace.ts); of no meaning while none is awaited.
  bodyAllowanceMs = 0;
  bodyAwaitedMs = 0;
  bodyUntilMs = 0;
  /** While it is buffering: the server that its cookie names. */
  preferred: ServerRuntime | null = null;

  // The response.
  responseStarted = false;
  /** An interim response has been passed on. */
  interim = false;
  status = 0;
  responseBody = BODY_NONE;
  responseLeft = 0;
  responseChunks: ChunkedBody;
  responseDone = false;
  /** The client can tell where the body ends without the connection ending. */
  responseFramed = true;
  serverKeeps = false;
  tunnel = false;
  /** Bytes for the client as HAProxy's log counts them (log/htx-size.ts). */
  bytesOut = 0;
  bytesIn = 0;

  // For the log.
  cause = DASH;
  phase = DASH;
  requestCookie = DASH;
  responseCookie = DASH;
  startedMs = 0;
  startedWallMs = 0;
  headDoneMs = 0;
  queuedMs = 0;
  connectedMs = 0;
  responseMs = 0;
  /** The request line as it came, up to its capacity; only filled where traffic is logged. */
  readonly line: Buffer;
  lineLength = 0;
  badRequest = false;
  /** What its log line says beside its figures; null: nothing. */
  notes: StreamNotes | null = null;

  constructor(
    owner: StreamOwner,
    client: ClientConnection,
    backend: ProxyRuntime,
    request: ChunkedBody,
    response: ChunkedBody,
    line: Buffer,
  ) {
    this.owner = owner;
    this.client = client;
    this.backend = backend;
    this.requestChunks = request;
    this.responseChunks = response;
    this.line = line;
  }

  /** As new, for another exchange. */
  reset(owner: StreamOwner, client: ClientConnection, backend: ProxyRuntime): void {
    this.state = STREAM_NEW;
    this.owner = owner;
    this.client = client;
    this.server = null;
    this.backend = backend;
    this.target = null;
    this.persistent = false;
    this.persistence = 0;
    this.ruledServer = null;
    this.holdsSlot = false;
    this.hashed = false;
    this.cookieLastSeen = 0;
    this.cookieFirstSeen = 0;
    this.retriesLeft = backend.plan.retries;
    this.retries = 0;
    this.retryOn = backend.plan.retryOn;
    this.failure = DASH;
    this.redispatched = false;
    this.lastErrno = 0;
    this.queueWaitedMs = 0;
    this.serverQueuePosition = 0;
    this.backendQueuePosition = 0;
    this.method = 0;
    this.clientMinor = 1;
    this.isHead = false;
    this.clientCloses = false;
    this.wantsUpgrade = false;
    this.requestBody = BODY_NONE;
    this.requestLeft = 0;
    this.requestDone = false;
    this.idempotent = false;
    this.request = null;
    this.requestOwned = false;
    this.requestStart = 0;
    this.requestEnd = 0;
    this.requestSent = false;
    this.requestBroken = false;
    this.awaitsContinue = false;
    this.responseStarted = false;
    this.interim = false;
    this.status = 0;
    this.responseBody = BODY_NONE;
    this.responseLeft = 0;
    this.responseDone = false;
    this.responseFramed = true;
    this.serverKeeps = false;
    this.tunnel = false;
    this.bytesOut = 0;
    this.bytesIn = 0;
    this.cause = DASH;
    this.phase = DASH;
    this.requestCookie = DASH;
    this.responseCookie = DASH;
    this.startedMs = 0;
    this.startedWallMs = 0;
    this.headDoneMs = 0;
    this.queuedMs = 0;
    this.connectedMs = 0;
    this.responseMs = 0;
    this.lineLength = 0;
    this.badRequest = false;
    this.notes = null;
  }

  /** CLOSE_*, for the server: of frontend and backend the stricter one applies. */
  get closeMode(): number {
    return Math.max(this.client.listener.frontend.plan.closeMode, this.backend.plan.closeMode);
  }

  /** Who ended it and when: the first word counts. */
  blame(cause: number, phase: number): void {
    if (this.cause !== DASH) return;
    this.cause = cause;
    this.phase = phase;
  }
}
