/**
 * One request and its response between two connections: sending the request, relaying what is left of it, answering
 * without a server, and ending, whatever the reason.
 *
 *   HttpFront (what clients send) ──▶ HttpExchange ◀── HttpBack (what servers send)
 *
 * The request is edited once and sent from where it was read. It is copied only when it has to wait for a server, or when
 * the connection it goes out on may turn out to be dead.
 */
import { METHOD_GET, METHOD_HEAD } from '../http1/method.ts';
import { NameCases } from '../http1/name-cases.ts';
import { ENOBUFS } from '../sys/constants.ts';
import { SEND_DONE, SEND_FAILED, SEND_PENDING, SEND_TOO_EARLY, type SocketHandler } from '../sys/poller.ts';
import { copyBytes, type Slab } from '../sys/slabs.ts';
import { BodyCut } from './body.ts';
import type { BodyPace } from './body-pace.ts';
import type { ServerConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import { defaultAnswer, type ErrorPage, withNames } from './error-pages.ts';
import type { HttpClients } from './http-clients.ts';
import type { NoteTaking } from './note-taking.ts';
import { keepsForRetry, mayRetry } from './retry-on.ts';
import type { ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import { ServerRedirect } from './server-redirect.ts';
import { CAPTURE_BODY, PROXY_BAD_REQUESTS } from './shared-state.ts';
import {
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_LOCAL,
  CAUSE_PROXY,
  CAUSE_RESOURCE,
  CAUSE_SERVER,
  PHASE_CONNECT,
  PHASE_DATA,
  PHASE_HEADERS,
  PHASE_QUEUE,
  PHASE_REQUEST,
  STREAM_BUFFERING,
  STREAM_CONNECTING,
  STREAM_FORWARDING,
  STREAM_NEW,
  STREAM_PAUSING,
  STREAM_QUEUED,
  type Stream,
  type StreamOwner,
} from './stream.ts';
import type { StreamEnd } from './stream-end.ts';

export class HttpExchange implements StreamOwner {
  /** What listens to server connections while they carry an exchange; set once by the thread. */
  serverHandler: SocketHandler | null = null;
  readonly #context: ThreadContext;
  readonly #dispatcher: Dispatcher;
  readonly #pool: ServerPool;
  readonly #end: StreamEnd;
  readonly #clients: HttpClients;
  readonly #pace: BodyPace;
  /** What streams remember for their log lines. */
  readonly notes: NoteTaking;
  readonly #cut = new BodyCut();
  readonly #redirect = new ServerRedirect();
  /** The proxy's own answers for clients of `h1-case-adjust`. */
  readonly #adjustedPages = new Map<ErrorPage, ErrorPage>();

  constructor(
    context: ThreadContext,
    dispatcher: Dispatcher,
    pool: ServerPool,
    end: StreamEnd,
    clients: HttpClients,
    pace: BodyPace,
  ) {
    this.#context = context;
    this.#dispatcher = dispatcher;
    this.#pool = pool;
    this.#end = end;
    this.#clients = clients;
    this.#pace = pace;
    this.notes = end.notes;
  }

  onServerReady(stream: Stream, connection: ServerConnection): void {
    if (this.serverHandler !== null) connection.handler = this.serverHandler;
    this.sendRequest(stream, connection);
  }

  onServerUnavailable(stream: Stream, status: number, cause: number, phase: number): void {
    this.answer(stream, status, cause, phase);
  }

  onServerRedirects(stream: Stream, prefix: string): boolean {
    const { slabs, poller } = this.#context;
    const { client } = stream;
    if (stream.method !== METHOD_GET && stream.method !== METHOD_HEAD) return false;
    const slab = slabs.take();
    if (slab === null) return false;
    const end = this.#redirect.write(prefix, stream.request as Slab, stream.requestStart, stream.requestEnd, slab);
    if (end < 0) {
      slabs.give(slab);
      return false;
    }
    stream.blame(CAUSE_LOCAL, PHASE_CONNECT);
    stream.status = 302;
    stream.queuedMs = poller.nowMs;
    stream.bytesOut += this.#redirect.loggedBytes;
    const sent = poller.send(client, slab, slab.base, end, false);
    slabs.give(slab);
    const sends = !stream.requestDone;
    this.#end.finish(stream, false);
    if (sent === SEND_FAILED) this.#clients.close(client, false);
    else this.#clients.end(client, sends);
    return true;
  }

  /** Sends the edited request; on a connection that does not stand yet, again in `onConnected`. */
  sendRequest(stream: Stream, connection: ServerConnection): void {
    const slab = stream.request as Slab;
    const { poller } = this.#context;
    const sent = poller.send(connection, slab, stream.requestStart, stream.requestEnd, false);
    switch (sent) {
      case SEND_TOO_EARLY:
        return;
      case SEND_FAILED:
        stream.lastErrno = poller.sendErrno;
        this.#notSent(stream, connection);
        return;
      case SEND_DONE:
      case SEND_PENDING:
        this.#sent(stream, connection, sent === SEND_PENDING);
        return;
    }
  }

  /** Keeps a copy of the request: it has to wait, or may have to be sent again. False: there is no memory for it. */
  own(stream: Stream): boolean {
    if (stream.requestOwned) return true;
    const { slabs } = this.#context;
    const copy = slabs.take();
    if (copy === null) return false;
    copyBytes(stream.request as Slab, stream.requestStart, stream.requestEnd, copy, copy.base);
    stream.requestEnd = copy.base + (stream.requestEnd - stream.requestStart);
    stream.requestStart = copy.base;
    stream.request = copy;
    stream.requestOwned = true;
    return true;
  }

  /** More of the request's body has arrived. What follows the body belongs to the next request. */
  relayRequest(stream: Stream, slab: Slab, start: number, end: number): void {
    const { poller, wheel } = this.#context;
    const { client } = stream;
    const connection = stream.server as ServerConnection;
    const cut = this.#cut;
    cut.cut(stream.requestBody, stream.requestLeft, stream.requestChunks, slab.bytes, start, end);
    if (cut.failed) {
      this.badRequest(stream, cut, slab, start, end);
      return;
    }
    stream.requestLeft = cut.left;
    stream.requestDone = cut.done;
    stream.bytesIn += cut.consumed - start;
    this.#pace.came(stream, cut.data);
    let sent = SEND_DONE;
    if (cut.written > start) sent = poller.send(connection, slab, start, cut.written, !cut.done && client.readable);
    // What follows the body would have to be kept in one slab, so a long read must end inside of it.
    client.bulk = sent === SEND_DONE && client.readable && cut.ahead >= this.#context.slabs.bulkBytes;
    if (cut.consumed < end) this.#clients.stash(client, slab, cut.consumed, end);
    stream.awaitsContinue = false;
    if (sent === SEND_FAILED) {
      // Without memory the rest cannot be sent, and the server would wait for it.
      if (poller.sendErrno === ENOBUFS) this.answer(stream, 503, CAUSE_RESOURCE, PHASE_DATA);
      else this.requestRefused(stream, connection);
      return;
    }
    if (sent === SEND_PENDING) {
      // Now it is the server that is waited for.
      poller.pause(client);
      if (client.pending === null) wheel.arm(client, 0);
      this.armServer(stream, connection);
    } else if (stream.requestDone) this.#requestComplete(stream, connection);
    else this.#armUpload(stream, connection);
  }

  /** The server has taken everything that was sent to it so far. */
  requestDrained(stream: Stream, connection: ServerConnection): void {
    if (stream.requestDone) this.#requestComplete(stream, connection);
    else this.#awaitBody(stream, connection);
  }

  /**
   * The server takes no more of the request. It may have answered already, so its word is waited for; if all of its
   * answer is here, nothing is.
   */
  requestRefused(stream: Stream, connection: ServerConnection): void {
    const { client } = stream;
    stream.requestBroken = true;
    this.#context.poller.pause(client);
    if (client.pending === null) this.#context.wheel.arm(client, 0);
    if (stream.responseDone) this.responseFinished(stream);
    else this.armServer(stream, connection);
  }

  /** All of the response is here. A server that still takes the request gets the rest of it first, as from haproxy. */
  responseFinished(stream: Stream): void {
    const { server } = stream;
    if (!stream.requestDone && !stream.requestBroken && !stream.awaitsContinue && server !== null && !server.ended)
      return;
    if (stream.client.pending === null) this.complete(stream);
    else this.#freeServer(stream);
  }

  /** The body broke the rules of its framing: whatever the server makes of it, neither connection goes on. */
  badRequest(stream: Stream, cut: BodyCut, slab: Slab, start: number, end: number): void {
    const { captures, poller } = this.#context;
    captures.found(CAPTURE_BODY, slab.bytes, start, end, cut.consumed).without(cut.written, cut.consumed);
    captures.request(stream.client, stream, poller.wallMs);
    this.#context.shared.add(stream.client.listener.frontend.row + PROXY_BAD_REQUESTS, 1);
    stream.requestBroken = true;
    const isNew = stream.state === STREAM_NEW || stream.state === STREAM_BUFFERING;
    const phase = isNew ? PHASE_REQUEST : PHASE_HEADERS;
    this.answer(stream, 400, CAUSE_PROXY, stream.responseStarted ? PHASE_DATA : phase);
  }

  /** Ends the exchange with an answer of the proxy's own; if the response has begun, by cutting it off visibly. */
  answer(stream: Stream, status: number, cause: number, phase: number): void {
    if (stream.responseStarted) {
      this.abort(stream, cause, phase);
      return;
    }
    stream.blame(cause, phase);
    stream.status = status;
    const { client } = stream;
    const answer =
      stream.backend.errorFiles.get(status) ?? client.listener.frontend.errorFiles.get(status) ?? defaultAnswer(status);
    const kept = stream.clientMinor === 1 ? answer.keep : answer.keepOld;
    const keeps =
      kept !== null &&
      stream.requestDone &&
      !stream.requestBroken &&
      !stream.clientCloses &&
      !this.#context.lastAnswers;
    let page = keeps && kept !== null ? kept : answer.close;
    if (client.listener.frontend.plan.adjustsClientCase) page = this.#adjusted(page);
    const length = stream.isHead ? page.headEnd : page.end;
    // What is refused before it is a request has, for HAProxy's log, no response either.
    if (!stream.badRequest)
      stream.bytesOut += stream.isHead ? page.loggedBytes - (page.end - page.headEnd) : page.loggedBytes;
    const sent = length === 0 ? SEND_DONE : this.#context.poller.send(client, page.slab, 0, length, false);
    const sends = !stream.requestDone;
    this.#end.finish(stream, false);
    if (sent === SEND_FAILED || length === 0) this.#clients.close(client, false);
    else if (keeps) this.#clients.next(client);
    else this.#clients.end(client, sends);
  }

  #adjusted(page: ErrorPage): ErrorPage {
    let adjusted = this.#adjustedPages.get(page);
    if (adjusted === undefined) {
      adjusted = withNames(page, new NameCases(this.#context.plan.nameCases));
      this.#adjustedPages.set(page, adjusted);
    }
    return adjusted;
  }

  /** Ends everything at once: one of the two sides is gone or cannot be served. The client sees a truncation. */
  abort(stream: Stream, cause: number, phase: number): void {
    stream.blame(cause, phase);
    const { client } = stream;
    // A body that ends with the connection would look complete after a FIN.
    const reset = stream.responseStarted && !stream.responseDone && !stream.responseFramed;
    const sends = !stream.requestDone;
    this.#end.finish(stream, false);
    // What the server did say is still on its way to a client that is there to read it.
    const listens = cause !== CAUSE_CLIENT && cause !== CAUSE_CLIENT_TIMEOUT;
    if (listens && !reset) this.#clients.end(client, sends);
    else this.#clients.close(client, reset);
  }

  /** The response is complete and has left: on to the next request, or the end of the connection. */
  complete(stream: Stream): void {
    const { client } = stream;
    const usable = stream.serverKeeps && stream.requestDone && !stream.requestBroken;
    const keeps = !stream.clientCloses && stream.requestDone && !stream.requestBroken;
    const sends = !stream.requestDone;
    this.#end.finish(stream, usable);
    if (keeps) this.#clients.next(client);
    else this.#clients.end(client, sends);
  }

  /** `retry-on`: the request goes out once more, on a new connection or another server. False: it does not. */
  retry(stream: Stream, connection: ServerConnection, condition: number): boolean {
    if (!mayRetry(stream, condition)) return false;
    this.#drop(stream, connection);
    stream.requestSent = false;
    stream.requestBroken = false;
    this.#dispatcher.requestFailed(stream);
    return true;
  }

  /** The server's connection ended before any of its response came. */
  noResponse(stream: Stream, connection: ServerConnection): void {
    if (stream.idempotent && stream.requestOwned && connection.exchanges > 1 && connection.stash === null) {
      this.#again(stream, connection);
      return;
    }
    this.answer(stream, 502, CAUSE_SERVER, PHASE_HEADERS);
  }

  /** The attempt to connect failed. */
  connectFailed(stream: Stream, connection: ServerConnection, timedOut: boolean): void {
    this.#drop(stream, connection);
    this.#dispatcher.connectFailed(stream, timedOut);
  }

  /** The client went away. */
  clientGone(stream: Stream): void {
    this.abort(stream, CAUSE_CLIENT, phaseOf(stream));
  }

  /** The client said its end while it waited (`option abortonclose`): it may still listen, and a server was asked. */
  clientEnded(stream: Stream): void {
    const phase = phaseOf(stream);
    if (phase === PHASE_HEADERS) this.answer(stream, 400, CAUSE_CLIENT, phase);
    else this.abort(stream, CAUSE_CLIENT, phase);
  }

  /** The client has been told to send its body: from now on that is what is waited for. */
  continued(stream: Stream): void {
    stream.awaitsContinue = false;
    if (stream.requestDone || stream.requestBroken) return;
    this.#pace.resume(stream);
    if (stream.server?.pending === null) this.#pace.arm(stream);
  }

  /** The client is slow to read: what was kept to be sent again, before the answer came, need not be kept as long as that. */
  clientStalls(stream: Stream): void {
    const { client } = stream;
    const { clientMs } = client.listener.frontend.plan.timeouts;
    this.#context.wheel.arm(client, clientMs > 0 ? this.#context.poller.nowMs + clientMs : 0);
    this.#end.leaveRequest(stream);
  }

  armServer(stream: Stream, connection: ServerConnection): void {
    const { serverMs } = stream.backend.plan.timeouts;
    this.#context.wheel.arm(connection, serverMs > 0 ? this.#context.poller.nowMs + serverMs : 0);
  }

  #sent(stream: Stream, connection: ServerConnection, pending: boolean): void {
    stream.state = STREAM_FORWARDING;
    stream.target?.witness?.connected();
    stream.connectedMs = this.#context.poller.nowMs;
    stream.requestSent = true;
    // A connection from the pool may have been ended by the server in this very moment. RFC 9112 9.3.1: what is
    // idempotent may then be sent again, so it is kept until the server answers.
    if ((stream.idempotent && stream.requestDone && connection.exchanges > 1) || keepsForRetry(stream))
      this.own(stream);
    else this.#end.leaveRequest(stream);
    if (pending) {
      this.armServer(stream, connection);
      return;
    }
    if (stream.requestDone) this.#requestComplete(stream, connection);
    else this.#awaitBody(stream, connection);
  }

  /** Nothing of the request was taken. */
  #notSent(stream: Stream, connection: ServerConnection): void {
    // Where memory was short the server may have taken a part: that is not sent again.
    if (this.#context.poller.sendErrno === ENOBUFS || !this.own(stream)) {
      this.answer(stream, 503, CAUSE_RESOURCE, PHASE_CONNECT);
      return;
    }
    if (connection.exchanges > 1) this.#again(stream, connection);
    else this.connectFailed(stream, connection, false);
  }

  /** On a new connection to the same server: the old one was dead before it got the request. */
  #again(stream: Stream, connection: ServerConnection): void {
    this.#drop(stream, connection);
    stream.requestSent = false;
    stream.requestBroken = false;
    this.#dispatcher.reusedFailed(stream);
  }

  #drop(stream: Stream, connection: ServerConnection): void {
    stream.server = null;
    if (connection.stash !== null) {
      this.#context.slabs.give(connection.stash);
      connection.stash = null;
    }
    this.#pool.close(connection);
  }

  #requestComplete(stream: Stream, connection: ServerConnection): void {
    const { client } = stream;
    // What the client still has to take keeps its own deadline.
    if (client.pending === null) this.#context.wheel.arm(client, 0);
    if (stream.responseDone) this.responseFinished(stream);
    else if (!connection.paused) this.armServer(stream, connection);
  }

  #awaitBody(stream: Stream, connection: ServerConnection): void {
    this.#pace.resume(stream);
    this.#armUpload(stream, connection);
    this.#context.poller.resume(stream.client);
  }

  /** The client has to go on sending, and the server to live: what it is sent is a sign of life too, as in haproxy. */
  #armUpload(stream: Stream, connection: ServerConnection): void {
    this.#pace.arm(stream);
    if (!connection.paused) this.armServer(stream, connection);
  }

  /** The response is complete, but the client has not taken all of it: the server need not wait for that. */
  #freeServer(stream: Stream): void {
    // What is left of the request has nowhere to go.
    if (!stream.requestDone) stream.requestBroken = true;
    this.#end.leaveServer(stream, stream.serverKeeps && stream.requestDone && !stream.requestBroken);
  }
}

/** The phase that a stream is in, as the log's termination state names it. */
export function phaseOf(stream: Stream): number {
  switch (stream.state) {
    case STREAM_BUFFERING:
      return PHASE_REQUEST;
    case STREAM_QUEUED:
      return PHASE_QUEUE;
    case STREAM_PAUSING:
    case STREAM_CONNECTING:
      return PHASE_CONNECT;
    default:
      return stream.responseStarted || !stream.requestDone ? PHASE_DATA : PHASE_HEADERS;
  }
}
