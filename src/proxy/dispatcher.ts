/**
 * Gives a stream its server connection: by cookie or balance, through the queues, over retries and redispatches.
 *
 *   assign ─▶ choose server ─▶ slot? ─▶ reuse or connect ─▶ owner.onServerReady
 *                 │  all full      │ full                 │ failed
 *                 ▼                ▼                      ▼
 *             backend queue   server queue         retry (same server after a pause, or another at once)
 *
 * `release` gives the slot back and serves the queues. With several threads, each has queues of its own, and who is first
 * among all of them is known by tickets (ticket-board.ts): what is said there about places is done here with slots.
 *
 * Not here: what is sent (http-*.ts, tunnel.ts).
 */
import { NO_KEY, PICK_FULL, PICK_NONE } from './balance/balance.ts';
import type { ServerConnection } from './connection.ts';
import type { StreamQueue } from './queue.ts';
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_OWN_CONNECT_ERRORS,
  PROXY_QUEUED,
  PROXY_QUEUED_MAX,
  PROXY_TICKETS,
  SERVER_CONNECT_ERRORS,
  SERVER_QUEUED,
  SERVER_QUEUED_MAX,
  SERVER_REDISPATCHES,
  SERVER_RETRIES,
  SERVER_SESSIONS,
  SERVER_SESSIONS_MAX,
  SERVER_STATE,
  SERVER_TOTAL_SESSIONS,
  SERVER_WEIGHT,
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
  STREAM_QUEUED,
  type Stream,
} from './stream.ts';
import { isBefore } from './ticket-board.ts';

/** HAProxy waits this long before it tries the same server again (or `timeout connect`, when that is shorter). */
const RETRY_PAUSE_MS = 1000;

/** Algorithms that do not even look while somebody waits: all servers are full then. */
const QUEUES_FIRST: ReadonlySet<string> = new Set(['roundrobin', 'static-rr', 'first']);
/** Algorithms for which one server is as good as another. */
const TAKES_TURNS: ReadonlySet<string> = new Set(['roundrobin', 'static-rr', 'random']);

export class Dispatcher {
  readonly #context: ThreadContext;
  readonly #pool: ServerPool;
  /** No other thread takes slots. */
  readonly #alone: boolean;
  /** Servers with a free slot whose queues have yet to be served. */
  readonly #toServe: ServerRuntime[] = [];
  #serving = false;
  /** The last ticket, where no other thread draws any. */
  #sequence = 0;
  /** Some backend's `mustServe` is set. */
  mustLookAgain = false;

  constructor(context: ThreadContext, pool: ServerPool) {
    this.#context = context;
    this.#pool = pool;
    this.#alone = context.plan.threads === 1;
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
      this.#releaseSlot(stream);
      const cause = timedOut ? CAUSE_SERVER_TIMEOUT : CAUSE_SERVER;
      this.#serveQueues(server);
      stream.owner.onServerUnavailable(stream, 503, cause, PHASE_CONNECT);
      return;
    }
    stream.retries++;
    if (this.#mayRedispatch(stream, server)) {
      this.#releaseSlot(stream);
      stream.persistent = false;
      stream.queuedMs = 0;
      this.#serveQueues(server);
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
    this.forget(stream);
    const { shared } = this.#context;
    if (stream.target !== null) shared.add(stream.target.row + SERVER_CONNECT_ERRORS, 1);
    else shared.add(stream.backend.row + PROXY_OWN_CONNECT_ERRORS, 1);
    stream.owner.onServerUnavailable(stream, 503, CAUSE_SERVER_TIMEOUT, PHASE_QUEUE);
  }

