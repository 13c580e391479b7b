/**
 * The epoll engine: edge-triggered, one registration per connection, reads until a short read.
 *
 * A client socket is watched for reading only until a write does not fit; a server socket for both from the start,
 * because the end of its connect is a write event anyway. So a request costs recv and send on each side and its share of
 * one epoll_wait, and no epoll_ctl.
 */
import type { Clock } from '../core/clock.ts';
import {
  AF_INET,
  AF_INET6,
  EAGAIN,
  ECONNABORTED,
  EINPROGRESS,
  EINTR,
  ENOBUFS,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLERR,
  EPOLLET,
  EPOLLEXCLUSIVE,
  EPOLLHUP,
  EPOLLIN,
  EPOLLOUT,
  EPOLLRDHUP,
  IPPROTO_TCP,
  MSG_MORE,
  MSG_NOSIGNAL,
  SHUT_WR,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
  SOCK_STREAM,
  SOL_SOCKET,
  TCP_NODELAY,
  TCP_USER_TIMEOUT,
} from './constants.ts';
import * as libc from './libc.ts';
import { allocate, scratchAddress, scratchBytes } from './memory.ts';
import {
  type AcceptHandler,
  type ConnectOptions,
  Listener,
  type Poller,
  SEND_DONE,
  SEND_FAILED,
  SEND_PENDING,
  SEND_TOO_EARLY,
  type Socket,
} from './poller.ts';
import { copyBytes, type Slab, type SlabPool } from './slabs.ts';

const EVENTS_PER_TURN = 512;
/** Reads of one socket in one turn: a fast sender must not starve the others. */
const READS_PER_TURN = 8;
/** Accepts of one listener in one turn, for the same reason. */
const ACCEPTS_PER_TURN = 64;
const READ_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const HANGUP_EVENTS = EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const PEER_BYTES = 112;

/** struct epoll_event is packed to 12 bytes on x86-64 only: epoll_ctl(2). */
const EVENT_WORDS = process.arch === 'x64' ? 3 : 4;
const DATA_WORD = process.arch === 'x64' ? 1 : 2;

export class EpollPoller implements Poller {
  readonly name = 'epoll';
  nowMs: number;
  wallMs: number;
  woken = false;
  peerFamily = 0;
  peerPort = 0;
  sendErrno = 0;
  readonly peerBytes = new Uint8Array(16);

  readonly #epoll: number;
  readonly #clock: Clock;
  readonly #slabs: SlabPool;
  readonly #accepts: AcceptHandler;
  /** Positions in the scratch slab where a read starts, with headroom for edits before it, and its longest length. */
  readonly #readAt: number;
  readonly #readBytes: number;
  readonly #bulkBytes: number;
  readonly #events = allocate(EVENTS_PER_TURN * EVENT_WORDS * 4);
  readonly #eventWords: Int32Array;
  readonly #peer = allocate(4096);
  readonly #sockets: (Socket | null)[] = [];
  readonly #listeners: (Listener | null)[] = [];
  #scheduled: Socket[] = [];
  #spare: Socket[] = [];
  #generation = 0;
  #wakeupFd = -1;

  constructor(clock: Clock, slabs: SlabPool, headroomBytes: number, accepts: AcceptHandler) {
    this.#clock = clock;
    this.#slabs = slabs;
    this.#accepts = accepts;
    this.#readAt = slabs.scratch.base + headroomBytes;
    this.#readBytes = slabs.sizeBytes - headroomBytes;
    this.#bulkBytes = slabs.bulkBytes - headroomBytes;
    this.#eventWords = new Int32Array(this.#events.bytes.buffer, 0, EVENTS_PER_TURN * EVENT_WORDS);
    this.#epoll = libc.epollCreate1(EPOLL_CLOEXEC);
    if (this.#epoll < 0) throw new Error(`epoll_create1 failed, errno ${libc.errno()}`);
    this.nowMs = Math.trunc(clock.monotonicMs());
    this.wallMs = clock.wallMs();
  }

  watchWakeup(fd: number): void {
    this.#wakeupFd = fd;
    this.#control(EPOLL_CTL_ADD, fd, EPOLLIN, 0);
  }

  listen(fd: number, index: number, keepAliveProbes: boolean): Listener {
    // Accepted sockets inherit it.
    if (keepAliveProbes) setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    const listener = new Listener(fd, index);
    this.#listeners[fd] = listener;
    this.resumeAccept(listener);
    return listener;
  }

  resumeAccept(listener: Listener): void {
    if (listener.accepting) return;
    listener.accepting = true;
    this.#control(EPOLL_CTL_ADD, listener.fd, EPOLLIN | EPOLLEXCLUSIVE, 0);
  }

  pauseAccept(listener: Listener): void {
    if (!listener.accepting) return;
    listener.accepting = false;
    this.#control(EPOLL_CTL_DEL, listener.fd, 0, 0);
  }

  finishAccept(listener: Listener): void {
    while (listener.accepting && this.#accept(listener)) {
      // There may be more than one turn's worth.
    }
    this.pauseAccept(listener);
    this.#listeners[listener.fd] = null;
    libc.close(listener.fd);
  }

  adopt(socket: Socket, fd: number): void {
    this.#register(socket, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
  }

  connect(socket: Socket, family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
    const fd = libc.socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return libc.errno();
    if (family === AF_INET || family === AF_INET6) {
      setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
      if (options.keepAliveProbes) setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
      if (options.userTimeoutMs > 0) setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, options.userTimeoutMs);
    }
    if (libc.connect(fd, address, lengthBytes) < 0) {
      const errno = libc.errno();
      if (errno !== EINPROGRESS) {
        libc.close(fd);
        return errno;
      }
    }
    socket.connecting = true;
    socket.watchesWritable = true;
    this.#register(socket, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    return 0;
  }

