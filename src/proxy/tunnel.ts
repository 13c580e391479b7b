/**
 * Two connections that exchange bytes nobody looks at: TCP mode, and HTTP after a 101. Half-closes pass through; a reader
 * that is slow stops the other side's writer.
 *
 *   client ──recv──▶ send── server          either direction ends by itself: FIN follows the last byte
 *   client ──send ◀──recv── server          both ended, or either broken: the stream is over
 */
import { SEND_FAILED, SEND_PENDING, type Socket, type SocketHandler } from '../sys/poller.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientConnection, ServerConnection } from './connection.ts';
import type { HttpClients } from './http-clients.ts';
import type { ThreadContext } from './runtime.ts';
import {
  CAUSE_CLIENT,
  CAUSE_CLIENT_TIMEOUT,
  CAUSE_SERVER,
  CAUSE_SERVER_TIMEOUT,
  PHASE_DATA,
  type Stream,
} from './stream.ts';
import type { StreamEnd } from './stream-end.ts';

export class Tunnel implements SocketHandler {
  readonly #context: ThreadContext;
  readonly #end: StreamEnd;
  readonly #clients: HttpClients;

  constructor(context: ThreadContext, end: StreamEnd, clients: HttpClients) {
    this.#context = context;
    this.#end = end;
    this.#clients = clients;
  }

  /** Both sides are the tunnel's from now on; [start, end) has already come from the server. */
  takeOver(stream: Stream, connection: ServerConnection, slab: Slab, start: number, end: number): void {
    const { client } = stream;
    const { poller } = this.#context;
    stream.tunnel = true;
    client.handler = this;
    connection.handler = this;
    if (end > start) this.onData(connection, slab, start, end);
    if (client.stream !== stream) return;
    if (connection.stash !== null) {
      this.#context.slabs.give(connection.stash);
      connection.stash = null;
    }
    if (client.stash !== null) {
      const { stash, stashStart, stashEnd } = client;
      this.onData(client, stash, stashStart, stashEnd);
      if (client.stream !== stream) return;
      this.#clients.dropStash(client);
    }
    this.#touch(stream);
    if (client.ended) this.onEnd(client);
    else if (client.paused && connection.pending === null) poller.resume(client);
    if (client.stream === stream && connection.paused && client.pending === null) poller.resume(connection);
  }

  onConnected(): void {}

  onData(socket: Socket, slab: Slab, start: number, end: number): void {
    const stream = streamOf(socket);
    const fromClient = socket === stream.client;
    const to = fromClient ? (stream.server as Socket) : stream.client;
    if (fromClient) stream.bytesIn += end - start;
    else stream.bytesOut += end - start;
    const sent = this.#context.poller.send(to, slab, start, end, socket.readable);
    if (sent === SEND_FAILED) {
      // What it said before it broke is still worth passing on; after that `onError` comes.
      if (to.sendErrno !== 0 && !to.ended && !to.paused) this.#context.poller.pause(socket);
      else this.#over(stream, fromClient ? CAUSE_SERVER : CAUSE_CLIENT);
      return;
    }
    if (sent === SEND_PENDING) this.#context.poller.pause(socket);
    socket.bulk = sent !== SEND_PENDING && socket.readable;
    this.#touch(stream);
  }

  onDrained(socket: Socket): void {
    const stream = streamOf(socket);
    const from = socket === stream.client ? (stream.server as Socket) : stream.client;
    this.#touch(stream);
    if (socket.shut && from.ended && bothDone(stream)) {
      this.#over(stream, 0);
      return;
    }
    this.#context.poller.resume(from);
  }

  onEnd(socket: Socket): void {
    const stream = streamOf(socket);
    const fromClient = socket === stream.client;
    const other = fromClient ? (stream.server as Socket) : stream.client;
    // `option nolinger` takes the client's end for the end, as HAProxy does.
    if (fromClient && stream.backend.plan.resetsServers) {
      this.#over(stream, 0);
      return;
    }
    this.#context.poller.shutdown(other);
    if (bothDone(stream)) this.#over(stream, 0);
    else this.#touch(stream);
  }

  onError(socket: Socket): void {
    const stream = streamOf(socket);
    this.#over(stream, socket === stream.client ? CAUSE_CLIENT : CAUSE_SERVER);
  }

  onSendFailed(socket: Socket): void {
    if (socket.paused || socket.ended) this.onError(socket);
  }

  onDry(socket: Socket): void {
    const stream = streamOf(socket);
    const to = socket === stream.client ? stream.server : stream.client;
    if (to !== null && to.pending === null) this.#context.poller.push(to);
  }

  onTimeout(socket: Socket): void {
    const stream = streamOf(socket);
    const { client } = stream;
    // Where both are late it is the client, as in HAProxy.
    const isClient = socket === client || (client.deadlineMs > 0 && client.deadlineMs <= this.#context.poller.nowMs);
    this.#over(stream, isClient ? CAUSE_CLIENT_TIMEOUT : CAUSE_SERVER_TIMEOUT);
  }

  /** Activity: both sides' deadlines move, as HAProxy's do. */
  #touch(stream: Stream): void {
    const { wheel, poller } = this.#context;
    const { client, server } = stream;
    if (server === null) return;
    const ofClient = client.listener.frontend.plan.timeouts;
    const ofServer = stream.backend.plan.timeouts;
    const tunnelMs = ofServer.tunnelMs;
    let clientMs = tunnelMs > 0 ? tunnelMs : ofClient.clientMs;
    let serverMs = tunnelMs > 0 ? tunnelMs : ofServer.serverMs;
    if (server.ended && ofClient.clientFinMs > 0) clientMs = ofClient.clientFinMs;
    if (client.ended && ofServer.serverFinMs > 0) serverMs = ofServer.serverFinMs;
    wheel.arm(client, clientMs > 0 ? poller.nowMs + clientMs : 0);
    wheel.arm(server, serverMs > 0 ? poller.nowMs + serverMs : 0);
  }

  /** A server's end is passed on as FIN, even its RST, as in haproxy: ours would overtake what the server said before. */
  #over(stream: Stream, cause: number): void {
    const { client } = stream;
    if (cause !== 0) stream.blame(cause, PHASE_DATA);
    this.#end.finish(stream, false);
    if (cause === CAUSE_SERVER || cause === CAUSE_SERVER_TIMEOUT) this.#clients.end(client, true);
    else this.#clients.close(client, false);
  }
}

function streamOf(socket: Socket): Stream {
  return (socket as ClientConnection | ServerConnection).stream as Stream;
}

/** Both sides sent their FIN and took the other's. */
function bothDone(stream: Stream): boolean {
  const { client, server } = stream;
  return server === null || (client.ended && server.ended && client.shut && server.shut);
}
