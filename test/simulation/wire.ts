/**
 * One TCP connection between the proxy and somebody else, the far end, with what the kernel keeps of it on the proxy's side.
 *
 *   far end ── say ──▶ [ read | arrived | on the way ] ──▶ recv ── proxy       `bytes`; each part is a position in it
 *   far end ◀──────────────── at once, as far as there is room ── send ── proxy
 *
 * Not here: how an engine learns of it (engine.ts), and who the far end is (client.ts, server.ts).
 */
import { EAGAIN, ECONNRESET, EPIPE } from '../../src/sys/constants.ts';
import type { Socket } from '../../src/sys/poller.ts';
import type { Slab } from '../../src/sys/slabs.ts';
import type { Actor } from './calendar.ts';
import type { Network } from './network.ts';

export interface FarEnd {
  /** The proxy's bytes, valid during the call only. */
  received(bytes: Buffer, start: number, end: number): void;
  /** The proxy has shut its side down, or closed (perhaps after that); `reset`: what is on the way is lost. */
  ended(reset: boolean): void;
  /** Its connection attempt to a server has succeeded. */
  stood(): void;
  /** It is to go at once, whatever it was doing. */
  goAway(): void;
}

/** Who is told that something has changed: an engine, once it has the connection. */
export interface Watcher {
  changed(wire: Wire, event: number): void;
}

export const EVENT_IN = 1;
export const EVENT_OUT = 2;
export const EVENT_RDHUP = 4;
export const EVENT_ERR = 8;
export const EVENT_HUP = 16;
/** io_uring: a send that was handed over has come to its end. */
export const EVENT_SENT = 32;

const ARRIVES = 0;
const FIN_ARRIVES = 1;
const RST_ARRIVES = 2;
const HAS_ROOM = 3;
const STANDS = 4;
const FAILS = 5;

export const CONNECTED = 0;
export const CONNECTING = 1;
/** The handshake is over before the first write, as on loopback. */
export const CONNECTING_EARLY = 2;

/** Bytes that nobody asked for: there are none, they are glued to an answer, or their position. */
export const NOT_POISONED = -1;
export const POISONED = -2;

/** What a connection that is used again keeps of its room. */
const KEPT_BYTES = 32_768;

export class Wire implements Actor {
  life = 0;
  readonly #network: Network;
  far: FarEnd;
  /** The proxy's side: a descriptor, and, once somebody has adopted it, a socket and its engine. */
  fd = -1;
  watcher: Watcher | null = null;
  socket: Socket | null = null;
  /** Its place among those that the engine has. */
  place = -1;
  /** Events that nobody has been told of, and those that this turn tells. */
  events = 0;
  told = 0;

  bytes = Buffer.allocUnsafe(4096);
  written = 0;
  arrived = 0;
  read = 0;
  finArrived = false;
  /** A negative errno that the next call that asks is told, once. */
  error = 0;
  broken = false;
  /** CONNECT*. */
  phase = CONNECTED;
  /** The proxy has shut down its side. */
  shut = false;
  /** The proxy has closed it. */
  closed = false;
  /** A write did not fit: that there is room is told. */
  wantsRoom = false;
  /** How much more is taken before the far end reads. */
  window = Number.POSITIVE_INFINITY;
  #blockedUntilMs = 0;
  #lastDueMs = 0;
  #wasRefused = false;
  /** Segments on the way. */
  #flying = 0;
  /** The far end has said all: FIN or RST are on their way. */
  farSaidAll = false;
  /** The far end is not there any more: what is sent to it is answered with RST. */
  farGone = false;
  /** NOT_POISONED, POISONED, or a position. */
  poisonAt = NOT_POISONED;
  /** The proxy has read them while it had asked nothing. */
  poisonKnown = false;

  // What completions.ts notes.
  /** SEND_* of completions.ts, and the bytes of a send that was handed over, in one of its arenas. */
  sendState = 0;
  sendArena: Slab | null = null;
  sendStart = 0;
  sendEnd = 0;
  sendResult = 0;
  /** What has arrived was received before its session said that it does not want it. */
  captured = false;
  /** It is to be let go of. */
  leaving = false;

  constructor(network: Network, far: FarEnd) {
    this.#network = network;
    this.far = far;
  }

