/**
 * The connections of one engine, by descriptor: who is let in, who is connected to, who is let go of, and of whom there is
 * something to tell. Not here: their bytes, and turns (engine.ts).
 */
import type { Endpoint } from '../../src/core/address.ts';
import { EMFILE } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import {
  type AcceptHandler,
  type AcceptOptions,
  type ConnectOptions,
  type LetGoHandler,
  Listener,
  type Socket,
} from '../../src/sys/poller.ts';
import type { AcceptQueue, Network } from './network.ts';
import { violated } from './violation.ts';
import { CONNECTED, EVENT_ERR, EVENT_HUP, EVENT_IN, EVENT_OUT, EVENT_RDHUP, type Wire } from './wire.ts';

const ACCEPTS_PER_TURN = 64;

/** The port in a sockaddr, by its address: those never move, and looking is slow. */
const ports = new Map<number, number>();

function portAt(address: number): number {
  let port = ports.get(address);
  if (port === undefined) {
    port = Buffer.from(libc.view(address, 4)).readUInt16BE(2);
    ports.set(address, port);
  }
  return port;
}

export abstract class OpenConnections {
  peerFamily = 4;
  peerPort = 0;
  readonly peerBytes = new Uint8Array(16);
  letGoHandler: LetGoHandler | null = null;

  /** This turn has delivered something. */
  delivered = false;
  /** Called in the midst of things; it may throw, which is what a process that dies looks like. */
  onCall: (() => void) | null = null;
  /** Those that have a socket of a session. */
  readonly wires: Wire[] = [];
  /** Clients that were let in and have no socket: the session has them wait. */
  unadopted = 0;
  /** Clients that have, or had, one. */
  adopted = 0;
  protected readonly network: Network;
  protected readonly accepts: AcceptHandler;
  protected readonly listeners: Listener[] = [];
  /** Connections of which there is something to tell. */
  protected changes: Wire[] = [];
  #generation = 0;

  constructor(network: Network, accepts: AcceptHandler) {
    this.network = network;
    this.accepts = accepts;
  }

  /** What else the kernel lets in. */
  protected abstract admit(listener: Listener, queue: AcceptQueue): void;

  /** Clients whom the kernel let in before anybody wanted them. */
  get early(): number {
    let early = 0;
    for (let i = 0; i < this.listeners.length; i++) early += (this.listeners[i] as Listener).waiting.length;
    return early;
  }

  protected someoneWaits(listener: Listener): boolean {
    return listener.waiting.length > 0 || this.queueOf(listener).waiting.length > 0;
  }

  protected queueOf(listener: Listener): AcceptQueue {
    return this.network.queues.get(listener.fd) ?? violated(`listens on ${listener.fd}, which is no listening socket`);
  }

  changed(wire: Wire, event: number): void {
    if (wire.events === 0) this.changes.push(wire);
    wire.events |= event;
  }

  listen(fd: number, index: number, _options: AcceptOptions): Listener {
    const listener = new Listener(fd, index);
    listener.accepting = true;
    this.listeners.push(listener);
    return listener;
  }

  resumeAccept(listener: Listener): void {
    listener.accepting = true;
  }

  pauseAccept(listener: Listener): void {
    listener.accepting = false;
  }

  leaveAccept(listener: Listener): void {
    listener.accepting = false;
    while (listener.waiting.length > 0) this.#letIn(listener, listener.waiting.shift() as number);
  }

  finishAccept(listener: Listener): void {
    const { accepting } = listener;
    this.leaveAccept(listener);
    listener.accepting = accepting;
    const queue = this.queueOf(listener);
    while (listener.accepting && queue.waiting.length > 0) if (!this.acceptFrom(listener, queue)) break;
    listener.accepting = false;
    queue.closed = true;
    for (const wire of queue.waiting) wire.close(true);
    queue.waiting.length = 0;
  }

  /** False: nobody can be let in. */
  protected acceptFrom(listener: Listener, queue: AcceptQueue): boolean {
    const [wire] = queue.waiting;
    if (wire === undefined) return false;
    const fd = this.network.takeFd(wire);
    if (fd < 0) {
      this.accepts.onAcceptFailed(listener, EMFILE);
      return false;
    }
    queue.waiting.shift();
    this.#letIn(listener, fd);
    return true;
  }

