/**
 * The running program in numbers: gauges read from the shared memory as they are, counters through tallies, rates from
 * looking once a second. Nothing here costs the data threads anything.
 *
 *   shared memory ─▶ Tally (no wrap, can be cleared) ─▶ Rate ─▶ views.ts ─▶ stats socket
 */
import { hostname } from 'node:os';
import type { Model, Proxy as ProxyModel } from '../config/model.ts';
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { Plan, ProxyPlan, ServerPlan } from '../proxy/plan.ts';
import * as shared from '../proxy/shared-state.ts';
import { runningProxies } from './compile.ts';
import { doorOf, globalMaxconn, maxconnOf } from './frontends.ts';
import { type GoneServers, withGone } from './gone-servers.ts';
import { IdleMeter } from './idle-meter.ts';
import type { LiveServers } from './live-servers.ts';
import { ProxyMeters, ServerMeters } from './meters.ts';
import { usableServers } from './proxy-figures.ts';
import { Rate } from './rate.ts';
import type { ServerRecord } from './server-record.ts';
import { type ServerCounts, serverView, type UnderWay } from './server-view.ts';
import { longestOf } from './stream-times.ts';
import { type Legacy, PROXY_BYTES, PROXY_COUNTERS, SERVER_BYTES, SERVER_COUNTERS } from './succession.ts';
import { Tally } from './tally.ts';
import { threadTotals } from './thread-totals.ts';
import type { BackendView, FrontendView, ProcessView, RateView, Responses, ServerView } from './views.ts';

const EVERY_MS = 1000;
const LONGEST = [
  shared.SERVER_QUEUE_MS_MAX,
  shared.SERVER_CONNECT_MS_MAX,
  shared.SERVER_RESPONSE_MS_MAX,
  shared.SERVER_TOTAL_MS_MAX,
] as const;
/** Of servers, what older generations still have counts, too. */
const GAUGES_OF_ALL: readonly number[] = [shared.SERVER_SESSIONS, shared.SERVER_QUEUED, shared.SERVER_IDLE];
/** Servers of which everything is looked at each time, in turn: a counter that nobody asks for shall not wrap unseen. */
const SERVERS_PER_LOOK = 16;

export interface StatisticsSetup {
  readonly model: Model;
  readonly plan: Plan;
  readonly state: shared.SharedState;
  readonly records: readonly ServerRecord[];
  readonly live: LiveServers;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly descriptors: number;
  /** What of a server is being asked now. */
  readonly asks: (server: number) => UnderWay;
  /** Processor time of the data process so far. */
  readonly usedMs: () => number;
}

/** How long, and how often, a backend had no server. */
interface BackendTimes {
  downMs: number;
  changedMs: number;
  up: boolean;
  times: number;
}

export class Statistics {
  readonly #setup: StatisticsSetup;
  readonly #models: readonly ProxyModel[];
  readonly #tally: Tally;
  /** Of the process as such, which nobody clears. */
  readonly #ofProcess: Tally;
  readonly #proxies: ProxyMeters[];
  readonly #servers: ServerMeters[];
  #connections: Rate;
  #bytesOut: Rate;
  /** Of what is gone since a reload. */
  readonly #ofGone = { connections: 0, requests: 0, bytesOut: 0, linesLost: 0 };
  readonly #backendsDown: BackendTimes[];
  /** By the index of their backend. */
  readonly #goneServers: (GoneServers | null)[];
  readonly #idle: IdleMeter;
  #startedMs: number;
  #startedWallMs: number;
  #timer: Timer | null = null;
  /** Whose turn it is to be looked at: servers, proxies. */
  #next = 0;
  #looks = 0;
  /** Nobody is let in any more. */
  stopping = false;
  /** Another one counts on: who was looking here has to look there. */
  succeeded = false;
  /** Generations that still finish: their clients are clients, too. */
  elders: () => readonly Legacy[] = () => [];

