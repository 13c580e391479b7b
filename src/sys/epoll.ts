/**
 * The epoll engine: edge-triggered, one registration per connection, reads until a short read.
 *
 * A client socket is watched for reading only until a write does not fit; a server socket for both from the start,
 * because the end of its connect is a write event anyway. So a request costs recv and send on each side and its share of
 * one epoll_wait, and no epoll_ctl.
 */
import {
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
} from './constants.ts';
import { EpollSet } from './epoll-set.ts';
import * as libc from './libc.ts';
import { scratchAddress } from './memory.ts';
import type { ConnectOptions, Listener, Poller, Socket } from './poller.ts';
import type { Slab } from './slabs.ts';
import { SocketEngine } from './socket-engine.ts';

const EVENTS_PER_TURN = 512;
const READ_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR;
const HANGUP_EVENTS = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

export class EpollPoller extends SocketEngine implements Poller {
  readonly name = 'epoll';
  readonly #set = new EpollSet(EVENTS_PER_TURN);
  readonly #sockets: (Socket | null)[] = [];
  #wakeupFd = -1;

  watchWakeup(fd: number): void {
    this.#wakeupFd = fd;
    this.#set.control(EPOLL_CTL_ADD, fd, EPOLLIN, 0);
  }

  resumeAccept(listener: Listener): void {
    if (listener.accepting) return;
    listener.accepting = true;
    this.#set.control(EPOLL_CTL_ADD, listener.fd, EPOLLIN | EPOLLEXCLUSIVE, 0);
  }

  pauseAccept(listener: Listener): void {
    if (!listener.accepting) return;
    listener.accepting = false;
    this.#set.control(EPOLL_CTL_DEL, listener.fd, 0, 0);
  }

  leaveAccept(listener: Listener): void {
    this.pauseAccept(listener);
  }

  finishAccept(listener: Listener): void {
    while (listener.accepting && this.acceptWaiting(listener)) {
      // There may be more than one turn's worth.
    }
    this.pauseAccept(listener);
    this.listeners[listener.fd] = null;
    libc.close(listener.fd);
  }

  adopt(socket: Socket, fd: number): void {
    this.#register(socket, fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
  }

  letGo(socket: Socket): boolean {
    if (socket.pending !== null || socket.readable || socket.hangup || socket.connecting) return false;
    if (socket.ended || socket.news > 0) return false;
    const { fd } = socket;
    this.#set.control(EPOLL_CTL_DEL, fd, 0, 0);
    this.#sockets[fd] = null;
    socket.fd = -1;
    this.letGoHandler?.onLetGo(socket, fd);
    return true;
  }

  connect(socket: Socket, family: number, address: number, lengthBytes: number, options: ConnectOptions): number {
    const fd = this.open(family, address, lengthBytes, options);
    if (fd < 0) return -fd;
    socket.connecting = true;
    socket.watchesWritable = true;
    this.#register(socket, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET);
    return 0;
  }

  send(socket: Socket, slab: Slab, start: number, end: number, more: boolean): number {
    if (socket.pending !== null) return this.append(socket, slab, start, end);
    return this.sendNow(socket, slab, start, end, more);
  }

  pause(socket: Socket): void {
    socket.paused = true;
  }

  resume(socket: Socket): void {
    socket.paused = false;
    if (socket.readable) this.schedule(socket);
  }

  shutdown(socket: Socket): void {
    if (socket.shut) return;
    if (socket.pending !== null) socket.shutWhenDrained = true;
    else this.shutNow(socket);
  }

  close(socket: Socket, reset: boolean): void {
    const fd = socket.fd;
    if (fd < 0) return;
    this.givePending(socket);
    this.#sockets[fd] = null;
    socket.fd = -1;
    socket.readable = false;
    socket.bulk = false;
    if (reset) this.resetOnClose(fd);
    libc.close(fd);
  }

  finish(): void {}

  turn(timeoutMs: number): void {
    const wait = this.scheduled.length > 0 ? 0 : timeoutMs;
    const set = this.#set;
    const count = set.wait(wait);
    this.tellTime();
    if (count > 1) this.#noteNews(count);
    for (let i = 0; i < count; i++) {
      const mask = set.mask(i);
      const fd = set.fdOf(i);
      const generation = set.generation(i);
      if (generation === 0) {
        if (fd === this.#wakeupFd) {
          this.woken = true;
          libc.read(fd, scratchAddress, 8);
          continue;
        }
        const listener = this.listeners[fd];
        if (listener !== null && listener !== undefined) this.acceptWaiting(listener);
        continue;
      }
      const socket = this.#sockets[fd];
      if (socket === null || socket === undefined || socket.generation !== generation) continue;
      socket.news = 0;
      this.#dispatch(socket, mask);
    }
    if (this.scheduled.length > 0) this.runScheduled();
  }

  #noteNews(count: number): void {
    const set = this.#set;
    for (let i = 0; i < count; i++) {
      const generation = set.generation(i);
      if (generation === 0) continue;
      const socket = this.#sockets[set.fdOf(i)];
      if (socket !== null && socket !== undefined && socket.generation === generation) socket.news = 1;
    }
  }

  /** An edge comes by itself. */
  protected watchReadable(): void {}

  protected watchWritable(socket: Socket): void {
    if (socket.watchesWritable) return;
    socket.watchesWritable = true;
    this.#set.control(EPOLL_CTL_MOD, socket.fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, socket.generation);
  }

  #dispatch(socket: Socket, mask: number): void {
    const generation = socket.generation;
    if ((mask & HANGUP_EVENTS) !== 0) socket.hangup = true;
    if (socket.connecting) {
      if ((mask & (EPOLLOUT | EPOLLERR | EPOLLHUP)) === 0) return;
      if (!this.finishConnect(socket, (mask & (EPOLLERR | EPOLLHUP)) !== 0)) return;
    }
    if ((mask & EPOLLOUT) !== 0 && socket.pending !== null) {
      this.flush(socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if (socket.ended) {
      // Behind a FIN reading tells nothing more, not even of a reset.
      if ((mask & EPOLLERR) !== 0) socket.handler.onError(socket, this.socketError(socket.fd));
      return;
    }
    if ((mask & READ_EVENTS) !== 0) {
      socket.readable = true;
      if (!socket.paused) this.read(socket);
      if (socket.paused && socket.dropsOnReset && (mask & EPOLLERR) !== 0 && socket.generation === generation) {
        if (socket.fd >= 0) socket.handler.onError(socket, this.socketError(socket.fd));
      }
    }
  }

  #register(socket: Socket, fd: number, mask: number): void {
    socket.fd = fd;
    socket.generation = this.nextGeneration();
    this.#sockets[fd] = socket;
    this.#set.control(EPOLL_CTL_ADD, fd, mask, socket.generation);
  }
}
