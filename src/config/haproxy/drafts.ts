/**
 * What a configuration is while it is being read: the model's fields, still changeable, still with the statements that
 * set them, so that later checks can point at them. Not here: the finished model (build.ts), inheritance (inherit.ts).
 */

import type { KeepAliveTimers } from '../../core/keep-alive.ts';
import type { SourceAddress } from '../../core/source-address.ts';
import type { Condition } from '../acl-model.ts';
import type { HeaderCapture, LogPart } from '../log-model.ts';
import type {
  AgentCheck,
  BalanceAlgorithm,
  BalanceArguments,
  Bind,
  ConnectionMode,
  Cookie,
  ErrorFile,
  ForwardFor,
  Global,
  HashType,
  HttpReuse,
  LogTarget,
  Observation,
  ProxyMode,
  RestrictNames,
  RetryCondition,
  Server,
  ServerAddress,
  ServerCheck,
  StatsSocket,
  Timeouts,
  TrafficLog,
} from '../model.ts';
import { type CheckDraft, newCheck } from './check-draft.ts';
import type { ErrorImport, ErrorSection } from './error-draft.ts';
import type { ServiceDraft } from './http-request.ts';
import { newRules, type RulesDraft } from './rules-draft.ts';
import type { SampleUse } from './sample-statement.ts';
import type { Statement } from './statement.ts';
import type { StatsDraft } from './stats-page.ts';
import type { Environment } from './tokenizer.ts';

export type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Everything one load collects and may ask for. */
export interface Loading {
  readonly env: Environment;
  readonly readFile: (path: string) => Buffer;
  readonly global: GlobalDraft;
  readonly proxies: ProxyDraft[];
  /** All defaults sections so far, in order; the last one serves proxies that name none. */
  readonly defaults: ProxyDraft[];
  /** Sample expressions that name proxies or servers. */
  readonly samples: SampleUse[];
  readonly errorSections: ErrorSection[];
}

export interface GlobalDraft extends Omit<Mutable<Global>, 'logs' | 'stats'> {
  readonly logs: LogTarget[];
  readonly stats: { readonly sockets: StatsSocket[]; timeoutMs: number; maxconn: number };
  /** Keywords that were given: HAProxy keeps the first of some. */
  readonly given: Set<string>;
  unixBindPrefix: string;
  /** Of `h1-case-adjust-file`. */
  nameCasesOfFile: Global['nameCases'];
}

/** Options that are simply on or off. */
export type Toggle =
  | 'accept-invalid-http-request'
  | 'accept-invalid-http-response'
  | 'accept-unsafe-violations-in-http-request'
  | 'accept-unsafe-violations-in-http-response'
  | 'h1-case-adjust-bogus-client'
  | 'h1-case-adjust-bogus-server'
  | 'abortonclose'
  | 'persist'
  | 'prefer-last-server'
  | 'allbackups'
  | 'clitcpka'
  | 'nolinger'
  | 'disable-on-404'
  | 'log-health-checks'
  | 'send-state'
  | 'dontlognull'
  | 'dontlog-normal'
  | 'log-separate-errors'
  | 'logasap'
  | 'http-buffer-request'
  | 'http-ignore-probes'
  | 'srvtcpka';

export interface ServerSettings
  extends Mutable<Omit<Server, 'origin' | 'name' | 'id' | 'idGiven' | 'address' | 'check' | 'agent' | 'observation'>> {
  readonly check: Mutable<ServerCheck>;
  readonly agent: Mutable<AgentCheck>;
  readonly observation: Mutable<Observation>;
  /** The port of `addr ip:port`; `port` goes before it. */
  checkAddressPort: number | null;
}

export interface ServerDraft {
  readonly statement: Statement;
  readonly name: string;
  id: number | null;
  readonly address: ServerAddress;
  readonly settings: ServerSettings;
}

export interface ExternalCheckDraft {
  /** `option external-check`, if no other option about checks came later. */
  option: Statement | null;
  command: string | null;
  path: string | null;
  /** The last `external-check` line. */
  statement: Statement | null;
}

/** What the parameters of one `server` or `default-server` line are applied to. */
export interface ServerTarget {
  readonly settings: ServerSettings;
  /** null for `default-server`. */
  readonly server: ServerDraft | null;
  readonly siblings: readonly ServerDraft[];
  readonly env: Environment;
}

