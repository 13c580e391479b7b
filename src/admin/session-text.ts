/**
 * A session in HAProxy's words: a line, or all of it. What only HAProxy's own objects have (addresses of structures, calls of
 * tasks) is 0 in the line, which has its fixed form, and left out of the rest; flags are those whose meaning exists here.
 */
import type { SessionView } from '../daemon/inquiries.ts';
import { dateText, spanText } from './time-text.ts';

type Report = SessionView['report'];
type End = Report['source'];

// Channels: both ends have said their end, all of the message is there, it is the response's.
const CF_SHUTR = 0x20;
const CF_SHUTW = 0x2000;
const CF_EOI = 0x4000_0000;
const CF_ISRESP = 0x8000_0000;
// What is still looked at: a body that is awaited or forwarded, a response that is awaited or forwarded.
const AN_REQ_BODY = 0x38;
const AN_REQ_FORWARD = 0x8000;
const AN_RES_WAIT = 0x140_0000;
const AN_RES_FORWARD = 0x400_0000;
// Streams.
const SF_ASSIGNED = 0x2;
const SF_BE_ASSIGNED = 0x8;
const SF_CURR_SESS = 0x40;
const SF_REDIRECTABLE = 0x400;
const SF_HTX = 0x800;
const SF_SRV_REUSED = 0x10_0000;

