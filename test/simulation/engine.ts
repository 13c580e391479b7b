/**
 * The Poller of src/sys/poller.ts over simulated connections, and what both kinds of engine do alike: reading until a short
 * read, sending at once, keeping what does not fit. It is strict where a kernel is forgiving: what was read is spoilt when
 * the call is over, and every misuse is a violation.
 *
 * Readiness and completions are told apart in readiness.ts and completions.ts, as epoll and io_uring are.
 */
import { EAGAIN, ENOBUFS } from '../../src/sys/constants.ts';
import {
  type AcceptHandler,
  type Listener,
  type Poller,
  SEND_DONE,
  SEND_FAILED,
  SEND_PENDING,
  SEND_TOO_EARLY,
  type Socket,
} from '../../src/sys/poller.ts';
import { copyBytes, type Slab } from '../../src/sys/slabs.ts';
import type { Network } from './network.ts';
import { OpenConnections } from './open-connections.ts';
import { violated } from './violation.ts';
import { SPOILT, type WatchedSlabs } from './watched-slabs.ts';
import { CONNECTING, EVENT_IN, EVENT_SENT, type Wire } from './wire.ts';

const READS_PER_TURN = 8;

export abstract class Engine extends OpenConnections implements Poller {
  readonly name = 'simulated';
  nowMs: number;
  wallMs: number;
  woken = false;
  sendErrno = 0;

  /** How long the last turn was allowed to sleep. */
  sleepMs = 0;
  /** Sockets that were closed since somebody looked. */
  readonly closed: Socket[] = [];
  /** Connections that the engine keeps by itself until their last bytes have left, with their slabs. */
  lastWords = 0;
  protected readonly slabs: WatchedSlabs;
  protected readonly readAt: number;
  protected readonly readBytes: number;
  protected readonly bulkBytes: number;
  protected readonly headroomBytes: number;
  #spareChanges: Wire[] = [];
  #scheduled: Socket[] = [];
  #spareScheduled: Socket[] = [];

  constructor(network: Network, slabs: WatchedSlabs, headroomBytes: number, accepts: AcceptHandler) {
    super(network, accepts);
    this.slabs = slabs;
    this.headroomBytes = headroomBytes;
    this.readAt = slabs.scratch.base + headroomBytes;
    this.readBytes = slabs.sizeBytes - headroomBytes;
    this.bulkBytes = slabs.bulkBytes - headroomBytes;
    this.nowMs = network.calendar.nowMs;
    this.wallMs = network.calendar.wallMs();
  }

  /** The kernel is asked, at the beginning of a turn. */
  protected abstract ask(): void;
  protected abstract deliver(wire: Wire, socket: Socket, events: number): void;
  protected abstract lookAgain(wire: Wire, socket: Socket): void;
  /** Before a send: 0, or the errno of an earlier one. */
  protected abstract settleSend(wire: Wire, socket: Socket): number;
  /** Takes what is sent without looking whether it fits. */
  protected abstract takesBlindly(wire: Wire, socket: Socket, slab: Slab, start: number, end: number): boolean;

