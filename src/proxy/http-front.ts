/**
 * What clients send: request heads, bodies, silence, and their end.
 *
 *   idle ─▶ head (partial: in the stash) ─▶ exchange ─▶ idle …   or linger ─▶ closed
 *
 * The phases of a request, in HAProxy's order: connection (accept-gate.ts) ─▶ session (begin) ─▶ content ─▶ request ─▶
 * backend's request ─▶ server choice (dispatcher.ts) ─▶ response ─▶ after-response (http-back.ts) ─▶ log (stream-end.ts).
 * Those without a rule to run yet are empty.
 */
import { rewriteHead } from '../http1/edit.ts';
import { HEAD_OK, HEAD_PARTIAL, overflowCode, statusOf } from '../http1/head.ts';
import { hasLineEnd } from '../http1/line-end.ts';
import {
  METHOD_CONNECT,
  METHOD_DELETE,
  METHOD_GET,
  METHOD_HEAD,
  METHOD_OPTIONS,
  METHOD_PUT,
  METHOD_TRACE,
} from '../http1/method.ts';
import { NameCases } from '../http1/name-cases.ts';
import { RequestHead, scanRequestHead } from '../http1/request-head.ts';
import { dropRestricted } from '../http1/restricted-names.ts';
import { offeredProtocols } from '../http1/upgrade.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientSession } from './accept-gate.ts';
import { BodyCut } from './body.ts';
import type { BodyPace } from './body-pace.ts';
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { HttpClients } from './http-clients.ts';
import { type HttpExchange, phaseOf } from './http-exchange.ts';
import { CLOSE_BOTH, RESTRICT_NOTHING, RESTRICT_REJECTS } from './plan.ts';
import { RequestBuffer } from './request-buffer.ts';
import { RequestEdit } from './request-edit.ts';
import { RequestRepair } from './request-repair.ts';
import type { ProxyRuntime, ThreadContext } from './runtime.ts';
import { PROXY_BAD_REQUESTS } from './shared-state.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_INTERNAL,
  CAUSE_PROXY,
  CAUSE_RESOURCE,
  CAUSE_SERVER,
  PHASE_CONNECT,
  PHASE_DATA,
  PHASE_REQUEST,
  STREAM_BUFFERING,
  STREAM_FORWARDING,
  STREAM_PAUSING,
  STREAM_QUEUED,
  type Stream,
} from './stream.ts';
import type { StreamEnd } from './stream-end.ts';

export class HttpFront implements ClientSession {
  readonly #context: ThreadContext;
  readonly #exchange: HttpExchange;
  readonly #clients: HttpClients;
  readonly #dispatcher: Dispatcher;
  readonly #end: StreamEnd;
  readonly #head: RequestHead;
  readonly #edit: RequestEdit;
  readonly #repair: RequestRepair;
  readonly #nameCases: NameCases;
  readonly #buffer: RequestBuffer;
  readonly #pace: BodyPace;
  readonly #cut = new BodyCut();

  constructor(
    context: ThreadContext,
    exchange: HttpExchange,
    clients: HttpClients,
    dispatcher: Dispatcher,
    end: StreamEnd,
    pace: BodyPace,
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#clients = clients;
    this.#dispatcher = dispatcher;
    this.#end = end;
    this.#head = new RequestHead(context.plan.maxHeaders);
    this.#head.allowsAnyPayload = context.plan.acceptsAnyPayload;
    this.#edit = new RequestEdit(context.headroomBytes, context.poller, dispatcher);
    this.#repair = new RequestRepair(context, this.#head);
    this.#nameCases = new NameCases(context.plan.nameCases);
    this.#buffer = new RequestBuffer(context, exchange, clients, dispatcher, pace);
    this.#pace = pace;
  }

  /** A client was let in. */
  begin(client: ClientConnection): void {
    this.#armHead(client, this.#context.poller.nowMs);
  }

