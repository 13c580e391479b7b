/** Drafts → the finished, immutable model. Only for drafts that passed all checks. */
import { isIP } from 'node:net';
import type { ExternalCheck, Forgiveness, Global, LogTarget, Model, Server } from '../model.ts';
import { buildCheck } from './check-draft.ts';
import { type GlobalDraft, hasBackend, hasFrontend, type ProxyDraft, type ServerDraft, type Toggle } from './drafts.ts';
import { buildServices } from './http-request.ts';
import { freeIds } from './ids.ts';
import { buildRules, usualBackend } from './rules.ts';
import { buildStats } from './stats-page.ts';
import { buildLogging } from './traffic-logging.ts';

export function buildModel(global: GlobalDraft, drafts: readonly ProxyDraft[]): Model {
  // Stats sockets belong to a proxy of their own, which HAProxy counts first.
  const first = global.stats.sockets.length > 0 ? 2 : 1;
  const ids = freeIds(
    drafts.map((draft) => draft.id),
    first,
  );
  return deepFreeze({ global: buildGlobal(global), proxies: drafts.map((draft, i) => buildProxy(draft, ids[i] ?? 0)) });
}

function buildGlobal(draft: GlobalDraft): Global {
  const { given: _given, unixBindPrefix: _prefix, nameCasesOfFile, ...global } = draft;
  // What is kept free for added headers may not be more than half of a buffer.
  const maxRewriteBytes = Math.min(global.maxRewriteBytes, Math.floor(global.bufferSizeBytes / 2));
  return {
    ...global,
    nameCases: [...global.nameCases, ...nameCasesOfFile],
    maxRewriteBytes,
    logs: [...global.logs],
    stats: { ...global.stats },
  };
}

function buildProxy(draft: ProxyDraft, id: number): Model['proxies'][number] {
  if (draft.kind === 'defaults') throw new Error('a defaults section is no proxy');
  const frontend = hasFrontend(draft);
  const backend = hasBackend(draft);
  const { toggles } = draft;
  return {
    origin: draft.statement.origin,
    name: draft.name,
    id,
    idGiven: draft.id !== null,
    kind: draft.kind,
    mode: draft.mode,
    disabled: draft.disabled,
    description: draft.description,
    binds: frontend ? draft.binds.map((bind) => ({ ...bind })) : [],
    maxconn: frontend ? draft.maxconn : null,
    backlog: frontend ? draft.backlog : null,
    defaultBackend: frontend ? usualBackend(draft) : null,
    rules: buildRules(draft),
    stats: draft.mode === 'http' ? buildStats(draft.stats) : null,
    services: draft.mode === 'http' ? buildServices(draft.services) : [],
    servers: backend ? buildServers(draft.servers) : [],
    balance: draft.balance ?? 'roundrobin',
    balanceArguments: { ...draft.balanceArguments },
    hashType: { ...draft.hashType },
    hashBalanceFactor: draft.hashBalanceFactor,
    checkMethod: buildCheck(draft.check),
    disableOn404: backend && draft.check.kind === 'http' && toggles.has('disable-on-404'),
    sendState: backend && draft.check.kind === 'http' && toggles.has('send-state'),
    externalCheck: backend ? buildExternalCheck(draft) : null,
    logHealthChecks: backend && toggles.has('log-health-checks'),
    cookie: backend ? draft.cookie : null,
    source: backend ? draft.source : null,
    retries: draft.retries,
    retryOn: draft.retryOn,
    redispatch: draft.redispatch,
    httpReuse: draft.httpReuse,
    fullconn: backend ? draft.fullconn : null,
    preferLastServer: toggles.has('prefer-last-server'),
    maxKeepAliveQueue: draft.maxKeepAliveQueue,
    allBackups: toggles.has('allbackups'),
    timeouts: { ...draft.timeouts },
    connectionMode: draft.connectionMode ?? 'keep-alive',
    forwardFor: draft.forwardFor,
    requestForgiveness: frontend ? forgiveness(toggles, 'request') : 'nothing',
    responseForgiveness: backend ? forgiveness(toggles, 'response') : 'nothing',
    restrictNames: draft.restrictNames,
    adjustsClientCase: frontend && toggles.has('h1-case-adjust-bogus-client'),
    adjustsServerCase: backend && toggles.has('h1-case-adjust-bogus-server'),
    abortOnClose: toggles.has('abortonclose'),
    persist: toggles.has('persist'),
    dynamicCookieKey: draft.dynamicCookieKey,
    dontLogNull: toggles.has('dontlognull'),
    httpIgnoreProbes: toggles.has('http-ignore-probes'),
    httpBufferRequest: toggles.has('http-buffer-request'),
    logs: draft.logs.map((log): LogTarget => ({ ...log })),
    logTag: draft.logTag,
    trafficLog: draft.logs.length === 0 || !frontend ? 'none' : draft.trafficLog,
    logging: buildLogging(draft),
    errorFiles: [...draft.errorFiles.values()].sort((a, b) => a.status - b.status),
    clientKeepAliveProbes: toggles.has('clitcpka'),
    serverKeepAliveProbes: toggles.has('srvtcpka'),
    clientKeepAlive: draft.clientKeepAlive,
    serverKeepAlive: draft.serverKeepAlive,
    noLinger: toggles.has('nolinger'),
    smartAccept: draft.smartAccept ?? draft.mode === 'http',
    smartConnect: draft.smartConnect ?? draft.mode === 'http',
  };
}

/** The two names of the option are one option, of which the newer one forgives more. */
function forgiveness(toggles: ReadonlySet<Toggle>, of: 'request' | 'response'): Forgiveness {
  if (toggles.has(`accept-unsafe-violations-in-http-${of}`)) return 'unsafe';
  return toggles.has(`accept-invalid-http-${of}`) ? 'invalid' : 'nothing';
}

function buildServers(drafts: readonly ServerDraft[]): Server[] {
  const ids = freeIds(drafts.map((draft) => draft.id));
  return drafts.map((draft, i) => buildServer(draft, ids[i] ?? 0));
}

export function buildServer({ statement, name, id: given, address, settings }: ServerDraft, id: number): Server {
  const { checkAddressPort, check, agent, observation, ...rest } = settings;
  const port = check.port ?? checkAddressPort;
  return {
    origin: statement.origin,
    name,
    id,
    idGiven: given !== null,
    address,
    ...rest,
    check: { ...check, port },
    // `addr` is for the agent as well, unless it has its own.
    agent: { ...agent, address: agent.address ?? literal(check.address) },
    observation: { ...observation },
  };
}

function buildExternalCheck({ externalCheck }: ProxyDraft): ExternalCheck | null {
  const { option, command, path } = externalCheck;
  return option === null || command === null ? null : { command, path };
}

function literal(host: string | null): string | null {
  return host !== null && isIP(host) !== 0 ? host : null;
}

/** Nobody below the configuration may change it by accident. Buffers stay as they are: they cannot be frozen. */
function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value) || Object.isFrozen(value)) return value;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}
