/**
 * What changes while a plan runs, in memory that the control process and every thread of the data process map.
 *
 *   memfd: [ header | thread 0..n-1 | server 0..n-1 | proxy 0..n-1 | listener 0..n-1 | lines ]
 *
 *   rows   of 64-bit-aligned Int32 words
 *   lines  of one word for each thread: the ticket of the first of its own who wait there, see ticket-board.ts
 *
 * Who writes: control writes verdicts (SERVER_STATE, SERVER_WEIGHT); threads write everything else. A word that more
 * than one thread writes is changed by Atomics.add, exchange and compareExchange only; a row, and a line, starts on its
 * own cache line.
 *
 * Int32 counters wrap; readers take differences. Not here: mapping the memory (src/sys/memory.ts).
 */
import type { Plan } from './plan.ts';

/** Words per row: two cache lines of 64 bytes. */
const ROW_WORDS = 32;
const CACHE_LINE_WORDS = 16;

// Header row.
export const HEADER_GENERATION = 0;
export const HEADER_CONNECTIONS = 1; // client connections of the process, for the global maxconn
export const HEADER_VERDICTS = 2; // counts verdict changes; threads compare it to see that something changed
export const HEADER_TICKETS = 3; // the last ticket that a client drew who has to wait before it is let in

// Thread rows.
export const THREAD_HEARTBEAT_MS = 0; // monotonic milliseconds, low 31 bits, written once per loop turn
export const THREAD_CONNECTIONS = 1;
export const THREAD_WOKEN = 2; // 1: somebody has woken it, and it has not looked yet

// Server rows.
export const SERVER_STATE = 0; // a SERVER_* state below
export const SERVER_WEIGHT = 1; // effective weight now
export const SERVER_SESSIONS = 2; // gauge: streams that hold a slot
export const SERVER_QUEUED = 3; // gauge: streams that wait for this server alone
export const SERVER_TOTAL_SESSIONS = 4;
export const SERVER_CONNECT_ERRORS = 5;
export const SERVER_RESPONSE_ERRORS = 6;
export const SERVER_RETRIES = 7;
export const SERVER_REDISPATCHES = 8;
export const SERVER_IDLE = 9; // gauge: idle connections
export const SERVER_REUSED = 10;
export const SERVER_CONNECTS = 11;

// Proxy rows.
export const PROXY_FRONTEND_SESSIONS = 0; // gauge
export const PROXY_BACKEND_SESSIONS = 1; // gauge
export const PROXY_QUEUED = 2; // gauge: streams that wait for any server of the backend
export const PROXY_TOTAL_CONNECTIONS = 3;
export const PROXY_REQUESTS = 4;
export const PROXY_BAD_REQUESTS = 5;
export const PROXY_BAD_RESPONSES = 6;
export const PROXY_RESPONSES_1XX = 8; // .. 5XX follow
export const PROXY_RESPONSES_OTHER = 13;
export const PROXY_BYTES_IN_LOW = 14; // 64-bit counter in two words, see addBytes
export const PROXY_BYTES_IN_HIGH = 15;
export const PROXY_BYTES_OUT_LOW = 16;
export const PROXY_BYTES_OUT_HIGH = 17;

export const PROXY_TICKETS = 18; // the last ticket that a stream drew who has to wait for a server of the backend
export const PROXY_TURNS = 19; // picks of a round robin, of all threads

// Listener rows.
export const LISTENER_CONNECTIONS = 0; // gauge; only kept where the listener has a maxconn of its own

/** Takes traffic. */
export const STATE_UP = 1;
/** A check said so, or it was configured as disabled. */
export const STATE_DOWN = 0;
export const STATE_MAINT = 2;
/** Takes no new clients, keeps those whose cookie names it. */
export const STATE_DRAIN = 3;

export interface SharedStateLayout {
  readonly threads: number;
  readonly servers: number;
  readonly proxies: number;
  readonly listeners: number;
  readonly sizeBytes: number;
}

