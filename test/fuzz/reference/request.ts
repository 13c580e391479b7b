/** The head of a request by RFC 9110 and 9112, as strictly as this proxy promises to be; see reading.ts. */
import { authorityOf } from './authority.ts';
import {
  codingOf,
  connectionOptions,
  type Field,
  fieldOf,
  lengthOf,
  membersOf,
  type Reading,
  settledUpgrade,
  TOKEN,
  trimmed,
  type Violation,
  valuesOf,
  withoutHopByHop,
} from './reading.ts';

const REQUEST_LINE = new RegExp(`^(${TOKEN}) ([\\x21\\x22\\x24-\\x7e]+) HTTP/1\\.(\\d)$`);
const MAX_METHOD = 32;
const MAX_AUTHORITY = 320;
const MAX_FIELDS = 101;
/** 16 bytes in base64. */
const KEY_LENGTH = 24;

interface Target {
  /** As it leaves the proxy. */
  readonly sent: string;
  readonly form: 'origin' | 'asterisk' | 'absolute' | 'authority';
  readonly authority: string;
}

function targetOf(method: string, text: string): Target | null {
  if (method === 'CONNECT') {
    const authority = authorityOf(text);
    const valid = authority !== null && authority.host !== '' && authority.port > 0;
    return valid ? { sent: text, form: 'authority', authority: text } : null;
  }
  if (text.startsWith('/')) return { sent: text, form: 'origin', authority: '' };
  if (text === '*') return method === 'OPTIONS' ? { sent: '*', form: 'asterisk', authority: '' } : null;
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(text);
  if (absolute === null) return null;
  const [, authority = '', path = ''] = absolute;
  if (authority.length > MAX_AUTHORITY || (authorityOf(authority)?.host ?? '') === '') return null;
  if (path === '') return { sent: method === 'OPTIONS' ? '*' : '/', form: 'absolute', authority };
  return { sent: path.startsWith('/') ? path : `/${path}`, form: 'absolute', authority };
}

/** Host against the target (RFC 9112 3.2, RFC 9110 7.2). */
function hostFaults(fields: readonly Field[], target: Target, minor: 0 | 1): string[] {
  const hosts = valuesOf(fields, 'host');
  if (hosts.length > 1) return ['RFC 9112 3.2: more than one Host'];
  const [host] = hosts;
  if (host === undefined) return minor === 1 ? ['RFC 9112 3.2: no Host'] : [];
  const authority = authorityOf(host);
  if (authority === null) return ['RFC 9112 3.2: Host is not a host'];
  if (authority.host === '' && (host !== '' || (target.form === 'origin' && minor === 1))) {
    return ['RFC 9110 4.2.1: an empty host'];
  }
  if (target.form !== 'authority' || host.toLowerCase() === target.authority.toLowerCase()) return [];
  const wanted = authorityOf(target.authority);
  const usual = wanted?.port === 80 || wanted?.port === 443;
  const agrees = usual && host.toLowerCase() === wanted?.host.toLowerCase();
  return agrees ? [] : ['RFC 9112 3.2.3: Host is not the target of CONNECT'];
}

const MOST_HOPS = 999_999_999;
const hopsOf = (value: string): number[] => (/^\d+$/.test(value) ? [Number(value)] : []);

function lacksKey(fields: readonly Field[]): boolean {
  const offered = valuesOf(fields, 'upgrade').flatMap(membersOf);
  if (!offered.some((one) => one.toLowerCase() === 'websocket')) return false;
  return !valuesOf(fields, 'sec-websocket-key').some((key) => key.length === KEY_LENGTH);
}

/** How many statuses a broken start line may have: it is not known which part of it was meant. */
const START_STATUSES = [400, 501, 505];