  constructor(setup: StatisticsSetup) {
    const { model, plan, state, clock } = setup;
    const nowMs = clock.monotonicMs();
    this.#setup = setup;
    this.#models = runningProxies(model);
    this.#tally = new Tally(state);
    this.#ofProcess = new Tally(state);
    this.#idle = new IdleMeter(setup.usedMs, plan.threads, nowMs);
    this.#startedMs = nowMs;
    this.#startedWallMs = clock.wallMs();
    this.#proxies = plan.proxies.map(() => new ProxyMeters(nowMs));
    this.#servers = setup.records.map(() => new ServerMeters(nowMs));
    this.#connections = new Rate(0, nowMs);
    this.#bytesOut = new Rate(0, nowMs);
    this.#goneServers = plan.proxies.map(() => null);
    setup.live.watch({
      came: ({ index }) => {
        this.#servers[index] = new ServerMeters(clock.monotonicMs());
        const row = state.server(index);
        for (const tally of [this.#tally, this.#ofProcess]) tally.begin(row, row + state.rowWords);
      },
      goes: (server) => {
        const proxy = plan.proxies[server.backend] as ProxyPlan;
        const view = this.#server(proxy, server, clock.monotonicMs());
        this.#goneServers[proxy.index] = withGone(this.#goneServers[proxy.index] ?? null, view);
      },
    });
    this.#backendsDown = plan.proxies.map(() => ({ downMs: 0, changedMs: nowMs, up: true, times: 0 }));
  }

  /** Goes on counting where the generation before this one was at the change. */
  follow(before: Statistics, legacy: Legacy): void {
    // What was counted so far must have been seen, all of it.
    before.look();
    for (const _ of before.proxies(-1));
    const was = before.process();
    before.succeeded = true;
    const [from, to] = [before.#setup.state, this.#setup.state];
    const { proxies, servers } = legacy.matches;
    for (const pair of proxies) {
      const [then, now] = [from.proxy(pair.before), to.proxy(pair.now)];
      goOn(this.#tally, before.#tally, now, then, legacy, PROXY_COUNTERS, PROXY_BYTES);
      goOn(this.#ofProcess, before.#ofProcess, now, then, legacy, PROXY_COUNTERS, PROXY_BYTES);
      this.#proxies[pair.now] = before.#proxies[pair.before] as ProxyMeters;
      this.#goneServers[pair.now] = before.#goneServers[pair.before] ?? null;
      this.#backendsDown[pair.now] = before.#backendsDown[pair.before] as BackendTimes;
    }
    for (const pair of servers) {
      const [then, now] = [from.server(pair.before), to.server(pair.now)];
      goOn(this.#tally, before.#tally, now, then, legacy, SERVER_COUNTERS, SERVER_BYTES);
      this.#servers[pair.now] = before.#servers[pair.before] as ServerMeters;
    }
    this.#connections = before.#connections;
    this.#bytesOut = before.#bytesOut;
    this.#startedMs = before.#startedMs;
    this.#startedWallMs = before.#startedWallMs;
    const now = this.process();
    this.#ofGone.connections = Math.max(0, was.totalConnections - now.totalConnections);
    this.#ofGone.requests = Math.max(0, was.totalRequests - now.totalRequests);
    this.#ofGone.linesLost = was.droppedLogs;
    this.#ofGone.bytesOut = Math.max(0, was.bytesOut - now.bytesOut);
  }

  start(): void {
    this.#timer = this.#setup.timers.after(EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  /** Takes note of what becomes rates, and of some of the rest. Control must not be late: this has to be quick. */
  look(): void {
    const { plan, state, records, clock } = this.#setup;
    const nowMs = clock.monotonicMs();
    this.#idle.look(nowMs);
    for (const proxy of plan.proxies) {
      const row = state.proxy(proxy.index);
      const meters = this.#proxies[proxy.index] as ProxyMeters;
      meters.connections.now(this.#tally.count(row + shared.PROXY_TOTAL_CONNECTIONS), nowMs);
      meters.requests.now(this.#tally.count(row + shared.PROXY_REQUESTS), nowMs);
      this.#noteServed(proxy, nowMs);
    }
    for (let i = 0; i < Math.min(SERVERS_PER_LOOK, records.length); i++) {
      const server = records[this.#next++ % records.length]?.plan;
      const proxy = plan.proxies[server?.backend ?? -1];
      if (server !== undefined && proxy !== undefined) this.#server(proxy, server, nowMs);
    }
    const proxy = plan.proxies[this.#looks++ % plan.proxies.length];
    if (proxy?.isFrontend === true) this.#frontend(proxy);
    this.process();
  }

  /** Sessions that a backend was asked for: its servers', and those that found none. */
  #noteServed(proxy: ProxyPlan, nowMs: number): void {
    const { state } = this.#setup;
    const meters = this.#proxies[proxy.index] as ProxyMeters;
    const own = this.#responses(state.proxy(proxy.index) + shared.PROXY_OWN_RESPONSES_1XX);
    let served = own.reduce((all, count) => all + count, this.#goneServers[proxy.index]?.total ?? 0);
    for (const { index } of proxy.servers) {
      const { served: rate, used } = this.#servers[index] as ServerMeters;
      const total = this.#tally.count(state.server(index) + shared.SERVER_TOTAL_SESSIONS);
      rate.now(total, nowMs);
      used.look(total, nowMs);
      served += total;
    }
    meters.served.now(served, nowMs);
    meters.used.look(served, nowMs);
    const { active, backup } = usableServers(proxy, state);
    this.#note(proxy.index, active + backup > 0 || proxy.servers.length === 0, nowMs);
  }

  /** `clear counters`: the greatest values begin anew, and with `all` the counters, too. */
  clear(all: boolean): void {
    const { plan, state, records } = this.#setup;
    // What was counted so far must have been seen, all of it.
    this.look();
    for (const _ of this.proxies(-1));
    for (const { index } of plan.proxies) {
      const row = state.proxy(index);
      state.set(row + shared.PROXY_FRONTEND_SESSIONS_MAX, state.get(row + shared.PROXY_FRONTEND_SESSIONS));
      state.set(row + shared.PROXY_BACKEND_SESSIONS_MAX, state.get(row + shared.PROXY_BACKEND_SESSIONS));
      state.set(row + shared.PROXY_QUEUED_MAX, state.get(row + shared.PROXY_QUEUED));
    }
    for (const { plan: server } of records) {
      const row = state.server(server.index);
      state.set(row + shared.SERVER_SESSIONS_MAX, state.get(row + shared.SERVER_SESSIONS));
      state.set(row + shared.SERVER_QUEUED_MAX, state.get(row + shared.SERVER_QUEUED));
      for (const word of LONGEST) state.set(row + word, 0);
    }
    if (all) {
      this.#tally.clear();
      for (const record of records) record.clear();
      this.#goneServers.fill(null);
      for (const { times } of [...this.#proxies, ...this.#servers]) times.clear();
      for (const backend of this.#backendsDown) backend.times = 0;
    }
    for (const rate of this.#rates()) rate.clear(all);
    this.#connections.clear(false);
    this.#bytesOut.clear(false);
  }

  *#rates(): Iterable<Rate> {
    for (const { connections, requests, served } of this.#proxies) yield* [connections, requests, served];
    for (const { served } of this.#servers) yield served;
  }

  /** Of every proxy what it is, as they are asked for; `id`: of this one alone, -1: of all. */
  *proxies(id: number): Iterable<{ readonly frontend: FrontendView | null; readonly backend: BackendView | null }> {
    for (const proxy of this.#setup.plan.proxies) {
      if (id !== -1 && this.#models[proxy.index]?.id !== id) continue;
      const frontend = proxy.isFrontend ? this.#frontend(proxy) : null;
      yield { frontend, backend: proxy.isBackend ? this.#backend(proxy) : null };
    }
  }

  /** The same of all, one by one, for whoever pauses between: a frontend, servers, the backend that they belong to. */
  *views(): Iterable<FrontendView | ServerView | BackendView> {
    for (const proxy of this.#setup.plan.proxies) {
      if (proxy.isFrontend) yield this.#frontend(proxy);
      if (!proxy.isBackend) continue;
      const servers: ServerView[] = [];
      const gone = this.#goneServers[proxy.index];
      for (const server of this.#serversOf(proxy)) {
        servers.push(server);
        yield server;
      }
      // One that went meanwhile would count twice.
      yield this.#backend(proxy, this.#goneServers[proxy.index] === gone ? servers : undefined);
    }
  }

  hasBackend(name: string): boolean {
    return this.#setup.plan.proxies.some((proxy) => proxy.isBackend && proxy.name === name);
  }

  process(): ProcessView {
    const { model, plan, state, records, descriptors, clock } = this.#setup;
    const nowMs = clock.monotonicMs();
    const frontends = plan.proxies.filter(({ isFrontend }) => isFrontend).map(({ index }) => state.proxy(index));
    const sum = (word: number): number => frontends.reduce((all, row) => all + this.#ofProcess.count(row + word), 0);
    const gone = this.#ofGone;
    const totalConnections = sum(shared.PROXY_TOTAL_CONNECTIONS) + gone.connections;
    const bytesOut = frontends.reduce(
      (all, row) => all + this.#ofProcess.bytes(row + shared.PROXY_BYTES_OUT_LOW),
      gone.bytesOut,
    );
    return {
      ...threadTotals(plan, state, records, this.#ofProcess),
      droppedLogs: this.#ofProcess.count(shared.HEADER_LINES_LOST) + gone.linesLost,
      threads: plan.threads,
      pid: process.pid,
      uptimeMs: nowMs - this.#startedMs,
      startedWallMs: this.#startedWallMs,
      descriptors,
      maxconn: globalMaxconn(state, plan),
      maxconnAtMost: plan.maxconn,
      connections: this.elders().reduce((sum, one) => sum + one.connections, state.get(shared.HEADER_CONNECTIONS)),
      totalConnections,
      totalRequests: sum(shared.PROXY_REQUESTS) + gone.requests,
      connectionRate: rateView(this.#connections, totalConnections, nowMs),
      bytesOut,
      bytesOutRate: this.#bytesOut.now(bytesOut, nowMs),
      idlePercent: this.#idle.percent,
      node: model.global.node ?? hostname(),
      description: model.global.description,
      stopping: this.stopping,
      listeners: plan.listeners.length + model.global.stats.sockets.length,
    };
  }

  #frontend(proxy: ProxyPlan): FrontendView {
    const { plan, state, clock } = this.#setup;
    const nowMs = clock.monotonicMs();
    const row = state.proxy(proxy.index);
    const { connections: connectionRate, requests: requestRate } = this.#proxies[proxy.index] as ProxyMeters;
    const connections = this.#tally.count(row + shared.PROXY_TOTAL_CONNECTIONS);
    const requests = this.#tally.count(row + shared.PROXY_REQUESTS);
    const sessions = this.#proxyGauge(proxy.index, shared.PROXY_FRONTEND_SESSIONS);
    const limit = maxconnOf(state, proxy) || globalMaxconn(state, plan);
    const door = doorOf(state, proxy);
    const open = door === 'paused' ? 'PAUSED' : sessions >= limit ? 'FULL' : 'OPEN';
    return {
      kind: 'frontend',
      proxy: proxy.name,
      id: this.#models[proxy.index]?.id ?? 0,
      http: proxy.http,
      status: this.stopping || door === 'shut' ? 'STOP' : open,
      sessions,
      sessionsMax: Math.max(sessions, state.get(row + shared.PROXY_FRONTEND_SESSIONS_MAX)),
      limit,
      connections,
      requests,
      badRequests: this.#tally.count(row + shared.PROXY_BAD_REQUESTS),
      intercepted: this.#tally.count(row + shared.PROXY_INTERCEPTED),
      internalErrors: this.#tally.count(row + shared.PROXY_INTERNAL_ERRORS),
      bytesIn: this.#tally.bytes(row + shared.PROXY_BYTES_IN_LOW),
      bytesOut: this.#tally.bytes(row + shared.PROXY_BYTES_OUT_LOW),
      responses: this.#responses(row + shared.PROXY_RESPONSES_1XX),
      connectionRate: rateView(connectionRate, connections, nowMs),
      requestRate: rateView(requestRate, requests, nowMs),
    };
  }

  #backend(proxy: ProxyPlan, servers: readonly ServerView[] = [...this.#serversOf(proxy)]): BackendView {
    const { state, clock } = this.#setup;
    const nowMs = clock.monotonicMs();
    const row = state.proxy(proxy.index);
    const model = this.#models[proxy.index];
    const meters = this.#proxies[proxy.index] as ProxyMeters;
    const own = this.#responses(row + shared.PROXY_OWN_RESPONSES_1XX);
    const gone = this.#goneServers[proxy.index] ?? null;
    const counted = gone === null ? servers : [...servers, gone];
    const responses = counted.reduce((all, server) => together(all, server.responses), own);
    const sum = (figure: (server: ServerView) => number): number =>
      counted.reduce((all, server) => all + figure(server), 0);
    const sessions = this.#proxyGauge(proxy.index, shared.PROXY_BACKEND_SESSIONS);
    // Each stream that ended was counted once, by what its client was told.
    const total = responses.reduce((all, count) => all + count, 0) + sessions;
    const { active, backup } = usableServers(proxy, state);
    const up = active + backup > 0 || servers.length === 0;
    const times = this.#note(proxy.index, up, nowMs);
    this.#noteServed(proxy, nowMs);
    return {
      kind: 'backend',
      proxy: proxy.name,
      id: model?.id ?? 0,
      idGiven: model?.idGiven ?? false,
      http: proxy.http,
      up,
      sessions,
      sessionsMax: Math.max(sessions, state.get(row + shared.PROXY_BACKEND_SESSIONS_MAX)),
      limit: proxy.fullconn,
      queued: this.#proxyGauge(proxy.index, shared.PROXY_QUEUED),
      queuedMax: state.get(row + shared.PROXY_QUEUED_MAX),
      total,
      bytesIn: sum(({ bytesIn }) => bytesIn) + this.#tally.bytes(row + shared.PROXY_OWN_BYTES_IN_LOW),
      bytesOut: sum(({ bytesOut }) => bytesOut) + this.#tally.bytes(row + shared.PROXY_OWN_BYTES_OUT_LOW),
      responses,
      connectErrors: sum((s) => s.connectErrors) + this.#tally.count(row + shared.PROXY_OWN_CONNECT_ERRORS),
      responseErrors: sum((s) => s.responseErrors),
      retries: sum((s) => s.retries),
      redispatches: sum((s) => s.redispatches),
      balanced: sum((s) => s.balanced),
      connects: sum((s) => s.connects),
      reused: sum((s) => s.reused),
      clientAborts: sum((s) => s.clientAborts) + this.#tally.count(row + shared.PROXY_OWN_CLIENT_ABORTS),
      serverAborts: sum((s) => s.serverAborts),
      internalErrors: sum((s) => s.internalErrors) + this.#tally.count(row + shared.PROXY_OWN_INTERNAL_ERRORS),
      times: meters.times.view(longestOf(servers)),
      rate: { now: meters.served.latest, max: meters.served.max },
      lastSessionS: secondsSince(meters.used.atMs, nowMs),
      changedS: Math.floor((nowMs - times.changedMs) / 1000),
      downtimeS: Math.floor((times.downMs + (up ? 0 : nowMs - times.changedMs)) / 1000),
      timesDown: times.times,
      weight: sum((s) => (s.state === 'up' && s.isBackup === (active === 0) ? s.effectiveWeight : 0)),
      wholeWeight: sum((s) => (s.state === 'up' && s.isBackup === (active === 0) ? s.weight : 0)),
      active,
      backup,
      cookie: proxy.cookie?.name ?? null,
      algorithm: proxy.balance,
      servers,
    };
  }

  *#serversOf(proxy: ProxyPlan): Iterable<ServerView> {
    for (const server of proxy.servers) yield this.#server(proxy, server, this.#setup.clock.monotonicMs());
  }

  #server(proxy: ProxyPlan, plan: ServerPlan, nowMs: number): ServerView {
    const { state, records, asks } = this.#setup;
    const record = records[plan.index] as ServerRecord;
    const meters = this.#servers[plan.index] as ServerMeters;
    const row = state.server(plan.index);
    const total = this.#tally.count(row + shared.SERVER_TOTAL_SESSIONS);
    meters.used.look(total, nowMs);
    const fresh = meters.times.look({
      streams: this.#tally.count(row + shared.SERVER_TIMED),
      queueMs: this.#tally.count(row + shared.SERVER_QUEUE_MS),
      connectMs: this.#tally.count(row + shared.SERVER_CONNECT_MS),
      responseMs: this.#tally.count(row + shared.SERVER_RESPONSE_MS),
      totalMs: this.#tally.bytes(row + shared.SERVER_TOTAL_MS_LOW),
    });
    this.#proxies[proxy.index]?.times.feed(fresh);
    const counts: ServerCounts = {
      total,
      responses: this.#responses(row + shared.SERVER_RESPONSES_1XX),
      count: (word) => this.#tally.count(row + word),
      bytes: (word) => this.#tally.bytes(row + word),
      gauge: (word) => this.#serverGauge(plan.index, word),
      times: meters.times.view({
        queueMaxMs: state.get(row + shared.SERVER_QUEUE_MS_MAX),
        connectMaxMs: state.get(row + shared.SERVER_CONNECT_MS_MAX),
        responseMaxMs: state.get(row + shared.SERVER_RESPONSE_MS_MAX),
        totalMaxMs: state.get(row + shared.SERVER_TOTAL_MS_MAX),
      }),
      rate: rateView(meters.served, total, nowMs),
      lastSessionS: secondsSince(meters.used.atMs, nowMs),
    };
    const proxyId = this.#models[proxy.index]?.id ?? 0;
    return serverView(record, { proxy: proxy.name, proxyId, http: proxy.http }, counts, asks(plan.index), nowMs);
  }

  /** Of all generations. */
  #proxyGauge(index: number, word: number): number {
    const { state } = this.#setup;
    const own = state.get(state.proxy(index) + word);
    return this.elders().reduce((sum, one) => sum + one.proxyGauge(index, word), own);
  }

  #serverGauge(index: number, word: number): number {
    const { state } = this.#setup;
    const own = state.get(state.server(index) + word);
    if (!GAUGES_OF_ALL.includes(word)) return own;
    return this.elders().reduce((sum, one) => sum + one.serverGauge(index, word), own);
  }

  #responses(first: number): Responses {
    const at = (kind: number): number => this.#tally.count(first + kind);
    return [at(0), at(1), at(2), at(3), at(4), at(5)];
  }

  /** Takes note whether a backend has a server. */
  #note(proxy: number, up: boolean, nowMs: number) {
    const times = this.#backendsDown[proxy] ?? { downMs: 0, changedMs: nowMs, up, times: 0 };
    if (times.up === up) return times;
    if (up) times.downMs += nowMs - times.changedMs;
    else times.times++;
    times.up = up;
    times.changedMs = nowMs;
    return times;
  }
}

/** One row, of what it is counted from and of what it goes on in. */
function goOn(
  tally: Tally,
  before: Tally,
  row: number,
  from: number,
  legacy: Legacy,
  counters: readonly number[],
  bytes: readonly number[],
): void {
  for (const word of counters) tally.goOn(row + word, before, from + word, legacy.countThen(from + word));
  for (const word of bytes) tally.goOnBytes(row + word, before, from + word, legacy.bytesThen(from + word));
}

function rateView(rate: Rate, total: number, nowMs: number): RateView {
  return { now: rate.now(total, nowMs), max: rate.max };
}

function together(a: Responses, b: Responses): Responses {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2], a[3] + b[3], a[4] + b[4], a[5] + b[5]];
}

function secondsSince(atMs: number, nowMs: number): number {
  return atMs < 0 ? -1 : Math.floor((nowMs - atMs) / 1000);
}
