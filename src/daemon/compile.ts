/**
 * Model → plan: names become indices, host names addresses, "not configured" a number. Pure: everything that had to be
 * asked of the system (addresses, descriptors, uids, limits) comes in from outside.
 *
 * A `disabled` proxy is not in the plan; a default backend that is disabled is none.
 */
import type { Model, Proxy as ProxyModel, Server } from '../config/model.ts';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { FORGIVES_INVALID, FORGIVES_NOTHING, FORGIVES_UNSAFE } from '../http1/forgiveness.ts';
import {
  CLOSE_BOTH,
  CLOSE_NONE,
  CLOSE_SERVER,
  type ListenerPlan,
  type Plan,
  type PrivilegesPlan,
  type ProxyHeaderPlan,
  type ProxyPlan,
  RESTRICT_DELETES,
  RESTRICT_NOTHING,
  RESTRICT_REJECTS,
  REUSE_AGGRESSIVE,
  REUSE_ALWAYS,
  REUSE_NEVER,
  REUSE_SAFE,
  type ServerPlan,
} from '../proxy/plan.ts';
import { compileBalance } from './compile-balance.ts';
import { compileCookie, cookieOf } from './compile-cookie.ts';
import { type CompiledInside, compileInside, type InsideWay } from './compile-inside.ts';
import { compileLogging, TRAFFIC_LOGS } from './compile-logging.ts';
import { compileLogTargets, type LogSurroundings } from './compile-logs.ts';
import { compileRetryOn } from './compile-retries.ts';
import { compileRules } from './compile-rules.ts';
import { compileSample } from './compile-sample.ts';
import { compileTimeouts } from './compile-timeouts.ts';
import { pinnings } from './cpu-pinning.ts';
import { initialPlace } from './initial-address.ts';
import type { HostAddress } from './resolve.ts';

export interface Surroundings extends LogSurroundings {
  readonly generation: number;
  readonly threads: number;
  readonly maxconn: number;
  readonly slabsPerThread?: number;
  /** For frontends that do not say; 0: no limit of their own. */
  readonly defaultProxyMaxconn: number;
  readonly logPid: number;
  readonly privileges: PrivilegesPlan;
  readonly sharedStateFd: number;
  readonly spareServers?: number;
  /** `frontend` is the name of the proxy. */
  readonly listeners: readonly (Omit<ListenerPlan, 'frontend'> & { readonly frontend: string })[];
  readonly addresses: ReadonlyMap<string, HostAddress>;
  /** Without: no proxy answers anything by itself. */
  readonly inside?: InsideWay;
}

const CLOSE_MODES = { 'keep-alive': CLOSE_NONE, 'server-close': CLOSE_SERVER, close: CLOSE_BOTH } as const;
const REUSES = { never: REUSE_NEVER, safe: REUSE_SAFE, aggressive: REUSE_AGGRESSIVE, always: REUSE_ALWAYS } as const;
const LAYERS = { none: 0, layer4: 4, layer7: 7 } as const;
const FORGIVENESS = { nothing: FORGIVES_NOTHING, invalid: FORGIVES_INVALID, unsafe: FORGIVES_UNSAFE } as const;
const RESTRICTIONS = { preserve: RESTRICT_NOTHING, delete: RESTRICT_DELETES, reject: RESTRICT_REJECTS } as const;

