/**
 * `send-proxy`, `send-proxy-v2`: what a new connection to a server says first, before its stream gets it. HAProxy takes a
 * connection for one only when the header has left; so `timeout connect` holds until then, and a failure is one to connect.
 *
 *   connecting ─▶ header sent ─▶ owner.onServerReady
 *
 * Such a connection belongs to its client (server-pool.ts). Not here: the header (src/core/proxy-header.ts).
 */
import type { Endpoint } from '../core/address.ts';
import { PROXY_HEADER_MAX_BYTES, type ProxyHeaderOptions, writeProxyHeader } from '../core/proxy-header.ts';
import { ENOBUFS } from '../sys/constants.ts';
import { SEND_DONE, SEND_PENDING } from '../sys/poller.ts';
import { ConnectAttempt } from './connect-attempt.ts';
import type { ServerConnection } from './connection.ts';
import { destinationOf } from './destination.ts';
import type { Dispatcher } from './dispatcher.ts';
import { sourceOf } from './peer-endpoint.ts';
import type { ProxyHeaderPlan } from './plan.ts';
import type { ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import type { Stream } from './stream.ts';

const NO_ID = new Uint8Array(0);

export class Greetings extends ConnectAttempt {
  readonly #context: ThreadContext;

  constructor(context: ThreadContext, pool: ServerPool, dispatcher: Dispatcher) {
    super(pool, dispatcher);
    this.#context = context;
  }

  onConnected(connection: ServerConnection): void {
    const { stream } = connection;
    const { slabs, poller } = this.#context;
    if (stream === null) return;
    const slab = slabs.take();
    if (slab === null) {
      this.onError(connection, ENOBUFS);
      return;
    }
    const end = this.#write(slab.bytes, slab.base, connection, stream);
    // In mode http the request follows at once; in mode tcp nobody knows.
    const sent = poller.send(connection, slab, slab.base, end, stream.backend.plan.http);
    slabs.give(slab);
    if (sent === SEND_DONE) stream.owner.onServerReady(stream, connection);
    else if (sent === SEND_PENDING) poller.pause(connection);
    else this.onError(connection, poller.sendErrno);
  }

  override onDrained(connection: ServerConnection): void {
    const { stream } = connection;
    if (stream === null) return;
    this.#context.poller.resume(connection);
    stream.owner.onServerReady(stream, connection);
  }

  override onSendFailed(connection: ServerConnection, errno: number): void {
    this.onError(connection, errno);
  }

  #write(into: Uint8Array, at: number, { server }: ServerConnection, stream: Stream): number {
    const { client } = stream;
    const { version, crc32c, uniqueId } = server.plan.proxyHeader as ProxyHeaderPlan;
    const options: ProxyHeaderOptions = { version, crc32c, uniqueId: uniqueId ? uniqueIdOf(stream) : null };
    const destination: Endpoint = destinationOf(client, this.#context.poller);
    return writeProxyHeader(into.subarray(0, at + PROXY_HEADER_MAX_BYTES), at, options, sourceOf(client), destination);
  }
}

/** Empty where no format is configured, as HAProxy's. */
function uniqueIdOf({ notes }: Stream): Uint8Array {
  if (notes === null || notes.uniqueId.length < 0) return NO_ID;
  const { start, length } = notes.uniqueId;
  return notes.bytes.subarray(start, start + length);
}
