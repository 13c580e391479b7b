/**
 * What one generation leaves to the next: proxies and servers that have the same names are the same ones, with their
 * counters, their states, and what an operator made of them.
 *
 *   at the change     totals so far, rates, greatest values, states, weights, results of checks
 *   afterwards        what the old one still counts is added to the new one; verdicts of the new one reach the old one, whose
 *                     clients are still there
 */
import type { Plan } from '../proxy/plan.ts';
import * as shared from '../proxy/shared-state.ts';

/** Rows of the one before, and of this one. */
export interface Pair {
  readonly before: number;
  readonly now: number;
}

export interface Matches {
  readonly proxies: readonly Pair[];
  readonly servers: readonly Pair[];
}

export const PROXY_COUNTERS: readonly number[] = [
  shared.PROXY_TOTAL_CONNECTIONS,
  shared.PROXY_REQUESTS,
  shared.PROXY_BAD_REQUESTS,
  shared.PROXY_BAD_RESPONSES,
  ...range(shared.PROXY_RESPONSES_1XX, shared.PROXY_RESPONSES_OTHER),
  ...range(shared.PROXY_OWN_RESPONSES_1XX, shared.PROXY_OWN_RESPONSES_OTHER),
  shared.PROXY_OWN_CONNECT_ERRORS,
  shared.PROXY_OWN_CLIENT_ABORTS,
  shared.PROXY_INTERNAL_ERRORS,
  shared.PROXY_OWN_INTERNAL_ERRORS,
  shared.PROXY_INTERCEPTED,
];

export const PROXY_BYTES: readonly number[] = [
  shared.PROXY_BYTES_IN_LOW,
  shared.PROXY_BYTES_OUT_LOW,
  shared.PROXY_OWN_BYTES_IN_LOW,
  shared.PROXY_OWN_BYTES_OUT_LOW,
];

export const SERVER_COUNTERS: readonly number[] = [
  shared.SERVER_TOTAL_SESSIONS,
  shared.SERVER_CONNECT_ERRORS,
  shared.SERVER_RESPONSE_ERRORS,
  shared.SERVER_RETRIES,
  shared.SERVER_REDISPATCHES,
  shared.SERVER_REUSED,
  shared.SERVER_CONNECTS,
  ...range(shared.SERVER_RESPONSES_1XX, shared.SERVER_RESPONSES_OTHER),
  shared.SERVER_CLIENT_ABORTS,
  shared.SERVER_SERVER_ABORTS,
  shared.SERVER_INTERNAL_ERRORS,
  shared.SERVER_BALANCED,
  shared.SERVER_TIMED,
  shared.SERVER_QUEUE_MS,
  shared.SERVER_CONNECT_MS,
  shared.SERVER_RESPONSE_MS,
];

export const SERVER_BYTES: readonly number[] = [
  shared.SERVER_BYTES_IN_LOW,
  shared.SERVER_BYTES_OUT_LOW,
  shared.SERVER_TOTAL_MS_LOW,
];

const VERDICTS: readonly number[] = [
  shared.SERVER_STATE,
  shared.SERVER_WEIGHT,
  shared.SERVER_WARMTH,
  shared.SERVER_THROTTLE,
  shared.SERVER_MAXCONN,
];
const PROXY_GREATEST: readonly number[] = [
  shared.PROXY_FRONTEND_SESSIONS_MAX,
  shared.PROXY_BACKEND_SESSIONS_MAX,
  shared.PROXY_QUEUED_MAX,
];
const SERVER_GREATEST: readonly number[] = [
  shared.SERVER_SESSIONS_MAX,
  shared.SERVER_QUEUED_MAX,
  shared.SERVER_QUEUE_MS_MAX,
  shared.SERVER_CONNECT_MS_MAX,
  shared.SERVER_RESPONSE_MS_MAX,
  shared.SERVER_TOTAL_MS_MAX,
];

export function matchesOf(before: Plan, now: Plan): Matches {
  const proxies: Pair[] = [];
  const servers: Pair[] = [];
  for (const proxy of now.proxies) {
    const old = before.proxies.find(
      ({ name, isFrontend, isBackend }) =>
        name === proxy.name && isFrontend === proxy.isFrontend && isBackend === proxy.isBackend,
    );
    if (old === undefined) continue;
    proxies.push({ before: old.index, now: proxy.index });
    const known = new Map(old.servers.map(({ name, index }) => [name, index]));
    for (const server of proxy.servers) {
      const index = known.get(server.name);
      if (index !== undefined) servers.push({ before: index, now: server.index });
    }
  }
  return { proxies, servers };
}

