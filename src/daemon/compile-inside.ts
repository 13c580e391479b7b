/**
 * Backends inside: each proxy that answers something by itself has one for its statistics, one for its services, as far as it
 * has them. Their only server is the control process, on a socket that it has opened for them.
 */
import type { StatsRule } from '../config/inside-model.ts';
import type { Proxy as ProxyModel } from '../config/model.ts';
import {
  INSIDE_ALLOW,
  INSIDE_AUTH,
  INSIDE_DENY,
  type InsidePlan,
  type InsideStatsPlan,
  type ProxyInsidePlan,
} from '../proxy/inside-plan.ts';
import {
  CLOSE_NONE,
  LOG_NONE,
  type ProxyPlan,
  RESTRICT_NOTHING,
  RETRY_CONNECT,
  REUSE_SAFE,
  type ServerPlan,
} from '../proxy/plan.ts';
import { compileCondition } from './compile-condition.ts';

/** How the data process reaches the control process, and proves that it is it who asks. */
export interface InsideWay {
  /** The name of the socket, in the abstract namespace. */
  readonly path: string;
  readonly secret: string;
}

/** What HAProxy's logs call them. */
const STATS = '<STATS>';
const SERVICES = '<PROMEX>';

/** Requests of one proxy at a time; others wait. */
const AT_ONCE = 16;
/** Who would wait behind so many is told so. */
const WAITING_MAX = 64;
const CONNECT_MS = 1000;
const QUEUE_MS = 3000;
/** Without a byte. */
const SILENCE_MS = 30_000;
const RETRIES = 3;
const ACTIONS = { allow: INSIDE_ALLOW, deny: INSIDE_DENY, auth: INSIDE_AUTH } as const;

export function answersInside({ stats, services }: ProxyModel): boolean {
  return stats !== null || services.length > 0;
}

/** The backends, and by the index of their proxies what leads to them. */
export interface CompiledInside {
  readonly plan: InsidePlan;
  readonly ways: ReadonlyMap<number, ProxyInsidePlan>;
}

/** `servers`: how many there are in front of them. */
export function compileInside(running: readonly ProxyModel[], servers: number, way: InsideWay): CompiledInside {
  const backends: ProxyPlan[] = [];
  const ways = new Map<number, ProxyInsidePlan>();
  const add = (owner: number, proxy: ProxyModel, name: string): number => {
    const index = running.length + backends.length;
    backends.push(backendFor(proxy, owner, index, serverOf(name, index, servers + backends.length, way)));
    return index;
  };
  running.forEach((proxy, owner) => {
    const { stats, services } = proxy;
    if (!answersInside(proxy)) return;
    const condition = (rule: { readonly condition: StatsRule['condition'] }) =>
      rule.condition === null ? null : compileCondition(rule.condition, running, proxy);
    const service = services.length === 0 ? -1 : add(owner, proxy, SERVICES);
    const page: InsideStatsPlan | null =
      stats === null
        ? null
        : {
            backend: add(owner, proxy, STATS),
            uri: stats.uri,
            rules: stats.rules.map((rule) => ({ action: ACTIONS[rule.action], condition: condition(rule) })),
            admin: stats.admin.map((rule) => compileCondition(rule, running, proxy)),
          };
    const asked = services.map((rule) => ({ backend: service, condition: condition(rule) }));
    ways.set(owner, { services: asked, stats: page });
  });
  return { plan: { backends, secret: way.secret }, ways };
}

function backendFor(proxy: ProxyModel, owner: number, index: number, server: ServerPlan): ProxyPlan {
  return {
    index,
    name: proxy.name,
    id: proxy.id,
    answersFor: owner,
    http: true,
    isFrontend: false,
    isBackend: true,
    maxconn: 0,
    defaultBackend: -1,
    rules: null,
    servers: [server],
    fullconn: 1,
    balance: 'roundrobin',
    hash: null,
    allBackups: false,
    cookie: null,
    persist: false,
    retries: RETRIES,
    retryOn: RETRY_CONNECT,
    prefersLast: false,
    maxKeepAliveQueue: -1,
    redispatch: 0,
    reuse: REUSE_SAFE,
    timeouts: {
      connectMs: CONNECT_MS,
      clientMs: 0,
      serverMs: SILENCE_MS,
      queueMs: QUEUE_MS,
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
    restrictNames: RESTRICT_NOTHING,
    adjustsClientCase: false,
    adjustsServerCase: false,
    abortOnClose: false,
    dontLogNull: false,
    ignoreProbes: false,
    bufferRequestMs: -1,
    trafficLog: LOG_NONE,
    logging: null,
    logs: [],
    errorFiles: { ...pagesOf(proxy), ...NO_ANSWER },
    clientKeepAlive: null,
    serverKeepAlive: null,
    resetsClients: false,
    resetsServers: false,
    smartAccept: true,
    smartConnect: true,
  };
}

function serverOf(name: string, backend: number, index: number, { path }: InsideWay): ServerPlan {
  return {
    index,
    backend,
    name,
    id: 1,
    address: { family: 'unix', path },
    portFromClient: false,
    weight: 1,
    backup: false,
    cookie: null,
    maxconn: AT_ONCE,
    minconn: 0,
    maxqueue: WAITING_MAX,
    redirect: null,
    source: null,
    proxyHeader: null,
    limitVaries: false,
    observes: 0,
    errorLimit: 0,
    endsWhenDown: false,
    endsBackups: false,
    poolMaxConn: AT_ONCE,
    poolPurgeDelayMs: 5000,
    tcpUserTimeoutMs: 0,
    startsUp: true,
  };
}

function pagesOf({ errorFiles }: ProxyModel): Record<string, string> {
  return Object.fromEntries(errorFiles.map(({ status, content }) => [status, content.toString('base64')]));
}

/** The page of the servers' failures would lead whoever sees it to the wrong place. */
const NO_ANSWER: Readonly<Record<string, string>> = {
  502: noAnswer('502 Bad Gateway', 'The control process gave no answer that could be passed on.'),
  503: noAnswer('503 Service Unavailable', 'The control process is too busy for this page, or ends.'),
  504: noAnswer('504 Gateway Timeout', 'The control process took too long for this page.'),
};

function noAnswer(status: string, why: string): string {
  const body = `<html><body><h1>${status}</h1>\n${why}\n</body></html>\n`;
  const head = `HTTP/1.1 ${status}\r\ncontent-length: ${body.length}\r\ncache-control: no-cache\r\n`;
  return Buffer.from(`${head}content-type: text/html\r\n\r\n${body}`, 'latin1').toString('base64');
}