  /** Something happens if it is given a turn. */
  get hasWork(): boolean {
    if (this.woken || this.#scheduled.length > 0 || this.changes.length > 0) return true;
    for (let i = 0; i < this.listeners.length; i++) {
      const listener = this.listeners[i] as Listener;
      if (listener.accepting && this.someoneWaits(listener)) return true;
    }
    return false;
  }

  send(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number {
    this.onCall?.();
    const wire = this.wireOf(socket);
    if (socket.shut || socket.shutWhenDrained) violated('sends after its FIN');
    if (end <= start || start < slab.base || end > slab.base + slab.sizeBytes) violated('sends beyond its slab');
    const errno = this.settleSend(wire, socket);
    if (errno !== 0) {
      socket.sendErrno = errno;
      this.sendErrno = errno;
      return SEND_FAILED;
    }
    if (socket.pending !== null) return this.append(socket, slab, start, end);
    if (!more && this.takesBlindly(wire, socket, slab, start, end)) return SEND_DONE;
    return this.#sendNow(wire, socket, slab, start, end);
  }

  #sendNow(wire: Wire, socket: Socket, slab: Slab, start: number, end: number): number {
    let sent = wire.send(slab.bytes, start, end);
    if (sent === end - start) {
      socket.connecting = false;
      return SEND_DONE;
    }
    if (sent < 0) {
      this.sendErrno = -sent;
      if (sent !== -EAGAIN) {
        socket.sendErrno = -sent;
        return SEND_FAILED;
      }
      if (wire.phase === CONNECTING || socket.connecting) return SEND_TOO_EARLY;
      sent = 0;
    }
    socket.connecting = false;
    return this.keep(socket, slab, start + sent, end);
  }

  protected keep(socket: Socket, slab: Slab, start: number, end: number): number {
    const waiting = this.slabs.takeFor(end - start);
    if (waiting === null) {
      this.sendErrno = ENOBUFS;
      return SEND_FAILED;
    }
    copyBytes(slab, start, end, waiting, waiting.base);
    socket.pending = waiting;
    socket.pendingStart = waiting.base;
    socket.pendingEnd = waiting.base + (end - start);
    socket.unsaid = false;
    return SEND_PENDING;
  }

  protected append(socket: Socket, slab: Slab, start: number, end: number): number {
    const pending = socket.pending as Slab;
    const length = end - start;
    const waiting = socket.pendingEnd - socket.pendingStart;
    this.sendErrno = ENOBUFS;
    if (waiting + length > pending.sizeBytes) return SEND_FAILED;
    pending.bytes.copyWithin(pending.base, socket.pendingStart, socket.pendingEnd);
    copyBytes(slab, start, end, pending, pending.base + waiting);
    socket.pendingStart = pending.base;
    socket.pendingEnd = pending.base + waiting + length;
    return SEND_PENDING;
  }

  push(socket: Socket): void {
    this.wireOf(socket);
  }

  pause(socket: Socket): void {
    this.wireOf(socket);
    socket.paused = true;
  }

  abstract resume(socket: Socket): void;

  shutdown(socket: Socket): void {
    const wire = this.wireOf(socket);
    if (socket.shut) return;
    const errno = this.settleSend(wire, socket);
    if (errno !== 0) socket.sendErrno = errno;
    // What was lost for want of memory must not look whole.
    if (errno === ENOBUFS) return;
    if (errno === 0 && socket.pending !== null) socket.shutWhenDrained = true;
    else this.shutNow(wire, socket);
  }

  protected shutNow(wire: Wire, socket: Socket): void {
    socket.shutWhenDrained = false;
    socket.shut = true;
    wire.shutdown();
  }

  close(socket: Socket, reset: boolean): void {
    if (socket.fd < 0) return;
    this.onCall?.();
    const wire = this.wireOf(socket);
    this.forget(wire);
    if (reset || !this.keepsLastWords(wire, socket)) {
      this.givePending(socket);
      this.network.giveFd(wire.fd);
      // What was lost for want of memory must not look like the end.
      wire.close(reset || socket.sendErrno === ENOBUFS);
    }
    socket.fd = -1;
    socket.readable = false;
    socket.bulk = false;
    this.closed.push(socket);
  }

  /** True: the engine goes on with the connection until what was sent last has left. */
  protected abstract keepsLastWords(wire: Wire, socket: Socket): boolean;

  protected givePending(socket: Socket): void {
    if (socket.pending === null) return;
    this.slabs.give(socket.pending);
    socket.pending = null;
  }

  /** The thread has ended: the kernel closes what it had. */
  end(): void {
    for (const wire of this.wires) {
      const { socket } = wire;
      if (socket !== null) this.givePending(socket);
      this.network.giveFd(wire.fd);
      wire.close(true);
    }
    this.wires.length = 0;
  }

  watchWakeup(): void {}

  finish(): void {}

  /** Never sleeps: whoever calls it knows when there is something to do. */
  turn(timeoutMs: number): void {
    const { random, weather, calendar } = this.network;
    this.sleepMs = timeoutMs;
    this.delivered = false;
    this.nowMs = calendar.nowMs;
    this.wallMs = calendar.wallMs();
    if (weather.falseAlarms > 0 && this.wires.length > 0 && random.below(1000) < weather.falseAlarms) {
      this.changed(this.wires[random.below(this.wires.length)] as Wire, EVENT_IN);
    }
    const acceptsFirst = random.below(2) === 0;
    this.ask();
    const list = this.#takeChanges();
    if (acceptsFirst) this.accept();
    for (let i = 0; i < list.length; i++) {
      const wire = list[i] as Wire;
      const { told, socket } = wire;
      if (wire.watcher !== this) continue;
      wire.told = 0;
      if (told === 0 || socket === null) continue;
      this.delivered = true;
      this.deliver(wire, socket, told);
    }
    list.length = 0;
    this.#spareChanges = list;
    if (!acceptsFirst) this.accept();
    if (this.#scheduled.length > 0) this.#runScheduled();
  }

  /** In any order, and perhaps not all of them. */
  #takeChanges(): Wire[] {
    const { random, weather } = this.network;
    const list = this.changes;
    this.changes = this.#spareChanges;
    for (let i = list.length - 1; i > 0; i--) {
      const other = random.below(i + 1);
      const wire = list[i] as Wire;
      list[i] = list[other] as Wire;
      list[other] = wire;
    }
    if (list.length > 1 && random.below(1000) < weather.shortTurns) {
      let some = 1 + random.below(list.length - 1);
      for (let i = some; i < list.length; i++) {
        const wire = list[i] as Wire;
        // What has been done is known with the next turn, always.
        if ((wire.events & EVENT_SENT) !== 0) list[some++] = wire;
        else this.changes.push(wire);
      }
      list.length = some;
    }
    for (let i = 0; i < list.length; i++) {
      const wire = list[i] as Wire;
      if (wire.watcher !== this) continue;
      wire.told |= wire.events;
      wire.events = 0;
    }
    return list;
  }

  protected schedule(socket: Socket): void {
    if (socket.scheduled) return;
    socket.scheduled = true;
    this.#scheduled.push(socket);
  }

  #runScheduled(): void {
    const list = this.#scheduled;
    this.#scheduled = this.#spareScheduled;
    for (let i = 0; i < list.length; i++) {
      const socket = list[i] as Socket;
      socket.scheduled = false;
      if (socket.fd < 0 || socket.paused) continue;
      this.delivered = true;
      this.lookAgain(this.wireOf(socket), socket);
    }
    list.length = 0;
    this.#spareScheduled = list;
  }

