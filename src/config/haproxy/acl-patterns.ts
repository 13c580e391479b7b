/**
 * Patterns of an ACL: each is checked as its match method reads it, and brought into the form of the model (acl-model.ts).
 * Files of patterns have one a line; `#` at its beginning makes a comment of it, blanks before it are no part of it.
 */
import { isIPv4, isIPv6 } from 'node:net';
import type { MatchMethod } from '../acl-model.ts';
import { SampleSyntaxError } from './sample-arguments.ts';
import { binaryText, wrongRegex } from './sample-checks.ts';

/** `eq 5`, `gt 5`: an operator is for all numbers that follow, until the next one. */
const OPERATORS = ['eq', 'gt', 'ge', 'lt', 'le'] as const;
type Operator = (typeof OPERATORS)[number];

export function hasRanges(method: MatchMethod): boolean {
  return method === 'int' || method === 'len';
}

/** The patterns on the line. */
export function readPatterns(method: MatchMethod, words: readonly string[]): string[] {
  if (!hasRanges(method)) return words.flatMap((word) => readPattern(method, word));
  let operator: Operator = 'eq';
  const patterns: string[] = [];
  for (const word of words) {
    const found = OPERATORS.find((one) => one === word);
    if (found !== undefined) operator = found;
    else patterns.push(rangeOf(compared(word, operator)));
  }
  return patterns;
}

/** What a file holds; no operators there. */
export function patternLines(content: string): string[] {
  return content
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.replace(/^[ \t]+/, '').split('\r')[0] ?? '')
    .filter((line) => line !== '');
}

/** One pattern in the model's form; none where the method has no use for any. */
export function readPattern(method: MatchMethod, text: string): string[] {
  switch (method) {
    case 'found':
    case 'bool':
      return [];
    case 'int':
    case 'len':
      return [rangeOf(text)];
    case 'ip':
      return [networkOf(text)];
    case 'bin':
      binaryText([{ kind: 'text', value: text }]);
      return [text];
    case 'reg': {
      const wrong = wrongRegex(text);
      if (wrong !== null) throw new SampleSyntaxError(`regex '${text}' is invalid: ${wrong}`);
      return [text];
    }
    default:
      return [text];
  }
}

/** `gt 5` as `6:`; a word that is a range already stays as it is. */
function compared(word: string, operator: Operator): string {
  if (operator === 'eq' || /[:-]/.test(word)) return word;
  if (!/^\d+$/.test(word)) {
    throw new SampleSyntaxError(`'${word}' is neither a number nor a supported operator`, OPERATORS.join(', '));
  }
  const value = BigInt(word);
  switch (operator) {
    case 'gt':
      return `${value + 1n}:`;
    case 'ge':
      return `${value}:`;
    case 'lt':
      // As HAProxy writes it: below 0 there is `:-1`.
      return `:${value - 1n}`;
    default:
      return `:${value}`;
  }
}

/** `5`, `5:9`, `5:`, `:9`; a `-` may stand for the colon. */
function rangeOf(text: string): string {
  const separator = /[:-]/.exec(text)?.index ?? -1;
  const wrong = () => new SampleSyntaxError(`'${text}' is not a valid number range`);
  if (separator < 0) {
    if (!/^\d+$/.test(text)) throw text === '' ? wrong() : new SampleSyntaxError(`'${text}' is not a number`);
    return `${BigInt(text)}:${BigInt(text)}`;
  }
  const least = text.slice(0, separator);
  const most = text.slice(separator + 1);
  if (!/^\d*$/.test(least) || !/^(-?\d+)?$/.test(most) || (least === '' && most === '')) throw wrong();
  if (least !== '' && most !== '' && BigInt(least) > BigInt(most)) throw wrong();
  return `${least}:${most}`;
}

/** With its mask, as bits or (IPv4) dotted. */
function networkOf(text: string): string {
  const slash = text.lastIndexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const mask = slash < 0 ? null : text.slice(slash + 1);
  if (isIPv4(address) && isMask(mask, 32)) return `${address}/${mask ?? 32}`;
  if (isIPv6(address) && !address.includes('%') && isMask(mask, 128)) return `${address}/${mask ?? 128}`;
  const hint = /^[\w.-]+$/.test(address) ? 'names are not looked up: write the address' : undefined;
  throw new SampleSyntaxError(`'${text}' is not a valid IPv4 or IPv6 address`, hint);
}

function isMask(mask: string | null, width: number): boolean {
  if (mask === null) return true;
  if (width === 32 && isIPv4(mask)) return true;
  return /^\d+$/.test(mask) && Number(mask) <= width;
}