  /** The next request of a pipeline, from the stash. */
  beginStashed(client: ClientConnection): void {
    const stash = client.stash as Slab;
    client.headStartedMs = this.#context.poller.nowMs;
    this.#parse(client, stash, client.stashStart, client.stashEnd);
  }

  onConnected(): void {}

  onData(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { stream } = client;
    if (stream !== null) {
      if (!stream.requestDone && stream.state === STREAM_FORWARDING && !stream.requestBroken) {
        this.#exchange.relayRequest(stream, slab, start, end);
      } else if (stream.state === STREAM_BUFFERING && !stream.requestBroken) {
        this.#buffer.take(stream, slab, start, end);
      } else if (!stream.requestBroken) this.#clients.stash(client, slab, start, end);
      return;
    }
    if (client.stash !== null) {
      this.#continueHead(client, slab, start, end);
      return;
    }
    // Empty lines before a request are a beginning, too: a client that sends one now and then has not more time for it.
    if (client.headStartedMs === 0) client.headStartedMs = this.#context.poller.nowMs;
    this.#parse(client, slab, start, end);
  }

  onEnd(client: ClientConnection): void {
    const { stream } = client;
    if (stream === null) {
      if (client.awaitsTurn) return;
      this.#endWithoutRequest(client);
      return;
    }
    if (!stream.requestDone) {
      this.#bodyCutShort(stream);
      return;
    }
    stream.clientCloses = true;
    if (stream.backend.plan.abortOnClose && !stream.responseStarted) this.#exchange.clientGone(stream);
  }

  onError(client: ClientConnection, _errno: number): void {
    const { stream } = client;
    if (stream !== null) this.#exchange.clientGone(stream);
    else if (client.requests > 0) this.#clients.close(client, false);
    else this.#endWithoutRequest(client);
  }

  onDrained(client: ClientConnection): void {
    const { stream } = client;
    if (stream === null) {
      // In the middle of a head its own deadline holds.
      if (client.headStartedMs === 0) this.#clients.next(client);
      return;
    }
    if (stream.responseDone) {
      this.#exchange.responseFinished(stream);
      return;
    }
    // It may have been an earlier answer that was said to have left: who queues or uploads keeps its own deadline.
    if (stream.responseStarted && (stream.requestDone || stream.requestBroken)) this.#context.wheel.arm(client, 0);
    if (stream.server === null || !stream.responseStarted) return;
    this.#context.poller.resume(stream.server);
    this.#exchange.armServer(stream, stream.server);
  }

  onSendFailed(client: ClientConnection, errno: number): void {
    this.onError(client, errno);
  }

  onDry(client: ClientConnection): void {
    const server = client.stream?.server ?? null;
    if (server !== null && server.pending === null && !server.connecting) this.#context.poller.push(server);
  }

  onTimeout(client: ClientConnection): void {
    const { stream } = client;
    if (stream === null) {
      this.#timeoutWithoutRequest(client);
      return;
    }
    if (stream.state === STREAM_QUEUED || stream.state === STREAM_PAUSING) this.#dispatcher.expired(stream);
    else if (!stream.requestDone) this.#bodyTimeout(stream);
    else this.#exchange.abort(stream, CAUSE_CLIENT_TIMEOUT, PHASE_DATA);
  }

  #bodyTimeout(stream: Stream): void {
    if (this.#pace.forgives(stream)) return;
    this.#exchange.answer(stream, 408, CAUSE_CLIENT_TIMEOUT, phaseOf(stream));
  }

