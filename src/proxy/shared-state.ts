/**
 * What changes while a plan runs, in memory that the control process and every thread of the data process map.
 *
 *   memfd: [ header | thread 0..n-1 | server 0..n-1 | proxy 0..n-1 | listener 0..n-1 | lines | captures ]
 *
 *   rows      of 64-bit-aligned Int32 words
 *   lines     of one word for each thread: the ticket of the first of its own who wait there, see ticket-board.ts
 *   captures  two for each proxy: the last bad request and the last bad response, see captures.ts. Pages that nobody
 *             touches cost nothing
 *
 * Who writes: control writes verdicts (SERVER_STATE, _WEIGHT, _WARMTH, _THROTTLE, _MAXCONN; PROXY_DOOR, _MAXCONN; HEADER_MAXCONN); threads write everything else. A word that more
 * than one thread writes is changed by Atomics.add, exchange and compareExchange only; a row, and a line, starts on its
 * own cache line.
 *
 * Int32 counters wrap; readers take differences. Not here: mapping the memory (src/sys/memory.ts).
 */
import { allProxies, type Plan } from './plan.ts';

/** Words per row: four cache lines of 64 bytes, the busiest words in the first. */
const ROW_WORDS = 64;
const CACHE_LINE_WORDS = 16;
const PAGE_BYTES = 4096;

// Header row.
export const HEADER_GENERATION = 0;
export const HEADER_CONNECTIONS = 1; // client connections of the process, for the global maxconn
export const HEADER_VERDICTS = 2; // counts verdict changes; threads compare it to see that something changed
export const HEADER_TICKETS = 3; // the last ticket that a client drew who has to wait before it is let in
export const HEADER_CAPTURED = 4; // messages that were kept for inspection so far
export const HEADER_REQUESTS = 5; // numbers of requests, where a log format asks for them
export const HEADER_LINES_LOST = 8; // log lines that a target did not take
export const HEADER_STARVED = 9; // how often a thread could let nobody in: descriptors or memory of the kernel ran out
export const HEADER_MAXCONN = 6; // an operator's word on the process's maxconn, plus 1; 0: as configured
export const HEADER_SHORT = 10; // the same, because of the bound on its own memory

// Thread rows.
export const THREAD_HEARTBEAT_MS = 0; // monotonic milliseconds, low 31 bits, written once per loop turn
export const THREAD_CONNECTIONS = 1;
export const THREAD_WOKEN = 2; // 1: somebody has woken it, and it has not looked yet
export const THREAD_TURNS = 3; // of its loop, since its process began
export const THREAD_SLABS = 4; // gauge: buffers in use
export const THREAD_STREAMS = 5; // gauge: under way
export const THREAD_READY = 6; // gauge: clients whose next request has arrived already
export const THREAD_SLABS_MAPPED = 7; // gauge: buffers that there are
export const THREAD_SLABS_REFUSED = 8; // how often there was none
export const THREAD_SERVERS = 48; // number of the last change of servers that it knows

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
export const SERVER_WARMTH = 12; // how much of its weight it has, in sixteenths; 0: all of it
export const SERVER_THROTTLE = 13; // how much of its maxconn it has, in percent, plus 1; 0: all of it
export const SERVER_MAXCONN = 14; // an agent's word on it, plus 1; 0: as configured
export const SERVER_ERRORS = 15; // errors in a row, where its traffic is observed
export const SERVER_TRIPS = 16; // how often these were too many, since control looked
export const SERVER_TRIP_CAUSE = 17; // TRAFFIC_* of the last of them
// What streams that found a connection took, in milliseconds; most of these are 0, and are not written then.
export const SERVER_QUEUE_MS = 18;
export const SERVER_CONNECT_MS = 19;
export const SERVER_RESPONSE_MS = 20;
export const SERVER_QUEUE_MS_MAX = 21; // the longest
export const SERVER_CONNECT_MS_MAX = 22;
export const SERVER_RESPONSE_MS_MAX = 23;
export const SERVER_TOTAL_MS_MAX = 24;
export const SERVER_INTERNAL_ERRORS = 25;
export const SERVER_IDLE_FRESH = 26; // gauge: idle connections that have carried a single exchange
export const SERVER_NEEDED = 27; // gauge: connections that were needed at the same time lately
export const SERVER_BALANCED = 28; // how often the balance has chosen it
export const SERVER_RESPONSES_1XX = 32; // .. 5XX follow; of those that came from the server
export const SERVER_RESPONSES_OTHER = 37;
export const SERVER_BYTES_IN_LOW = 38; // what clients sent for it; 64-bit, see addBytes
export const SERVER_BYTES_IN_HIGH = 39;
export const SERVER_BYTES_OUT_LOW = 40;
export const SERVER_BYTES_OUT_HIGH = 41;
export const SERVER_SESSIONS_MAX = 42; // the most that the gauges have shown
export const SERVER_QUEUED_MAX = 43;
export const SERVER_CLIENT_ABORTS = 44;
export const SERVER_SERVER_ABORTS = 45;
export const SERVER_TIMED = 46; // streams whose times were counted
export const SERVER_TOTAL_MS_LOW = 48; // of these all they took; 64-bit, as tunnels live for days
export const SERVER_TOTAL_MS_HIGH = 49;
export const SERVER_WANTED = 55; // idle connections that threads without one ask those for that have some
export const SERVER_OFFERS = 56; // .. and these SERVER_OFFER_COUNT words are the answers, see connection-offers.ts
export const SERVER_OFFER_COUNT = 8;

