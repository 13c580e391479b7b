/** Which servers and agents are asked, where and how long: model → what src/health runs. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { ProbeTarget } from '../health/probe.ts';
import type { Plan, ServerPlan } from '../proxy/plan.ts';
import { checkScene } from './check-scene.ts';
import { runningProxies, serverAddress } from './compile.ts';
import type { HostAddress } from './resolve.ts';

export interface CheckTarget {
  /** Of the server, in the plan. */
  readonly index: number;
  readonly isAgent: boolean;
  readonly target: ProbeTarget;
}

export function checkTargets(
  model: Model,
  plan: Plan,
  addresses: ReadonlyMap<string, HostAddress>,
): readonly CheckTarget[] {
  return runningProxies(model).flatMap((proxy, proxyIndex) =>
    proxy.servers.flatMap((server, position) => {
      const place = plan.proxies[proxyIndex]?.servers[position];
      return place === undefined ? [] : targetsOf(model, proxy, server, place, addresses);
    }),
  );
}

/** Of one server, which is where its plan says. */
export function targetsOf(
  model: Model,
  proxy: ProxyModel,
  server: Server,
  place: ServerPlan,
  addresses: ReadonlyMap<string, HostAddress>,
): readonly CheckTarget[] {
  const targets: CheckTarget[] = [];
  const { index } = place;
  const { checkMethod: method } = proxy;
  const own = serverAddress(server, addresses) === null ? null : place.address;
  const address = checkAddress(server, own, place.portFromClient, addresses);
  if (address !== null && server.check.enabled) {
    const scene = checkScene(model, proxy, server, address, addresses);
    const target = { address, method, ...deadlines(proxy, server.check.intervalMs), scene };
    targets.push({ index, isAgent: false, target });
  }
  const agentAt = agentAddress(server, own, addresses);
  if (agentAt !== null && server.agent.enabled) {
    const target = { address: agentAt, method, ...deadlines(proxy, server.agent.intervalMs) };
    targets.push({ index, isAgent: true, target });
  }
  return targets;
}

/**
 * The connection has `inter`, or `timeout connect` if that is shorter and `timeout check` says how long the answer may
 * take; without `timeout check`, all of it has `inter` (HAProxy's rule).
 */
function deadlines(
  proxy: ProxyModel,
  intervalMs: number,
): { connectTimeoutMs: number; answerTimeoutMs: number | null } {
  const { checkMs, connectMs } = proxy.timeouts;
  const bounded = checkMs !== null && connectMs !== null && connectMs > 0;
  return { connectTimeoutMs: bounded ? Math.min(intervalMs, connectMs) : intervalMs, answerTimeoutMs: checkMs };
}

/** `port` and `addr` of the server line go before the server's own. */
function checkAddress(
  server: Server,
  own: InetAddress | UnixAddress | null,
  portFromClient: boolean,
  addresses: ReadonlyMap<string, HostAddress>,
): InetAddress | UnixAddress | null {
  const { address: host, port } = server.check;
  if (own?.family === 'unix' && host === null) return own;
  const ownPort = portFromClient ? 0 : own === null || own.family === 'unix' ? server.address.port : own.port;
  const place = host === null ? own : placeOf(host, addresses);
  if (place === null || place.family === 'unix') return null;
  return { family: place.family, ip: place.ip, port: port ?? ownPort };
}

function agentAddress(
  server: Server,
  own: InetAddress | UnixAddress | null,
  addresses: ReadonlyMap<string, HostAddress>,
): InetAddress | null {
  const { address, port } = server.agent;
  const place = address === null ? own : placeOf(address, addresses);
  return place === null || place.family === 'unix' ? null : { family: place.family, ip: place.ip, port };
}

function placeOf(host: string, addresses: ReadonlyMap<string, HostAddress>): HostAddress | null {
  if (isIPv4(host)) return { family: 4, ip: host };
  if (isIPv6(host)) return { family: 6, ip: host };
  return addresses.get(host) ?? null;
}
