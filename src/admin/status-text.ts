/**
 * The one status for people: `show status`, and `tandem status` in colour. Pure.
 *
 *   health, complaints · pair · virtual servers · frontends · backends with their servers · last changes
 *
 * Not here: how lines are cut and coloured (text-line.ts), the pair's (pair-text.ts), virtual servers (l4-text.ts).
 */
import type { BackendView, FrontendView, ServerView } from '../daemon/views.ts';
import { clockText, shortBytes, shortDuration, shortNumber } from './human-text.ts';
import { virtualServerLines } from './l4-text.ts';
import { pairLines } from './pair-text.ts';
import type { Status } from './status.ts';
import { columns, type Piece, piece, type Style, type TextLine } from './text-line.ts';

export interface Shown {
  /** Lines of the history. */
  readonly events: number;
  /** Every server, and not only those of small backends, and those that are not up. */
  readonly allServers: boolean;
}

/** A backend with more servers is told in one line, and below it those of them that are not up. */
const SERVERS_SHOWN = 16;

const HEALTH: Readonly<Record<Status['health'], readonly [string, Style]>> = {
  ok: ['ok', 'good'],
  warning: ['warning', 'warn'],
  failed: ['FAILED', 'bad'],
};

export function statusLines(status: Status, { events, allServers }: Shown): readonly TextLine[] {
  const { pair, proxies, wallMs } = status;
  const frontends = proxies.flatMap(({ frontend }) => frontend ?? []);
  const backends = proxies.flatMap(({ backend }) => backend ?? []);
  const lines: TextLine[] = [...headLines(status, proxies.length > 0), ...complaintLines(status)];
  const virtualServers = pair?.virtualServers ?? [];
  if (pair !== null) lines.push(...section('PAIR', pairLines(pair, wallMs)));
  if (virtualServers.length > 0) {
    lines.push(...section('VIRTUAL SERVERS', virtualServerLines(virtualServers, allServers ? 'all' : 'some', wallMs)));
  }
  if (frontends.length > 0) lines.push(...section('FRONTENDS', frontendLines(frontends)));
  if (backends.length > 0) lines.push(...section('BACKENDS', backendLines(backends, allServers)));
  const history = status.events.slice(0, events);
  if (history.length > 0) {
    const rows = history.map(({ wallMs: at, subject, to, why }) => [
      piece(clockText(at, wallMs), 'dim'),
      piece(subject, 'head'),
      piece(to, stateStyle(to)),
      piece(why),
    ]);
    lines.push(...section('LAST CHANGES', columns(rows)));
  }
  return lines;
}

function section(title: string, lines: readonly TextLine[]): TextLine[] {
  return [[], [piece(title, 'dim')], ...lines];
}

export function headLines({ version, node, wallMs, health, process }: Status, hasProxies: boolean): TextLine[] {
  const [word, style] = HEALTH[health];
  const { uptimeMs, generation, olderGenerations, reloadedMs, stopping } = process;
  const facts = [`up ${shortDuration(uptimeMs)}`];
  if (reloadedMs !== null) facts.push(`configuration ${generation}, ${shortDuration(wallMs - reloadedMs)} old`);
  if (olderGenerations > 0) facts.push(`${olderGenerations} older finishing`);
  const first: Piece[] = [piece(node, 'head'), piece('  '), piece(word, style)];
  if (stopping) first.push(piece('  stopping', 'warn'));
  const lines: TextLine[] = [[...first, piece(`  Tandem ${version}, ${facts.join(', ')}`, 'dim')]];
  if (!hasProxies) return lines;
  const { connections, maxconn, connectionRate, bytesOutRate, threads, engine, idlePercent } = process;
  const numbers = [
    `${connections} of ${shortNumber(maxconn)} connections`,
    `${shortNumber(connectionRate.now)}/s new`,
    `${shortBytes(bytesOutRate)}/s out`,
    `${threads} thread${threads === 1 ? '' : 's'}${engine === '' ? '' : ` on ${engine}`}, ${idlePercent} % idle`,
  ];
  return [...lines, [piece(numbers.join(', '))]];
}

function complaintLines({ complaints, health }: Status): TextLine[] {
  // The worst come first; the first of a box that failed is why.
  return complaints.map((text, at) => [
    piece('! ', health === 'failed' && at === 0 ? 'bad' : 'warn'),
    piece(text, health === 'failed' && at === 0 ? 'bad' : 'warn'),
  ]);
}

