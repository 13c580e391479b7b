/**
 * A network that exists in memory, with its own time: what tests of sessions put in the kernel's place.
 *
 *   proxy's Socket ◀── inFlight (segments, each due at a time) ── Peer        one segment is one arrival
 *                  ──▶ window (bytes that are taken at once) ───▶ Peer        0: the proxy has to wait
 *
 * Nothing happens by itself: the poller that stands on it (simulated-poller.ts) moves it on, one turn at a time.
 */
import type { Clock } from '../../src/core/clock.ts';
import type { Socket } from '../../src/sys/poller.ts';
import type { SeededRandom } from './random.ts';

export class SimulatedClock implements Clock {
  nowMs = 1000;

  monotonicMs(): number {
    return this.nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs;
  }
}

const FIN = Symbol('FIN');
const RST = Symbol('RST');

interface Segment {
  readonly dueMs: number;
  readonly content: Buffer | typeof FIN | typeof RST;
}

/** What a network does on its own account; without it every byte arrives at once and whole. */
export interface Faults {
  readonly random: SeededRandom;
  /** Of 1000 arrivals, how many are cut in two. */
  readonly cuts: number;
  /** Of 1000 writes, how many are taken in part only. */
  readonly shortWrites: number;
  /** Of 1000 segments, how many come late. */
  readonly delays: number;
  readonly longestDelayMs: number;
}

/** The far end of one connection: a client, or a server's side of a connection that the proxy opened. */
export class Peer {
  readonly #network: SimulatedNetwork;
  readonly #chunks: Buffer[] = [];
  /** Far → proxy, on the way. */
  readonly inFlight: Segment[] = [];
  /** Far → proxy, arrived and not read. */
  arrived: Buffer[] = [];
  arrivedBytes = 0;
  finArrived = false;
  rstArrived = false;
  /** How much more the proxy may write before it has to wait. */
  window = Number.POSITIVE_INFINITY;
  blockedUntilMs = 0;
  /** The proxy's end. */
  socket: Socket | null = null;
  fd = -1;
  receivedBytes = 0;
  /** The proxy has sent FIN (or closed). */
  sawEnd = false;
  /** The proxy reset it, or closed it with bytes unread. */
  sawReset = false;
  /** This end called `end`. */
  ended = false;
  /** This end is gone: what still comes is answered with RST. */
  closed = false;
  onReceived: ((chunk: Buffer) => void) | null = null;
  onEnd: (() => void) | null = null;

  constructor(network: SimulatedNetwork) {
    this.#network = network;
  }

  send(content: string | Buffer): void {
    if (this.closed || this.ended) return;
    let rest = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
    const { faults } = this.#network;
    while (faults !== null && rest.length > 1 && faults.random.below(1000) < faults.cuts) {
      const at = 1 + faults.random.below(rest.length - 1);
      this.#fly(rest.subarray(0, at));
      rest = rest.subarray(at);
    }
    if (rest.length > 0) this.#fly(rest);
  }

  /** Half-close: FIN behind what was sent. */
  end(): void {
    if (this.closed || this.ended) return;
    this.ended = true;
    this.#fly(FIN);
  }

  /** Ends both directions; who still writes here gets RST. */
  close(): void {
    this.end();
    this.closed = true;
  }

  reset(): void {
    if (this.closed) return;
    this.closed = true;
    this.#fly(RST);
  }