  /** As new. */
  reuse(far: FarEnd): void {
    this.far = far;
    this.fd = -1;
    this.watcher = null;
    this.socket = null;
    this.place = -1;
    this.events = 0;
    this.told = 0;
    if (this.bytes.length > KEPT_BYTES) this.bytes = Buffer.allocUnsafe(KEPT_BYTES);
    this.written = 0;
    this.arrived = 0;
    this.read = 0;
    this.finArrived = false;
    this.error = 0;
    this.broken = false;
    this.phase = CONNECTED;
    this.shut = false;
    this.closed = false;
    this.wantsRoom = false;
    this.window = Number.POSITIVE_INFINITY;
    this.#blockedUntilMs = 0;
    this.#lastDueMs = 0;
    this.#flying = 0;
    this.#wasRefused = false;
    this.farSaidAll = false;
    this.farGone = false;
    this.poisonAt = NOT_POISONED;
    this.poisonKnown = false;
    this.sendState = 0;
    this.sendArena = null;
    this.captured = false;
    this.leaving = false;
  }

  // The far end's side.

  /** Sends [start, end), in segments of which the last holds at least what is behind `whole`. */
  say(bytes: Buffer, start: number, end: number, whole: number): void {
    if (this.farSaidAll || end === start) return;
    const { weather, random } = this.#network;
    if (this.read === this.written && this.poisonAt < 0) {
      this.read = 0;
      this.arrived = 0;
      this.written = 0;
    }
    const from = this.written;
    const to = from + end - start;
    if (to > this.bytes.length) this.#grow(to);
    bytes.copy(this.bytes, from, start, end);
    this.written = to;
    const last = from + Math.min(whole, end) - start;
    let at = from;
    if (weather.dribbles > 0 && random.below(1000) < weather.dribbles) {
      const slowly = random.below(2);
      for (let pieces = 0; at < last - 1 && pieces < 64; pieces++) {
        at += 1 + random.below(Math.min(4, last - 1 - at));
        this.#fly(ARRIVES, at, slowly);
      }
    }
    while (last - at > 1 && random.below(1000) < weather.cuts) {
      at += 1 + random.below(last - at - 1);
      this.#fly(ARRIVES, at, 0);
    }
    this.#fly(ARRIVES, to, 0);
  }

  /** FIN behind what was said. */
  finish(): void {
    if (this.farSaidAll) return;
    this.farSaidAll = true;
    this.#fly(FIN_ARRIVES, 0, 0);
  }

  /** Closes: who still writes here gets RST. */
  vanish(): void {
    this.finish();
    this.farGone = true;
    // Its kernel answers whoever asks whether there is room again.
    this.openWindow(Number.POSITIVE_INFINITY);
  }

  reset(): void {
    if (this.farGone) return;
    this.farGone = true;
    this.farSaidAll = true;
    this.#fly(RST_ARRIVES, 0, 0);
  }

  /** The far end reads some of what is sent to it. */
  openWindow(bytes: number): void {
    this.window += bytes;
    this.#room();
  }

  // The proxy's kernel.

  /** How many bytes were put at `at` of `into`; 0: the far end has said all; else a negative errno. */
  recv(into: Buffer, at: number, capacity: number): number {
    const there = this.arrived - this.read;
    if (there === 0) {
      if (this.error !== 0) return this.takeError();
      return this.finArrived || this.broken ? 0 : -EAGAIN;
    }
    const { weather, random } = this.#network;
    let got = Math.min(there, capacity);
    if (
      got > 1 &&
      weather.shortReads > 0 &&
      this.poisonAt === NOT_POISONED &&
      random.below(1000) < weather.shortReads
    ) {
      // What is left has arrived a moment later.
      got = 1 + random.below(got - 1);
      this.#tell(EVENT_IN);
    }
    this.bytes.copy(into, at, this.read, this.read + got);
    this.read += got;
    if (this.poisonAt >= 0 && this.read > this.poisonAt && !isInUse(this.socket)) this.poisonKnown = true;
    return got;
  }

