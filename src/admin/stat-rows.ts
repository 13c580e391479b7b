/**
 * One row of `show stat` each for a frontend, a server, a backend: which numbers stand in which column. A column that is not
 * named here is empty, which is what HAProxy shows where something does not apply; what Tandem does not have (caches,
 * compression, denials) is 0, as there.
 */
import { ADMIN_INHERITED_MAINT } from '../daemon/server-record.ts';
import type { BackendView, CheckView, FrontendView, Responses, ServerView, TimesView } from '../daemon/views.ts';
import type { FieldValue } from './fields.ts';

export type StatRow = Readonly<Record<string, FieldValue>>;

/** HAProxy counts processes from 1, and there is one. */
const PID = 1;
const NOTHING_COMPRESSED = { comp_in: 0, comp_out: 0, comp_byp: 0, comp_rsp: 0 };
const NO_CACHE = { cache_lookups: 0, cache_hits: 0 };

export function frontendRow(view: FrontendView): StatRow {
  const http = view.http
    ? {
        ...responseColumns(view.responses),
        intercepted: view.intercepted,
        ...NO_CACHE,
      }
    : {};
  return {
    pxname: view.proxy,
    svname: 'FRONTEND',
    scur: view.sessions,
    smax: view.sessionsMax,
    slim: view.limit,
    stot: view.connections,
    bin: view.bytesIn,
    bout: view.bytesOut,
    dreq: 0,
    dresp: 0,
    ereq: view.badRequests,
    // HAProxy has no other word for a full one.
    status: view.status === 'FULL' ? 'OPEN' : view.status,
    pid: PID,
    iid: view.id,
    sid: 0,
    type: 0,
    rate: view.connectionRate.now,
    rate_lim: 0,
    rate_max: view.connectionRate.max,
    req_rate: view.requestRate.now,
    req_rate_max: view.requestRate.max,
    req_tot: view.requests,
    ...NOTHING_COMPRESSED,
    mode: view.http ? 'http' : 'tcp',
    conn_rate: view.connectionRate.now,
    conn_rate_max: view.connectionRate.max,
    conn_tot: view.connections,
    dcon: 0,
    dses: 0,
    wrew: 0,
    eint: view.internalErrors,
    ...http,
  };
}

export function serverRow(view: ServerView): StatRow {
  return {
    pxname: view.proxy,
    svname: view.name,
    qcur: view.queued,
    qmax: view.queuedMax,
    scur: view.sessions,
    smax: view.sessionsMax,
    ...(view.limit > 0 ? { slim: view.limit } : {}),
    stot: view.total,
    bin: view.bytesIn,
    bout: view.bytesOut,
    dresp: 0,
    econ: view.connectErrors,
    eresp: view.responseErrors,
    wretr: view.retries,
    wredis: view.redispatches,
    status: serverStatus(view),
    weight: Math.ceil(view.effectiveWeight),
    act: view.isBackup ? 0 : 1,
    bck: view.isBackup ? 1 : 0,
    ...checkTimes(view),
    lastchg: view.changedS,
    ...(view.queueLimit > 0 ? { qlimit: view.queueLimit } : {}),
    pid: PID,
    iid: view.proxyId,
    sid: view.id,
    ...(view.operation === 'starting' && view.weight > 0 && !view.drain ? { throttle: throttleOf(view) } : {}),
    lbtot: view.balanced,
    ...(view.tracks === null ? {} : { tracked: view.tracks }),
    type: 2,
    rate: view.rate.now,
    rate_max: view.rate.max,
    ...checkColumns(view),
    ...agentColumns(view),
    ...(view.http ? { ...responseColumns(view.responses), req_tot: sumOf(view.responses) } : {}),
    cli_abrt: view.clientAborts,
    srv_abrt: view.serverAborts,
    lastsess: view.lastSessionS,
    ...averageTimes(view.times),
    addr: addressOf(view),
    ...(view.cookie === null ? {} : { cookie: view.cookie }),
    mode: view.http ? 'http' : 'tcp',
    wrew: 0,
    connect: view.connects,
    reuse: view.reused,
    srv_icur: view.idle,
    ...(view.idleLimit < 0 ? {} : { src_ilim: view.idleLimit }),
    ...longestTimes(view.times),
    eint: view.internalErrors,
    idle_conn_cur: view.idleFresh,
    safe_conn_cur: Math.max(0, view.idle - view.idleFresh),
    used_conn_cur: view.sessions,
    need_conn_est: view.needed,
    uweight: view.weight,
  };
}

/** `servers`: where only some are shown, HAProxy says how many run. */
export function backendRow(view: BackendView, servers: string): StatRow {
  return {
    pxname: view.proxy,
    svname: 'BACKEND',
    qcur: view.queued,
    qmax: view.queuedMax,
    scur: view.sessions,
    smax: view.sessionsMax,
    slim: view.limit,
    stot: view.total,
    bin: view.bytesIn,
    bout: view.bytesOut,
    dreq: 0,
    dresp: 0,
    econ: view.connectErrors,
    eresp: view.responseErrors,
    wretr: view.retries,
    wredis: view.redispatches,
    status: `${view.up ? 'UP' : 'DOWN'}${servers}`,
    weight: Math.ceil(view.weight),
    act: view.active,
    bck: view.backup,
    chkdown: view.timesDown,
    lastchg: view.changedS,
    ...(view.servers.length > 0 ? { downtime: view.downtimeS } : {}),
    pid: PID,
    iid: view.id,
    sid: 0,
    lbtot: view.balanced,
    type: 1,
    rate: view.rate.now,
    rate_max: view.rate.max,
    ...(view.http ? { ...responseColumns(view.responses), req_tot: view.total, ...NO_CACHE } : {}),
    cli_abrt: view.clientAborts,
    srv_abrt: view.serverAborts,
    ...NOTHING_COMPRESSED,
    lastsess: view.lastSessionS,
    ...averageTimes(view.times),
    ...(view.cookie === null ? {} : { cookie: view.cookie }),
    mode: view.http ? 'http' : 'tcp',
    algo: view.algorithm,
    wrew: 0,
    connect: view.connects,
    reuse: view.reused,
    ...longestTimes(view.times),
    eint: view.internalErrors,
    uweight: view.wholeWeight,
    agg_server_status: 0,
    agg_server_check_status: 0,
    agg_check_status: 0,
  };
}