// What traffic shows of a server that is observed.
export const TRAFFIC_CONNECT_FAILED = 1;
export const TRAFFIC_STATUS = 2;
export const TRAFFIC_BAD_HEAD = 3;
export const TRAFFIC_BAD_BODY = 4;
export const TRAFFIC_READ_ERROR = 5;
export const TRAFFIC_TIMEOUT = 6;
export const TRAFFIC_CLOSED = 7;

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
export const PROXY_FRONTEND_SESSIONS_MAX = 20; // the most that the gauges have shown
export const PROXY_BACKEND_SESSIONS_MAX = 21;
export const PROXY_QUEUED_MAX = 22;
// Of a backend, what no server had a part in: the rest is the sum of its servers.
export const PROXY_OWN_RESPONSES_1XX = 24; // .. 5XX follow
export const PROXY_OWN_RESPONSES_OTHER = 29;
export const PROXY_OWN_BYTES_IN_LOW = 30;
export const PROXY_OWN_BYTES_IN_HIGH = 31;
export const PROXY_OWN_BYTES_OUT_LOW = 32;
export const PROXY_OWN_BYTES_OUT_HIGH = 33;
export const PROXY_OWN_CONNECT_ERRORS = 34;
export const PROXY_OWN_CLIENT_ABORTS = 35;
export const PROXY_LOG_LINES = 36; // of a frontend, where a log format asks for their number
export const PROXY_INTERNAL_ERRORS = 37; // of a frontend
export const PROXY_OWN_INTERNAL_ERRORS = 38;
export const PROXY_INTERCEPTED = 39; // of a frontend: requests that it answered itself, and not for want of anything

// Control's, about a frontend.
export const PROXY_DOOR = 40; // DOOR_*
export const PROXY_MAXCONN = 41; // an operator's word on its maxconn, plus 1; 0: as configured

// Listener rows.
export const LISTENER_CONNECTIONS = 0; // gauge; only kept where the listener has a maxconn of its own

// Captures: a header of words, then bytes.
export const CAPTURE_LOCK = 0; // 1: somebody writes or reads it, and nobody waits for that
export const CAPTURE_EVENT = 1; // its number among all, from 1; 0: there is none
export const CAPTURE_SECONDS = 2; // since 1970
export const CAPTURE_MILLISECONDS = 3;
export const CAPTURE_OTHER_SIDE = 4; // index of the backend of a request, of the frontend of a response, plus 1; 0: none
export const CAPTURE_SERVER = 5; // index plus 1; 0: none
export const CAPTURE_FAMILY = 6; // of the client: 4, 6, or 0 for a unix socket
export const CAPTURE_PORT = 7;
export const CAPTURE_ADDRESS = 8; // four words, the first byte in the highest bits
export const CAPTURE_LENGTH = 12; // bytes kept
export const CAPTURE_SKIPPED = 13; // bytes before them that were not
export const CAPTURE_POSITION = 14; // of the offending byte among those kept
export const CAPTURE_CODE = 15; // HEAD_ERR_* of src/http1/head.ts, or CAPTURE_BODY, CAPTURE_SWITCH
export const CAPTURE_TOTAL = 16; // bytes of the message that were there, kept or not
export const CAPTURE_BODY = 128;
export const CAPTURE_SWITCH = 129;

