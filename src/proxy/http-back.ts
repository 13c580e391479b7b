/**
 * What servers send: response heads, bodies, silence, and their end.
 *
 *   connecting ─▶ request sent ─▶ (1xx)* ─▶ head ─▶ body ─▶ complete      or 101 ─▶ tunnel
 *
 * A response that cannot be understood becomes 502; one that breaks off after its head has been passed on is cut off for
 * the client too, visibly. Bytes behind a response belong to nobody, so their connection is not used again.
 */
import { rewriteHead } from '../http1/edit.ts';
import { HEAD_ERR_RESPONSE, HEAD_OK, HEAD_PARTIAL, overflowCode } from '../http1/head.ts';
import { hasLineEnd } from '../http1/line-end.ts';
import { NameCases } from '../http1/name-cases.ts';
import { ResponseHead, scanResponseHead } from '../http1/response-head.ts';
import { wasOffered } from '../http1/upgrade.ts';
import { SEND_DONE, SEND_FAILED, SEND_PENDING, type SocketHandler } from '../sys/poller.ts';
import { copyBytes, type Slab } from '../sys/slabs.ts';
import { BodyCut } from './body.ts';
import type { ServerConnection } from './connection.ts';
import { COOKIE_NONE } from './cookies.ts';
import type { HttpExchange } from './http-exchange.ts';
import { END_OF_CHUNKS_BYTES, headSize } from './log/htx-size.ts';
import type { StreamNotes } from './log/notes.ts';
import { CLOSE_SERVER, RETRY_CONNECT, RETRY_EMPTY, RETRY_JUNK, RETRY_TIMEOUT } from './plan.ts';
import { ResponseEdit } from './response-edit.ts';
import { ResponseRepair } from './response-repair.ts';
import { retryBit } from './retry-on.ts';
import type { ThreadContext } from './runtime.ts';
import {
  CAPTURE_BODY,
  CAPTURE_SWITCH,
  PROXY_BAD_RESPONSES,
  SERVER_RESPONSE_ERRORS,
  TRAFFIC_BAD_BODY,
  TRAFFIC_BAD_HEAD,
  TRAFFIC_CLOSED,
  TRAFFIC_READ_ERROR,
  TRAFFIC_TIMEOUT,
} from './shared-state.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  BODY_UNTIL_CLOSE,
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_INTERNAL,
  CAUSE_PROXY,
  CAUSE_RESOURCE,
  CAUSE_SERVER,
  CAUSE_SERVER_TIMEOUT,
  DASH,
  PHASE_DATA,
  PHASE_HEADERS,
  STREAM_CONNECTING,
  type Stream,
} from './stream.ts';
import type { Tunnel } from './tunnel.ts';

const STATUS_CONTINUE = 100;

export class HttpBack implements SocketHandler {
  readonly #context: ThreadContext;
  readonly #exchange: HttpExchange;
  readonly #tunnel: Tunnel;
  readonly #head: ResponseHead;
  readonly #edit: ResponseEdit;
  readonly #repair: ResponseRepair;
  readonly #nameCases: NameCases;
  readonly #cut = new BodyCut();
  /** What the head that is being passed on counts for in the log. */
  #headBytes = 0;

  constructor(context: ThreadContext, exchange: HttpExchange, tunnel: Tunnel) {
    this.#context = context;
    this.#exchange = exchange;
    this.#tunnel = tunnel;
    this.#head = new ResponseHead(context.plan.maxHeaders);
    this.#edit = new ResponseEdit(context.headroomBytes, context.poller);
    this.#repair = new ResponseRepair(context, this.#head);
    this.#nameCases = new NameCases(context.plan.nameCases);
  }

