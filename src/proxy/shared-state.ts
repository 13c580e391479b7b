/**
 * What changes while a plan runs, in memory that the control process and every thread of the data process map.
 *
 *   memfd: [ header | thread 0..n-1 | server 0..n-1 | proxy 0..n-1 ]   rows of 64-bit-aligned Int32 words
 *
 * Who writes: control writes verdicts (SERVER_STATE, SERVER_WEIGHT); threads write everything else. A word that more
 * than one thread writes is changed by Atomics.add only; a row starts on its own cache line.
 *
 * Int32 counters wrap; readers take differences. Not here: mapping the memory (src/sys/memory.ts).
 */
import type { Plan } from './plan.ts';

/** Words per row: two cache lines of 64 bytes. */
const ROW_WORDS = 32;

// Header row.
export const HEADER_GENERATION = 0;
export const HEADER_CONNECTIONS = 1; // client connections of the process, for the global maxconn
export const HEADER_VERDICTS = 2; // counts verdict changes; threads compare it to see that something changed

// Thread rows.
export const THREAD_HEARTBEAT_MS = 0; // monotonic milliseconds, low 31 bits, written once per loop turn
export const THREAD_CONNECTIONS = 1;

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
  readonly sizeBytes: number;
}

export function layoutOf(plan: Pick<Plan, 'threads' | 'proxies'>): SharedStateLayout {
  const servers = plan.proxies.reduce((sum, proxy) => sum + proxy.servers.length, 0);
  const rows = 1 + plan.threads + servers + plan.proxies.length;
  const page = 4096;
  const sizeBytes = Math.ceil((rows * ROW_WORDS * 4) / page) * page;
  return { threads: plan.threads, servers, proxies: plan.proxies.length, sizeBytes };
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
