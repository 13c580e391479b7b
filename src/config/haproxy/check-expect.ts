/**
 * `tcp-check expect` and `http-check expect`: one pattern, with `!` or without, and what its outcome is called.
 *
 *   expect [min-recv N] [comment TEXT] [ok-status S] … [!] string|rstring|string-lf|binary|rbinary|binary-lf PATTERN
 *                                                          status|rstatus PATTERN, hdr|fhdr name … [value …]
 */
import { type CheckExpect, type CheckPattern, PLAIN_EXPECT } from '../check-model.ts';
import { integerArgument } from './arguments.ts';
import { expectedHeader, isRegularExpression } from './check-header.ts';
import { isHexadecimal } from './check-rules.ts';
import { byteText, checkExpression, checkText } from './check-text.ts';
import type { Statement } from './statement.ts';

const MOST_BYTES = 0x7fffffff;

type Writable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Writable<Omit<CheckExpect, 'pattern'>> & { pattern: CheckPattern | null };

const TCP_PATTERNS = ['string', 'rstring', 'string-lf', 'binary', 'rbinary', 'binary-lf'];
const HTTP_PATTERNS = ['string', 'rstring', 'string-lf', 'status', 'rstatus', 'hdr', 'fhdr'];
const OK_STATUSES = ['L7OK', 'L7OKC', 'L6OK', 'L4OK'] as const;
const ERROR_STATUSES = ['L7RSP', 'L7STS', 'L7OKC', 'L6RSP', 'L4CON'] as const;
const TIMEOUT_STATUSES = ['L7TOUT', 'L6TOUT', 'L4TOUT'] as const;

export function expectRule(s: Statement, at: number, step: number, http: boolean): CheckExpect | null {
  const draft: Draft = { ...PLAIN_EXPECT, step, pattern: null };
  for (let word = at + 1; s.has(word); ) {
    const [, marks = '', rest = ''] = /^(!*)(.*)$/s.exec(s.text(word)) ?? [];
    if (marks.length % 2 === 1) draft.negate = !draft.negate;
    const name = rest === '' && marks !== '' ? s.text(++word) : rest;
    const behind = readWord(s, word, name, marks !== '', draft, http);
    if (behind === null) return null;
    word = behind;
  }
  const { pattern } = draft;
  if (pattern !== null) return { ...draft, pattern };
  s.error(s.words.length, 'missing-argument', "'expect' lacks a pattern", list(http ? HTTP_PATTERNS : TCP_PATTERNS));
  return null;
}

/** Returns where the next word is. */
function readWord(s: Statement, at: number, name: string, marked: boolean, draft: Draft, http: boolean): number | null {
  const patterns = http ? HTTP_PATTERNS : TCP_PATTERNS;
  if (patterns.includes(name)) return readPattern(s, at, name, draft);
  const setting = SETTINGS.find((one) => one === name);
  if (setting === undefined) {
    const known = list([...patterns, ...SETTINGS]);
    if (name === 'custom') s.error(at, 'bad-value', "'custom' is for HAProxy's own use", known);
    else s.error(at, 'bad-value', `'expect' does not take '${name}'`, known);
    return null;
  }
  if (marked) {
    s.error(at, 'bad-value', `'!' goes before a pattern, not before '${name}'`);
    return null;
  }
  if (!s.has(at + 1)) {
    s.error(s.words.length, 'missing-argument', `'${name}' expects a value`);
    return null;
  }
  return readSetting(s, at + 1, setting, draft) === null ? null : at + 2;
}

function readPattern(s: Statement, at: number, name: string, draft: Draft): number | null {
  if (draft.pattern !== null) {
    s.error(at, 'bad-value', 'only one pattern can be expected');
    return null;
  }
  if (name === 'hdr' || name === 'fhdr') {
    const found = expectedHeader(s, at);
    if (found !== null) draft.pattern = found.pattern;
    return found?.next ?? null;
  }
  if (!s.has(at + 1)) {
    s.error(s.words.length, 'missing-argument', `'${name}' expects a pattern`);
    return null;
  }
  draft.pattern = plainPattern(s, at + 1, name);
  return draft.pattern === null ? null : at + 2;
}

function plainPattern(s: Statement, at: number, name: string): CheckPattern | null {
  const written = s.text(at);
  switch (name) {
    case 'string':
      return { what: 'string', bytes: byteText(written) };
    case 'binary':
      return isHexadecimal(s, at) ? { what: 'binary', bytes: Buffer.from(written, 'hex').toString('latin1') } : null;
    case 'rstring':
    case 'rbinary':
    case 'rstatus':
      return isRegularExpression(s, at) ? { what: name, expression: byteText(written) } : null;
    case 'string-lf':
    case 'binary-lf': {
      const text = checkText(s, at);
      return text === null ? null : { what: name, text };
    }
    default:
      return statuses(s, at, written);
  }
}

/** `200`, `200-399`, `200,204,300-399`; nothing at all is 0, as in HAProxy. */
function statuses(s: Statement, at: number, written: string): CheckPattern | null {
  const ranges: { from: number; to: number }[] = [];
  for (const part of written.split(',')) {
    const match = /^(\d*)(?:-(\d*))?$/.exec(part);
    const from = Number(match?.[1]);
    const to = Number(match?.[2] ?? match?.[1]);
    if (match === null || from > to) {
      s.error(at, 'bad-value', `'${written}' is no list of statuses`, 'like 200 or 200-399,401');
      return null;
    }
    ranges.push({ from, to });
  }
  return { what: 'status', ranges };
}

const SETTINGS = [
  'min-recv',
  'comment',
  'ok-status',
  'error-status',
  'tout-status',
  'on-success',
  'on-error',
  'status-code',
] as const;

/** Reads the word at `at` into the draft; null: the error is reported. */
function readSetting(s: Statement, at: number, name: (typeof SETTINGS)[number], draft: Draft): unknown {
  switch (name) {
    case 'min-recv':
      return readMinimum(s, at, draft);
    case 'comment':
      draft.comment = byteText(s.text(at));
      return draft.comment;
    case 'ok-status':
      draft.okStatus = statusWord(s, at, OK_STATUSES);
      return draft.okStatus;
    case 'error-status':
      draft.errorStatus = statusWord(s, at, ERROR_STATUSES);
      return draft.errorStatus;
    case 'tout-status':
      draft.timeoutStatus = statusWord(s, at, TIMEOUT_STATUSES);
      return draft.timeoutStatus;
    case 'on-success':
      draft.onSuccess = checkText(s, at);
      return draft.onSuccess;
    case 'on-error':
      draft.onError = checkText(s, at);
      return draft.onError;
    case 'status-code':
      draft.statusCode = checkExpression(s, at);
      return draft.statusCode;
  }
}

/** -1: no minimum. */
function readMinimum(s: Statement, at: number, draft: Draft): number | null {
  const number = integerArgument(s, at, { min: -1, max: MOST_BYTES });
  draft.minBytes = number === -1 ? null : number;
  return number;
}

function statusWord<T extends string>(s: Statement, at: number, words: readonly T[]): T | null {
  const found = words.find((word) => word === s.text(at).toUpperCase());
  if (found !== undefined) return found;
  s.error(at, 'bad-value', `'${s.text(at - 1)}' does not take '${s.text(at)}'`, list(words));
  return null;
}

function list(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}
