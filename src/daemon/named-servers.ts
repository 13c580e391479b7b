/** Servers that the configuration refers to, in rules and expressions: whoever is named there cannot be taken away. Pure. */
import type { Model, Proxy as ProxyModel } from '../config/model.ts';
import { runningProxies } from './compile.ts';

/** `backend/server` of each. */
export function namedServers(model: Model): ReadonlySet<string> {
  const found = new Set<string>();
  for (const proxy of runningProxies(model)) {
    for (const { server } of proxy.rules.servers) found.add(`${proxy.name}/${server}`);
    for (const part of [proxy.rules, proxy.logging, proxy.balanceArguments]) collect(part, proxy, found);
  }
  return found;
}

/** Arguments of samples that are servers, wherever they stand. */
function collect(value: unknown, own: ProxyModel, found: Set<string>): void {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  if ('kind' in value && value.kind === 'server' && 'name' in value && typeof value.name === 'string') {
    found.add(value.name.includes('/') ? value.name : `${own.name}/${value.name}`);
  }
  for (const inner of Object.values(value)) collect(inner, own, found);
}
