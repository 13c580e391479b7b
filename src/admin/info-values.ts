/** The process in the fields of `show info`: for that, and for whoever else shows them. */
import { HAPROXY_RELEASE_DATE } from '../config/haproxy/identity.ts';
import type { ProcessView } from '../daemon/views.ts';
import type { FieldValue } from './fields.ts';

const MEBIBYTE = 1_048_576;

/** By field; what is not there is 0, but for the description. `isFloat`: seconds with their fractions. */
export function infoValues(view: ProcessView, version: string, isFloat = false): Readonly<Record<string, FieldValue>> {
  const seconds = (ms: number): number => (isFloat ? Number((ms / 1000).toFixed(6)) : Math.floor(ms / 1000));
  const uptimeS = Math.floor(view.uptimeMs / 1000);
  return {
    Name: 'HAProxy',
    Version: version,
    Release_date: HAPROXY_RELEASE_DATE,
    Nbthread: view.threads,
    Nbproc: 1,
    Process_num: 1,
    Pid: view.pid,
    Uptime: uptimeText(uptimeS),
    Uptime_sec: seconds(view.uptimeMs),
    PoolAlloc_MB: Math.floor(view.bufferBytes / MEBIBYTE),
    PoolUsed_MB: Math.floor(view.bufferUsedBytes / MEBIBYTE),
    PoolFailed: view.buffersRefused,
    'Ulimit-n': view.descriptors,
    Maxsock: view.descriptors,
    Maxconn: view.maxconn,
    Hard_maxconn: view.maxconnAtMost,
    CurrConns: view.connections,
    CumConns: view.totalConnections,
    CumReq: view.totalRequests,
    ConnRate: view.connectionRate.now,
    MaxConnRate: view.connectionRate.max,
    SessRate: view.connectionRate.now,
    MaxSessRate: view.connectionRate.max,
    Tasks: view.tasks,
    Run_queue: view.runQueue,
    Idle_pct: view.idlePercent,
    node: view.node,
    ...(view.description === null ? {} : { description: view.description }),
    Stopping: view.stopping ? 1 : 0,
    Jobs: view.connections + view.listeners,
    Listeners: view.listeners,
    DroppedLogs: view.droppedLogs,
    TotalBytesOut: view.bytesOut,
    BytesOutRate: view.bytesOutRate,
    'Build info': version,
    PoolAlloc_bytes: view.bufferBytes,
    PoolUsed_bytes: view.bufferUsedBytes,
    Start_time_sec: seconds(view.startedWallMs),
    Tainted: '0',
  };
}

/** `0d 0h00m02s`. */
function uptimeText(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600) % 24;
  return `${Math.floor(seconds / 86_400)}d ${hours}h${two(minutes)}m${two(seconds % 60)}s`;
}
