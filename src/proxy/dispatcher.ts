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
import { PICK_FULL, PICK_NONE } from './balance/balance.ts';
import type { ServerConnection } from './connection.ts';
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import { ServerSlots } from './server-slots.ts';
import {
  PROXY_OWN_CONNECT_ERRORS,
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
  PHASE_CONNECT,
  PHASE_QUEUE,
  STREAM_CONNECTING,
  STREAM_PAUSING,
  type Stream,
} from './stream.ts';
import { type SlotTaker, WaitingLine } from './waiting-line.ts';

/** HAProxy waits this long before it tries the same server again (or `timeout connect`, when that is shorter). */
const RETRY_PAUSE_MS = 1000;

/** Algorithms for which one server is as good as another. */
const TAKES_TURNS: ReadonlySet<string> = new Set(['roundrobin', 'static-rr', 'random']);

export class Dispatcher implements SlotTaker {
  readonly line: WaitingLine;
  readonly #context: ThreadContext;
  readonly #pool: ServerPool;
  readonly #slots: ServerSlots;

  constructor(context: ThreadContext, pool: ServerPool) {
    this.#context = context;
    this.#pool = pool;
    this.#slots = new ServerSlots(context);
    this.line = new WaitingLine(context, this.#slots, this);
  }

  /** Finds a server for a new stream; `preferred` is the one its cookie names. */
  assign(stream: Stream, preferred: ServerRuntime | null): void {
    if (preferred === null) {
      this.#balance(stream, -1);
      return;
    }
    stream.persistent = true;
    this.#tryServer(stream, preferred);
  }

  /** Whether a cookie may still name this server. */
  acceptsPersistent(server: ServerRuntime): boolean {
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    return state === STATE_UP || state === STATE_DRAIN;
  }

  /** The connection attempt failed (or timed out): again, elsewhere, or give up. */
  connectFailed(stream: Stream, timedOut: boolean): void {
    const server = stream.target as ServerRuntime;
    const { shared } = this.#context;
    stream.retriesLeft--;
    if (stream.retriesLeft < 0) {
      shared.add(server.row + SERVER_CONNECT_ERRORS, 1);
      this.#slots.release(stream);
      const cause = timedOut ? CAUSE_SERVER_TIMEOUT : CAUSE_SERVER;
      this.line.serve(server);
      stream.owner.onServerUnavailable(stream, 503, cause, PHASE_CONNECT);
      return;
    }
    stream.retries++;
    if (this.#mayRedispatch(stream, server)) {
      this.#slots.release(stream);
      stream.persistent = false;
      stream.queuedMs = 0;
      this.line.serve(server);
      this.#balance(stream, server.position);
      return;
    }
    // The slot is kept over the pause, as in HAProxy; a client that leaves meanwhile gives it back to those who wait.
    shared.add(server.row + SERVER_RETRIES, 1);
    if (timedOut) {
      this.#connect(stream, server, true);
      return;
    }
    const { connectMs } = stream.backend.plan.timeouts;
    const pauseMs = connectMs > 0 && connectMs < RETRY_PAUSE_MS ? connectMs : RETRY_PAUSE_MS;
    stream.state = STREAM_PAUSING;
    this.#context.wheel.arm(stream.client, this.#context.poller.nowMs + pauseMs);
  }

  /** The connection was taken from the pool and turned out to be dead before the server answered: not the server's fault. */
  reusedFailed(stream: Stream): void {
    const server = stream.target as ServerRuntime;
    this.#context.shared.add(server.row + SERVER_RETRIES, 1);
    this.#connect(stream, server, false);
  }

  /** A deadline of a stream that waits here has passed. */
  expired(stream: Stream): void {
    if (stream.state === STREAM_PAUSING) {
      this.#connect(stream, stream.target as ServerRuntime, true);
      return;
    }
    stream.queuedMs = this.#context.poller.nowMs;
    this.line.forget(stream);
    const { shared } = this.#context;
    if (stream.target !== null) shared.add(stream.target.row + SERVER_CONNECT_ERRORS, 1);
    else shared.add(stream.backend.row + PROXY_OWN_CONNECT_ERRORS, 1);
    stream.owner.onServerUnavailable(stream, 503, CAUSE_SERVER_TIMEOUT, PHASE_QUEUE);
  }

  /** Gives the slot back; whoever waits for it is next. */
  release(stream: Stream): void {
    const server = stream.target;
    if (server === null || !stream.holdsSlot) return;
    this.#slots.release(stream);
    this.line.serve(server);
  }

  /** Some server changed its state: whoever waits may go, or must look elsewhere. */
  refresh(backend: ProxyRuntime): void {
    backend.balance.refresh();
    for (const server of backend.servers) {
      if (this.#context.shared.get(server.row + SERVER_STATE) === STATE_UP) continue;
      for (let waiting = server.queue.first; waiting !== null; waiting = server.queue.first) {
        this.line.forget(waiting);
        waiting.persistent = false;
        waiting.redispatched = true;
        this.#balance(waiting, -1);
        if (waiting.queue === server.queue) break;
      }
    }
    this.line.serveAll(backend);
  }

  slotTaken(stream: Stream, server: ServerRuntime): void {
    this.#connect(stream, server, true);
  }

  #balance(stream: Stream, except: number): void {
    const backend = stream.backend;
    if (this.line.mustWait(backend)) {
      stream.target = null;
      this.line.join(stream, backend.queue);
      return;
    }
    const position = backend.balance.pick(except, stream);
    if (position === PICK_NONE) {
      stream.target = null;
      this.#context.shared.add(backend.row + PROXY_OWN_CONNECT_ERRORS, 1);
      stream.owner.onServerUnavailable(stream, 503, CAUSE_SERVER, PHASE_CONNECT);
      return;
    }
    if (position === PICK_FULL) {
      stream.target = null;
      this.line.join(stream, backend.queue);
      return;
    }
    const server = backend.servers[position] as ServerRuntime;
    if (except >= 0 && position !== except) {
      stream.redispatched = true;
      this.#context.shared.add((backend.servers[except] as ServerRuntime).row + SERVER_REDISPATCHES, 1);
    } else if (except >= 0) this.#context.shared.add(server.row + SERVER_RETRIES, 1);
    this.#tryServer(stream, server);
  }

  #tryServer(stream: Stream, server: ServerRuntime): void {
    stream.target = server;
    if (this.line.mustWaitFor(server) || !this.#slots.take(server)) {
      const { maxqueue } = server.plan;
      if (maxqueue > 0 && this.#context.shared.get(server.row + SERVER_QUEUED) >= maxqueue) {
        this.#crowdedOut(stream);
        return;
      }
      this.line.join(stream, server.queue);
      return;
    }
    this.#slots.give(stream, server);
    this.#connect(stream, server, true);
  }

