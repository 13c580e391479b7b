/**
 * `option http-buffer-request`: a request waits here until its body is complete, or has filled its buffer, before a server
 * is chosen. A client that sends slowly holds one buffer and nothing of a server's.
 *
 *   head ─▶ hold ─▶ take … ─▶ complete or full: dispatcher.assign        `timeout http-request` over: 408 (http-front.ts)
 *
 * As haproxy does, it is we who tell the client to go on (RFC 9110 10.1.1), and the server hears nothing of it.
 */
import { HEADER_EXPECT } from '../http1/head.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { SEND_FAILED } from '../sys/poller.ts';
import { copyBytes, type Slab } from '../sys/slabs.ts';
import type { HashKey } from './balance/hash-key.ts';
import { PostedForm } from './balance/posted-form.ts';
import { BodyCut } from './body.ts';
import type { BodyPace } from './body-pace.ts';
import type { Dispatcher } from './dispatcher.ts';
import { CONTINUE } from './error-pages.ts';
import type { HttpClients } from './http-clients.ts';
import type { HttpExchange } from './http-exchange.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import { CAUSE_CLIENT, CAUSE_RESOURCE, PHASE_REQUEST, STREAM_BUFFERING, STREAM_NEW, type Stream } from './stream.ts';

export class RequestBuffer {
  readonly #context: ThreadContext;
  readonly #exchange: HttpExchange;
  readonly #clients: HttpClients;
  readonly #dispatcher: Dispatcher;
  readonly #pace: BodyPace;
  readonly #cut = new BodyCut();
  readonly #form = new PostedForm();

  constructor(
    context: ThreadContext,
    exchange: HttpExchange,
    clients: HttpClients,
    dispatcher: Dispatcher,
    pace: BodyPace,
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#clients = clients;
    this.#dispatcher = dispatcher;
    this.#pace = pace;
  }

  /** Whether a request whose body is not complete has to wait; if so, its head is told before it is rewritten. */
  wants(stream: Stream, head: RequestHead): boolean {
    if (timeoutOf(stream) < 0) return false;
    this.#tellNobody(head);
    return true;
  }

  /** Whether the request has to wait because the balance looks into its body. */
  wantsForm(stream: Stream, head: RequestHead, key: HashKey): boolean {
    if (!key.wantsBody(stream, stream.method)) return false;
    this.#tellNobody(head);
    return true;
  }

  /** As far as the body is here. */
  lookInto(stream: Stream): void {
    const { hashKey } = stream.backend;
    if (hashKey?.wantsBody(stream, stream.method) === true) this.#form.hash(stream, hashKey);
  }

  /** It is we who tell the client to go on. */
  #tellNobody(head: RequestHead): void {
    for (let i = 0; i < head.headerCount && head.expectContinue; i++) if (head.id[i] === HEADER_EXPECT) head.drop(i);
  }

  /** The rewritten request, as far as it is here, begins to wait. `continues`: the client wants to be told to go on. */
  hold(stream: Stream, preferred: ServerRuntime | null, continues: boolean): void {
    const { poller } = this.#context;
    const { client } = stream;
    if (!this.#exchange.own(stream)) {
      this.#exchange.answer(stream, 503, CAUSE_RESOURCE, PHASE_REQUEST);
      return;
    }
    stream.state = STREAM_BUFFERING;
    stream.preferred = preferred;
    stream.headDoneMs = 0;
    stream.awaitsContinue = false;
    if (continues) {
      if (poller.send(client, CONTINUE.slab, 0, CONTINUE.end, false) === SEND_FAILED) {
        this.#exchange.abort(stream, CAUSE_CLIENT, PHASE_REQUEST);
        return;
      }
      stream.bytesOut += CONTINUE.loggedBytes;
    }
    const given = timeoutOf(stream);
    const timeoutMs = given >= 0 ? given : (stream.backend.hashKey?.bodyMs ?? 0);
    this.#pace.begin(stream, timeoutMs > 0 ? poller.nowMs + timeoutMs : 0);
    this.#goOn(stream);
  }

  /** More of the body has arrived: no more than there is room for. */
  take(stream: Stream, slab: Slab, start: number, end: number): void {
    const { client } = stream;
    const cut = this.#cut;
    cut.cut(stream.requestBody, stream.requestLeft, stream.requestChunks, slab.bytes, start, end);
    if (cut.failed) {
      this.#exchange.badRequest(stream, cut, slab, start, end);
      return;
    }
    stream.requestLeft = cut.left;
    stream.requestDone = cut.done;
    stream.bytesIn += cut.consumed - start;
    copyBytes(slab, start, cut.written, stream.request as Slab, stream.requestEnd);
    stream.requestEnd += cut.written - start;
    if (cut.consumed < end) this.#clients.stash(client, slab, cut.consumed, end);
    this.#pace.came(stream, cut.data);
    this.#goOn(stream);
  }

  #goOn(stream: Stream): void {
    const { client } = stream;
    const { base, sizeBytes } = stream.request as Slab;
    const room = base + sizeBytes - stream.requestEnd;
    if (stream.requestDone || room <= 0) {
      this.#forward(stream);
      return;
    }
    client.roomBytes = room;
    this.#pace.arm(stream);
    this.#context.poller.resume(client);
  }

  #forward(stream: Stream): void {
    const { poller, wheel } = this.#context;
    const { client, preferred } = stream;
    client.roomBytes = 0;
    stream.state = STREAM_NEW;
    stream.preferred = null;
    stream.headDoneMs = poller.nowMs;
    wheel.arm(client, 0);
    if (!stream.requestDone) {
      this.#pace.begin(stream, 0);
      poller.pause(client);
    }
    if (preferred === null) this.lookInto(stream);
    this.#dispatcher.assign(stream, preferred);
  }
}

/** Of the frontend's option, or else of the backend's; 0: no limit, -1: the option is not set. */
function timeoutOf(stream: Stream): number {
  const ofFrontend = stream.client.listener.frontend.plan.bufferRequestMs;
  return ofFrontend >= 0 ? ofFrontend : stream.backend.plan.bufferRequestMs;
}
