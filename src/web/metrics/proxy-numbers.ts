/** A row of `show stat` → the numbers of its families: those of the row, and what of its words can be counted. */
import { backendRow, frontendRow, type StatRow, serverRow } from '../../admin/stat-rows.ts';
import type { BackendView, CheckView, FrontendView, ServerView } from '../../daemon/views.ts';
import { CHECK_STATES, CODE_COLUMNS, PROXY_STATES, type ProxyFamily, SERVER_STATES } from './proxy-families.ts';

/** It has no line: unlike NaN, which is a line that says so. */
export const NO_LINE = Number.NEGATIVE_INFINITY;

/** What words of a row mean. A state is its place among all, -1: none of them. */
interface Words {
  readonly http: boolean;
  readonly state: number;
  readonly check: CheckView | null;
  /** null: it has no servers. */
  readonly servers: readonly ServerView[] | null;
}

export function frontendNumbers(families: readonly ProxyFamily[], view: FrontendView, into: number[]): void {
  const state = PROXY_STATES.indexOf(view.status === 'STOP' ? 'DOWN' : 'UP');
  fill(families, frontendRow(view), { http: view.http, state, check: null, servers: null }, into);
}

export function backendNumbers(families: readonly ProxyFamily[], view: BackendView, into: number[]): void {
  const servers = view.servers.length === 0 ? null : view.servers;
  const state = PROXY_STATES.indexOf(view.up ? 'UP' : 'DOWN');
  fill(families, backendRow(view, ''), { http: view.http, state, check: null, servers }, into);
}

export function serverNumbers(families: readonly ProxyFamily[], view: ServerView, into: number[]): void {
  const words = { http: view.http, state: serverState(view), check: view.check, servers: null };
  fill(families, serverRow(view), words, into);
}

/** How many numbers a family has. */
export function widthOf({ meaning, split }: Pick<ProxyFamily, 'meaning' | 'split'>): number {
  const isOneOf = meaning === 'state' || meaning === 'check-state';
  return split === null || isOneOf ? 1 : split.values.length;
}

function fill(families: readonly ProxyFamily[], row: StatRow, words: Words, into: number[]): void {
  for (const family of families) {
    if (family.http && !words.http) push(into, NO_LINE, widthOf(family));
    else add(family, row, words, into);
  }
}

function add({ column, meaning }: ProxyFamily, row: StatRow, { state, check, servers }: Words, into: number[]): void {
  const judges = check?.enabled === true && !check.paused;
  switch (meaning) {
    case 'number':
      into.push(numberOf(row, column));
      break;
    case 'seconds':
      into.push(numberOf(row, column) / 1000);
      break;
    case 'state':
      into.push(state);
      break;
    case 'check-state':
      into.push(judges ? CHECK_STATES.indexOf(check.result ?? '') : NO_LINE);
      break;
    case 'check-code':
      into.push(judges ? (row['check_code'] === undefined ? 0 : numberOf(row, 'check_code')) : NO_LINE);
      break;
    case 'check-seconds':
      // Also of a server in maintenance: it is the latest.
      into.push(check === null || check.result === null ? NO_LINE : check.durationMs / 1000);
      break;
    case 'codes':
      for (const code of CODE_COLUMNS) into.push(numberOf(row, code));
      break;
    case 'states':
      count(servers, SERVER_STATES.length, serverState, into);
      break;
    case 'check-states':
      count(servers, CHECK_STATES.length, checkState, into);
      break;
  }
}

function numberOf(row: StatRow, column: string): number {
  const value = row[column];
  return typeof value === 'number' ? value : Number.NaN;
}

function push(into: number[], value: number, times: number): void {
  for (let i = 0; i < times; i++) into.push(value);
}

/** How many servers are in each of the states. */
function count(
  servers: readonly ServerView[] | null,
  states: number,
  stateOf: (server: ServerView) => number,
  into: number[],
): void {
  const first = into.length;
  push(into, servers === null ? NO_LINE : 0, states);
  for (const server of servers ?? []) {
    const at = first + stateOf(server);
    if (at >= first) into[at] = (into[at] ?? 0) + 1;
  }
}

function serverState({ maint, operation, drain }: ServerView): number {
  if (maint) return SERVER_STATES.indexOf('MAINT');
  if (operation === 'stopped') return SERVER_STATES.indexOf('DOWN');
  if (operation === 'stopping') return SERVER_STATES.indexOf('NOLB');
  return SERVER_STATES.indexOf(drain ? 'DRAIN' : 'UP');
}

function checkState({ check }: ServerView): number {
  return CHECK_STATES.indexOf(check?.result ?? '');
}