  /** As many wait for its server as may: whoever else is free will do, and the backend’s queue if nobody is. */
  #crowdedOut(stream: Stream): void {
    if (!stream.persistent) {
      // A hash would name the same one again: from the queue it gets whichever is free.
      this.line.join(stream, stream.backend.queue);
      this.line.lookAgain(stream.backend);
      return;
    }
    stream.persistent = false;
    stream.redispatched = true;
    this.#balance(stream, -1);
  }

  #connect(stream: Stream, server: ServerRuntime, mayReuse: boolean): void {
    const { poller, wheel } = this.#context;
    const { client } = stream;
    if (stream.queuedMs === 0) stream.queuedMs = poller.nowMs;
    wheel.arm(client, 0);
    const port = server.portFor(client.listener.plan.port);
    let connection: ServerConnection | null = null;
    if (mayReuse && stream.backend.plan.http) connection = this.#pool.reuse(server, client, port);
    if (connection === null) {
      connection = this.#pool.open(server, port);
      if (connection === null) {
        stream.lastErrno = this.#pool.openErrno;
        stream.state = STREAM_CONNECTING;
        this.connectFailed(stream, false);
        return;
      }
      const { connectMs } = stream.backend.plan.timeouts;
      wheel.arm(connection, connectMs > 0 ? poller.nowMs + connectMs : 0);
    }
    this.#context.shared.add(server.row + SERVER_TOTAL_SESSIONS, 1);
    stream.state = STREAM_CONNECTING;
    stream.server = connection;
    connection.stream = stream;
    connection.exchanges++;
    stream.owner.onServerReady(stream, connection);
  }

  /**
   * `option redispatch [N]`: on every Nth retry, or on the last; and at once where nothing ties the stream to the server
   * and another one is there (as HAProxy's stream_choose_redispatch does).
   */
  #mayRedispatch(stream: Stream, server: ServerRuntime): boolean {
    const { plan } = stream.backend;
    const after = plan.redispatch;
    if (after === 0) return false;
    const turn = stream.retries;
    if (after > 0 && turn % after === 0) return true;
    if (after < 0) {
      const last = plan.retries + 1 + after;
      if (last > 0 && turn % last === 0) return true;
    }
    if (stream.persistent || !TAKES_TURNS.has(plan.balance)) return false;
    let others = 0;
    for (const other of server.backend.servers) {
      if (other !== server && this.#context.shared.get(other.row + SERVER_STATE) === STATE_UP) others++;
    }
    return others > 0;
  }
}
