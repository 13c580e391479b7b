/**
 * A thread's own objects for what the plan names: proxies, servers, listeners. Everything that a request needs ready-made
 * (addresses as sockaddrs, cookies and error pages as bytes) is made here, once.
 *
 * Not here: what the threads share (shared-state.ts), and the exchange itself.
 */
import { isDeepStrictEqual } from 'node:util';
import type { InetAddress, UnixAddress } from '../core/address.ts';
import { endpointOf } from '../core/proxy-header.ts';
import type { SourceAddress } from '../core/source-address.ts';
import type { TimerWheel } from '../core/timer-wheel.ts';
import { ConnectSource } from '../sys/connect-source.ts';
import { allocate, type Region } from '../sys/memory.ts';
import type { ConnectOptions, Listener, Poller } from '../sys/poller.ts';
import type { SlabPool } from '../sys/slabs.ts';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from '../sys/sockaddr.ts';
import type { Balance } from './balance/balance.ts';
import { createBalance } from './balance/create.ts';
import { HashKey } from './balance/hash-key.ts';
import type { Captures } from './captures.ts';
import type { ServerConnection } from './connection.ts';
import { ConnectionNeed } from './connection-need.ts';
import { type ErrorAnswer, errorFileAnswers } from './error-pages.ts';
import { dependsOnClient } from './foreign-source.ts';
import type { FrontendLog } from './frontend-log.ts';
import { ProxyInside } from './inside.ts';
import { LogSinks } from './log/sink.ts';
import { type ListenerPlan, LOG_NONE, type Plan, type ProxyPlan, REUSE_NEVER, type ServerPlan } from './plan.ts';
import { StreamQueue } from './queue.ts';
import { ProxyRules } from './rules.ts';
import { ServerLimit } from './server-limit.ts';
import { HEADER_LINES_LOST, SERVER_NEEDED, type SharedState } from './shared-state.ts';
import type { TicketBoard } from './ticket-board.ts';
import { TrafficWitness } from './traffic-witness.ts';

export interface ListenerRuntime {
  readonly plan: ListenerPlan;
  readonly frontend: ProxyRuntime;
  /** Its place among the frontend's own, counted from 1: the log's `unix:N`. */
  readonly number: number;
  /** The address it is bound to, in network order; zeros for unix sockets. */
  readonly address: Uint8Array;
  /** Those of its sockets that this thread accepts from. */
  readonly sockets: Listener[];
}

/** A server's sockaddr, kept where the kernel can read it. */
export interface Sockaddr {
  readonly family: number;
  readonly address: number;
  readonly lengthBytes: number;
}

export class ServerRuntime {
  plan: ServerPlan;
  readonly backend: ProxyRuntime;
  /** First word of its row in the shared state. */
  readonly row: number;
  /** Position in the backend's list, which is what a Balance speaks of; -1: it is gone. */
  position: number;
  /** How often it has moved: connections to an earlier address are for nobody any more. */
  moves = 0;
  /** The change that has moved it last, while other threads may not know of it; 0: all do. */
  movedBy = 0;
  readonly queue: StreamQueue;
  limit: ServerLimit;
  readonly need: ConnectionNeed;
  /** null: its traffic is not observed. */
  readonly witness: TrafficWitness | null;
  /** Idle connections that carried more than one exchange: proved to survive keep-alive. */
  readonly idleProven: ServerConnection[] = [];
  /** Idle connections that carried one. */
  readonly idleFresh: ServerConnection[] = [];
  /** By their words in the shared state: those that this thread has offered to others last. */
  readonly offered: (ServerConnection | null)[] = [];
  /** How many of those that are wanted this thread asked for, at most. */
  wanted = 0;
  /** `Set-Cookie: NAME=VALUE`, for cookie insertion; takes the client's cookie away where the server has none. */
  setCookie: Buffer;
  cookie: Buffer | null;
  readonly name: Buffer;
  readonly connectOptions: ConnectOptions;
  /** REUSE_*: a connection that speaks for its client, by a PROXY header or an address, is for nobody else. */
  readonly reuse: number;
  /** `usesrc` with an address that depends on the client. */
  readonly borrowsSource: boolean;
  #sockaddr: Sockaddr;
  readonly #region: Region;
  readonly #port: Buffer | null;
  readonly #shared: SharedState;

