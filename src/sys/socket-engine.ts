/**
 * What both engines behind the `Poller` seam do alike, with the system calls that any socket needs: reading until a short
 * read, sending at once, keeping what does not fit, accepting, connecting. How they learn that there is something to do is
 * theirs (epoll.ts, io-uring.ts): they say it by `read`, `flush` and `finishConnect`, and are asked by the `watch…` hooks.
 */
import type { Endpoint } from '../core/address.ts';
import type { Clock } from '../core/clock.ts';
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  ECONNABORTED,
  EINTR,
  ENOBUFS,
  IPPROTO_TCP,
  MSG_MORE,
  MSG_NOSIGNAL,
  MSG_PEEK,
  SHUT_WR,
  SO_ERROR,
  SO_KEEPALIVE,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOL_SOCKET,
  TCP_NODELAY,
  TCP_QUICKACK,
} from './constants.ts';
import * as libc from './libc.ts';
import { localEnd } from './local-end.ts';
import { allocate, scratchAddress, scratchBytes } from './memory.ts';
import { openConnection } from './outgoing.ts';
import {
  type AcceptHandler,
  type AcceptOptions,
  type ConnectOptions,
  type LetGoHandler,
  Listener,
  SEND_DONE,
  SEND_FAILED,
  SEND_PENDING,
  SEND_TOO_EARLY,
  type Socket,
} from './poller.ts';
import { copyBytes, type Slab, type SlabPool } from './slabs.ts';
import { closeHard, probeWhenSilent, setOption } from './socket-options.ts';

/** Reads of one socket in one turn: a fast sender must not starve the others. */
const READS_PER_TURN = 8;
/** Accepts of one listener in one turn, for the same reason. */
const ACCEPTS_PER_TURN = 64;
const PEER_BYTES = 112;
/** How often the wall clock is read, which makes an object each time; in between it goes with the monotonic one. */
const WALL_EVERY_MS = 100;

export abstract class SocketEngine {
  nowMs: number;
  wallMs: number;
  woken = false;
  peerFamily = 0;
  peerPort = 0;
  sendErrno = 0;
  letGoHandler: LetGoHandler | null = null;
  readonly peerBytes = new Uint8Array(16);

  protected readonly slabs: SlabPool;
  protected readonly accepts: AcceptHandler;
  /** Positions in the scratch slab where a read starts, with headroom for edits before it, and its longest length. */
  readonly #readAt: number;
  protected readonly readBytes: number;
  protected readonly bulkBytes: number;
  readonly #clock: Clock;
  #wallReadMs: number;
  #wallBaseMs: number;
  readonly #peer = allocate(4096);
  /** By descriptor. */
  protected readonly listeners: (Listener | null)[] = [];
  /** Sockets to look at in this turn, whatever the kernel says. */
  protected scheduled: Socket[] = [];
  #spare: Socket[] = [];
  #generation = 0;

  constructor(clock: Clock, slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler) {
    this.#clock = clock;
    this.slabs = slabs;
    this.accepts = accepts;
    this.#readAt = slabs.scratch.base + headroomBytes;
    this.readBytes = slabs.sizeBytes - headroomBytes;
    this.bulkBytes = slabs.bulkBytes - headroomBytes;
    this.nowMs = Math.trunc(clock.monotonicMs());
    this.wallMs = clock.wallMs();
    this.#wallReadMs = this.nowMs;
    this.#wallBaseMs = this.wallMs;
  }

  /** A read of `got` bytes found that there is no more: whatever comes next must be told. */
  protected abstract watchReadable(socket: Socket, got: number): void;
  /** Something is pending: that there is room must be told. */
  protected abstract watchWritable(socket: Socket): void;

  abstract resumeAccept(listener: Listener): void;
  abstract adopt(socket: Socket, fd: number): void;

