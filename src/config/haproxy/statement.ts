/**
 * One line of a configuration file, cut into words that know where they were written.
 *
 *   `no option httpclose   # why`   ──▶   negation 'no', words option@4 httpclose@11
 *
 * Words are addressed by number like HAProxy's `args[]`: a word that is not there reads as ''. Not here: how text
 * becomes words (tokenizer.ts), what the words mean (keyword.ts and the files of each family).
 */
import type { Problem, Severity } from '../../core/problem.ts';
import type { Origin } from '../model.ts';
import { hideSecrets } from '../secrets.ts';

export interface Word {
  readonly text: string;
  /** 1-based, in characters of the line as written. */
  readonly column: number;
}

/** `no option …` and `default option …`. */
export type Negation = 'none' | 'no' | 'default';

export class Statement {
  readonly origin: Origin;
  readonly words: readonly Word[];
  readonly negation: Negation;
  readonly #problems: Problem[];

  constructor(origin: Origin, words: readonly Word[], negation: Negation, problems: Problem[]) {
    this.origin = origin;
    this.words = words;
    this.negation = negation;
    this.#problems = problems;
  }

  /** The word's text, '' when there is none. */
  text(at: number): string {
    return this.words[at]?.text ?? '';
  }

  has(at: number): boolean {
    return at < this.words.length;
  }

  /** All words from here on, with single spaces between them. */
  textFrom(at: number): string {
    return this.words
      .slice(at)
      .map((word) => word.text)
      .join(' ');
  }

  error(at: number, code: string, message: string, hint?: string): void {
    this.#report('error', at, code, message, hint);
  }

  warning(at: number, code: string, message: string, hint?: string): void {
    this.#report('warning', at, code, message, hint);
  }

  notice(at: number, code: string, message: string): void {
    this.#report('notice', at, code, message, undefined);
  }

  #report(severity: Severity, at: number, code: string, message: string, hint: string | undefined): void {
    const { file, line } = this.origin;
    const words = this.words.map((word) => word.text);
    const place = { severity, code, file, line, column: this.#column(at), message: hideSecrets(words, message) };
    this.#problems.push(hint === undefined ? place : { ...place, hint: hideSecrets(words, hint) });
  }

  /** Past the last word: the column just behind it, where something is missing. */
  #column(at: number): number {
    const word = this.words[at];
    if (word !== undefined) return word.column;
    const last = this.words.at(-1);
    return last === undefined ? 1 : last.column + last.text.length;
  }
}