const CAPTURE_HEADER_BYTES = 128;
/** What is kept of a bad message. */
export const CAPTURE_BYTES = 16384;

/** New clients are let in; not now; never again. */
export const DOOR_OPEN = 0;
export const DOOR_PAUSED = 1;
export const DOOR_SHUT = 2;

export const DIRECTION_REQUEST = 0;
export const DIRECTION_RESPONSE = 1;

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
  /** Byte offset of the captures. */
  readonly capturesAt: number;
  readonly sizeBytes: number;
}

/** Rows of servers that come later follow those of the plan's own; then those of backends inside. */
export function layoutOf(
  plan: Pick<Plan, 'threads' | 'proxies' | 'listeners' | 'inside' | 'spareServers'>,
): SharedStateLayout {
  const { threads, spareServers, inside } = plan;
  const servers = serverCount(plan) + (spareServers ?? 0) + (inside?.backends.length ?? 0);
  const proxies = allProxies(plan).length;
  const listeners = plan.listeners.length;
  const rows = 1 + threads + servers + proxies + listeners;
  // The process has one, a proxy one on each side.
  const lines = 1 + 2 * proxies + servers + listeners;
  const capturesAt = wholePages((rows * ROW_WORDS + lines * lineWords(threads)) * 4);
  const sizeBytes = wholePages(capturesAt + 2 * proxies * (CAPTURE_HEADER_BYTES + CAPTURE_BYTES));
  return { threads, servers, proxies, listeners, capturesAt, sizeBytes };
}

/** Those of the plan itself. */
export function serverCount({ proxies }: Pick<Plan, 'proxies'>): number {
  return proxies.reduce((sum, proxy) => sum + proxy.servers.length, 0);
}

function wholePages(bytes: number): number {
  return Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES;
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

  /** A server's row and line as they were at the start. */
  clearServer(index: number): void {
    this.words.fill(0, this.server(index), this.server(index) + ROW_WORDS);
    this.words.fill(0, this.serverLine(index), this.serverLine(index) + lineWords(this.#layout.threads));
  }

  /** Words of one row. */
  get rowWords(): number {
    return ROW_WORDS;
  }

  /** Everything before the captures. */
  get countedWords(): number {
    return this.#layout.capturesAt / 4;
  }

  /** First word of the capture of a proxy's requests or responses (DIRECTION_*). */
  capture(proxy: number, direction: number): number {
    return (this.#layout.capturesAt + (2 * proxy + direction) * (CAPTURE_HEADER_BYTES + CAPTURE_BYTES)) / 4;
  }

  /** Where its bytes are, in bytes from the start of the memory. */
  captureBytesAt(proxy: number, direction: number): number {
    return this.capture(proxy, direction) * 4 + CAPTURE_HEADER_BYTES;
  }

  /** Nobody waits anywhere any more, no thread has been woken, and nobody is writing a capture. */
  forgetLines(): void {
    this.words.fill(0, this.processLine, this.listenerLine(this.#layout.listeners));
    for (let thread = 0; thread < this.#layout.threads; thread++) this.set(this.thread(thread) + THREAD_WOKEN, 0);
    for (let proxy = 0; proxy < this.#layout.proxies; proxy++) {
      this.set(this.capture(proxy, DIRECTION_REQUEST) + CAPTURE_LOCK, 0);
      this.set(this.capture(proxy, DIRECTION_RESPONSE) + CAPTURE_LOCK, 0);
    }
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

  /** A gauge has shown `value`: what it has shown at most. Threads that do this at once may lose by as many. */
  raise(word: number, value: number): void {
    if (value > Atomics.load(this.words, word)) Atomics.store(this.words, word, value);
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

  /** Takes 1 away unless nothing is left. */
  takeOne(word: number): boolean {
    let seen = Atomics.load(this.words, word);
    while (seen > 0) {
      const before = Atomics.compareExchange(this.words, word, seen, seen - 1);
      if (before === seen) return true;
      seen = before;
    }
    return false;
  }

  /** Writes `value` if `expected` is there. */
  replace(word: number, expected: number, value: number): boolean {
    return Atomics.compareExchange(this.words, word, expected, value) === expected;
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
