/**
 * Texts of checks: log-format strings of plain words and `%[expression]`, and single expressions. Checks know less than
 * streams: what they know is listed here, the rest is an error by name.
 *
 *   PING %[var(check.who)],hex]\r\n
 *
 * Not here: the syntax of expressions (sample.ts), what they give (src/health/check-samples.ts).
 */
import type { CheckText } from '../check-model.ts';
import { PLACE_CHECK, type SampleArgument, type SampleExpression } from '../sample-model.ts';
import { parseSamplePrefix, parseSampleWords, placeProblem, type SampleResult } from './sample.ts';
import type { Statement } from './statement.ts';

const FETCHES = [
  'always_false',
  'always_true',
  'be_name',
  'bool',
  'date',
  'int',
  'res.body',
  'res.body_len',
  'res.fhdr',
  'res.hdr',
  'res.len',
  'res.payload',
  'srv_name',
  'status',
  'str',
  'var',
];
const CONVERTERS = ['bytes', 'cut_crlf', 'hex', 'htonl', 'length', 'lower', 'ltrim', 'rtrim', 'upper'];

/** Fetches that only checks have here: how they are written, and a fetch of the same type that holds their place. */
const OWN_FETCHES: readonly (readonly [pattern: RegExp, word: string, standIn: string])[] = [
  [/^var\((check\.[A-Za-z0-9_.]+)\)/, 'var', 'str(x)'],
  [/^res\.payload\((\d+),(\d+)\)/, 'res.payload', 'bin(00)'],
  [/^res\.len\b(?:\(\))?/, 'res.len', 'int(0)'],
  [/^res\.body_len\b(?:\(\))?/, 'res.body_len', 'int(0)'],
  [/^res\.body\b(?:\(\))?/, 'res.body', 'bin(00)'],
];

const KNOWN = `known to checks: ${FETCHES.join(', ')}; ${CONVERTERS.join(', ')}`;

/** One character, one byte. */
export function byteText(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** null: the error is reported. */
export function checkText(s: Statement, at: number): CheckText | null {
  const text = s.text(at);
  const parts: (string | SampleExpression)[] = [];
  let plain = '';
  for (let from = 0; from < text.length; ) {
    const percent = text.indexOf('%', from);
    const end = percent < 0 ? text.length : percent;
    plain += text.slice(from, end);
    if (percent < 0) break;
    if (text[percent + 1] === '%') {
      plain += '%';
      from = percent + 2;
      continue;
    }
    const found = expressionAt(s, at, text, percent);
    if (found === null) return null;
    if (plain !== '') parts.push(byteText(plain));
    plain = '';
    parts.push(found.expression);
    from = found.end;
  }
  if (plain !== '') parts.push(byteText(plain));
  return parts;
}

function expressionAt(s: Statement, at: number, text: string, percent: number): Found | null {
  if (text[percent + 1] !== '[') {
    const name = /^%(?:\{[^}]*\})?\[?[A-Za-z]*/.exec(text.slice(percent))?.[0] ?? '%';
    s.error(at, 'unsupported-keyword', `'${name}' is not known to checks`, "'%[expression]', and '%%' for '%'");
    return null;
  }
  const found = readExpression(text.slice(percent + 2), parseSamplePrefix);
  if (found.expression === null) {
    s.error(at, 'bad-value', found.error, found.hint);
    return null;
  }
  const close = percent + 2 + found.end;
  if (text[close] !== ']') {
    s.error(at, 'bad-value', `'${text.slice(percent)}' lacks its ']'`, 'like %[res.len]');
    return null;
  }
  return report(s, at, found.expression) ? { expression: found.expression, end: close + 1 } : null;
}

interface Found {
  readonly expression: SampleExpression;
  readonly end: number;
}

/** An expression in a word of its own, or with `rest` in all words to the end. */
export function checkExpression(s: Statement, at: number, rest = false): SampleExpression | null {
  const words = s.words.slice(at, rest ? undefined : at + 1).map((word) => word.text);
  const found = readExpression(words[0] ?? '', (first) => parseSampleWords([first, ...words.slice(1)]));
  if (found.expression === null) {
    s.error(at, 'bad-value', found.error, found.hint);
    return null;
  }
  if (found.words < words.length) {
    s.error(at + found.words, 'extra-argument', `'${s.text(at + found.words)}' is no converter of an expression`);
    return null;
  }
  return report(s, at, found.expression) ? found.expression : null;
}

function readExpression(text: string, parse: (text: string) => SampleResult): SampleResult {
  for (const [pattern, word, standIn] of OWN_FETCHES) {
    const match = pattern.exec(text);
    if (match === null) continue;
    const [written, ...given] = match;
    const found = parse(standIn + text.slice(written.length));
    if (found.expression === null) return found;
    const fetch = { word, arguments: given.filter((one) => one !== undefined).map(argument) };
    const expression = { ...found.expression, text: written + found.expression.text.slice(standIn.length), fetch };
    // An expression of several words ends in a word of its own.
    const isFirst = found.words <= 1;
    return { expression, end: isFirst ? found.end + written.length - standIn.length : found.end, words: found.words };
  }
  return parse(text);
}

function argument(text: string): SampleArgument {
  return /^\d+$/.test(text) ? { kind: 'integer', value: Number(text) } : { kind: 'text', value: text };
}

/** Whether checks can do it. */
function report(s: Statement, at: number, expression: SampleExpression): boolean {
  const problem = placeProblem(expression, PLACE_CHECK);
  const stranger = FETCHES.includes(expression.fetch.word)
    ? expression.converters.find(({ word }) => !CONVERTERS.includes(word))
    : expression.fetch;
  if (problem !== null) s.error(at, 'bad-value', problem);
  else if (stranger !== undefined) {
    s.error(at, 'unsupported-keyword', `'${stranger.word}' is not known to checks yet`, KNOWN);
  }
  return problem === null && stranger === undefined;
}
