/** One server as it can be seen from outside: its record, its counters, its configuration in one. Pure. */
import { isIPv4, isIPv6 } from 'node:net';
import { passed, RESULT_TEXTS } from '../health/result.ts';
import {
  SERVER_BYTES_IN_LOW,
  SERVER_BYTES_OUT_LOW,
  SERVER_CLIENT_ABORTS,
  SERVER_CONNECT_ERRORS,
  SERVER_CONNECTS,
  SERVER_IDLE,
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
import type { ServerRecord } from './server-record.ts';
import type { CheckView, RateView, Responses, ServerView } from './views.ts';

export interface ServerCounts {
  readonly total: number;
  readonly responses: Responses;
  readonly count: (word: number) => number;
  readonly bytes: (word: number) => number;
  readonly gauge: (word: number) => number;
  readonly rate: RateView;
  readonly lastSessionS: number;
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
  underWay: boolean,
  nowMs: number,
): ServerView {
  const { plan, model } = record;
  const { total, responses, count, bytes, gauge, rate, lastSessionS } = counts;
  const { address } = plan;
  const retries = count(SERVER_RETRIES);
  return {
    kind: 'server',
    index: plan.index,
    ...home,
    name: plan.name,
    id: model.id,
    idGiven: model.idGiven,
    state: stateName(record.state),
    unresolved: record.unresolved,
    maint: record.maint,
    configuredMaint: model.disabled && record.maint,
    drain: record.drain,
    stopping: record.stopping,
    up: record.up,
    weight: record.weight,
    initialWeight: model.weight,
    isBackup: plan.backup,
    limit: plan.maxconn,
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
    retries,
    redispatches: count(SERVER_REDISPATCHES),
    // Attempts that were not repetitions.
    balanced: Math.max(0, total - retries),
    connects: count(SERVER_CONNECTS),
    reused: count(SERVER_REUSED),
    clientAborts: count(SERVER_CLIENT_ABORTS),
    serverAborts: count(SERVER_SERVER_ABORTS),
    rate,
    lastSessionS,
    changedS: Math.floor((nowMs - record.changedMs) / 1000),
    downtimeS: Math.floor(record.downtimeMs(nowMs) / 1000),
    health: record.health,
    check: model.check.enabled ? checkView(record, underWay) : null,
    host: address.family === 'unix' ? address.path : address.ip,
    family: address.family,
    port: address.family === 'unix' ? 0 : address.port,
    hostName: model.address.kind === 'name' ? model.address.host : null,
    cookie: plan.cookie,
    idle: gauge(SERVER_IDLE),
    idleLimit: plan.poolMaxConn,
    purgeDelayMs: plan.poolPurgeDelayMs,
  };
}

function checkView(record: ServerRecord, underWay: boolean): CheckView {
  const { last, model } = record;
  const { rise, fall, port, address } = model.check;
  return {
    result: last?.result ?? null,
    passed: last !== null && passed(last),
    underWay,
    status: last?.status ?? 0,
    durationMs: Math.floor(last?.durationMs ?? 0),
    info: last?.info ?? '',
    description: last === null ? 'Initializing' : RESULT_TEXTS[last.result],
    rise,
    fall,
    failed: record.failedChecks,
    timesDown: record.timesDown,
    port,
    address: address !== null && (isIPv4(address) || isIPv6(address)) ? address : null,
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
