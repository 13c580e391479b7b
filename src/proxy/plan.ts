/**
 * The plan: what the data process runs. Compiled from the model (src/daemon/compile.ts), sent to the data process as
 * JSON over IPC, and handed to each thread; nothing in it is ever changed, servers that come and go are told of apart
 * (ServerChange). Names have become indices, host names
 * addresses, times milliseconds (0: no limit), and all defaults of both sides are applied.
 *
 *   model (names, nulls) ──compile──▶ plan (indices, numbers) ──▶ data process ──▶ thread 1..n
 *
 * Not here: what changes while running (src/proxy/shared-state.ts).
 */

import type { InetAddress, Network, UnixAddress } from '../core/address.ts';
import type { KeepAliveTimers } from '../core/keep-alive.ts';
import type { SourceAddress } from '../core/source-address.ts';
import type { RulesPlan } from './condition-plan.ts';
import type { InsidePlan, ProxyInsidePlan } from './inside-plan.ts';
import type { SamplePlan } from './sample-plan.ts';

export interface LogTargetPlan {
  readonly sink:
    | { readonly kind: 'udp'; readonly address: InetAddress }
    | { readonly kind: 'unix'; readonly address: UnixAddress }
    | { readonly kind: 'fd'; readonly fd: number };
  readonly format: 'rfc3164' | 'rfc5424' | 'raw' | 'short' | 'timed' | 'iso' | 'priority';
  readonly facility: number;
  readonly maxLevel: number;
  readonly minLevel: number;
  readonly maxLengthBytes: number;
  /** Which lines of `size` it gets, counted from 1; without: all. */
  readonly sampling?: {
    readonly ranges: readonly { readonly from: number; readonly to: number }[];
    readonly size: number;
  };
  readonly tag: string;
  /** The host name that goes into rfc3164 and rfc5424 headers; '' where HAProxy sends none. */
  readonly hostname: string;
}

export interface TimeoutsPlan {
  readonly connectMs: number;
  readonly clientMs: number;
  readonly serverMs: number;
  readonly queueMs: number; // already falls back to connect
  readonly httpRequestMs: number; // already falls back to client
  readonly httpKeepAliveMs: number; // already falls back to http-request
  readonly tunnelMs: number; // 0: client and server apply
  readonly clientFinMs: number; // 0: client applies
  readonly serverFinMs: number; // 0: server applies
  readonly tarpitMs: number;
}

/** What a stream does with the connections when an exchange ends. */
export const CLOSE_NONE = 0; // keep-alive on both sides
export const CLOSE_SERVER = 1; // option http-server-close
export const CLOSE_BOTH = 2; // option httpclose

export const REUSE_NEVER = 0;
export const REUSE_SAFE = 1;
export const REUSE_AGGRESSIVE = 2;
export const REUSE_ALWAYS = 3;

/** `option http-restrict-req-hdr-names`; of a pair the frontend's counts, unless it preserves. */
export const RESTRICT_NOTHING = 0;
export const RESTRICT_DELETES = 1;
export const RESTRICT_REJECTS = 2;

/** `retry-on`: after what a request goes out again, as bits; the statuses have their place in RETRY_STATUSES. */
export const RETRY_CONNECT = 1;
export const RETRY_EMPTY = 2;
export const RETRY_JUNK = 4;
export const RETRY_TIMEOUT = 8;
/** The bit of the first status; the others follow. */
export const RETRY_FIRST_STATUS = 16;
export const RETRY_STATUSES = [401, 403, 404, 408, 425, 500, 501, 502, 503, 504] as const;

export const LOG_NONE = 0;
export const LOG_DEFAULT = 1;
export const LOG_TCP = 2;
export const LOG_HTTP = 3;
export const LOG_CLF = 4;
export const LOG_FORMAT = 5;
export const LOG_JSON = 6;

// When a line is written: when all that it says is known.
export const LOG_AT_END = 0;
export const LOG_AT_RESPONSE = 1;
export const LOG_AT_REQUEST = 2;

