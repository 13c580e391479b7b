/**
 * `server-template <prefix> <number | low-high> <address> [parameter …]`: that many servers which differ in their names only,
 * `<prefix>1`, `<prefix>2` … Names are looked up once, at the start: each of them gets the same address.
 */
import { nameArgument } from './arguments.ts';
import { newServerSettings, type ProxyTarget, type ServerDraft, type ServerSettings } from './drafts.ts';
import { copyServerSettings } from './inherit.ts';
import { serverAddress } from './server-address.ts';
import type { Statement } from './statement.ts';

/** More than this is a slip of the finger. */
const MOST_SERVERS = 10_000;

type ApplyParameters = (s: Statement, start: number, server: ServerDraft, target: ProxyTarget) => void;

export function applyServerTemplate(s: Statement, target: ProxyTarget, applyParameters: ApplyParameters): void {
  const { proxy, loading } = target;
  const prefix = nameArgument(s, 1, 'server');
  const range = rangeArgument(s, 2);
  const address = serverAddress(s, 3, loading.env);
  const settings = newServerSettings();
  copyServerSettings(settings, proxy.defaultServer);
  const first: ServerDraft = {
    statement: s,
    name: `${prefix ?? ''}${range?.low ?? 1}`,
    id: null,
    address: address ?? { host: '0.0.0.0', kind: 'ip4', port: 0, portFromClient: false },
    settings,
  };
  applyParameters(s, 4, first, target);
  if (prefix === null || range === null || address === null) return;
  proxy.servers.push(first);
  for (let number = range.low + 1; number <= range.high; number++) {
    proxy.servers.push({ ...first, name: `${prefix}${number}`, id: null, settings: copyOf(settings) });
  }
}

/** Numbers are read as far as they go, as HAProxy does. */
function rangeArgument(s: Statement, at: number): { readonly low: number; readonly high: number } | null {
  const [, first = '', second] = /^\s*([+-]?\d+)[^-]*(?:-(.*))?$/s.exec(s.text(at)) ?? [];
  const low = second === undefined ? 1 : Number(first);
  const high = second === undefined ? Number(first) : Number.parseInt(second, 10) || 0;
  if (first === '' || low < 0 || high < low) {
    s.error(at, 'bad-value', `'${s.text(at)}' is neither a number of servers nor a range`, 'like 3 or 1-3');
    return null;
  }
  if (high - low < MOST_SERVERS) return { low, high };
  s.error(at, 'bad-value', `'${s.text(at)}' is more than ${MOST_SERVERS} servers`);
  return null;
}

function copyOf(settings: ServerSettings): ServerSettings {
  const copy = newServerSettings();
  copyServerSettings(copy, settings);
  return copy;
}
