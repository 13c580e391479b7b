/**
 * Connections to servers: opening, lending, taking back. An idle connection is watched, so that one which the server ends
 * leaves the pool at once; what arrives on it unasked ends it too, and can never become somebody's response.
 *
 * Reuse follows HAProxy's `http-reuse`: in the modes `safe` and `aggressive` the first request of a client must not meet a
 * connection that may be dying, because nobody would send it again. Beyond HAProxy: those that we send again ourselves when
 * that happens (idempotent and complete, RFC 9110 9.2.2) may (`tune.tandem.reuse-first`).
 *
 *            first request of a client      others, and those that can be repeated
 *   never      new                            the client's own
 *   safe       new                            any idle
 *   aggressive idle and proven                any idle
 *   always     any idle                       any idle
 *
 * No more are kept than were in use at the same time lately (connection-need.ts). Each thread has idle connections of its
 * own, and leaves some to a thread that had none (connection-offers.ts).
 */

import { EADDRNOTAVAIL } from '../sys/constants.ts';
import type { LetGoHandler, SocketHandler } from '../sys/poller.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientConnection } from './connection.ts';
import { ServerConnection } from './connection.ts';
import { ConnectionOffers } from './connection-offers.ts';
import { isStillTrue, leaveFrom } from './foreign-source.ts';
import { REUSE_AGGRESSIVE, REUSE_ALWAYS, REUSE_NEVER } from './plan.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import { SERVER_CONNECTS, SERVER_IDLE, SERVER_IDLE_FRESH, SERVER_REUSED, THREAD_SERVERS } from './shared-state.ts';
import type { Stream } from './stream.ts';

export class ServerPool implements SocketHandler, LetGoHandler {
  readonly #context: ThreadContext;
  /** null: there are no other threads. */
  readonly #offers: ConnectionOffers | null;
  /** The errno of the last `open` that failed at once. */
  openErrno = 0;

  constructor(context: ThreadContext) {
    this.#context = context;
    this.#offers = context.plan.threads > 1 ? new ConnectionOffers(context) : null;
    context.poller.letGoHandler = this;
  }

  /** An idle connection that this client's next request may use, or null. */
  reuse(server: ServerRuntime, client: ClientConnection, port: number): ServerConnection | null {
    const mode = server.reuse;
    if (mode === REUSE_NEVER) return this.#own(server, client, port);
    const first = client.requests <= 1 && !this.#canRepeat(client);
    if (first && mode !== REUSE_AGGRESSIVE && mode !== REUSE_ALWAYS) return null;
    const provenOnly = first && mode === REUSE_AGGRESSIVE;
    let found = this.#pop(server.idleProven, port);
    if (found === null && !provenOnly) found = this.#pop(server.idleFresh, port);
    if (found === null && this.#offers !== null) found = this.#fromOthers(this.#offers, server, port, provenOnly);
    if (found !== null) {
      this.#context.shared.add(server.row + SERVER_REUSED, 1);
      server.need.used();
    }
    return found;
  }

  /** Starts a connection for a stream; null when it failed at once, with `openErrno`. */
  open(server: ServerRuntime, stream: Stream, port: number): ServerConnection | null {
    const { poller, shared } = this.#context;
    const to = server.sockaddr(port);
    const connection = new ServerConnection(this, server, port);
    if (server.borrowsSource && !leaveFrom(connection, stream)) {
      this.openErrno = EADDRNOTAVAIL;
      return null;
    }
    this.openErrno = poller.connect(connection, to.family, to.address, to.lengthBytes, server.connectOptions);
    if (this.openErrno !== 0) return null;
    shared.add(server.row + SERVER_CONNECTS, 1);
    server.need.used();
    return connection;
  }

  /** Takes a connection back after an exchange that left it usable. */
  release(connection: ServerConnection, client: ClientConnection): void {
    const { server } = connection;
    const { poller, wheel } = this.#context;
    connection.stream = null;
    connection.handler = this;
    server.need.unused();
    if (isAbandoned(connection)) {
      this.#discard(connection);
      return;
    }
    if (server.reuse === REUSE_NEVER) {
      this.#keepForClient(connection, client);
      return;
    }
    const list = connection.exchanges > 1 ? server.idleProven : server.idleFresh;
    const idle = server.idleProven.length + server.idleFresh.length;
    const wants = server.need.wants(idle, poller.nowMs);
    if (this.#offers !== null && (idle > 0 || !wants) && this.#offer(this.#offers, connection)) return;
    if (!isQuiet(connection) || !wants || !this.#mayKeep(connection, idle)) {
      this.#discard(connection);
      return;
    }
    connection.idleIndex = list.length;
    list.push(connection);
    wheel.arm(connection, poller.nowMs + server.plan.poolPurgeDelayMs);
    if (connection.paused) poller.resume(connection);
  }

  /** The request is sent again when its connection turns out to be dead (http-exchange.ts). */
  #canRepeat({ stream }: ClientConnection): boolean {
    return this.#context.plan.reuseFirst && stream?.idempotent === true && stream.requestDone;
  }

  /** One that another thread has left to us, or null: then we should have liked one. */
  #fromOthers(
    offers: ConnectionOffers,
    server: ServerRuntime,
    port: number,
    provenOnly: boolean,
  ): ServerConnection | null {
    const { shared, poller } = this.#context;
    if (server.plan.portFromClient || shared.get(server.row + SERVER_IDLE) <= 0) return null;
    if (server.movedBy !== 0 && !this.#allKnow(server)) return null;
    for (let fd = offers.take(server, provenOnly); fd >= 0; fd = offers.take(server, provenOnly)) {
      const connection = new ServerConnection(this, server, port);
      connection.exchanges = offers.takenProven ? 2 : 1;
      this.#isNotIdle(connection);
      if (poller.takeOver(connection, fd)) return connection;
    }
    offers.want(server);
    return null;
  }

  /** Whether what threads offer leads to where the server is now. */
  #allKnow(server: ServerRuntime): boolean {
    const { shared, plan } = this.#context;
    for (let thread = 0; thread < plan.threads; thread++) {
      if (shared.get(shared.thread(thread) + THREAD_SERVERS) < server.movedBy) return false;
    }
    server.movedBy = 0;
    return true;
  }

