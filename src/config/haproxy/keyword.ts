/**
 * What a keyword is: one row of the table that is the truth about support. The parser dispatches from the rows, and
 * docs/haproxy-support.md is rendered from them.
 *
 *   supported    `apply` does it
 *   ignored      accepted with a warning: it changes nothing about the traffic here
 *   unsupported  known to HAProxy 2.6, an error here until its time comes
 *   removed      HAProxy itself refuses it; the note says what to write
 *
 * `usage` describes the words after the keyword and is enforced: `<x>` or a literal is required, `[x]` optional, a final
 * `...` allows any number. Not here: the rows (the files of each family), their list (support-table.ts).
 */

import { nearestWord } from '../suggest.ts';
import type { Statement } from './statement.ts';

export type Support = 'supported' | 'ignored' | 'unsupported' | 'removed';

/** Which half of a proxy a keyword belongs to; 'any' for both and for other sections. */
export type Side = 'frontend' | 'backend' | 'any';

export type Apply<Target> = (statement: Statement, at: number, target: Target) => void;

export interface Keyword<Target> {
  readonly word: string;
  readonly usage: string;
  readonly support: Support;
  readonly side: Side;
  readonly note: string;
  readonly apply: Apply<Target> | null;
}

export interface KeywordTable<Target> {
  /** Heading in the document: `Keywords of "bind"`. */
  readonly title: string;
  /** What messages call one: `keyword`, `option`, `bind parameter`. */
  readonly noun: string;
  readonly keywords: ReadonlyMap<string, Keyword<Target>>;
}

export function supported<T>(
  word: string,
  usage: string,
  note: string,
  apply: Apply<T>,
  side: Side = 'any',
): Keyword<T> {
  return { word, usage, support: 'supported', side, note, apply };
}

/** `apply` may still check the words; the warning is reported in any case. */
export function ignored<T>(word: string, usage: string, note: string, apply: Apply<T> | null = null): Keyword<T> {
  return { word, usage, support: 'ignored', side: 'any', note, apply };
}

export function unsupported<T>(note: string, ...words: readonly string[]): Keyword<T>[] {
  return words.map((word) => ({ word, usage: '...', support: 'unsupported', side: 'any', note, apply: null }));
}

export function removed<T>(word: string, note: string): Keyword<T> {
  return { word, usage: '...', support: 'removed', side: 'any', note, apply: null };
}

export function keywordTable<T>(title: string, noun: string, keywords: readonly Keyword<T>[]): KeywordTable<T> {
  const byWord = new Map(keywords.map((keyword) => [keyword.word, keyword]));
  if (byWord.size !== keywords.length) throw new Error(`a ${noun} is in its table twice`);
  return { title, noun, keywords: byWord };
}

/** How many words `usage` requires and allows. */
export function usageBounds(usage: string): { readonly least: number; readonly most: number } {
  const parts = usage.split(' ').filter((part) => part !== '');
  const open = parts.at(-1) === '...';
  const named = open ? parts.slice(0, -1) : parts;
  const least = named.filter((part) => !part.startsWith('[')).length;
  return { least, most: open ? Number.POSITIVE_INFINITY : named.length };
}

/** Finds the keyword at a word, reporting one that is unknown, unsupported or removed; null then. */
export function findKeyword<T>(table: KeywordTable<T>, s: Statement, at: number, word = s.text(at)): Keyword<T> | null {
  const keyword = table.keywords.get(word);
  if (keyword === undefined) {
    const near = nearestWord(word, table.keywords.keys());
    const hint = near === null ? undefined : `did you mean '${near}'?`;
    s.error(at, 'unknown-keyword', `unknown ${table.noun} '${word}'`, hint);
    return null;
  }
  if (keyword.support === 'unsupported') {
    s.error(at, 'unsupported-keyword', `${table.noun} '${word}' is not supported yet`, keyword.note);
    return null;
  }
  if (keyword.support === 'removed') {
    s.error(at, 'removed-keyword', `${table.noun} '${word}' does not exist any more in HAProxy`, keyword.note);
    return null;
  }
  return keyword;
}

/** Checks the number of words after a keyword that ends its line, then applies it. */
export function applyKeyword<T>(
  table: KeywordTable<T>,
  keyword: Keyword<T>,
  s: Statement,
  at: number,
  target: T,
): void {
  const { least, most } = usageBounds(keyword.usage);
  if (!checkLeast(table, keyword, s, at, least)) return;
  if (s.has(at + most + 1)) {
    const extra = s.text(at + most + 1);
    s.error(at + most + 1, 'extra-argument', `${table.noun} '${keyword.word}' does not take the argument '${extra}'`);
    return;
  }
  runKeyword(table, keyword, s, at, target);
}

/**
 * Applies one parameter of a list (`server … weight 1 check`) and returns where the next one starts. A parameter's usage
 * has a fixed number of words.
 */
export function applyParameter<T>(
  table: KeywordTable<T>,
  keyword: Keyword<T>,
  s: Statement,
  at: number,
  target: T,
): number {
  const { least } = usageBounds(keyword.usage);
  if (checkLeast(table, keyword, s, at, least)) runKeyword(table, keyword, s, at, target);
  return at + 1 + least;
}

function checkLeast<T>(table: KeywordTable<T>, keyword: Keyword<T>, s: Statement, at: number, least: number): boolean {
  if (s.has(at + least)) return true;
  const usage = keyword.usage.replace(/ \.\.\.$/, ' …');
  s.error(
    s.words.length,
    'missing-argument',
    `${table.noun} '${keyword.word}' lacks an argument`,
    `write: ${keyword.word} ${usage}`,
  );
  return false;
}

function runKeyword<T>(table: KeywordTable<T>, keyword: Keyword<T>, s: Statement, at: number, target: T): void {
  if (keyword.support === 'ignored') {
    s.warning(at, 'ignored-keyword', `${table.noun} '${keyword.word}' is ignored: ${keyword.note}`);
  }
  keyword.apply?.(s, at, target);
}
