/**
 * Is this HTTP answer the one that was wanted? Pure; HAProxy's verdicts and words.
 *
 * Rules about the body wait for all of it (or as much as is kept), but a match ends the waiting.
 */
import type { CheckExpect, CheckPattern, HeaderPattern } from '../config/check-model.ts';
import { type Match, matchBytes, NO_TEXT, wantedBytes } from './expect-bytes.ts';
import type { Answer, AnswerHeader } from './http-answer.ts';
import type { Patterns } from './patterns.ts';

export interface AnswerVerdict {
  readonly match: Match | 'impossible';
  /** If it is not what was wanted. */
  readonly result: 'L7STS' | 'L7RSP';
  readonly words: string;
}

const NO_BODY = 'HTTP content check could not find a response body';
const MISMATCH = 'HTTP content check did not match';
const UNWANTED = 'HTTP check matched unwanted content';

/** What the texts of a pattern say at this moment. */
export type Spoken = (text: HeaderPattern['text']) => string;

export function matchAnswer(expect: CheckExpect, answer: Answer, spoken: Spoken, all: Patterns): AnswerVerdict {
  const { pattern } = expect;
  const byHead = (matches: boolean): AnswerVerdict => {
    return { match: matches ? 'matches' : 'differs', result: 'L7STS', words: answer.reason };
  };
  switch (pattern.what) {
    case 'status':
      return byHead(pattern.ranges.some(({ from, to }) => answer.status >= from && answer.status <= to));
    case 'rstatus':
      return byHead(all.matches(pattern.expression, String(answer.status)));
    case 'header':
      if (empty(pattern.name, spoken) || empty(pattern.value, spoken)) return impossible(NO_TEXT);
      return byHead(hasHeader(pattern, answer.headers, spoken, all));
    default:
      return matchBody(expect, answer, spoken, all);
  }
}

function matchBody(expect: CheckExpect, { body, complete }: Answer, spoken: Spoken, all: Patterns): AnswerVerdict {
  const { pattern, negate } = expect;
  if (body === '') {
    return complete ? impossible(NO_BODY) : { match: 'wait', result: 'L7RSP', words: '' };
  }
  const found = wantedBytes(pattern, pattern.what === 'string-lf' ? spoken(pattern.text) : '');
  if ('why' in found) return impossible(found.why);
  const match = matchBytes(expect, body, complete, found.wanted, all);
  return { match, result: 'L7RSP', words: negate ? UNWANTED : MISMATCH };
}

function impossible(words: string): AnswerVerdict {
  return { match: 'impossible', result: 'L7RSP', words };
}

/** A log-format may come to nothing. */
function empty(pattern: HeaderPattern | null, spoken: Spoken): boolean {
  if (pattern === null || pattern.text.every((part) => typeof part === 'string')) return false;
  return spoken(pattern.text) === '';
}

type HeaderExpectation = Extract<CheckPattern, { what: 'header' }>;

function hasHeader(
  { name, value, full }: HeaderExpectation,
  headers: readonly AnswerHeader[],
  spoken: Spoken,
  all: Patterns,
): boolean {
  const wantedName = spoken(name.text);
  return headers.some((header) => {
    if (!nameFits(name, header.name, wantedName, all)) return false;
    if (value === null) return true;
    const values = full ? [header.value] : header.value.split(',').map((one) => one.trim());
    return values.some((one) => fits(value.match, one, spoken(value.text), all));
  });
}

function nameFits({ match }: HeaderPattern, name: string, wanted: string, all: Patterns): boolean {
  if (match === 'reg') return all.matches(`(?i)${wanted}`, name);
  return fits(match, name.toLowerCase(), wanted.toLowerCase(), all);
}

function fits(match: HeaderPattern['match'], text: string, wanted: string, all: Patterns): boolean {
  switch (match) {
    case 'str':
      return text === wanted;
    case 'beg':
      return text.startsWith(wanted);
    case 'end':
      return text.endsWith(wanted);
    case 'sub':
      return text.includes(wanted);
    case 'reg':
      return all.matches(wanted, text);
  }
}