  /** Takes a stream out of whatever queue it waits in. */
  forget(stream: Stream): void {
    const queue = stream.queue as StreamQueue | null;
    if (queue === null) return;
    if (!this.#alone && queue.first === stream) this.#demandLook(stream.backend);
    this.#leave(stream, queue);
  }

  /** Gives the slot back; whoever waits for it is next. */
  release(stream: Stream): void {
    const server = stream.target;
    if (server === null || !stream.holdsSlot) return;
    this.#releaseSlot(stream);
    this.#serveQueues(server);
  }

  /** Some server changed its state: whoever waits may go, or must look elsewhere. */
  refresh(backend: ProxyRuntime): void {
    backend.balance.refresh();
    for (const server of backend.servers) {
      if (this.#context.shared.get(server.row + SERVER_STATE) === STATE_UP) continue;
      for (let waiting = server.queue.first; waiting !== null; waiting = server.queue.first) {
        this.forget(waiting);
        waiting.persistent = false;
        waiting.redispatched = true;
        this.#balance(waiting, -1);
        if (waiting.queue === server.queue) break;
      }
    }
    this.#serveBackend(backend);
    if (!this.#alone) this.#sweep(backend);
  }

  /** Another thread freed a slot for somebody who waits here, or may have done so before it could be seen who waits. */
  serveWaiting(woken: boolean): void {
    this.mustLookAgain = false;
    for (const backend of this.#context.proxies) {
      if (!backend.mustServe && !(woken && backend.waiting > 0)) continue;
      backend.mustServe = false;
      this.#serveBackend(backend);
      this.#sweep(backend);
    }
  }

  /** Whoever may have a slot that is free now: some of them wait for one server, or in other threads. */
  #sweep(backend: ProxyRuntime): void {
    for (const server of backend.servers) if (this.#hasSlot(server)) this.#serveQueues(server);
  }

  #demandLook(backend: ProxyRuntime): void {
    backend.mustServe = true;
    this.mustLookAgain = true;
  }

  /** Lets everybody go who waits for any server of the backend and finds one now. */
  #serveBackend(backend: ProxyRuntime): void {
    const { line } = backend.queue;
    for (let waiting = backend.queue.first; waiting !== null; waiting = backend.queue.first) {
      if (!this.#alone && !this.#context.tickets.isFirst(waiting.queueSequence, line, line)) return;
      const position = backend.balance.pick(-1, NO_KEY);
      if (position < 0) return;
      const server = backend.servers[position] as ServerRuntime;
      if (!this.#takeSlot(server)) return;
      this.#leaveForSlot(waiting, server);
    }
  }

  #balance(stream: Stream, except: number): void {
    const backend = stream.backend;
    if (this.#mustQueue(backend)) {
      stream.target = null;
      this.#enqueue(stream, backend.queue);
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
      this.#enqueue(stream, backend.queue);
      return;
    }
    const server = backend.servers[position] as ServerRuntime;
    if (except >= 0 && position !== except) {
      stream.redispatched = true;
      this.#context.shared.add((backend.servers[except] as ServerRuntime).row + SERVER_REDISPATCHES, 1);
    } else if (except >= 0) this.#context.shared.add(server.row + SERVER_RETRIES, 1);
    this.#tryServer(stream, server);
  }

  /**
   * Nobody overtakes those who wait: while they do, newcomers join them (as in HAProxy, leastconn looks all the same). If
   * all of the backend's streams wait, no slot will be given back that could serve the queue, so the newcomer tries.
   * With several threads a slot may be free all the same, on its way to who is first: everybody joins, and who is first
   * looks.
   */
  #mustQueue(backend: ProxyRuntime): boolean {
    const { shared } = this.#context;
    // Who has a server of its own does not wait for any other.
    if (backend.plan.balance === 'hash') return false;
    if (!this.#alone) return shared.get(backend.row + PROXY_QUEUED) > 0 && this.#hasUsable(backend);
    if (backend.queue.length === 0 || !QUEUES_FIRST.has(backend.plan.balance)) return false;
    return shared.get(backend.row + PROXY_BACKEND_SESSIONS) - 1 > shared.get(backend.row + PROXY_QUEUED);
  }

  #tryServer(stream: Stream, server: ServerRuntime): void {
    stream.target = server;
    if (this.#mustQueueAt(server) || !this.#takeSlot(server)) {
      const { maxqueue } = server.plan;
      if (maxqueue > 0 && this.#context.shared.get(server.row + SERVER_QUEUED) >= maxqueue) {
        this.#crowdedOut(stream);
        return;
      }
      this.#enqueue(stream, server.queue);
      return;
    }
    stream.holdsSlot = true;
    server.backend.balance.taken(server.position);
    this.#connect(stream, server, true);
  }

  /** As many wait for its server as may: whoever else is free will do, and the backend’s queue if nobody is. */
  #crowdedOut(stream: Stream): void {
    if (!stream.persistent) {
      // A hash would name the same one again: from the queue it gets whichever is free.
      this.#enqueue(stream, stream.backend.queue);
      this.#demandLook(stream.backend);
      return;
    }
    stream.persistent = false;
    stream.redispatched = true;
    this.#balance(stream, -1);
  }

