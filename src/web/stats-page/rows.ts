/**
 * Rows of the stats page, from the columns of `show stat`: the same numbers as everywhere, where HAProxy's page has them. What is
 * of others (descriptions, results of checks, cookies) is escaped.
 */
import type { StatRow } from '../../admin/stat-rows.ts';
import { escapeHtml } from '../escape.ts';
import { cell, type Detail, details, duration, limit, note, number, text } from './cells.ts';

export interface RowStyle {
  /** Boxes before servers. */
  readonly admin: boolean;
  /** `show-legends`. */
  readonly legends: boolean;
}

const EMPTY = '<td></td>';

export function frontendHtml(row: StatRow, { admin }: RowStyle): string {
  return [
    `<tr class="frontend" id="${anchor(row, 'Frontend')}">${admin ? EMPTY : ''}`,
    cell(link(row, 'Frontend', 'Frontend'), ' class="ac"'),
    '<td colspan="3"></td>',
    cell(details(number(row, 'rate'), ratesOf(row, 'Current', ''))),
    cell(details(number(row, 'rate_max'), ratesOf(row, 'Max', '_max'))),
    cell(limit(row, 'rate_lim')),
    cell(number(row, 'scur')),
    cell(number(row, 'smax')),
    cell(number(row, 'slim')),
    cell(details(number(row, 'stot'), frontendTotals(row))),
    '<td></td><td></td>',
    cell(number(row, 'bin')),
    cell(number(row, 'bout')),
    cell(number(row, 'dreq')),
    cell(number(row, 'dresp')),
    cell(number(row, 'ereq')),
    '<td></td><td></td><td></td><td></td>',
    cell(text(row, 'status'), ' class="ac"'),
    '<td class="ac" colspan="8"></td></tr>\n',
  ].join('');
}

export function serverHtml(row: StatRow, { admin, legends }: RowStyle): string {
  const name = text(row, 'svname');
  const box = admin ? cell(`<input type="checkbox" name="s" value="${name}" aria-label="${name}">`) : '';
  const linked = link(row, String(row['svname'] ?? ''), name);
  return [
    `<tr class="${serverClass(row)}" id="${anchor(row, String(row['svname'] ?? ''))}">${box}`,
    cell(legends ? note(linked, legendOf(row)) : linked, ' class="ac"'),
    cell(number(row, 'qcur')),
    cell(number(row, 'qmax')),
    cell(limit(row, 'qlimit')),
    cell(number(row, 'rate')),
    cell(number(row, 'rate_max')),
    EMPTY,
    cell(details(number(row, 'scur'), connectionsOf(row))),
    cell(number(row, 'smax')),
    cell(limit(row, 'slim')),
    ...servedCells(row),
    EMPTY,
    ...errorCells(row),
    cell(statusOf(row), ' class="ac"'),
    cell(lastCheckOf(row), ' class="ac"'),
    cell(weightOf(row), ' class="ac"'),
    cell(Number(row['act'] ?? 0) > 0 ? 'Y' : '-', ' class="ac"'),
    cell(Number(row['bck'] ?? 0) > 0 ? 'Y' : '-', ' class="ac"'),
    ...checkCells(row),
    cell(row['throttle'] === undefined ? '-' : `${number(row, 'throttle')}%`, ' class="ac"'),
    '</tr>\n',
  ].join('');
}

export function backendHtml(row: StatRow, { admin, legends }: RowStyle): string {
  const linked = link(row, 'Backend', 'Backend');
  const legend = [
    row['algo'] === undefined ? '' : `balancing: ${text(row, 'algo')}`,
    row['cookie'] === undefined ? '' : `cookie: '${text(row, 'cookie')}'`,
  ].filter((part) => part !== '');
  return [
    `<tr class="backend" id="${anchor(row, 'Backend')}">${admin ? EMPTY : ''}`,
    cell(legends ? note(linked, legend.join(', ')) : linked, ' class="ac"'),
    cell(number(row, 'qcur')),
    cell(number(row, 'qmax')),
    EMPTY,
    cell(number(row, 'rate')),
    cell(number(row, 'rate_max')),
    EMPTY,
    cell(number(row, 'scur')),
    cell(number(row, 'smax')),
    cell(number(row, 'slim')),
    ...servedCells(row),
    cell(number(row, 'dreq')),
    ...errorCells(row),
    cell(`${duration(row['lastchg'])} ${text(row, 'status')}`, ' class="ac"'),
    '<td class="ac">&nbsp;</td>',
    cell(weightOf(row), ' class="ac"'),
    cell(number(row, 'act'), ' class="ac"'),
    cell(number(row, 'bck'), ' class="ac"'),
    '<td class="ac">&nbsp;</td>',
    cell(number(row, 'chkdown')),
    cell(row['downtime'] === undefined ? '?' : duration(row['downtime'])),
    '<td></td></tr>\n',
  ].join('');
}

