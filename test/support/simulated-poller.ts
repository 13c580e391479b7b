/**
 * The Poller of src/sys/poller.ts over a simulated network. It reads and writes as the epoll engine does (a slab at a time,
 * until a short read; what does not fit waits in one slab), and it is strict where a kernel is forgiving: what was read is
 * spoilt when the call is over, a slab that was given back too, and every misuse throws.
 */
import type { Endpoint } from '../../src/core/address.ts';
import { ECONNRESET, EMFILE, ENOBUFS, EPIPE } from '../../src/sys/constants.ts';
import * as libc from '../../src/sys/libc.ts';
import {
  type AcceptHandler,
  type AcceptOptions,
  type ConnectOptions,
  type LetGoHandler,
  Listener,
  type Poller,
  SEND_DONE,
  SEND_FAILED,
  SEND_PENDING,
  SEND_TOO_EARLY,
  type Socket,
} from '../../src/sys/poller.ts';
import { copyBytes, type Slab, type SlabPool } from '../../src/sys/slabs.ts';
import { type Answer, Peer, type SimulatedClock, type SimulatedNetwork } from './simulated-network.ts';
import { SPOILT, spoilGivenSlabs } from './spoilt-slabs.ts';

const READS_PER_TURN = 8;
const FIRST_FD = 1000;
/** A descriptor means the same in all threads. */
const FDS_PER_THREAD = 1_000_000;

interface Attempt {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly answer: Answer;
  readonly port: number;
  readonly dueMs: number;
}

export class SimulatedPoller implements Poller {
  readonly name = 'simulated';
  letGoHandler: LetGoHandler | null = null;
  nowMs: number;
  wallMs: number;
  woken = false;
  peerFamily = 4;
  peerPort = 0;
  sendErrno = 0;
  readonly peerBytes = new Uint8Array(16);

  /** Every socket that was ever here, for what must hold at the end. */
  readonly sockets: Socket[] = [];
  /** Descriptors that can be open at once. */
  descriptors = Number.POSITIVE_INFINITY;
  /** Time does not go on beyond this; 0: it stands still, a turn delivers what is there and returns. */
  untilMs = 0;
  /** Something was delivered in the last turn, or its caller did not want to sleep. */
  busy = false;
  acceptFailures = 0;
  readonly #thread: number;
  readonly #clock: SimulatedClock;
  readonly #network: SimulatedNetwork;
  readonly #slabs: SlabPool;
  readonly #accepts: AcceptHandler;
  readonly #readAt: number;
  readonly #headroom: number;
  readonly #open = new Map<number, Peer>();
  readonly #attempts = new Map<Socket, Attempt>();
  readonly #listeners: Listener[] = [];
  readonly #freeFds: number[] = [];
  #nextFd: number;
  #scheduled: Socket[] = [];
  #generation = 0;
  #clients = 0;

  constructor(
    network: SimulatedNetwork,
    slabs: SlabPool,
    headroomBytes: number,
    accepts: AcceptHandler,
    /** Which thread's it is. */
    thread = 0,
  ) {
    this.#thread = thread;
    this.#nextFd = FIRST_FD + thread * FDS_PER_THREAD;
    this.#network = network;
    this.#clock = network.clock;
    this.#slabs = slabs;
    this.#accepts = accepts;
    this.#headroom = headroomBytes;
    this.#readAt = slabs.scratch.base + headroomBytes;
    this.nowMs = this.#clock.nowMs;
    this.wallMs = this.#clock.wallMs();
    spoilGivenSlabs(slabs);
  }

  /** Connections that the proxy has open, attempts included. */
  get openCount(): number {
    return this.#open.size;
  }

  listen(fd: number, index: number, _options: AcceptOptions): Listener {
    const listener = new Listener(fd, index);
    listener.accepting = true;
    this.#listeners[index] = listener;
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
  }

  finishAccept(listener: Listener): void {
    this.#accept(listener);
    listener.accepting = false;
  }

  adopt(socket: Socket, fd: number): void {
    const peer = this.#open.get(fd);
    if (peer === undefined) throw new Error(`adopts ${fd}, which is not open`);
    this.#attach(socket, fd, peer);
  }

  /** Where all clients connect to. */
  localEnd(): Endpoint {
    return { family: 4, address: Uint8Array.of(192, 0, 2, 1), port: 80 };
  }

  letGo(socket: Socket): boolean {
    const { fd } = socket;
    if (socket.pending !== null || socket.readable || socket.hangup || socket.ended) return false;
    const peer = this.#peerOf(socket);
    this.#open.delete(fd);
    peer.socket = null;
    socket.fd = -1;
    this.#network.loose.set(fd, peer);
    this.letGoHandler?.onLetGo(socket, fd);
    return true;
  }