  /** False: the socket is not there any more. */
  protected finishConnect(wire: Wire, socket: Socket): boolean {
    const { generation } = socket;
    socket.connecting = false;
    if (wire.error !== 0) {
      this.fail(socket, -wire.takeError());
      return false;
    }
    socket.handler.onConnected(socket);
    return socket.fd >= 0 && socket.generation === generation;
  }

  protected flush(wire: Wire, socket: Socket): void {
    const slab = socket.pending as Slab;
    const sent = wire.send(slab.bytes, socket.pendingStart, socket.pendingEnd);
    if (sent === -EAGAIN) return;
    if (sent < 0) {
      this.slabs.give(slab);
      socket.pending = null;
      this.sendBroke(socket, -sent);
      return;
    }
    socket.pendingStart += sent;
    if (socket.pendingStart < socket.pendingEnd) return;
    this.slabs.give(slab);
    socket.pending = null;
    if (socket.shutWhenDrained) this.shutNow(wire, socket);
    socket.handler.onDrained(socket);
  }

  protected sendBroke(socket: Socket, errno: number): void {
    socket.sendErrno = errno;
    socket.hangup = true;
    socket.readable = true;
    if (!socket.paused) this.schedule(socket);
    socket.handler.onSendFailed(socket, errno);
  }

  protected capacityOf(socket: Socket): number {
    if (socket.roomBytes > 0) return Math.min(this.readBytes, socket.roomBytes);
    return socket.bulk && this.slabs.hasBulk ? this.bulkBytes : this.readBytes;
  }

  protected read(wire: Wire, socket: Socket): void {
    const slab = this.slabs.scratch;
    const at = this.readAt;
    const { generation } = socket;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      const capacity = this.capacityOf(socket);
      const got = wire.recv(slab.bytes, at, capacity);
      if (got > 0) {
        const more = got === capacity || socket.hangup;
        if (!more) socket.readable = false;
        socket.handler.onData(socket, slab, at, at + got);
        slab.bytes.fill(SPOILT, slab.base, at + got);
        if (!more || socket.fd < 0 || socket.generation !== generation || socket.paused) return;
        continue;
      }
      socket.readable = false;
      if (got === 0) this.sawEnd(socket);
      else if (got === -EAGAIN) socket.handler.onDry(socket);
      else this.fail(socket, -got);
      return;
    }
    if (!socket.paused && socket.readable) this.schedule(socket);
  }

  protected sawEnd(socket: Socket): void {
    if (socket.sendErrno !== 0) {
      this.fail(socket, socket.sendErrno);
      return;
    }
    if (socket.ended) return;
    socket.ended = true;
    socket.handler.onEnd(socket);
  }

  protected fail(socket: Socket, errno: number): void {
    socket.readable = false;
    socket.handler.onError(socket, errno);
  }
}