/** What an old generation counts after the change, for the one that is current. */
export class Legacy {
  readonly #before: shared.SharedState;
  readonly #now: shared.SharedState;
  readonly matches: Matches;
  readonly #proxies: ReadonlyMap<number, number>;
  readonly #servers: ReadonlyMap<number, number>;
  /** By word of the old one: what has been passed on. */
  readonly #passed: Int32Array;
  readonly #passedBytes = new Map<number, number>();

  /** From here on; what was counted so far is known. */
  constructor(before: shared.SharedState, now: shared.SharedState, matches: Matches) {
    this.#before = before;
    this.#now = now;
    this.matches = matches;
    this.#proxies = beforeByNow(matches.proxies);
    this.#servers = beforeByNow(matches.servers);
    this.#passed = before.words.slice(0, before.countedWords);
    for (const { low } of this.#bytes()) this.#passedBytes.set(low, before.bytes(low));
    this.#greatest();
  }

  /** What this word of the old one was at the change. */
  countThen(word: number): number {
    return this.#passed[word] ?? 0;
  }

  bytesThen(word: number): number {
    return this.#passedBytes.get(word) ?? 0;
  }

  /** A gauge of a proxy, or a server, of the current one, as far as this one still moves it. */
  proxyGauge(now: number, word: number): number {
    const before = this.#proxies.get(now);
    return before === undefined ? 0 : this.#before.get(this.#before.proxy(before) + word);
  }

  serverGauge(now: number, word: number): number {
    const before = this.#servers.get(now);
    return before === undefined ? 0 : this.#before.get(this.#before.server(before) + word);
  }

  get connections(): number {
    return this.#before.get(shared.HEADER_CONNECTIONS);
  }

  /** Adds what is new. */
  passOn(): void {
    const { proxies, servers } = this.matches;
    for (const pair of proxies) this.#count(this.#before.proxy(pair.before), this.#now.proxy(pair.now), PROXY_COUNTERS);
    for (const pair of servers) {
      this.#count(this.#before.server(pair.before), this.#now.server(pair.now), SERVER_COUNTERS);
    }
    for (const { low, to } of this.#bytes()) {
      const total = this.#before.bytes(low);
      const fresh = total - (this.#passedBytes.get(low) ?? 0);
      // A carry that has not arrived yet makes it smaller for a moment.
      if (fresh <= 0) continue;
      this.#passedBytes.set(low, total);
      this.#now.addBytes(to, fresh);
    }
    this.#greatest();
  }

  /** The states of the servers are those of the current one; says whether one was another. */
  takeVerdicts(): boolean {
    let changed = false;
    for (const { before, now } of this.matches.servers) {
      for (const word of VERDICTS) {
        const value = this.#now.get(this.#now.server(now) + word);
        if (this.#before.exchange(this.#before.server(before) + word, value) !== value) changed = true;
      }
    }
    if (changed) this.#before.add(shared.HEADER_VERDICTS, 1);
    return changed;
  }

  #count(from: number, to: number, words: readonly number[]): void {
    for (const word of words) {
      const total = this.#before.get(from + word);
      const fresh = (total - (this.#passed[from + word] ?? 0)) | 0;
      if (fresh === 0) continue;
      this.#passed[from + word] = total;
      this.#now.add(to + word, fresh);
    }
  }

  *#bytes(): Iterable<{ readonly low: number; readonly to: number }> {
    const { proxies, servers } = this.matches;
    for (const pair of proxies) {
      const [from, to] = [this.#before.proxy(pair.before), this.#now.proxy(pair.now)];
      for (const word of PROXY_BYTES) yield { low: from + word, to: to + word };
    }
    for (const pair of servers) {
      const [from, to] = [this.#before.server(pair.before), this.#now.server(pair.now)];
      for (const word of SERVER_BYTES) yield { low: from + word, to: to + word };
    }
  }

  #greatest(): void {
    const { proxies, servers } = this.matches;
    const raise = (from: number, to: number, words: readonly number[]): void => {
      for (const word of words) this.#now.raise(to + word, this.#before.get(from + word));
    };
    for (const { before, now } of proxies) raise(this.#before.proxy(before), this.#now.proxy(now), PROXY_GREATEST);
    for (const { before, now } of servers) raise(this.#before.server(before), this.#now.server(now), SERVER_GREATEST);
  }
}

function beforeByNow(pairs: readonly Pair[]): ReadonlyMap<number, number> {
  return new Map(pairs.map(({ before, now }) => [now, before]));
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
