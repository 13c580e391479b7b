/**
 * How servers are checked: `option httpchk` in all its forms, `option tcp-check` without rules, `http-check send`,
 * `http-check expect`.
 *
 *   option httpchk                                 OPTIONS / HTTP/1.0
 *   option httpchk <uri>
 *   option httpchk <method> <uri> [<version>]      the old form hides headers in the version: HTTP/1.1\r\nHost:\ www
 *
 * What was written last wins field by field. Statements of a proxy replace the rules inherited from defaults; the request
 * of an inherited `option httpchk` stays (HAProxy 2.6 would then send no request at all and find every server down).
 */
import type { HttpCheckRequest } from '../model.ts';
import { type CheckDraft, hasBackend, newCheck, type ProxyTarget, proxyLabel } from './drafts.ts';
import { applyExpect } from './http-check-expect.ts';
import { applyKeyword, findKeyword, ignored, keywordTable, supported, unsupported } from './keyword.ts';
import type { Statement } from './statement.ts';

type Header = HttpCheckRequest['headers'][number];
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export function applyHttpCheckOption(s: Statement, at: number, { proxy }: ProxyTarget): void {
  if (!hasBackend(proxy))
    s.warning(at, 'no-effect', `'option httpchk' is ignored: ${proxyLabel(proxy)} has no backend`);
  const [first, second, third] = [at + 1, at + 2, at + 3];
  const option: Writable<Partial<HttpCheckRequest>> = {};
  if (s.has(second)) option.method = s.text(first);
  if (s.has(first)) option.uri = s.has(second) ? s.text(second) : s.text(first);
  if (s.has(third) && !splitVersion(s, third, option)) return;
  if (proxy.check.inherited) proxy.check = newCheck();
  proxy.check = { ...proxy.check, kind: 'http', option, optionCameLast: true };
}

/** `HTTP/1.1\r\nHost: www\r\n\r\nbody` → version, headers, body. */
function splitVersion(s: Statement, at: number, option: Writable<Partial<HttpCheckRequest>>): boolean {
  const text = s.text(at);
  const bodyAt = text.indexOf('\r\n\r\n');
  const head = bodyAt < 0 ? text : text.slice(0, bodyAt);
  const [version = '', ...lines] = head.split('\r\n');
  option.version = version;
  if (bodyAt >= 0) option.body = text.slice(bodyAt + 4);
  if (lines.length === 0 && bodyAt < 0) return true;
  const hint = 'write the headers with: http-check send hdr <name> <value>';
  s.warning(at, 'deprecated-form', 'headers or body hidden behind the version are deprecated', hint);
  const headers: Header[] = [];
  for (const line of lines.filter((one) => one !== '')) {
    const [, name, value = ''] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) {
      s.error(at, 'bad-value', `'${line}' is no header`, 'like Host:\\ www');
      return false;
    }
    headers.push({ name, value });
  }
  if (headers.length > 0) option.headers = headers;
  return true;
}

export function applyTcpCheckOption(s: Statement, at: number, { proxy }: ProxyTarget): void {
  if (!hasBackend(proxy))
    s.warning(at, 'no-effect', `'option tcp-check' is ignored: ${proxyLabel(proxy)} has no backend`);
  proxy.check = { ...newCheck(), rule: proxy.check.inherited ? null : proxy.check.rule };
}

export const HTTP_CHECK_RULES = keywordTable<CheckDraft>('`http-check …`', 'http-check rule', [
  supported('send', '...', '`meth`, `uri`, `ver`, `hdr`, `body`', applySend),
  supported('expect', '<what> ...', '`[!] status`, `rstatus`, `string`, `rstring`', applyExpect),
  supported('connect', '', 'without parameters, which is what happens anyway', () => undefined),
  supported('disable-on-404', '', 'a 404 takes a server out of balancing, its own clients stay', () => undefined),
  supported('send-state', '', 'X-Haproxy-Server-State in each check', () => undefined),
  ignored('comment', '<text>', 'it is only shown in logs of HAProxy'),
  ...unsupported<CheckDraft>('send and expect are there', 'set-var', 'set-var-fmt', 'unset-var'),
]);

export function applyHttpCheck(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const keyword = findKeyword(HTTP_CHECK_RULES, s, 1);
  if (keyword === null) return;
  // Options, not rules: they neither replace what is inherited nor have a place among the others.
  if (keyword.word === 'disable-on-404' || keyword.word === 'send-state') {
    applyKeyword(HTTP_CHECK_RULES, keyword, s, 1, proxy.check);
    proxy.toggles.add(keyword.word);
    return;
  }
  if (proxy.check.inherited) {
    proxy.check = { ...newCheck(), kind: proxy.check.kind, option: proxy.check.option };
  }
  proxy.check.rule = s;
  applyKeyword(HTTP_CHECK_RULES, keyword, s, 1, proxy.check);
}

const SEND_VALUES: ReadonlyMap<string, 'method' | 'uri' | 'version' | 'body'> = new Map([
  ['meth', 'method'],
  ['uri', 'uri'],
  ['ver', 'version'],
  ['body', 'body'],
]);

function applySend(s: Statement, start: number, check: CheckDraft): void {
  if (check.send !== null || check.expect !== null) {
    s.error(start, 'unsupported-keyword', 'checks of several steps are not supported yet', 'one send, then one expect');
    return;
  }
  const send: Writable<Partial<HttpCheckRequest>> = {};
  const headers: Header[] = [];
  for (let at = start + 1; s.has(at); ) {
    const word = s.text(at);
    const needed = word === 'hdr' ? 2 : 1;
    if (word === 'uri-lf' || word === 'body-lf') {
      s.error(at, 'unsupported-keyword', `'http-check send ${word}' is not supported yet`);
    } else if (word !== 'hdr' && word !== 'comment' && !SEND_VALUES.has(word)) {
      const hint = "'meth', 'uri', 'ver', 'hdr', 'body'";
      s.error(at, 'bad-value', `'http-check send' does not take '${word}'`, hint);
      return;
    } else if (!s.has(at + needed)) {
      s.error(s.words.length, 'missing-argument', `'${word}' expects ${needed === 2 ? '<name> <value>' : 'a value'}`);
      return;
    }
    const field = SEND_VALUES.get(word);
    if (field !== undefined) send[field] = s.text(at + 1);
    if (word === 'hdr') addHeader(s, at, headers);
    at += 1 + needed;
  }
  if (headers.length > 0) send.headers = headers;
  check.send = send;
  check.optionCameLast = false;
}

function addHeader(s: Statement, at: number, headers: Header[]): void {
  const name = s.text(at + 1);
  const value = s.text(at + 2);
  const lower = name.toLowerCase();
  if (/%(?!%)/.test(value.replaceAll('%%', ''))) {
    s.error(
      at + 2,
      'unsupported-keyword',
      'log-format expressions in headers are not supported yet',
      "write '%%' for '%'",
    );
  }
  if (lower === 'host' && headers.some((header) => header.name.toLowerCase() === 'host')) {
    s.error(at + 1, 'duplicate', "the header 'Host' is given twice");
  }
  // The engine frames the request itself; HAProxy drops these silently too.
  if (lower === 'content-length' || lower === 'transfer-encoding') return;
  headers.push({ name, value: value.replaceAll('%%', '%') });
}