  constructor(plan: ServerPlan, backend: ProxyRuntime, position: number, shared: SharedState) {
    this.plan = plan;
    this.backend = backend;
    this.position = position;
    this.row = shared.server(plan.index);
    this.queue = new StreamQueue(shared.serverLine(plan.index));
    this.limit = new ServerLimit(plan, backend.plan, shared);
    this.need = new ConnectionNeed(plan.poolPurgeDelayMs, shared, this.row + SERVER_NEEDED);
    this.witness = plan.observes === 0 ? null : new TrafficWitness(plan, shared);
    this.name = Buffer.from(plan.name);
    this.connectOptions = {
      keepAlive: backend.plan.serverKeepAlive,
      source: plan.source === null ? null : connectSource(plan.source),
      userTimeoutMs: plan.tcpUserTimeoutMs,
      sendsAtOnce: backend.plan.smartConnect,
    };
    this.borrowsSource = dependsOnClient(plan.source?.foreign ?? null);
    this.reuse = plan.proxyHeader !== null || this.borrowsSource ? REUSE_NEVER : backend.plan.reuse;
    const { address } = plan;
    this.#shared = shared;
    this.#region = allocate(SOCKADDR_MAX_BYTES);
    this.#sockaddr = makeSockaddr(address, this.#region);
    this.#port = address.family === 'unix' ? null : this.#region.bytes.subarray(2, 4);
    this.cookie = cookieOf(plan);
    this.setCookie = setCookieOf(plan, backend);
  }

  /** An operator has changed its address, its limit, or its cookie. True: it has moved. */
  change(plan: ServerPlan): boolean {
    const moved =
      !isDeepStrictEqual(plan.address, this.plan.address) || plan.portFromClient !== this.plan.portFromClient;
    this.plan = plan;
    this.limit = new ServerLimit(plan, this.backend.plan, this.#shared);
    this.cookie = cookieOf(plan);
    this.setCookie = setCookieOf(plan, this.backend);
    if (!moved) return false;
    this.moves++;
    this.#sockaddr = makeSockaddr(plan.address, this.#region);
    return true;
  }

  /** The port to connect to for a client of `listenerPort`. */
  portFor(listenerPort: number): number {
    const address = this.plan.address;
    if (address.family === 'unix') return 0;
    return this.plan.portFromClient ? (listenerPort + address.port) & 0xffff : address.port;
  }

  /** The sockaddr for that port; to be used before the next one is asked for. */
  sockaddr(port: number): Sockaddr {
    this.#port?.writeUInt16BE(port, 0);
    return this.#sockaddr;
  }
}

function cookieOf({ cookie }: ServerPlan): Buffer | null {
  return cookie === null ? null : Buffer.from(cookie, 'latin1');
}

function setCookieOf({ cookie }: ServerPlan, backend: ProxyRuntime): Buffer {
  const name = backend.plan.cookie?.name;
  const value = cookie ?? '; Expires=Thu, 01-Jan-1970 00:00:01 GMT';
  return Buffer.from(name === undefined ? '' : `Set-Cookie: ${name}=${value}`, 'latin1');
}

function makeSockaddr(address: InetAddress | UnixAddress, { bytes, address: at }: Region): Sockaddr {
  // The port is the connection's.
  const plain = address.family === 'unix' ? address : { ...address, port: 0 };
  const lengthBytes = writeSockaddr(bytes, 0, plain);
  return { family: bytes.readUInt16LE(0), address: at, lengthBytes };
}

function connectSource(plan: SourceAddress): ConnectSource {
  const source = new ConnectSource(plan);
  if (plan.foreign?.kind === 'address') {
    const { ip, port } = plan.foreign.address;
    source.useForeign(endpointOf(ip, port));
  }
  return source;
}

export class ProxyRuntime {
  readonly plan: ProxyPlan;
  readonly row: number;
  /** Those that are there now. */
  servers: readonly ServerRuntime[];
  /** Those of the plan, whose places rules and samples name: whom they name is not taken away. */
  readonly configured: readonly ServerRuntime[];
  balance: Balance;
  /** null: nothing is hashed. */
  readonly hashKey: HashKey | null;
  /** null: there are none. */
  readonly rules: ProxyRules | null;
  /** null: it answers nothing by itself. */
  readonly inside: ProxyInside | null;
  /** A backend inside: the proxy that it answers for, whose row this is; -1: it is none. */
  readonly ownerRow: number;
  readonly queue: StreamQueue;
  readonly sinks: LogSinks | null;
  /** What it logs beyond one of HAProxy's own lines; set by who writes them. */
  logging: FrontendLog | null = null;
  /** status → the whole response, ready to send, of those that have an `errorfile`. */
  readonly errorFiles: ReadonlyMap<number, ErrorAnswer>;
  readonly name: Buffer;
  readonly cookieName: Buffer | null;
  /** What ends a Set-Cookie line of ours. */
  readonly cookieAttributes: Buffer;
  /** PROXY headers to some server have the unique ID of their stream. */
  tellsUniqueIds = false;
  /** Some server takes a limited number of requests, so that others may have to wait. */
  mayQueue = false;
  /** Somebody began to wait here, or left, and nobody has looked since whether there is a free slot. */
  mustServe = false;
  /** Streams of this thread that wait for the backend or for one of its servers. */
  waiting = 0;
  readonly #shared: SharedState;
  readonly #alone: boolean;

