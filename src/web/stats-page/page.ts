/** The stats page as HTML, piece by piece: what runs, the legend, a table for each proxy. */
import type { Row } from '../../admin/commands/show-stat.ts';
import type { StatsPage } from '../../config/inside-model.ts';
import type { Proxy as ProxyModel } from '../../config/model.ts';
import { packageVersion } from '../../core/package-version.ts';
import type { AdminSide } from '../../daemon/admin-side.ts';
import { escapeHtml } from '../escape.ts';
import { note } from './cells.ts';
import { optionsText, type StatsOptions } from './options.ts';
import { backendHtml, frontendHtml, type RowStyle, serverHtml } from './rows.ts';
import { SCRIPT, STYLE } from './style.ts';

export interface PageSetup {
  readonly side: AdminSide;
  readonly settings: StatsPage;
  readonly options: StatsOptions;
  readonly admin: boolean;
}

/** `rows`: of the proxies that are shown, each proxy's together. */
export function* pageHtml(setup: PageSetup, rows: Iterable<Row>): Iterable<string> {
  yield headHtml(setup);
  let proxy = '';
  let id = -1;
  const style: RowStyle = { admin: setup.admin, legends: setup.settings.showsLegends };
  for (const row of rows) {
    const name = String(row.values['pxname'] ?? '');
    if (row.proxyId !== id) {
      if (id >= 0) yield proxyEnd(setup, id);
      proxy = name;
      id = row.proxyId;
      yield proxyBegin(setup, proxy, id);
    }
    yield rowHtml(row, style);
  }
  if (id >= 0) yield proxyEnd(setup, id);
  yield '</body></html>\n';
}

function rowHtml({ kind, values }: Row, style: RowStyle): string {
  switch (kind) {
    case 'F':
      return frontendHtml(values, style);
    case 'S':
      return serverHtml(values, style);
    case 'B':
      return backendHtml(values, style);
  }
}