function frontendLines(frontends: readonly FrontendView[]): TextLine[] {
  const head = ['', '', 'conns', 'limit', 'new/s', 'req/s', 'in', 'out', '4xx', '5xx'].map((text) =>
    piece(text, 'dim'),
  );
  const rows = frontends.map((view) => [
    piece(view.proxy, 'head'),
    piece(view.status, view.status === 'OPEN' ? 'good' : 'warn'),
    piece(shortNumber(view.sessions)),
    piece(shortNumber(view.limit), 'dim'),
    piece(shortNumber(view.connectionRate.now)),
    piece(view.http ? shortNumber(view.requestRate.now) : '-'),
    piece(shortBytes(view.bytesIn)),
    piece(shortBytes(view.bytesOut)),
    piece(view.http ? shortNumber(view.responses[3]) : '-'),
    count(view.http ? view.responses[4] : null),
  ]);
  return columns([head, ...rows], [2, 3, 4, 5, 6, 7, 8, 9]);
}

function count(value: number | null): Piece {
  if (value === null) return piece('-');
  return piece(shortNumber(value), value > 0 ? 'warn' : 'plain');
}

function backendLines(backends: readonly BackendView[], allServers: boolean): TextLine[] {
  const head = ['', '', 'weight', 'conns', 'queue', 'req/s', 'time', '5xx', ''].map((text) => piece(text, 'dim'));
  const rows = backends.flatMap((backend) => {
    const { servers } = backend;
    const shown =
      allServers || servers.length <= SERVERS_SHOWN ? servers : servers.filter(({ state }) => state !== 'up');
    return [backendRow(backend), ...shown.map((server) => serverRow(server))];
  });
  return columns([head, ...rows], [2, 3, 4, 5, 6, 7]);
}

function backendRow(view: BackendView): Piece[] {
  const { servers } = view;
  const up = servers.filter(({ state }) => state === 'up').length;
  return [
    piece(view.proxy, 'head'),
    piece(view.up ? 'UP' : 'DOWN', view.up ? 'good' : 'bad'),
    piece(`${view.weight}`),
    piece(shortNumber(view.sessions)),
    count(view.queued),
    piece(shortNumber(view.rate.now)),
    piece(`${view.times.totalMs} ms`),
    count(view.http ? view.responses[4] : null),
    piece(`${up} of ${servers.length} servers`, up === servers.length ? 'dim' : 'warn'),
  ];
}

function serverRow(view: ServerView): Piece[] {
  return [
    piece(`  ${view.name}`),
    piece(view.state.toUpperCase(), stateStyle(view.state.toUpperCase())),
    piece(`${view.weight}`, view.weight === view.initialWeight ? 'plain' : 'warn'),
    piece(shortNumber(view.sessions)),
    count(view.queued),
    piece(shortNumber(view.rate.now)),
    piece(`${view.times.totalMs} ms`),
    count(view.http ? view.responses[4] : null),
    piece(checkText(view), view.state === 'up' ? 'dim' : 'plain'),
  ];
}

export function checkText({ check, state, changedS, tracks, isBackup, unresolved }: ServerView): string {
  const parts: string[] = [];
  if (isBackup) parts.push('backup');
  if (unresolved) parts.push('no address');
  if (check !== null && check.result !== null && !check.paused) {
    const status = check.status > 0 ? `/${check.status}` : '';
    const took = check.durationMs >= 0 ? ` in ${check.durationMs} ms` : '';
    parts.push(`${check.result}${status}${took}${check.info === '' ? '' : ` ${check.info}`}`);
  }
  if (tracks !== null) parts.push(`as ${tracks}`);
  if (state !== 'up') parts.push(`for ${shortDuration(changedS * 1000)}`);
  return parts.join(', ');
}

export function stateStyle(state: string): Style {
  switch (state) {
    case 'MASTER':
    case 'UP':
    case 'OPEN':
    case 'serving':
    case 'done':
      return 'good';
    case 'DOWN':
    case 'FAULT':
    case 'died':
    case 'refused':
      return 'bad';
    case 'MAINT':
    case 'DRAIN':
    case 'FULL':
    case 'LEAVING':
    case 'PAUSED':
    case 'STOP':
      return 'warn';
    default:
      return 'plain';
  }
}
