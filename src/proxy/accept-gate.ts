/**
 * Lets clients in, as many as the limits allow: listener, frontend and process each may be full (admission.ts). Who comes
 * then is accepted, so that it is known that somebody waits, but it is not counted, not read, and nothing of it begins;
 * whoever comes after that waits in the kernel's accept queue. Nobody is refused.
 *
 * Not here: what a client says (http-front.ts, tcp-session.ts).
 */
import { EMFILE, ENFILE, ENOBUFS, ENOMEM } from '../sys/constants.ts';
import type { AcceptHandler, Listener, SocketHandler } from '../sys/poller.ts';
import { Admission, type AdmissionLimit } from './admission.ts';
import { ClientConnection } from './connection.ts';
import { Introductions } from './introductions.ts';
import type { ListenerRuntime, ProxyRuntime, ThreadContext } from './runtime.ts';
import {
  DOOR_OPEN,
  HEADER_SHORT,
  HEADER_STARVED,
  PROXY_DOOR,
  PROXY_FRONTEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS_MAX,
  PROXY_TOTAL_CONNECTIONS,
} from './shared-state.ts';
import { isBefore } from './ticket-board.ts';
import type { TrafficLog } from './traffic-log.ts';

/** How long a thread waits before it looks again whether there are descriptors. */
export const RECHECK_MS = 50;

/** A handler that takes over a client that was just let in. */
export interface ClientSession extends SocketHandler {
  begin(client: ClientConnection): void;
}

/** A client that has to wait. */
interface Waiting {
  readonly fd: number;
  readonly peerFamily: number;
  readonly peerBytes: Uint8Array;
  readonly peerPort: number;
  readonly ticket: number;
}

/** A listener as the gate sees it. */
interface Entrance {
  readonly listener: ListenerRuntime;
  readonly limits: readonly AdmissionLimit[];
  /** In the order in which they came. Mostly one: then the listener is paused. */
  readonly waiting: Waiting[];
  /** Where the first of them waits. */
  waitsAt: AdmissionLimit;
  /** Control lets clients in here. */
  open: boolean;
}

export class AcceptGate implements AcceptHandler {
  readonly #context: ThreadContext;
  readonly #admission: Admission;
  /** By the index of the listener. */
  readonly #entrances: readonly Entrance[];
  readonly #http: ClientSession;
  readonly #tcp: ClientSession;
  /** For those who begin with a PROXY header. */
  readonly #introductions: Introductions;
  #first: ClientConnection | null = null;
  #closed = false;
  /** Descriptors or memory ran out: nobody tries again before this. */
  #retryAtMs = 0;
  /** Clients of this thread that were let in so far, and that are here. */
  accepted = 0;
  count = 0;
  /** Listeners of this thread are paused because descriptors or memory ran out. */
  starved = false;

