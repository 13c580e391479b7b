/**
 * The model: what a configuration means, typed and immutable, whatever syntax it came from.
 *
 *   haproxy.cfg ──▶ tokens ──▶ sections ──▶ MODEL ──▶ plan (src/daemon/compile.ts) ──▶ data process
 *
 * Defaults are already applied (a `listen` that inherited `timeout client 25s` has 25_000 here), names are still
 * names (`defaultBackend: 'app'`), host names are not yet resolved. Times are milliseconds, sizes are bytes; a time of
 * `null` was not configured. Nothing below this file knows a syntax.
 */

import type { Address, InetAddress, Network, UnixAddress } from '../core/address.ts';
import type { KeepAliveTimers } from '../core/keep-alive.ts';
import type { SourceAddress } from '../core/source-address.ts';
import type { ProxyRules } from './acl-model.ts';
import type { RuleCheck } from './check-model.ts';
import type { ServiceRule, StatsPage } from './inside-model.ts';
import type { LogSampling, TrafficLogging } from './log-model.ts';
import type { SampleExpression } from './sample-model.ts';

/** Where something was written, to point at in later errors. */
export interface Origin {
  readonly file: string;
  readonly line: number;
}

export type ProxyMode = 'http' | 'tcp';
export type LogFacility = number; // 0..23, RFC 5424 table 1 (HAProxy knows the 24 names)
export type LogLevel = number; // 0 emerg .. 7 debug

/**
 * `local` (HAProxy's default): rfc3164 without the host name; with `log-send-hostname` it becomes rfc3164. Without it, an
 * explicit rfc3164 says `localhost` and rfc5424 says `-`.
 */
export type LogFormat = 'local' | 'rfc3164' | 'rfc5424' | 'raw' | 'short' | 'timed' | 'iso' | 'priority';

export type LogSink =
  | { readonly kind: 'udp'; readonly address: InetAddress }
  | { readonly kind: 'unix'; readonly address: UnixAddress }
  | { readonly kind: 'fd'; readonly fd: number }; // stdout is 1, stderr is 2

export interface LogTarget {
  readonly origin: Origin;
  readonly sink: LogSink;
  readonly format: LogFormat;
  readonly facility: LogFacility;
  /** Messages less important than this are dropped. Default 7 (debug). */
  readonly maxLevel: LogLevel;
  /** Messages more important than this are sent at this level. Default 0 (emerg). */
  readonly minLevel: LogLevel;
  /** Longest line in bytes, `len`. Default 1024. */
  readonly maxLengthBytes: number;
  /** `sample`; null: every line. */
  readonly sampling: LogSampling | null;
}

/** `cpu-map`: which CPUs threads run on, counted from 1; those that are not there mean nothing. */
export interface CpuBinding {
  /** `null`: the group, that is, all of them; narrows what is said of single threads. */
  readonly threads: readonly number[] | null;
  readonly cpus: readonly number[];
}

export interface Global {
  readonly daemon: boolean;
  readonly masterWorker: boolean;
  readonly pidFile: string | null;
  readonly chroot: string | null;
  readonly user: string | null;
  readonly uid: number | null;
  readonly group: string | null;
  readonly gid: number | null;
  /** `null`: not configured; src/daemon derives it and says so at start. */
  readonly maxconn: number | null;
  readonly ulimitN: number | null;
  /** `null`: not configured. */
  readonly nbthread: number | null;
  /** Later ones go before earlier ones. */
  readonly cpuMap: readonly CpuBinding[];
  readonly hardStopAfterMs: number | null;
  readonly logs: readonly LogTarget[];
  readonly logTag: string;
  /** `log-send-hostname [name]`: '' means the host's own name, null means off. */
  readonly logSendHostname: string | null;
  readonly node: string | null;
  readonly description: string | null;
  readonly externalChecks: boolean; // external-check: programs may judge servers
  readonly poller: 'auto' | 'epoll' | 'io_uring'; // tune.tandem.poller, default auto
  /** A second data process that replaces one that dies; tune.tandem.spare-process, default auto. */
  readonly spareProcess: 'auto' | 'on' | 'off';
  readonly seccomp: boolean; // tune.tandem.seccomp, default on
  /** tune.tandem.reuse-first, default on: `http-reuse safe` lets first requests that may be repeated use idle connections. */
  readonly reuseFirst: boolean;
  readonly bufferSizeBytes: number; // tune.bufsize, default 16384
  readonly maxRewriteBytes: number; // tune.maxrewrite, default 1024
  /** h1-case-adjust: names, and how they are written for those who take case for a difference. */
  readonly nameCases: readonly (readonly [from: string, to: string])[];
  /** h1-accept-payload-with-any-method: GET, HEAD and DELETE of HTTP/1.0 may have content. */
  readonly acceptsAnyPayload: boolean;
  readonly maxHeaders: number; // tune.http.maxhdr, default 101, the start line included
  readonly minBodyRate: number; // tune.tandem.min-body-rate in bytes a second, default 20; 0: none
  readonly stats: StatsSettings;
  readonly spreadChecksPercent: number; // spread-checks, default 0
  readonly maxSpreadChecksMs: number | null; // max-spread-checks
  readonly quiet: boolean;
}

