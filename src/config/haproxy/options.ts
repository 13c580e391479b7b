/**
 * `option <name>`: one row an option. `no option X` and `default option X` work where HAProxy lets them.
 *
 * Not here: `option forwardfor` (option-forwardfor.ts), the checks (checks.ts).
 */
import type { ConnectionMode, TrafficLog } from '../model.ts';
import { choiceArgument, integerArgument } from './arguments.ts';
import { CHECK_LIST_OPTIONS } from './check-lists.ts';
import { applyHttpCheckOption, applyTcpCheckOption } from './checks.ts';
import { hasBackend, hasFrontend, type ProxyTarget, proxyLabel, type Toggle } from './drafts.ts';
import { CHECK_OPTIONS } from './external-check.ts';
import {
  applyKeyword,
  findKeyword,
  ignored,
  type Keyword,
  keywordTable,
  removed,
  type Side,
  supported,
  unsupported,
} from './keyword.ts';
import { applyForwardFor } from './option-forwardfor.ts';
import type { Statement } from './statement.ts';

/** Options that are more than on or off: HAProxy refuses `no` and `default` before them. */
const NOT_NEGATABLE: ReadonlySet<string> = new Set([
  ...CHECK_OPTIONS,
  'forwardfor',
  'tcpka',
  'httplog',
  'tcplog',
  'tandem-jsonlog',
  'http-restrict-req-hdr-names',
]);

const RESTRICTIONS = ['preserve', 'delete', 'reject'] as const;

function toggle(word: Toggle, side: Side, note: string): Keyword<ProxyTarget> {
  const apply = (s: Statement, at: number, { proxy }: ProxyTarget): void => {
    if (!belongsHere(s, at, proxy, side)) return;
    if (s.negation === 'none') proxy.toggles.add(word);
    else proxy.toggles.delete(word);
  };
  return supported(word, '', note, apply, side);
}

/** HAProxy passes over an option of the other side with a warning. */
function belongsHere(s: Statement, at: number, proxy: ProxyTarget['proxy'], side: Side): boolean {
  if ((side === 'frontend' && hasFrontend(proxy)) || (side === 'backend' && hasBackend(proxy)) || side === 'any')
    return true;
  s.warning(at, 'no-effect', `'option ${s.text(at)}' is ignored: ${proxyLabel(proxy)} has no ${side}`);
  return false;
}

function connectionMode(word: string, mode: ConnectionMode, note: string): Keyword<ProxyTarget> {
  return supported(word, '', note, (s, at, { proxy }) => {
    if (s.negation === 'default') s.error(at, 'bad-negation', `'default' is not possible before 'option ${word}'`);
    else if (s.negation === 'none') proxy.connectionMode = mode;
    else if (proxy.connectionMode === mode) proxy.connectionMode = null;
  });
}

function trafficLog(s: Statement, { proxy }: ProxyTarget, log: TrafficLog): void {
  const before = proxy.trafficLogStatement;
  if (proxy.kind === 'defaults' && before !== null) {
    s.warning(1, 'overridden', `'${s.textFrom(0)}' overrides '${logWords(before)}' in the same defaults section`);
  }
  proxy.trafficLog = log;
  proxy.trafficLogStatement = s;
  if (!hasFrontend(proxy))
    s.warning(1, 'no-effect', `'${s.textFrom(0)}' is ignored: ${proxyLabel(proxy)} has no frontend`);
}

/** A format is long, and its own. */
function logWords(s: Statement): string {
  return s.text(0) === 'option' ? s.textFrom(0) : s.text(0);
}

function harmless(note: string, ...words: readonly string[]): Keyword<ProxyTarget>[] {
  return words.map((word) => ignored<ProxyTarget>(word, '', note));
}

