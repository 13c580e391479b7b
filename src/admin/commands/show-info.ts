/** `show info`: the process in HAProxy's fields; what there is none of here (TLS, pipes, peers) is 0, as there. */
import { HAPROXY_RELEASE_DATE } from '../../config/haproxy/identity.ts';
import type { AdminContext, Command } from '../command.ts';
import { type Field, type FieldValue, jsonField, typedText } from '../fields.ts';
import { INFO_FIELDS } from '../info-fields.ts';

export const SHOW_INFO: Command = {
  words: ['show', 'info'],
  usage: 'show info [desc|json|typed|float]*',
  about: 'report information about the running process',
  level: 'user',
  run: (context, args) => {
    const values = valuesOf(context);
    const rows = INFO_FIELDS.flatMap((field): readonly [Field, FieldValue][] => {
      const value = field.name === 'description' ? values['description'] : (values[field.name] ?? 0);
      return value === undefined ? [] : [[field, value]];
    });
    if (args.includes('json')) {
      return `${JSON.stringify(rows.map(([field, value]) => jsonField(field, field.tags, value)))}\n`;
    }
    const typed = args.includes('typed');
    const described = args.includes('desc');
    return rows.map(([field, value]) => lineOf(field, value, typed, described)).join('');
  },
};

function lineOf(field: Field, value: FieldValue, typed: boolean, described: boolean): string {
  const text = typed
    ? `${field.position}.${field.name}.1:${typedText(field.tags, field.type, value)}`
    : `${field.name}: ${value}`;
  return described ? `${text}:"${field.description}"\n` : `${text}\n`;
}

function valuesOf({ statistics, version }: AdminContext): Readonly<Record<string, FieldValue>> {
  const view = statistics.process();
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
