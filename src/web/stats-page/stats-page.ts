/**
 * The statistics page: the tables in HTML, or the same numbers as CSV, typed lines, JSON; with the right to it, a form that
 * changes servers.
 *
 *   GET  prefix[;csv|;json|;typed|;up|;no-maint|;norefresh|?scope=…]     POST  prefix: s=…&action=…&b=… ─▶ 303 prefix;st=DONE
 *
 * Not here: who may see it (src/web/inside.ts).
 */
import { asJson, asTable, asTyped, type Filter, type Row, rowsOf } from '../../admin/commands/show-stat.ts';
import { SCHEMA } from '../../admin/schema.ts';
import type { StatsPage } from '../../config/inside-model.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import { unhurried } from '../unhurried.ts';
import { refusal, type WebAnswer, type WebVisit } from '../visit.ts';
import { carryOut } from './actions.ts';
import { optionsText, type StatsFormat, statsOptions } from './options.ts';
import { pageHtml } from './page.ts';
import { POLICY } from './style.ts';

export interface StatsSetup {
  readonly settings: StatsPage;
  /** The proxy that shows it: `stats scope .`; '': none. */
  readonly proxy: string;
  readonly admin: boolean;
}

const NO_CACHE = { 'Cache-Control': 'no-cache' };
const EVERY: Filter = { proxyId: -1, types: -1, serverId: -1, hidesMaint: false, hidesDown: false };

export async function statsAnswer(visit: WebVisit, { settings, proxy, admin }: StatsSetup): Promise<WebAnswer> {
  const side = visit.side.proxies;
  if (side === null) return refusal(404, 'There are no proxies here.');
  const options = statsOptions(visit.target.slice(settings.uri.length));
  if (visit.method === 'POST') {
    const outcome = admin ? (visit.bodyTooLong ? 'EXCD' : await carryOut(side, visit.body)) : 'DENY';
    return moved(optionsText(settings.uri, { ...options, format: 'html', outcome }));
  }
  const { format, hidesDown, hidesMaint, scope } = options;
  const filter = { ...EVERY, hidesMaint, hidesDown };
  const rows = shownRows(side, filter, settings.scopes, proxy, scope);
  const refresh = settings.refreshS > 0 && !options.noRefresh ? { Refresh: String(settings.refreshS) } : {};
  const headers = { ...NO_CACHE, ...TYPES[format], ...refresh };
  switch (format) {
    case 'csv':
      return { status: 200, headers, body: unhurried(asTable(rows, false)) };
    case 'typed':
      return { status: 200, headers, body: unhurried(asTyped(rows, false)) };
    case 'json':
      return { status: 200, headers, body: unhurried(asJson(rows)) };
    case 'json-schema':
      return { status: 200, headers, body: `${SCHEMA}\n` };
    case 'html':
      return { status: 200, headers, body: unhurried(pageHtml({ side, settings, options, admin }, rows)) };
  }
}

const PLAIN = { 'Content-Type': 'text/plain' };
const JSON_TYPE = { 'Content-Type': 'application/json' };
const TYPES: Readonly<Record<StatsFormat, Readonly<Record<string, string>>>> = {
  html: { 'Content-Type': 'text/html', 'Content-Security-Policy': POLICY },
  csv: PLAIN,
  typed: PLAIN,
  json: JSON_TYPE,
  'json-schema': JSON_TYPE,
};

function moved(location: string): WebAnswer {
  return { status: 303, headers: { ...NO_CACHE, 'Content-Type': 'text/plain', Location: location }, body: '' };
}

function* shownRows(
  side: AdminSide,
  filter: Filter,
  scopes: readonly string[],
  own: string,
  scope: string,
): Iterable<Row> {
  const wanted = scope.toLowerCase();
  for (const row of rowsOf(side, filter)) {
    const name = String(row.values['pxname'] ?? '');
    const allowed = scopes.length === 0 || scopes.includes(name) || (name === own && scopes.includes('.'));
    if (allowed && name.toLowerCase().includes(wanted)) yield row;
  }
}