/** Total, LbTot, Last, In, Out. */
function servedCells(row: StatRow): string[] {
  const last = row['lastsess'];
  return [
    cell(details(number(row, 'stot'), servedTotals(row))),
    cell(number(row, 'lbtot')),
    cell(details(last === undefined ? '?' : duration(last), timesOf(row))),
    cell(number(row, 'bin')),
    cell(number(row, 'bout')),
  ];
}

/** Denied responses; errors: request, connect, response; warnings: retries, redispatches. */
function errorCells(row: StatRow): string[] {
  const aborts: Detail[] = [
    ['Connection resets during transfers:', ''],
    ['client', number(row, 'cli_abrt')],
    ['server', number(row, 'srv_abrt')],
  ];
  return [
    cell(number(row, 'dresp')),
    EMPTY,
    cell(number(row, 'econ')),
    cell(details(number(row, 'eresp'), aborts)),
    cell(number(row, 'wretr')),
    cell(number(row, 'wredis')),
  ];
}

function ratesOf(row: StatRow, word: string, suffix: string): Detail[] {
  const rates: Detail[] = [
    [`${word} connection rate:`, `${number(row, suffix === '' ? 'conn_rate' : 'conn_rate_max')}/s`],
    [`${word} session rate:`, `${number(row, `rate${suffix}`)}/s`],
  ];
  if (row['mode'] === 'http') rates.push([`${word} request rate:`, `${number(row, `req_rate${suffix}`)}/s`]);
  return rates;
}

function responsesOf(row: StatRow): Detail[] {
  const classes = ['1xx', '2xx', '3xx', '4xx', '5xx'];
  return [
    ...classes.map((name): Detail => [`- HTTP ${name} responses:`, number(row, `hrsp_${name}`)]),
    ['- other responses:', number(row, 'hrsp_other')],
  ];
}

function frontendTotals(row: StatRow): Detail[] {
  const totals: Detail[] = [
    ['Cum. connections:', number(row, 'conn_tot')],
    ['Cum. sessions:', number(row, 'stot')],
  ];
  if (row['mode'] !== 'http') return totals;
  return [
    ...totals,
    ['Cum. HTTP requests:', number(row, 'req_tot')],
    ...responsesOf(row),
    ['Intercepted requests:', number(row, 'intercepted')],
    ['Failed hdr rewrites:', number(row, 'wrew')],
    ['Internal errors:', number(row, 'eint')],
  ];
}

function servedTotals(row: StatRow): Detail[] {
  const totals: Detail[] = [['Cum. sessions:', number(row, 'stot')]];
  if (row['mode'] !== 'http') return totals;
  return [
    ...totals,
    ['New connections:', number(row, 'connect')],
    ['Reused connections:', number(row, 'reuse')],
    ['Cum. HTTP requests:', number(row, 'req_tot')],
    ...responsesOf(row),
    ['Failed hdr rewrites:', number(row, 'wrew')],
    ['Internal error:', number(row, 'eint')],
  ];
}

function connectionsOf(row: StatRow): Detail[] {
  return [
    ['Current active connections:', number(row, 'scur')],
    ['Current used connections:', number(row, 'used_conn_cur')],
    ['Current idle connections:', number(row, 'srv_icur')],
    ['- unsafe:', number(row, 'idle_conn_cur')],
    ['- safe:', number(row, 'safe_conn_cur')],
    ['Estimated need of connections:', number(row, 'need_conn_est')],
    ['Active connections limit:', limit(row, 'slim')],
    ['Idle connections limit:', limit(row, 'src_ilim')],
  ];
}