  /** The same for a stream that has its server: those who wait for it, or for any, may be in other threads. */
  #mustQueueAt(server: ServerRuntime): boolean {
    if (this.#alone || server.limit.now() === 0) return false;
    const { shared } = this.#context;
    if (shared.get(server.row + SERVER_QUEUED) > 0) return true;
    return shared.get(server.backend.row + PROXY_QUEUED) > 0 && this.#servesAny(server);
  }

  #takeSlot(server: ServerRuntime): boolean {
    const { shared } = this.#context;
    const word = server.row + SERVER_SESSIONS;
    const limit = server.limit.now();
    if (limit > 0 && !this.#alone) {
      if (!shared.addBelow(word, limit)) return false;
      shared.raise(server.row + SERVER_SESSIONS_MAX, shared.get(word));
      return true;
    }
    const taken = shared.add(word, 1);
    if (limit === 0 || taken < limit) {
      shared.raise(server.row + SERVER_SESSIONS_MAX, taken + 1);
      return true;
    }
    shared.add(word, -1);
    return false;
  }

  #hasSlot(server: ServerRuntime): boolean {
    const limit = server.limit.now();
    return limit === 0 || this.#context.shared.get(server.row + SERVER_SESSIONS) < limit;
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

  #enqueue(stream: Stream, queue: StreamQueue): void {
    const { shared, wheel, poller, tickets } = this.#context;
    const { backend } = stream;
    if (queue === backend.queue) {
      stream.backendQueuePosition = shared.add(backend.row + PROXY_QUEUED, 1) + 1;
      shared.raise(backend.row + PROXY_QUEUED_MAX, stream.backendQueuePosition);
    } else {
      const server = stream.target as ServerRuntime;
      stream.serverQueuePosition = shared.add(server.row + SERVER_QUEUED, 1) + 1;
      shared.raise(server.row + SERVER_QUEUED_MAX, stream.serverQueuePosition);
      server.backend.balance.taken(server.position);
    }
    stream.state = STREAM_QUEUED;
    stream.queuedSinceMs = poller.nowMs;
    backend.waiting++;
    queue.push(stream, this.#alone ? ++this.#sequence | 0 : tickets.draw(backend.row + PROXY_TICKETS));
    if (!this.#alone && queue.first === stream) {
      tickets.publish(queue.line, stream.queueSequence);
      this.#demandLook(backend);
    }
    // Who is sent to another queue has already waited for a part of the time.
    const { queueMs } = backend.plan.timeouts;
    const leftMs = Math.max(1, queueMs - stream.queueWaitedMs);
    wheel.arm(stream.client, queueMs > 0 ? poller.nowMs + leftMs : 0);
  }

  #leave(stream: Stream, queue: StreamQueue): void {
    const { shared, poller, tickets } = this.#context;
    const { backend } = stream;
    const first = queue.first === stream;
    queue.remove(stream);
    backend.waiting--;
    stream.queueWaitedMs += poller.nowMs - stream.queuedSinceMs;
    if (!this.#alone && first) tickets.publish(queue.line, queue.first === null ? 0 : queue.first.queueSequence);
    if (queue === backend.queue) shared.add(backend.row + PROXY_QUEUED, -1);
    else {
      const server = stream.target as ServerRuntime;
      shared.add(server.row + SERVER_QUEUED, -1);
      server.backend.balance.released(server.position);
    }
  }

  #releaseSlot(stream: Stream): void {
    const server = stream.target as ServerRuntime;
    if (!stream.holdsSlot) return;
    stream.holdsSlot = false;
    this.#context.shared.add(server.row + SERVER_SESSIONS, -1);
    server.backend.balance.released(server.position);
  }

  /** A slot is free. Who gets it may fail at once and give it back: that comes round here, not deeper into the stack. */
  #serveQueues(server: ServerRuntime): void {
    if (server.queue.length === 0 && server.backend.queue.length === 0) {
      if (!this.#alone) this.#callFirst(server);
      return;
    }
    this.#toServe.push(server);
    if (this.#serving) return;
    this.#serving = true;
    for (let next = this.#toServe.pop(); next !== undefined; next = this.#toServe.pop()) this.#serveServer(next);
    this.#serving = false;
  }

  /** The oldest of those who wait for this server or for any takes the free slot. */
  #serveServer(server: ServerRuntime): void {
    const { backend, queue } = server;
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    if (state !== STATE_UP && state !== STATE_DRAIN) {
      this.#serveBackend(backend);
      return;
    }
    const servesAny = this.#servesAny(server);
    const other = servesAny ? backend.queue.line : queue.line;
    for (;;) {
      const own = queue.first;
      const any = servesAny ? backend.queue.first : null;
      const next = own === null || (any !== null && isBefore(any.queueSequence, own.queueSequence)) ? any : own;
      if (!this.#alone && (next === null || !this.#context.tickets.isFirst(next.queueSequence, queue.line, other))) {
        this.#callFirst(server);
        return;
      }
      if (next === null || !this.#takeSlot(server)) return;
      this.#leaveForSlot(next, server);
    }
  }

  /** This thread has nobody who may take the slot, if there still is one; perhaps another has. */
  #callFirst(server: ServerRuntime): void {
    const { backend, queue } = server;
    if (!backend.mayQueue) return;
    const { shared, tickets } = this.#context;
    if (shared.get(server.row + SERVER_QUEUED) === 0 && shared.get(backend.row + PROXY_QUEUED) === 0) return;
    if (!this.#hasSlot(server)) return;
    tickets.callFirst(queue.line, this.#servesAny(server) ? backend.queue.line : queue.line);
  }

  /** Whether who waits for any server may have this one: a backup's turn comes when no active server is usable. */
  #servesAny(server: ServerRuntime): boolean {
    if (!this.#isUsable(server)) return false;
    if (!server.plan.backup) return true;
    const { servers, plan } = server.backend;
    for (const other of servers) {
      if (other === server || !this.#isUsable(other)) continue;
      if (!other.plan.backup || (!plan.allBackups && other.position < server.position)) return false;
    }
    return true;
  }

  #hasUsable(backend: ProxyRuntime): boolean {
    for (const server of backend.servers) if (this.#isUsable(server)) return true;
    return false;
  }

  #isUsable(server: ServerRuntime): boolean {
    const { shared } = this.#context;
    return shared.get(server.row + SERVER_STATE) === STATE_UP && shared.get(server.row + SERVER_WEIGHT) > 0;
  }

  /** The slot is taken; the stream leaves its queue for it. */
  #leaveForSlot(stream: Stream, server: ServerRuntime): void {
    const queue = stream.queue as StreamQueue;
    // Another server's slot may be on its way to the first of all who wait for any: it goes on to the next.
    if (!this.#alone && queue === stream.backend.queue && queue.first === stream) this.#demandLook(stream.backend);
    this.#leave(stream, queue);
    stream.target = server;
    stream.holdsSlot = true;
    server.backend.balance.taken(server.position);
    this.#connect(stream, server, true);
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