  #letIn(listener: Listener, fd: number): void {
    this.delivered = true;
    this.unadopted++;
    this.peerPort = 1024 + (fd & 0x7fff);
    this.peerBytes.set([10, 0, fd & 0xff, 1]);
    this.accepts.onAccepted(listener, fd);
  }

  adopt(socket: Socket, fd: number): void {
    this.unadopted--;
    this.adopted++;
    this.#watch(socket, fd);
  }

  #watch(socket: Socket, fd: number): void {
    const wire = this.network.wireOf(fd);
    if (wire.socket !== null) violated(`adopts ${fd}, which has a socket`);
    socket.fd = fd;
    this.#generation++;
    socket.generation = this.#generation;
    wire.socket = socket;
    wire.watcher = this;
    wire.events = 0;
    wire.place = this.wires.length;
    this.wires.push(wire);
    if (wire.phase === CONNECTED && wire.readable) this.changed(wire, eventsOf(wire));
  }

  connect(socket: Socket, _family: number, address: number, _lengthBytes: number, _options: ConnectOptions): number {
    this.onCall?.();
    const destination = this.network.destination(portAt(address));
    const wire = this.network.wire(NOBODY);
    const fd = this.network.takeFd(wire);
    if (fd < 0) return EMFILE;
    const errno = destination.attempt(wire);
    if (errno !== 0) {
      this.network.giveFd(fd);
      return errno;
    }
    socket.connecting = true;
    this.#watch(socket, fd);
    return 0;
  }

  /** Where all clients connect to. */
  localEnd(): Endpoint {
    return { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 80 };
  }

  letGo(socket: Socket): boolean {
    const wire = this.wireOf(socket);
    if (socket.pending !== null || socket.readable || socket.hangup || socket.connecting || socket.ended) return false;
    return this.release(wire, socket);
  }

  /** Lets go of a socket, now or later. */
  protected abstract release(wire: Wire, socket: Socket): boolean;

  protected released(wire: Wire, socket: Socket): void {
    const { fd } = socket;
    this.forget(wire);
    wire.socket = null;
    wire.watcher = null;
    socket.fd = -1;
    this.letGoHandler?.onLetGo(socket, fd);
  }

  takeOver(socket: Socket, fd: number): boolean {
    const wire = this.network.wireOf(fd);
    if (wire.socket !== null) violated(`takes over ${fd}, which somebody has`);
    if (wire.readable) {
      this.drop(fd);
      return false;
    }
    this.#watch(socket, fd);
    return true;
  }

  drop(fd: number): void {
    const wire = this.network.wireOf(fd);
    if (wire.socket !== null) violated(`drops ${fd}, which somebody has`);
    this.network.giveFd(fd);
    wire.close(true);
  }

  protected forget(wire: Wire): void {
    const last = this.wires.pop() as Wire;
    if (last !== wire) {
      this.wires[wire.place] = last;
      last.place = wire.place;
    }
    wire.place = -1;
  }

  protected accept(): void {
    const { listeners } = this;
    for (let i = 0; i < listeners.length; i++) {
      const listener = listeners[i] as Listener;
      while (listener.accepting && listener.waiting.length > 0) {
        this.#letIn(listener, listener.waiting.shift() as number);
      }
      if (!listener.accepting) continue;
      const queue = this.queueOf(listener);
      if (queue.waiting.length === 0) continue;
      const most = 1 + this.network.random.below(ACCEPTS_PER_TURN);
      for (let n = 0; n < most && listener.accepting && queue.waiting.length > 0; n++) {
        if (!this.acceptFrom(listener, queue)) break;
      }
      this.admit(listener, queue);
    }
  }

  protected wireOf(socket: Socket): Wire {
    if (socket.fd < 0) violated('uses a socket that is closed');
    const wire = this.network.wireOf(socket.fd);
    if (wire.socket !== socket) violated(`uses descriptor ${socket.fd}, which is another socket's`);
    return wire;
  }
}

/** What epoll says of a connection that it is told to watch. */
export function eventsOf(wire: Wire): number {
  let events = 0;
  if (wire.arrived > wire.read) events |= EVENT_IN;
  if (wire.finArrived) events |= EVENT_IN | EVENT_RDHUP;
  if (wire.error !== 0) events |= EVENT_IN | EVENT_RDHUP | EVENT_HUP | EVENT_ERR;
  if (wire.broken) events |= EVENT_IN | EVENT_RDHUP | EVENT_HUP;
  if (wire.phase === CONNECTED) events |= EVENT_OUT;
  return events;
}

const NOBODY = {
  received(): void {
    violated('sends to nobody');
  },
  ended(): void {},
  stood(): void {},
  goAway(): void {},
};
