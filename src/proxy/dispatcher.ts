/**
 * Gives a stream its server connection: by cookie or balance, through the queues, over retries and redispatches.
 *
 *   assign ─▶ choose server ─▶ slot? ─▶ reuse or connect ─▶ owner.onServerReady
 *                 │  all full      │ full                 │ failed
 *                 ▼                ▼                      ▼
 *             backend queue   server queue         retry (same server after a pause, or another at once)
 *
 * `release` gives the slot back and serves the queues.
 *
 * Not here: the queues (waiting-line.ts), the slots (server-slots.ts), what is sent (http-*.ts, tunnel.ts).
 */
import { PICK_FULL } from './balance/balance.ts';
import type { ServerConnection } from './connection.ts';
import { COOKIE_DOWN, COOKIE_VALID } from './cookies.ts';
import { Greetings } from './greetings.ts';
import { RETRY_CONNECT } from './plan.ts';
import { PERSIST_FORCED } from './rules.ts';
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import { ServerSlots } from './server-slots.ts';
import {
  PROXY_OWN_CONNECT_ERRORS,
  SERVER_BALANCED,
  SERVER_CONNECT_ERRORS,
  SERVER_QUEUED,
  SERVER_REDISPATCHES,
  SERVER_RETRIES,
  SERVER_STATE,
  SERVER_TOTAL_SESSIONS,
  STATE_DRAIN,
  STATE_UP,
} from './shared-state.ts';
import {
  CAUSE_SERVER,
  CAUSE_SERVER_TIMEOUT,
  DASH,
  PHASE_CONNECT,
  PHASE_QUEUE,
  STREAM_CONNECTING,
  STREAM_PAUSING,
  type Stream,
} from './stream.ts';
import { type SlotTaker, WaitingLine } from './waiting-line.ts';

/** HAProxy waits this long before it tries the same server again (or `timeout connect`, when that is shorter). */
const RETRY_PAUSE_MS = 1000;
const NEXT_TURN_MS = 1;

export class Dispatcher implements SlotTaker {
  readonly line: WaitingLine;
  readonly #context: ThreadContext;
  readonly #pool: ServerPool;
  readonly #greetings: Greetings;
  readonly #slots: ServerSlots;