function timesOf(row: StatRow): Detail[] {
  const time = (label: string, name: string): Detail => [
    label,
    `${number(row, name) || 0} / ${number(row, `${name}_max`) || 0} ms`,
  ];
  const times = [time('- Queue time:', 'qtime'), time('- Connect time:', 'ctime')];
  if (row['mode'] === 'http') times.push(time('- Responses time:', 'rtime'));
  return [['Over the last 1024 streams:', 'avg / max'], ...times, time('- Total time:', 'ttime')];
}

function statusOf(row: StatRow): string {
  const since = duration(row['lastchg']);
  const status = text(row, 'status');
  return status === 'no check' ? '<i>no check</i>' : `${since} ${status}`;
}

function lastCheckOf(row: StatRow): string {
  const last = resultOf(row, 'check_status', 'check_code', 'check_duration', 'check_desc', 'last_chk');
  const agent = resultOf(row, 'agent_status', 'agent_code', 'agent_duration', 'agent_desc', 'last_agt');
  if (last === '' && agent === '') return '';
  return agent === '' ? last : `${last}${last === '' ? '' : ' '}agent: ${agent}`;
}

/** `L7OK/200 in 1ms`, and behind it what that means. */
function resultOf(row: StatRow, status: string, code: string, took: string, meaning: string, said: string): string {
  if (row[status] === undefined) return '';
  const codeText = row[code] === undefined ? '' : `/${text(row, code)}`;
  const tookText = row[took] === undefined ? '' : ` in ${text(row, took)}ms`;
  const words = String(row[said] ?? '');
  return note(
    `${text(row, status)}${codeText}${tookText}`,
    `${text(row, meaning)}${words === '' ? '' : `: ${escapeHtml(words)}`}`,
  );
}

function weightOf(row: StatRow): string {
  const now = number(row, 'weight');
  return row['uweight'] === undefined ? now : `${now}/${number(row, 'uweight')}`;
}

/** Failed checks, times down, downtime. */
function checkCells(row: StatRow): string[] {
  if (row['tracked'] !== undefined) return [cell(`via ${text(row, 'tracked')}`, ' class="ac" colspan="3"')];
  if (row['chkfail'] === undefined) return ['<td colspan="3"></td>'];
  const byTraffic = row['hanafail'];
  const failed =
    byTraffic === undefined ? number(row, 'chkfail') : `${number(row, 'chkfail')}/${number(row, 'hanafail')}`;
  const meaning: Detail[] = [['Failed Health Checks:', number(row, 'chkfail')]];
  if (byTraffic !== undefined) meaning.push(['Health Analyses:', number(row, 'hanafail')]);
  return [cell(details(failed, meaning)), cell(number(row, 'chkdown')), cell(duration(row['downtime']))];
}

function legendOf(row: StatRow): string {
  const address = text(row, 'addr');
  const family = /^\d/.test(address) ? 'IPv4: ' : address.startsWith('[') ? 'IPv6: ' : '';
  const cookie = row['cookie'] === undefined ? '' : `, cookie: '${text(row, 'cookie')}'`;
  return `${address === '' ? '' : `${family}${address}, `}id: ${text(row, 'sid')}${cookie}`;
}

/** The colour of its row: state, health, weight, as HAProxy mixes them. */
function serverClass(row: StatRow): string {
  const status = String(row['status'] ?? '');
  if (status.startsWith('MAINT')) return 'maintain';
  return `${Number(row['bck'] ?? 0) > 0 ? 'backup' : 'active'}_${colourOf(status, row)}`;
}

function colourOf(status: string, row: StatRow): string {
  if (status === 'DOWN' || status === 'DOWN (agent)') return 'down';
  if (status.startsWith('DOWN ')) return 'going_up';
  if (status.startsWith('DRAIN')) return 'draining';
  if (status.startsWith('NOLB ')) return 'going_down';
  if (status === 'NOLB') return 'nolb';
  if (status === 'no check') return 'no_check';
  if (/ \d/.test(status)) return 'going_down';
  return Number(row['weight'] ?? 0) > 0 ? 'up' : 'draining';
}

function anchor(row: StatRow, name: string): string {
  return escapeHtml(`${row['pxname'] ?? ''}/${name}`);
}

function link(row: StatRow, name: string, shown: string): string {
  return `<a href="#${anchor(row, name)}">${shown}</a>`;
}