  /** `alone`: no other thread of the process moves the gauges. */
  constructor(plan: ProxyPlan, shared: SharedState, logPid: number, alone: boolean) {
    this.plan = plan;
    this.#shared = shared;
    this.#alone = alone;
    this.row = shared.proxy(plan.index);
    this.queue = new StreamQueue(shared.backendLine(plan.index));
    this.name = Buffer.from(plan.name);
    this.cookieName = plan.cookie === null ? null : Buffer.from(plan.cookie.name, 'latin1');
    this.cookieAttributes = Buffer.from(`${plan.cookie?.attributes ?? ''}\r\n`, 'latin1');
    this.configured = plan.servers.map((server, position) => new ServerRuntime(server, this, position, shared));
    this.servers = this.configured;
    this.balance = createBalance(plan, shared, alone);
    this.#lookAtServers();
    this.rules = plan.rules === null ? null : new ProxyRules(plan.rules);
    this.inside = plan.inside === undefined ? null : new ProxyInside(plan.inside);
    this.ownerRow = plan.answersFor === undefined ? -1 : shared.proxy(plan.answersFor);
    this.hashKey = plan.balance === 'hash' && plan.hash !== null ? new HashKey(plan.hash) : null;
    this.sinks =
      plan.isFrontend && plan.trafficLog !== LOG_NONE && plan.logs.length > 0
        ? new LogSinks(plan.logs, logPid, () => shared.add(HEADER_LINES_LOST, 1))
        : null;
    this.errorFiles = errorFileAnswers(plan.errorFiles);
  }

  /** Some of its servers are others, or have another plan, than a moment ago. */
  changeServers(servers: readonly ServerRuntime[]): void {
    const from = Int32Array.from(servers, ({ position }) => position);
    for (const server of this.servers) server.position = -1;
    servers.forEach((server, position) => {
      server.position = position;
    });
    this.servers = servers;
    const before = this.balance;
    const plan = { ...this.plan, servers: servers.map((server) => server.plan) };
    this.balance = createBalance(plan, this.#shared, this.#alone);
    this.balance.goOn?.(before, from);
    this.#lookAtServers();
  }

  #lookAtServers(): void {
    this.tellsUniqueIds = this.servers.some(({ plan }) => plan.proxyHeader?.uniqueId === true);
    this.mayQueue = this.servers.some(({ plan }) => plan.maxconn > 0 || plan.limitVaries);
  }
}

/** What every part of a thread shares. */
export interface ThreadContext {
  readonly plan: Plan;
  /** Which thread this is, from 0. */
  readonly thread: number;
  readonly shared: SharedState;
  readonly slabs: SlabPool;
  readonly poller: Poller;
  readonly wheel: TimerWheel;
  readonly proxies: readonly ProxyRuntime[];
  /** Headroom before what is read, for edits: tune.maxrewrite. */
  readonly headroomBytes: number;
  /** Bad messages, kept for inspection. */
  readonly captures: Captures;
  /** Who waits the longest, over all threads. */
  readonly tickets: TicketBoard;
  /** Answers end their connections, and idle clients are not kept: in a soft stop, and before the address leaves. */
  lastAnswers: boolean;
}
