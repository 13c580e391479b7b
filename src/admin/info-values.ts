/** The process in the fields of `show info`: for that, and for whoever else shows them. */
import { HAPROXY_RELEASE_DATE } from '../config/haproxy/identity.ts';
import type { ProcessView } from '../daemon/views.ts';
import type { FieldValue } from './fields.ts';

/** By field; what is not there is 0, but for the description. */
export function infoValues(view: ProcessView, version: string): Readonly<Record<string, FieldValue>> {
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
    Uptime_sec: uptimeS,
    'Ulimit-n': view.descriptors,
    Maxsock: view.descriptors,
    Maxconn: view.maxconn,
    Hard_maxconn: view.maxconn,
    CurrConns: view.connections,
    CumConns: view.totalConnections,
    CumReq: view.totalRequests,
    ConnRate: view.connectionRate.now,
    MaxConnRate: view.connectionRate.max,
    SessRate: view.connectionRate.now,
    MaxSessRate: view.connectionRate.max,
    Idle_pct: view.idlePercent,
    node: view.node,
    ...(view.description === null ? {} : { description: view.description }),
    Stopping: view.stopping ? 1 : 0,
    Jobs: view.connections + view.listeners,
    Listeners: view.listeners,
    TotalBytesOut: view.bytesOut,
    BytesOutRate: view.bytesOutRate,
    'Build info': version,
    Start_time_sec: Math.floor(view.startedWallMs / 1000),
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
