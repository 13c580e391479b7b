/**
 * What the kernel has been asked to tell about each socket, kept in step with what the socket needs. Changes of mind during
 * a turn cost nothing: a socket is *unsettled* until the turn's end, and only then is anything asked.
 *
 *   connecting, or something pending     room to write      an edge (epoll)
 *   paused, held, or ended               errors only        an edge, if anybody cares
 *   a long transfer                      there is something (poll, once), to be read by plain calls
 *   otherwise                            receive, again and again, into the kernel's buffers
 *
 * Not here: what happens when it is told (io-uring.ts).
 */
import {
  EPOLL_CTL_ADD,
  EPOLL_CTL_DEL,
  EPOLL_CTL_MOD,
  EPOLLET,
  EPOLLOUT,
  POLLIN,
  POLLRDHUP,
  SOCK_CLOEXEC,
  SOCK_NONBLOCK,
} from './constants.ts';
import { EpollSet } from './epoll-set.ts';
import {
  ACCEPT_MULTISHOT,
  BUFFER_SELECT,
  type IoRing,
  OP_ACCEPT,
  OP_ASYNC_CANCEL,
  OP_CLOSE,
  OP_POLL_ADD,
  OP_RECV,
  POLL_MULTISHOT,
  RECV_MULTISHOT,
  SKIP_SUCCESS,
} from './io-ring.ts';
import type { Listener, Socket } from './poller.ts';
import type { SlabPool } from './slabs.ts';

const EDGES_PER_WAIT = 64;

// What a completion belongs to: the low three bits of its token, below the generation, which is 0 for what is no connection.
const KIND_NONE = 0;
export const KIND_RECEIVE = 1;
export const KIND_SEND = 2;
export const KIND_READABLE = 3;
export const KIND_EDGES = 4;
export const KIND_ACCEPT = 5;
export const KIND_WAKEUP = 6;
export const KIND_MASK = 7;
export const KIND_BITS = 3;

// What the kernel has been asked for.
const RECEIVE = 1;
const READABLE = 2;
/** It is in the set of edges, and there to be told of room as well. */
const EDGES = 4;
const WRITABLE = 8;
/** To stop receiving, and it has not said that it did. */
const STOPPING = 16;
/** Not of the kernel: the socket is in a long transfer. */
const FLOW = 32;
/** It is broken, and nothing is to be told of it any more. */
const NOTHING = 64;
/** Another thread is to have it, as soon as nothing that was asked for is under way. */
const LEAVING = 128;

export class RingWatches {
  /**
   * Room to write, and the end of those whom nobody reads. The ring could be asked for that, too, but its polls always tell
   * that the peer has finished sending (POLLRDHUP), again and again.
   */
  readonly #edges = new EpollSet(EDGES_PER_WAIT);
  readonly #ring: IoRing;
  readonly #slabs: SlabPool;
  /** Called for a socket that is to be read, though the kernel does not say so. */
  readonly #schedule: (socket: Socket) => void;
  /** Called for a socket that was to leave, when nothing is asked of the kernel for it any more. */
  readonly #left: (socket: Socket) => void;
  #unsettled: Socket[] = [];
  #spare: Socket[] = [];

