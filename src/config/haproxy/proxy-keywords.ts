/**
 * Keywords of `defaults`, `listen`, `frontend` and `backend` sections: those that are one line of code stand here, the
 * others in the file of their family.
 */
import type { HttpReuse } from '../model.ts';
import { applyAcl } from './acl-condition.ts';
import { choiceArgument, integerArgument } from './arguments.ts';
import { applyBalance } from './balance.ts';
import { applyBind } from './bind.ts';
import { applyCapture } from './captures.ts';
import { applyHttpCheck, applyTcpCheck } from './checks.ts';
import { applyCookie } from './cookie.ts';
import { hasBackend, hasFrontend, type ProxyTarget, proxyLabel } from './drafts.ts';
import { applyErrorFile, applyErrorLocation } from './error-files.ts';
import { applyErrorFiles } from './error-sections.ts';
import { applyExternalCheck } from './external-check.ts';
import { applyHashBalanceFactor, applyHashType } from './hash-type.ts';
import { applyHttpRequest } from './http-request.ts';
import { KEEP_ALIVE_KEYWORDS } from './keep-alive.ts';
import { applyKeyword, findKeyword, ignored, type Keyword, keywordTable, supported } from './keyword.ts';
import { applyLog } from './log-target.ts';
import { applyOption } from './options.ts';
import { PROXY_LATER } from './proxy-later.ts';
import { applyRetryOn } from './retry-on.ts';
import { applyPersistence, applyUseBackend, applyUseServer } from './rules.ts';
import { applyDefaultServer, applyServer, applyTemplate } from './server.ts';
import { applySource } from './source.ts';
import type { Statement } from './statement.ts';
import { applyProxyStats } from './stats-page.ts';
import { applyTimeout } from './timeouts.ts';
import { applyFormat, applyLogFormat, applyUniqueIdHeader } from './traffic-logging.ts';

const REUSE: readonly HttpReuse[] = ['never', 'safe', 'aggressive', 'always'];

export const PROXY_KEYWORDS = keywordTable<ProxyTarget>('`defaults`, `listen`, `frontend`, `backend`', 'keyword', [
  supported('mode', '<http|tcp>', '', applyMode),
  supported('id', '<number>', '', applyId),
  supported('description', '<text> ...', '', (s, _at, { proxy }) => {
    proxy.description = s.textFrom(1);
  }),
  supported('disabled', '', '', (_s, _at, { proxy }) => {
    proxy.disabled = true;
  }),
  supported('enabled', '', '', (_s, _at, { proxy }) => {
    proxy.disabled = false;
  }),
  supported('bind', '<address> ...', '', applyBind, 'frontend'),
  supported('maxconn', '<number>', 'connections of clients', applyNumber('maxconn'), 'frontend'),
  supported('backlog', '<number>', '', applyNumber('backlog'), 'frontend'),
  supported('default_backend', '<name>', '', applyDefaultBackend, 'frontend'),
  supported('acl', '<name> <criterion> ...', 'all match methods but those of maps', applyAcl),
  supported(
    'use_backend',
    '<name> ...',
    '`if`, `unless`, or always; the first that applies',
    applyUseBackend,
    'frontend',
  ),
  supported('use-server', '<name> <condition> ...', '`if`, `unless`', applyUseServer, 'backend'),
  supported('force-persist', '<condition> ...', '`if`, `unless`', applyPersistence, 'backend'),
  supported('ignore-persist', '<condition> ...', '`if`, `unless`', applyPersistence, 'backend'),
  supported('stats', '...', 'the page of statistics', applyProxyStats),
  supported('http-request', '<action> ...', '`use-service prometheus-exporter` alone', applyHttpRequest),
  supported('balance', '...', '', applyBalance, 'backend'),
  supported(
    'hash-type',
    '<map-based|consistent> [function] [avalanche]',
    'sdbm, djb2, wt6, crc32',
    applyHashType,
    'backend',
  ),
  supported('hash-balance-factor', '<percent>', 'with hash-type consistent', applyHashBalanceFactor, 'backend'),
  supported('server', '<name> <address> ...', '', applyServer, 'backend'),
  supported('server-template', '<prefix> <number|range> <address> ...', '', applyTemplate, 'backend'),
  supported('default-server', '<parameter> ...', 'for the servers behind it', applyDefaultServer, 'backend'),
  supported('cookie', '<name> ...', '', applyCookie, 'backend'),
  supported(
    'dynamic-cookie-key',
    '<key>',
    'for `cookie … dynamic`',
    (s, _at, { proxy }) => {
      proxy.dynamicCookieKey = s.text(1);
    },
    'backend',
  ),
  supported('http-check', '<rule> ...', '', applyHttpCheck, 'backend'),
  supported('tcp-check', '<rule> ...', '', applyTcpCheck, 'backend'),
  supported('external-check', '<command|path> <value>', 'for `option external-check`', applyExternalCheck, 'backend'),
  supported('source', '<address> ...', 'and `usesrc`, `interface`: see server', applySource, 'backend'),
  ...KEEP_ALIVE_KEYWORDS,
  supported('retries', '<number>', 'at most', applyRetries, 'backend'),
  supported(
    'retry-on',
    '<condition> ...',
    'all of 2.6; any method, so the servers have to bear repetition; nothing is repeated after an interim response',
    applyRetryOn,
    'backend',
  ),
  supported(
    'fullconn',
    '<number>',
    'streams of the backend with which its servers have their whole `maxconn`',
    applyNumber('fullconn'),
    'backend',
  ),
  supported(
    'max-keep-alive-queue',
    '<number>',
    'who waits for the server that a client had last, with `option prefer-last-server`; -1: no limit',
    applyMaxKeepAliveQueue,
    'backend',
  ),
  supported('http-reuse', '<never|safe|aggressive|always>', '', applyReuse, 'backend'),
  supported('timeout', '<name> ...', '', applyTimeout),
  supported('option', '<name> ...', '', applyOption),
  supported('log', '...', '`global`, or a target as in the global section; `no log`', (s, _at, { proxy, loading }) =>
    applyLog(s, proxy.logs, loading.global.logs, loading.env),
  ),
  supported('log-tag', '<tag>', '', (s, _at, { proxy }) => {
    proxy.logTag = s.text(1);
  }),
  supported('log-format', '<format>', 'all variables of HAProxy 2.6, and `%[…]`', applyLogFormat, 'frontend'),
  supported('log-format-sd', '<format>', 'structured data of rfc5424', applyFormat('structured'), 'frontend'),
  supported(
    'error-log-format',
    '<format>',
    'for connections that never became a request',
    applyFormat('errors'),
    'frontend',
  ),
  supported('unique-id-format', '<format>', '', applyFormat('uniqueId')),
  supported('unique-id-header', '<name>', '', applyUniqueIdHeader),
  supported('capture', '<cookie|request|response> ...', '`header <name> len <bytes>`', applyCapture, 'frontend'),
  supported('errorfile', '<status> <file>', '', applyErrorFile),
  supported('errorfiles', '<section> [status] ...', '', applyErrorFiles),
  supported('errorloc', '<status> <url>', '', applyErrorLocation('302 Found')),
  supported('errorloc302', '<status> <url>', '', applyErrorLocation('302 Found')),
  supported('errorloc303', '<status> <url>', '', applyErrorLocation('303 See Other')),
  ignored('bind-process', '<set> ...', 'every thread serves every listener'),
  ...PROXY_LATER,
]);

