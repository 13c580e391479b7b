/** Which servers and agents are asked, where and how long: model → what src/health runs. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import type { ProbeTarget } from '../health/probe.ts';
import type { Plan } from '../proxy/plan.ts';
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
  const targets: CheckTarget[] = [];
  runningProxies(model).forEach((proxy, proxyIndex) => {
    proxy.servers.forEach((server, position) => {
      const index = plan.proxies[proxyIndex]?.servers[position]?.index;
      if (index === undefined) return;
      const { checkMethod: method } = proxy;
      const address = checkAddress(server, addresses);
      if (address !== null && server.check.enabled) {
        const scene = checkScene(model, proxy, server, address, addresses);
        const target = { address, method, ...deadlines(proxy, server.check.intervalMs), scene };
        targets.push({ index, isAgent: false, target });
      }
      const agentAt = agentAddress(server, addresses);
      if (agentAt !== null && server.agent.enabled) {
        const target = { address: agentAt, method, ...deadlines(proxy, server.agent.intervalMs) };
        targets.push({ index, isAgent: true, target });
      }
    });
  });
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
function checkAddress(server: Server, addresses: ReadonlyMap<string, HostAddress>): InetAddress | UnixAddress | null {
  const own = serverAddress(server, addresses);
  const { address: host, port } = server.check;
  if (own?.family === 'unix' && host === null) return own;
  const ownPort = server.address.portFromClient ? 0 : server.address.port;
  const place = host === null ? own : placeOf(host, addresses);
  if (place === null || place.family === 'unix') return null;
  return { family: place.family, ip: place.ip, port: port ?? ownPort };
}

function agentAddress(server: Server, addresses: ReadonlyMap<string, HostAddress>): InetAddress | null {
  const { address, port } = server.agent;
  const place = address === null ? serverAddress(server, addresses) : placeOf(address, addresses);
  return place === null || place.family === 'unix' ? null : { family: place.family, ip: place.ip, port };
}

function placeOf(host: string, addresses: ReadonlyMap<string, HostAddress>): HostAddress | null {
  if (isIPv4(host)) return { family: 4, ip: host };
  if (isIPv6(host)) return { family: 6, ip: host };
  return addresses.get(host) ?? null;
}
