/**
 * The roster: which servers of one backend may be picked now, as this thread last heard, and how loaded they are.
 *
 *   usable = STATE_UP and weight > 0
 *   group  = the active servers while one of them is usable; else one backup server (the first in the file that is
 *            usable); with `option allbackups` all backup servers
 *
 * States and weights are copies, renewed by `renew` so that an algorithm sees each change once; the gauges are read
 * where they live, other threads move them too. Not here: the order of the servers.
 */
import type { ProxyPlan } from '../plan.ts';
import { ServerLimit } from '../server-limit.ts';
import {
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_WARMTH,
  SERVER_WEIGHT,
  type SharedState,
  STATE_UP,
} from '../shared-state.ts';

/** Weights of servers that are warm are multiples of this. */
export const WHOLE_WARMTH = 16;

export class Roster {
  readonly count: number;
  /** 1: may be picked. */
  readonly usable: Uint8Array;
  /** Weight now, 0..4096: in sixteenths of the units of the configuration, as servers may be on their way to all of it. */
  readonly weight: Int32Array;
  /** Weight in the file, which static algorithms are built on. */
  readonly configuredWeight: Int32Array;
  readonly backup: Uint8Array;
  readonly maxqueue: Int32Array;
  /** How many active servers are usable. */
  active = 0;
  /** How many backup servers are usable. */
  backups = 0;
  /** The backup server that stands in alone; -1 with `allbackups` or when none is usable. */
  onlyBackup = -1;

  readonly #limits: readonly ServerLimit[];
  readonly #rows: Int32Array;
  readonly #words: Int32Array;
  readonly #allBackups: boolean;

  constructor(backend: ProxyPlan, shared: SharedState) {
    const { servers } = backend;
    this.count = servers.length;
    this.usable = new Uint8Array(this.count);
    this.weight = new Int32Array(this.count);
    this.configuredWeight = Int32Array.from(servers, (server) => server.weight);
    this.backup = Uint8Array.from(servers, (server) => (server.backup ? 1 : 0));
    this.maxqueue = Int32Array.from(servers, (server) => server.maxqueue);
    this.#limits = servers.map((server) => new ServerLimit(server, backend, shared));
    this.#rows = Int32Array.from(servers, (server) => shared.server(server.index));
    this.#words = shared.words;
    this.#allBackups = backend.allBackups;
  }

  /** Reads server i again; true when its usability or (while usable) its weight is not what it was. */
  renew(i: number): boolean {
    const row = this.#rows[i] ?? 0;
    const warmth = Atomics.load(this.#words, row + SERVER_WARMTH);
    const weight = Atomics.load(this.#words, row + SERVER_WEIGHT) * (warmth === 0 ? WHOLE_WARMTH : warmth);
    const usable = weight > 0 && Atomics.load(this.#words, row + SERVER_STATE) === STATE_UP ? 1 : 0;
    if (usable === this.usable[i] && (usable === 0 || weight === this.weight[i])) return false;
    this.usable[i] = usable;
    this.weight[i] = weight;
    return true;
  }

  /** Has heard what another one has; of servers that are new there, nothing. */
  goOn(before: Roster, from: Int32Array): void {
    from.forEach((was, i) => {
      this.usable[i] = was < 0 ? 0 : (before.usable[was] ?? 0);
      this.weight[i] = was < 0 ? 0 : (before.weight[was] ?? 0);
    });
    this.recount();
  }

  /** Counts the groups; to be called after a round of `renew`. */
  recount(): void {
    this.active = 0;
    this.backups = 0;
    this.onlyBackup = -1;
    for (let i = 0; i < this.count; i++) {
      if (this.usable[i] === 0) continue;
      if (this.backup[i] === 0) {
        this.active++;
        continue;
      }
      if (this.backups === 0 && !this.#allBackups) this.onlyBackup = i;
      this.backups++;
    }
  }

  /** Streams on server i, in its slots and in its own queue. */
  load(i: number): number {
    const row = this.#rows[i] ?? 0;
    return Atomics.load(this.#words, row + SERVER_SESSIONS) + Atomics.load(this.#words, row + SERVER_QUEUED);
  }

  /** Streams in the slots of server i. */
  served(i: number): number {
    return Atomics.load(this.#words, (this.#rows[i] ?? 0) + SERVER_SESSIONS);
  }

  servedByAll(): number {
    let sum = 0;
    for (let i = 0; i < this.count; i++) sum += this.served(i);
    return sum;
  }

  /** No free slot, or others already wait for one. */
  isFull(i: number): boolean {
    const limit = this.#limits[i]?.now() ?? 0;
    if (limit === 0) return false;
    const row = this.#rows[i] ?? 0;
    if (Atomics.load(this.#words, row + SERVER_QUEUED) > 0) return true;
    return Atomics.load(this.#words, row + SERVER_SESSIONS) >= limit;
  }

  /** Neither a free slot nor, where `maxqueue` bounds it, room in the server's own queue. */
  isFullWithQueue(i: number): boolean {
    const limit = this.#limits[i]?.now() ?? 0;
    return limit !== 0 && this.load(i) >= limit + (this.maxqueue[i] ?? 0);
  }
}
