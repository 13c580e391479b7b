/**
 * The servers that are there now: those of the plan, as operators have changed them, and those that came later. Whoever shows or
 * judges servers reads `plan`, whose lists change; the data processes get the plan as it was compiled, and what has changed.
 *
 *   add, change, remove ─▶ lists of `plan` ─▶ changes, numbered ─▶ data process, spare process
 *                                          └▶ all of them so far, with the plan, to one that starts later
 *
 * A new server has a row of the shared memory that was left free for it. A row is free again when each thread knows that its
 * server is gone, and no stream or connection has a part in it; of those the one that has rested the longest is taken. Rows of
 * servers of the plan are nobody else's: older generations count there, too.
 */
import type { ServerChanges } from '../proxy/messages.ts';
import type { Plan, ServerChange, ServerPlan } from '../proxy/plan.ts';
import {
  SERVER_IDLE,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  type SharedState,
  serverCount,
  THREAD_SERVERS,
} from '../proxy/shared-state.ts';

/** Servers that may be there at a time beyond those of the configuration. */
export const SPARE_SERVERS = 256;

/** What is shown and judged: as things are now. */
export type LivePlan = Plan;
export type LiveBackend = Plan['proxies'][number];

export interface ServerWatcher {
  /** Its row begins with nothing. */
  came(server: ServerPlan): void;
  /** It is about to go. */
  goes(server: ServerPlan): void;
}

/** Tells the data processes; resolves when the one that serves has heard it in all of its threads. */
export type TellServers = (changes: ServerChanges) => Promise<void>;

export class LiveServers {
  /** As things are now. */
  readonly plan: Plan;
  readonly #compiled: Plan;
  readonly #state: SharedState;
  readonly #tell: TellServers;
  readonly #watchers: ServerWatcher[] = [];
  /** By the index of their backend; the plan shows them. */
  readonly #lists: ServerPlan[][];
  /** Of the plan's own: those that are others now, and those that are gone. */
  readonly #changed = new Set<number>();
  readonly #gone: number[] = [];
  readonly #freeRows: number[];
  readonly #leaving: { readonly row: number; readonly number: number }[] = [];
  #number = 0;

  constructor(compiled: Plan, state: SharedState, tell: TellServers) {
    this.#compiled = compiled;
    this.#state = state;
    this.#tell = tell;
    this.#lists = compiled.proxies.map(({ servers }) => [...servers]);
    const proxies = compiled.proxies.map((proxy, i) => ({ ...proxy, servers: this.#lists[i] ?? [] }));
    this.plan = { ...compiled, proxies };
    const first = serverCount(compiled);
    this.#freeRows = Array.from({ length: compiled.spareServers ?? 0 }, (_, i) => first + i);
  }

  watch(watcher: ServerWatcher): void {
    this.#watchers.push(watcher);
  }

  get(index: number): ServerPlan | null {
    return this.#lists.flat().find((server) => server.index === index) ?? null;
  }

  /** All that has changed since the plan was compiled. */
  get sinceThen(): ServerChanges {
    const own = serverCount(this.#compiled);
    const isOther = ({ index }: ServerPlan): boolean => index >= own || this.#changed.has(index);
    const changes: ServerChange[] = this.#gone.map((index) => ({ kind: 'gone', index }));
    for (const server of this.#lists.flat()) if (isOther(server)) changes.push({ kind: 'set', server });
    return { number: this.#number, changes };
  }

  /** A row for a server that is to come, as if nobody had ever used it; null: there is none. */
  takeRow(): number | null {
    for (const { row } of this.#leaving.filter((one) => this.#hasLeft(one.row, one.number))) {
      this.#leaving.splice(
        this.#leaving.findIndex((one) => one.row === row),
        1,
      );
      this.#freeRows.push(row);
    }
    const row = this.#freeRows.shift();
    if (row === undefined) return null;
    this.#state.clearServer(row);
    return row;
  }

  /** It is the last one of its backend. Its row has its state already. */
  add(server: ServerPlan): Promise<void> {
    this.#listOf(server).push(server);
    for (const watcher of this.#watchers) watcher.came(server);
    return this.#say({ kind: 'set', server });
  }

  /** It has another address, limit, or cookie. */
  change(server: ServerPlan): Promise<void> {
    const list = this.#listOf(server);
    const position = list.findIndex(({ index }) => index === server.index);
    if (position < 0) throw new Error(`there is no server ${server.index}`);
    list[position] = server;
    this.#changed.add(server.index);
    return this.#say({ kind: 'set', server });
  }

  remove(server: ServerPlan): Promise<void> {
    const { index } = server;
    const list = this.#listOf(server);
    const position = list.findIndex((one) => one.index === index);
    if (position < 0) throw new Error(`there is no server ${index}`);
    for (const watcher of this.#watchers) watcher.goes(server);
    list.splice(position, 1);
    if (index < serverCount(this.#compiled)) this.#gone.push(index);
    else this.#leaving.push({ row: index, number: this.#number + 1 });
    return this.#say({ kind: 'gone', index });
  }

  #say(change: ServerChange): Promise<void> {
    this.#number++;
    return this.#tell({ number: this.#number, changes: [change] });
  }

  #hasLeft(row: number, number: number): boolean {
    const state = this.#state;
    const at = state.server(row);
    if ([SERVER_SESSIONS, SERVER_QUEUED, SERVER_IDLE].some((gauge) => state.get(at + gauge) !== 0)) return false;
    for (let thread = 0; thread < this.#compiled.threads; thread++) {
      if (state.get(state.thread(thread) + THREAD_SERVERS) < number) return false;
    }
    return true;
  }

  #listOf({ backend }: ServerPlan): ServerPlan[] {
    const list = this.#lists[backend];
    if (list === undefined) throw new Error(`there is no backend ${backend}`);
    return list;
  }
}
