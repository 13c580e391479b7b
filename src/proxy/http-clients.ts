/**
 * Client connections between and after exchanges: waiting for the next request, keeping what a pipeline sent too early,
 * and ending in a way that the last response survives.
 */
import type { Slab, SlabPool } from '../sys/slabs.ts';
import { copyBytes } from '../sys/slabs.ts';
import type { AcceptGate } from './accept-gate.ts';
import type { ClientConnection } from './connection.ts';
import { Lingering } from './lingering.ts';
import type { ThreadContext } from './runtime.ts';
import type { ServerPool } from './server-pool.ts';

/** How long what a client still sends is thrown away after its last response, so that no RST overtakes it. */
const LINGER_MS = 1000;
/** Before the end, a client that is idle is given this long to send what may be on its way. */
export const STOPPING_IDLE_MS = 1000;

export class HttpClients {
  /** Set once by the thread: it and the gate know each other. */
  gate: AcceptGate | null = null;
  readonly #context: ThreadContext;
  readonly #pool: ServerPool;
  readonly #slabs: SlabPool;
  readonly #lingering = new Lingering(this);
  #turns: ClientConnection[] = [];
  #spare: ClientConnection[] = [];

  constructor(context: ThreadContext, pool: ServerPool) {
    this.#context = context;
    this.#pool = pool;
    this.#slabs = context.slabs;
  }

  /** Some connection's next request has arrived already: the loop must not sleep. */
  get hasTurns(): boolean {
    return this.#turns.length > 0;
  }

  /** How many of those there are. */
  get turns(): number {
    return this.#turns.length;
  }

  /** The exchange is over and the connection goes on. */
  next(client: ClientConnection): void {
    const { poller } = this.#context;
    client.headStartedMs = 0;
    client.idleSinceMs = poller.nowMs;
    if (client.pending !== null) {
      // It does not take its answers: no more of them are made until it does, then this is called again.
      const { clientMs } = client.listener.frontend.plan.timeouts;
      poller.pause(client);
      this.#context.wheel.arm(client, clientMs > 0 ? poller.nowMs + clientMs : 0);
      return;
    }
    if (client.stash !== null) {
      // Not now: a long pipeline would keep the thread, and the stack would grow with it.
      if (!client.awaitsTurn) {
        client.awaitsTurn = true;
        this.#turns.push(client);
      }
      return;
    }
    if (client.ended) {
      this.close(client, false);
      return;
    }
    this.#armIdle(client);
    if (client.paused) poller.resume(client);
  }

  /** Calls `begin` for every connection whose next request is in its stash. */
  runTurns(begin: (client: ClientConnection) => void): void {
    const list = this.#turns;
    this.#turns = this.#spare;
    for (const client of list) {
      client.awaitsTurn = false;
      if (client.fd >= 0 && client.stream === null && client.stash !== null) begin(client);
    }
    list.length = 0;
    this.#spare = list;
  }

  /** Keeps [start, end) for later and reads no more until then. */
  stash(client: ClientConnection, slab: Slab, start: number, end: number): void {
    const { poller, headroomBytes } = this.#context;
    poller.pause(client);
    if (client.stash === slab) {
      client.stashStart = start;
      client.stashEnd = end;
      return;
    }
    if (client.stash === null) {
      client.stash = this.#slabs.take();
      if (client.stash === null) {
        notKept(client);
        return;
      }
      client.stashStart = client.stash.base + headroomBytes;
      client.stashEnd = client.stashStart;
    }
    const capacity = client.stash.base + this.#slabs.sizeBytes - client.stashEnd;
    if (end - start > capacity) {
      notKept(client);
      return;
    }
    copyBytes(slab, start, end, client.stash, client.stashEnd);
    client.stashEnd += end - start;
  }

  dropStash(client: ClientConnection): void {
    if (client.stash === null) return;
    this.#slabs.give(client.stash);
    client.stash = null;
  }

  /** Ends the connection after what was sent has left. `sends`: the client is known to be in the middle of a message. */
  end(client: ClientConnection, sends: boolean): void {
    const { poller, wheel } = this.#context;
    if (client.fd < 0) return;
    const quiet = client.pending === null && client.stash === null && !client.readable && !sends;
    if (client.ended || quiet) {
      if (client.pending === null) {
        this.close(client, false);
        return;
      }
    }
    client.lingering = true;
    client.handler = this.#lingering;
    this.dropStash(client);
    poller.shutdown(client);
    const { clientMs } = client.listener.frontend.plan.timeouts;
    const waitMs = client.pending === null ? LINGER_MS : clientMs;
    wheel.arm(client, waitMs > 0 ? poller.nowMs + waitMs : 0);
    if (client.paused) poller.resume(client);
  }

  close(client: ClientConnection, reset: boolean): void {
    this.#pool.dropOwn(client);
    // What still waits for the client is lost to it. After a FIN that might look like the end of what there was.
    this.gate?.close(client, reset || client.pending !== null);
  }

  /** What is left of a lingering connection after its last byte was sent. */
  lingerDrained(client: ClientConnection): void {
    if (client.ended) this.close(client, false);
    else this.#context.wheel.arm(client, this.#context.poller.nowMs + LINGER_MS);
  }

  #armIdle(client: ClientConnection): void {
    const { poller, wheel, lastAnswers } = this.#context;
    const { httpKeepAliveMs } = client.listener.frontend.plan.timeouts;
    const idleMs = lastAnswers ? STOPPING_IDLE_MS : httpKeepAliveMs;
    wheel.arm(client, idleMs > 0 ? poller.nowMs + idleMs : 0);
  }
}

/** No memory: what was not kept cannot be served, so the connection ends with this exchange, and becomes no tunnel. */
function notKept(client: ClientConnection): void {
  const { stream } = client;
  if (stream === null) return;
  stream.clientCloses = true;
  stream.wantsUpgrade = false;
}