export function layoutOf(plan: Pick<Plan, 'threads' | 'proxies' | 'listeners'>): SharedStateLayout {
  const { threads } = plan;
  const servers = plan.proxies.reduce((sum, proxy) => sum + proxy.servers.length, 0);
  const proxies = plan.proxies.length;
  const listeners = plan.listeners.length;
  const rows = 1 + threads + servers + proxies + listeners;
  // The process has one, a proxy one on each side.
  const lines = 1 + 2 * proxies + servers + listeners;
  const page = 4096;
  const sizeBytes = Math.ceil(((rows * ROW_WORDS + lines * lineWords(threads)) * 4) / page) * page;
  return { threads, servers, proxies, listeners, sizeBytes };
}

function lineWords(threads: number): number {
  return Math.ceil(threads / CACHE_LINE_WORDS) * CACHE_LINE_WORDS;
}

/** Word indices into the Int32Array over the shared memory. */
export class SharedState {
  readonly words: Int32Array;
  readonly #layout: SharedStateLayout;

  constructor(memory: ArrayBufferLike, layout: SharedStateLayout) {
    this.words = new Int32Array(memory, 0, layout.sizeBytes / 4);
    this.#layout = layout;
  }

  thread(index: number): number {
    return (1 + index) * ROW_WORDS;
  }

  server(index: number): number {
    return (1 + this.#layout.threads + index) * ROW_WORDS;
  }

  proxy(index: number): number {
    return (1 + this.#layout.threads + this.#layout.servers + index) * ROW_WORDS;
  }

  listener(index: number): number {
    return this.proxy(this.#layout.proxies) + index * ROW_WORDS;
  }

  /** Clients who wait because of the process's maxconn. */
  get processLine(): number {
    return this.listener(this.#layout.listeners);
  }

  /** Clients who wait because of a frontend's maxconn. */
  frontendLine(proxy: number): number {
    return this.processLine + (1 + proxy) * lineWords(this.#layout.threads);
  }

  /** Streams that wait for any server of a backend. */
  backendLine(proxy: number): number {
    return this.frontendLine(this.#layout.proxies + proxy);
  }

  /** Streams that wait for one server. */
  serverLine(index: number): number {
    return this.backendLine(this.#layout.proxies + index);
  }

  /** Clients who wait because of a listener's maxconn. */
  listenerLine(index: number): number {
    return this.serverLine(this.#layout.servers + index);
  }

  /** Nobody waits anywhere any more, and no thread has been woken. */
  forgetLines(): void {
    this.words.fill(0, this.processLine, this.listenerLine(this.#layout.listeners));
    for (let thread = 0; thread < this.#layout.threads; thread++) this.set(this.thread(thread) + THREAD_WOKEN, 0);
  }

  get(word: number): number {
    return Atomics.load(this.words, word);
  }

  set(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }

  /** Adds and returns the value before. */
  add(word: number, delta: number): number {
    return Atomics.add(this.words, word, delta);
  }

  /** Returns the value before. */
  exchange(word: number, value: number): number {
    return Atomics.exchange(this.words, word, value);
  }

  /** Adds 1 unless that would be more than `limit`. Unlike an addition that is taken back, it disturbs nobody. */
  addBelow(word: number, limit: number): boolean {
    let seen = Atomics.load(this.words, word);
    while (seen < limit) {
      const before = Atomics.compareExchange(this.words, word, seen, seen + 1);
      if (before === seen) return true;
      seen = before;
    }
    return false;
  }

  /** Adds to a 64-bit counter in two words; the carry is taken by whoever sees the low word wrap. */
  addBytes(lowWord: number, bytes: number): void {
    const before = Atomics.add(this.words, lowWord, bytes | 0) >>> 0;
    const carry = Math.floor((before + bytes) / 0x1_0000_0000);
    if (carry > 0) Atomics.add(this.words, lowWord + 1, carry);
  }

  bytes(lowWord: number): number {
    return (this.get(lowWord + 1) >>> 0) * 0x1_0000_0000 + (this.get(lowWord) >>> 0);
  }
}