const METHODS = ['OPTIONS', 'GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'TRACE', 'CONNECT'];
const METHOD_OTHER = METHODS.length;

/** States of the connection to the server: number and name. */
const SERVER_STATES: Readonly<Record<Report['phase'], readonly [number, string]>> = {
  new: [0, 'INI'],
  buffering: [0, 'INI'],
  queued: [2, 'QUE'],
  pausing: [3, 'TAR'],
  connecting: [5, 'CON'],
  connected: [8, 'EST'],
};
const CLOSED = [10, 'CLO'] as const;
const ESTABLISHED = 8;

/** When what is waited for has to have come, of each direction; -1: no matter when. */
interface Deadlines {
  readonly request: number;
  readonly requestOut: number;
  readonly analyser: number;
  readonly response: number;
  readonly responseOut: number;
  readonly connect: number;
}

/** `show sess`: one line. */
export function sessionLine(view: SessionView): string {
  const { report, frontend, backend, server } = view;
  const due = deadlines(view);
  const [state] = serverState(report);
  const request = `rq[f=${hex(requestFlags(view), 6)}h,i=${report.requestHeld},an=${hex(requestWork(view), 2)}h`;
  const response = `rp[f=${hex(responseFlags(report), 6)}h,i=${report.responseHeld},an=${hex(responseWork(view), 2)}h`;
  const fds = `scf=[${ESTABLISHED},0h,fd=${report.clientFd}] scb=[${state},0h,fd=${report.serverFd}]`;
  const names = `fe=${frontend.name} be=${backend?.name ?? '<NONE>'} srv=${server?.name ?? '<none>'}`;
  return (
    `${view.name}: proto=${protocolOf(view)} src=${sourceText(view)} ${names}` +
    ` ts=00 epoch=0 age=${spanText(report.ageMs)} calls=0 rate=0 cpu=0 lat=0` +
    ` ${request},rx=${span(due.request)},wx=${span(due.requestOut)},ax=${span(due.analyser)}]` +
    ` ${response},rx=${span(due.response)},wx=${span(due.responseOut)},ax=]` +
    ` ${fds} exp=${span(soonest(due))} rc=${report.retries} c_exp=${span(due.connect)}\n`
  );
}

/** `show sess all`, `show sess <id>`. */
export function sessionText(view: SessionView): string {
  const { report, frontend, listener, backend, server, thread } = view;
  const due = deadlines(view);
  const mask = `0x${(2 ** thread).toString(16)}`;
  const lines = [
    `${view.name}: [${dateText(report.acceptedWallMs, 6)}] id=${report.serial} proto=${protocolOf(view)} source=${sourceText(view)}`,
    `  flags=0x${hex(streamFlags(view), 1)}, conn_retries=${report.retries}, conn_exp=${never(due.connect)} waiting=0 epoch=0`,
    `  frontend=${frontend.name} (id=${frontend.id} mode=${modeOf(frontend)}), listener=${listener.name} (id=${listener.id})${addressed(report.destination, listener.unix ? `unix:${listener.id}` : '')}`,
    backend === null
      ? '  backend=<NONE> (id=-1 mode=-)'
      : `  backend=${backend.name} (id=${backend.id} mode=${modeOf(backend)})${addressed(report.outgoing, '')}`,
    backend === null
      ? '  server=<NONE> (id=-1)'
      : `  server=${server?.name ?? '<none>'} (id=${server?.id ?? 0})${report.serverFd < 0 || server === null ? '' : ` addr=${serverAddress(server)}`}`,
    `  task=(exp=${never(soonest(due))} tmask=${mask} age=${spanText(report.ageMs)})`,
    ...(frontend.http ? [transaction(view)] : []),
    `  scf=flags=0x00000000 state=EST endp=CONN`,
    `      co0=ctrl=${protocolOf(view)} xprt=RAW mux=${muxOf(frontend)} data=STRM target=LISTENER`,
    `      fd=${report.clientFd} fd.tmask=${mask}`,
    `  scb=flags=0x00000000 state=${serverState(report)[1]} endp=${report.serverFd < 0 ? 'NONE' : 'CONN'}`,
    ...(report.serverFd < 0
      ? []
      : [
          `      co1=ctrl=${outgoingProtocol(report.outgoing)} xprt=RAW mux=${muxOf(backend ?? frontend)} data=STRM target=SERVER`,
          `      fd=${report.serverFd} fd.tmask=${mask}`,
        ]),
    `  req=(f=0x${hex(requestFlags(view), 6)} an=0x${hex(requestWork(view), 1)} pipe=0 total=${report.bytesIn})`,
    `      an_exp=${never(due.analyser)} rex=${never(due.request)} wex=${never(due.requestOut)}`,
    `      buf=i=${report.requestHeld}`,
    `  res=(f=0x${hex(responseFlags(report), 6)} an=0x${hex(responseWork(view), 1)} pipe=0 total=${report.bytesOut})`,
    `      an_exp=<NEVER> rex=${never(due.response)} wex=${never(due.responseOut)}`,
    `      buf=i=${report.responseHeld}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function transaction({ report, method }: SessionView): string {
  const known = METHODS.indexOf(method);
  const number = known < 0 ? METHOD_OTHER : known;
  const request = report.tunnel ? 'MSG_TUNNEL' : report.requestDone ? 'MSG_DONE' : 'MSG_DATA';
  const started = report.responseDone ? 'MSG_DONE' : 'MSG_DATA';
  const response = report.tunnel ? 'MSG_TUNNEL' : report.responseStarted ? started : 'MSG_RPBEFORE';
  return `  txn=meth=${number} status=${report.status === 0 ? -1 : report.status} req.st=${request} rsp.st=${response}`;
}

/** Each side has one; what it is for follows from where the session is. */
function deadlines({ report, frontend }: SessionView): Deadlines {
  const { phase, clientMs, serverMs, requestDone, requestHeld, responseHeld, tunnel } = report;
  const none: Deadlines = { request: -1, requestOut: -1, analyser: -1, response: -1, responseOut: -1, connect: -1 };
  switch (phase) {
    case 'new':
      return { ...none, request: clientMs };
    case 'buffering':
      return { ...none, request: clientMs, analyser: clientMs };
    case 'queued':
    case 'pausing':
      return { ...none, connect: clientMs };
    case 'connecting':
      return { ...none, connect: serverMs };
    case 'connected': {
      const reads = !requestDone || tunnel || !frontend.http;
      const client = responseHeld > 0 ? { responseOut: clientMs } : reads ? { request: clientMs } : {};
      return { ...none, ...client, ...(requestHeld > 0 ? { requestOut: serverMs } : { response: serverMs }) };
    }
  }
}

function soonest(due: Deadlines): number {
  const set = Object.values(due).filter((ms: number) => ms >= 0);
  return set.length === 0 ? -1 : Math.min(...set);
}

function serverState({ phase, serverFd }: Report): readonly [number, string] {
  return phase === 'connected' && serverFd < 0 ? CLOSED : SERVER_STATES[phase];
}

function requestFlags({ frontend, report: { clientEnded, requestDone, tunnel } }: SessionView): number {
  return (clientEnded ? CF_SHUTR | CF_SHUTW : 0) + (frontend.http && requestDone && !tunnel ? CF_EOI : 0);
}

function responseFlags({ serverEnded, responseDone }: Report): number {
  return CF_ISRESP + (serverEnded ? CF_SHUTR | CF_SHUTW : 0) + (responseDone ? CF_EOI : 0);
}

function requestWork({ frontend, report }: SessionView): number {
  if (!frontend.http || report.tunnel) return 0;
  return report.phase === 'buffering' ? AN_REQ_BODY : AN_REQ_FORWARD;
}

function responseWork({ frontend, report }: SessionView): number {
  if (!frontend.http || report.tunnel || report.phase !== 'connected') return 0;
  return report.responseStarted ? AN_RES_FORWARD : AN_RES_WAIT;
}

function streamFlags({ frontend, backend, server, report, method }: SessionView): number {
  return (
    (server === null ? 0 : SF_ASSIGNED | SF_CURR_SESS) |
    (backend === null ? 0 : SF_BE_ASSIGNED) |
    (method === 'GET' || method === 'HEAD' ? SF_REDIRECTABLE : 0) |
    (frontend.http ? SF_HTX : 0) |
    (report.serverUses > 1 ? SF_SRV_REUSED : 0)
  );
}

function protocolOf({ listener, report }: SessionView): string {
  if (listener.unix) return 'unix_stream';
  return report.source.family === 6 ? 'tcpv6' : 'tcpv4';
}

function outgoingProtocol(end: End | null): string {
  return end?.family === 4 ? 'tcpv4' : end?.family === 6 ? 'tcpv6' : 'unix_stream';
}

function sourceText({ report: { source }, listener }: SessionView): string {
  return source.family === 0 ? `unix:${listener.id}` : `${source.ip}:${source.port}`;
}

function addressed(end: End | null, otherwise: string): string {
  if (end !== null && end.family !== 0) return ` addr=${end.ip}:${end.port}`;
  return otherwise === '' ? '' : ` addr=${otherwise}`;
}

function serverAddress({ host, port }: NonNullable<SessionView['server']>): string {
  return host === '' ? 'unix' : `${host}:${port}`;
}

function modeOf({ http }: { readonly http: boolean }): string {
  return http ? 'http' : 'tcp';
}

function muxOf({ http }: { readonly http: boolean }): string {
  return http ? 'H1' : 'PASS';
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}

function span(ms: number): string {
  return ms < 0 ? '' : spanText(ms);
}

function never(ms: number): string {
  return ms < 0 ? '<NEVER>' : spanText(ms);
}
