/**
 * Lets clients in, as many as the limits allow: listener, frontend and process each may be full. A full one stops
 * accepting; whoever comes then waits in the kernel's accept queue and is not refused.
 *
 * Not here: what a client says (http-front.ts, tcp-session.ts).
 */
import { EMFILE, ENFILE, ENOBUFS, ENOMEM } from '../sys/constants.ts';
import type { AcceptHandler, Listener, SocketHandler } from '../sys/poller.ts';
import { ClientConnection } from './connection.ts';
import type { ListenerRuntime, ThreadContext } from './runtime.ts';
import { HEADER_CONNECTIONS, PROXY_FRONTEND_SESSIONS, PROXY_TOTAL_CONNECTIONS } from './shared-state.ts';

/** How long a thread waits before it looks again whether another one made room, or descriptors are there again. */
export const RECHECK_MS = 50;

/** A handler that takes over a client that was just let in. */
export interface ClientSession extends SocketHandler {
  begin(client: ClientConnection): void;
}

export class AcceptGate implements AcceptHandler {
  readonly #context: ThreadContext;
  readonly #listeners: readonly ListenerRuntime[];
  readonly #http: ClientSession;
  readonly #tcp: ClientSession;
  #first: ClientConnection | null = null;
  #closed = false;
  /** Descriptors or memory ran out: nobody tries again before this. */
  #retryAtMs = 0;
  /** Clients of this thread. */
  count = 0;
  /** Some listener of this thread is paused. */
  paused = false;

  constructor(context: ThreadContext, listeners: readonly ListenerRuntime[], http: ClientSession, tcp: ClientSession) {
    this.#context = context;
    this.#listeners = listeners;
    this.#http = http;
    this.#tcp = tcp;
  }

  open(): void {
    for (const listener of this.#listeners) {
      for (const socket of listener.plan.sockets) {
        if (socket.threads.includes(this.#context.thread)) this.#listen(listener, socket.fd);
      }
    }
  }

  /**
   * Soft stop: no more clients for this thread, but those who wait in accept queues of its own. What it shares with other
   * threads is left to the last one that stops.
   */
  stop(last: boolean): void {
    const { poller } = this.#context;
    for (const listener of this.#listeners) {
      for (const { fd, threads } of listener.plan.sockets) {
        let socket = listener.sockets.find((own) => own.fd === fd);
        const shared = threads.length > 1;
        if (socket === undefined && shared && last) socket = this.#listen(listener, fd);
        if (socket === undefined) continue;
        if (last || !shared) poller.finishAccept(socket);
        else poller.pauseAccept(socket);
      }
    }
    this.#closed = true;
  }

  #listen(listener: ListenerRuntime, fd: number): Listener {
    const probes = listener.frontend.plan.clientKeepAliveProbes;
    const socket = this.#context.poller.listen(fd, listener.plan.index, probes);
    listener.sockets.push(socket);
    return socket;
  }

  onAccepted(socket: Listener, fd: number): void {
    const listener = this.#listeners[socket.index] as ListenerRuntime;
    const { poller, shared } = this.#context;
    const { frontend } = listener;
    listener.connections++;
    this.count++;
    shared.add(frontend.row + PROXY_FRONTEND_SESSIONS, 1);
    shared.add(frontend.row + PROXY_TOTAL_CONNECTIONS, 1);
    shared.add(HEADER_CONNECTIONS, 1);
    const session = frontend.plan.http ? this.#http : this.#tcp;
    const client = new ClientConnection(
      session,
      listener,
      poller.peerFamily,
      poller.peerBytes,
      poller.peerPort,
      poller.nowMs,
      this.#context.poller.wallMs,
    );
    this.#link(client);
    poller.adopt(client, fd);
    if (this.#isFull(listener)) this.#pauseFull();
    session.begin(client);
  }

  onAcceptFailed(socket: Listener, errno: number): void {
    if (errno !== EMFILE && errno !== ENFILE && errno !== ENOBUFS && errno !== ENOMEM) return;
    this.#pause(this.#listeners[socket.index] as ListenerRuntime);
    this.#retryAtMs = this.#context.poller.nowMs + RECHECK_MS;
  }

  /** Closes a client and gives its place to the next. */
  close(client: ClientConnection, reset: boolean): void {
    const { poller, wheel, slabs, shared } = this.#context;
    if (client.fd < 0) return;
    if (client.stash !== null) {
      slabs.give(client.stash);
      client.stash = null;
    }
    wheel.remove(client);
    poller.close(client, reset);
    this.#unlink(client);
    const { listener } = client;
    listener.connections--;
    this.count--;
    shared.add(listener.frontend.row + PROXY_FRONTEND_SESSIONS, -1);
    shared.add(HEADER_CONNECTIONS, -1);
    if (!this.paused) return;
    this.#retryAtMs = 0;
    this.recheck();
  }

  /** Opens what is no longer full. */
  recheck(): void {
    if (this.#closed || this.#context.poller.nowMs < this.#retryAtMs) return;
    this.paused = false;
    for (const listener of this.#listeners) {
      if (listener.sockets.every(({ accepting }) => accepting)) continue;
      if (this.#isFull(listener)) this.paused = true;
      else for (const socket of listener.sockets) this.#context.poller.resumeAccept(socket);
    }
  }

  /** Calls `visit` for every client of the thread; `visit` may close it. */
  forEach(visit: (client: ClientConnection) => void): void {
    let client = this.#first;
    while (client !== null) {
      const { next } = client;
      visit(client);
      client = next;
    }
  }

  #isFull(listener: ListenerRuntime): boolean {
    const { shared, plan } = this.#context;
    const { frontend } = listener;
    if (listener.plan.maxconn > 0 && listener.connections >= listener.plan.maxconn) return true;
    if (frontend.plan.maxconn > 0 && shared.get(frontend.row + PROXY_FRONTEND_SESSIONS) >= frontend.plan.maxconn) {
      return true;
    }
    return plan.maxconn > 0 && shared.get(HEADER_CONNECTIONS) >= plan.maxconn;
  }

  /** The limit that was reached may be that of several listeners. */
  #pauseFull(): void {
    for (const listener of this.#listeners) if (this.#isFull(listener)) this.#pause(listener);
  }

  #pause(listener: ListenerRuntime): void {
    this.paused = true;
    for (const socket of listener.sockets) this.#context.poller.pauseAccept(socket);
  }

  #link(client: ClientConnection): void {
    client.next = this.#first;
    if (this.#first !== null) this.#first.previous = client;
    this.#first = client;
  }

  #unlink(client: ClientConnection): void {
    if (client.next !== null) client.next.previous = client.previous;
    if (client.previous !== null) client.previous.next = client.next;
    else this.#first = client.next;
    client.next = null;
    client.previous = null;
  }
}
