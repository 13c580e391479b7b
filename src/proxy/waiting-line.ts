/**
 * Those who wait for a server: the queues of a backend and of its servers, and who of them gets a slot that is free.
 *
 *   join ─▶ queue ─▶ a slot is free, and nobody has waited longer ─▶ slotTaken
 *
 * With several threads, each has queues of its own, and who is first among all of them is known by tickets
 * (ticket-board.ts): what is said there about places is done here with slots.
 *
 * Not here: the choice of a server for a newcomer (dispatcher.ts), the slots (server-slots.ts).
 */
import { NO_KEY } from './balance/balance.ts';
import type { StreamQueue } from './queue.ts';
import type { ProxyRuntime, ServerRuntime, ThreadContext } from './runtime.ts';
import type { ServerSlots } from './server-slots.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_QUEUED,
  PROXY_QUEUED_MAX,
  PROXY_TICKETS,
  SERVER_QUEUED,
  SERVER_QUEUED_MAX,
  SERVER_STATE,
  STATE_DRAIN,
  STATE_UP,
} from './shared-state.ts';
import { STREAM_QUEUED, type Stream } from './stream.ts';
import { isBefore } from './ticket-board.ts';

/** Algorithms that do not even look while somebody waits: all servers are full then. */
const QUEUES_FIRST: ReadonlySet<string> = new Set(['roundrobin', 'static-rr', 'first']);

/** Who goes on with a stream that has waited. */
export interface SlotTaker {
  /** A slot of `server` is the stream's, which waits no more. */
  slotTaken(stream: Stream, server: ServerRuntime): void;
}

export class WaitingLine {
  readonly #context: ThreadContext;
  readonly #slots: ServerSlots;
  readonly #taker: SlotTaker;
  /** No other thread takes slots. */
  readonly #alone: boolean;
  /** Servers with a free slot whose queues have yet to be served. */
  readonly #toServe: ServerRuntime[] = [];
  #serving = false;
  /** The last ticket, where no other thread draws any. */
  #sequence = 0;
  /** Some backend's `mustServe` is set. */
  mustLookAgain = false;

  constructor(context: ThreadContext, slots: ServerSlots, taker: SlotTaker) {
    this.#context = context;
    this.#slots = slots;
    this.#taker = taker;
    this.#alone = context.plan.threads === 1;
  }

  /**
   * Nobody overtakes those who wait: while they do, newcomers join them (as in HAProxy, leastconn looks all the same). If
   * all of the backend's streams wait, no slot will be given back that could serve the queue, so the newcomer tries.
   * With several threads a slot may be free all the same, on its way to who is first: everybody joins, and who is first
   * looks.
   */
  mustWait(backend: ProxyRuntime): boolean {
    const { shared } = this.#context;
    // Who has a server of its own does not wait for any other.
    if (backend.plan.balance === 'hash') return false;
    if (!this.#alone) return shared.get(backend.row + PROXY_QUEUED) > 0 && this.#slots.hasUsable(backend);
    if (backend.queue.length === 0 || !QUEUES_FIRST.has(backend.plan.balance)) return false;
    return shared.get(backend.row + PROXY_BACKEND_SESSIONS) - 1 > shared.get(backend.row + PROXY_QUEUED);
  }

  /** The same for a stream that has its server: those who wait for it, or for any, may be in other threads. */
  mustWaitFor(server: ServerRuntime): boolean {
    if (this.#alone || server.limit.now() === 0) return false;
    const { shared } = this.#context;
    if (shared.get(server.row + SERVER_QUEUED) > 0) return true;
    return shared.get(server.backend.row + PROXY_QUEUED) > 0 && this.#slots.servesAny(server);
  }

  join(stream: Stream, queue: StreamQueue): void {
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
      this.lookAgain(backend);
    }
    // Who is sent to another queue has already waited for a part of the time.
    const { queueMs } = backend.plan.timeouts;
    const leftMs = Math.max(1, queueMs - stream.queueWaitedMs);
    wheel.arm(stream.client, queueMs > 0 ? poller.nowMs + leftMs : 0);
  }

  /** Takes a stream out of whatever queue it waits in. */
  forget(stream: Stream): void {
    const queue = stream.queue as StreamQueue | null;
    if (queue === null) return;
    if (!this.#alone && queue.first === stream) this.lookAgain(stream.backend);
    this.#leave(stream, queue);
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

  /** Some server changed its state: whoever waits may find one now. */
  serveAll(backend: ProxyRuntime): void {
    this.#serveBackend(backend);
    if (!this.#alone) this.#sweep(backend);
  }

  /** A slot is free. Who gets it may fail at once and give it back: that comes round here, not deeper into the stack. */
  serve(server: ServerRuntime): void {
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

  /** Whoever may have a slot that is free now: some of them wait for one server, or in other threads. */
  #sweep(backend: ProxyRuntime): void {
    for (const server of backend.servers) if (this.#slots.hasFree(server)) this.serve(server);
  }

  lookAgain(backend: ProxyRuntime): void {
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
      if (!this.#slots.take(server)) return;
      this.#leaveForSlot(waiting, server);
    }
  }

  /** The oldest of those who wait for this server or for any takes the free slot; who is tied to it does so were it down. */
  #serveServer(server: ServerRuntime): void {
    const { backend, queue } = server;
    const state = this.#context.shared.get(server.row + SERVER_STATE);
    if (state !== STATE_UP && state !== STATE_DRAIN) this.#serveBackend(backend);
    const servesAny = this.#slots.servesAny(server);
    const other = servesAny ? backend.queue.line : queue.line;
    for (;;) {
      const own = queue.first;
      const any = servesAny ? backend.queue.first : null;
      const next = own === null || (any !== null && isBefore(any.queueSequence, own.queueSequence)) ? any : own;
      if (!this.#alone && (next === null || !this.#context.tickets.isFirst(next.queueSequence, queue.line, other))) {
        this.#callFirst(server);
        return;
      }
      if (next === null || !this.#slots.take(server)) return;
      this.#leaveForSlot(next, server);
    }
  }

  /** This thread has nobody who may take the slot, if there still is one; perhaps another has. */
  #callFirst(server: ServerRuntime): void {
    const { backend, queue } = server;
    if (!backend.mayQueue) return;
    const { shared, tickets } = this.#context;
    if (shared.get(server.row + SERVER_QUEUED) === 0 && shared.get(backend.row + PROXY_QUEUED) === 0) return;
    if (!this.#slots.hasFree(server)) return;
    tickets.callFirst(queue.line, this.#slots.servesAny(server) ? backend.queue.line : queue.line);
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

  /** The slot is taken; the stream leaves its queue for it. */
  #leaveForSlot(stream: Stream, server: ServerRuntime): void {
    const queue = stream.queue as StreamQueue;
    // Another server's slot may be on its way to the first of all who wait for any: it goes on to the next.
    if (!this.#alone && queue === stream.backend.queue && queue.first === stream) this.lookAgain(stream.backend);
    this.#leave(stream, queue);
    this.#slots.give(stream, server);
    this.#taker.slotTaken(stream, server);
  }
}