  /** Everything that the proxy sent here. */
  get bytes(): Buffer {
    if (this.#chunks.length > 1) {
      const all = Buffer.concat(this.#chunks);
      this.#chunks.length = 0;
      this.#chunks.push(all);
    }
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  get text(): string {
    return this.bytes.toString('latin1');
  }

  /** The same, and forgets it. */
  takeText(): string {
    const { text } = this;
    this.#chunks.length = 0;
    return text;
  }

  /** The proxy's end is there no more, or was never. */
  get gone(): boolean {
    return this.sawEnd || this.sawReset;
  }

  /** What the proxy's kernel hands over; only the poller calls these. */
  deliver(chunk: Buffer): void {
    if (this.closed) {
      this.#fly(RST);
      return;
    }
    this.receivedBytes += chunk.length;
    if (this.onReceived === null) this.#chunks.push(chunk);
    else this.onReceived(chunk);
  }

  deliverEnd(): void {
    if (this.sawEnd) return;
    this.sawEnd = true;
    this.onEnd?.();
  }

  /** One arrival, if one is due. */
  arrive(nowMs: number): boolean {
    const [first] = this.inFlight;
    if (first === undefined || first.dueMs > nowMs || this.arrivedBytes > KERNEL_BUFFER_BYTES) return false;
    this.inFlight.shift();
    if (first.content === FIN) this.finArrived = true;
    else if (first.content === RST) this.rstArrived = true;
    else if (typeof first.content !== 'symbol') {
      this.arrived.push(first.content);
      this.arrivedBytes += first.content.length;
    }
    return true;
  }

  get nextDueMs(): number {
    return this.arrivedBytes > KERNEL_BUFFER_BYTES
      ? Number.POSITIVE_INFINITY
      : (this.inFlight[0]?.dueMs ?? Number.POSITIVE_INFINITY);
  }

  /** Whether anything was sent that the proxy has not read. */
  get hasUnread(): boolean {
    return this.arrivedBytes > 0 || this.inFlight.some(({ content }) => typeof content !== 'symbol');
  }

  #fly(content: Segment['content']): void {
    const { faults, clock } = this.#network;
    let dueMs = clock.nowMs;
    if (faults !== null && faults.random.below(1000) < faults.delays) {
      dueMs += 1 + faults.random.below(faults.longestDelayMs);
    }
    const last = this.inFlight.at(-1);
    this.inFlight.push({ content, dueMs: last === undefined ? dueMs : Math.max(dueMs, last.dueMs) });
  }
}

const KERNEL_BUFFER_BYTES = 262_144;

/** What becomes of an attempt to connect. */
export type Answer =
  | { readonly kind: 'accept'; readonly afterMs: number; readonly early: boolean }
  /** The attempt fails after a while, or (afterMs -1) in the call itself. */
  | { readonly kind: 'refuse'; readonly afterMs: number; readonly errno: number }
  | { readonly kind: 'silence' };

export const ACCEPT: Answer = { kind: 'accept', afterMs: 0, early: false };
/** The handshake is over before the first write, as on loopback. */
export const ACCEPT_EARLY: Answer = { kind: 'accept', afterMs: 0, early: true };
export const REFUSE: Answer = { kind: 'refuse', afterMs: 0, errno: 111 };
export const REFUSE_AT_ONCE: Answer = { kind: 'refuse', afterMs: -1, errno: 101 };
export const SILENCE: Answer = { kind: 'silence' };

export interface SimulatedServer {
  /** Asked per attempt. */
  answer: () => Answer;
  /** Every connection that came about, in order. */
  readonly peers: Peer[];
  onPeer: ((peer: Peer) => void) | null;
}

export class SimulatedNetwork {
  readonly clock: SimulatedClock;
  readonly faults: Faults | null;
  /** Clients that wait to be accepted: by the socket that one thread has of a listener. */
  readonly waiting: { readonly peer: Peer; readonly listener: number; readonly thread: number }[] = [];
  /** By descriptor: what one thread has let go of and no other has taken over. */
  readonly loose = new Map<number, Peer>();
  readonly #servers = new Map<number, SimulatedServer>();

  constructor(clock: SimulatedClock, faults: Faults | null) {
    this.clock = clock;
    this.faults = faults;
  }

  /** What listens on this port, on any address. */
  server(port: number): SimulatedServer {
    let server = this.#servers.get(port);
    if (server === undefined) {
      server = { answer: () => ACCEPT, peers: [], onPeer: null };
      this.#servers.set(port, server);
    }
    return server;
  }

  client(listener = 0, thread = 0): Peer {
    const peer = new Peer(this);
    this.waiting.push({ peer, listener, thread });
    return peer;
  }
}