export function compilePlan(model: Model, around: Surroundings): Plan {
  const { global } = model;
  const running = runningProxies(model);
  const frontendIndex = (name: string) => running.findIndex((proxy) => proxy.name === name && isFrontend(proxy));
  let serverIndex = 0;
  const proxies = running.map((proxy, index): ProxyPlan => {
    const servers = proxy.servers.map((server) => compileServer(server, proxy, serverIndex++, index, around));
    return { ...compileProxy(model, proxy, index, backendOf(running, proxy), around), servers };
  });
  const inside =
    around.inside === undefined
      ? null
      : compileInside(running, serverIndex + (around.spareServers ?? 0), around.inside);
  return {
    generation: around.generation,
    threads: around.threads,
    cpus: pinnings(global.cpuMap, around.threads),
    privileges: around.privileges,
    seccomp: global.seccomp,
    reuseFirst: global.reuseFirst,
    poller: global.poller,
    bufferSizeBytes: global.bufferSizeBytes,
    maxRewriteBytes: global.maxRewriteBytes,
    // haproxy counts the start line too, so 101 is 100 fields.
    maxHeaders: global.maxHeaders - 1,
    acceptsAnyPayload: global.acceptsAnyPayload,
    nameCases: global.nameCases,
    minBodyRate: global.minBodyRate,
    maxconn: around.maxconn,
    ...(around.slabsPerThread === undefined ? {} : { slabsPerThread: around.slabsPerThread }),
    logPid: around.logPid,
    sharedStateFd: around.sharedStateFd,
    ...(around.spareServers === undefined ? {} : { spareServers: around.spareServers }),
    proxies: inside === null ? proxies : proxies.map((proxy) => withWays(proxy, inside)),
    ...(inside === null ? {} : { inside: inside.plan }),
    listeners: around.listeners.map((listener) => ({ ...listener, frontend: frontendIndex(listener.frontend) })),
  };
}

function withWays(proxy: ProxyPlan, { ways }: CompiledInside): ProxyPlan {
  const inside = ways.get(proxy.index);
  return inside === undefined ? proxy : { ...proxy, inside };
}

/** The proxies that run, in the order of their indices in the plan. */
export function runningProxies(model: Model): readonly ProxyModel[] {
  return model.proxies.filter((proxy) => !proxy.disabled);
}

export const isFrontend = (proxy: ProxyModel): boolean => proxy.kind !== 'backend';
export const isBackend = (proxy: ProxyModel): boolean => proxy.kind !== 'frontend';

/** A frontend and a backend may bear the same name: only what can be a backend counts. */
function backendOf(running: readonly ProxyModel[], proxy: ProxyModel): number {
  if (!isFrontend(proxy)) return -1;
  const name = proxy.defaultBackend;
  if (name === null) return proxy.kind === 'listen' ? running.indexOf(proxy) : -1;
  return running.findIndex((other) => other.name === name && isBackend(other));
}

function compileProxy(
  model: Model,
  proxy: ProxyModel,
  index: number,
  defaultBackend: number,
  around: Surroundings,
): Omit<ProxyPlan, 'servers'> {
  return {
    index,
    name: proxy.name,
    id: proxy.id,
    http: proxy.mode === 'http',
    isFrontend: isFrontend(proxy),
    isBackend: isBackend(proxy),
    maxconn: proxy.maxconn ?? around.defaultProxyMaxconn,
    defaultBackend,
    rules: compileRules(proxy, runningProxies(model)),
    fullconn: fullconnOf(model, proxy, around),
    ...compileBalance(proxy),
    allBackups: proxy.allBackups,
    cookie: compileCookie(proxy.cookie),
    persist: proxy.persist,
    retries: proxy.retries,
    retryOn: compileRetryOn(proxy.retryOn),
    prefersLast: proxy.preferLastServer,
    maxKeepAliveQueue: proxy.maxKeepAliveQueue ?? -1,
    redispatch: proxy.redispatch,
    reuse: REUSES[proxy.httpReuse],
    timeouts: compileTimeouts(proxy.timeouts),
    closeMode: CLOSE_MODES[proxy.connectionMode],
    forwardFor: proxy.forwardFor,
    forgivesRequests: FORGIVENESS[proxy.requestForgiveness],
    forgivesResponses: FORGIVENESS[proxy.responseForgiveness],
    restrictNames: RESTRICTIONS[proxy.restrictNames],
    adjustsClientCase: proxy.adjustsClientCase,
    adjustsServerCase: proxy.adjustsServerCase,
    abortOnClose: proxy.abortOnClose,
    dontLogNull: proxy.dontLogNull,
    ignoreProbes: proxy.httpIgnoreProbes,
    bufferRequestMs: proxy.httpBufferRequest ? (proxy.timeouts.httpRequestMs ?? 0) : -1,
    trafficLog: TRAFFIC_LOGS[proxy.trafficLog],
    logging: compileLogging(proxy.logging, around.hostname, model.global.bufferSizeBytes, (expression) =>
      compileSample(expression, runningProxies(model), proxy),
    ),
    logs: compileLogTargets(proxy.logs, proxy.logTag ?? model.global.logTag, model.global.logSendHostname, around),
    errorFiles: Object.fromEntries(proxy.errorFiles.map((file) => [file.status, file.content.toString('base64')])),
    clientKeepAlive: proxy.clientKeepAliveProbes ? proxy.clientKeepAlive : null,
    serverKeepAlive: proxy.serverKeepAliveProbes ? proxy.serverKeepAlive : null,
    resetsClients: proxy.noLinger && isFrontend(proxy),
    resetsServers: proxy.noLinger && isBackend(proxy),
    smartAccept: proxy.smartAccept,
    smartConnect: proxy.smartConnect,
  };
}

