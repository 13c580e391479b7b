/** One server as it can be seen from outside: its record, its counters, its configuration in one. Pure. */
import { isIP } from 'node:net';
import type { CheckRecord } from '../health/check-record.ts';
import { RESULT_TEXTS } from '../health/result.ts';
import { INFO_MAX_LENGTH } from '../health/words.ts';
import {
  SERVER_BALANCED,
  SERVER_BYTES_IN_LOW,
  SERVER_BYTES_OUT_LOW,
  SERVER_CLIENT_ABORTS,
  SERVER_CONNECT_ERRORS,
  SERVER_CONNECTS,
  SERVER_IDLE,
  SERVER_IDLE_FRESH,
  SERVER_INTERNAL_ERRORS,
  SERVER_NEEDED,
  SERVER_QUEUED,
  SERVER_QUEUED_MAX,
  SERVER_REDISPATCHES,
  SERVER_RESPONSE_ERRORS,
  SERVER_RETRIES,
  SERVER_REUSED,
  SERVER_SERVER_ABORTS,
  SERVER_SESSIONS,
  SERVER_SESSIONS_MAX,
  STATE_DOWN,
  STATE_DRAIN,
  STATE_MAINT,
} from '../proxy/shared-state.ts';
import { ADMIN_UNRESOLVED, type ServerRecord, WHOLE_WARMTH } from './server-record.ts';
import type { CheckView, JudgedView, RateView, Responses, ServerView, TimesView } from './views.ts';

export interface ServerCounts {
  readonly total: number;
  readonly responses: Responses;
  readonly count: (word: number) => number;
  readonly bytes: (word: number) => number;
  readonly gauge: (word: number) => number;
  readonly times: TimesView;
  readonly rate: RateView;
  readonly lastSessionS: number;
}

export interface UnderWay {
  readonly check: boolean;
  readonly agent: boolean;
}

interface Home {
  readonly proxy: string;
  readonly proxyId: number;
  readonly http: boolean;
}

export function serverView(
  record: ServerRecord,
  home: Home,
  counts: ServerCounts,
  underWay: UnderWay,
  nowMs: number,
): ServerView {
  const { plan, model } = record;
  const { total, responses, count, bytes, gauge, times, rate, lastSessionS } = counts;
  const { address } = plan;
  return {
    kind: 'server',
    index: plan.index,
    ...home,
    name: plan.name,
    id: model.id,
    idGiven: model.idGiven,
    state: stateName(record.state),
    operation: record.operation,
    admin: record.admin,
    unresolved: (record.admin & ADMIN_UNRESOLVED) !== 0,
    maint: record.maint,
    drain: record.drain,
    tracks: record.tracked?.path ?? null,
    weight: record.weight,
    effectiveWeight: record.effectiveWeight / WHOLE_WARMTH,
    initialWeight: model.weight,
    isBackup: plan.backup,
    limit: record.maxconn ?? plan.maxconn,
    queueLimit: plan.maxqueue,
    sessions: gauge(SERVER_SESSIONS),
    sessionsMax: gauge(SERVER_SESSIONS_MAX),
    queued: gauge(SERVER_QUEUED),
    queuedMax: gauge(SERVER_QUEUED_MAX),
    total,
    bytesIn: bytes(SERVER_BYTES_IN_LOW),
    bytesOut: bytes(SERVER_BYTES_OUT_LOW),
    responses,
    connectErrors: count(SERVER_CONNECT_ERRORS),
    responseErrors: count(SERVER_RESPONSE_ERRORS),
    retries: count(SERVER_RETRIES),
    redispatches: count(SERVER_REDISPATCHES),
    balanced: count(SERVER_BALANCED),
    connects: count(SERVER_CONNECTS),
    reused: count(SERVER_REUSED),
    clientAborts: count(SERVER_CLIENT_ABORTS),
    serverAborts: count(SERVER_SERVER_ABORTS),
    internalErrors: count(SERVER_INTERNAL_ERRORS),
    times,
    rate,
    lastSessionS,
    changedS: Math.floor((nowMs - record.changedMs) / 1000),
    downtimeS: Math.floor(record.downtimeMs(nowMs) / 1000),
    failedByTraffic: record.failedByTraffic,
    isObserved: record.judge.model.observation.layer !== 'none',
    checkHealth: record.check.health,
    checksPaused: record.check.paused,
    judged: judgedView(record),
    check: record.check.configured ? checkView(record, record.check, underWay.check) : null,
    agent: record.agent.configured ? checkView(record, record.agent, underWay.agent) : null,
    host: record.unplaced ? null : address.family === 'unix' ? address.path : address.ip,
    family: address.family,
    port: address.family === 'unix' ? 0 : address.port,
    hostName: model.address.kind === 'name' ? model.address.host : null,
    cookie: plan.cookie,
    idle: gauge(SERVER_IDLE),
    idleFresh: gauge(SERVER_IDLE_FRESH),
    needed: gauge(SERVER_NEEDED),
    idleLimit: plan.poolMaxConn,
    purgeDelayMs: plan.poolPurgeDelayMs,
  };
}

function checkView(record: ServerRecord, check: CheckRecord, underWay: boolean): CheckView {
  const { last, rise, fall, health, enabled, paused } = check;
  return {
    enabled,
    paused,
    result: last?.result ?? null,
    verdict: check.verdict,
    underWay,
    status: last?.status ?? 0,
    durationMs: Math.floor(last?.durationMs ?? 0),
    info: (last?.info ?? '').slice(0, INFO_MAX_LENGTH),
    description: last === null ? 'Initializing' : RESULT_TEXTS[last.result],
    rise,
    fall,
    health,
    failed: record.failedChecks,
    timesDown: record.timesDown,
    ...(check.isAgent ? agentPlace(record) : checkPlace(record)),
  };
}

/** Where it is asked, if that is not where traffic goes. */
function checkPlace({ model, checkPort, checkAddress }: ServerRecord): Pick<CheckView, 'port' | 'address'> {
  const { port, address } = model.check;
  const written = address !== null && isIP(address) !== 0 ? address : null;
  return { port: checkPort ?? port, address: checkAddress?.ip ?? written };
}

function agentPlace({ model, agentPort, agentAddress }: ServerRecord): Pick<CheckView, 'port' | 'address'> {
  return { port: agentPort, address: agentAddress?.ip ?? model.agent.address };
}

/** Of itself, or of whom it follows. */
function judgedView(record: ServerRecord): JudgedView {
  const { check, agent, operation } = record.judge;
  return {
    checked: check.enabled,
    health: check.health,
    rise: check.rise,
    fall: check.fall,
    hasAgent: agent.enabled,
    agentHealth: agent.health,
    isStopped: operation === 'stopped',
  };
}

function stateName(state: number): ServerView['state'] {
  switch (state) {
    case STATE_DOWN:
      return 'down';
    case STATE_MAINT:
      return 'maint';
    case STATE_DRAIN:
      return 'drain';
    default:
      return 'up';
  }
}