function averageTimes({ queueMs, connectMs, responseMs, totalMs }: TimesView): StatRow {
  return { qtime: queueMs, ctime: connectMs, rtime: responseMs, ttime: totalMs };
}

function longestTimes({ queueMaxMs, connectMaxMs, responseMaxMs, totalMaxMs }: TimesView): StatRow {
  return { qtime_max: queueMaxMs, ctime_max: connectMaxMs, rtime_max: responseMaxMs, ttime_max: totalMaxMs };
}

function responseColumns([one, two, three, four, five, other]: Responses): StatRow {
  return { hrsp_1xx: one, hrsp_2xx: two, hrsp_3xx: three, hrsp_4xx: four, hrsp_5xx: five, hrsp_other: other };
}

function sumOf(responses: Responses): number {
  return responses.reduce((sum, count) => sum + count, 0);
}

/** UP, DOWN, with a fraction on the way from one to the other; what an operator wants goes before. */
function serverStatus(view: ServerView): string {
  const { judged, operation, drain } = view;
  if (view.unresolved) return 'MAINT (resolution)';
  if ((view.admin & ADMIN_INHERITED_MAINT) !== 0) return `MAINT (via ${view.tracks})`;
  if (view.maint) return 'MAINT';
  if (operation === 'stopped') return downStatus(judged);
  const settled = judged.health >= judged.rise + judged.fall - 1;
  const fraction = ` ${judged.health - judged.rise + 1}/${judged.fall}`;
  if (operation === 'stopping') {
    const unchecked = view.check?.enabled !== true && view.tracks === null;
    return unchecked || settled ? 'NOLB' : `NOLB${fraction}`;
  }
  const wavers = judged.checked && !settled;
  if (drain) return judged.hasAgent ? 'DRAIN (agent)' : `DRAIN${wavers ? fraction : ''}`;
  if (wavers) return `UP${fraction}`;
  return judged.checked ? 'UP' : 'no check';
}

function downStatus({ checked, hasAgent, agentHealth, health, rise }: ServerView['judged']): string {
  if (hasAgent && agentHealth === 0) return 'DOWN (agent)';
  return (checked && health > 0) || (!checked && hasAgent) ? `DOWN ${health}/${rise}` : 'DOWN';
}

/** In HAProxy's arithmetic, which is that of sixteenths. */
function throttleOf({ effectiveWeight, weight }: ServerView): number {
  return Math.floor((1600 * effectiveWeight + 15) / (16 * weight));
}

/** Also of a server in maintenance. */
function checkTimes({ check, downtimeS, isObserved, failedByTraffic }: ServerView): StatRow {
  const observed: StatRow = isObserved ? { hanafail: failedByTraffic } : {};
  if (check?.enabled !== true) return observed;
  return { chkfail: check.failed, chkdown: check.timesDown, downtime: downtimeS, ...observed };
}

function checkColumns({ check, judged }: ServerView): StatRow {
  if (check === null || !check.enabled || check.paused) return {};
  return {
    check_status: statusOf(check),
    ...codeOf(check, 'check_code'),
    // Traffic takes no time.
    ...(check.result === null || check.durationMs < 0 ? {} : { check_duration: check.durationMs }),
    last_chk: wordsOf(check),
    check_desc: check.description,
    check_rise: judged.rise,
    check_fall: judged.fall,
    check_health: judged.health,
  };
}

/** An agent is asked in maintenance, too. */
function agentColumns({ agent }: ServerView): StatRow {
  if (agent === null || !agent.enabled) return {};
  return {
    agent_status: statusOf(agent),
    ...codeOf(agent, 'agent_code'),
    agent_duration: agent.durationMs,
    last_agt: wordsOf(agent),
    agent_desc: agent.description,
    agent_rise: agent.rise,
    agent_fall: agent.fall,
    agent_health: agent.health,
  };
}

/** While it is asked, what it said before is gone. */
function wordsOf({ underWay, info }: CheckView): string {
  return underWay ? '' : info;
}

function statusOf({ underWay, result }: CheckView): string {
  return `${underWay ? '* ' : ''}${result ?? 'INI'}`;
}

/** Only the application has one; that of a program that was killed is -1, which is no number here. */
function codeOf({ result, status }: CheckView, column: string): StatRow {
  return result !== null && /^(L7OKC?|L7STS|PROC.*)$/.test(result) ? { [column]: status >>> 0 } : {};
}

function addressOf({ family, host, port }: ServerView): string {
  if (family === 'unix') return 'unix';
  if (host === null) return '';
  return family === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}