  /** How many bytes were taken, or a negative errno. */
  send(bytes: Buffer, start: number, end: number): number {
    if (this.error !== 0) {
      this.broken = true;
      return this.takeError();
    }
    if (this.broken) return -EPIPE;
    if (this.phase !== CONNECTED) {
      if (this.phase === CONNECTING) return -EAGAIN;
      this.#stand();
    }
    const { weather, random, calendar } = this.#network;
    const length = end - start;
    let room = this.#blockedUntilMs > calendar.nowMs ? 0 : Math.min(this.window, length);
    if (room > 0) {
      const chance = random.below(1000);
      if (chance < weather.refusedWrites && !this.#wasRefused) {
        room = 0;
        this.#wasRefused = true;
      } else this.#wasRefused = false;
      if (chance >= weather.refusedWrites && chance < weather.refusedWrites + weather.shortWrites)
        room = random.below(room);
      if (room < length && room < this.window) {
        this.#blockedUntilMs = calendar.nowMs + 1 + random.below(weather.longestDelayMs);
        calendar.enter(this.#blockedUntilMs, this, HAS_ROOM, 0);
      }
    }
    this.wantsRoom = room < length;
    if (room === 0) return -EAGAIN;
    this.window -= room;
    if (this.farGone) this.#fly(RST_ARRIVES, 0, 0);
    else this.far.received(bytes, start, start + room);
    return room;
  }

  takeError(): number {
    const { error } = this;
    this.error = 0;
    this.broken = true;
    return error;
  }

  shutdown(): void {
    if (this.shut) return;
    this.shut = true;
    if (!this.farGone) this.far.ended(false);
  }

  /** The proxy's end is gone; `reset`, or unread bytes, answer with RST. */
  close(reset: boolean): void {
    this.watcher = null;
    this.socket = null;
    this.closed = true;
    const rst = reset || this.arrived > this.read;
    if (!this.farGone) this.far.ended(rst);
    this.life++;
  }

  /** There is something that a read would tell. */
  get readable(): boolean {
    return this.arrived > this.read || this.finArrived || this.error !== 0 || this.broken;
  }

  connect(phase: number, afterMs: number): void {
    this.phase = phase;
    if (Number.isFinite(afterMs)) this.#enter(afterMs, STANDS, 0);
  }

  refuse(afterMs: number, errno: number): void {
    this.phase = CONNECTING;
    this.#enter(afterMs, FAILS, errno);
  }

  happen(what: number, argument: number): void {
    switch (what) {
      case HAS_ROOM:
        this.#room();
        break;
      case STANDS:
        if (this.phase === CONNECTED) return;
        this.#stand();
        this.#tell(EVENT_OUT);
        break;
      case FAILS:
        this.error = -argument;
        this.#tell(EVENT_IN | EVENT_OUT | EVENT_HUP | EVENT_ERR);
        break;
      default:
        this.#flying--;
        this.#arrive(what, argument);
    }
  }

  #arrive(what: number, argument: number): void {
    switch (what) {
      case ARRIVES:
        this.arrived = argument;
        this.#tell(EVENT_IN);
        break;
      case FIN_ARRIVES:
        this.finArrived = true;
        this.#tell(this.shut ? EVENT_IN | EVENT_RDHUP | EVENT_HUP : EVENT_IN | EVENT_RDHUP);
        break;
      case RST_ARRIVES:
        this.error = -ECONNRESET;
        this.#tell(EVENT_IN | EVENT_RDHUP | EVENT_HUP | EVENT_ERR);
        break;
    }
  }

  #stand(): void {
    this.phase = CONNECTED;
    this.far.stood();
  }

  #room(): void {
    if (!this.wantsRoom || this.window === 0 || this.#blockedUntilMs > this.#network.calendar.nowMs) return;
    this.wantsRoom = false;
    this.#tell(EVENT_OUT);
  }

  #tell(event: number): void {
    if (this.watcher !== null) this.watcher.changed(this, event);
  }

  #enter(afterMs: number, what: number, argument: number): void {
    const { calendar } = this.#network;
    calendar.enter(calendar.nowMs + afterMs, this, what, argument);
  }

  #fly(what: number, argument: number, slowlyMs: number): void {
    const { weather, random, calendar } = this.#network;
    let dueMs = Math.max(calendar.nowMs, this.#lastDueMs) + slowlyMs;
    if (random.below(1000) < weather.delays) dueMs += 1 + random.below(weather.longestDelayMs);
    this.#lastDueMs = dueMs;
    // What comes at once comes now, unless that would overtake something.
    if (dueMs === calendar.nowMs && this.#flying === 0) {
      this.#arrive(what, argument);
      return;
    }
    this.#flying++;
    calendar.enter(dueMs, this, what, argument);
  }

  #grow(length: number): void {
    const bytes = Buffer.allocUnsafe(2 ** Math.ceil(Math.log2(length)));
    this.bytes.copy(bytes, 0, 0, this.written);
    this.bytes = bytes;
  }
}

function isInUse(socket: Socket | null): boolean {
  return socket !== null && 'stream' in socket && socket.stream !== null;
}
