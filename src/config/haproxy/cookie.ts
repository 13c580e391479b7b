/**
 * `cookie NAME insert [indirect] [nocache]`. Everything else about persistence is refused by name.
 */
import type { Cookie } from '../model.ts';
import type { Mutable, ProxyTarget } from './drafts.ts';
import { applyParameter, findKeyword, keywordTable, supported, unsupported } from './keyword.ts';
import type { Statement } from './statement.ts';

interface CookieDraft extends Mutable<Cookie> {
  inserts: boolean;
}

export const COOKIE_OPTIONS = keywordTable<CookieDraft>('`cookie NAME …`', 'cookie option', [
  supported('insert', '', 'the only mode so far', (_s, _at, cookie) => {
    cookie.inserts = true;
  }),
  supported('indirect', '', '', (_s, _at, cookie) => {
    cookie.indirect = true;
  }),
  supported('nocache', '', '', (_s, _at, cookie) => {
    cookie.nocache = true;
  }),
  ...unsupported<CookieDraft>(
    'comes later; insert, indirect and nocache are there',
    'rewrite',
    'prefix',
    'postonly',
    'preserve',
    'httponly',
    'secure',
    'domain',
    'maxidle',
    'maxlife',
    'dynamic',
    'attr',
  ),
]);

/** Options that take a word, so that the word is not taken for an option. */
const WITH_VALUE = ['domain', 'maxidle', 'maxlife', 'attr'];

export function applyCookie(s: Statement, _at: number, { proxy }: ProxyTarget): void {
  const cookie: CookieDraft = { name: s.text(1), mode: 'insert', indirect: false, nocache: false, inserts: false };
  let refused = false;
  for (let at = 2; s.has(at); ) {
    const keyword = findKeyword(COOKIE_OPTIONS, s, at);
    refused ||= keyword === null;
    if (keyword === null) at += WITH_VALUE.includes(s.text(at)) ? 2 : 1;
    else at = applyParameter(COOKIE_OPTIONS, keyword, s, at, cookie);
  }
  if (refused) return;
  const { inserts, ...rest } = cookie;
  if (!inserts) {
    s.error(
      0,
      'unsupported-keyword',
      "a cookie without 'insert' is not supported yet",
      `write: cookie ${cookie.name} insert`,
    );
    return;
  }
  proxy.cookie = rest;
  proxy.cookieStatement = s;
}