  constructor(context: ThreadContext, pool: ServerPool) {
    this.#context = context;
    this.#pool = pool;
    this.#slots = new ServerSlots(context);
    this.#greetings = new Greetings(context, pool, this);
    this.line = new WaitingLine(context, this.#slots, this);
  }

  /** Finds a server for a new stream; `preferred` is the one its cookie names. */
  assign(stream: Stream, preferred: ServerRuntime | null): void {
    if (preferred === null) {
      const last = stream.client.ownServer;
      if (last !== null && stream.backend.plan.prefersLast && this.#mayStay(stream.backend, last.server)) {
        this.#tryServer(stream, last.server);
      } else this.#balance(stream, -1);
      return;
    }
    stream.persistent = true;
    this.#tryServer(stream, preferred);
  }

  /** `option prefer-last-server`: the client has a connection to this server, which nobody else may use. */
  #mayStay(backend: ProxyRuntime, server: ServerRuntime): boolean {
    const { balance, maxKeepAliveQueue } = backend.plan;
    if (server.backend !== backend || balance === 'hash' || !this.#slots.isUsable(server)) return false;
    if (maxKeepAliveQueue < 0 || this.#slots.hasFree(server)) return true;
    return this.#context.shared.get(server.row + SERVER_QUEUED) < maxKeepAliveQueue;
  }

  /** Whether a cookie may still name this server. */
  acceptsPersistent(server: ServerRuntime): boolean {
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    return state === STATE_UP || state === STATE_DRAIN;
  }

  /** The connection attempt failed (or timed out): again, elsewhere, or give up. Who has refused would do it again at once. */
  connectFailed(stream: Stream, timedOut: boolean): void {
    const { connectMs } = stream.backend.plan.timeouts;
    if (timedOut) this.#failed(stream, true, 0);
    else this.#failed(stream, false, connectMs > 0 && connectMs < RETRY_PAUSE_MS ? connectMs : RETRY_PAUSE_MS);
  }

  #failed(stream: Stream, timedOut: boolean, pauseMs: number): void {
    const server = stream.target as ServerRuntime;
    const { shared } = this.#context;
    server.witness?.connectFailed();
    // As in HAProxy the first failure is the one that is told of.
    if (stream.failure === DASH) stream.failure = timedOut ? CAUSE_SERVER_TIMEOUT : CAUSE_SERVER;
    if (stream.retriesLeft === 0 || (stream.retryOn & RETRY_CONNECT) === 0) {
      shared.add(server.row + SERVER_CONNECT_ERRORS, 1);
      this.release(stream);
      stream.owner.onServerUnavailable(stream, 503, stream.failure, PHASE_CONNECT);
      return;
    }
    const elsewhere = this.#nextTry(stream, server);
    if (pauseMs === 0 || (elsewhere && this.#slots.activeServers(stream.backend) > 1)) {
      this.#tryAgain(stream, server);
      return;
    }
    stream.state = STREAM_PAUSING;
    this.#context.wheel.arm(stream.client, this.#context.poller.nowMs + pauseMs);
  }

  /** The request may go out once more (`retry-on`): nothing came of it on its server. */
  requestFailed(stream: Stream): void {
    const server = stream.target as ServerRuntime;
    stream.failure = DASH;
    // HAProxy counts such a retry twice, unless it goes to another server.
    this.#context.shared.add(server.row + SERVER_RETRIES, 1);
    this.#nextTry(stream, server);
    this.#tryAgain(stream, server);
  }

  /** The connection was taken from the pool and turned out to be dead before the server answered: not the server's fault. */
  reusedFailed(stream: Stream): void {
    const server = stream.target as ServerRuntime;
    stream.failure = DASH;
    this.#context.shared.add(server.row + SERVER_RETRIES, 1);
    this.#connect(stream, server, false);
  }

  /** A deadline of a stream that waits here has passed. */
  expired(stream: Stream): void {
    if (stream.state === STREAM_PAUSING) {
      this.#tryAgain(stream, stream.target as ServerRuntime);
      return;
    }
    stream.queuedMs = this.#context.poller.nowMs;
    this.line.forget(stream);
    const { shared } = this.#context;
    if (stream.target !== null) shared.add(stream.target.row + SERVER_CONNECT_ERRORS, 1);
    else shared.add(stream.backend.row + PROXY_OWN_CONNECT_ERRORS, 1);
    this.#unavailable(stream, CAUSE_SERVER_TIMEOUT, PHASE_QUEUE);
  }

  /** Gives the slot back; whoever waits for it is next. */
  release(stream: Stream): void {
    const server = this.free(stream);
    if (server !== null) this.line.serve(server);
  }

  /** The server whose slot was given back, for `line.serve`; null: it held none. */
  free(stream: Stream): ServerRuntime | null {
    const server = stream.target;
    if (server === null || !stream.holdsSlot) return null;
    this.#slots.release(stream);
    return server;
  }

  /** Some server changed its state: whoever waits may go, or must look elsewhere. */
  refresh(backend: ProxyRuntime): void {
    backend.balance.refresh();
    for (const server of backend.servers) {
      if (this.#context.shared.get(server.row + SERVER_STATE) === STATE_UP) continue;
      // As in HAProxy: who is tied to a server goes on waiting for it.
      if (backend.plan.redispatch === 0 || backend.plan.persist) continue;
      for (let waiting = server.queue.first, next: Stream | null; waiting !== null; waiting = next) {
        next = waiting.queueNext;
        if (waiting.persistence === PERSIST_FORCED) continue;
        this.line.forget(waiting);
        waiting.persistent = false;
        this.#balance(waiting, server.position);
        if (waiting.queue === server.queue) break;
      }
    }
    this.line.serveAll(backend);
  }

  /** The server is gone, and none of the backend's any more: who waits for it takes any other. */
  abandon(server: ServerRuntime): void {
    for (let waiting = server.queue.first; waiting !== null; waiting = server.queue.first) {
      this.line.forget(waiting);
      waiting.persistent = false;
      this.#balance(waiting, -1);
    }
  }

  slotTaken(stream: Stream, server: ServerRuntime): void {
    this.#connect(stream, server, true);
  }

  /** `except`: the server that it had, which is counted; -1: it had none. */
  #balance(stream: Stream, except: number): void {
    const backend = stream.backend;
    const position = this.line.mustWait(backend) ? PICK_FULL : backend.balance.pick(except, stream);
    if (except >= 0) this.#countMove(stream, backend.servers[except] as ServerRuntime, position);
    if (position >= 0) {
      const server = backend.servers[position] as ServerRuntime;
      if (position !== except) this.#context.shared.add(server.row + SERVER_BALANCED, 1);
      this.#tryServer(stream, server);
      return;
    }
    stream.target = null;
    if (position === PICK_FULL) {
      this.line.join(stream, backend.queue);
      return;
    }
    this.#context.shared.add(backend.row + PROXY_OWN_CONNECT_ERRORS, 1);
    this.#unavailable(stream, CAUSE_SERVER, PHASE_CONNECT);
  }

  #countMove(stream: Stream, from: ServerRuntime, position: number): void {
    const { shared } = this.#context;
    if (position === from.position) {
      shared.add(from.row + SERVER_RETRIES, 1);
      return;
    }
    stream.redispatched = true;
    if (stream.requestCookie === COOKIE_VALID) stream.requestCookie = COOKIE_DOWN;
    shared.add(from.row + SERVER_REDISPATCHES, 1);
  }

  #tryServer(stream: Stream, server: ServerRuntime): void {
    stream.target = server;
    const { redirect } = server.plan;
    if (redirect !== null && stream.owner.onServerRedirects(stream, redirect)) {
      this.#context.shared.add(server.row + SERVER_TOTAL_SESSIONS, 1);
      return;
    }
    if (!this.line.mustWaitFor(server) && this.#slots.take(server)) {
      this.#slots.give(stream, server);
      this.#connect(stream, server, true);
      return;
    }
    const { maxqueue } = server.plan;
    const { shared } = this.#context;
    if (maxqueue === 0 || shared.get(server.row + SERVER_QUEUED) < maxqueue) {
      this.line.join(stream, server.queue);
      return;
    }
    // As many wait for it as may. Who is tied to it by a cookie may go elsewhere with `option redispatch`.
    if (stream.persistent && stream.persistence !== PERSIST_FORCED && stream.backend.plan.redispatch !== 0) {
      stream.persistent = false;
      this.#balance(stream, server.position);
      return;
    }
    shared.add(server.row + SERVER_CONNECT_ERRORS, 1);
    this.#unavailable(stream, CAUSE_SERVER, PHASE_QUEUE);
  }