export const OPTIONS = keywordTable<ProxyTarget>('`option …`', 'option', [
  connectionMode('http-keep-alive', 'keep-alive', 'on both sides; the default'),
  connectionMode('http-server-close', 'server-close', 'keep-alive with clients only'),
  connectionMode('httpclose', 'close', 'one request a connection'),
  supported('forwardfor', '...', '`except <network>`, `header <name>`, `if-none`', applyForwardFor),
  supported('redispatch', '[interval]', 'another server after failed retries', applyRedispatch, 'backend'),
  toggle('persist', 'backend', 'a cookie is followed to a server that is down'),
  toggle('prefer-last-server', 'backend', 'where connections to servers belong to their clients (`http-reuse never`)'),
  toggle('abortonclose', 'backend', 'a client that left gives up its place in the queue'),
  toggle('allbackups', 'backend', 'all backup servers share the load'),
  toggle('dontlognull', 'frontend', 'connections without data are not logged'),
  toggle('dontlog-normal', 'frontend', 'lines of errors only'),
  toggle('log-separate-errors', 'frontend', 'lines of errors have level err'),
  toggle('logasap', 'frontend', 'lines are written when the response begins'),
  toggle('http-ignore-probes', 'frontend', 'no error, no log for connections without data'),
  toggle('http-buffer-request', 'any', 'a body is awaited, a buffer of it at most, before a server is chosen'),
  toggle('clitcpka', 'frontend', 'TCP keep-alive probes to clients'),
  toggle('srvtcpka', 'backend', 'TCP keep-alive probes to servers'),
  toggle('nolinger', 'any', 'a close throws away what has not left, and resets'),
  supported('tcpka', '', 'clitcpka and srvtcpka', (_s, _at, { proxy }) => {
    if (hasFrontend(proxy)) proxy.toggles.add('clitcpka');
    if (hasBackend(proxy)) proxy.toggles.add('srvtcpka');
  }),
  supported(
    'tcp-smart-accept',
    '',
    'an answer takes the first ACK with it; on by default in mode http',
    (s, _at, { proxy }) => {
      proxy.smartAccept = s.negation === 'default' ? null : s.negation === 'none';
    },
  ),
  supported(
    'tcp-smart-connect',
    '',
    'a request takes the ACK with it; on by default in mode http',
    (s, _at, { proxy }) => {
      proxy.smartConnect = s.negation === 'default' ? null : s.negation === 'none';
    },
  ),
  toggle('accept-invalid-http-request', 'frontend', 'repaired: what goes on is canonical, see docs/http-strictness.md'),
  toggle('accept-invalid-http-response', 'backend', 'repaired, too'),
  toggle('accept-unsafe-violations-in-http-request', 'frontend', 'of HAProxy 3.1; also WebSocket without a key'),
  toggle('accept-unsafe-violations-in-http-response', 'backend', 'of HAProxy 3.1; also several `chunked`'),
  supported(
    'http-restrict-req-hdr-names',
    '<preserve|delete|reject>',
    'names that are not made of letters, digits and `-`',
    (s, at, { proxy }) => {
      proxy.restrictNames = choiceArgument(s, at + 1, RESTRICTIONS) ?? proxy.restrictNames;
    },
  ),
  toggle('h1-case-adjust-bogus-client', 'frontend', 'header names as h1-case-adjust says'),
  toggle('h1-case-adjust-bogus-server', 'backend', 'header names as h1-case-adjust says'),
  supported('httplog', '[clf]', 'HAProxy’s line, or the common log format', applyHttpLog, 'frontend'),
  supported('tcplog', '', 'HAProxy’s line', (s, _at, target) => trafficLog(s, target, 'tcplog'), 'frontend'),
  supported(
    'tandem-jsonlog',
    '',
    'a JSON object a line, by pino’s schema; not in HAProxy, see docs/logs.md',
    (s, _at, target) => trafficLog(s, target, 'json'),
    'frontend',
  ),
  supported(
    'httpchk',
    '[method|uri] [uri] [version]',
    'also with headers behind the version',
    applyHttpCheckOption,
    'backend',
  ),
  supported(
    'external-check',
    '',
    'a program says whether a server is well; also wants `external-check` in `global`',
    (s, _at, { proxy }) => {
      proxy.externalCheck.option = s;
    },
    'backend',
  ),
  toggle('log-health-checks', 'backend', 'each result that is news is logged, not only changes of state'),
  supported('tcp-check', '', 'without `tcp-check` rules it connects only', applyTcpCheckOption, 'backend'),
  ...CHECK_LIST_OPTIONS,
  ...harmless(
    'bytes are passed on as they come',
    'splice-auto',
    'splice-request',
    'splice-response',
    'http-no-delay',
    'disable-h2-upgrade',
  ),
  ...harmless('bytes are counted as they pass', 'contstats'),
  ...harmless('listeners have no rows of their own in `show stat`', 'socket-stats'),
  ...harmless('servers are told what will happen to their connection', 'http-pretend-keepalive'),
  ...harmless('both directions have their own timers already', 'independent-streams'),
  ...unsupported<ProxyTarget>('it would change what goes over the wire', 'http-use-proxy-header'),
  ...unsupported<ProxyTarget>('it would change when connections close', 'idle-close-on-response'),
  ...unsupported<ProxyTarget>('it needs rights and routes that are not set up here', 'transparent'),
  ...unsupported<ProxyTarget>('comes with rules on responses', 'checkcache'),
  ...unsupported<ProxyTarget>('comes with TLS', 'httpslog'),
  ...unsupported<ProxyTarget>('only forwardfor so far', 'originalto'),
  removed('forceclose', "HAProxy 2.0 replaced it by 'option httpclose'"),
  removed('http-tunnel', 'since HAProxy 2.1 it is not needed, remove the line'),
  removed('http-use-htx', 'since HAProxy 2.1 it is always so, remove the line'),
  removed('http_proxy', "use rules such as 'http-request set-dst'"),
]);

/** Removed or unknown options are reported as such even behind `no`. */
export function applyOption(s: Statement, _at: number, target: ProxyTarget): void {
  const keyword = findKeyword(OPTIONS, s, 1);
  if (keyword === null) return;
  if (s.negation !== 'none' && NOT_NEGATABLE.has(keyword.word)) {
    s.error(1, 'bad-negation', `'${s.negation}' is not possible before 'option ${keyword.word}'`);
    return;
  }
  if (CHECK_OPTIONS.has(keyword.word)) target.proxy.externalCheck.option = null;
  applyKeyword(OPTIONS, keyword, s, 1, target);
}

function applyRedispatch(s: Statement, at: number, { proxy }: ProxyTarget): void {
  if (!belongsHere(s, at, proxy, 'backend')) return;
  if (s.negation !== 'none') proxy.redispatch = 0;
  else proxy.redispatch = s.has(at + 1) ? (integerArgument(s, at + 1) ?? 0) : -1;
}

function applyHttpLog(s: Statement, at: number, target: ProxyTarget): void {
  if (!s.has(at + 1)) trafficLog(s, target, 'httplog');
  else if (s.text(at + 1) === 'clf') trafficLog(s, target, 'clf');
  else s.error(at + 1, 'bad-value', `'option httplog' only takes 'clf', not '${s.text(at + 1)}'`);
}
