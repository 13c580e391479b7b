/**
 * What a keyword is: one row of the table that is the truth about support. The parser dispatches from the rows, and
 * docs/keepalived-support.md is rendered from them.
 *
 *   supported    `apply` does it
 *   ignored      accepted with a warning: it changes nothing here
 *   unsupported  known to keepalived, an error here until its time comes
 *
 * `usage` describes the words after the keyword and is enforced: `<x>` is required, `[x]` optional, a final `...` allows any
 * number. Not here: the rows (the files of each block), their list (support-table.ts).
 */
import { nearestWord } from '../suggest.ts';
import type { Statement } from './statement.ts';

export type Support = 'supported' | 'ignored' | 'unsupported';

export type Apply<Target> = (statement: Statement, target: Target) => void;

export interface Keyword<Target> {
  readonly word: string;
  readonly usage: string;
  /** It is followed by `{ … }`. */
  readonly block: boolean;
  /** May be there any number of times. */
  readonly several: boolean;
  /** Of several the first one counts, as in keepalived; otherwise the last. */
  readonly once?: boolean;
  readonly support: Support;
  readonly note: string;
  readonly apply: Apply<Target> | null;
}

export interface KeywordTable<Target> {
  /** Heading in the document. */
  readonly title: string;
  /** What messages say: `unknown keyword 'x' in vrrp_instance`. */
  readonly place: string;
  readonly keywords: ReadonlyMap<string, Keyword<Target>>;
}

/** What a block is read into. */
export interface Draft {
  readonly statement: Statement;
  /** The last statement of each keyword: to find keywords that are there twice, and to point at later. */
  readonly said: Map<string, Statement>;
}

export function supported<T>(word: string, usage: string, note: string, apply: Apply<T>): Keyword<T> {
  return { word, usage, block: false, several: false, support: 'supported', note, apply };
}

/** One with a block; `apply` reads the children. */
export function block<T>(word: string, usage: string, note: string, apply: Apply<T>): Keyword<T> {
  return { word, usage, block: true, several: true, support: 'supported', note, apply };
}

/** One that adds something each time. */
export function several<T>(word: string, usage: string, note: string, apply: Apply<T>): Keyword<T> {
  return { word, usage, block: false, several: true, support: 'supported', note, apply };
}

/** Of several the first one counts. */
export function once<T>(keyword: Keyword<T>): Keyword<T> {
  return { ...keyword, once: true };
}

export function ignored<T>(note: string, ...words: readonly string[]): Keyword<T>[] {
  return words.map((word) => ({
    word,
    usage: '...',
    block: false,
    several: true,
    support: 'ignored',
    note,
    apply: null,
  }));
}

export function unsupported<T>(note: string, ...words: readonly string[]): Keyword<T>[] {
  return words.map((word) => ({
    word,
    usage: '...',
    block: false,
    several: true,
    support: 'unsupported',
    note,
    apply: null,
  }));
}

export function keywordTable<T>(title: string, place: string, keywords: readonly Keyword<T>[]): KeywordTable<T> {
  const byWord = new Map(keywords.map((keyword) => [keyword.word, keyword]));
  if (byWord.size !== keywords.length) throw new Error(`a keyword is in the table of ${place} twice`);
  return { title, place, keywords: byWord };
}

/** Applies each statement of a block. */
export function applyBlock<T extends Draft>(
  table: KeywordTable<T>,
  statements: readonly Statement[] | null,
  target: T,
): void {
  for (const statement of statements ?? []) applyStatement(table, statement, target);
}

function applyStatement<T extends Draft>(table: KeywordTable<T>, s: Statement, target: T): void {
  const keyword = findKeyword(table, s);
  if (keyword === null) return;
  const before = target.said.get(keyword.word);
  target.said.set(keyword.word, s);
  if (!checkShape(keyword, s)) return;
  if (keyword.support === 'ignored') {
    s.warning(0, 'ignored-keyword', `'${keyword.word}' is ignored: ${keyword.note}`);
  }
  if (before !== undefined && keyword.once === true) {
    target.said.set(keyword.word, before);
    const message = `'${keyword.word}' is in line ${before.origin.line} already; the first one counts`;
    s.warning(0, 'first-one-counts', message);
    return;
  }
  if (before !== undefined && !keyword.several) {
    s.warning(0, 'repeated-keyword', `'${keyword.word}' is in line ${before.origin.line} already; the last one counts`);
  }
  keyword.apply?.(s, target);
}

function findKeyword<T>(table: KeywordTable<T>, s: Statement): Keyword<T> | null {
  const keyword = table.keywords.get(s.keyword);
  if (keyword === undefined) {
    const near = nearestWord(s.keyword, table.keywords.keys());
    const hint = near === null ? undefined : `did you mean '${near}'?`;
    s.error(0, 'unknown-keyword', `unknown keyword '${s.keyword}' ${table.place}`, hint);
    return null;
  }
  if (keyword.support === 'unsupported') {
    s.error(0, 'unsupported-keyword', `'${keyword.word}' is not supported yet`, keyword.note);
    return null;
  }
  return keyword;
}

/** The right number of words, and a block exactly where one belongs. */
export function checkShape<T>(keyword: Keyword<T>, s: Statement): boolean {
  if (keyword.support === 'supported' && (s.children !== null) !== keyword.block) {
    if (keyword.block) s.error(s.words.length, 'missing-brace', `'${keyword.word}' needs a block: { … }`);
    else s.error(0, 'unexpected-brace', `'${keyword.word}' has no block`);
    return false;
  }
  const { least, most } = usageBounds(keyword.usage);
  if (!s.has(least)) {
    const hint = `write: ${keyword.word} ${keyword.usage}`;
    s.error(s.words.length, 'missing-argument', `'${keyword.word}' lacks an argument`, hint);
    return false;
  }
  if (s.has(most + 1)) {
    const message = `'${keyword.word}' does not take the argument '${s.text(most + 1)}'`;
    s.error(most + 1, 'extra-argument', message, 'a line holds one statement');
    return false;
  }
  return true;
}

/** How many words `usage` requires and allows. */
export function usageBounds(usage: string): { readonly least: number; readonly most: number } {
  const parts = usage.split(' ').filter((part) => part !== '');
  const open = parts.at(-1) === '...';
  const named = open ? parts.slice(0, -1) : parts;
  const least = named.filter((part) => !part.startsWith('[')).length;
  return { least, most: open ? Number.POSITIVE_INFINITY : named.length };
}
