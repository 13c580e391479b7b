/**
 * The io_uring engine. What it saves over epoll.ts are system calls: the kernel receives by itself, into buffers that it
 * takes when there is something; short answers are handed over together; connections are let in and closed on the way.
 *
 *   turn:  ask for what is to be told ─▶ enter: send, close, receive, sleep ─▶ deliver completions ─▶ scheduled sockets
 *
 * Memory is safe whatever happens to a connection: what the kernel receives into is its own for ever (buffer-ring.ts), what
 * it sends from it has read when `enter` returns (send-queue.ts), and everything else (long answers, second ones, long
 * reads) goes through the plain calls of socket-engine.ts.
 *
 * A transfer that fills its buffers is read as with epoll: the kernel only says that there is something. What it receives
 * while a session does not want it is held in slabs, and it is asked to stop.
 */
import type { Clock } from '../core/clock.ts';
import { BufferRing } from './buffer-ring.ts';
import { ECANCELED, ECONNABORTED, ENOBUFS, EPOLLERR, EPOLLHUP, POLLERR, POLLHUP, POLLRDHUP } from './constants.ts';
import { dropHeld, hold } from './held.ts';
import { HAS_BUFFER, HAS_MORE, IoRing, NOT_EMPTY } from './io-ring.ts';
import { forgetLateWords, LastWords } from './last-words.ts';
import * as libc from './libc.ts';
import { scratchAddress } from './memory.ts';
import {
  type AcceptHandler,
  type ConnectOptions,
  type Listener,
  type Poller,
  SEND_DONE,
  SEND_FAILED,
  type Socket,
} from './poller.ts';
import { type RingSizes, SIZES } from './ring-sizes.ts';
import {
  KIND_ACCEPT,
  KIND_BITS,
  KIND_EDGES,
  KIND_MASK,
  KIND_READABLE,
  KIND_RECEIVE,
  KIND_SEND,
  KIND_WAKEUP,
  noteNews,
  RingWatches,
} from './ring-watches.ts';
import { isShort, SEND_QUEUE_BYTES, SendQueue } from './send-queue.ts';
import type { Slab, SlabPool } from './slabs.ts';
import { SocketEngine } from './socket-engine.ts';
import { makeRoom } from './unsaid.ts';

/** What closed connections sent last may take this long to leave when the thread ends. */
const FINISH_MS = 1000;
/** How often the kernel is asked to let go of a listening socket before it is closed all the same. */
const FINISH_ROUNDS = 100;
/** A read of a flowing transfer that is shorter than this ends the flow: the kernel receives by itself again. */
const FLOW_BYTES = 4096;

export class IoUringPoller extends SocketEngine implements Poller {
  readonly name = 'io_uring';
  readonly #ring: IoRing;
  readonly #buffers: BufferRing;
  readonly #sends: SendQueue;
  readonly #watches: RingWatches;
  readonly #headroomBytes: number;
  readonly #sockets: (Socket | null)[] = [];
  /** Listeners where somebody waits whom the kernel let in too early. */
  #crowded: Listener[] = [];
  readonly #lastWords: LastWords[] = [];
  readonly #onEdge = (socket: Socket, mask: number): void => this.#edge(socket, mask);
  readonly #closeLast = (socket: LastWords): void => this.#closeLastWords(socket);