export function readRequest(text: string): Reading {
  const empty = /^(?:\r\n)*/.exec(text)?.[0].length ?? 0;
  const blank = text.indexOf('\r\n\r\n', empty);
  if (blank < 0) return { verdict: 'partial' };
  const [startLine = '', ...lines] = text.slice(empty, blank).split('\r\n');
  const violations: Violation[] = [];
  const refuse = (rule: string, statuses: readonly number[] = [400]) => violations.push({ rule, statuses });

  const match = REQUEST_LINE.exec(startLine);
  const [, method = '', targetText = '', digit = '1'] = match ?? [];
  const minor = digit === '0' ? 0 : 1;
  const target = targetOf(method, targetText);
  if (match === null) refuse('RFC 9112 3: request line', START_STATUSES);
  else {
    if (method.length > MAX_METHOD) refuse('RFC 9110 9.1: a method of that length', [501]);
    if (target === null) refuse('RFC 9112 3.2: request target');
  }

  const parsed = lines.map(fieldOf);
  if (parsed.includes(null)) refuse('RFC 9112 5: field line');
  if (lines.length > MAX_FIELDS) refuse('RFC 6585 5: number of fields', [431]);
  const fields = parsed.filter((field) => field !== null);
  const length = lengthOf(fields);
  const chunked = codingOf(fields);
  if (length === null) refuse('RFC 9110 8.6: Content-Length');
  if (chunked === null) refuse('RFC 9112 6.1: Transfer-Encoding', [400, 501]);
  const hasContent = chunked === true || (length ?? 0) > 0;
  const counts = method === 'TRACE' || method === 'OPTIONS';
  const hops = counts ? valuesOf(fields, 'max-forwards').flatMap(hopsOf) : [];
  if (match !== null && target !== null) {
    for (const rule of hostFaults(fields, target, minor)) refuse(rule);
    if (chunked === true && minor === 0) refuse('RFC 9112 6.1: chunked in HTTP/1.0');
    if (chunked === true && length !== null && length >= 0) refuse('RFC 9112 6.3: both framing fields');
    if (hasContent && ['TRACE', 'CONNECT'].includes(method)) refuse('RFC 9110 9.3.6, 9.3.8: content', [400, 413]);
    // As haproxy since 2.5: such bodies are what smuggling through HTTP/1.0 needs.
    if (hasContent && minor === 0 && ['GET', 'HEAD', 'DELETE'].includes(method)) refuse('content in HTTP/1.0', [413]);
    if (hops.includes(0)) refuse('RFC 9110 7.6.2: Max-Forwards', [501]);
  }
  const expects = valuesOf(fields, 'expect');
  if (minor === 1 && expects.some((value) => !/^100-continue$/i.test(value))) refuse('RFC 9110 10.1.1: Expect', [417]);

  const offers = connectionOptions(fields).includes('upgrade') && method === 'GET' && minor === 1 && !hasContent;
  const kept = settledUpgrade(withoutHopByHop(fields), offers);
  if (lacksKey(kept)) refuse('RFC 6455 4.2.1: Sec-WebSocket-Key');
  if (violations.length > 0 || target === null) return { verdict: 'refused', violations };

  let expectation = 0;
  const sent = kept.flatMap(([name, value]): Field[] => {
    switch (name.toLowerCase()) {
      case 'expect':
        return minor === 1 && hasContent && expectation++ === 0 ? [[name, value.toLowerCase()]] : [];
      case 'host':
        return target.form === 'absolute' ? [] : [[name, value]];
      case 'max-forwards': {
        const [left] = counts ? hopsOf(value) : [];
        return [[name, left === undefined ? value : String(Math.min(left - 1, MOST_HOPS))]];
      }
      default:
        return [[name, value]];
    }
  });
  if (target.form === 'absolute') sent.unshift(['Host', trimmed(target.authority)]);
  return {
    verdict: 'accepted',
    meaning: {
      startLine: `${method} ${target.sent} HTTP/1.${minor}`,
      fields: sent,
      minor,
      length: length ?? -1,
      chunked: chunked === true,
      upgrade: valuesOf(sent, 'upgrade').length > 0,
      end: blank + 4,
    },
  };
}
