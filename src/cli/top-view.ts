/**
 * What `tandem top` shows, and what its keys do. Pure: two statuses in, lines out; a state and a key in, a state out.
 *
 * Not here: the terminal, asking (top.ts), rows of virtual servers (l4-rows.ts).
 */
import { shortBytes, shortNumber } from '../admin/human-text.ts';
import type { Status } from '../admin/status.ts';
import { checkText, headLines, stateStyle } from '../admin/status-text.ts';
import { columns, type Piece, piece, type TextLine } from '../admin/text-line.ts';
import type { Responses } from '../daemon/views.ts';
import type { L4Row } from './l4-rows.ts';

export type TopKind = 'servers' | 'backends' | 'frontends' | 'real servers';
export type SortKey = 'rate' | 'conns' | 'queue' | 'errors' | 'time' | 'name';

export interface TopState {
  readonly kind: TopKind;
  readonly sort: SortKey;
  /** Of the row, so that it stays selected wherever it goes; null: the first one. */
  readonly selected: string | null;
  readonly paused: boolean;
  /** A change that waits for `y`. */
  readonly asking: { readonly what: string; readonly command: string } | null;
  /** What came of the last one. */
  readonly message: string;
}

export interface TopRow {
  /** `backend/server`, or the proxy. */
  readonly name: string;
  readonly state: string;
  readonly rate: number;
  readonly conns: number;
  readonly queue: number;
  /** Responses 5xx a second. */
  readonly errors: number;
  readonly timeMs: number;
  /** Bytes a second; with direct routing nobody here sees them. */
  readonly out: number;
  readonly note: string;
  /** What a change of it is asked of: with `%` in place of the word that says which; null: it cannot be changed. */
  readonly command: string | null;
}

export const FIRST_STATE: TopState = {
  kind: 'servers',
  sort: 'rate',
  selected: null,
  paused: false,
  asking: null,
  message: '',
};

const SORTS: readonly SortKey[] = ['rate', 'conns', 'queue', 'errors', 'time', 'name'];
const KINDS: Readonly<Record<string, TopKind>> = {
  '1': 'servers',
  '2': 'backends',
  '3': 'frontends',
  '4': 'real servers',
};
/** What it is called, the word of `set server`, and that of `set lvs`. */
const CHANGES: Readonly<Record<string, readonly [what: string, server: string, realServer: string]>> = {
  d: ['drain', 'drain', 'drain'],
  m: ['take out for maintenance', 'maint', 'down'],
  r: ['make ready', 'ready', 'release'],
};
const HELP =
  'q quit  s sort  ↑↓ select  1 servers  2 backends  3 frontends  4 virtual servers  d drain  m maintenance  r ready  p pause';

/** Sorted, the greatest first. `before`: a look earlier, for what is counted only; `real`: those of virtual servers. */
export function topRows(
  status: Status,
  before: Status | null,
  { kind, sort }: TopState,
  real: readonly L4Row[] = [],
): readonly TopRow[] {
  if (kind === 'real servers') return real.map(realRow).sort((a, b) => order(a, b, sort));
  const earlier = new Map(before === null ? [] : figures(before, kind).map((one) => [one.row.name, one]));
  const seconds = before === null ? 0 : (status.wallMs - before.wallMs) / 1000;
  const rows = figures(status, kind).map(({ row, bytesOut, responses }) => {
    const then = earlier.get(row.name);
    if (then === undefined || seconds <= 0) return row;
    const perSecond = (now: number, was: number): number => Math.max(0, now - was) / seconds;
    return { ...row, out: perSecond(bytesOut, then.bytesOut), errors: perSecond(responses[4], then.responses[4]) };
  });
  return rows.sort((a, b) => order(a, b, sort));
}

function realRow({ virtual, server, ...row }: L4Row): TopRow {
  const command = `set lvs ${escaped(virtual)} ${escaped(server)} %`;
  return { ...row, ...{ queue: 0, errors: 0, timeMs: 0 }, command };
}

function order(a: TopRow, b: TopRow, sort: SortKey): number {
  const byName = a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
  switch (sort) {
    case 'name':
      return byName;
    case 'time':
      return b.timeMs - a.timeMs || byName;
    default:
      return b[sort] - a[sort] || byName;
  }
}

interface Figures {
  readonly row: TopRow;
  readonly bytesOut: number;
  readonly responses: Responses;
}

function figures({ proxies }: Status, kind: TopKind): Figures[] {
  const zero = { errors: 0, out: 0, queue: 0, timeMs: 0, note: '', command: null };
  if (kind === 'frontends') {
    return proxies.flatMap(({ frontend: one }): Figures[] => {
      if (one === null) return [];
      const { proxy: name, status: state, sessions: conns, http, requestRate, connectionRate } = one;
      const rate = (http ? requestRate : connectionRate).now;
      return [{ ...one, row: { ...zero, name, state, rate, conns, note: `limit ${shortNumber(one.limit)}` } }];
    });
  }
  return proxies.flatMap(({ backend }): Figures[] => {
    if (backend === null) return [];
    const { proxy, servers, up } = backend;
    const common = (one: typeof backend | (typeof servers)[number]) => {
      return { ...zero, rate: one.rate.now, conns: one.sessions, queue: one.queued, timeMs: one.times.totalMs };
    };
    if (kind === 'backends') {
      const there = servers.filter(({ state }) => state === 'up').length;
      const note = `${there} of ${servers.length} servers`;
      return [{ ...backend, row: { ...common(backend), name: proxy, state: up ? 'UP' : 'DOWN', note } }];
    }
    return servers.map((server) => {
      const note = `weight ${server.weight}  ${checkText(server)}`;
      const name = `${proxy}/${server.name}`;
      const command = `set server ${escaped(name)} state %`;
      return { ...server, row: { ...common(server), name, state: server.state.toUpperCase(), note, command } };
    });
  });
}

