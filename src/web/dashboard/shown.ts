/**
 * What of a `Status` the dashboard shows. A server has sixty figures: of ten thousand servers only those are sent that
 * somebody sees.
 *
 *   statistics ─▶ views.ts ─▶ Shown… ─▶ patches ─▶ the page, which knows the types alone
 */
import type { ProxyStatus, StatusHead } from '../../admin/status.ts';
import type { BackendView, CheckView, FrontendView, ServerView } from '../../daemon/views.ts';

export interface ShownStatus extends StatusHead {
  readonly proxies: readonly ShownProxy[];
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

/** `before`: how it was shown last. */
export function shownProxy(
  { name, frontend, backend }: ProxyStatus,
  before: ShownProxy | undefined,
  wallMs: number,
): ShownProxy {
  return {
    name,
    frontend: frontend === null ? null : pick(frontend, FRONTEND),
    backend: backend === null ? null : shownBackend(backend, before?.backend ?? null, wallMs),
  };
}

function shownBackend(backend: BackendView, before: ShownBackend | null, wallMs: number): ShownBackend {
  return {
    ...pick(backend, BACKEND),
    sinceMs: since(backend.changedS, before, wallMs),
    servers: backend.servers.map((server, at) => shownServer(server, before?.servers[at], wallMs)),
  };
}

function shownServer(server: ServerView, before: ShownServer | undefined, wallMs: number): ShownServer {
  return {
    ...pick(server, SERVER),
    sinceMs: since(server.changedS, before?.name === server.name ? before : null, wallMs),
    check: server.check === null ? null : pick(server.check, CHECK),
  };
}

/** Stays what it was where only the clock went on: what does not change is not sent. */
function since(changedS: number, before: { readonly sinceMs: number } | null | undefined, wallMs: number): number {
  const now = wallMs - changedS * 1000;
  const then = before?.sinceMs ?? Number.NEGATIVE_INFINITY;
  return Math.abs(now - then) <= WAVERS_MS ? then : now;
}

function pick<T, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  const picked = {} as Pick<T, K>;
  for (const key of keys) picked[key] = from[key];
  return picked;
}
