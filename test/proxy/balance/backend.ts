/**
 * A backend without anything around it, for balance tests: a plan, its shared state, and the algorithm on both. The
 * verdicts and gauges that other parts would move are moved by hand.
 */
import { type Balance, type BalanceKey, NO_KEY } from '../../../src/proxy/balance/balance.ts';
import { createBalance } from '../../../src/proxy/balance/create.ts';
import {
  CLOSE_NONE,
  type HashPlan,
  LOG_NONE,
  type ProxyPlan,
  RETRY_CONNECT,
  REUSE_SAFE,
  type ServerPlan,
} from '../../../src/proxy/plan.ts';
import {
  layoutOf,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SERVER_WEIGHT,
  SharedState,
  STATE_UP,
} from '../../../src/proxy/shared-state.ts';

export type Algorithm = ProxyPlan['balance'];

export interface TestServer {
  readonly weight?: number;
  readonly backup?: boolean;
  readonly maxconn?: number;
  readonly maxqueue?: number;
}

function serverPlan(index: number, server: TestServer): ServerPlan {
  return {
    index,
    backend: 0,
    name: `s${index}`,
    id: index + 1,
    address: { family: 4, ip: '127.0.0.1', port: 1 },
    portFromClient: false,
    weight: server.weight ?? 1,
    backup: server.backup ?? false,
    cookie: null,
    maxconn: server.maxconn ?? 0,
    minconn: 0,
    limitVaries: false,
    observes: 0,
    errorLimit: 10,
    endsWhenDown: false,
    endsBackups: false,
    maxqueue: server.maxqueue ?? 0,
    redirect: null,
    poolMaxConn: -1,
    poolPurgeDelayMs: 5000,
    tcpUserTimeoutMs: 0,
    source: null,
    proxyHeader: null,
    startsUp: true,
  };
}

export function backendPlan(
  balance: Algorithm,
  servers: readonly TestServer[],
  allBackups: boolean,
  hash: HashPlan | null = null,
): ProxyPlan {
  return {
    index: 0,
    name: 'b',
    id: 1,
    http: true,
    isFrontend: false,
    isBackend: true,
    maxconn: 0,
    defaultBackend: -1,
    rules: null,
    servers: servers.map((server, index) => serverPlan(index, server)),
    fullconn: 1,
    balance,
    hash,
    allBackups,
    cookie: null,
    persist: false,
    retries: 3,
    retryOn: RETRY_CONNECT,
    prefersLast: false,
    maxKeepAliveQueue: -1,
    redispatch: 0,
    reuse: REUSE_SAFE,
    timeouts: {
      connectMs: 0,
      clientMs: 0,
      serverMs: 0,
      queueMs: 0,
      httpRequestMs: 0,
      httpKeepAliveMs: 0,
      tunnelMs: 0,
      clientFinMs: 0,
      serverFinMs: 0,
      tarpitMs: 0,
    },
    closeMode: CLOSE_NONE,
    forwardFor: null,
    forgivesRequests: 0,
    forgivesResponses: 0,
    restrictNames: 0,
    adjustsClientCase: false,
    adjustsServerCase: false,
    abortOnClose: false,
    dontLogNull: false,
    ignoreProbes: false,
    bufferRequestMs: -1,
    trafficLog: LOG_NONE,
    logging: null,
    logs: [],
    errorFiles: {},
    clientKeepAlive: null,
    serverKeepAlive: null,
    resetsClients: false,
    resetsServers: false,
    smartAccept: false,
    smartConnect: false,
  };
}

export class TestBackend {
  readonly balance: Balance;
  readonly shared: SharedState;

  constructor(
    algorithm: Algorithm,
    servers: readonly TestServer[],
    allBackups = false,
    alone = false,
    hash: HashPlan | null = null,
  ) {
    const plan = backendPlan(algorithm, servers, allBackups, hash);
    const layout = layoutOf({ threads: 1, proxies: [plan], listeners: [] });
    this.shared = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    plan.servers.forEach((server, i) => {
      this.shared.set(this.shared.server(i) + SERVER_STATE, STATE_UP);
      this.shared.set(this.shared.server(i) + SERVER_WEIGHT, server.weight);
    });
    this.balance = createBalance(plan, this.shared, alone);
  }

  pick(except = -1, key: BalanceKey = NO_KEY): number {
    return this.balance.pick(except, key);
  }

  setState(i: number, state: number): void {
    this.shared.set(this.shared.server(i) + SERVER_STATE, state);
    this.balance.refresh();
  }

  setWeight(i: number, weight: number): void {
    this.shared.set(this.shared.server(i) + SERVER_WEIGHT, weight);
    this.balance.refresh();
  }

  sessions(i: number): number {
    return this.shared.get(this.shared.server(i) + SERVER_SESSIONS);
  }

  take(i: number): void {
    this.shared.add(this.shared.server(i) + SERVER_SESSIONS, 1);
    this.balance.taken(i);
  }

  release(i: number): void {
    this.shared.add(this.shared.server(i) + SERVER_SESSIONS, -1);
    this.balance.released(i);
  }

  /** What another thread does: the gauge moves, nobody tells this thread. */
  takeElsewhere(i: number, streams = 1): void {
    this.shared.add(this.shared.server(i) + SERVER_SESSIONS, streams);
  }

  queue(i: number, streams: number): void {
    this.shared.set(this.shared.server(i) + SERVER_QUEUED, streams);
    this.balance.taken(i);
  }

  /** Requests one after the other, each over before the next begins. */
  sequence(requests: number): number[] {
    return Array.from({ length: requests }, () => {
      const picked = this.pick();
      if (picked >= 0) {
        this.take(picked);
        this.release(picked);
      }
      return picked;
    });
  }
}

/** A small generator of repeatable numbers. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 .. sides-1 */
  roll(sides: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * sides);
  }
}