  takeOver(socket: Socket, fd: number): boolean {
    const peer = this.#loose(fd);
    peer.arrive(this.#clock.nowMs);
    if (peer.arrivedBytes > 0 || peer.finArrived || peer.rstArrived) {
      this.drop(fd);
      return false;
    }
    this.#network.loose.delete(fd);
    this.#open.set(fd, peer);
    this.#attach(socket, fd, peer);
    return true;
  }

  drop(fd: number): void {
    const peer = this.#loose(fd);
    this.#network.loose.delete(fd);
    this.#freeFds.push(fd);
    peer.sawReset = true;
    peer.deliverEnd();
  }

  #loose(fd: number): Peer {
    const peer = this.#network.loose.get(fd);
    if (peer === undefined) throw new Error(`descriptor ${fd} has not been let go of`);
    return peer;
  }

  connect(socket: Socket, _family: number, address: number, _lengthBytes: number, _options: ConnectOptions): number {
    const port = Buffer.from(libc.view(address, 4)).readUInt16BE(2);
    const answer = this.#network.server(port).answer();
    if (answer.kind === 'refuse' && answer.afterMs < 0) return answer.errno;
    if (this.#open.size >= this.descriptors) return EMFILE;
    const peer = new Peer(this.#network);
    this.#attach(socket, this.#takeFd(peer), peer);
    socket.connecting = true;
    const afterMs = answer.kind === 'silence' ? Number.POSITIVE_INFINITY : answer.afterMs;
    this.#attempts.set(socket, { socket, peer, answer, port, dueMs: this.#clock.nowMs + afterMs });
    return 0;
  }

  send(socket: Socket, slab: Slab, start: number, end: number, _more: boolean): number {
    if (socket.fd < 0) throw new Error('sends on a socket that is closed');
    if (socket.shut || socket.shutWhenDrained) throw new Error('sends after its FIN');
    if (end < start || start < slab.base || end > slab.base + slab.sizeBytes) throw new Error('sends beyond its slab');
    if (socket.pending !== null) return this.#append(socket, slab, start, end);
    const attempt = this.#attempts.get(socket);
    if (attempt !== undefined) {
      if (attempt.answer.kind !== 'accept' || !attempt.answer.early) return SEND_TOO_EARLY;
      this.#stand(attempt);
    }
    const taken = this.#write(socket, slab, start, end);
    if (taken < 0) return SEND_FAILED;
    if (taken === end - start) return SEND_DONE;
    const waiting = this.#slabs.takeFor(end - start - taken);
    if (waiting === null) {
      this.sendErrno = ENOBUFS;
      return SEND_FAILED;
    }
    copyBytes(slab, start + taken, end, waiting, waiting.base);
    socket.pending = waiting;
    socket.pendingStart = waiting.base;
    socket.pendingEnd = waiting.base + (end - start - taken);
    return SEND_PENDING;
  }

  /** As io_uring: what was said to have left turns out to end in bytes that wait. */
  turnsOutShort(socket: Socket, bytes: string): void {
    const waiting = this.#slabs.take();
    if (waiting === null || socket.pending !== null) throw new Error('nothing can wait here');
    socket.pending = waiting;
    socket.pendingStart = waiting.base;
    socket.pendingEnd = waiting.base + waiting.bytes.write(bytes, waiting.base, 'latin1');
    socket.unsaid = true;
  }

  push(socket: Socket): void {
    if (socket.fd < 0) throw new Error('pushes a socket that is closed');
  }

  pause(socket: Socket): void {
    socket.paused = true;
  }

  resume(socket: Socket): void {
    socket.paused = false;
    if (socket.readable && !socket.scheduled) {
      socket.scheduled = true;
      this.#scheduled.push(socket);
    }
  }

  shutdown(socket: Socket): void {
    if (socket.fd < 0) throw new Error('shuts down a socket that is closed');
    if (socket.shut) return;
    if (socket.pending !== null) {
      socket.shutWhenDrained = true;
      return;
    }
    socket.shut = true;
    this.#peerOf(socket).deliverEnd();
  }

  close(socket: Socket, reset: boolean): void {
    const { fd } = socket;
    if (fd < 0) return;
    if (socket.pending !== null) {
      this.#slabs.give(socket.pending);
      socket.pending = null;
    }
    const peer = this.#peerOf(socket);
    this.#attempts.delete(socket);
    this.#open.delete(fd);
    this.#freeFds.push(fd);
    socket.fd = -1;
    socket.readable = false;
    socket.bulk = false;
    peer.socket = null;
    // Linux answers with RST when there is something left that nobody read.
    if (reset || peer.hasUnread) peer.sawReset = true;
    peer.deliverEnd();
  }

  watchWakeup(): void {}

  finish(): void {}

  turn(timeoutMs: number): void {
    if (this.#scheduled.length === 0 && timeoutMs !== 0) this.#sleep(timeoutMs);
    this.nowMs = this.#clock.nowMs;
    this.wallMs = this.#clock.wallMs();
    this.busy = timeoutMs === 0;
    for (const listener of this.#listeners) if (listener.accepting) this.#accept(listener);
    for (const attempt of [...this.#attempts.values()]) if (attempt.dueMs <= this.nowMs) this.#settle(attempt);
    for (const [fd, peer] of [...this.#open]) {
      const { socket } = peer;
      if (socket === null || this.#open.get(fd) !== peer || this.#attempts.has(socket)) continue;
      this.#flush(socket, peer);
      if (this.#open.get(fd) === peer) this.#arrive(socket, peer);
    }
    this.#runScheduled();
  }

  #sleep(timeoutMs: number): void {
    let until = timeoutMs < 0 ? this.untilMs : Math.min(this.untilMs, this.#clock.nowMs + timeoutMs);
    const { waiting } = this.#network;
    if (waiting.some((one) => one.thread === this.#thread && this.#listeners[one.listener]?.accepting === true)) return;
    for (const { dueMs } of this.#attempts.values()) until = Math.min(until, dueMs);
    for (const peer of this.#open.values()) {
      // Accepted, but not let in: nobody listens to it.
      if (peer.socket === null) continue;
      until = Math.min(until, peer.nextDueMs);
      if (peer.socket?.pending != null && peer.window > 0) until = Math.min(until, peer.blockedUntilMs);
    }
    if (until > this.#clock.nowMs) this.#clock.nowMs = until;
  }

  #accept(listener: Listener): void {
    const { waiting } = this.#network;
    for (let i = 0; i < waiting.length && listener.accepting; ) {
      const next = waiting[i];
      if (next === undefined || next.listener !== listener.index || next.thread !== this.#thread) {
        i++;
        continue;
      }
      this.busy = true;
      if (this.#open.size >= this.descriptors) {
        this.acceptFailures++;
        this.#accepts.onAcceptFailed(listener, EMFILE);
        return;
      }
      waiting.splice(i, 1);
      this.#clients++;
      this.peerPort = 1024 + (this.#clients % 60_000);
      this.peerBytes.set([10, 0, this.#clients & 0xff, 1]);
      this.#accepts.onAccepted(listener, this.#takeFd(next.peer));
    }
  }

  #settle(attempt: Attempt): void {
    const { socket, answer } = attempt;
    if (!this.#attempts.has(socket) || answer.kind === 'silence') return;
    this.busy = true;
    if (answer.kind === 'refuse') {
      this.#attempts.delete(socket);
      socket.connecting = false;
      socket.hangup = true;
      socket.handler.onError(socket, answer.errno);
      return;
    }
    this.#stand(attempt);
    socket.handler.onConnected(socket);
  }

  #stand(attempt: Attempt): void {
    this.#attempts.delete(attempt.socket);
    attempt.socket.connecting = false;
    const server = this.#network.server(attempt.port);
    server.peers.push(attempt.peer);
    server.onPeer?.(attempt.peer);
  }

  #arrive(socket: Socket, peer: Peer): void {
    if (!peer.arrive(this.nowMs)) return;
    this.busy = true;
    // As epoll: FIN and RST that come together with data are known before it is read.
    if (peer.inFlight[0] !== undefined && peer.inFlight[0].dueMs <= this.nowMs) {
      const { content } = peer.inFlight[0];
      if (typeof content === 'symbol') peer.arrive(this.nowMs);
    }
    if (peer.finArrived || peer.rstArrived) socket.hangup = true;
    socket.readable = true;
    if (!socket.paused) this.#read(socket, peer);
  }

  #read(socket: Socket, peer: Peer): void {
    const { fd, generation } = socket;
    const { scratch } = this.#slabs;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      const slabBytes = socket.bulk && this.#slabs.hasBulk ? this.#slabs.bulkBytes : this.#slabs.sizeBytes;
      const capacity = socket.roomBytes > 0 ? socket.roomBytes : slabBytes - this.#headroom;
      if (peer.arrivedBytes > 0) {
        const got = takeArrived(peer, capacity, scratch.bytes, this.#readAt);
        const more = got === capacity || socket.hangup;
        if (!more) socket.readable = false;
        this.busy = true;
        socket.handler.onData(socket, scratch, this.#readAt, this.#readAt + got);
        scratch.bytes.fill(SPOILT, scratch.base, this.#readAt + got);
        if (!more || socket.fd !== fd || socket.generation !== generation || socket.paused) return;
        continue;
      }
      socket.readable = false;
      if (peer.rstArrived) {
        socket.handler.onError(socket, ECONNRESET);
        return;
      }
      if (peer.finArrived) {
        if (socket.ended) return;
        if (socket.sendErrno !== 0) {
          socket.handler.onError(socket, socket.sendErrno);
          return;
        }
        socket.ended = true;
        socket.handler.onEnd(socket);
        return;
      }
      socket.handler.onDry(socket);
      return;
    }
    this.resume(socket);
  }

  #runScheduled(): void {
    const list = this.#scheduled;
    this.#scheduled = [];
    for (const socket of list) {
      socket.scheduled = false;
      this.busy = true;
      if (socket.fd >= 0 && !socket.paused && socket.readable) this.#read(socket, this.#peerOf(socket));
    }
  }

  #flush(socket: Socket, peer: Peer): void {
    const slab = socket.pending;
    if (slab === null || peer.window === 0 || peer.blockedUntilMs > this.nowMs) return;
    this.busy = true;
    const taken = this.#write(socket, slab, socket.pendingStart, socket.pendingEnd);
    if (taken < 0) {
      this.#slabs.give(slab);
      socket.pending = null;
      socket.hangup = true;
      socket.handler.onSendFailed(socket, this.sendErrno);
      return;
    }
    socket.pendingStart += taken;
    if (socket.pendingStart < socket.pendingEnd) return;
    this.#slabs.give(slab);
    socket.pending = null;
    if (socket.shutWhenDrained) {
      socket.shutWhenDrained = false;
      socket.shut = true;
      peer.deliverEnd();
    }
    socket.handler.onDrained(socket);
  }

  /** How much was taken; -1: the connection is broken. */
  #write(socket: Socket, slab: Slab, start: number, end: number): number {
    const peer = this.#peerOf(socket);
    if (peer.rstArrived) {
      this.sendErrno = peer.arrivedBytes > 0 ? EPIPE : ECONNRESET;
      socket.sendErrno = this.sendErrno;
      return -1;
    }
    const { faults } = this.#network;
    let room = peer.blockedUntilMs > this.#clock.nowMs ? 0 : Math.min(peer.window, end - start);
    if (room > 0 && faults !== null && faults.random.below(1000) < faults.shortWrites) {
      room = faults.random.below(room);
      peer.blockedUntilMs = this.#clock.nowMs + 1 + faults.random.below(faults.longestDelayMs);
    }
    peer.window -= room;
    if (room > 0) peer.deliver(Buffer.from(slab.bytes.subarray(start, start + room)));
    return room;
  }

  #append(socket: Socket, slab: Slab, start: number, end: number): number {
    const pending = socket.pending as Slab;
    const waiting = socket.pendingEnd - socket.pendingStart;
    if (waiting + end - start > pending.sizeBytes) return SEND_FAILED;
    pending.bytes.copyWithin(pending.base, socket.pendingStart, socket.pendingEnd);
    socket.pendingStart = pending.base;
    copyBytes(slab, start, end, pending, pending.base + waiting);
    socket.pendingEnd = pending.base + waiting + end - start;
    return SEND_PENDING;
  }

  #attach(socket: Socket, fd: number, peer: Peer): void {
    socket.fd = fd;
    this.#generation++;
    socket.generation = this.#generation;
    peer.socket = socket;
    peer.fd = fd;
    this.sockets.push(socket);
  }

  #takeFd(peer: Peer): number {
    const fd = this.#freeFds.pop() ?? this.#nextFd++;
    this.#open.set(fd, peer);
    return fd;
  }

  #peerOf(socket: Socket): Peer {
    const peer = this.#open.get(socket.fd);
    if (peer === undefined) throw new Error(`descriptor ${socket.fd} is not open`);
    return peer;
  }
}

function takeArrived(peer: Peer, capacity: number, into: Buffer, at: number): number {
  let got = 0;
  while (got < capacity) {
    const [first] = peer.arrived;
    if (first === undefined) break;
    const length = Math.min(first.length, capacity - got);
    first.copy(into, at + got, 0, length);
    got += length;
    if (length === first.length) peer.arrived.shift();
    else peer.arrived[0] = first.subarray(length);
  }
  peer.arrivedBytes -= got;
  return got;
}