  constructor(ring: IoRing, slabs: SlabPool, schedule: (socket: Socket) => void, left: (socket: Socket) => void) {
    this.#ring = ring;
    this.#slabs = slabs;
    this.#schedule = schedule;
    this.#left = left;
    this.watchDescriptor(this.#edges.fd, KIND_EDGES);
  }

  /** That there is something to read from a descriptor that is no connection, until a completion without HAS_MORE. */
  watchDescriptor(fd: number, kind: number): void {
    this.#ring.prepare(OP_POLL_ADD, 0, 0, fd, kind, 0, 0, POLL_MULTISHOT, POLLIN);
  }

  accept(listener: Listener): void {
    if (listener.asked) return;
    listener.asked = true;
    const flags = SOCK_NONBLOCK | SOCK_CLOEXEC;
    this.#ring.prepare(OP_ACCEPT, 0, ACCEPT_MULTISHOT, listener.fd, KIND_ACCEPT, 0, 0, 0, flags);
  }

  stopAccepting(listener: Listener): void {
    if (listener.asked) this.#cancel(listener.fd, KIND_ACCEPT);
  }

  /** What it needs to be told may have changed. */
  unsettle(socket: Socket): void {
    if (socket.unsettled) return;
    socket.unsettled = true;
    this.#unsettled.push(socket);
  }

  settle(): void {
    const list = this.#unsettled;
    if (list.length === 0) return;
    this.#unsettled = this.#spare;
    for (let i = 0; i < list.length; i++) {
      const socket = list[i] as Socket;
      socket.unsettled = false;
      if (socket.fd >= 0) this.#watch(socket);
    }
    list.length = 0;
    this.#spare = list;
  }

  /** The kernel may be receiving for it: nobody else may read. */
  receives(socket: Socket): boolean {
    return (socket.watches & RECEIVE) !== 0;
  }

  /** The kernel has stopped receiving. */
  received(socket: Socket): void {
    socket.watches &= ~(RECEIVE | STOPPING);
    this.unsettle(socket);
  }

  /** The kernel has said that there is something to read. */
  toldReadable(socket: Socket): void {
    socket.watches &= ~READABLE;
    this.unsettle(socket);
  }

  /** Calls `visit` for those of `sockets` (by descriptor) of which there is an edge to tell. */
  visitEdges(sockets: readonly (Socket | null)[], visit: (socket: Socket, mask: number) => void): void {
    const edges = this.#edges;
    for (let count = EDGES_PER_WAIT; count === EDGES_PER_WAIT; ) {
      count = edges.wait(0);
      for (let i = 0; i < count; i++) {
        const socket = sockets[edges.fdOf(i)];
        if (socket === null || socket === undefined || socket.generation !== edges.generation(i)) continue;
        visit(socket, edges.mask(i));
      }
    }
  }

  endFlow(socket: Socket): void {
    socket.watches &= ~FLOW;
  }

  ignore(socket: Socket): void {
    socket.watches |= NOTHING;
  }

  leave(socket: Socket): void {
    socket.watches |= LEAVING;
    this.unsettle(socket);
  }

  /** Asks the kernel to let go of it, and closes it: after what was queued before, and before anything that comes later. */
  release(socket: Socket): void {
    const { fd, generation, watches } = socket;
    const token = generation << KIND_BITS;
    if ((watches & RECEIVE) !== 0) this.#cancel(fd, token | KIND_RECEIVE);
    if ((watches & READABLE) !== 0) this.#cancel(fd, token | KIND_READABLE);
    socket.watches = 0;
    this.#ring.prepare(OP_CLOSE, SKIP_SUCCESS, 0, fd, KIND_NONE, 0, 0, 0, 0);
  }

  #watch(socket: Socket): void {
    if ((socket.connecting || socket.pending !== null) && (socket.watches & WRITABLE) === 0) {
      this.#watchEdges(socket, WRITABLE | EDGES, EPOLLOUT | EPOLLET);
    }
    const { watches } = socket;
    if ((watches & LEAVING) !== 0) {
      this.#watchLeaving(socket);
      return;
    }
    if (socket.connecting || (watches & NOTHING) !== 0) return;
    if (socket.paused || socket.held !== null || socket.ended) {
      if ((watches & RECEIVE) !== 0) this.#stopReceiving(socket);
      // Nobody reads, so nobody would see a reset; errors are always told.
      if ((socket.ended || socket.dropsOnReset) && (watches & EDGES) === 0) this.#watchEdges(socket, EDGES, EPOLLET);
      return;
    }
    if (socket.bulk) socket.watches |= FLOW;
    const flows = (socket.watches & FLOW) !== 0;
    if ((watches & RECEIVE) !== 0) {
      if (flows) this.#stopReceiving(socket);
    } else if (socket.readable) this.#schedule(socket);
    else if ((watches & READABLE) !== 0) return;
    // A peer that sends much may have it all received before its session can say stop: not while many hold something.
    else if (flows || !this.#slabs.allowsEarly) this.#pollReadable(socket);
    else this.#receive(socket);
  }

  /** Comes back until the kernel has confirmed that it stopped. */
  #watchLeaving(socket: Socket): void {
    const { watches, fd } = socket;
    if ((watches & RECEIVE) !== 0) this.#stopReceiving(socket);
    else if ((watches & READABLE) !== 0) this.#cancel(fd, (socket.generation << KIND_BITS) | KIND_READABLE);
    else if (socket.readable || (watches & NOTHING) !== 0) {
      // It has something to say, so it stays.
      socket.watches &= ~LEAVING;
      this.#watch(socket);
    } else {
      if ((watches & EDGES) !== 0) this.#edges.control(EPOLL_CTL_DEL, fd, 0, 0);
      socket.watches = 0;
      this.#left(socket);
    }
  }

  #watchEdges(socket: Socket, watches: number, mask: number): void {
    const operation = (socket.watches & EDGES) === 0 ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    socket.watches |= watches;
    this.#edges.control(operation, socket.fd, mask, socket.generation);
  }

  #pollReadable(socket: Socket): void {
    socket.watches |= READABLE;
    const token = (socket.generation << KIND_BITS) | KIND_READABLE;
    this.#ring.prepare(OP_POLL_ADD, 0, 0, socket.fd, token, 0, 0, 0, POLLIN | POLLRDHUP);
  }

  #receive(socket: Socket): void {
    socket.watches |= RECEIVE;
    const token = (socket.generation << KIND_BITS) | KIND_RECEIVE;
    this.#ring.prepare(OP_RECV, BUFFER_SELECT, RECV_MULTISHOT, socket.fd, token, 0, 0, 0, 0);
  }

  #stopReceiving(socket: Socket): void {
    if ((socket.watches & STOPPING) !== 0) return;
    socket.watches |= STOPPING;
    this.#cancel(socket.fd, (socket.generation << KIND_BITS) | KIND_RECEIVE);
  }

  #cancel(fd: number, token: number): void {
    this.#ring.prepare(OP_ASYNC_CANCEL, SKIP_SUCCESS, 0, fd, KIND_NONE, fd, token, 0, 0);
  }
}

/** Counts the completions that are about to be delivered to each of `sockets` (by descriptor). */
export function noteNews(ring: IoRing, sockets: readonly (Socket | null)[]): void {
  const words = ring.completions;
  for (let i = 0; i < ring.ready; i++) {
    const at = ring.at((ring.head + i) | 0);
    const generation = (words[at + 1] as number) >>> KIND_BITS;
    if (generation === 0) continue;
    const socket = sockets[words[at] as number];
    if (socket !== null && socket !== undefined && socket.generation === generation) socket.news++;
  }
}
