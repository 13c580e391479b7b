/** Names and figures of proxies and servers: `be_name`, `nbsrv(app)`, `srv_conn(app/s1)`, … */
import type { ProxyRuntime, ServerRuntime } from '../runtime.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_QUEUED,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_WEIGHT,
  type SharedState,
  STATE_DOWN,
  STATE_DRAIN,
  STATE_MAINT,
  STATE_UP,
} from '../shared-state.ts';
import type { SampleArguments } from './arguments.ts';
import type { MakeFetch } from './fetches.ts';
import type { SampleScope } from './scope.ts';
import { SAMPLE_TEXT, type SampleValue } from './value.ts';

function name(value: SampleValue, bytes: Buffer): boolean {
  return value.setRange(SAMPLE_TEXT, bytes, 0, bytes.length);
}

function frontendOf(scope: SampleScope): ProxyRuntime | null {
  return scope.client?.listener.frontend ?? null;
}

function isUsable(shared: SharedState, server: ServerRuntime): boolean {
  return shared.get(server.row + SERVER_STATE) === STATE_UP && shared.get(server.row + SERVER_WEIGHT) > 0;
}

/** Usable servers of one kind. */
function count(shared: SharedState, backend: ProxyRuntime, backup: boolean): number {
  let found = 0;
  for (const server of backend.servers) {
    if (server.plan.backup === backup && isUsable(shared, server)) found++;
  }
  return found;
}

/** Those that would serve now: the active ones, else one backup, or all of them. */
export function usableServers(shared: SharedState, backend: ProxyRuntime): number {
  const active = count(shared, backend, false);
  if (active > 0) return active;
  const backups = count(shared, backend, true);
  return backend.plan.allBackups ? backups : Math.min(1, backups);
}

function ofProxy(run: (shared: SharedState, proxy: ProxyRuntime, value: SampleValue) => boolean): MakeFetch {
  return (args: SampleArguments) => {
    const index = args.number(0);
    return (scope, value) => {
      const proxy = scope.context.proxies[index];
      return proxy !== undefined && run(scope.context.shared, proxy, value);
    };
  };
}

/** The argument is `backend/server`, both as indices. */
function ofServer(run: (shared: SharedState, server: ServerRuntime, value: SampleValue) => boolean): MakeFetch {
  return (args: SampleArguments) => {
    const backend = args.number(0);
    const position = args.number(1);
    return (scope, value) => {
      const server = scope.context.proxies[backend]?.configured[position];
      return server !== undefined && run(scope.context.shared, server, value);
    };
  };
}

/** Room on the servers that would serve; -1: as much as one likes. */
function freeConnections(shared: SharedState, backend: ProxyRuntime): number {
  const active = count(shared, backend, false) > 0;
  let free = 0;
  for (const server of backend.servers) {
    if (!isUsable(shared, server) || server.plan.backup === active) continue;
    if (server.plan.maxconn === 0) return -1;
    free += Math.max(0, server.limit.now() - shared.get(server.row + SERVER_SESSIONS));
    if (!active && !backend.plan.allBackups) break;
  }
  return free;
}

/** Room on servers and in their queues; -1 where one has no bound. */
function freeSlots(shared: SharedState, backend: ProxyRuntime): number {
  let free = 0;
  for (const { row, plan } of backend.servers) {
    if (shared.get(row + SERVER_STATE) === STATE_DOWN) continue;
    if (plan.maxconn === 0 || plan.maxqueue === 0) return -1;
    free += plan.maxconn - shared.get(row + SERVER_SESSIONS) + plan.maxqueue - shared.get(row + SERVER_QUEUED);
  }
  return free;
}

/** HAProxy's `totpend`: who waits for the backend or for one of its servers. */
function waiting(shared: SharedState, backend: ProxyRuntime): number {
  let sum = shared.get(backend.row + PROXY_QUEUED);
  for (const server of backend.servers) sum += shared.get(server.row + SERVER_QUEUED);
  return sum;
}

function averageQueue(shared: SharedState, backend: ProxyRuntime): number {
  const all = waiting(shared, backend);
  const servers = usableServers(shared, backend);
  return servers > 0 ? Math.ceil(all / servers) : all * 2;
}

export const PROXY_FETCHES: Readonly<Record<string, MakeFetch>> = {
  fe_name: () => (scope, value) => {
    const frontend = frontendOf(scope);
    return frontend !== null && name(value, frontend.name);
  },
  fe_id: () => (scope, value) => {
    const frontend = frontendOf(scope);
    return frontend !== null && value.setInteger(frontend.plan.id);
  },
  fe_defbe: () => (scope, value) => {
    const backend = scope.context.proxies[frontendOf(scope)?.plan.defaultBackend ?? -1];
    return backend !== undefined && name(value, backend.name);
  },
  fe_client_timeout: () => (scope, value) => {
    const frontend = frontendOf(scope);
    return frontend !== null && value.setInteger(frontend.plan.timeouts.clientMs);
  },
  be_name: () => (scope, value) => scope.stream !== null && name(value, scope.stream.backend.name),
  be_id: () => (scope, value) => scope.stream !== null && value.setInteger(scope.stream.backend.plan.id),
  be_server_timeout: () => (scope, value) =>
    scope.stream !== null && value.setInteger(scope.stream.backend.plan.timeouts.serverMs),
  be_tunnel_timeout: () => (scope, value) =>
    scope.stream !== null && value.setInteger(scope.stream.backend.plan.timeouts.tunnelMs),
  srv_name: () => (scope, value) => {
    const target = scope.stream?.target ?? null;
    return target !== null && name(value, target.name);
  },
  srv_id: () => (scope, value) => {
    const target = scope.stream?.target ?? null;
    return target !== null && value.setInteger(target.plan.id);
  },
  fe_conn: ofProxy((shared, { row }, value) => value.setInteger(shared.get(row + PROXY_FRONTEND_SESSIONS))),
  be_conn: ofProxy((shared, { row }, value) => value.setInteger(shared.get(row + PROXY_BACKEND_SESSIONS))),
  be_conn_free: ofProxy((shared, proxy, value) => value.setInteger(freeConnections(shared, proxy))),
  nbsrv: ofProxy((shared, proxy, value) => value.setInteger(usableServers(shared, proxy))),
  connslots: ofProxy((shared, proxy, value) => value.setInteger(freeSlots(shared, proxy))),
  queue: ofProxy((shared, proxy, value) => value.setInteger(waiting(shared, proxy))),
  avg_queue: ofProxy((shared, proxy, value) => value.setInteger(averageQueue(shared, proxy))),
  srv_conn: ofServer((shared, { row }, value) => value.setInteger(shared.get(row + SERVER_SESSIONS))),
  srv_conn_free: ofServer((shared, { row, plan, limit }, value) =>
    value.setInteger(plan.maxconn === 0 ? -1 : Math.max(0, limit.now() - shared.get(row + SERVER_SESSIONS))),
  ),
  srv_queue: ofServer((shared, { row }, value) => value.setInteger(shared.get(row + SERVER_QUEUED))),
  srv_weight: ofServer((shared, { row }, value) => value.setInteger(shared.get(row + SERVER_WEIGHT))),
  srv_is_up: ofServer((shared, { row }, value) => {
    const state = shared.get(row + SERVER_STATE);
    return value.setBool(state !== STATE_MAINT && (state === STATE_UP || state === STATE_DRAIN));
  }),
};