  /** True: it is on its way to another thread that wants it. */
  #offer(offers: ConnectionOffers, connection: ServerConnection): boolean {
    const { server } = connection;
    const { poller, wheel } = this.#context;
    if (connection.ended || connection.paused || server.plan.portFromClient || !offers.answer(server)) return false;
    wheel.arm(connection, poller.nowMs + server.plan.poolPurgeDelayMs);
    return poller.letGo(connection);
  }

  onLetGo(connection: ServerConnection, fd: number): void {
    const { poller, wheel } = this.#context;
    const { server } = connection;
    if (!isAbandoned(connection) && this.#mayKeep(connection, server.idleProven.length + server.idleFresh.length)) {
      if (this.#offers?.put(connection, fd)) return;
      this.#isNotIdle(connection);
    }
    wheel.remove(connection);
    poller.drop(fd);
  }

  /** Nobody wanted what this thread has offered. */
  #withdraw(connection: ServerConnection): void {
    const fd = this.#offers?.withdraw(connection) ?? -1;
    if (fd < 0) return;
    this.#isNotIdle(connection);
    this.#context.poller.drop(fd);
  }

  /** Counts one more idle connection, unless `pool-max-conn` are there in all threads together. */
  #mayKeep({ server, exchanges }: ServerConnection, idleHere: number): boolean {
    const { shared, plan } = this.#context;
    const word = server.row + SERVER_IDLE;
    const limit = server.plan.poolMaxConn;
    if (limit >= 0 && plan.threads > 1) {
      if (!shared.addBelow(word, limit)) return false;
    } else {
      if (limit >= 0 && idleHere >= limit) return false;
      shared.add(word, 1);
    }
    if (exchanges <= 1) shared.add(server.row + SERVER_IDLE_FRESH, 1);
    return true;
  }

  #isNotIdle({ server, exchanges }: ServerConnection): void {
    const { shared } = this.#context;
    shared.add(server.row + SERVER_IDLE, -1);
    if (exchanges <= 1) shared.add(server.row + SERVER_IDLE_FRESH, -1);
  }

  /** Ends a connection that carried an exchange, or was to. */
  close(connection: ServerConnection): void {
    connection.server.need.unused();
    connection.stream = null;
    this.#discard(connection);
  }

  /** The client is gone: nobody else may use what was its own. */
  dropOwn(client: ClientConnection): void {
    const own = client.ownServer;
    if (own === null) return;
    client.ownServer = null;
    own.owner = null;
    this.#discard(own);
  }

  /** The server has moved, or is gone: what is idle, or offered to other threads, is of no use. */
  dropIdle(server: ServerRuntime): void {
    for (const connection of [...server.idleProven, ...server.idleFresh]) this.#expire(connection);
    for (const connection of [...server.offered]) {
      if (connection === null || connection === undefined) continue;
      this.#context.wheel.remove(connection);
      this.#withdraw(connection);
    }
  }

  /** It has been idle for `pool-purge-delay`, or is of no more use. */
  onTimeout(connection: ServerConnection): void {
    if (connection.fd < 0) this.#withdraw(connection);
    else this.#expire(connection);
  }

  #expire(connection: ServerConnection): void {
    const { server } = connection;
    this.#leave(connection);
    this.#discard(connection);
    if (server.idleProven.length + server.idleFresh.length === 0) server.need.rest();
  }

  onConnected(): void {}

  onDrained(): void {}

  onDry(): void {}

  onSendFailed(): void {}

  onData(socket: ServerConnection, _slab: Slab, _start: number, _end: number): void {
    this.#expire(socket);
  }

  onEnd(socket: ServerConnection): void {
    this.#expire(socket);
  }

  onError(socket: ServerConnection, _errno: number): void {
    this.#expire(socket);
  }

  #own(server: ServerRuntime, client: ClientConnection, port: number): ServerConnection | null {
    const own = client.ownServer;
    if (own === null) return null;
    client.ownServer = null;
    own.owner = null;
    if (own.server === server && own.port === port && isQuiet(own) && isStillTrue(own, client)) {
      this.#context.shared.add(server.row + SERVER_REUSED, 1);
      server.need.used();
      return own;
    }
    this.#discard(own);
    return null;
  }

  #keepForClient(connection: ServerConnection, client: ClientConnection): void {
    if (!isQuiet(connection) || client.fd < 0 || client.ownServer !== null) {
      this.#discard(connection);
      return;
    }
    client.ownServer = connection;
    connection.owner = client;
    this.#context.wheel.arm(connection, 0);
    if (connection.paused) this.#context.poller.resume(connection);
  }

  /** The connection that was used last: the others may cool down and be purged. */
  #pop(list: ServerConnection[], port: number): ServerConnection | null {
    for (let i = list.length - 1; i >= 0; i--) {
      const connection = list[i] as ServerConnection;
      if (connection.port !== port || !isQuiet(connection)) continue;
      this.#remove(list, i);
      return connection;
    }
    return null;
  }

  #leave(connection: ServerConnection): void {
    if (connection.owner !== null) {
      connection.owner.ownServer = null;
      connection.owner = null;
    }
    if (connection.idleIndex < 0) return;
    const { server } = connection;
    const list = server.idleProven[connection.idleIndex] === connection ? server.idleProven : server.idleFresh;
    this.#remove(list, connection.idleIndex);
  }

  #remove(list: ServerConnection[], index: number): void {
    const removed = list[index] as ServerConnection;
    const last = list.pop() as ServerConnection;
    if (last !== removed) {
      list[index] = last;
      last.idleIndex = index;
    }
    removed.idleIndex = -1;
    this.#isNotIdle(removed);
  }

  #discard(connection: ServerConnection): void {
    this.#context.wheel.remove(connection);
    // Where we are the first to close, a FIN would leave the port in TIME_WAIT for a minute, and a busy proxy without
    // ports. Nothing is in flight that anybody waits for, so it ends with RST, as HAProxy's do.
    this.#context.poller.close(connection, !connection.ended);
  }
}

/** It leads to where its server was. */
function isAbandoned({ server, moves }: ServerConnection): boolean {
  return server.moves !== moves || server.position < 0;
}

/** Who has something to say would say it to the next client: what came unasked, or its end. */
function isQuiet(connection: ServerConnection): boolean {
  return !connection.ended && !connection.readable && connection.news === 0;
}
