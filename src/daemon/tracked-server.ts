/** Whom a server follows (`track`). The configuration has been checked: there is one, and no circle. */
import type { Proxy as ProxyModel, Server } from '../config/model.ts';

export function trackedServer(proxies: readonly ProxyModel[], home: ProxyModel, { track }: Server): Server | null {
  if (track === null) return null;
  const proxy =
    track.proxy === null ? home : proxies.find(({ name, kind }) => name === track.proxy && kind !== 'frontend');
  return proxy?.servers.find(({ name }) => name === track.server) ?? null;
}
