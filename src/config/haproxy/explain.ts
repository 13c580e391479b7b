/**
 * What `tandem check --explain` says about a haproxy.cfg: of each proxy what holds, and where it comes from: a line of its own,
 * a line of the defaults, another time-out that it follows, or what HAProxy does without a line. Text from models; pure.
 *
 *   listen web (haproxy.cfg:12)
 *     bind *:80                 haproxy.cfg:13
 *     timeout client 30s        haproxy.cfg:5, defaults
 *     timeout http-request 30s  follows timeout client
 *     retries 3                 built in
 */
import type { Model, Proxy as ProxyModel, Server, Timeouts } from '../model.ts';
import type { Outline, OutlineLine } from './outline.ts';

interface Row {
  readonly text: string;
  readonly from: string;
}

const BUILT_IN = 'built in';

export function explainProxies(model: Model, outlines: readonly Outline[]): string {
  return model.proxies
    .map((proxy, at) => explainProxy(proxy, outlines[at]?.lines ?? []))
    .filter((text) => text !== '')
    .join('\n');
}

function explainProxy(proxy: ProxyModel, lines: readonly OutlineLine[]): string {
  const head = `${proxy.kind} ${proxy.name} (${place(proxy.origin)})`;
  if (proxy.disabled) return `${head}: disabled, nothing of it runs\n`;
  const written = lines.map(
    ({ text, origin, isInherited }): Row => ({ text, from: `${place(origin)}${isInherited ? ', defaults' : ''}` }),
  );
  const said = new Set(lines.map(({ name }) => name));
  const rows = [...written, ...impliedRows(proxy, said)];
  const width = Math.min(WIDEST, Math.max(...rows.map(({ text }) => text.length)));
  return [head, ...rows.map(({ text, from }) => `  ${text.padEnd(width)}  ${from}`), ''].join('\n');
}

const WIDEST = 72;

/** What holds although no line says it. */
function impliedRows(proxy: ProxyModel, said: ReadonlySet<string>): Row[] {
  const frontend = proxy.kind !== 'backend';
  const backend = proxy.kind !== 'frontend';
  return [
    ...unsaid(said, 'mode', proxy.mode),
    ...(frontend ? frontendRows(proxy, said) : []),
    ...(backend ? backendRows(proxy, said) : []),
    ...(proxy.mode === 'http' ? httpRows(proxy, said, backend) : []),
    ...timeoutRows(proxy.timeouts, frontend, backend, proxy.mode === 'http'),
  ];
}

function frontendRows(proxy: ProxyModel, said: ReadonlySet<string>): Row[] {
  const rows: Row[] = [];
  if (!said.has('maxconn')) rows.push({ text: 'maxconn', from: 'built in: as many as the process takes' });
  if (proxy.logs.length > 0 && proxy.trafficLog === 'default')
    rows.push({ text: 'log line without a format', from: `${BUILT_IN}: 'Connect from …'; see option httplog` });
  if (proxy.logs.length === 0) rows.push({ text: 'no log', from: `${BUILT_IN}: no log line` });
  return rows;
}

function backendRows(proxy: ProxyModel, said: ReadonlySet<string>): Row[] {
  return [
    ...unsaid(said, 'balance', proxy.balance),
    ...unsaid(said, 'retries', String(proxy.retries)),
    ...(said.has('option redispatch')
      ? []
      : [{ text: 'no option redispatch', from: `${BUILT_IN}: retries stay with their server` }]),
    ...proxy.servers.map(serverRow),
  ];
}

function serverRow({ name, weight, maxconn, check, track }: Server): Row {
  const checks = check.enabled
    ? `checked every ${time(check.intervalMs)}, up after ${check.rise}, down after ${check.fall}`
    : track === null
      ? 'not checked: always up'
      : `as ${track.proxy === null ? '' : `${track.proxy}/`}${track.server}`;
  const limit = maxconn === 0 ? 'no maxconn' : `maxconn ${maxconn}`;
  return { text: `server ${name}: weight ${weight}, ${limit}, ${checks}`, from: 'altogether' };
}

function httpRows(proxy: ProxyModel, said: ReadonlySet<string>, backend: boolean): Row[] {
  const rows: Row[] = [];
  const modes = ['option http-keep-alive', 'option http-server-close', 'option httpclose'];
  if (!modes.some((mode) => said.has(mode))) rows.push({ text: 'option http-keep-alive', from: BUILT_IN });
  if (backend) rows.push(...unsaid(said, 'http-reuse', proxy.httpReuse));
  return rows;
}

interface Follower {
  readonly name: string;
  readonly own: keyof Timeouts;
  /** Whose value it takes, the first that has one. */
  readonly follows: readonly { readonly name: string; readonly field: keyof Timeouts }[];
  readonly without: string;
}

const CONNECT = { name: 'connect', field: 'connectMs' } as const;
const CLIENT = { name: 'client', field: 'clientMs' } as const;
const HTTP_REQUEST = { name: 'http-request', field: 'httpRequestMs' } as const;
const NO_LIMIT = 'no limit';

function timeoutRows(timeouts: Timeouts, frontend: boolean, backend: boolean, http: boolean): Row[] {
  const client: Follower[] = [{ name: 'client', own: 'clientMs', follows: [], without: NO_LIMIT }];
  const requests: Follower[] = [
    { name: 'http-request', own: 'httpRequestMs', follows: [CLIENT], without: NO_LIMIT },
    { name: 'http-keep-alive', own: 'httpKeepAliveMs', follows: [HTTP_REQUEST, CLIENT], without: NO_LIMIT },
  ];
  const server: Follower[] = [
    { name: 'connect', own: 'connectMs', follows: [], without: NO_LIMIT },
    { name: 'server', own: 'serverMs', follows: [], without: NO_LIMIT },
    { name: 'queue', own: 'queueMs', follows: [CONNECT], without: NO_LIMIT },
    { name: 'check', own: 'checkMs', follows: [], without: "its server's inter" },
    { name: 'tunnel', own: 'tunnelMs', follows: [], without: 'timeout client and timeout server hold' },
  ];
  const all = [...(frontend ? client : []), ...(frontend && http ? requests : []), ...(backend ? server : [])];
  return all.filter(({ own }) => timeouts[own] === null).map((one) => followerRow(one, timeouts));
}

function followerRow({ name, follows, without }: Follower, timeouts: Timeouts): Row {
  for (const other of follows) {
    const ms = timeouts[other.field];
    if (ms !== null) return { text: `timeout ${name} ${time(ms)}`, from: `follows timeout ${other.name}` };
  }
  return { text: `timeout ${name}`, from: `${BUILT_IN}: ${without}` };
}

function unsaid(said: ReadonlySet<string>, keyword: string, value: string): Row[] {
  return said.has(keyword) ? [] : [{ text: `${keyword} ${value}`, from: BUILT_IN }];
}

function place({ file, line }: { readonly file: string; readonly line: number }): string {
  return `${file}:${line}`;
}

/** As one would write it. */
function time(ms: number): string {
  for (const [unit, size] of [
    ['d', 86_400_000],
    ['h', 3_600_000],
    ['m', 60_000],
    ['s', 1000],
  ] as const) {
    if (ms >= size && ms % size === 0) return `${ms / size}${unit}`;
  }
  return `${ms}ms`;
}