/** `height`: lines that there is room for. */
export function topLines(
  status: Status,
  rows: readonly TopRow[],
  state: TopState,
  height: number,
): readonly TextLine[] {
  const { kind, sort, paused, asking, message, selected } = state;
  const top: TextLine[] = [...headLines(status, true)];
  const [worst] = status.complaints;
  if (worst !== undefined) {
    const more = status.complaints.length > 1 ? ` (and ${status.complaints.length - 1} more: tandem status)` : '';
    top.push([piece(`! ${worst}${more}`, status.health === 'failed' ? 'bad' : 'warn')]);
  }
  for (const { name, state: phase, addresses, holds } of status.pair?.instances ?? []) {
    top.push([
      piece(`  ${name} `, 'head'),
      piece(phase, stateStyle(phase)),
      piece(` ${addresses.join(' ')}`),
      piece(holds ? ' here' : '', 'dim'),
    ]);
  }
  const bottom: TextLine =
    asking !== null
      ? [piece(`${asking.what}? y/n`, 'warn')]
      : message !== ''
        ? [piece(message, 'warn')]
        : [piece(`${paused ? 'PAUSED  ' : ''}sorted by ${sort}  ${HELP}`, 'dim')];
  const room = Math.max(1, height - top.length - 3);
  const at = selectedIndex(rows, selected);
  const from = Math.max(0, Math.min(at - room + 1, rows.length - room));
  const shown = rows.slice(from, from + room);
  const head = ['', kind.slice(0, -1), '', '/s', 'conns', 'queue', 'time', '5xx/s', 'out/s', ''];
  const table = columns(
    [head.map((text) => piece(text, 'dim')), ...shown.map((row, i) => cells(row, from + i === at))],
    [3, 4, 5, 6, 7, 8],
    0,
  );
  return [...top, [], ...table, bottom];
}

function cells(row: TopRow, isSelected: boolean): Piece[] {
  return [
    piece(isSelected ? '>' : ' ', 'good'),
    piece(row.name, isSelected ? 'head' : 'plain'),
    piece(row.state, stateStyle(row.state)),
    piece(shortNumber(row.rate)),
    piece(shortNumber(row.conns)),
    piece(shortNumber(row.queue), row.queue > 0 ? 'warn' : 'plain'),
    piece(`${row.timeMs} ms`),
    piece(shortNumber(row.errors), row.errors > 0 ? 'bad' : 'plain'),
    piece(shortBytes(row.out)),
    piece(row.note, 'dim'),
  ];
}

function selectedIndex(rows: readonly TopRow[], selected: string | null): number {
  return Math.max(
    0,
    rows.findIndex(({ name }) => name === selected),
  );
}

export interface KeyOutcome {
  readonly state: TopState;
  /** To be asked on the stats socket. */
  readonly command: string | null;
  readonly quit: boolean;
}

export function pressKey(state: TopState, key: string, rows: readonly TopRow[]): KeyOutcome {
  const go = (change: Partial<TopState>): KeyOutcome => ({
    state: { ...state, message: '', ...change },
    command: null,
    quit: false,
  });
  if (state.asking !== null) {
    const { command } = state.asking;
    return { ...go({ asking: null }), command: key === 'y' ? command : null };
  }
  const kind = KINDS[key];
  if (kind !== undefined) return go({ kind, selected: null });
  const change = CHANGES[key];
  if (change !== undefined) return go(wish(state, rows, change));
  switch (key) {
    case 'q':
      return { ...go({}), quit: true };
    case 's':
      return go({ sort: SORTS[(SORTS.indexOf(state.sort) + 1) % SORTS.length] ?? 'rate' });
    case 'p':
      return go({ paused: !state.paused });
    case 'up':
    case 'k':
      return go({ selected: rows[selectedIndex(rows, state.selected) - 1]?.name ?? rows[0]?.name ?? null });
    case 'down':
    case 'j':
      return go({ selected: rows[selectedIndex(rows, state.selected) + 1]?.name ?? rows.at(-1)?.name ?? null });
    default:
      return go({});
  }
}

function wish(
  state: TopState,
  rows: readonly TopRow[],
  [what, ofServer, ofRealServer]: readonly [string, string, string],
): Partial<TopState> {
  const row = rows[selectedIndex(rows, state.selected)];
  if (row === undefined || row.command === null) return { message: 'select a server (1, 4) first' };
  const word = state.kind === 'servers' ? ofServer : ofRealServer;
  const command = row.command.replace(/%$/, () => word);
  return { selected: row.name, asking: { what: `${what} ${row.name}`, command } };
}

/** In the language of the socket a backslash takes their meaning from blanks and semicolons. */
function escaped(name: string): string {
  return name.replace(/[\\; ]/g, '\\$&');
}
