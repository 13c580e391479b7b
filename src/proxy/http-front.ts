/**
 * What clients send: request heads, bodies, silence, and their end.
 *
 *   idle ─▶ head (partial: in the stash) ─▶ exchange ─▶ idle …   or linger ─▶ closed
 *
 * Not here: what becomes of a head that is complete and right (request-start.ts).
 */
import { HEAD_OK, HEAD_PARTIAL, overflowCode, statusOf } from '../http1/head.ts';
import { hasLineEnd } from '../http1/line-end.ts';
import { RequestHead, scanRequestHead } from '../http1/request-head.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientSession } from './accept-gate.ts';
import type { BodyPace } from './body-pace.ts';
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { HttpClients } from './http-clients.ts';
import { type HttpExchange, phaseOf } from './http-exchange.ts';
import { RequestBuffer } from './request-buffer.ts';
import { RequestRepair } from './request-repair.ts';
import { RequestStart } from './request-start.ts';
import type { ThreadContext } from './runtime.ts';
import { PROXY_BAD_REQUESTS } from './shared-state.ts';
import {
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_PROXY,
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
  readonly #repair: RequestRepair;
  readonly #buffer: RequestBuffer;
  readonly #start: RequestStart;
  readonly #pace: BodyPace;

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
    this.#repair = new RequestRepair(context, this.#head);
    this.#buffer = new RequestBuffer(context, exchange, clients, dispatcher, pace);
    this.#start = new RequestStart(context, exchange, clients, dispatcher, end, pace, this.#head, this.#buffer);
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
    if (stream.backend.plan.abortOnClose && !stream.responseStarted) this.#exchange.clientEnded(stream);
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
      this.#start.begin(client, slab, end);
      return;
    }
    if (code !== HEAD_PARTIAL) code = this.#repair.of(client, code, slab, start, end);
    if (code === HEAD_OK) {
      this.#start.beginRepaired(client, slab, end, this.#repair.growth);
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
