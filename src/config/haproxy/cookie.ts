/**
 * `cookie NAME …`: persistence by a cookie that we insert, that we rewrite, or in which a prefix names the server; with none of
 * these, by a cookie that the servers set themselves.
 */
import type { Cookie } from '../model.ts';
import { timeArgument } from './arguments.ts';
import type { Mutable, ProxyTarget } from './drafts.ts';
import { applyParameter, findKeyword, type Keyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

type CookieDraft = Mutable<Cookie>;
type Flag = Exclude<keyof Cookie, 'name' | 'domains' | 'attributes' | 'maxIdleS' | 'maxLifeS'>;

function flag(word: string, field: Flag, note = ''): Keyword<CookieDraft> {
  return supported(word, '', note, (_s, _at, cookie) => {
    cookie[field] = true;
  });
}

function age(word: string, field: 'maxIdleS' | 'maxLifeS'): Keyword<CookieDraft> {
  return supported(word, '<time>', 'seconds without a unit', (s, at, cookie) => {
    const seconds = timeArgument(s, at + 1, 's');
    if (seconds !== null) cookie[field] = seconds;
  });
}

export const COOKIE_OPTIONS = keywordTable<CookieDraft>('`cookie NAME …`', 'cookie option', [
  flag('insert', 'inserts'),
  flag('rewrite', 'rewrites'),
  flag('prefix', 'prefixes'),
  flag('indirect', 'indirect'),
  flag('nocache', 'nocache'),
  flag('postonly', 'postOnly'),
  flag('preserve', 'preserve'),
  flag('dynamic', 'dynamic', 'with `dynamic-cookie-key`'),
  flag('httponly', 'httpOnly'),
  flag('secure', 'secure'),
  supported('domain', '<name>', 'may be repeated', applyDomain),
  supported('attr', '<text>', 'may be repeated', applyAttribute),
  age('maxidle', 'maxIdleS'),
  age('maxlife', 'maxLifeS'),
]);

/** Options that take a word, so that the word is not taken for an option. */
const WITH_VALUE = ['domain', 'maxidle', 'maxlife', 'attr'];

function applyDomain(s: Statement, at: number, cookie: CookieDraft): void {
  const domain = s.text(at + 1);
  const bad = /[^A-Za-z0-9.-]/.exec(domain)?.[0];
  if (bad !== undefined) {
    s.error(at + 1, 'bad-name', `character '${bad}' is not permitted in the domain name '${domain}'`);
    return;
  }
  if (!domain.includes('.')) {
    s.warning(
      at + 1,
      'bad-name',
      `the domain '${domain}' has no dot: browsers may refuse such a cookie (RFC 6265 5.2.3)`,
    );
  }
  cookie.domains = [...cookie.domains, domain];
}

function applyAttribute(s: Statement, at: number, cookie: CookieDraft): void {
  const text = s.text(at + 1);
  if (/[\p{Cc};]/u.test(text)) {
    s.error(at + 1, 'bad-value', `'attr' takes no control character and no semicolon: '${text}'`);
    return;
  }
  cookie.attributes = [...cookie.attributes, text];
}

export function applyCookie(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const cookie: CookieDraft = {
    name: s.text(1),
    inserts: false,
    rewrites: false,
    prefixes: false,
    indirect: false,
    nocache: false,
    postOnly: false,
    preserve: false,
    dynamic: false,
    domains: [],
    httpOnly: false,
    secure: false,
    attributes: [],
    maxIdleS: 0,
    maxLifeS: 0,
  };
  for (let at = 2; s.has(at); ) {
    const keyword = findKeyword(COOKIE_OPTIONS, s, at);
    if (keyword === null) at += WITH_VALUE.includes(s.text(at)) ? 2 : 1;
    else at = applyParameter(COOKIE_OPTIONS, keyword, s, at, cookie);
  }
  checkModes(s, cookie);
  proxy.cookie = cookie;
  proxy.cookieStatement = s;
}

function checkModes(s: Statement, { inserts, rewrites, prefixes, indirect, preserve }: CookieDraft): void {
  if (rewrites && indirect) s.error(0, 'conflict', "'rewrite' and 'indirect' of a cookie exclude each other");
  if ([inserts, rewrites, prefixes].filter(Boolean).length > 1) {
    s.error(0, 'conflict', "'insert', 'rewrite' and 'prefix' of a cookie exclude each other");
  }
  if (preserve && !inserts && !indirect) s.error(0, 'conflict', "'preserve' needs 'insert' or 'indirect'");
}
