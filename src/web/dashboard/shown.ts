/**
 * What of a `Status` the dashboard shows. A server has sixty figures: of ten thousand servers only those are sent that
 * somebody sees.
 *
 *   statistics ─▶ views.ts ─▶ Shown… ─▶ patches ─▶ the page, which knows the types alone
 */
import type { ProxyStatus, StatusHead } from '../../admin/status.ts';
import type { BackendView, CheckView, FrontendView, ServerView } from '../../daemon/views.ts';
import { difference } from './patch.ts';
import type { ShownVirtualServer } from './shown-virtual-server.ts';

/** Not the version: `stats hide-version` means it. */
export interface ShownStatus extends Omit<StatusHead, 'version'>, ShownLists {}

/** What there may be thousands of. */
export interface ShownLists {
  readonly proxies: readonly ShownProxy[];
  readonly virtualServers: readonly ShownVirtualServer[];
}

export interface ShownProxy {
  readonly name: string;
  readonly frontend: ShownFrontend | null;
  readonly backend: ShownBackend | null;
}

const FRONTEND = [
  'http',
  'status',
  'sessions',
  'limit',
  'connections',
  'requests',
  'badRequests',
  'bytesIn',
  'bytesOut',
  'responses',
  'connectionRate',
  'requestRate',
] as const satisfies readonly (keyof FrontendView)[];

const BACKEND = [
  'http',
  'up',
  'sessions',
  'limit',
  'queued',
  'total',
  'bytesIn',
  'bytesOut',
  'responses',
  'connectErrors',
  'responseErrors',
  'retries',
  'redispatches',
  'rate',
  'times',
  'active',
  'backup',
  'algorithm',
] as const satisfies readonly (keyof BackendView)[];

const SERVER = [
  'name',
  'http',
  'state',
  'operation',
  'unresolved',
  'maint',
  'drain',
  'tracks',
  'weight',
  'effectiveWeight',
  'isBackup',
  'host',
  'port',
  'limit',
  'sessions',
  'sessionsMax',
  'queued',
  'total',
  'responses',
  'connectErrors',
  'responseErrors',
  'retries',
  'rate',
  'times',
] as const satisfies readonly (keyof ServerView)[];

const CHECK = [
  'enabled',
  'paused',
  'result',
  'verdict',
  'status',
  'durationMs',
  'info',
  'health',
  'rise',
  'fall',
] as const satisfies readonly (keyof CheckView)[];

export type ShownFrontend = Pick<FrontendView, (typeof FRONTEND)[number]>;
export type ShownCheck = Pick<CheckView, (typeof CHECK)[number]>;

export interface ShownServer extends Pick<ServerView, (typeof SERVER)[number]> {
  /** Since when it is what it is; wall clock. */
  readonly sinceMs: number;
  readonly check: ShownCheck | null;
}

export interface ShownBackend extends Pick<BackendView, (typeof BACKEND)[number]> {
  readonly sinceMs: number;
  readonly servers: readonly ShownServer[];
}

/** Views count whole seconds since a change: the moment that follows from them wavers by so much. */
const WAVERS_MS = 2000;

/** `before`: how it was shown last; what is as it was, is the same object. */
export function shownProxy(proxy: ProxyStatus, before: ShownProxy | null, wallMs: number): ShownProxy {
  const { name } = proxy;
  const frontend = proxy.frontend === null ? null : shown(proxy.frontend, FRONTEND, before?.frontend ?? null);
  const backend = proxy.backend === null ? null : shownBackend(proxy.backend, before?.backend ?? null, wallMs);
  if (before !== null && before.frontend === frontend && before.backend === backend) return before;
  return { name, frontend, backend };
}

function shownBackend(backend: BackendView, before: ShownBackend | null, wallMs: number): ShownBackend {
  const sinceMs = since(backend.changedS, before, wallMs);
  const servers = backend.servers.map((server, at) => shownServer(server, before?.servers[at] ?? null, wallMs));
  const isSame = before !== null && servers.length === before.servers.length && servers.every(isAt(before.servers));
  if (isSame && sinceMs === before.sinceMs && shown(backend, BACKEND, before) === before) return before;
  return { ...pick(backend, BACKEND), sinceMs, servers: isSame ? before.servers : servers };
}

function shownServer(server: ServerView, last: ShownServer | null, wallMs: number): ShownServer {
  const before = last?.name === server.name ? last : null;
  const sinceMs = since(server.changedS, before, wallMs);
  const check = server.check === null ? null : shown(server.check, CHECK, before?.check ?? null);
  if (before !== null && sinceMs === before.sinceMs && check === before.check) {
    if (shown(server, SERVER, before) === before) return before;
  }
  return { ...pick(server, SERVER), sinceMs, check };
}

function isAt<T>(others: readonly T[]): (one: T, at: number) => boolean {
  return (one, at) => one === others[at];
}

/** Stays what it was where only the clock went on: what does not change is not sent. */
function since(changedS: number, before: { readonly sinceMs: number } | null, wallMs: number): number {
  const now = wallMs - changedS * 1000;
  const then = before?.sinceMs ?? Number.NEGATIVE_INFINITY;
  return Math.abs(now - then) <= WAVERS_MS ? then : now;
}

/** The one before, if it says the same. */
function shown<T, K extends keyof T, B extends Pick<T, K>>(
  from: T,
  keys: readonly K[],
  before: B | null,
): B | Pick<T, K> {
  if (before !== null && keys.every((key) => isSame(from[key], before[key]))) return before;
  return pick(from, keys);
}

/** Figures, words, and short lists and records of these. */
function isSame(a: unknown, b: unknown): boolean {
  return Object.is(a, b) || (typeof a === 'object' && difference(a, b) === undefined);
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const picked = {} as Pick<T, K>;
  for (const key of keys) picked[key] = from[key];
  return picked;
}
