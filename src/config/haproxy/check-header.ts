/** `http-check expect hdr|fhdr name[-lf] [-m <match>] <name> [value[-lf] [-m <match>] <value>]`. */
import { pcreExpression } from '../../core/pcre.ts';
import type { CheckPattern, HeaderPattern } from '../check-model.ts';
import { byteText, checkText } from './check-text.ts';
import type { Statement } from './statement.ts';

const MATCHES = ['str', 'beg', 'end', 'sub', 'reg'] as const;

export interface FoundHeader {
  readonly pattern: CheckPattern;
  /** The word behind it. */
  readonly next: number;
}

export function expectedHeader(s: Statement, at: number): FoundHeader | null {
  const full = s.text(at) === 'fhdr';
  const word = s.text(at + 1);
  if (word !== 'name' && word !== 'name-lf') {
    s.error(at + 1, 'bad-value', `'${s.text(at)}' expects 'name' and a pattern first, not '${word}'`);
    return null;
  }
  const name = patternAt(s, at + 1);
  if (name === null) return null;
  const behind = s.text(name.next);
  if (behind !== 'value' && behind !== 'value-lf') {
    // Without a value, headers are looked at as a whole.
    return { pattern: { what: 'header', full: true, name: name.pattern, value: null }, next: name.next };
  }
  const value = patternAt(s, name.next);
  if (value === null) return null;
  return { pattern: { what: 'header', full, name: name.pattern, value: value.pattern }, next: value.next };
}

function patternAt(s: Statement, at: number): { readonly pattern: HeaderPattern; readonly next: number } | null {
  const isFormat = s.text(at).endsWith('-lf');
  const explicit = s.text(at + 1) === '-m';
  const match = explicit ? MATCHES.find((one) => one === s.text(at + 2)) : 'str';
  const textAt = explicit ? at + 3 : at + 1;
  if (match === undefined) {
    const known = MATCHES.map((one) => `'${one}'`).join(', ');
    s.error(at + 2, 'bad-value', `'-m' does not take '${s.text(at + 2)}'`, known);
    return null;
  }
  if (!s.has(textAt)) {
    s.error(s.words.length, 'missing-argument', `'${s.text(at)}' expects a pattern`);
    return null;
  }
  if (match === 'reg' && isFormat) {
    s.error(
      textAt,
      'bad-value',
      'a log-format string cannot be a regular expression',
      `write '${s.text(at).slice(0, -3)}'`,
    );
    return null;
  }
  if (match === 'reg' && !isRegularExpression(s, textAt)) return null;
  const text = isFormat ? checkText(s, textAt) : [byteText(s.text(textAt))];
  return text === null ? null : { pattern: { match, text }, next: textAt + 1 };
}

export function isRegularExpression(s: Statement, at: number): boolean {
  const written = s.text(at);
  try {
    return pcreExpression(written) instanceof RegExp;
  } catch {
    s.error(at, 'bad-value', `'${written}' is no regular expression that is understood here`);
    return false;
  }
}