  /** The client ended in the middle of its request's body. An answer that is already complete remains one. */
  #bodyCutShort(stream: Stream): void {
    if (!stream.responseDone) {
      this.#exchange.answer(stream, 400, CAUSE_CLIENT, phaseOf(stream));
      return;
    }
    stream.requestBroken = true;
    if (stream.server !== null) this.#exchange.responseFinished(stream);
  }

  /** More of a head that was not complete. It is scanned again only when a line has ended: linear enough. */
  #continueHead(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const stash = client.stash as Slab;
    this.#clients.stash(client, slab, start, end);
    this.#context.poller.resume(client);
    client.roomBytes = stash.base + this.#context.slabs.sizeBytes - client.stashEnd;
    if (client.roomBytes > 0 && !hasLineEnd(slab.bytes, start, end)) return;
    client.roomBytes = 0;
    this.#parse(client, stash, client.stashStart, client.stashEnd);
  }

  #parse(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { plan, slabs, headroomBytes } = this.#context;
    const head = this.#head;
    let code = scanRequestHead(head, slab.bytes, start, end, plan.maxHeaders);
    if (code === HEAD_OK) {
      this.#begin(client, slab, end);
      return;
    }
    if (code !== HEAD_PARTIAL) code = this.#repair.of(client, code, slab, start, end);
    if (code === HEAD_OK) {
      this.#edit.insert.leaveFree(this.#repair.growth);
      this.#begin(client, slab, end);
      this.#edit.insert.leaveFree(0);
      return;
    }
    if (code !== HEAD_PARTIAL) {
      this.#reject(client, code, slab, start, end);
      return;
    }
    if (end - head.start >= slabs.sizeBytes - headroomBytes) {
      head.errorAt = end;
      this.#reject(client, overflowCode(head), slab, start, end);
      return;
    }
    if (client.stash === null) {
      this.#armHead(client, client.headStartedMs);
    }
    if (head.start >= end) {
      this.#passEmptyLines(client);
      return;
    }
    this.#keepHead(client, slab, head.start, end);
  }

  /** Only empty lines so far: nothing to keep, and if they came behind a request, nobody reads any more. */
  #passEmptyLines(client: ClientConnection): void {
    this.#clients.dropStash(client);
    if (client.ended) this.#endWithoutRequest(client);
    else if (client.paused) this.#context.poller.resume(client);
  }

  /** The head goes to the front of the stash, with headroom before it. */
  #keepHead(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { poller, slabs, headroomBytes } = this.#context;
    if (client.stash === slab) {
      const front = slab.base + headroomBytes;
      if (start !== front) slab.bytes.copyWithin(front, start, end);
      client.stashStart = front;
      client.stashEnd = front + end - start;
    } else this.#clients.stash(client, slab, start, end);
    if (client.stash === null) {
      this.#clients.close(client, false);
      return;
    }
    // What comes next must fit behind it, however much of a body there is.
    client.roomBytes = client.stash.base + slabs.sizeBytes - client.stashEnd;
    poller.resume(client);
  }

  /** A whole head stands in `slab`. */
  #begin(client: ClientConnection, slab: Slab, end: number): void {
    const head = this.#head;
    const frontend = client.listener.frontend;
    const backendIndex = frontend.plan.defaultBackend;
    const backend = backendIndex < 0 ? frontend : (this.#context.proxies[backendIndex] as ProxyRuntime);
    client.requests++;
    const stream = this.#end.begin(this.#exchange, client, backend);
    this.#describe(stream, client, slab.bytes);
    const bodyAt = head.end;
    const cut = this.#cut;
    cut.cut(stream.requestBody, stream.requestLeft, stream.requestChunks, slab.bytes, bodyAt, end);
    stream.requestLeft = cut.left;
    stream.requestDone = cut.done;
    stream.awaitsContinue = head.expectContinue && cut.consumed === bodyAt;
    stream.bytesIn += cut.consumed - head.start;
    this.#end.describe(stream);
    // Nothing may happen to the bytes behind the message before they are kept: the scratch slab is everybody's.
    const rest = cut.consumed;
    const wasStashed = client.stash === slab;
    if (cut.failed) {
      this.#exchange.badRequest(stream, cut, slab, head.start, end);
      return;
    }
    if (head.method === METHOD_CONNECT) {
      // No rule can allow a tunnel to anywhere yet.
      stream.clientCloses = true;
      this.#exchange.answer(stream, 405, CAUSE_PROXY, PHASE_REQUEST);
      return;
    }
    if ((frontend.plan.restrictNames | backend.plan.restrictNames) !== 0 && this.#restricts(stream, slab.bytes)) {
      this.#passRest(client, stream, slab, rest, end, wasStashed);
      this.#exchange.answer(stream, 403, CAUSE_PROXY, PHASE_REQUEST);
      return;
    }
    if (backendIndex < 0) {
      this.#passRest(client, stream, slab, rest, end, wasStashed);
      this.#exchange.answer(stream, 503, CAUSE_SERVER, PHASE_CONNECT);
      return;
    }
    const { insert } = this.#edit;
    const continues = head.expectContinue;
    const buffers = !stream.requestDone && this.#buffer.wants(stream, head);
    if (backend.hashKey !== null) backend.hashKey.ofRequest(stream, head, slab.bytes);
    const preferred = this.#edit.apply(stream, head, slab.bytes);
    if (insert.overflow) {
      stream.requestBroken = true;
      this.#exchange.answer(stream, 500, CAUSE_INTERNAL, PHASE_REQUEST);
      return;
    }
    stream.request = slab;
    stream.requestStart = rewriteHead(head, slab.bytes, insert.bytes, insert.length);
    if (backend.plan.adjustsServerCase) this.#nameCases.apply(slab.bytes, stream.requestStart, bodyAt);
    stream.requestEnd = cut.written;
    this.#passRest(client, stream, slab, rest, end, wasStashed);
    if (buffers) {
      this.#buffer.hold(stream, preferred, continues);
      return;
    }
    this.#context.wheel.arm(client, 0);
    if (!stream.requestDone) {
      this.#pace.begin(stream, 0);
      this.#context.poller.pause(client);
    }
    this.#dispatcher.assign(stream, preferred);
    if (client.stream === stream && !stream.requestSent && !stream.requestOwned && !this.#exchange.own(stream)) {
      this.#exchange.answer(stream, 503, CAUSE_RESOURCE, PHASE_CONNECT);
    }
  }

  /** Fields with restricted names go; whether the request is refused for them. The frontend has the first word. */
  #restricts(stream: Stream, bytes: Uint8Array): boolean {
    const ofFrontend = stream.client.listener.frontend.plan.restrictNames;
    const restricts = ofFrontend === RESTRICT_NOTHING ? stream.backend.plan.restrictNames : ofFrontend;
    return dropRestricted(this.#head, bytes) && restricts === RESTRICT_REJECTS;
  }

  /** What follows the request is kept; a stash that held only the request is the stream's from now on. */
  #passRest(
    client: ClientConnection,
    stream: Stream,
    slab: Slab,
    rest: number,
    end: number,
    wasStashed: boolean,
  ): void {
    if (rest < end) {
      this.#clients.stash(client, slab, rest, end);
      return;
    }
    if (!wasStashed) return;
    client.stash = null;
    stream.request = slab;
    stream.requestOwned = true;
  }

  #describe(stream: Stream, client: ClientConnection, bytes: Buffer): void {
    const head = this.#head;
    stream.startedMs = client.headStartedMs;
    stream.headDoneMs = this.#context.poller.nowMs;
    stream.method = head.method;
    stream.clientMinor = head.minor;
    stream.isHead = head.method === METHOD_HEAD;
    stream.clientCloses = head.closeToken || (head.minor === 0 && !head.keepAliveToken);
    stream.wantsUpgrade = head.upgrade;
    if (head.upgrade) stream.upgradeOffer = offeredProtocols(head, bytes);
    stream.idempotent = isIdempotent(head.method);
    if (head.chunked) {
      stream.requestBody = BODY_CHUNKED;
      stream.requestChunks.reset();
      stream.requestChunks.strip = false;
    } else if (head.contentLength > 0) {
      stream.requestBody = BODY_LENGTH;
      stream.requestLeft = head.contentLength;
    } else stream.requestBody = BODY_NONE;
    if (stream.closeMode === CLOSE_BOTH || this.#context.lastAnswers) stream.clientCloses = true;
    if (stream.line.length > 0) this.#keepLine(stream, bytes, head.start, head.lineEnd);
  }

  #keepLine(stream: Stream, bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, stream.line.length);
    for (let i = 0; i < length; i++) stream.line[i] = bytes[start + i] as number;
    stream.lineLength = length;
  }

  /** A head that breaks the rules: its own stream, so that it is answered, counted and logged like any other. */
  #reject(client: ClientConnection, code: number, slab: Slab, start: number, end: number): void {
    const { captures, poller } = this.#context;
    captures.found(code, slab.bytes, start, end, this.#head.errorAt).request(client, null, poller.wallMs);
    const frontend = client.listener.frontend;
    client.requests++;
    this.#context.shared.add(frontend.row + PROXY_BAD_REQUESTS, 1);
    const stream = this.#end.begin(this.#exchange, client, frontend);
    stream.startedMs = client.headStartedMs;
    stream.bytesIn = end - start;
    stream.badRequest = true;
    stream.clientCloses = true;
    stream.requestBroken = true;
    // What else is in the kernel is not a request that anybody could tell apart.
    client.readable = true;
    this.#exchange.answer(stream, statusOf(code), CAUSE_PROXY, PHASE_REQUEST);
  }

  #endWithoutRequest(client: ClientConnection): void {
    const partial = client.stash !== null;
    if (!partial && (client.requests > 0 || isProbe(client))) {
      // The last answer may turn out to wait though it was said to have left: whoever half-closes still wants it.
      if (client.ended && client.pending !== null) this.#clients.end(client, false);
      else this.#clients.close(client, false);
      return;
    }
    this.#endEarly(client, partial ? 400 : 0, CAUSE_CLIENT);
  }

  #timeoutWithoutRequest(client: ClientConnection): void {
    const partial = client.stash !== null;
    if (!partial && (client.requests > 0 || isProbe(client))) {
      this.#clients.close(client, false);
      return;
    }
    this.#endEarly(client, 408, CAUSE_CLIENT_TIMEOUT);
  }

  /** The connection ends before its request was complete; status 0: without an answer. */
  #endEarly(client: ClientConnection, status: number, cause: number): void {
    const { frontend } = client.listener;
    this.#context.shared.add(frontend.row + PROXY_BAD_REQUESTS, 1);
    const stream = this.#end.begin(this.#exchange, client, frontend);
    stream.startedMs = client.headStartedMs === 0 ? client.idleSinceMs : client.headStartedMs;
    stream.bytesIn = client.stash === null ? 0 : client.stashEnd - client.stashStart;
    stream.badRequest = true;
    stream.clientCloses = true;
    stream.requestBroken = true;
    if (status !== 0) {
      this.#exchange.answer(stream, status, cause, PHASE_REQUEST);
      return;
    }
    stream.blame(cause, PHASE_REQUEST);
    stream.status = 400;
    this.#end.finish(stream, false);
    this.#clients.close(client, false);
  }

  /** `timeout http-request` counts from the first byte, and from the accept for the first request. */
  #armHead(client: ClientConnection, fromMs: number): void {
    const { httpRequestMs } = client.listener.frontend.plan.timeouts;
    const from = client.requests === 0 ? client.acceptedMs : fromMs;
    this.#context.wheel.arm(client, httpRequestMs > 0 ? from + httpRequestMs : 0);
  }
}

/** `option http-ignore-probes`: nobody hears of a connection on which nothing came, not even an empty line. */
function isProbe(client: ClientConnection): boolean {
  return client.headStartedMs === 0 && client.listener.frontend.plan.ignoreProbes;
}

/** RFC 9110 9.2.2. */
function isIdempotent(method: number): boolean {
  switch (method) {
    case METHOD_GET:
    case METHOD_HEAD:
    case METHOD_PUT:
    case METHOD_DELETE:
    case METHOD_OPTIONS:
    case METHOD_TRACE:
      return true;
    default:
      return false;
  }
}