  listen(fd: number, index: number, options: AcceptOptions): Listener {
    // Accepted sockets inherit these. The socket may have had others, before a reload.
    if (options.keepAlive !== null) probeWhenSilent(fd, options.keepAlive);
    else setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 0);
    closeHard(fd, options.resets);
    // Not for unix sockets, where it fails and does not matter.
    if (options.answersAtOnce) setOption(fd, IPPROTO_TCP, TCP_QUICKACK, 0);
    const listener = new Listener(fd, index);
    this.listeners[fd] = listener;
    this.resumeAccept(listener);
    return listener;
  }

  localEnd(socket: Socket): Endpoint {
    return localEnd(socket.fd);
  }

  push(socket: Socket): void {
    // tcp(7): setting TCP_NODELAY, even again, flushes what is pending.
    setOption(socket.fd, IPPROTO_TCP, TCP_NODELAY, 1);
  }

  takeOver(socket: Socket, fd: number): boolean {
    // Quiet is who would make us wait: an end, an error and a byte are all told at once.
    if (libc.recv(fd, scratchAddress, 1, MSG_PEEK) >= 0 || libc.errno() !== EAGAIN) {
      this.drop(fd);
      return false;
    }
    this.adopt(socket, fd);
    return true;
  }

  drop(fd: number): void {
    // As with any idle connection to a server, see server-pool.ts.
    this.resetOnClose(fd);
    libc.close(fd);
  }

  protected schedule(socket: Socket): void {
    if (socket.scheduled) return;
    socket.scheduled = true;
    this.scheduled.push(socket);
  }

  protected runScheduled(): void {
    const list = this.scheduled;
    this.scheduled = this.#spare;
    for (let i = 0; i < list.length; i++) {
      const socket = list[i] as Socket;
      socket.scheduled = false;
      if (socket.fd >= 0 && !socket.paused) this.lookAgain(socket);
    }
    list.length = 0;
    this.#spare = list;
  }

  /** A scheduled socket's turn has come. */
  protected lookAgain(socket: Socket): void {
    if (socket.readable) this.read(socket);
  }

  protected tellTime(): void {
    this.nowMs = Math.trunc(this.#clock.monotonicMs());
    if (this.nowMs - this.#wallReadMs >= WALL_EVERY_MS) {
      this.#wallReadMs = this.nowMs;
      this.#wallBaseMs = this.#clock.wallMs();
    }
    this.wallMs = this.#wallBaseMs + (this.nowMs - this.#wallReadMs);
  }

  /** Marks events; 0 is left out when the counter wraps, it marks what is no connection. At most 28 bits. */
  protected nextGeneration(): number {
    this.#generation = (this.#generation + 1) & 0xfffffff || 1;
    return this.#generation;
  }

  protected open(family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
    return openConnection(family, address, lengthBytes, options);
  }

  /** The kernel says how the connect ended; `broken`: there is an error to ask for. False: the socket is not there any more. */
  protected finishConnect(socket: Socket, broken: boolean): boolean {
    const { generation } = socket;
    socket.connecting = false;
    const errno = broken ? this.socketError(socket.fd) : 0;
    if (errno !== 0) {
      this.fail(socket, errno);
      return false;
    }
    socket.handler.onConnected(socket);
    return socket.fd >= 0 && socket.generation === generation;
  }

  /** Sends now; what does not fit becomes pending. Nothing is pending yet. */
  protected sendNow(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number {
    let sent = libc.send(socket.fd, slab.address + start, end - start, more ? MSG_NOSIGNAL | MSG_MORE : MSG_NOSIGNAL);
    // While connecting this is a try that saves a turn of the loop where the handshake is already over (loopback, LAN).
    if (sent === end - start) {
      socket.connecting = false;
      return SEND_DONE;
    }
    if (sent < 0) {
      this.sendErrno = libc.errno();
      if (this.sendErrno !== EAGAIN) {
        socket.sendErrno = this.sendErrno;
        return SEND_FAILED;
      }
      if (socket.connecting) return SEND_TOO_EARLY;
      sent = 0;
    }
    socket.connecting = false;
    return this.keep(socket, slab, start + sent, end);
  }

  /** [start, end) waits in a slab of the socket's. */
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
    this.watchWritable(socket);
    return SEND_PENDING;
  }

  /** More bytes behind those that wait, which a session may send only in small amounts (a 100 and then its response). */
  protected append(socket: Socket, slab: Slab, start: number, end: number): number {
    const pending = socket.pending as Slab;
    const length = end - start;
    const waiting = socket.pendingEnd - socket.pendingStart;
    if (waiting + length > pending.sizeBytes) return SEND_FAILED;
    if (socket.pendingEnd + length > pending.base + pending.sizeBytes) {
      pending.bytes.copyWithin(pending.base, socket.pendingStart, socket.pendingEnd);
      socket.pendingStart = pending.base;
      socket.pendingEnd = pending.base + waiting;
    }
    copyBytes(slab, start, end, pending, socket.pendingEnd);
    socket.pendingEnd += length;
    return SEND_PENDING;
  }

  /** There may be room for what is pending. */
  protected flush(socket: Socket): void {
    const slab = socket.pending as Slab;
    const length = socket.pendingEnd - socket.pendingStart;
    const sent = libc.send(socket.fd, slab.address + socket.pendingStart, length, MSG_NOSIGNAL);
    if (sent < 0) {
      const errno = libc.errno();
      if (errno === EAGAIN) return;
      this.slabs.give(slab);
      socket.pending = null;
      this.sendBroke(socket, errno);
      return;
    }
    if (sent < length) {
      socket.pendingStart += sent;
      return;
    }
    this.slabs.give(slab);
    socket.pending = null;
    if (socket.shutWhenDrained) this.shutNow(socket);
    socket.handler.onDrained(socket);
  }

  /** What was taken to be sent will not leave. */
  protected sendBroke(socket: Socket, errno: number): void {
    socket.sendErrno = errno;
    socket.hangup = true;
    socket.readable = true;
    if (!socket.paused) this.schedule(socket);
    socket.handler.onSendFailed(socket, errno);
  }

  protected shutNow(socket: Socket): void {
    socket.shutWhenDrained = false;
    socket.shut = true;
    libc.shutdown(socket.fd, SHUT_WR);
  }

  /** How much its session takes at once. */
  protected capacityOf(socket: Socket): number {
    if (socket.roomBytes > 0) return Math.min(this.readBytes, socket.roomBytes);
    return socket.bulk && this.slabs.hasBulk ? this.bulkBytes : this.readBytes;
  }

  protected read(socket: Socket): void {
    const slab = this.slabs.scratch;
    const at = this.#readAt;
    const address = slab.address + at;
    const { fd, generation } = socket;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      // The session may have changed its mind with the last read.
      const capacity = this.capacityOf(socket);
      const got = libc.recv(fd, address, capacity, 0);
      if (got > 0) {
        // A short read means that the kernel has no more: the next byte or FIN raises a new event, unless FIN was
        // already announced together with these bytes.
        const more = got === capacity || socket.hangup;
        if (!more) {
          socket.readable = false;
          this.watchReadable(socket, got);
        }
        socket.handler.onData(socket, slab, at, at + got);
        if (!more || socket.fd !== fd || socket.generation !== generation || socket.paused) return;
        continue;
      }
      if (got === 0) {
        socket.readable = false;
        this.sawEnd(socket);
        return;
      }
      const errno = libc.errno();
      if (errno === EAGAIN) {
        socket.readable = false;
        this.watchReadable(socket, 0);
        socket.handler.onDry(socket);
        return;
      }
      if (errno === EINTR) continue;
      this.fail(socket, errno);
      return;
    }
    if (!socket.paused && socket.readable) this.schedule(socket);
  }

  /** There is nothing more to read, ever. */
  protected sawEnd(socket: Socket): void {
    if (socket.sendErrno !== 0) {
      this.fail(socket, socket.sendErrno);
      return;
    }
    if (socket.ended) return;
    socket.ended = true;
    socket.handler.onEnd(socket);
  }

  /** The connection is broken: nothing more comes of it. */
  protected fail(socket: Socket, errno: number): void {
    socket.readable = false;
    socket.handler.onError(socket, errno);
  }

  /** False: nobody waits any more, or nobody can be let in. */
  protected acceptWaiting(listener: Listener): boolean {
    const peer = this.#peer;
    for (let i = 0; i < ACCEPTS_PER_TURN && listener.accepting; i++) {
      peer.bytes.writeInt32LE(PEER_BYTES, PEER_BYTES);
      const fd = libc.accept4(listener.fd, peer.address, peer.address + PEER_BYTES, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        this.#readPeer();
        this.accepts.onAccepted(listener, fd);
        continue;
      }
      const errno = libc.errno();
      if (errno === EAGAIN) return false;
      if (errno === EINTR || errno === ECONNABORTED) continue;
      this.accepts.onAcceptFailed(listener, errno);
      return false;
    }
    return true;
  }

  /** Lets in a client that the kernel accepted by itself. */
  protected letIn(listener: Listener, fd: number): void {
    const peer = this.#peer;
    peer.bytes.writeInt32LE(PEER_BYTES, PEER_BYTES);
    if (libc.getpeername(fd, peer.address, peer.address + PEER_BYTES) < 0) peer.bytes.writeUInt16LE(0, 0);
    this.#readPeer();
    this.accepts.onAccepted(listener, fd);
  }

  #readPeer(): void {
    const bytes = this.#peer.bytes;
    const family = bytes.readUInt16LE(0);
    if (family === AF_INET) {
      this.peerFamily = 4;
      this.peerPort = bytes.readUInt16BE(2);
      for (let i = 0; i < 4; i++) this.peerBytes[i] = bytes[4 + i] as number;
      return;
    }
    if (family === AF_INET6) {
      this.peerFamily = 6;
      this.peerPort = bytes.readUInt16BE(2);
      for (let i = 0; i < 16; i++) this.peerBytes[i] = bytes[8 + i] as number;
      return;
    }
    this.peerFamily = 0;
    this.peerPort = 0;
  }

  protected socketError(fd: number): number {
    scratchBytes.writeInt32LE(0, 0);
    scratchBytes.writeInt32LE(4, 8);
    if (libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, scratchAddress, scratchAddress + 8) < 0) return libc.errno();
    return scratchBytes.readInt32LE(0);
  }

  /** Closing it will answer with RST. */
  protected resetOnClose(fd: number): void {
    closeHard(fd);
  }

  protected givePending(socket: Socket): void {
    if (socket.pending === null) return;
    this.slabs.give(socket.pending);
    socket.pending = null;
  }
}