export interface BackendReference {
  readonly statement: Statement;
  readonly at: number;
  readonly name: string;
  /** null: always. */
  readonly condition: Condition | null;
}

/** Of a `balance` without arguments. */
export const NO_BALANCE_ARGUMENTS: BalanceArguments = {
  draws: 2,
  name: '',
  length: 0,
  depth: 0,
  whole: false,
  pathOnly: false,
  domainOnly: false,
  sample: null,
};

/** Formats as they were written, in the second word of their statements, and what is captured for them. */
export interface LoggingDraft {
  structured: Statement | null;
  errors: Statement | null;
  uniqueId: Statement | null;
  uniqueIdHeader: string | null;
  requestCaptures: HeaderCapture[];
  responseCaptures: HeaderCapture[];
  cookieCapture: HeaderCapture | null;
  /** Where the cookie's was written. */
  captureStatement: Statement | null;
  /** Formats that have been read, by their statements. */
  readonly parts: Map<Statement, readonly LogPart[]>;
}

export interface ProxyDraft {
  readonly kind: 'frontend' | 'backend' | 'listen' | 'defaults';
  readonly name: string;
  readonly statement: Statement;
  /** Its lines, in their order. */
  readonly statements: Statement[];
  /** The defaults that it started from. */
  base: ProxyDraft | null;
  /** How proxies came to these defaults: HAProxy wants one way only. */
  referenced: 'not' | 'explicitly' | 'implicitly';

  id: number | null;
  mode: ProxyMode;
  disabled: boolean;
  description: string | null;

  readonly binds: Bind[];
  maxconn: number | null;
  backlog: number | null;
  defaultBackend: BackendReference | null;
  /** `use_backend`: the first one whose condition holds decides, before `default_backend`. */
  readonly useBackends: BackendReference[];
  readonly rules: RulesDraft;
  stats: StatsDraft | null;
  readonly services: ServiceDraft[];
  trafficLog: TrafficLog;
  /** Where `option httplog`, `tcplog` or `log-format` was written. */
  trafficLogStatement: Statement | null;
  readonly logging: LoggingDraft;

  readonly servers: ServerDraft[];
  readonly defaultServer: ServerSettings;
  balance: BalanceAlgorithm | null;
  balanceArguments: BalanceArguments;
  hashType: HashType;
  hashBalanceFactor: number;
  check: CheckDraft;
  externalCheck: ExternalCheckDraft;
  cookie: Cookie | null;
  cookieStatement: Statement | null;
  dynamicCookieKey: string | null;
  source: SourceAddress | null;
  clientKeepAlive: KeepAliveTimers;
  serverKeepAlive: KeepAliveTimers;
  retries: number;
  retryOn: readonly RetryCondition[];
  redispatch: number;
  httpReuse: HttpReuse;
  fullconn: number | null;
  maxKeepAliveQueue: number | null;

  readonly timeouts: Mutable<Timeouts>;
  connectionMode: ConnectionMode | null;
  smartAccept: boolean | null;
  smartConnect: boolean | null;
  forwardFor: ForwardFor | null;
  restrictNames: RestrictNames;
  readonly toggles: Set<Toggle>;
  logs: LogTarget[];
  logTag: string | null;
  readonly errorFiles: Map<number, ErrorFile>;
  readonly errorImports: ErrorImport[];
}

export interface ProxyTarget {
  readonly proxy: ProxyDraft;
  readonly loading: Loading;
}

export function hasFrontend(proxy: ProxyDraft): boolean {
  return proxy.kind !== 'backend';
}

export function hasBackend(proxy: ProxyDraft): boolean {
  return proxy.kind !== 'frontend';
}

/** `frontend 'www'`, as messages call it. */
export function proxyLabel(proxy: ProxyDraft): string {
  return proxy.name === '' ? proxy.kind : `${proxy.kind} '${proxy.name}'`;
}