/** A part of a log format; `flags` are FLAG_* of log/quoting.ts. */
export type LogPartPlan =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'blank' }
  | { readonly kind: 'variable'; readonly name: string; readonly flags: number }
  | { readonly kind: 'sample'; readonly sample: SamplePlan; readonly flags: number };

export interface HeaderCapturePlan {
  readonly name: string;
  readonly lengthBytes: number;
}

/** What a frontend logs beyond one of HAProxy's own lines. */
export interface LoggingPlan {
  /** With LOG_FORMAT; or in the place of an option's own line, which would not say enough. */
  readonly line: readonly LogPartPlan[] | null;
  /** Structured data of rfc5424. */
  readonly structured: readonly LogPartPlan[] | null;
  /** For what never became a request. */
  readonly errors: readonly LogPartPlan[] | null;
  readonly moment: number; // LOG_AT_*
  /** `option logasap`: figures that are not final have a `+` before them. */
  readonly early: boolean;
  /** Errors have level err. */
  readonly raisesErrors: boolean;
  /** Only errors are logged. */
  readonly skipsNormal: boolean;
  readonly uniqueId: readonly LogPartPlan[] | null;
  readonly uniqueIdHeader: string | null;
  readonly requestCaptures: readonly HeaderCapturePlan[];
  readonly responseCaptures: readonly HeaderCapturePlan[];
  readonly cookieCapture: HeaderCapturePlan | null;
  /** Of this host. */
  readonly hostname: string;
}

export interface ForwardForPlan {
  readonly header: string;
  readonly except: Network | null;
  readonly ifNone: boolean;
}

export interface CookiePlan {
  readonly name: string;
  /** At most one of the three. */
  readonly inserts: boolean;
  readonly rewrites: boolean;
  readonly prefixes: boolean;
  readonly indirect: boolean;
  readonly nocache: boolean;
  readonly postOnly: boolean;
  readonly preserve: boolean;
  readonly maxIdleS: number; // 0: for ever
  readonly maxLifeS: number; // 0: for ever
  /** What stands behind the value of a Set-Cookie of ours: `; path=/` and so on. */
  readonly attributes: string;
}

/** `send-proxy`, `send-proxy-v2`, `proxy-v2-options`. */
export interface ProxyHeaderPlan {
  readonly version: 1 | 2;
  readonly crc32c: boolean;
  readonly uniqueId: boolean;
}

export interface ServerPlan {
  /** Index over all servers of the plan: its place in the shared state. */
  readonly index: number;
  /** Index of the backend proxy it belongs to. */
  readonly backend: number;
  readonly name: string;
  /** `id`: where it stands on the ring of a consistent hash. */
  readonly id: number;
  /** With `portFromClient` the port is an offset to add to the port that the client connected to. */
  readonly address: InetAddress | UnixAddress;
  readonly portFromClient: boolean;
  readonly weight: number;
  readonly backup: boolean;
  readonly cookie: string | null;
  readonly maxconn: number;
  readonly minconn: number; // 0: maxconn at all times
  readonly maxqueue: number;
  /** `redir`: what stands before the path of the place that GET and HEAD are sent to; null: they are served. */
  readonly redirect: string | null;
  /** Where connections leave from; null: the kernel chooses. */
  readonly source: SourceAddress | null;
  /** What connections begin with; null: nothing. */
  readonly proxyHeader: ProxyHeaderPlan | null;
  /** Control may change how many streams it takes: it has an agent, or warms up. */
  readonly limitVaries: boolean;
  /** Layer whose errors are counted (`observe`): 0 none, 4, 7; and how many in a row are too many. */
  readonly observes: number;
  readonly errorLimit: number;
  /** `on-marked-down shutdown-sessions`, `on-marked-up shutdown-backup-sessions`. */
  readonly endsWhenDown: boolean;
  readonly endsBackups: boolean;
  readonly poolMaxConn: number; // -1: no limit
  readonly poolPurgeDelayMs: number;
  readonly tcpUserTimeoutMs: number;
  /** false: it starts as down or in maintenance (`disabled`); the shared state says what it is now. */
  readonly startsUp: boolean;
}

