/**
 * How servers are checked: `option httpchk`, `option tcp-check`, `http-check …`, `tcp-check …`.
 *
 * Not here: what a rule says (check-rules.ts, check-expect.ts, check-request.ts), how rules become one list
 * (check-draft.ts), the ready-made lists (check-lists.ts).
 */
import type { CheckProtocol } from '../check-model.ts';
import {
  newCheck,
  nextStep,
  ownRules,
  type RuleDraft,
  type RuleListDraft,
  withHttpOption,
  withRequest,
  withRule,
} from './check-draft.ts';
import { expectRule } from './check-expect.ts';
import { requestOption, requestRule } from './check-request.ts';
import { connectRule, sendRule, variableRule, warnOfMore } from './check-rules.ts';
import { byteText } from './check-text.ts';
import { hasBackend, type ProxyTarget, proxyLabel } from './drafts.ts';
import { applyKeyword, findKeyword, type Keyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

export function applyHttpCheckOption(s: Statement, at: number, { proxy }: ProxyTarget): void {
  warnWithoutBackend(s, at, proxy);
  const option = requestOption(s, at);
  if (option !== null) proxy.check = withHttpOption(proxy.check, option);
}

export function applyTcpCheckOption(s: Statement, at: number, { proxy }: ProxyTarget): void {
  warnWithoutBackend(s, at, proxy);
  const { check } = proxy;
  // It is there already: with the rules of defaults, if there are none of its own.
  if (check.kind === 'tcp') return;
  proxy.check = { ...newCheck(), kind: 'tcp', tcp: ownRules(check.tcp), http: check.http };
}

function warnWithoutBackend(s: Statement, at: number, proxy: ProxyTarget['proxy']): void {
  if (hasBackend(proxy)) return;
  s.warning(at, 'no-effect', `'option ${s.text(at)}' is ignored: ${proxyLabel(proxy)} has no backend`);
}

/** Reads one rule; null: the error is reported. */
type ReadRule = (s: Statement, step: number, list: RuleListDraft, target: ProxyTarget) => RuleDraft | null;

const connect: ReadRule = (s, step, list, { loading }) => connectRule(s, 1, step, list, loading.env);

const comment: ReadRule = (s, step) => {
  warnOfMore(s, 2);
  return { kind: 'comment', step, comment: byteText(s.text(2)) };
};

const variable: ReadRule = (s, step) => variableRule(s, 1, step);

const CONNECT_NOTE = '`default`, `port`, `addr`, `send-proxy`, `linger`, `comment`';
const EXPECT_NOTE =
  '`min-recv`, `comment`, `on-success`, `on-error`, `status-code`, `ok-status`, `error-status`, `tout-status`';
const TEXT_NOTE = '`%[…]` with the expressions that checks know';

function tcpRule(word: string, usage: string, note: string, read: ReadRule): Keyword<ProxyTarget> {
  return supported(word, usage, note, (s, _at, target) => addRule(s, 'tcp', read, target));
}

function httpRule(word: string, usage: string, note: string, read: ReadRule): Keyword<ProxyTarget> {
  return supported(word, usage, note, (s, _at, target) => addRule(s, 'http', read, target));
}

const send: ReadRule = (s, step) => sendRule(s, 1, step);

export const TCP_CHECK_RULES = keywordTable<ProxyTarget>('`tcp-check …`', 'tcp-check rule', [
  tcpRule('connect', '...', CONNECT_NOTE, connect),
  tcpRule('send', '<text> ...', '', send),
  tcpRule('send-lf', '<text> ...', TEXT_NOTE, send),
  tcpRule('send-binary', '<hexadecimal> ...', '', send),
  tcpRule('send-binary-lf', '<hexadecimal> ...', TEXT_NOTE, send),
  tcpRule(
    'expect',
    '<what> ...',
    `\`[!]\` \`string\`, \`rstring\`, \`string-lf\`, \`binary\`, \`rbinary\`, \`binary-lf\`; ${EXPECT_NOTE}`,
    (s, step) => expectRule(s, 1, step, false),
  ),
  tcpRule('comment', '<text> ...', 'shown with the rules behind it', comment),
  tcpRule('set-var', '<expression> ...', '`set-var(check.name)`', variable),
  tcpRule('set-var-fmt', '<text> ...', '`set-var-fmt(check.name)`', variable),
  tcpRule('unset-var', '...', '`unset-var(check.name)`', variable),
]);

export const HTTP_CHECK_RULES = keywordTable<ProxyTarget>('`http-check …`', 'http-check rule', [
  httpRule('send', '...', '`meth`, `uri`, `uri-lf`, `ver`, `hdr`, `body`, `body-lf`, `comment`', (s, step) =>
    requestRule(s, 1, step),
  ),
  httpRule(
    'expect',
    '<what> ...',
    `\`[!]\` \`status\`, \`rstatus\`, \`string\`, \`rstring\`, \`string-lf\`, \`hdr\`, \`fhdr\`; ${EXPECT_NOTE}`,
    (s, step) => expectRule(s, 1, step, true),
  ),
  httpRule('connect', '...', CONNECT_NOTE, connect),
  httpRule('comment', '<text> ...', 'shown with the rules behind it', comment),
  httpRule('set-var', '<expression> ...', '`set-var(check.name)`', variable),
  httpRule('set-var-fmt', '<text> ...', '`set-var-fmt(check.name)`', variable),
  httpRule('unset-var', '...', '`unset-var(check.name)`', variable),
  // Options, not rules: they neither replace what is inherited nor have a place among the others.
  supported(
    'disable-on-404',
    '',
    'a 404 takes a server out of balancing, its own clients stay',
    (_s, _at, { proxy }) => {
      proxy.toggles.add('disable-on-404');
    },
  ),
  supported('send-state', '', 'X-Haproxy-Server-State in each check', (_s, _at, { proxy }) => {
    proxy.toggles.add('send-state');
  }),
]);

export function applyTcpCheck(s: Statement, _at: number, target: ProxyTarget): void {
  const keyword = findKeyword(TCP_CHECK_RULES, s, 1, ruleName(s));
  if (keyword !== null) applyKeyword(TCP_CHECK_RULES, keyword, s, 1, target);
}

export function applyHttpCheck(s: Statement, _at: number, target: ProxyTarget): void {
  const keyword = findKeyword(HTTP_CHECK_RULES, s, 1, ruleName(s));
  if (keyword !== null) applyKeyword(HTTP_CHECK_RULES, keyword, s, 1, target);
}

/** `set-var(check.x)` is the rule `set-var`. */
function ruleName(s: Statement): string {
  return s.text(1).split('(', 1)[0] ?? '';
}

function addRule(
  s: Statement,
  protocol: Extract<CheckProtocol, 'tcp' | 'http'>,
  read: ReadRule,
  target: ProxyTarget,
): void {
  const { proxy } = target;
  const { check } = proxy;
  const own = ownRules(check[protocol]);
  const fresh = check[protocol].inherited;
  const rule = read(s, nextStep(own), own, target);
  if (rule === null) return;
  const base = fresh && protocol === 'http' ? { ...check, http: own, optionFolded: false } : check;
  if (protocol === 'http' && check.kind === 'http' && !isInOrder(s, own, rule)) return;
  if (rule.kind === 'request') proxy.check = withRequest({ ...base, http: own }, rule, s);
  else proxy.check = { ...base, [protocol]: withRule(own, rule, s) };
}

/** A request is for a connection, an expectation for a request: HAProxy refuses them elsewhere. */
function isInOrder(s: Statement, { rules }: RuleListDraft, rule: RuleDraft): boolean {
  const before = rules.filter(({ kind }) => kind !== 'comment' && kind !== 'set-variable').at(-1)?.kind;
  if (before === undefined) return true;
  const missing =
    rule.kind === 'request' && before !== 'connect'
      ? 'connect'
      : rule.kind === 'expect' && before === 'connect'
        ? 'send'
        : rule.kind === 'connect' && before !== 'expect'
          ? 'expect'
          : null;
  if (missing === null) return true;
  const message = `'http-check ${rule.kind === 'request' ? 'send' : rule.kind}' lacks an 'http-check ${missing}' before it`;
  s.error(1, 'bad-order', message, 'connect, send, expect: again for each further request');
  return false;
}
