/**
 * Rules with conditions: which backend, which server, and what becomes of cookies.
 *
 * Not here: conditions (acl-condition.ts), what runs them (src/proxy/rules.ts).
 */
import type { Condition, ProxyRules } from '../acl-model.ts';
import { PLACE_BACKEND, PLACE_SERVER } from '../sample-model.ts';
import { type ConditionPlace, readCondition } from './acl-condition.ts';
import { type ProxyDraft, type ProxyTarget, proxyLabel } from './drafts.ts';
import type { Statement } from './statement.ts';

const CHOOSING_BACKEND: ConditionPlace = { place: PLACE_BACKEND, words: 'frontend use-backend rule' };
const CHOOSING_SERVER: ConditionPlace = {
  place: PLACE_SERVER,
  words: 'backend use-server, balance or stick-match rule',
};
/** HAProxy names the first place behind it. */
const BEFORE_COOKIES: ConditionPlace = { place: PLACE_SERVER, words: 'backend tcp-request content rule' };

export function applyUseBackend(s: Statement, _at: number, target: ProxyTarget): void {
  if (!isPlainName(s, 'backend')) return;
  const condition = s.has(2) ? readCondition(s, 2, target, CHOOSING_BACKEND) : null;
  if ((s.has(2) && condition === null) || refusesNotes(s, condition)) return;
  target.proxy.useBackends.push({ statement: s, at: 1, name: s.text(1), condition });
}

/** The backend is chosen before anything is kept of the request. */
function refusesNotes(s: Statement, condition: Condition | null): boolean {
  const tests = condition?.suites.flat().flatMap(({ acl }) => acl.tests) ?? [];
  const noted = tests.find(({ sample }) => /^(capture\.|unique-id$)/.test(sample.fetch.word));
  if (noted === undefined) return false;
  const message = `'${noted.sample.text}' is not supported yet where a backend is chosen`;
  s.error(1, 'unsupported-keyword', message, "'req.hdr', 'method', 'url' look at the request itself");
  return true;
}

export function applyUseServer(s: Statement, _at: number, target: ProxyTarget): void {
  if (!isPlainName(s, 'server')) return;
  const condition = readCondition(s, 2, target, CHOOSING_SERVER);
  if (condition !== null) target.proxy.rules.servers.push({ statement: s, server: s.text(1), condition });
}

/** `force-persist` and `ignore-persist`. */
export function applyPersistence(s: Statement, _at: number, target: ProxyTarget): void {
  const condition = readCondition(s, 1, target, BEFORE_COOKIES);
  if (condition === null) return;
  target.proxy.rules.persistence.push({ forces: s.text(0) === 'force-persist', condition });
}

/** Names may be log formats in HAProxy, which are evaluated for each request. */
function isPlainName(s: Statement, what: string): boolean {
  if (!/%(?!%)/.test(s.text(1).replaceAll('%%', ''))) return true;
  s.error(
    1,
    'unsupported-keyword',
    `names of ${what}s that are expressions are not supported yet`,
    'one rule for each',
  );
  return false;
}

/** Without conditions; what stands behind a rule that always applies is never reached. */
export function usualBackend(draft: ProxyDraft): string | null {
  const always = draft.useBackends.find((rule) => rule.condition === null);
  return always?.name ?? draft.defaultBackend?.name ?? null;
}

export function buildRules(draft: ProxyDraft): ProxyRules {
  const always = draft.useBackends.findIndex((rule) => rule.condition === null);
  const reached = always < 0 ? draft.useBackends : draft.useBackends.slice(0, always);
  return {
    backends: reached.flatMap(({ name, condition }) => (condition === null ? [] : [{ backend: name, condition }])),
    servers: draft.rules.servers.map(({ server, condition }) => ({ server, condition })),
    persistence: draft.rules.persistence,
  };
}

/** What can be said once the whole section has been read. */
export function checkRules(proxy: ProxyDraft): void {
  for (const { statement, server } of proxy.rules.servers) {
    if (proxy.servers.some((other) => other.name === server)) continue;
    statement.error(1, 'unknown-server', `unable to find server '${server}' in ${proxyLabel(proxy)}`);
  }
  if (proxy.mode === 'tcp') for (const rule of [...proxy.useBackends, ...proxy.rules.servers]) refuseHttp(rule);
}

/** HAProxy looks for a request in what has come so far; here nobody looks into a connection in mode tcp. */
function refuseHttp({ statement, condition }: { statement: Statement; condition: Condition | null }): void {
  for (const { acl } of condition?.suites.flat() ?? []) {
    const test = acl.tests.find(({ sample }) => sample.needs.startsWith('HTTP'));
    if (test === undefined) continue;
    const message = `'${test.sample.text}' needs a request, which is not looked for in mode tcp`;
    statement.error(1, 'unsupported-keyword', message, "'mode http'");
    return;
  }
}