function headHtml(setup: PageSetup): string {
  const { side, settings } = setup;
  const view = side.statistics.process();
  const node = settings.node === null ? '' : ` on ${escapeHtml(settings.node === '' ? view.node : settings.node)}`;
  const description = settings.description === '' ? view.description : settings.description;
  const about = description === null || settings.description === null ? '' : `: ${escapeHtml(description)}`;
  const version = settings.hidesVersion ? '' : ` version ${escapeHtml(packageVersion())}`;
  const up = Math.floor(view.uptimeMs / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const uptime = `${Math.floor(up / 86_400)}d ${Math.floor(up / 3600) % 24}h${two(Math.floor(up / 60) % 60)}m${two(up % 60)}s`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Statistics Report for Tandem${node}</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="data:,">
<style>${STYLE}</style><script>${SCRIPT}</script></head>
<body><h1>Tandem${version}</h1>
<h2>Statistics Report for pid ${view.pid}${node}${about}</h2>
<h3>&gt; General process information</h3>
<div class="top"><p><b>pid = </b> ${view.pid} (process #1, nbproc = 1, nbthread = ${view.threads})<br>
<b>uptime = </b> ${uptime}<br>
<b>system limits:</b> ulimit-n = ${view.descriptors}; <b>maxconn = </b> ${view.maxconn}<br>
current conns = ${view.connections}; conn rate = ${view.connectionRate.now}/sec; bit rate = ${bitRate(view.bytesOutRate)}<br>
Running tasks: ${view.runQueue}/${view.tasks}; idle = ${view.idlePercent} %</p>
${LEGEND}${choicesHtml(setup)}</div>
${outcomeHtml(setup)}`;
}

/** With what Ethernet adds to it, as HAProxy counts. */
function bitRate(bytes: number): string {
  const bits = (bytes * 8 * 1538) / 1448;
  if (bits >= 1e9) return `${(bits / 1e9).toFixed(3)} Gbps`;
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(3)} Mbps` : `${(bits / 1e3).toFixed(3)} kbps`;
}

const LEGEND = `<div><table class="lgd">
<tr><td class="active_up"></td><td>active UP</td><td class="backup_up"></td><td>backup UP</td></tr>
<tr><td class="active_going_down"></td><td>active UP, going down</td><td class="backup_going_down"></td><td>backup UP, going down</td></tr>
<tr><td class="active_going_up"></td><td>active DOWN, going up</td><td class="backup_going_up"></td><td>backup DOWN, going up</td></tr>
<tr><td class="active_down"></td><td>active or backup DOWN</td><td class="active_no_check"></td><td>not checked</td></tr>
<tr><td class="maintain"></td><td colspan="3">active or backup DOWN for maintenance (MAINT)</td></tr>
<tr><td class="active_draining"></td><td colspan="3">active or backup SOFT STOPPED for maintenance</td></tr>
</table>Note: "NOLB"/"DRAIN" = UP with load-balancing disabled.</div>
`;

function choicesHtml({ settings, options }: PageSetup): string {
  const { uri, refreshS } = settings;
  const { hidesDown, hidesMaint, noRefresh, scope } = options;
  const now = { hidesDown, hidesMaint, noRefresh, scope };
  const quiet = { noRefresh: refreshS > 0, scope };
  const link = (words: string, wanted: Partial<StatsOptions>): string =>
    `<li><a href="${escapeHtml(optionsText(uri, wanted))}">${words}</a></li>`;
  return `<div><b>Display option:</b><ul>
<li><form method="get" action="${escapeHtml(uri)}">Scope : <input value="${escapeHtml(scope)}" name="scope" size="8" maxlength="20"></form></li>
${link(hidesDown ? 'Show all servers' : "Hide 'DOWN' servers", { ...now, hidesDown: !hidesDown })}
${refreshS > 0 ? link(noRefresh ? 'Enable refresh' : 'Disable refresh', { ...now, noRefresh: !noRefresh }) : ''}
${link('Refresh now', now)}
${link('CSV export', { ...quiet, format: 'csv' })}
${link('JSON export', { ...quiet, format: 'json' })}
</ul></div>`;
}

const OUTCOMES: Readonly<Record<string, readonly [colour: string, sentence: string]>> = {
  DONE: ['active_up', 'Action processed successfully.'],
  NONE: ['active_going_down', 'Nothing has changed.'],
  PART: [
    'active_going_down',
    'Action partially processed.<br>Some server names are probably unknown, or the action is not for them.',
  ],
  ERRP: [
    'active_down',
    'Action not processed because of invalid parameters: the action, the backend or the servers may be unknown.',
  ],
  EXCD: ['active_down', '<b>Action not processed: the form was too long. Retry with less servers at a time.</b>'],
  DENY: ['active_down', '<b>Action denied.</b>'],
};

function outcomeHtml({ settings, options }: PageSetup): string {
  if (options.outcome === '') return '';
  const [colour, sentence] = OUTCOMES[options.outcome] ?? ['active_no_check', 'Unexpected result.'];
  const without = escapeHtml(optionsText(settings.uri, { ...options, outcome: '', format: 'html' }));
  return `<p class="say ${colour}"><a href="${without}" title="Remove this message">[X]</a> ${sentence}</p>\n`;
}

function hasForm({ side, admin }: PageSetup, id: number): boolean {
  return admin && side.model.proxies.some((proxy) => proxy.id === id && proxy.kind !== 'frontend');
}

function proxyBegin(setup: PageSetup, name: string, id: number): string {
  const { side, settings, admin } = setup;
  const form = hasForm(setup, id);
  const shown = escapeHtml(name);
  const model = side.model.proxies.find((proxy) => proxy.id === id) ?? null;
  const link = `<a href="#${shown}">${shown}</a>`;
  const named = settings.showsLegends && model !== null ? note(link, legendOf(model)) : link;
  const all = form ? '<input type="checkbox" data-all aria-label="all servers">' : '';
  return `${form ? '<form method="post">' : ''}<div class="name" id="${shown}"><h4>${named}</h4>${escapeHtml(model?.description ?? '')}</div>
<table class="tbl"><tr class="titre">${admin ? `<th rowspan="2">${all}</th>` : ''}${HEADINGS}`;
}

function legendOf({ kind, mode, id }: ProxyModel): string {
  const cap = { frontend: 'FE', backend: 'BE', listen: 'FE+BE' }[kind];
  return `cap: ${cap}, mode: ${mode}, id: ${id}`;
}

const HEADINGS = `<th rowspan="2"></th><th colspan="3">Queue</th><th colspan="3">Session rate</th><th colspan="6">Sessions</th>\
<th colspan="2">Bytes</th><th colspan="2">Denied</th><th colspan="3">Errors</th><th colspan="2">Warnings</th><th colspan="9">Server</th></tr>
<tr class="titre"><th>Cur</th><th>Max</th><th>Limit</th><th>Cur</th><th>Max</th><th>Limit</th><th>Cur</th><th>Max</th><th>Limit</th>\
<th>Total</th><th>LbTot</th><th>Last</th><th>In</th><th>Out</th><th>Req</th><th>Resp</th><th>Req</th><th>Conn</th><th>Resp</th>\
<th>Retr</th><th>Redis</th><th>Status</th><th>LastChk</th><th>Wght</th><th>Act</th><th>Bck</th><th>Chk</th><th>Dwn</th>\
<th>Dwntme</th><th>Thrtle</th></tr>
`;

const CHOICES: readonly (readonly [string, string])[] = [
  ['', ''],
  ['ready', 'Set state to READY'],
  ['drain', 'Set state to DRAIN'],
  ['maint', 'Set state to MAINT'],
  ['dhlth', 'Health: disable checks'],
  ['ehlth', 'Health: enable checks'],
  ['hrunn', 'Health: force UP'],
  ['hnolb', 'Health: force NOLB'],
  ['hdown', 'Health: force DOWN'],
  ['dagent', 'Agent: disable checks'],
  ['eagent', 'Agent: enable checks'],
  ['arunn', 'Agent: force UP'],
  ['adown', 'Agent: force DOWN'],
  ['shutdown', 'Kill Sessions'],
];

const ACTION_FORM = CHOICES.map(([word, label]) => `<option value="${word}">${label}</option>`).join('');

function proxyEnd(setup: PageSetup, id: number): string {
  if (!hasForm(setup, id)) return '</table>\n';
  return `</table>Choose the action to perform on the checked servers : <select name="action">${ACTION_FORM}</select>\
<input type="hidden" name="b" value="#${id}"> <input type="submit" value="Apply"></form>\n`;
}