  send(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number {
    if (socket.pending !== null) return this.#append(socket, slab, start, end);
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
    const waiting = this.#slabs.takeFor(end - start - sent);
    if (waiting === null) {
      this.sendErrno = ENOBUFS;
      return SEND_FAILED;
    }
    copyBytes(slab, start + sent, end, waiting, waiting.base);
    socket.pending = waiting;
    socket.pendingStart = waiting.base;
    socket.pendingEnd = waiting.base + (end - start - sent);
    if (!socket.watchesWritable) {
      socket.watchesWritable = true;
      this.#control(EPOLL_CTL_MOD, socket.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, socket.generation);
    }
    return SEND_PENDING;
  }

  push(socket: Socket): void {
    // tcp(7): setting TCP_NODELAY, even again, flushes what is pending.
    setOption(socket.fd, IPPROTO_TCP, TCP_NODELAY, 1);
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
    if (socket.shut) return;
    if (socket.pending !== null) {
      socket.shutWhenDrained = true;
      return;
    }
    socket.shut = true;
    libc.shutdown(socket.fd, SHUT_WR);
  }

  close(socket: Socket, reset: boolean): void {
    const fd = socket.fd;
    if (fd < 0) return;
    if (socket.pending !== null) {
      this.#slabs.give(socket.pending);
      socket.pending = null;
    }
    this.#sockets[fd] = null;
    socket.fd = -1;
    socket.readable = false;
    socket.bulk = false;
    if (reset) {
      scratchBytes.writeInt32LE(1, 0);
      scratchBytes.writeInt32LE(0, 4);
      libc.setsockopt(fd, SOL_SOCKET, SO_LINGER, scratchAddress, 8);
    }
    libc.close(fd);
  }

  turn(timeoutMs: number): void {
    const wait = this.#scheduled.length > 0 ? 0 : timeoutMs;
    const count = libc.epollWait(this.#epoll, this.#events.address, EVENTS_PER_TURN, wait);
    this.nowMs = Math.trunc(this.#clock.monotonicMs());
    this.wallMs = this.#clock.wallMs();
    if (count < 0) {
      if (libc.errno() === EINTR) return;
      throw new Error(`epoll_wait failed, errno ${libc.errno()}`);
    }
    const words = this.#eventWords;
    for (let i = 0; i < count; i++) {
      const at = i * EVENT_WORDS;
      const mask = words[at] as number;
      const fd = words[at + DATA_WORD] as number;
      const generation = words[at + DATA_WORD + 1] as number;
      if (generation === 0) {
        if (fd === this.#wakeupFd) {
          this.woken = true;
          libc.read(fd, scratchAddress, 8);
          continue;
        }
        const listener = this.#listeners[fd];
        if (listener !== null && listener !== undefined) this.#accept(listener);
        continue;
      }
      const socket = this.#sockets[fd];
      if (socket === null || socket === undefined || socket.generation !== generation) continue;
      this.#dispatch(socket, mask);
    }
    if (this.#scheduled.length > 0) this.#runScheduled();
  }

  #dispatch(socket: Socket, mask: number): void {
    const generation = socket.generation;
    if ((mask & HANGUP_EVENTS) !== 0) socket.hangup = true;
    if (socket.connecting) {
      if ((mask & (EPOLLOUT | EPOLLERR | EPOLLHUP)) === 0) return;
      socket.connecting = false;
      const errno = (mask & (EPOLLERR | EPOLLHUP)) !== 0 ? this.#socketError(socket.fd) : 0;
      if (errno !== 0) {
        socket.handler.onError(socket, errno);
        return;
      }
      socket.handler.onConnected(socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if ((mask & EPOLLOUT) !== 0 && socket.pending !== null) {
      this.#flush(socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if (socket.ended) {
      // Behind a FIN reading tells nothing more, not even of a reset.
      if ((mask & EPOLLERR) !== 0) socket.handler.onError(socket, this.#socketError(socket.fd));
      return;
    }
    if ((mask & READ_EVENTS) !== 0) {
      socket.readable = true;
      if (!socket.paused) this.#read(socket);
      if (socket.paused && socket.dropsOnReset && (mask & EPOLLERR) !== 0 && socket.generation === generation) {
        if (socket.fd >= 0) socket.handler.onError(socket, this.#socketError(socket.fd));
      }
    }
  }

  #read(socket: Socket): void {
    const slab = this.#slabs.scratch;
    const at = this.#readAt;
    const address = slab.address + at;
    const fd = socket.fd;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      // The session may have changed its mind with the last read.
      let capacity = this.#readBytes;
      if (socket.roomBytes > 0) capacity = Math.min(capacity, socket.roomBytes);
      else if (socket.bulk && this.#slabs.hasBulk) capacity = this.#bulkBytes;
      const got = libc.recv(fd, address, capacity, 0);
      if (got > 0) {
        // A short read means that the kernel has no more: the next byte or FIN raises a new edge, unless FIN was
        // already announced together with these bytes.
        const more = got === capacity || socket.hangup;
        if (!more) socket.readable = false;
        socket.handler.onData(socket, slab, at, at + got);
        if (!more || socket.fd !== fd || socket.paused) return;
        continue;
      }
      if (got === 0) {
        socket.readable = false;
        if (socket.sendErrno !== 0) {
          socket.handler.onError(socket, socket.sendErrno);
          return;
        }
        if (socket.ended) return;
        socket.ended = true;
        socket.handler.onEnd(socket);
        return;
      }
      const errno = libc.errno();
      if (errno === EAGAIN) {
        socket.readable = false;
        socket.handler.onDry(socket);
        return;
      }
      if (errno === EINTR) continue;
      socket.readable = false;
      socket.handler.onError(socket, errno);
      return;
    }
    this.resume(socket);
  }

  #runScheduled(): void {
    const list = this.#scheduled;
    this.#scheduled = this.#spare;
    for (let i = 0; i < list.length; i++) {
      const socket = list[i] as Socket;
      socket.scheduled = false;
      if (socket.fd >= 0 && !socket.paused && socket.readable) this.#read(socket);
    }
    list.length = 0;
    this.#spare = list;
  }

  #flush(socket: Socket): void {
    const slab = socket.pending as Slab;
    const length = socket.pendingEnd - socket.pendingStart;
    const sent = libc.send(socket.fd, slab.address + socket.pendingStart, length, MSG_NOSIGNAL);
    if (sent < 0) {
      const errno = libc.errno();
      if (errno === EAGAIN) return;
      this.#slabs.give(slab);
      socket.pending = null;
      socket.sendErrno = errno;
      socket.hangup = true;
      socket.readable = true;
      if (!socket.paused) this.resume(socket);
      socket.handler.onSendFailed(socket, errno);
      return;
    }
    if (sent < length) {
      socket.pendingStart += sent;
      return;
    }
    this.#slabs.give(slab);
    socket.pending = null;
    if (socket.shutWhenDrained) {
      socket.shutWhenDrained = false;
      socket.shut = true;
      libc.shutdown(socket.fd, SHUT_WR);
    }
    socket.handler.onDrained(socket);
  }

  /** More bytes behind those that wait, which a session may send only in small amounts (a 100 and then its response). */
  #append(socket: Socket, slab: Slab, start: number, end: number): number {
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

  /** False: nobody waits any more, or nobody can be let in. */
  #accept(listener: Listener): boolean {
    const peer = this.#peer;
    for (let i = 0; i < ACCEPTS_PER_TURN && listener.accepting; i++) {
      peer.bytes.writeInt32LE(PEER_BYTES, PEER_BYTES);
      const fd = libc.accept4(listener.fd, peer.address, peer.address + PEER_BYTES, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        this.#readPeer();
        this.#accepts.onAccepted(listener, fd);
        continue;
      }
      const errno = libc.errno();
      if (errno === EAGAIN) return false;
      if (errno === EINTR || errno === ECONNABORTED) continue;
      this.#accepts.onAcceptFailed(listener, errno);
      return false;
    }
    return true;
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

  #socketError(fd: number): number {
    scratchBytes.writeInt32LE(0, 0);
    scratchBytes.writeInt32LE(4, 8);
    if (libc.getsockopt(fd, SOL_SOCKET, SO_ERROR, scratchAddress, scratchAddress + 8) < 0) return libc.errno();
    return scratchBytes.readInt32LE(0);
  }

  #register(socket: Socket, fd: number, mask: number): void {
    // Generation 0 marks listeners, so it is left out when the counter wraps.
    this.#generation = (this.#generation + 1) & 0x7fffffff || 1;
    socket.fd = fd;
    socket.generation = this.#generation;
    this.#sockets[fd] = socket;
    this.#control(EPOLL_CTL_ADD, fd, mask, this.#generation);
  }

  #control(operation: number, fd: number, mask: number, generation: number): void {
    scratchBytes.writeInt32LE(mask | 0, 0);
    scratchBytes.writeInt32LE(fd, DATA_WORD * 4);
    scratchBytes.writeInt32LE(generation, DATA_WORD * 4 + 4);
    if (libc.epollCtl(this.#epoll, operation, fd, scratchAddress) < 0) {
      throw new Error(`epoll_ctl ${operation} of descriptor ${fd} failed, errno ${libc.errno()}`);
    }
  }
}

function setOption(fd: number, level: number, option: number, value: number): void {
  scratchBytes.writeInt32LE(value, 0);
  libc.setsockopt(fd, level, option, scratchAddress, 4);
}
