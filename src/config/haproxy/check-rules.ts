/**
 * Rules of checks that `tcp-check` and `http-check` share: connect, send in bytes, comment, variables. Each function reads
 * one line from the word behind the rule's name, and gives the rule; null: the error is reported.
 *
 * Not here: expect (check-expect.ts), requests (check-request.ts), where rules go (checks.ts).
 */
import type { CheckConnect, CheckPlace, CheckSend, CheckSetVariable, CheckText } from '../check-model.ts';
import { isAction, type RuleListDraft } from './check-draft.ts';
import { byteText, checkExpression, checkText } from './check-text.ts';
import { serverAddress } from './server-address.ts';
import type { Statement } from './statement.ts';
import type { Environment } from './tokenizer.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

const UNSUPPORTED_CONNECT: ReadonlyMap<string, string> = new Map([
  ['ssl', 'checks are in the clear'],
  ['sni', 'checks are in the clear'],
  ['alpn', 'checks are in the clear'],
  ['via-socks4', 'there is no SOCKS proxy'],
  ['proto', 'tcp-check is over TCP, http-check over HTTP/1'],
]);

export function connectRule(s: Statement, at: number, step: number, list: RuleListDraft, env: Environment) {
  const [first] = list.rules.filter(isAction);
  if (first !== undefined && first.kind !== 'connect') {
    s.error(
      at,
      'bad-order',
      'the first step must be a connect as well, if there is one',
      'put a connect before the others',
    );
    return null;
  }
  const rule: Writable<CheckConnect> = {
    kind: 'connect',
    step,
    comment: null,
    asServer: false,
    port: null,
    address: null,
    linger: false,
    sendProxy: false,
  };
  for (let word = at + 1; s.has(word); word++) {
    const name = s.text(word);
    const missing = UNSUPPORTED_CONNECT.get(name);
    if (name === 'default') rule.asServer = true;
    else if (name === 'linger') rule.linger = true;
    else if (name === 'send-proxy') rule.sendProxy = true;
    else if (name === 'port' || name === 'addr' || name === 'comment') {
      if (!hasValue(s, word) || !readConnect(s, ++word, name, rule, env)) return null;
    } else if (missing !== undefined) {
      s.error(word, 'unsupported-keyword', `'connect ${name}' is not supported yet`, missing);
      return null;
    } else {
      const known = "'default', 'port', 'addr', 'send-proxy', 'linger', 'comment'";
      s.error(word, 'bad-value', `'connect' does not take '${name}'`, known);
      return null;
    }
  }
  return rule;
}

function readConnect(
  s: Statement,
  at: number,
  name: 'port' | 'addr' | 'comment',
  rule: Writable<CheckConnect>,
  env: Environment,
): boolean {
  if (name === 'comment') rule.comment = byteText(s.text(at));
  if (name === 'addr') {
    rule.address = placeAt(s, at, env);
    return rule.address !== null;
  }
  if (name === 'port') rule.port = portAt(s, at);
  return name !== 'port' || rule.port !== null;
}

function portAt(s: Statement, at: number): CheckConnect['port'] {
  const text = s.text(at);
  if (!/^\d+$/.test(text)) return checkExpression(s, at);
  const port = Number(text);
  if (port >= 1 && port <= 65535) return port;
  s.error(at, 'bad-value', `'${text}' is no port`, '1 to 65535, or an expression');
  return null;
}

function placeAt(s: Statement, at: number, env: Environment): CheckPlace | null {
  const address = serverAddress(s, at, env);
  if (address === null) return null;
  return { host: address.host, kind: address.kind, port: address.portFromClient ? 0 : address.port };
}

function hasValue(s: Statement, at: number): boolean {
  if (s.has(at + 1)) return true;
  s.error(s.words.length, 'missing-argument', `'${s.text(at)}' expects a value`);
  return false;
}

/** `send`, `send-lf`, `send-binary`, `send-binary-lf`. */
export function sendRule(s: Statement, at: number, step: number): CheckSend | null {
  const name = s.text(at);
  if (!hasValue(s, at)) return null;
  let comment: string | null = null;
  for (let word = at + 2; s.has(word); word += 2) {
    if (s.text(word) !== 'comment') {
      s.error(word, 'bad-value', `'${name}' does not take '${s.text(word)}'`, "'comment'");
      return null;
    }
    if (!hasValue(s, word)) return null;
    comment = byteText(s.text(word + 1));
  }
  const hexadecimal = name.startsWith('send-binary');
  const text = sentText(s, at + 1, name, hexadecimal);
  return text === null ? null : { kind: 'send', step, comment, text, hexadecimal };
}

function sentText(s: Statement, at: number, name: string, hexadecimal: boolean): CheckText | null {
  if (name.endsWith('-lf')) return checkText(s, at);
  if (hexadecimal && !isHexadecimal(s, at)) return null;
  return [byteText(s.text(at))];
}

export function isHexadecimal(s: Statement, at: number): boolean {
  if (/^(?:[0-9A-Fa-f]{2})*$/.test(s.text(at))) return true;
  s.error(at, 'bad-value', `'${s.text(at)}' is not hexadecimal`, 'two digits for each byte, like 50494e47');
  return false;
}

/** `set-var(check.name) <expression>`, `set-var-fmt(check.name) <text>`, `unset-var(check.name)`. */
export function variableRule(s: Statement, at: number, step: number): CheckSetVariable | null {
  const [, action = '', inside = ''] = /^(set-var|set-var-fmt|unset-var)\((.*)\)$/.exec(s.text(at)) ?? [];
  const name = /^check\.[A-Za-z0-9_.]+$/.exec(inside)?.[0];
  if (name === undefined) {
    const other = /^(proc|sess|txn|req|res)\.|,/.test(inside);
    const code = other ? 'unsupported-keyword' : 'bad-value';
    s.error(at, code, `'${s.text(at)}' names no variable of a check`, `like ${action || 'set-var'}(check.name)`);
    return null;
  }
  const rule = { kind: 'set-variable', step, comment: null, name } as const;
  if (action === 'unset-var') {
    warnOfMore(s, at);
    return { ...rule, value: null };
  }
  if (!hasValue(s, at)) return null;
  if (action === 'set-var') {
    const value = checkExpression(s, at + 1, true);
    return value === null ? null : { ...rule, value };
  }
  warnOfMore(s, at + 1);
  const value = checkText(s, at + 1);
  return value === null ? null : { ...rule, value };
}

/** Nor does HAProxy read on. */
export function warnOfMore(s: Statement, at: number): void {
  if (!s.has(at + 1)) return;
  s.warning(
    at + 1,
    'extra-argument',
    `'${s.text(at + 1)}' is one word too many and is not read`,
    'quote texts with blanks',
  );
}