  constructor(
    context: ThreadContext,
    listeners: readonly ListenerRuntime[],
    http: ClientSession,
    tcp: ClientSession,
    log: TrafficLog | null = null,
  ) {
    this.#context = context;
    const admission = new Admission(context);
    this.#admission = admission;
    this.#entrances = listeners.map((listener) => {
      const limits = admission.limitsOf(listener.plan, listener.frontend);
      return { listener, limits, waiting: [], waitsAt: limits[0] as AdmissionLimit, open: true };
    });
    this.#http = http;
    this.#tcp = tcp;
    this.#introductions = new Introductions(context, this, log);
  }

  /** Clients of this thread that wait. */
  get waiting(): number {
    return this.#admission.waiting;
  }

  /** One of them may find a place: `lookAgain` is to be called before the thread sleeps. */
  get mustLook(): boolean {
    return this.#admission.mustLook;
  }

  open(): void {
    for (const { listener } of this.#entrances) {
      for (const socket of listener.plan.sockets) {
        if (socket.threads.includes(this.#context.thread)) this.#listen(listener, socket.fd);
      }
    }
    this.look();
  }

  /** Control may have closed a door, or opened one, or changed how many may come in. */
  look(): void {
    const { shared, poller } = this.#context;
    this.#admission.look();
    for (const entrance of this.#entrances) {
      const { listener, open } = entrance;
      entrance.open = shared.get(listener.frontend.row + PROXY_DOOR) === DOOR_OPEN;
      if (entrance.open === open || this.#closed) continue;
      if (entrance.open) this.#resume(entrance);
      else for (const socket of listener.sockets) poller.leaveAccept(socket);
    }
  }

  /**
   * Soft stop: no more clients for this thread, but those who wait in accept queues of its own. What it shares with other
   * threads is left to the last one that stops.
   */
  stop(last: boolean): void {
    const { poller } = this.#context;
    for (const { listener } of this.#entrances) {
      for (const { fd, threads } of listener.plan.sockets) {
        let socket = listener.sockets.find((own) => own.fd === fd);
        const shared = threads.length > 1;
        if (socket === undefined && shared && last) socket = this.#listen(listener, fd);
        if (socket === undefined) continue;
        if (last || !shared) poller.finishAccept(socket);
        else poller.leaveAccept(socket);
      }
    }
    this.#closed = true;
  }

  #listen(listener: ListenerRuntime, fd: number): Listener {
    const { clientKeepAlive: keepAlive, smartAccept: answersAtOnce, resetsClients: resets } = listener.frontend.plan;
    const socket = this.#context.poller.listen(fd, listener.plan.index, { keepAlive, answersAtOnce, resets });
    listener.sockets.push(socket);
    return socket;
  }

  onAccepted(socket: Listener, fd: number): void {
    const entrance = this.#entrances[socket.index] as Entrance;
    const { poller, slabs } = this.#context;
    // What is left is for those who are here.
    if (slabs.scarce) this.#starve(HEADER_SHORT);
    if (entrance.waiting.length === 0) {
      const full = this.#admission.enter(entrance.limits, 0);
      if (full === null) {
        this.#begin(entrance, fd, poller.peerFamily, poller.peerBytes, poller.peerPort);
        return;
      }
      entrance.waitsAt = full;
    }
    const { peerFamily, peerPort } = poller;
    const ticket = this.#admission.draw();
    entrance.waiting.push({ fd, peerFamily, peerBytes: poller.peerBytes.slice(), peerPort, ticket });
    this.#admission.waiting++;
    this.#pause(entrance.listener);
    if (entrance.waiting.length > 1) return;
    this.#publish(entrance.waitsAt);
    this.#admission.mustLook = true;
  }

  onAcceptFailed(_socket: Listener, errno: number): void {
    if (errno !== EMFILE && errno !== ENFILE && errno !== ENOBUFS && errno !== ENOMEM) return;
    this.#starve(HEADER_STARVED);
  }

  #starve(countedAs: number): void {
    const { poller, shared } = this.#context;
    for (const { listener } of this.#entrances) this.#pause(listener);
    this.starved = true;
    this.#retryAtMs = poller.nowMs + RECHECK_MS;
    shared.add(countedAs, 1);
  }

  /** Closes a client and gives its place to the next. */
  close(client: ClientConnection, reset: boolean): void {
    const { poller, wheel, slabs } = this.#context;
    if (client.fd < 0) return;
    if (client.stash !== null) {
      slabs.give(client.stash);
      client.stash = null;
    }
    wheel.remove(client);
    poller.close(client, reset);
    this.#unlink(client);
    this.count--;
    this.#admission.leave((this.#entrances[client.listener.plan.index] as Entrance).limits);
    if (!this.starved) return;
    this.#retryAtMs = 0;
    this.recheck();
  }

  /** Tries again after descriptors or memory had run out. */
  recheck(): void {
    const { poller, slabs } = this.#context;
    if (poller.nowMs < this.#retryAtMs) return;
    if (slabs.scarce) {
      this.#retryAtMs = poller.nowMs + RECHECK_MS;
      return;
    }
    this.starved = false;
    for (const entrance of this.#entrances) this.#resume(entrance);
  }

  /** Lets in who waits, if there are places. `woken`: another thread may have left one. */
  lookAgain(woken: boolean): void {
    if (woken && this.waiting > 0) this.#admission.mustLook = true;
    while (this.#admission.mustLook) {
      this.#admission.mustLook = false;
      for (const entrance of this.#entrances) {
        const before = entrance.waiting.length;
        if (before === 0) continue;
        while (entrance.waiting.length > 0 && this.#letFirstIn(entrance)) {
          // There may be places for more of them.
        }
        if (entrance.waiting.length === 0) this.#resume(entrance);
      }
    }
  }

  #letFirstIn(entrance: Entrance): boolean {
    const { limits, waiting, waitsAt } = entrance;
    const first = waiting[0] as Waiting;
    if (!this.#admission.isOpen(waitsAt, first.ticket)) return false;
    const full = this.#admission.enter(limits, first.ticket);
    if (full !== null) {
      if (full === waitsAt) return false;
      // It waits elsewhere from now on, and must look again once that is known.
      entrance.waitsAt = full;
      this.#publish(waitsAt);
      this.#publish(full);
      this.#admission.callNext(waitsAt);
      return true;
    }
    waiting.shift();
    this.#admission.waiting--;
    this.#publish(waitsAt);
    this.#admission.callNext(waitsAt);
    this.#begin(entrance, first.fd, first.peerFamily, first.peerBytes, first.peerPort);
    return true;
  }

  /** The oldest of those who are first at their listeners and wait at this limit. */
  #publish(limit: AdmissionLimit): void {
    let oldest = 0;
    for (const { waiting, waitsAt } of this.#entrances) {
      const [first] = waiting;
      if (first === undefined || waitsAt !== limit) continue;
      if (oldest === 0 || isBefore(first.ticket, oldest)) oldest = first.ticket;
    }
    this.#admission.publish(limit, oldest);
  }

  #begin({ listener }: Entrance, fd: number, family: number, address: Uint8Array, port: number): void {
    const { poller, shared } = this.#context;
    const { frontend } = listener;
    this.count++;
    shared.add(frontend.row + PROXY_TOTAL_CONNECTIONS, 1);
    shared.raise(frontend.row + PROXY_FRONTEND_SESSIONS_MAX, shared.get(frontend.row + PROXY_FRONTEND_SESSIONS));
    const session = listener.plan.acceptsProxyHeader ? this.#introductions : this.sessionOf(frontend);
    const client = new ClientConnection(session, listener, family, address, port, poller.nowMs, poller.wallMs);
    client.serial = ++this.accepted;
    this.#link(client);
    poller.adopt(client, fd);
    session.begin(client);
  }

  /** What takes over a client of this frontend once it is known who it is. */
  sessionOf(frontend: ProxyRuntime): ClientSession {
    return frontend.plan.http ? this.#http : this.#tcp;
  }

  /** The listening sockets of this thread. */
  listening(): readonly Listener[] {
    return this.#entrances.flatMap(({ listener }) => listener.sockets);
  }

  /** The client that came last; the others follow (`next`). */
  get first(): ClientConnection | null {
    return this.#first;
  }

  /** Calls `visit` for every client of the thread, who came last first; `visit` may close it. */
  forEach(visit: (client: ClientConnection) => void): void {
    let client = this.#first;
    while (client !== null) {
      const { next } = client;
      visit(client);
      client = next;
    }
  }

  #pause(listener: ListenerRuntime): void {
    for (const socket of listener.sockets) this.#context.poller.pauseAccept(socket);
  }

  #resume({ listener, waiting, open }: Entrance): void {
    if (this.#closed || this.starved || waiting.length > 0 || !open) return;
    for (const socket of listener.sockets) this.#context.poller.resumeAccept(socket);
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