/** What a user of a stats socket may do: look, look at what others must not see, change. */
export type AdminLevel = 'user' | 'operator' | 'admin';

/** `stats socket`. */
export interface StatsSocket {
  readonly bind: Bind;
  readonly level: AdminLevel;
}

/** What `stats` says in the global section. */
export interface StatsSettings {
  readonly sockets: readonly StatsSocket[];
  /** A connection that is silent for so long is closed. Default 10 s. */
  readonly timeoutMs: number;
  /** Connections of all sockets together. Default 10. */
  readonly maxconn: number;
}

export interface Bind {
  readonly origin: Origin;
  /** One per port of a range and per address of a comma list. */
  readonly addresses: readonly Address[];
  readonly name: string | null;
  readonly id: number | null;
  readonly interface: string | null;
  readonly maxconn: number | null;
  readonly backlog: number | null;
  /** Threads that accept here, counted from 1; null: all. */
  readonly threads: readonly number[] | null;
  readonly v4v6: boolean;
  readonly v6only: boolean;
  readonly mss: number | null;
  /** Clients begin with a header of the PROXY protocol. */
  readonly acceptProxy: boolean;
  readonly tcpUserTimeoutMs: number | null;
  readonly mode: number | null; // octal permission bits for unix sockets
  readonly user: string | null;
  readonly uid: number | null;
  readonly group: string | null;
  readonly gid: number | null;
}

/** Which port a check or a connection goes to: given, or the port that the client connected to plus an offset. */
export interface ServerAddress {
  /** IP literal, host name, or a unix path. */
  readonly host: string;
  readonly kind: 'ip4' | 'ip6' | 'name' | 'unix';
  /** The port, or with `portFromClient` the offset (may be negative) to add to the port that the client connected to. */
  readonly port: number;
  readonly portFromClient: boolean;
}

export interface ServerCheck {
  readonly enabled: boolean;
  readonly intervalMs: number; // inter, default 2000
  readonly fastIntervalMs: number | null;
  readonly downIntervalMs: number | null;
  readonly rise: number; // default 2
  readonly fall: number; // default 3
  readonly port: number | null;
  readonly address: string | null;
  readonly sendProxy: boolean; // check-send-proxy
}

/** `agent-check`: a program beside the server says how it is. */
export interface AgentCheck {
  readonly enabled: boolean;
  readonly intervalMs: number; // agent-inter, default 2000, whatever `inter` is
  readonly port: number;
  /** An IP literal; null: the server's own. */
  readonly address: string | null;
  /** What it is told first. */
  readonly send: string | null;
}

/** `observe`, `error-limit`, `on-error`: what traffic says of a server that is checked. */
export interface Observation {
  readonly layer: 'none' | 'layer4' | 'layer7';
  /** Errors in a row that are too many. Default 10. */
  readonly errorLimit: number;
  readonly onError: 'fastinter' | 'fail-check' | 'sudden-death' | 'mark-down';
}

/** `track`: the state of another server is this one's. */
export interface TrackedName {
  /** null: its own. */
  readonly proxy: string | null;
  readonly server: string;
}

/** `init-addr`: `last` (known from another life), `libc` (the system's resolver), `none` (maintenance), or an IP literal. */
export type InitialAddress =
  | { readonly kind: 'last' | 'libc' | 'none' }
  | { readonly kind: 'ip'; readonly ip: string; readonly family: 4 | 6 };