export function newGlobal(): GlobalDraft {
  return {
    daemon: false,
    masterWorker: false,
    pidFile: null,
    chroot: null,
    user: null,
    uid: null,
    group: null,
    gid: null,
    maxconn: null,
    ulimitN: null,
    nbthread: null,
    cpuMap: [],
    hardStopAfterMs: null,
    logs: [],
    logTag: 'haproxy',
    logSendHostname: null,
    node: null,
    description: null,
    externalChecks: false,
    poller: 'auto',
    spareProcess: 'auto',
    seccomp: true,
    reuseFirst: true,
    bufferSizeBytes: 16384,
    maxRewriteBytes: 1024,
    maxHeaders: 101,
    nameCases: [],
    nameCasesOfFile: [],
    acceptsAnyPayload: false,
    minBodyRate: 20,
    stats: { sockets: [], timeoutMs: 10_000, maxconn: 10 },
    spreadChecksPercent: 0,
    maxSpreadChecksMs: null,
    quiet: false,
    given: new Set(),
    unixBindPrefix: '',
  };
}

/** A proxy before any keyword: HAProxy's own defaults. */
export function newProxy(kind: ProxyDraft['kind'], name: string, statement: Statement): ProxyDraft {
  return {
    kind,
    name,
    statement,
    statements: [],
    base: null,
    referenced: 'not',
    id: null,
    mode: 'tcp',
    disabled: false,
    description: null,
    binds: [],
    maxconn: null,
    backlog: null,
    defaultBackend: null,
    useBackends: [],
    rules: newRules(),
    stats: null,
    services: [],
    trafficLog: 'default',
    trafficLogStatement: null,
    logging: newLogging(),
    servers: [],
    defaultServer: newServerSettings(),
    balance: null,
    balanceArguments: NO_BALANCE_ARGUMENTS,
    hashType: { consistent: false, function: 'sdbm', avalanche: false },
    hashBalanceFactor: 0,
    check: newCheck(),
    externalCheck: { option: null, command: null, path: null, statement: null },
    cookie: null,
    cookieStatement: null,
    dynamicCookieKey: null,
    source: null,
    clientKeepAlive: { count: 0, idleS: 0, intervalS: 0 },
    serverKeepAlive: { count: 0, idleS: 0, intervalS: 0 },
    retries: 3,
    retryOn: ['conn-failure'],
    redispatch: 0,
    httpReuse: 'safe',
    fullconn: null,
    maxKeepAliveQueue: null,
    timeouts: newTimeouts(),
    connectionMode: null,
    smartAccept: null,
    smartConnect: null,
    forwardFor: null,
    restrictNames: 'preserve',
    toggles: new Set(),
    logs: [],
    logTag: null,
    errorFiles: new Map(),
    errorImports: [],
  };
}

export function newServerSettings(): ServerSettings {
  return {
    weight: 1,
    backup: false,
    disabled: false,
    cookie: null,
    maxconn: 0,
    minconn: 0,
    endsWhenDown: false,
    endsBackups: false,
    maxqueue: 0,
    redirect: null,
    check: {
      enabled: false,
      intervalMs: 2000,
      fastIntervalMs: null,
      downIntervalMs: null,
      rise: 2,
      fall: 3,
      port: null,
      address: null,
      sendProxy: false,
    },
    agent: { enabled: false, intervalMs: 2000, port: 0, address: null, send: null },
    observation: { layer: 'none', errorLimit: 10, onError: 'fail-check' },
    track: null,
    slowStartS: 0,
    initialAddress: [],
    poolMaxConn: -1,
    poolPurgeDelayMs: 5000,
    tcpUserTimeoutMs: null,
    source: null,
    sendProxy: { v1: false, v2: false, crc32c: false, uniqueId: false },
    checkAddressPort: null,
  };
}

function newLogging(): LoggingDraft {
  return {
    structured: null,
    errors: null,
    uniqueId: null,
    uniqueIdHeader: null,
    requestCaptures: [],
    responseCaptures: [],
    cookieCapture: null,
    captureStatement: null,
    parts: new Map(),
  };
}

function newTimeouts(): Mutable<Timeouts> {
  return {
    connectMs: null,
    clientMs: null,
    serverMs: null,
    queueMs: null,
    httpRequestMs: null,
    httpKeepAliveMs: null,
    checkMs: null,
    tunnelMs: null,
    clientFinMs: null,
    serverFinMs: null,
    tarpitMs: null,
  };
}
