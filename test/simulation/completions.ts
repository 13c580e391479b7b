/**
 * An engine that is told what has been done, as io-uring.ts is: short answers are taken blindly and sent with the next turn,
 * what arrives was received already when a session stops wanting it, closed connections go on until their last words have
 * left, clients are let in too early, and connections are let go of later.
 */
import { EAGAIN, ENOBUFS } from '../../src/sys/constants.ts';
import { dropHeld, hold } from '../../src/sys/held.ts';
import { forgetLateWords, LastWords } from '../../src/sys/last-words.ts';
import { type AcceptHandler, type Listener, SEND_FAILED, type Socket } from '../../src/sys/poller.ts';
import type { Slab } from '../../src/sys/slabs.ts';
import { makeRoom } from '../../src/sys/unsaid.ts';
import { Engine } from './engine.ts';
import type { AcceptQueue, Network } from './network.ts';
import { violated } from './violation.ts';
import { SPOILT, type WatchedSlabs } from './watched-slabs.ts';
import { EVENT_ERR, EVENT_HUP, EVENT_IN, EVENT_OUT, EVENT_RDHUP, EVENT_SENT, type Wire } from './wire.ts';

const SHORT_BYTES = 4096;
const ARENA_BYTES = 32_768;

const SEND_NONE = 0;
const SEND_QUEUED = 1;
/** It has been done, and nobody has looked at its result. */
const SEND_PERFORMED = 2;

export class CompletionEngine extends Engine {
  readonly #buffer: Slab;
  #arena: Slab;
  #otherArena: Slab;
  #arenaEnd = 0;
  #queued: Wire[] = [];
  #spareQueued: Wire[] = [];
  readonly #leaving: Wire[] = [];
  readonly #lastWords: LastWords[] = [];
  readonly #closeLast = (last: LastWords): void => this.#closeLastWords(last);

  constructor(network: Network, slabs: WatchedSlabs, headroomBytes: number, accepts: AcceptHandler) {
    super(network, slabs, headroomBytes, accepts);
    const { bytes, address, base } = slabs.engine;
    this.#arena = { bytes, address, base, sizeBytes: ARENA_BYTES };
    this.#otherArena = { bytes, address, base: base + ARENA_BYTES, sizeBytes: ARENA_BYTES };
    this.#buffer = { bytes, address, base: base + 2 * ARENA_BYTES, sizeBytes: slabs.bulkBytes };
  }

  override get hasWork(): boolean {
    return super.hasWork || this.#queued.length > 0 || this.#leaving.length > 0;
  }

  override pause(socket: Socket): void {
    const wire = this.wireOf(socket);
    if (!socket.paused && (wire.told & EVENT_IN) !== 0) wire.captured = true;
    super.pause(socket);
  }

  resume(socket: Socket): void {
    const wire = this.wireOf(socket);
    socket.paused = false;
    if (socket.held !== null || socket.readable) this.schedule(socket);
    else this.#rearm(wire, socket);
  }

  override shutdown(socket: Socket): void {
    const wire = this.wireOf(socket);
    if (!socket.shut && wire.sendState === SEND_QUEUED && this.network.random.below(2) === 0) {
      socket.shutWhenDrained = true;
      return;
    }
    super.shutdown(socket);
  }

  override close(socket: Socket, reset: boolean): void {
    if (socket.fd >= 0) dropHeld(socket, this.slabs);
    super.close(socket, reset);
  }