/** What is configured, or a tenth of what all frontends in front of it let in. */
function fullconnOf(model: Model, proxy: ProxyModel, around: Surroundings): number {
  if (proxy.fullconn !== null && proxy.fullconn > 0) return proxy.fullconn;
  const running = runningProxies(model);
  const index = running.indexOf(proxy);
  const chooses = (other: ProxyModel): boolean => other.rules.backends.some((rule) => rule.backend === proxy.name);
  const sources = running.filter((other) => backendOf(running, other) === index || chooses(other));
  const all = sources.reduce((sum, { maxconn }) => sum + (maxconn || around.defaultProxyMaxconn || around.maxconn), 0);
  return Math.max(1, Math.ceil(all / 10));
}

export function compileServer(
  server: Server,
  proxy: ProxyModel,
  index: number,
  backend: number,
  around: Pick<Surroundings, 'addresses'>,
): ServerPlan {
  const address = serverAddress(server, around.addresses);
  return {
    index,
    backend,
    name: server.name,
    id: server.id,
    address: address ?? { family: 4, ip: '0.0.0.0', port: server.address.port },
    portFromClient: server.address.portFromClient,
    weight: server.weight,
    backup: server.backup,
    cookie: cookieOf(server, proxy.cookie?.dynamic === true ? proxy.dynamicCookieKey : null, address),
    maxconn: server.maxconn,
    minconn: server.minconn,
    maxqueue: server.maxqueue,
    redirect: server.redirect,
    limitVaries: server.agent.enabled || server.slowStartS > 0,
    // HAProxy observes servers that are checked.
    observes: server.check.enabled ? LAYERS[server.observation.layer] : 0,
    errorLimit: server.observation.errorLimit,
    endsWhenDown: server.endsWhenDown,
    endsBackups: server.endsBackups,
    poolMaxConn: server.poolMaxConn,
    poolPurgeDelayMs: server.poolPurgeDelayMs,
    tcpUserTimeoutMs: server.tcpUserTimeoutMs ?? 0,
    source: server.source ?? proxy.source,
    proxyHeader: proxyHeaderOf(server),
    startsUp: address !== null && !server.disabled,
  };
}

/** As HAProxy: options alone make a header, of version 1. */
function proxyHeaderOf({ sendProxy: { v1, v2, crc32c, uniqueId } }: Server): ProxyHeaderPlan | null {
  return v1 || v2 || crc32c || uniqueId ? { version: v2 ? 2 : 1, crc32c, uniqueId: v2 && uniqueId } : null;
}

/** null: its name is unknown (and the operator chose to start all the same). */
export function serverAddress(
  server: {
    readonly address: Pick<Server['address'], 'host' | 'kind' | 'port'>;
    readonly initialAddress?: Server['initialAddress'];
  },
  addresses: ReadonlyMap<string, HostAddress>,
): InetAddress | UnixAddress | null {
  const { host, kind, port } = server.address;
  switch (kind) {
    case 'ip4':
      return { family: 4, ip: host, port };
    case 'ip6':
      return { family: 6, ip: host, port };
    case 'unix':
      return { family: 'unix', path: host };
    case 'name': {
      const { address } = initialPlace(host, server.initialAddress ?? [], addresses);
      return address === null ? null : { ...address, port };
    }
  }
}