/** What an operator has made of the servers since the plan: one that is new, or another than it was; or one that is gone. */
export type ServerChange =
  | { readonly kind: 'set'; readonly server: ServerPlan }
  | { readonly kind: 'gone'; readonly index: number };

export const HASH_SDBM = 0;
export const HASH_DJB2 = 1;
export const HASH_WT6 = 2;
export const HASH_CRC32 = 3;

/** How a request gets its hash, and a hash its server. */
export interface HashPlan {
  readonly by: 'source' | 'uri' | 'url_param' | 'hdr' | 'sample' | 'nothing';
  /** Of the parameter or the field. */
  readonly name: string;
  readonly lengthBytes: number; // of the URI; 0: all
  readonly depth: number; // 0: all
  readonly whole: boolean;
  readonly pathOnly: boolean;
  readonly domainOnly: boolean;
  /** With url_param: how long the body of a POST may take, 0: as long as it likes. */
  readonly bodyMs: number;
  readonly draws: number; // of `random`
  readonly consistent: boolean;
  readonly function: number; // HASH_*
  readonly avalanche: boolean;
  readonly balanceFactor: number; // percent; 0: none
}

export interface ProxyPlan {
  readonly index: number;
  readonly name: string;
  /** `id`: what `fe_id` and `be_id` say. */
  readonly id: number;
  readonly http: boolean;
  readonly isFrontend: boolean;
  readonly isBackend: boolean;
  readonly maxconn: number; // frontend side; 0: no limit of its own
  /** Index of the backend that requests go to; -1: none (503). */
  readonly defaultBackend: number;
  /** null: there are none. */
  readonly rules: RulesPlan | null;
  /** Without: it answers nothing by itself. */
  readonly inside?: ProxyInsidePlan;
  /** Of a backend that no configuration names: the index of the proxy that it answers for. */
  readonly answersFor?: number;
  readonly servers: readonly ServerPlan[];
  /** Streams of the backend with which its servers have their whole `maxconn`. */
  readonly fullconn: number;
  readonly balance: 'roundrobin' | 'static-rr' | 'leastconn' | 'first' | 'random' | 'hash';
  /** With `random` and `hash`. */
  readonly hash: HashPlan | null;
  readonly allBackups: boolean;
  readonly cookie: CookiePlan | null;
  /** `option persist`: a cookie is followed to a server that is down. */
  readonly persist: boolean;
  readonly retries: number;
  readonly retryOn: number; // RETRY_*
  /** `option prefer-last-server`, and how many may wait for that server already; -1: no matter how many. */
  readonly prefersLast: boolean;
  readonly maxKeepAliveQueue: number;
  readonly redispatch: number; // see Proxy.redispatch in the model
  readonly reuse: number; // REUSE_*
  readonly timeouts: TimeoutsPlan;
  readonly closeMode: number; // CLOSE_*; of a pair the greater one applies
  readonly forwardFor: ForwardForPlan | null;
  /** FORGIVES_* of src/http1/forgiveness.ts: of its clients, and of its servers. */
  readonly forgivesRequests: number;
  readonly forgivesResponses: number;
  readonly restrictNames: number; // RESTRICT_*
  /** `h1-case-adjust` is for its clients, and for its servers. */
  readonly adjustsClientCase: boolean;
  readonly adjustsServerCase: boolean;
  readonly abortOnClose: boolean;
  readonly dontLogNull: boolean;
  readonly ignoreProbes: boolean;
  /** `option http-buffer-request`: how long a body may take, 0: as long as it likes; -1: the option is not set. */
  readonly bufferRequestMs: number;
  readonly trafficLog: number; // LOG_*
  /** null: nothing beyond that. */
  readonly logging: LoggingPlan | null;
  readonly logs: readonly LogTargetPlan[];
  /** status → raw response in base64; a missing status uses HAProxy's default page; '' closes without an answer. */
  readonly errorFiles: Readonly<Record<string, string>>;
  /** TCP keep-alive probes; null: none. */
  readonly clientKeepAlive: KeepAliveTimers | null;
  readonly serverKeepAlive: KeepAliveTimers | null;
  /** `option nolinger`: a close throws away what has not left. */
  readonly resetsClients: boolean;
  readonly resetsServers: boolean;
  readonly smartAccept: boolean;
  readonly smartConnect: boolean;
}

