/**
 * The control process's side of the shared memory: it writes the states of servers and reads what the threads count.
 *
 * Not here: who decides a state (src/health), how threads learn of it (src/proxy).
 */
import { allProxies, type Plan } from '../proxy/plan.ts';
import {
  HEADER_CONNECTIONS,
  HEADER_GENERATION,
  HEADER_VERDICTS,
  LISTENER_CONNECTIONS,
  layoutOf,
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_QUEUED,
  SERVER_IDLE,
  SERVER_IDLE_FRESH,
  SERVER_MAXCONN,
  SERVER_NEEDED,
  SERVER_OFFER_COUNT,
  SERVER_OFFERS,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_THROTTLE,
  SERVER_WANTED,
  SERVER_WARMTH,
  SERVER_WEIGHT,
  SharedState,
  STATE_MAINT,
  STATE_UP,
  serverCount,
  THREAD_CONNECTIONS,
  THREAD_READY,
  THREAD_SLABS,
  THREAD_SLABS_MAPPED,
  THREAD_STREAMS,
} from '../proxy/shared-state.ts';
import { type ServerRecord, WHOLE_WARMTH } from './server-record.ts';
import { type SharedPage, SharedPages } from './shared-pages.ts';

const THREAD_GAUGES = [THREAD_CONNECTIONS, THREAD_STREAMS, THREAD_READY, THREAD_SLABS, THREAD_SLABS_MAPPED] as const;
const SERVER_GAUGES = [
  ...[SERVER_SESSIONS, SERVER_QUEUED, SERVER_IDLE, SERVER_IDLE_FRESH, SERVER_NEEDED, SERVER_WANTED],
] as const;

export interface SharedMemory {
  readonly page: SharedPage;
  readonly state: SharedState;
}

/** Pages for this plan, with every server in the state that it starts in. */
export function createSharedMemory(
  plan: Pick<Plan, 'threads' | 'proxies' | 'listeners' | 'inside' | 'generation' | 'spareServers'>,
  pages = new SharedPages(),
): SharedMemory {
  const layout = layoutOf(plan);
  const page = pages.take(layout.sizeBytes);
  const state = new SharedState(page.region.bytes.buffer, layout);
  state.set(HEADER_GENERATION, plan.generation);
  for (const proxy of allProxies(plan)) {
    for (const server of proxy.servers) {
      const row = state.server(server.index);
      state.set(row + SERVER_STATE, server.startsUp ? STATE_UP : STATE_MAINT);
      state.set(row + SERVER_WEIGHT, server.weight);
    }
  }
  return { page, state };
}

/** The threads notice by the count, or at the latest when they are woken. */
export function writeVerdict(state: SharedState, server: number, value: number): void {
  state.set(state.server(server) + SERVER_STATE, value);
  state.add(HEADER_VERDICTS, 1);
}

/** All that they are to know of a server. */
export function writeServer(state: SharedState, record: ServerRecord): void {
  const row = state.server(record.plan.index);
  state.set(row + SERVER_WEIGHT, record.appliedWeight);
  state.set(row + SERVER_WARMTH, record.warmth === WHOLE_WARMTH ? 0 : record.warmth);
  state.set(row + SERVER_THROTTLE, record.throttlePercent === null ? 0 : record.throttlePercent + 1);
  writeVerdict(state, record.plan.index, record.state);
}

/** The same for the streams that it takes at once. */
export function writeLimit(state: SharedState, record: ServerRecord): void {
  state.set(state.server(record.plan.index) + SERVER_MAXCONN, record.maxconn === null ? 0 : record.maxconn + 1);
  state.add(HEADER_VERDICTS, 1);
}

/** A data process that died took its connections with it: what counted them starts from nothing; totals stay. */
export function forgetConnections(state: SharedState, plan: Plan): void {
  state.set(HEADER_CONNECTIONS, 0);
  state.forgetLines();
  for (let thread = 0; thread < plan.threads; thread++) {
    for (const gauge of THREAD_GAUGES) state.set(state.thread(thread) + gauge, 0);
  }
  for (const proxy of allProxies(plan)) {
    for (const gauge of [PROXY_FRONTEND_SESSIONS, PROXY_BACKEND_SESSIONS, PROXY_QUEUED]) {
      state.set(state.proxy(proxy.index) + gauge, 0);
    }
  }
  // Also those that are gone, or may come.
  const servers = serverCount(plan) + (plan.spareServers ?? 0) + (plan.inside?.backends.length ?? 0);
  for (let server = 0; server < servers; server++) {
    const row = state.server(server);
    for (const gauge of SERVER_GAUGES) state.set(row + gauge, 0);
    // Descriptors of a process that is gone.
    for (let i = 0; i < SERVER_OFFER_COUNT; i++) state.set(row + SERVER_OFFERS + i, 0);
  }
  for (const { index } of plan.listeners) state.set(state.listener(index) + LISTENER_CONNECTIONS, 0);
}
