/**
 * `mode tcp`: a client is given a server as soon as it is there, and the two are joined.
 *
 * Not here: moving the bytes (tunnel.ts), choosing the server (dispatcher.ts).
 */

import type { Slab } from '../sys/slabs.ts';
import type { ClientSession } from './accept-gate.ts';
import { ConnectAttempt } from './connect-attempt.ts';
import type { ClientConnection, ServerConnection } from './connection.ts';
import type { Dispatcher } from './dispatcher.ts';
import type { HttpClients } from './http-clients.ts';
import { phaseOf } from './http-exchange.ts';
import type { ProxyRuntime, ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import {
  CAUSE_CLIENT,
  CAUSE_RESOURCE,
  CAUSE_SERVER,
  PHASE_CONNECT,
  PHASE_DATA,
  STREAM_FORWARDING,
  STREAM_PAUSING,
  STREAM_QUEUED,
  type Stream,
  type StreamOwner,
} from './stream.ts';
import type { StreamEnd } from './stream-end.ts';
import { StreamRules } from './stream-rules.ts';
import type { Tunnel } from './tunnel.ts';

const NO_BYTES = Buffer.alloc(0);

/** The client's side until the server's connection stands. */
export class TcpSession implements ClientSession, StreamOwner {
  readonly #context: ThreadContext;
  readonly #dispatcher: Dispatcher;
  readonly #end: StreamEnd;
  readonly #clients: HttpClients;
  readonly #connecting: Connecting;
  readonly #rules: StreamRules;

  constructor(
    context: ThreadContext,
    dispatcher: Dispatcher,
    pool: ServerPool,
    end: StreamEnd,
    clients: HttpClients,
    tunnel: Tunnel,
  ) {
    this.#context = context;
    this.#dispatcher = dispatcher;
    this.#end = end;
    this.#clients = clients;
    this.#connecting = new Connecting(context, dispatcher, pool, tunnel, end);
    this.#rules = new StreamRules(context, dispatcher);
  }

  begin(client: ClientConnection): void {
    const frontend = client.listener.frontend;
    const backendIndex =
      frontend.rules === null ? frontend.plan.defaultBackend : this.#rules.backend(client, null, NO_BYTES);
    const backend = backendIndex < 0 ? frontend : (this.#context.proxies[backendIndex] as ProxyRuntime);
    client.requests = 1;
    const stream = this.#end.begin(this, client, backend);
    stream.startedMs = client.acceptedMs;
    stream.requestDone = true;
    this.#end.describe(stream);
    if (stream.notes !== null && backend.tellsUniqueIds) this.#end.notes.identify(stream, stream.notes);
    // What the client says waits in the kernel until somebody can take it.
    if (!backend.plan.abortOnClose) this.#context.poller.pause(client);
    if (backendIndex < 0) this.onServerUnavailable(stream, 503, CAUSE_SERVER, PHASE_CONNECT);
    else {
      backend.hashKey?.ofClient(stream);
      if (backend.rules !== null) this.#rules.apply(stream, backend.rules, null, NO_BYTES);
      this.#dispatcher.assign(stream, stream.ruledServer);
    }
  }

  onServerReady(_stream: Stream, connection: ServerConnection): void {
    connection.handler = this.#connecting;
    // Whoever was told first who it is has connected already (greetings.ts).
    if (!connection.connecting) this.#connecting.onConnected(connection);
  }

  onServerUnavailable(stream: Stream, _status: number, cause: number, phase: number): void {
    this.#over(stream, cause, phase);
  }

  onServerRedirects(): boolean {
    return false;
  }

  onConnected(): void {}

  onDrained(): void {}

  onDry(): void {}

  onSendFailed(): void {}

  /** Only with `option abortonclose`, which reads to see the end: what comes before it is kept, as long as there is room. */
  onData(client: ClientConnection, slab: Slab, start: number, end: number): void {
    this.#clients.stash(client, slab, start, end);
    const { stream, stash } = client;
    if (stash === null) {
      // Bytes that were not kept would be missing from the middle of what the server gets.
      if (stream !== null) this.#over(stream, CAUSE_RESOURCE, phaseOf(stream));
      return;
    }
    client.roomBytes = stash.base + this.#context.slabs.sizeBytes - client.stashEnd;
    if (client.roomBytes > 0) this.#context.poller.resume(client);
  }

  onEnd(client: ClientConnection): void {
    const { stream } = client;
    if (stream?.backend.plan.abortOnClose === true) this.#over(stream, CAUSE_CLIENT, phaseOf(stream));
  }

  /** HAProxy knows phases before data of those only that end in an orderly way. */
  onError(client: ClientConnection): void {
    if (client.stream !== null) this.#over(client.stream, CAUSE_CLIENT, PHASE_DATA);
  }

  onTimeout(client: ClientConnection): void {
    const { stream } = client;
    if (stream === null) return;
    if (stream.state === STREAM_QUEUED || stream.state === STREAM_PAUSING) this.#dispatcher.expired(stream);
  }

  #over(stream: Stream, cause: number, phase: number): void {
    const { client } = stream;
    stream.blame(cause, phase);
    this.#end.finish(stream, false);
    // What it has said, and nobody has read, would turn our FIN into RST.
    if (cause === CAUSE_CLIENT) this.#clients.close(client, false);
    else this.#clients.end(client, true);
  }
}

/** The server's side until its connection stands. */
class Connecting extends ConnectAttempt {
  readonly #context: ThreadContext;
  readonly #tunnel: Tunnel;
  readonly #end: StreamEnd;

  constructor(context: ThreadContext, dispatcher: Dispatcher, pool: ServerPool, tunnel: Tunnel, end: StreamEnd) {
    super(pool, dispatcher);
    this.#context = context;
    this.#tunnel = tunnel;
    this.#end = end;
  }

  onConnected(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream === null) return;
    stream.state = STREAM_FORWARDING;
    stream.client.roomBytes = 0;
    stream.target?.witness?.connected();
    stream.connectedMs = this.#context.poller.nowMs;
    if (stream.notes !== null) this.#end.notes.established(stream, stream.notes, connection);
    this.#tunnel.takeOver(stream, connection, this.#context.slabs.scratch, 0, 0);
  }
}