  protected ask(): void {
    const list = this.#queued;
    this.#queued = this.#spareQueued;
    for (let i = 0; i < list.length; i++) {
      const wire = list[i] as Wire;
      const { socket } = wire;
      if (socket === null || wire.watcher !== this || wire.sendState !== SEND_QUEUED) continue;
      const arena = wire.sendArena as Slab;
      wire.sendResult = wire.send(arena.bytes, wire.sendStart, wire.sendEnd);
      wire.sendState = SEND_PERFORMED;
      if (wire.sendResult === wire.sendEnd - wire.sendStart && !socket.shutWhenDrained) wire.sendState = SEND_NONE;
      else this.changed(wire, EVENT_SENT);
    }
    list.length = 0;
    this.#spareQueued = list;
    const sent = this.#arena;
    this.#arena = this.#otherArena;
    this.#otherArena = sent;
    this.#arenaEnd = 0;
    if (this.#leaving.length > 0) this.#leave();
    forgetLateWords(this.#lastWords, this.nowMs);
    this.lastWords = this.#lastWords.length;
  }

  protected deliver(wire: Wire, socket: Socket, events: number): void {
    const { generation } = socket;
    if ((events & EVENT_SENT) !== 0) {
      this.#sent(wire, socket);
      if (socket.fd < 0 || socket.generation !== generation) return;
    }
    if ((events & (EVENT_OUT | EVENT_ERR | EVENT_HUP)) !== 0) {
      if (!this.#edge(wire, socket, events)) return;
    }
    if ((events & (EVENT_IN | EVENT_RDHUP)) !== 0) this.#received(wire, socket);
  }

  protected lookAgain(wire: Wire, socket: Socket): void {
    if (socket.held !== null && !this.#deliverHeld(socket)) return;
    if (socket.paused) return;
    if (socket.readable) this.#readOn(wire, socket);
    else this.#rearm(wire, socket);
  }

  protected settleSend(wire: Wire, socket: Socket): number {
    // Behind what was lost nothing may follow.
    if (socket.sendErrno !== 0) return socket.sendErrno;
    if (wire.sendState === SEND_NONE) return 0;
    const arena = wire.sendArena as Slab;
    const result =
      wire.sendState === SEND_QUEUED ? wire.send(arena.bytes, wire.sendStart, wire.sendEnd) : wire.sendResult;
    wire.sendState = SEND_NONE;
    if (result < 0 && result !== -EAGAIN) return -result;
    return this.#keepRest(wire, socket, result) ? 0 : ENOBUFS;
  }

  /** What a send has left waits, and nobody has been told. False: there is no memory for it. */
  #keepRest(wire: Wire, socket: Socket, result: number): boolean {
    const from = wire.sendStart + Math.max(result, 0);
    if (from === wire.sendEnd) return true;
    if (this.keep(socket, wire.sendArena as Slab, from, wire.sendEnd) === SEND_FAILED) return false;
    socket.unsaid = true;
    if (!wire.wantsRoom) this.changed(wire, EVENT_OUT);
    return true;
  }

  protected takesBlindly(wire: Wire, socket: Socket, slab: Slab, start: number, end: number): boolean {
    const { spoke } = socket;
    socket.spoke = false;
    const length = end - start;
    if (!spoke || length > SHORT_BYTES || this.#arenaEnd + length > ARENA_BYTES) return false;
    const at = this.#arena.base + this.#arenaEnd;
    this.#arenaEnd += length;
    slab.bytes.copy(this.#arena.bytes, at, start, end);
    wire.sendArena = this.#arena;
    wire.sendStart = at;
    wire.sendEnd = at + length;
    wire.sendState = SEND_QUEUED;
    this.#queued.push(wire);
    return true;
  }

  protected override append(socket: Socket, slab: Slab, start: number, end: number): number {
    this.sendErrno = ENOBUFS;
    if (socket.unsaid && !makeRoom(socket, this.slabs, end - start)) return SEND_FAILED;
    return super.append(socket, slab, start, end);
  }

  #sent(wire: Wire, socket: Socket): void {
    if (wire.sendState !== SEND_PERFORMED) return;
    wire.sendState = SEND_NONE;
    const result = wire.sendResult;
    if (result < 0 && result !== -EAGAIN) this.sendBroke(socket, -result);
    else if (result < wire.sendEnd - wire.sendStart) {
      if (!this.#keepRest(wire, socket, result)) this.sendBroke(socket, ENOBUFS);
    } else if (socket.shutWhenDrained) {
      this.shutNow(wire, socket);
      socket.handler.onDrained(socket);
    }
  }

  /** False: the socket is not there any more. */
  #edge(wire: Wire, socket: Socket, events: number): boolean {
    const { generation } = socket;
    if ((events & (EVENT_ERR | EVENT_HUP)) !== 0) socket.hangup = true;
    if (socket.connecting && !this.finishConnect(wire, socket)) return false;
    if (socket.pending !== null) {
      this.flush(wire, socket);
      if (socket.fd < 0 || socket.generation !== generation) return false;
    }
    if ((events & EVENT_ERR) === 0 || (!socket.ended && !(socket.paused && socket.dropsOnReset))) return true;
    this.fail(socket, -wire.takeError());
    return false;
  }

  #received(wire: Wire, socket: Socket): void {
    const { generation } = socket;
    const { random } = this.network;
    const unwanted = socket.paused || socket.held !== null;
    if (socket.connecting || socket.ended || (unwanted && !wire.captured)) return;
    wire.captured = false;
    if (socket.bulk || random.below(64) === 0) {
      // It flows, or there are no buffers: the kernel only says that there is something.
      socket.readable = true;
      if (!unwanted) this.#readOn(wire, socket);
      return;
    }
    if (wire.arrived > wire.read) {
      const { bytes, base } = this.#buffer;
      const at = base + this.headroomBytes;
      const got = wire.recv(bytes, at, this.bulkBytes);
      socket.spoke = true;
      const more = got === this.bulkBytes && wire.arrived > wire.read;
      this.#handOn(socket, at, at + got, more);
      bytes.fill(SPOILT, base, at + got);
      if (socket.fd < 0 || socket.generation !== generation) return;
      if (more && !socket.paused) this.changed(wire, EVENT_IN);
      else if (random.below(2) === 0) this.#rearm(wire, socket);
      else this.#received(wire, socket);
      return;
    }
    if (wire.error !== 0) {
      const errno = -wire.takeError();
      if (unwanted && !socket.dropsOnReset) {
        socket.sendErrno = errno;
        socket.readable = true;
      } else this.fail(socket, errno);
      return;
    }
    if (!wire.finArrived && !wire.broken) return;
    if (unwanted) socket.readable = true;
    else {
      socket.readable = false;
      this.sawEnd(socket);
    }
  }

  /** In pieces that the session has room for; what it does not want now is held. */
  #handOn(socket: Socket, start: number, end: number, more: boolean): void {
    const { generation } = socket;
    let at = start;
    while (!socket.paused && socket.held === null) {
      const to = Math.min(end, at + this.capacityOf(socket));
      socket.readable = more || to < end;
      socket.handler.onData(socket, this.#buffer, at, to);
      if (to === end || socket.fd < 0 || socket.generation !== generation) return;
      at = to;
    }
    if (hold(socket, this.slabs, this.#buffer, at, end, this.headroomBytes)) socket.readable = true;
    else this.fail(socket, ENOBUFS);
  }

  /** False: there is still something held, or the socket is gone. */
  #deliverHeld(socket: Socket): boolean {
    const { generation } = socket;
    for (let held = socket.held; held !== null; held = socket.held) {
      const to = socket.roomBytes > 0 ? Math.min(held.end, held.start + socket.roomBytes) : held.end;
      const at = held.start;
      held.start = to;
      if (to === held.end) socket.held = held.next;
      socket.readable = true;
      socket.handler.onData(socket, held.slab, at, to);
      const gone = socket.fd < 0 || socket.generation !== generation;
      if (to === held.end) this.slabs.give(held.slab);
      if (gone) return false;
      if (socket.paused) return socket.held === null;
    }
    return true;
  }

  #readOn(wire: Wire, socket: Socket): void {
    const { generation } = socket;
    this.read(wire, socket);
    if (socket.fd >= 0 && socket.generation === generation) this.#rearm(wire, socket);
  }

  /** The kernel is asked to receive: it says what is there. */
  #rearm(wire: Wire, socket: Socket): void {
    if (socket.paused || socket.ended || socket.readable || socket.held !== null || socket.connecting) return;
    if (wire.readable) this.changed(wire, EVENT_IN);
  }

  protected release(wire: Wire, socket: Socket): boolean {
    if (socket.held !== null || wire.sendState !== SEND_NONE) return false;
    wire.leaving = true;
    this.#leaving.push(wire);
    return true;
  }

  #leave(): void {
    const list = this.#leaving.splice(0);
    for (const wire of list) {
      const { socket } = wire;
      if (!wire.leaving || socket === null || wire.watcher !== this) continue;
      if (this.network.random.below(2) === 0) {
        this.#leaving.push(wire);
        continue;
      }
      if (wire.readable || socket.readable) {
        // It has something to say, so it stays until that was said, or its time is up.
        this.changed(wire, EVENT_IN);
        continue;
      }
      wire.leaving = false;
      this.released(wire, socket);
    }
  }

  protected keepsLastWords(wire: Wire, socket: Socket): boolean {
    wire.leaving = false;
    if (wire.sendState === SEND_NONE) return false;
    const errno = this.settleSend(wire, socket);
    if (errno !== 0) socket.sendErrno = errno;
    if (errno !== 0 || socket.pending === null) return false;
    const last = new LastWords(socket, this.nowMs, this.#closeLast);
    socket.pending = null;
    wire.socket = last;
    this.#lastWords.push(last);
    this.lastWords++;
    return true;
  }

  #closeLastWords(last: LastWords): void {
    if (last.fd < 0) return;
    const wire = this.network.wireOf(last.fd);
    if (wire.socket !== last) violated('closes last words that are not there');
    const isLost = last.pending !== null || last.sendErrno === ENOBUFS;
    this.givePending(last);
    this.network.giveFd(last.fd);
    wire.close(isLost);
    last.fd = -1;
    this.lastWords--;
  }

  override end(): void {
    super.end();
    for (const last of this.#lastWords) this.#closeLastWords(last);
  }

  /** What the kernel lets in though the listener is paused: it was asked before. */
  protected admit(listener: Listener, queue: AcceptQueue): void {
    const { network } = this;
    if (listener.accepting) return;
    for (let most = network.random.below(3); most > 0 && queue.waiting.length > 0; most--) {
      const fd = network.takeFd(queue.waiting[0] as Wire);
      if (fd < 0) return;
      queue.waiting.shift();
      listener.waiting.push(fd);
    }
  }
}