/** Keywords that make no sense in a defaults section: HAProxy refuses them there. */
const NOT_IN_DEFAULTS = new Set([
  'acl',
  'use-server',
  'force-persist',
  'ignore-persist',
  'bind',
  'server',
  'server-template',
  'id',
  'description',
  'use_backend',
  'capture',
]);
/** Keywords that a proxy without the right half refuses; the others only warn. */
const NEEDS_ITS_SIDE = new Set(['server', 'server-template', 'default-server', 'retry-on']);
/** They look at the side of each of their words themselves. */
const CHECKS_OWN_SIDE = new Set(['option', 'timeout']);

export function applyProxyStatement(s: Statement, target: ProxyTarget): void {
  const keyword = findKeyword(PROXY_KEYWORDS, s, 0);
  if (keyword === null) return;
  if (target.proxy.kind === 'defaults' && NOT_IN_DEFAULTS.has(keyword.word)) {
    s.error(0, 'misplaced-keyword', `'${keyword.word}' is not allowed in a defaults section`);
    return;
  }
  if (sidePermits(keyword, s, target)) applyKeyword(PROXY_KEYWORDS, keyword, s, 0, target);
}

function sidePermits(keyword: Keyword<ProxyTarget>, s: Statement, { proxy }: ProxyTarget): boolean {
  if (CHECKS_OWN_SIDE.has(keyword.word) || keyword.side === 'any') return true;
  if (keyword.side === 'frontend' ? hasFrontend(proxy) : hasBackend(proxy)) return true;
  const message = `'${keyword.word}' has no place in ${proxyLabel(proxy)}: it has no ${keyword.side}`;
  if (NEEDS_ITS_SIDE.has(keyword.word)) {
    s.error(0, 'misplaced-keyword', message);
    return false;
  }
  s.warning(0, 'no-effect', message, sideHint(keyword.word));
  return true;
}

function sideHint(word: string): string | undefined {
  if (word === 'maxconn') return "maybe you want 'fullconn'";
  return word === 'fullconn' ? "maybe you want 'maxconn'" : undefined;
}

function applyMode(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  if (s.text(1) === 'health') {
    s.error(
      1,
      'removed-keyword',
      "'mode health' does not exist any more in HAProxy",
      "use 'http-request return status 200'",
    );
    return;
  }
  proxy.mode = choiceArgument(s, 1, ['http', 'tcp']) ?? proxy.mode;
}

function applyId(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  const id = integerArgument(s, 1, { min: 1 });
  if (proxy.id !== null) s.error(0, 'duplicate', `${proxyLabel(proxy)} already has the id ${proxy.id}`);
  const taken = loading.proxies.find((other) => other !== proxy && other.id === id && id !== null);
  if (taken !== undefined) s.error(1, 'duplicate', `the id ${id} is already used by ${proxyLabel(taken)}`);
  proxy.id = id;
}

function applyNumber(field: 'maxconn' | 'backlog' | 'fullconn') {
  return (s: Statement, _at: number, { proxy }: ProxyTarget): void => {
    proxy[field] = integerArgument(s, 1, { min: 0 }) || null;
  };
}

function applyRetries(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  proxy.retries = integerArgument(s, 1, { min: 0 }) ?? proxy.retries;
}

function applyMaxKeepAliveQueue(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  if (!/^-?\d+$/.test(s.text(1))) {
    s.error(1, 'bad-value', `'${s.text(1)}' is not a whole number`, '-1: no limit');
    return;
  }
  const most = Number(s.text(1));
  proxy.maxKeepAliveQueue = most < 0 ? null : most;
}

function applyReuse(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  proxy.httpReuse = choiceArgument(s, 1, REUSE) ?? proxy.httpReuse;
}

function applyDefaultBackend(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  proxy.defaultBackend = { statement: s, at: 1, name: s.text(1), condition: null };
}