  onConnected(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream !== null && !stream.requestSent) this.#exchange.sendRequest(stream, connection);
  }

  onData(connection: ServerConnection, slab: Slab, start: number, end: number): void {
    const stream = connection.stream as Stream;
    if (stream.responseStarted) {
      this.#body(stream, connection, slab, start, end);
      return;
    }
    const { stash } = connection;
    if (stash === null) {
      this.#heads(stream, connection, slab, start, end);
      return;
    }
    copyBytes(slab, start, end, stash, connection.stashEnd);
    connection.stashEnd += end - start;
    // Scanned again when a line has ended, or when it is too long: a server that sends byte by byte costs little.
    connection.roomBytes = stash.base + this.#context.slabs.sizeBytes - connection.stashEnd;
    if (connection.roomBytes > 0 && !hasLineEnd(slab.bytes, start, end)) return;
    connection.roomBytes = 0;
    this.#heads(stream, connection, stash, connection.stashStart, connection.stashEnd);
  }

  onEnd(connection: ServerConnection): void {
    const stream = connection.stream as Stream;
    if (!stream.responseStarted) {
      if (this.#exchange.retry(stream, connection, RETRY_EMPTY)) return;
      this.#countError(stream, TRAFFIC_CLOSED);
      this.#exchange.noResponse(stream, connection);
      return;
    }
    stream.serverKeeps = false;
    if (stream.responseBody === BODY_UNTIL_CLOSE) stream.responseDone = true;
    if (stream.responseDone) {
      this.#exchange.responseFinished(stream);
      return;
    }
    this.#countError(stream, 0);
    this.#exchange.abort(stream, CAUSE_SERVER, PHASE_DATA);
  }

  onError(connection: ServerConnection, errno: number): void {
    const stream = connection.stream as Stream;
    stream.lastErrno = errno;
    if (stream.state === STREAM_CONNECTING) {
      this.#exchange.connectFailed(stream, connection, false);
      return;
    }
    if (stream.responseDone) {
      this.#exchange.requestRefused(stream, connection);
      return;
    }
    this.#countError(stream, stream.responseStarted ? 0 : TRAFFIC_READ_ERROR);
    if (stream.responseStarted) this.#exchange.abort(stream, CAUSE_SERVER, PHASE_DATA);
    else if (!this.#exchange.retry(stream, connection, RETRY_EMPTY)) this.#exchange.noResponse(stream, connection);
  }

  /** The rest of the request will not arrive; an answer may. */
  onSendFailed(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream !== null) this.#exchange.requestRefused(stream, connection);
  }

  onDrained(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream !== null) this.#exchange.requestDrained(stream, connection);
  }

  onDry(connection: ServerConnection): void {
    const client = connection.stream?.client ?? null;
    if (client !== null && client.pending === null) this.#context.poller.push(client);
  }

  onTimeout(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream === null) return;
    if (stream.state === STREAM_CONNECTING) {
      this.#exchange.connectFailed(stream, connection, true);
      return;
    }
    if (stream.responseDone) {
      this.#exchange.requestRefused(stream, connection);
      return;
    }
    const { client } = stream;
    if (!stream.requestDone && client.deadlineMs > 0 && client.deadlineMs <= this.#context.poller.nowMs) {
      // Both deadlines have passed, and it is the client that the server waits for.
      this.#exchange.answer(stream, 408, CAUSE_CLIENT_TIMEOUT, PHASE_DATA);
      return;
    }
    if (this.#exchange.retry(stream, connection, RETRY_TIMEOUT)) return;
    this.#countError(stream, stream.responseStarted ? 0 : TRAFFIC_TIMEOUT);
    this.#exchange.answer(stream, 504, CAUSE_SERVER_TIMEOUT, stream.responseStarted ? PHASE_DATA : PHASE_HEADERS);
  }

  /** Interim responses, each passed on as it comes, and the final one. */
  #heads(stream: Stream, connection: ServerConnection, slab: Slab, start: number, end: number): void {
    const head = this.#head;
    const { maxHeaders } = this.#context.plan;
    let at = start;
    while (at < end) {
      const scanned = scanResponseHead(head, slab.bytes, at, end, maxHeaders);
      const code = scanned > HEAD_OK ? this.#repair.of(stream, scanned, slab, at, end) : scanned;
      if (code === HEAD_PARTIAL) {
        this.#keep(stream, connection, slab, at, end);
        return;
      }
      if (code !== HEAD_OK) {
        this.#capture(stream, code, slab, at, end, head.errorAt);
        this.#bad(stream);
        return;
      }
      if (head.status >= 200) {
        const retries = stream.retryOn > RETRY_CONNECT;
        if (retries && this.#exchange.retry(stream, connection, retryBit(head.status))) return;
        stream.target?.witness?.responded(head.status);
        if (code !== scanned) this.#edit.insert.leaveFree(this.#repair.growth);
        this.#final(stream, connection, slab, end);
        if (code !== scanned) this.#edit.insert.leaveFree(0);
        return;
      }
      stream.target?.witness?.responded(head.status);
      if (head.status === 101) {
        this.#switch(stream, connection, slab, end);
        return;
      }
      at = head.end;
      if (!this.#interim(stream, slab)) return;
    }
    this.#dropStash(connection);
    this.#exchange.armServer(stream, connection);
  }

  /** A part of a head: kept with headroom before it. */
  #keep(stream: Stream, connection: ServerConnection, slab: Slab, start: number, end: number): void {
    const { slabs, headroomBytes } = this.#context;
    const length = end - start;
    if (length >= slabs.sizeBytes - headroomBytes) {
      this.#capture(stream, HEAD_ERR_RESPONSE + overflowCode(this.#head), slab, start, end, end);
      this.#bad(stream);
      return;
    }
    const stash = connection.stash ?? slabs.take();
    if (stash === null) {
      this.#exchange.answer(stream, 502, CAUSE_RESOURCE, PHASE_HEADERS);
      return;
    }
    connection.stash = stash;
    const front = stash.base + headroomBytes;
    if (slab !== stash || start !== front) copyBytes(slab, start, end, stash, front);
    connection.stashStart = front;
    connection.stashEnd = front + length;
    // What comes next must fit behind it, however much of a body there is.
    connection.roomBytes = stash.base + slabs.sizeBytes - connection.stashEnd;
  }

  /** RFC 9110 15.2: passed on, but not to HTTP/1.0 clients. False: the exchange is over. */
  #interim(stream: Stream, slab: Slab): boolean {
    stream.interim = true;
    if (stream.clientMinor === 0) return true;
    const head = this.#head;
    const size = headSize(head, slab.bytes);
    const { end } = head;
    const from = rewriteHead(head, slab.bytes, this.#edit.insert.bytes, 0);
    this.#adjustNames(stream, slab.bytes, from, end);
    const sent = this.#context.poller.send(stream.client, slab, from, end, false);
    if (head.status === STATUS_CONTINUE) this.#exchange.continued(stream);
    if (sent !== SEND_FAILED) {
      stream.bytesOut += size;
      return true;
    }
    this.#exchange.abort(stream, CAUSE_CLIENT, PHASE_HEADERS);
    return false;
  }

  #final(stream: Stream, connection: ServerConnection, slab: Slab, end: number): void {
    const head = this.#head;
    stream.responseMs = this.#context.poller.nowMs;
    stream.status = head.status;
    stream.responseStarted = true;
    this.#headBytes = headSize(head, slab.bytes);
    stream.bytesOut += this.#headBytes;
    this.#frame(stream, connection);
    if (stream.notes !== null) this.#note(stream, stream.notes, slab, end);
    this.#edit.apply(stream, head, slab.bytes);
    const bodyAt = head.end;
    const from = rewriteHead(head, slab.bytes, this.#edit.insert.bytes, this.#edit.insert.length);
    this.#adjustNames(stream, slab.bytes, from, bodyAt);
    if (this.#edit.insert.overflow) {
      stream.responseStarted = false;
      this.#exchange.answer(stream, 500, CAUSE_INTERNAL, PHASE_HEADERS);
      return;
    }
    this.#pass(stream, connection, slab, from, bodyAt, end);
  }

  /** What of the body is here counts in a line that is written now. */
  #note(stream: Stream, notes: StreamNotes, slab: Slab, end: number): void {
    const here = end - this.#head.end;
    const more = stream.responseBody === BODY_LENGTH ? Math.min(here, stream.responseLeft) : here;
    this.#exchange.notes.response(stream, notes, this.#head, slab.bytes, stream.responseBody === BODY_NONE ? 0 : more);
  }

  #body(stream: Stream, connection: ServerConnection, slab: Slab, start: number, end: number): void {
    if (stream.responseDone) {
      // More than the response said there would be.
      stream.serverKeeps = false;
      return;
    }
    this.#pass(stream, connection, slab, start, start, end);
  }

  /** Passes on [from, bodyAt) and what of [bodyAt, end) belongs to the body. */
  #pass(stream: Stream, connection: ServerConnection, slab: Slab, from: number, bodyAt: number, end: number): void {
    const { poller, wheel } = this.#context;
    const { client } = stream;
    const cut = this.#cut;
    cut.cut(stream.responseBody, stream.responseLeft, stream.responseChunks, slab.bytes, bodyAt, end);
    stream.responseLeft = cut.left;
    stream.responseDone = cut.done;
    stream.bytesOut += cut.data;
    if (cut.done && stream.responseBody === BODY_CHUNKED) stream.bytesOut += END_OF_CHUNKS_BYTES;
    if (cut.consumed < end) stream.serverKeeps = false;
    if (cut.failed && from < bodyAt) {
      this.#badFromStart(stream, slab, bodyAt, end);
      return;
    }
    const length = cut.written - from;
    let sent = SEND_DONE;
    if (length > 0) {
      sent = poller.send(client, slab, from, cut.written, !cut.done && connection.readable);
    }
    if (sent === SEND_FAILED) {
      // All of it may be here, but it has not left.
      stream.responseDone = false;
      this.#exchange.abort(stream, CAUSE_CLIENT, PHASE_DATA);
      return;
    }
    if (cut.failed) {
      this.#captureBody(stream, slab, bodyAt, end);
      this.#countError(stream, TRAFFIC_BAD_BODY);
      // What breaks its own framing has broken off.
      this.#exchange.abort(stream, CAUSE_SERVER, PHASE_DATA);
      return;
    }
    this.#dropStash(connection);
    connection.bulk = sent === SEND_DONE && !cut.done && connection.readable;
    if (sent === SEND_PENDING) {
      this.#exchange.clientStalls(stream);
      if (!stream.responseDone) {
        poller.pause(connection);
        wheel.arm(connection, 0);
      }
    }
    if (stream.responseDone) this.#exchange.responseFinished(stream);
    else if (sent === SEND_DONE) this.#exchange.armServer(stream, connection);
  }

  /** How the body ends, and what becomes of the two connections (RFC 9112 6.3, 9.3). */
  #frame(stream: Stream, connection: ServerConnection): void {
    const head = this.#head;
    const bodyless = stream.isHead || head.status === 204 || head.status === 304;
    stream.responseFramed = true;
    // Nor is the coding spoken of to a client that does not know it, were it of no content (RFC 9112 6.1).
    if (head.chunked && stream.clientMinor === 0) head.drop(head.transferEncodingIndex);
    if (bodyless) stream.responseBody = BODY_NONE;
    else if (head.chunked) {
      stream.responseBody = BODY_CHUNKED;
      stream.responseChunks.reset();
      // An HTTP/1.0 client does not know the coding: it gets the data, and the end of the connection as its end.
      stream.responseChunks.strip = stream.clientMinor === 0;
      stream.responseFramed = stream.clientMinor !== 0;
    } else if (head.contentLength >= 0) {
      stream.responseBody = head.contentLength === 0 ? BODY_NONE : BODY_LENGTH;
      stream.responseLeft = head.contentLength;
    } else {
      stream.responseBody = BODY_UNTIL_CLOSE;
      stream.responseFramed = false;
    }
    const serverPersists = !head.closeToken && (head.minor === 1 || head.keepAliveToken);
    stream.serverKeeps =
      serverPersists &&
      !head.mustClose &&
      !connection.ended &&
      stream.responseBody !== BODY_UNTIL_CLOSE &&
      stream.closeMode < CLOSE_SERVER;
    // A client that was not told to send the body may or may not send it now: nobody could tell it from a request.
    if (!stream.responseFramed || stream.awaitsContinue || stream.requestBroken || this.#context.lastAnswers) {
      stream.clientCloses = true;
    }
  }

  /** 101: from here on both sides speak something else (RFC 9110 7.8). */
  #switch(stream: Stream, connection: ServerConnection, slab: Slab, end: number): void {
    // A 101 that does not say what it switches to, or to what nobody has offered (RFC 9110 7.8), is as bad as one that
    // nobody has asked for.
    const isAgreed = this.#head.upgrade && wasOffered(this.#head, slab.bytes, stream.upgradeOffer);
    if (!stream.wantsUpgrade || !isAgreed) {
      this.#capture(stream, CAPTURE_SWITCH, slab, this.#head.start, end, this.#head.start);
      this.#bad(stream);
      return;
    }
    const head = this.#head;
    const size = headSize(head, slab.bytes);
    const bodyAt = head.end;
    const insert = this.#edit.upgrade();
    const from = rewriteHead(head, slab.bytes, insert.bytes, insert.length);
    this.#adjustNames(stream, slab.bytes, from, bodyAt);
    stream.responseMs = this.#context.poller.nowMs;
    stream.status = 101;
    stream.bytesOut += size;
    stream.responseStarted = true;
    if (stream.notes !== null) this.#exchange.notes.response(stream, stream.notes, head, slab.bytes, 0);
    if (this.#context.poller.send(stream.client, slab, from, bodyAt, end > bodyAt) === SEND_FAILED) {
      this.#exchange.abort(stream, CAUSE_CLIENT, PHASE_DATA);
      return;
    }
    this.#tunnel.takeOver(stream, connection, slab, bodyAt, end);
  }

  #adjustNames(stream: Stream, bytes: Uint8Array, start: number, end: number): void {
    if (stream.client.listener.frontend.plan.adjustsClientCase) this.#nameCases.apply(bytes, start, end);
  }

  #capture(stream: Stream, code: number, slab: Slab, start: number, end: number, at: number): void {
    const { captures, poller } = this.#context;
    captures.found(code, slab.bytes, start, end, at).response(stream, poller.wallMs);
  }

  #captureBody(stream: Stream, slab: Slab, bodyAt: number, end: number): void {
    const { captures, poller } = this.#context;
    const { consumed, written } = this.#cut;
    captures.found(CAPTURE_BODY, slab.bytes, bodyAt, end, consumed).without(written, consumed);
    captures.response(stream, poller.wallMs);
  }

  /** A body that breaks its framing before anything has left is as bad as a bad head. */
  #badFromStart(stream: Stream, slab: Slab, bodyAt: number, end: number): void {
    this.#captureBody(stream, slab, bodyAt, end);
    stream.responseStarted = false;
    stream.responseMs = 0;
    stream.bytesOut -= this.#headBytes + this.#cut.data;
    if (stream.responseCookie !== DASH) stream.responseCookie = COOKIE_NONE;
    this.#bad(stream);
  }

  #bad(stream: Stream): void {
    this.#countError(stream, TRAFFIC_BAD_HEAD);
    this.#context.shared.add(stream.backend.row + PROXY_BAD_RESPONSES, 1);
    if (stream.server !== null && this.#exchange.retry(stream, stream.server, RETRY_JUNK)) return;
    this.#exchange.answer(stream, 502, CAUSE_PROXY, PHASE_HEADERS);
  }

  /** `shows`: TRAFFIC_*, what it says of the server; 0: nothing. */
  #countError(stream: Stream, shows: number): void {
    const server = stream.target;
    if (server === null) return;
    this.#context.shared.add(server.row + SERVER_RESPONSE_ERRORS, 1);
    if (shows !== 0) server.witness?.failed(shows);
  }

  #dropStash(connection: ServerConnection): void {
    if (connection.stash === null) return;
    this.#context.slabs.give(connection.stash);
    connection.stash = null;
  }
}
