/**
 * A request from the moment that its head is complete: its stream, its rules, its backend, its place in the bytes.
 *
 * The phases of a request, in HAProxy's order: connection (accept-gate.ts) ─▶ session (http-front.ts) ─▶ content ─▶ request ─▶
 * backend's request ─▶ server choice (dispatcher.ts) ─▶ response ─▶ after-response (http-back.ts) ─▶ log (stream-end.ts).
 * Those without a rule to run yet are empty. Not here: sockets, partial heads and bad ones (http-front.ts).
 */
import { rewriteHead } from '../http1/edit.ts';
import {
  METHOD_CONNECT,
  METHOD_DELETE,
  METHOD_GET,
  METHOD_HEAD,
  METHOD_OPTIONS,
  METHOD_POST,
  METHOD_PUT,
  METHOD_TRACE,
} from '../http1/method.ts';
import { NameCases } from '../http1/name-cases.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { dropRestricted } from '../http1/restricted-names.ts';
import { offeredProtocols } from '../http1/upgrade.ts';
import type { Slab } from '../sys/slabs.ts';
import { BodyCut } from './body.ts';
import type { BodyPace } from './body-pace.ts';
import type { ClientConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { HttpClients } from './http-clients.ts';
import type { HttpExchange } from './http-exchange.ts';
import { Interception } from './interception.ts';
import { usualHeadSize } from './log/htx-size.ts';
import { CLOSE_BOTH, RESTRICT_NOTHING, RESTRICT_REJECTS } from './plan.ts';
import type { RequestBuffer } from './request-buffer.ts';
import { RequestEdit } from './request-edit.ts';
import type { ProxyRuntime, ThreadContext } from './runtime.ts';
import {
  BODY_CHUNKED,
  BODY_LENGTH,
  BODY_NONE,
  CAUSE_INTERNAL,
  CAUSE_PROXY,
  CAUSE_RESOURCE,
  CAUSE_SERVER,
  PHASE_CONNECT,
  PHASE_REQUEST,
  type Stream,
} from './stream.ts';
import type { StreamEnd } from './stream-end.ts';
import { StreamRules } from './stream-rules.ts';

export class RequestStart {
  readonly #context: ThreadContext;
  readonly #exchange: HttpExchange;
  readonly #clients: HttpClients;
  readonly #dispatcher: Dispatcher;
  readonly #end: StreamEnd;
  /** What the scanner has filled in. */
  readonly #head: RequestHead;
  readonly #edit: RequestEdit;
  readonly #nameCases: NameCases;
  readonly #buffer: RequestBuffer;
  readonly #pace: BodyPace;
  readonly #rules: StreamRules;
  readonly #interception: Interception;
  readonly #cut = new BodyCut();

  constructor(
    context: ThreadContext,
    exchange: HttpExchange,
    clients: HttpClients,
    dispatcher: Dispatcher,
    end: StreamEnd,
    pace: BodyPace,
    head: RequestHead,
    buffer: RequestBuffer,
  ) {
    this.#context = context;
    this.#exchange = exchange;
    this.#clients = clients;
    this.#dispatcher = dispatcher;
    this.#end = end;
    this.#head = head;
    this.#edit = new RequestEdit(context.headroomBytes, context.poller, dispatcher);
    this.#nameCases = new NameCases(context.plan.nameCases);
    this.#buffer = buffer;
    this.#pace = pace;
    this.#rules = new StreamRules(context, dispatcher);
    this.#interception = new Interception(context);
  }

  /** A head that was repaired has grown by `growth` bytes, which its headroom has lost. */
  beginRepaired(client: ClientConnection, slab: Slab, end: number, growth: number): void {
    this.#edit.insert.leaveFree(growth);
    this.begin(client, slab, end);
    this.#edit.insert.leaveFree(0);
  }

  /** A whole head, which `head` describes, stands in `slab`. */
  begin(client: ClientConnection, slab: Slab, end: number): void {
    const head = this.#head;
    const frontend = client.listener.frontend;
    client.requests++;
    const chosen = this.#backendOf(client, slab.bytes);
    const backend = chosen ?? frontend;
    const inside = backend.ownerRow >= 0;
    const stream = this.#end.begin(this.#exchange, client, backend);
    this.#describe(stream, client, slab.bytes);
    const bodyAt = head.end;
    const cut = this.#cut;
    cut.cut(stream.requestBody, stream.requestLeft, stream.requestChunks, slab.bytes, bodyAt, end);
    stream.requestLeft = cut.left;
    stream.requestDone = cut.done;
    stream.awaitsContinue = head.expectContinue && cut.consumed === bodyAt;
    stream.bytesIn += usualHeadSize(head, slab.bytes) + cut.consumed - bodyAt;
    this.#end.describe(stream);
    if (stream.notes !== null) this.#end.notes.request(stream, stream.notes, head, slab.bytes);
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
    if (inside && this.#interception.begin(stream)) {
      this.#passRest(client, stream, slab, rest, end, wasStashed);
      this.#exchange.answer(stream, 403, CAUSE_PROXY, PHASE_REQUEST);
      return;
    }
    if (chosen === null) {
      this.#passRest(client, stream, slab, rest, end, wasStashed);
      this.#exchange.answer(stream, 503, CAUSE_SERVER, PHASE_CONNECT);
      return;
    }
    const { insert } = this.#edit;
    const continues = head.expectContinue;
    let buffers = !stream.requestDone && this.#buffer.wants(stream, head);
    if (backend.hashKey !== null) backend.hashKey.ofRequest(stream, head, slab.bytes);
    if (backend.rules !== null) this.#rules.apply(stream, backend.rules, head, slab.bytes);
    const preferred = this.#edit.apply(stream, head, slab.bytes);
    if (inside) this.#interception.tell(head, slab.bytes, insert);
    if (backend.hashKey !== null && !stream.hashed) backend.hashKey.ofAdded(stream, head, slab.bytes, insert);
    const form = preferred === null && stream.method === METHOD_POST ? backend.hashKey : null;
    if (form !== null && !buffers && !stream.requestDone) buffers = this.#buffer.wantsForm(stream, head, form);
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
    if (form !== null) this.#buffer.lookInto(stream);
    this.#dispatcher.assign(stream, preferred);
    if (client.stream === stream && !stream.requestSent && !stream.requestOwned && !this.#exchange.own(stream)) {
      this.#exchange.answer(stream, 503, CAUSE_RESOURCE, PHASE_CONNECT);
    }
  }

  /** Who answers: the frontend itself, the backend that it chooses, or that backend itself; null: nobody. */
  #backendOf(client: ClientConnection, bytes: Buffer): ProxyRuntime | null {
    const head = this.#head;
    const { frontend } = client.listener;
    if (frontend.inside !== null) {
      const own = this.#interception.backend(frontend, frontend.inside, client, head, bytes);
      if (own !== null) return own;
    }
    const index = frontend.rules === null ? frontend.plan.defaultBackend : this.#rules.backend(client, head, bytes);
    if (index < 0) return null;
    const backend = this.#context.proxies[index] as ProxyRuntime;
    if (backend.inside === null || backend === frontend) return backend;
    return this.#interception.backend(backend, backend.inside, client, head, bytes) ?? backend;
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
    // The backend's own httpclose is about its servers (so haproxy does, whatever its manual says).
    const { closeMode } = stream.client.listener.frontend.plan;
    if (closeMode === CLOSE_BOTH || this.#context.lastAnswers) stream.clientCloses = true;
    if (stream.line.length > 0) this.#keepLine(stream, bytes, head.start, head.lineEnd);
  }

  #keepLine(stream: Stream, bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(end - start, stream.line.length);
    for (let i = 0; i < length; i++) stream.line[i] = bytes[start + i] as number;
    stream.lineLength = length;
  }
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
