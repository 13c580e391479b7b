/**
 * `stats …` of proxies: where the statistics page is, who may see it, what it shows. A section with a line of its own takes
 * nothing over from its defaults.
 *
 * Not here: `stats socket` and its kin of the global section (stats-socket.ts).
 */

import type { StatsPage } from '../inside-model.ts';
import { PLACE_REQUEST, PLACE_SERVER } from '../sample-model.ts';
import type { ConditionPlace } from './acl-condition.ts';
import { readCondition } from './acl-condition.ts';
import { timeArgument } from './arguments.ts';
import { hasFrontend, type Mutable, type ProxyDraft, type ProxyTarget, proxyLabel } from './drafts.ts';
import { applyKeyword, findKeyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

export interface StatsDraft extends Mutable<Omit<StatsPage, 'users' | 'scopes' | 'rules' | 'admin' | 'realm'>> {
  realm: string | null;
  readonly users: StatsPage['users'][number][];
  readonly scopes: string[];
  readonly rules: StatsPage['rules'][number][];
  readonly admin: StatsPage['admin'][number][];
  /** Whose it is: a proxy may still have that of its defaults. */
  readonly owner: ProxyDraft;
  readonly statement: Statement;
}

const DEFAULT_URI = '/haproxy?stats';
const DEFAULT_REALM = 'HAProxy Statistics';

interface StatsTarget extends ProxyTarget {
  readonly page: StatsDraft;
}

/** Words behind the ones that mean something do not matter to HAProxy: `...` lets them pass. */
const KEYWORDS = keywordTable<StatsTarget>('`stats` of proxies', 'stats parameter', [
  supported('enable', '...', `at ${DEFAULT_URI}`, () => {}),
  supported('uri', '<prefix> ...', '', (s, at, { page }) => {
    page.uri = s.text(at + 1);
  }),
  supported('realm', '<text> ...', '', (s, at, { page }) => {
    page.realm = s.text(at + 1);
  }),
  supported('refresh', '<time> ...', 'seconds, where there is no unit', (s, at, { page }) => {
    page.refreshS = timeArgument(s, at + 1, 's') ?? 0;
  }),
  supported('auth', '<user:password> ...', 'may be repeated', applyAuth),
  supported('scope', '<proxy> ...', '`.` is this one; may be repeated', (s, at, { page }) => {
    page.scopes.push(s.text(at + 1));
  }),
  supported('admin', '<condition> ...', '`if`, `unless`; servers may be changed from the page', applyAdmin),
  supported('http-request', '<allow|deny|auth> ...', '`auth realm <text>`; `if`, `unless`, or always', applyRule),
  supported('hide-version', '...', '', (_s, _at, { page }) => {
    page.hidesVersion = true;
  }),
  supported('show-legends', '...', 'addresses, algorithms, cookies as tooltips', (_s, _at, { page }) => {
    page.showsLegends = true;
  }),
  supported('show-modules', '...', 'there are no modules: the page is the same', (_s, _at, { page }) => {
    page.showsModules = true;
  }),
  supported('show-node', '[name] ...', '', applyNode),
  supported('show-desc', '[text] ...', '', applyDescription),
]);

export const STATS_PAGE_PARAMETERS = KEYWORDS;

export function applyProxyStats(s: Statement, _at: number, target: ProxyTarget): void {
  if (!s.has(1)) {
    s.error(1, 'missing-argument', "missing keyword in 'stats'", `one of ${[...KEYWORDS.keywords.keys()].join(', ')}`);
    return;
  }
  const keyword = findKeyword(KEYWORDS, s, 1);
  if (keyword === null) return;
  applyKeyword(KEYWORDS, keyword, s, 1, { ...target, page: pageOf(s, target.proxy) });
}

function pageOf(s: Statement, proxy: ProxyDraft): StatsDraft {
  if (proxy.stats === null || proxy.stats.owner !== proxy) proxy.stats = newPage(s, proxy);
  return proxy.stats;
}

function newPage(statement: Statement, owner: ProxyDraft): StatsDraft {
  return {
    statement,
    owner,
    uri: DEFAULT_URI,
    realm: null,
    refreshS: 0,
    users: [],
    scopes: [],
    hidesVersion: false,
    showsLegends: false,
    showsModules: false,
    node: null,
    description: null,
    rules: [],
    admin: [],
  };
}

function applyAuth(s: Statement, at: number, { page }: StatsTarget): void {
  const text = s.text(at + 1);
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  if (page.users.some((user) => user.name === name)) {
    s.warning(at + 1, 'duplicate', 'this user is there already; the first line counts');
    return;
  }
  page.users.push({ name, password: colon < 0 ? '' : text.slice(colon + 1) });
}

function applyAdmin(s: Statement, at: number, target: StatsTarget): void {
  if (refusesDefaults(s, target)) return;
  const condition = readCondition(s, at + 1, target, placeOf(target.proxy));
  if (condition !== null) target.page.admin.push(condition);
}

function applyRule(s: Statement, at: number, target: StatsTarget): void {
  if (refusesDefaults(s, target)) return;
  const action = s.text(at + 1);
  if (action !== 'allow' && action !== 'deny' && action !== 'auth') {
    s.error(at + 1, 'bad-value', `'${action}' has no place before the stats page`, 'allow, deny, auth');
    return;
  }
  const { rules } = target.page;
  if (rules.at(-1)?.condition === null) {
    s.warning(at, 'never-reached', 'the rule before this one has no condition, so this one is never reached');
  }
  const names = action === 'auth' && s.text(at + 2) === 'realm';
  if (names && !s.has(at + 3)) {
    s.error(at + 3, 'missing-argument', "'realm' lacks a text");
    return;
  }
  const next = at + (names ? 4 : 2);
  const condition = s.has(next) ? readCondition(s, next, target, placeOf(target.proxy)) : null;
  if (s.has(next) && condition === null) return;
  rules.push({ action, realm: names ? s.text(at + 3) : null, condition });
}

/** They belong to a proxy, whose ACLs they use. */
function refusesDefaults(s: Statement, { proxy }: ProxyTarget): boolean {
  if (proxy.kind !== 'defaults') return false;
  s.error(1, 'misplaced-keyword', `'stats ${s.text(1)}' is not allowed in a defaults section`);
  return true;
}

/** Where rules about requests are looked at. */
export function placeOf(proxy: ProxyDraft): ConditionPlace {
  return hasFrontend(proxy)
    ? { place: PLACE_REQUEST, words: 'frontend http-request header rule' }
    : { place: PLACE_SERVER, words: 'backend http-request header rule' };
}

function applyNode(s: Statement, at: number, { page }: StatsTarget): void {
  const name = s.text(at + 1);
  if (/^[A-Za-z0-9_.-]*$/.test(name)) page.node = name;
  else s.error(at + 1, 'bad-name', `'${name}' cannot be the name of a node`, 'letters, digits, _, - and .');
}

function applyDescription(s: Statement, at: number, { page, loading }: StatsTarget): void {
  if (s.has(at + 1) || loading.global.description !== null) page.description = s.textFrom(at + 1);
  else s.warning(at, 'no-effect', "'show-desc' shows nothing", "give it a text, or write 'description' in 'global'");
}

/** What can be said once the whole section has been read. */
export function checkStats(proxy: ProxyDraft): void {
  const page = proxy.stats;
  if (page !== null && page.rules.length > 0 && (page.users.length > 0 || page.realm !== null)) {
    const message = "'stats auth' or 'stats realm' and 'stats http-request' cannot be used at the same time";
    page.statement.error(0, 'conflict', message, "'stats auth' is 'stats http-request auth unless …'");
  }
  if (proxy.mode === 'http') return;
  const why = `it needs 'mode http', which ${proxyLabel(proxy)} has not`;
  if (page?.owner === proxy) page.statement.warning(0, 'no-effect', `'stats' is ignored: ${why}`);
  proxy.services[0]?.statement.warning(0, 'no-effect', `'http-request' is ignored: ${why}`);
}

export function buildStats(draft: StatsDraft | null): StatsPage | null {
  if (draft === null) return null;
  const { owner: _owner, statement: _statement, realm, ...page } = draft;
  return { ...page, realm: realm ?? DEFAULT_REALM };
}