  /** Throws `RingUnavailable` when the kernel does not let it. Only the thread that makes it may use it. */
  constructor(clock: Clock, slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler, sizes: RingSizes = SIZES) {
    super(clock, slabs, headroomBytes, accepts);
    this.#headroomBytes = headroomBytes;
    this.#ring = new IoRing(sizes.operations, sizes.completions);
    const { engine } = slabs;
    let buffers = sizes.receiveBuffers;
    while (buffers * slabs.bulkBytes + SEND_QUEUE_BYTES > engine.sizeBytes && buffers > 1) buffers /= 2;
    this.#sends = new SendQueue(this.#ring, engine, engine.base);
    const base = engine.base + SEND_QUEUE_BYTES;
    this.#buffers = new BufferRing(this.#ring, engine, base, buffers, slabs.bulkBytes, headroomBytes);
    this.#ring.enable();
    this.#watches = new RingWatches(
      this.#ring,
      slabs,
      (socket) => this.schedule(socket),
      (socket) => this.#left(socket),
    );
  }

  watchWakeup(fd: number): void {
    this.#watches.watchDescriptor(fd, KIND_WAKEUP);
  }

  resumeAccept(listener: Listener): void {
    if (listener.accepting) return;
    listener.accepting = true;
    if (listener.waiting.length > 0) this.#crowded.push(listener);
    this.#watches.accept(listener);
  }

  pauseAccept(listener: Listener): void {
    if (!listener.accepting) return;
    listener.accepting = false;
    this.#watches.stopAccepting(listener);
  }

  leaveAccept(listener: Listener): void {
    this.pauseAccept(listener);
    // The kernel lets go of the socket only when it works; whom it let in until then nobody else can let in.
    for (let round = 0; listener.asked && round < FINISH_ROUNDS; round++) this.#work(0);
    while (listener.waiting.length > 0) this.letIn(listener, listener.waiting.shift() as number);
  }

  finishAccept(listener: Listener): void {
    const { accepting } = listener;
    this.leaveAccept(listener);
    listener.accepting = accepting;
    while (listener.accepting && this.acceptWaiting(listener)) {
      // There may be more than one turn's worth.
    }
    listener.accepting = false;
    this.listeners[listener.fd] = null;
    libc.close(listener.fd);
  }

  adopt(socket: Socket, fd: number): void {
    socket.fd = fd;
    socket.generation = this.nextGeneration();
    this.#sockets[fd] = socket;
    this.#watches.unsettle(socket);
  }

  letGo(socket: Socket): boolean {
    if (socket.pending !== null || socket.held !== null || socket.readable || socket.connecting) return false;
    if (socket.ended || socket.news > 0 || this.#sends.isUnsure(socket)) return false;
    this.#watches.leave(socket);
    return true;
  }

  connect(socket: Socket, family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
    const fd = this.open(family, address, lengthBytes, options);
    if (fd < 0) return -fd;
    socket.connecting = true;
    this.adopt(socket, fd);
    return 0;
  }

  send(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number {
    if (socket.sendErrno === 0 && this.#sends.isUnsure(socket)) socket.sendErrno = this.#makeSure(socket);
    if (socket.sendErrno !== 0) {
      // Behind what was lost nothing may follow, though the connection may still stand.
      this.sendErrno = socket.sendErrno;
      return SEND_FAILED;
    }
    if (socket.pending !== null) {
      this.sendErrno = ENOBUFS;
      if (socket.unsaid && !makeRoom(socket, this.slabs, end - start)) return SEND_FAILED;
      return this.append(socket, slab, start, end);
    }
    if (socket.spoke && !more && this.#sends.takes(end - start)) {
      socket.spoke = false;
      this.#sends.add(socket, slab, start, end);
      return SEND_DONE;
    }
    socket.spoke = false;
    return this.sendNow(socket, slab, start, end, more);
  }

  pause(socket: Socket): void {
    socket.paused = true;
    this.#watches.unsettle(socket);
  }

  resume(socket: Socket): void {
    socket.paused = false;
    if (socket.held !== null || socket.readable) this.schedule(socket);
    else this.#watches.unsettle(socket);
  }

  shutdown(socket: Socket): void {
    if (socket.shut) return;
    if (this.#sends.isUnsure(socket)) {
      if (this.#sends.tell(socket)) {
        socket.shutWhenDrained = true;
        return;
      }
      socket.sendErrno = this.#makeSure(socket);
    }
    if (socket.pending !== null) socket.shutWhenDrained = true;
    // What was lost for want of memory must not look whole: it ends with RST (#release).
    else if (socket.sendErrno !== ENOBUFS) this.shutNow(socket);
  }

  close(socket: Socket, reset: boolean): void {
    const { fd } = socket;
    if (fd < 0) return;
    dropHeld(socket, this.slabs);
    if (reset || !this.#sends.isUnsure(socket) || !this.#keepsLastWords(socket)) {
      this.givePending(socket);
      if (reset) this.resetOnClose(fd);
      this.#release(socket);
    }
    socket.fd = -1;
    socket.readable = false;
    socket.bulk = false;
    socket.queuedTurn = -1;
  }

  finish(): void {
    const deadline = this.nowMs + FINISH_MS;
    while (this.#lastWords.length > 0 && this.nowMs < deadline) this.turn(10);
    this.#ring.enter(0);
  }

  turn(timeoutMs: number): void {
    this.#watches.settle();
    const busy = this.scheduled.length > 0 || this.#crowded.length > 0;
    this.#work(busy ? 0 : timeoutMs);
    if (this.#crowded.length > 0) this.#admit();
    if (this.scheduled.length > 0) this.runScheduled();
    if (this.#lastWords.length > 0) forgetLateWords(this.#lastWords, this.nowMs);
  }

  protected watchReadable(socket: Socket, got: number): void {
    if (got > 0 && got < FLOW_BYTES) this.#watches.endFlow(socket);
    this.#watches.unsettle(socket);
  }

  protected watchWritable(socket: Socket): void {
    this.#watches.unsettle(socket);
  }

  protected override lookAgain(socket: Socket): void {
    if (socket.held !== null && !this.#deliverHeld(socket)) return;
    if (socket.paused) return;
    // While the kernel receives, only it reads: nothing may overtake what it has taken already.
    if (socket.readable && !this.#watches.receives(socket)) this.read(socket);
    else this.#watches.unsettle(socket);
  }

  protected override fail(socket: Socket, errno: number): void {
    this.#watches.ignore(socket);
    super.fail(socket, errno);
  }

  /** The kernel works on it no more: whoever gets the descriptor is alone with it. */
  #left(socket: Socket): void {
    const { fd } = socket;
    this.#sockets[fd] = null;
    socket.fd = -1;
    socket.queuedTurn = -1;
    this.letGoHandler?.onLetGo(socket, fd);
  }

  #release(socket: Socket): void {
    // What was lost for want of memory must not look like the end.
    if (socket.sendErrno === ENOBUFS) this.resetOnClose(socket.fd);
    this.#sockets[socket.fd] = null;
    this.#watches.release(socket);
  }

  /** Lets the kernel work, and delivers what came of it. */
  #work(timeoutMs: number): void {
    this.#ring.enter(timeoutMs);
    this.tellTime();
    this.#sends.entered(this.#ring.waiting === 0);
    this.#reap();
    this.#sends.read();
  }

  #reap(): void {
    const ring = this.#ring;
    const words = ring.completions;
    if (ring.ready > 1) noteNews(ring, this.#sockets);
    for (let left = ring.ready; left > 0; left--) {
      const at = ring.at(ring.head);
      const fd = words[at] as number;
      const token = words[at + 1] as number;
      const result = words[at + 2] as number;
      const flags = words[at + 3] as number;
      ring.head = (ring.head + 1) | 0;
      const generation = token >>> KIND_BITS;
      if (generation === 0) {
        this.#other(fd, token, result, flags);
        continue;
      }
      const socket = this.#sockets[fd];
      if (socket === null || socket === undefined || socket.generation !== generation) {
        if ((flags & HAS_BUFFER) !== 0) this.#buffers.give(flags >>> 16);
        continue;
      }
      if (socket.news > 0) socket.news--;
      switch (token & KIND_MASK) {
        case KIND_RECEIVE:
          this.#received(socket, result, flags);
          break;
        case KIND_SEND:
          this.#sent(socket, result);
          break;
        case KIND_READABLE:
          this.#readable(socket, result);
          break;
      }
    }
    ring.release();
  }

  /** What is no connection. */
  #other(fd: number, kind: number, result: number, flags: number): void {
    if (kind === KIND_ACCEPT) this.#accepted(fd, result, flags);
    else if (kind === KIND_WAKEUP) {
      this.woken = true;
      libc.read(fd, scratchAddress, 8);
    } else if (kind === KIND_EDGES) this.#watches.visitEdges(this.#sockets, this.#onEdge);
    else return;
    if ((flags & HAS_MORE) === 0 && kind !== KIND_ACCEPT) this.#watches.watchDescriptor(fd, kind);
  }

  #received(socket: Socket, result: number, flags: number): void {
    if ((flags & HAS_MORE) === 0) this.#watches.received(socket);
    if ((flags & HAS_BUFFER) !== 0) {
      const id = flags >>> 16;
      const slab = this.#buffers.slabs[id] as Slab;
      const start = slab.base + this.#headroomBytes;
      socket.spoke = true;
      // After a full buffer there is a next one: the kernel goes on by itself.
      const more = result === this.bulkBytes && (flags & NOT_EMPTY) !== 0;
      if (result > 0) this.#deliver(socket, slab, start, start + result, more);
      this.#buffers.give(id);
      if (socket.bulk) this.#watches.unsettle(socket);
      return;
    }
    switch (result) {
      case 0:
        // Asked again, the kernel will say it again.
        if (socket.paused || socket.held !== null) socket.readable = true;
        else {
          socket.readable = false;
          this.sawEnd(socket);
        }
        return;
      case -ENOBUFS:
        socket.readable = true;
        return;
      case -ECANCELED:
        return;
      default:
        if ((socket.paused || socket.held !== null) && !socket.dropsOnReset) {
          // It will not say this again: what comes is an end.
          socket.sendErrno = -result;
          socket.readable = true;
          return;
        }
        this.fail(socket, -result);
    }
  }

  /** Hands [start, end) to the session, in pieces that it has room for; what it does not want now is held. */
  #deliver(socket: Socket, slab: Slab, start: number, end: number, more: boolean): void {
    const { generation } = socket;
    let at = start;
    while (!socket.paused && socket.held === null) {
      const to = Math.min(end, at + this.capacityOf(socket));
      socket.readable = more || to < end;
      socket.handler.onData(socket, slab, at, to);
      if (to === end || socket.fd < 0 || socket.generation !== generation) return;
      at = to;
    }
    if (hold(socket, this.slabs, slab, at, end, this.#headroomBytes)) {
      socket.readable = true;
      this.#watches.unsettle(socket);
    } else this.fail(socket, ENOBUFS);
  }

  /** False: there is still something held, or the socket is gone. */
  #deliverHeld(socket: Socket): boolean {
    const { generation } = socket;
    for (let held = socket.held; held !== null; held = socket.held) {
      const to = socket.roomBytes > 0 ? Math.min(held.end, held.start + socket.roomBytes) : held.end;
      const at = held.start;
      held.start = to;
      if (to === held.end) socket.held = held.next;
      // While the kernel receives it goes on by itself; else a read will tell, at the latest that there is no more.
      socket.readable = socket.held !== null || !this.#watches.receives(socket);
      socket.handler.onData(socket, held.slab, at, to);
      const gone = socket.fd < 0 || socket.generation !== generation;
      if (to === held.end) this.slabs.give(held.slab);
      if (gone) return false;
      if (socket.paused) return socket.held === null;
    }
    return true;
  }

  /** How a queued send ended, where that was to be told: it broke, it was short, or somebody waits for it. */
  #sent(socket: Socket, result: number): void {
    const { queuedStart, queuedEnd } = socket;
    const arena = this.#sends.arenaOf(socket);
    if (!isShort(result)) {
      this.sendBroke(socket, -result);
      return;
    }
    const from = queuedStart + Math.max(result, 0);
    if (from < queuedEnd) {
      if (this.keep(socket, arena, from, queuedEnd) === SEND_FAILED) this.sendBroke(socket, ENOBUFS);
      else socket.unsaid = true;
      return;
    }
    if (socket.shutWhenDrained) {
      this.shutNow(socket);
      socket.handler.onDrained(socket);
    } else if (socket instanceof LastWords) socket.close();
  }

  /** Learns how an unsure socket's send ended. Returns the errno that broke it, or 0: then something may be pending. */
  #makeSure(socket: Socket): number {
    const { queuedStart, queuedEnd } = socket;
    const result = this.#sends.resolve(socket);
    const arena = this.#sends.arenaOf(socket);
    if (!isShort(result)) return -result;
    const from = queuedStart + Math.max(result, 0);
    if (from === queuedEnd) return 0;
    if (this.keep(socket, arena, from, queuedEnd) === SEND_FAILED) return ENOBUFS;
    socket.unsaid = true;
    return 0;
  }

  #readable(socket: Socket, result: number): void {
    this.#watches.toldReadable(socket);
    if (result < 0) return;
    if ((result & (POLLERR | POLLHUP | POLLRDHUP)) !== 0) socket.hangup = true;
    socket.readable = true;
    if (!socket.paused && socket.held === null && !this.#watches.receives(socket)) this.read(socket);
  }

  /** There is room to write, a connect has ended, or a connection that nobody reads is broken. */
  #edge(socket: Socket, mask: number): void {
    const { generation } = socket;
    const broken = (mask & (EPOLLERR | EPOLLHUP)) !== 0;
    if (broken) socket.hangup = true;
    if (socket.connecting) {
      this.#watches.unsettle(socket);
      if (!this.finishConnect(socket, broken)) return;
    }
    if (socket.pending !== null) {
      this.flush(socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if ((mask & EPOLLERR) === 0) return;
    // Who is being read from is told by the read.
    if (socket.ended || (socket.paused && socket.dropsOnReset)) this.fail(socket, this.socketError(socket.fd));
  }

  #accepted(fd: number, result: number, flags: number): void {
    const listener = this.listeners[fd];
    if (listener === null || listener === undefined) {
      if (result >= 0) libc.close(result);
      return;
    }
    if ((flags & HAS_MORE) === 0) listener.asked = false;
    if (result >= 0) {
      if (listener.accepting && listener.waiting.length === 0) this.letIn(listener, result);
      else listener.waiting.push(result);
    } else if (result !== -ECANCELED && result !== -ECONNABORTED && listener.accepting) {
      this.accepts.onAcceptFailed(listener, -result);
    }
    if (listener.accepting) this.#watches.accept(listener);
  }

  /** Those who were let in by the kernel while the listener was paused. */
  #admit(): void {
    const list = this.#crowded;
    this.#crowded = [];
    for (const listener of list) {
      while (listener.accepting && listener.waiting.length > 0)
        this.letIn(listener, listener.waiting.shift() as number);
    }
  }

  /** True: the closed socket's send has not left, or is not known to have, and the connection goes on without it. */
  #keepsLastWords(socket: Socket): boolean {
    if (!this.#sends.tell(socket)) {
      socket.sendErrno = this.#makeSure(socket);
      if (socket.sendErrno !== 0 || socket.pending === null) return false;
    }
    const last = new LastWords(socket, this.nowMs, this.#closeLast);
    socket.pending = null;
    this.#sockets[last.fd] = last;
    this.#lastWords.push(last);
    this.#watches.unsettle(last);
    return true;
  }

  #closeLastWords(last: LastWords): void {
    if (last.fd < 0) return;
    if (last.pending !== null) this.resetOnClose(last.fd);
    this.givePending(last);
    this.#release(last);
    last.fd = -1;
  }
}