export interface Server {
  readonly origin: Origin;
  readonly name: string;
  readonly id: number;
  /** The number was written, not counted. */
  readonly idGiven: boolean;
  readonly address: ServerAddress;
  readonly weight: number; // 0..256, default 1
  readonly backup: boolean;
  readonly disabled: boolean;
  readonly cookie: string | null;
  /** Concurrent connections, 0: no limit. */
  readonly maxconn: number;
  /** Waiting requests for this server alone, 0: no limit. */
  /** `on-marked-down shutdown-sessions`, `on-marked-up shutdown-backup-sessions`. */
  readonly endsWhenDown: boolean;
  readonly endsBackups: boolean;
  /** 0: `maxconn` holds at all times. */
  readonly minconn: number;
  readonly maxqueue: number;
  /** `redir`: where clients are sent that want to read; null: they are served. */
  readonly redirect: string | null;
  readonly check: ServerCheck;
  readonly agent: AgentCheck;
  readonly observation: Observation;
  readonly track: TrackedName | null;
  /** How long it takes to its whole weight and maxconn once it is up again; 0: no time. */
  readonly slowStartS: number;
  /** In this order; empty: `last,libc`. */
  readonly initialAddress: readonly InitialAddress[];
  readonly poolMaxConn: number; // pool-max-conn, -1: no limit
  readonly poolPurgeDelayMs: number; // pool-purge-delay, default 5000
  readonly tcpUserTimeoutMs: number | null;
  /** Where connections leave from. */
  readonly source: SourceAddress | null;
  /** send-proxy, send-proxy-v2, proxy-v2-options. */
  readonly sendProxy: {
    readonly v1: boolean;
    readonly v2: boolean;
    readonly crc32c: boolean;
    readonly uniqueId: boolean;
  };
}

export interface Timeouts {
  readonly connectMs: number | null;
  readonly clientMs: number | null;
  readonly serverMs: number | null;
  readonly queueMs: number | null;
  readonly httpRequestMs: number | null;
  readonly httpKeepAliveMs: number | null;
  readonly checkMs: number | null;
  readonly tunnelMs: number | null;
  readonly clientFinMs: number | null;
  readonly serverFinMs: number | null;
  readonly tarpitMs: number | null;
}

export interface ForwardFor {
  readonly header: string; // default X-Forwarded-For
  readonly except: Network | null;
  readonly ifNone: boolean;
}

export interface Cookie {
  readonly name: string;
  /** At most one of the three; none: the servers set the cookie themselves. */
  readonly inserts: boolean;
  readonly rewrites: boolean;
  readonly prefixes: boolean;
  readonly indirect: boolean;
  readonly nocache: boolean;
  readonly postOnly: boolean;
  readonly preserve: boolean;
  /** Servers without a cookie of their own get one from the key, address and port. */
  readonly dynamic: boolean;
  readonly httpOnly: boolean;
  readonly secure: boolean;
  readonly domains: readonly string[];
  /** `attr`, as they are. */
  readonly attributes: readonly string[];
  readonly maxIdleS: number; // 0: for ever
  readonly maxLifeS: number; // 0: for ever
}

/** Broken messages: `invalid` is accept-invalid-http-…, `unsafe` is accept-unsafe-violations-in-http-…. */
export type Forgiveness = 'nothing' | 'invalid' | 'unsafe';
/** What becomes of requests with header names that are not made of letters, digits and `-`. */
export type RestrictNames = 'preserve' | 'delete' | 'reject';
export type ConnectionMode = 'keep-alive' | 'server-close' | 'close';
export type HttpReuse = 'never' | 'safe' | 'aggressive' | 'always';
export type BalanceAlgorithm =
  | 'roundrobin'
  | 'static-rr'
  | 'leastconn'
  | 'first'
  | 'random'
  | 'source'
  | 'uri'
  | 'url_param'
  | 'hdr'
  | 'hash';

/** What stands behind the algorithm; each is of meaning for one of them only. */
export interface BalanceArguments {
  /** `random(N)`. */
  readonly draws: number;
  /** `url_param NAME`, `hdr(NAME)`. */
  readonly name: string;
  /** `uri len`, `uri depth`; 0: all of it. */
  readonly length: number;
  readonly depth: number;
  readonly whole: boolean;
  readonly pathOnly: boolean;
  /** `hdr(NAME) use_domain_only`. */
  readonly domainOnly: boolean;
  /** `hash EXPRESSION`. */
  readonly sample: SampleExpression | null;
}

export type HashFunction = 'sdbm' | 'djb2' | 'wt6' | 'crc32';

export interface HashType {
  readonly consistent: boolean;
  readonly function: HashFunction;
  readonly avalanche: boolean;
}

/** `retry-on`, without `none` and with what `all-retryable-errors` stands for; a number is a response's status. */
export type RetryCondition =
  | 'conn-failure'
  | 'empty-response'
  | 'junk-response'
  | 'response-timeout'
  | '0rtt-rejected'
  | 401
  | 403
  | 404
  | 408
  | 425
  | 500
  | 501
  | 502
  | 503
  | 504;