  /** No server; if one has failed before, that is why. */
  #unavailable(stream: Stream, cause: number, phase: number): void {
    if (stream.failure === DASH) stream.owner.onServerUnavailable(stream, 503, cause, phase);
    else stream.owner.onServerUnavailable(stream, 503, stream.failure, PHASE_CONNECT);
  }

  /** One retry less. True: it has given its slot back, and may go to each of them; false: it keeps it, over a pause, too. */
  #nextTry(stream: Stream, server: ServerRuntime): boolean {
    stream.retriesLeft--;
    stream.retries++;
    if (!this.#mayRedispatch(stream, server)) {
      this.#context.shared.add(server.row + SERVER_RETRIES, 1);
      return false;
    }
    this.release(stream);
    stream.persistent = false;
    stream.queuedMs = 0;
    return true;
  }

  /** Who has given its slot back takes any server's, the other ones' first. */
  #tryAgain(stream: Stream, server: ServerRuntime): void {
    if (stream.holdsSlot) this.#connect(stream, server, true);
    else this.#balance(stream, server.position);
  }

  #connect(stream: Stream, server: ServerRuntime, mayReuse: boolean): void {
    const { poller, wheel } = this.#context;
    const { client } = stream;
    if (stream.queuedMs === 0) stream.queuedMs = poller.nowMs;
    wheel.arm(client, 0);
    const port = server.portFor(client.destinationPort);
    let connection: ServerConnection | null = null;
    let greets = false;
    if (mayReuse && stream.backend.plan.http) connection = this.#pool.reuse(server, client, port);
    if (connection === null) {
      connection = this.#pool.open(server, stream, port);
      if (connection === null) {
        stream.lastErrno = this.#pool.openErrno;
        stream.state = STREAM_CONNECTING;
        // HAProxy does not pause then; another turn of the loop keeps the stack as it is.
        this.#failed(stream, false, NEXT_TURN_MS);
        return;
      }
      const { connectMs } = stream.backend.plan.timeouts;
      wheel.arm(connection, connectMs > 0 ? poller.nowMs + connectMs : 0);
      greets = server.plan.proxyHeader !== null;
    }
    this.#context.shared.add(server.row + SERVER_TOTAL_SESSIONS, 1);
    stream.state = STREAM_CONNECTING;
    stream.server = connection;
    connection.stream = stream;
    connection.exchanges++;
    if (greets) connection.handler = this.#greetings;
    else stream.owner.onServerReady(stream, connection);
  }

  /**
   * `option redispatch [N]`: on every Nth retry, or on the last; when the server is down; and at once where nothing ties the
   * stream to the server, no hash either, and another one is there (as HAProxy 2.6.12 does).
   */
  #mayRedispatch(stream: Stream, server: ServerRuntime): boolean {
    const { plan } = stream.backend;
    const after = plan.redispatch;
    if (after === 0 || stream.persistence === PERSIST_FORCED) return false;
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    if (state !== STATE_UP && state !== STATE_DRAIN) return true;
    const every = after > 0 ? after : plan.retries + 1 + after;
    if (every !== 0 && stream.retries % every === 0) return true;
    return !stream.persistent && plan.balance !== 'hash' && this.#slots.activeServers(stream.backend) > 1;
  }
}
