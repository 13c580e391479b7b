/** Reads a proxy's numbers out of the shared memory. */
import type { ProxyPlan } from '../proxy/plan.ts';
import {
  PROXY_BACKEND_SESSIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_QUEUED,
  PROXY_TOTAL_CONNECTIONS,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_TOTAL_SESSIONS,
  SERVER_WEIGHT,
  type SharedState,
  STATE_DOWN,
  STATE_MAINT,
  STATE_UP,
} from '../proxy/shared-state.ts';
import type { ProxyFigures, ServerFigures } from './state-words.ts';

/** Servers that new clients may be sent to. */
export function usableServers(
  proxy: ProxyPlan,
  state: SharedState,
): { readonly active: number; readonly backup: number } {
  let active = 0;
  let backup = 0;
  for (const server of proxy.servers) {
    const row = state.server(server.index);
    if (state.get(row + SERVER_STATE) !== STATE_UP || state.get(row + SERVER_WEIGHT) <= 0) continue;
    if (server.backup) backup++;
    else active++;
  }
  return { active, backup };
}

export function figuresOf(proxy: ProxyPlan, state: SharedState): ProxyFigures {
  const row = state.proxy(proxy.index);
  const servers = proxy.servers.map((server): ServerFigures => {
    const at = state.server(server.index);
    const now = state.get(at + SERVER_STATE);
    return {
      name: server.name,
      up: now !== STATE_DOWN && now !== STATE_MAINT,
      sessions: state.get(at + SERVER_SESSIONS),
      queued: state.get(at + SERVER_QUEUED),
      total: state.get(at + SERVER_TOTAL_SESSIONS),
    };
  });
  return {
    name: proxy.name,
    servers,
    ...usableServers(proxy, state),
    frontendSessions: state.get(row + PROXY_FRONTEND_SESSIONS),
    backendSessions: state.get(row + PROXY_BACKEND_SESSIONS),
    queued: state.get(row + PROXY_QUEUED),
    frontendTotal: proxy.isFrontend ? state.get(row + PROXY_TOTAL_CONNECTIONS) : 0,
    backendTotal: servers.reduce((sum, server) => sum + server.total, 0),
  };
}