export type TrafficLog = 'none' | 'default' | 'tcplog' | 'httplog' | 'clf' | 'format' | 'json';

export type CheckMethod = RuleCheck;

export interface ExternalCheck {
  readonly command: string;
  /** Its PATH; null: an empty one. */
  readonly path: string | null;
}

export interface ErrorFile {
  readonly status: number;
  /** The raw response as it goes on the wire; empty: close without an answer (`errorfile 503 /dev/null`). */
  readonly content: Buffer;
}

/** A `frontend`, a `backend`, or a `listen` (which is both). */
export interface Proxy {
  readonly origin: Origin;
  readonly name: string;
  readonly id: number;
  /** The number was written, not counted. */
  readonly idGiven: boolean;
  readonly kind: 'frontend' | 'backend' | 'listen';
  readonly mode: ProxyMode;
  readonly disabled: boolean;
  readonly description: string | null;

  // frontend side
  readonly binds: readonly Bind[];
  readonly maxconn: number | null;
  readonly backlog: number | null;
  /** null with `kind: 'listen'`: itself. */
  readonly defaultBackend: string | null;
  readonly rules: ProxyRules;
  /** null: it has no stats page. */
  readonly stats: StatsPage | null;
  readonly services: readonly ServiceRule[];

  // backend side
  readonly servers: readonly Server[];
  readonly balance: BalanceAlgorithm;
  readonly balanceArguments: BalanceArguments;
  readonly hashType: HashType;
  /** In percent of the mean load; 0: not bounded. */
  readonly hashBalanceFactor: number;
  readonly checkMethod: CheckMethod;
  /** http-check disable-on-404: a server that answers with 404 gets no new clients. */
  readonly disableOn404: boolean;
  /** http-check send-state: the server is told how it is seen. */
  readonly sendState: boolean;
  /** option external-check: a program says whether a server is well, instead of `checkMethod`. */
  readonly externalCheck: ExternalCheck | null;
  /** option log-health-checks: each result that is news is logged, not only changes of state. */
  readonly logHealthChecks: boolean;
  readonly cookie: Cookie | null;
  /** For servers that have none of their own. */
  readonly source: SourceAddress | null;
  readonly retries: number; // default 3
  readonly retryOn: readonly RetryCondition[]; // default conn-failure
  /** Redispatch on every Nth retry; 0: off; negative: counted back from the last retry. `option redispatch` alone: -1. */
  readonly redispatch: number;
  readonly httpReuse: HttpReuse; // default safe
  readonly fullconn: number | null;
  readonly preferLastServer: boolean; // option prefer-last-server
  /** How many may wait for the server that a client had last before another one is chosen; null: no matter how many. */
  readonly maxKeepAliveQueue: number | null;
  readonly allBackups: boolean; // option allbackups

  // both
  readonly timeouts: Timeouts;
  readonly connectionMode: ConnectionMode;
  readonly forwardFor: ForwardFor | null;
  readonly requestForgiveness: Forgiveness; // option accept-…-http-request
  readonly responseForgiveness: Forgiveness; // option accept-…-http-response
  readonly restrictNames: RestrictNames; // option http-restrict-req-hdr-names, default preserve
  readonly adjustsClientCase: boolean; // option h1-case-adjust-bogus-client
  readonly adjustsServerCase: boolean; // option h1-case-adjust-bogus-server
  readonly abortOnClose: boolean;
  readonly persist: boolean;
  /** Secret. */
  readonly dynamicCookieKey: string | null;
  readonly dontLogNull: boolean;
  readonly httpIgnoreProbes: boolean;
  readonly httpBufferRequest: boolean;
  readonly logs: readonly LogTarget[];
  readonly logTag: string | null;
  readonly trafficLog: TrafficLog;
  readonly logging: TrafficLogging;
  readonly errorFiles: readonly ErrorFile[];
  readonly clientKeepAliveProbes: boolean; // option clitcpka / tcpka
  readonly serverKeepAliveProbes: boolean; // option srvtcpka / tcpka
  /** clitcpka-cnt, -idle, -intvl; the same of srvtcpka. */
  readonly clientKeepAlive: KeepAliveTimers;
  readonly serverKeepAlive: KeepAliveTimers;
  readonly noLinger: boolean; // option nolinger
  readonly smartAccept: boolean; // option tcp-smart-accept, default in mode http
  readonly smartConnect: boolean; // option tcp-smart-connect, default in mode http
}

export interface Model {
  readonly global: Global;
  readonly proxies: readonly Proxy[];
}
