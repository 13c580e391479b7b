/**
 * Short sends that are handed over together, at the next `enter`. Their bytes are copied to an arena, and the kernel has
 * read them when `enter` returns: a send here never waits (MSG_DONTWAIT). One that was taken whole is not told (SKIP_SUCCESS);
 * one that was not has its completion in the queue by then, and what it left is still in the arena, which is not written to
 * again before the turn is over: there are two.
 *
 *   queued in turn n ─▶ sent by the enter that begins turn n + 1 ─▶ known when turn n + 1 has read its completions
 *
 * Until then a socket is *unsure*: whoever wants to send more on it, or to end it, must `resolve` it first, so that nothing
 * overtakes what may be left.
 */
import { EAGAIN, ENOBUFS, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_WAITALL } from './constants.ts';
import { type IoRing, OP_SEND, SKIP_SUCCESS } from './io-ring.ts';
import type { Region } from './memory.ts';
import type { Socket } from './poller.ts';
import { KIND_BITS, KIND_SEND } from './ring-watches.ts';
import { copyBytes, type Slab } from './slabs.ts';

/** Longer ones cost more to copy than a call of their own. */
const SHORT_BYTES = 4096;
const ARENA_BYTES = 262_144;
/** What it needs of the memory that it is given. */
export const SEND_QUEUE_BYTES = 2 * ARENA_BYTES;
/** WAITALL makes a send that was taken in part a failure, and so told. */
const SEND_FLAGS = MSG_NOSIGNAL | MSG_DONTWAIT | MSG_WAITALL;
const NEVER = -1;
/** Turns are counted in small integers, which are no objects: a busy thread makes 2^31 of them in half a day. */
const TURN_MASK = 0x3fff_ffff;
const TWO_TO_32 = 0x1_0000_0000;

export class SendQueue {
  readonly #ring: IoRing;
  #arena: Slab;
  #other: Slab;
  #end = 0;
  #turn = 0;
  #reading = false;

  /** `memory` from `base` on is its own. Copies from other places of `memory` are the fastest. */
  constructor(ring: IoRing, memory: Region, base: number) {
    this.#ring = ring;
    this.#arena = arenaAt(memory, base);
    this.#other = arenaAt(memory, base + ARENA_BYTES);
  }

  /** There is room for `length` bytes, they are few enough, and how it ends will be found in the queue of results. */
  takes(length: number): boolean {
    return length <= SHORT_BYTES && this.#end + length <= ARENA_BYTES && this.#ring.roomy;
  }

  add(socket: Socket, slab: Slab, start: number, end: number): void {
    const at = this.#arena.base + this.#end;
    const length = end - start;
    this.#end += length;
    copyBytes(slab, start, end, this.#arena, at);
    socket.queuedTurn = this.#turn;
    socket.queuedStart = at;
    socket.queuedEnd = at + length;
    const address = this.#arena.address + at;
    const low = address | 0;
    const high = Math.floor(address / TWO_TO_32);
    const token = (socket.generation << KIND_BITS) | KIND_SEND;
    socket.queuedAt = this.#ring.prepare(OP_SEND, SKIP_SUCCESS, 0, socket.fd, token, low, high, length, SEND_FLAGS);
  }

  /** The kernel has been asked for completions; `all`: it has taken everything that was handed over. */
  entered(all: boolean): void {
    this.#reading = true;
    if (!all) return;
    this.#turn = (this.#turn + 1) & TURN_MASK;
    const sent = this.#arena;
    this.#arena = this.#other;
    this.#other = sent;
    this.#end = 0;
  }

  /** All completions have been read. */
  read(): void {
    this.#reading = false;
  }

  isUnsure(socket: Socket): boolean {
    const turn = socket.queuedTurn;
    return turn === this.#turn || (this.#reading && turn === ((this.#turn - 1) & TURN_MASK));
  }

  /** Its send has not been handed over: whatever comes of it will be told. False: it has. */
  tell(socket: Socket): boolean {
    if (socket.queuedTurn !== this.#turn || !this.#ring.isWaiting(socket.queuedAt)) return false;
    this.#ring.tellSuccess(socket.queuedAt);
    return true;
  }

  /** Hands over an unsure socket's send, if that has not been done, and returns its result: bytes taken, or -errno. */
  resolve(socket: Socket): number {
    const ring = this.#ring;
    if (socket.queuedTurn === this.#turn && ring.isWaiting(socket.queuedAt)) {
      ring.submit();
      if (ring.isWaiting(socket.queuedAt)) return -ENOBUFS;
    }
    const token = (socket.generation << KIND_BITS) | KIND_SEND;
    const words = ring.completions;
    const { ready } = ring;
    for (let i = 0; i < ready; i++) {
      const at = ring.at((ring.head + i) | 0);
      if (words[at] !== socket.fd || words[at + 1] !== token) continue;
      words[at + 1] = 0;
      return words[at + 2] as number;
    }
    return socket.queuedEnd - socket.queuedStart;
  }

  /** Where the bytes of an unsure socket's send are; it is sure from now on. */
  arenaOf(socket: Socket): Slab {
    const { queuedTurn } = socket;
    socket.queuedTurn = NEVER;
    return queuedTurn === this.#turn ? this.#arena : this.#other;
  }
}

/** Whether a send's result says that the rest of it can still be sent. */
export function isShort(result: number): boolean {
  return result >= 0 || result === -EAGAIN;
}

function arenaAt({ bytes, address }: Region, base: number): Slab {
  return { bytes, base, address, sizeBytes: ARENA_BYTES };
}