/** One of the sockets that listen at an address. */
export interface ListenerSocketPlan {
  /** The descriptor number in the data process. */
  readonly fd: number;
  /** Indices of the threads that accept here: one, whose own it is, or several. */
  readonly threads: readonly number[];
}

export interface ListenerPlan {
  /** Its place in the plan's list. */
  readonly index: number;
  readonly sockets: readonly ListenerSocketPlan[];
  /** Index of the proxy that accepts here. */
  readonly frontend: number;
  readonly maxconn: number; // 0: no limit of its own
  readonly name: string; // for messages: '127.0.0.1:80', a path
  /** The address it is bound to; '' for unix sockets. */
  readonly ip: string;
  /** Its `name`, or else its `id` or number among the frontend's own: what logs call it. */
  readonly label: string;
  /** `accept-proxy`: clients begin with a PROXY header. */
  readonly acceptsProxyHeader: boolean;
  /** The port it is bound to, which servers without a port take; 0 for unix sockets. */
  readonly port: number;
  readonly unix: boolean;
}

/** What the data process gives up before it serves; null: keeps what it has. */
export interface PrivilegesPlan {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly chroot: string | null;
  /** `usesrc`: the threads that serve may bind to addresses of others, which takes CAP_NET_RAW. */
  readonly bindsForeign?: true;
  /** Nobody has asked for this user: where the kernel refuses it, the process stays who it is. */
  readonly byDefault?: true;
}

export interface Plan {
  readonly generation: number;
  readonly threads: number;
  /** By the index of the thread: the CPUs that it runs on; null: all of them. */
  readonly cpus: readonly (readonly number[] | null)[];
  readonly privileges: PrivilegesPlan;
  /** After its start the process has a filter of system calls. */
  readonly seccomp: boolean;
  /** A client's first request may use an idle connection if it may be sent again (server-pool.ts). */
  readonly reuseFirst: boolean;
  /** The engine of the data threads; `auto`: the fastest that this kernel allows. */
  readonly poller: 'auto' | 'epoll' | 'io_uring';
  readonly bufferSizeBytes: number;
  readonly maxRewriteBytes: number;
  readonly maxHeaders: number;
  /** GET, HEAD and DELETE of HTTP/1.0 may have content. */
  readonly acceptsAnyPayload: boolean;
  /** `h1-case-adjust`: names, and how they are written. */
  readonly nameCases: readonly (readonly [from: string, to: string])[];
  /** Bytes a second that a client has to send of a body, on the average of a minute; 0: no matter how few. */
  readonly minBodyRate: number;
  readonly maxconn: number;
  /** What memory allows; without: as many as `maxconn` may want. */
  readonly slabsPerThread?: number;
  /** The pid that log lines carry: that of the program that the user started. */
  readonly logPid: number;
  /** The pages of shared memory that src/proxy/shared-state.ts lays out, as a descriptor in the data process. */
  readonly sharedStateFd: number;
  /** Rows of the shared memory for servers that come while it runs; without: there can be none. */
  readonly spareServers?: number;
  readonly proxies: readonly ProxyPlan[];
  readonly listeners: readonly ListenerPlan[];
  /** Without: the control process answers nobody's requests. */
  readonly inside?: InsidePlan;
}

/** Those of the configuration, and the backends inside. */
export function allProxies(plan: Pick<Plan, 'proxies' | 'inside'>): readonly ProxyPlan[] {
  return plan.inside === undefined ? plan.proxies : [...plan.proxies, ...plan.inside.backends];
}
