/**
 * One statement of a keepalived.conf: its words, and the statements of its block when it has one.
 *
 *   `track_script {`       words track_script@5, children [chk_haproxy]
 *   `priority 100`         words priority@5 100@14, children null
 *
 * A word that is not there reads as ''. Not here: how text becomes statements (blocks.ts), what they mean (keyword.ts).
 */
import type { Origin } from '../model.ts';
import { hideSecrets } from '../secrets.ts';
import type { LineText } from './line-text.ts';
import type { ProblemSink } from './source.ts';

export interface Word {
  readonly text: string;
  /** 1-based. */
  readonly column: number;
  /** It stood in "...". */
  readonly quoted: boolean;
}

export class Statement {
  readonly origin: Origin;
  readonly words: readonly Word[];
  /** As written, with its quotes: scripts are cut into words by other rules. */
  readonly raw: LineText;
  /** null: no `{` followed. */
  children: Statement[] | null = null;
  readonly #sink: ProblemSink;

  constructor(origin: Origin, words: readonly Word[], raw: LineText, sink: ProblemSink) {
    this.origin = origin;
    this.words = words;
    this.raw = raw;
    this.#sink = sink;
  }

  get keyword(): string {
    return this.text(0);
  }

  text(at: number): string {
    return this.words[at]?.text ?? '';
  }

  has(at: number): boolean {
    return at < this.words.length;
  }

  error(at: number, code: string, message: string, hint?: string): void {
    this.#report('error', at, code, message, hint);
  }

  warning(at: number, code: string, message: string, hint?: string): void {
    this.#report('warning', at, code, message, hint);
  }

  #report(severity: 'error' | 'warning', at: number, code: string, message: string, hint: string | undefined): void {
    const words = this.words.map((word) => word.text);
    const shownHint = hint === undefined ? undefined : hideSecrets(words, hint);
    this.#sink.report(severity, this.origin, this.#column(at), code, hideSecrets(words, message), shownHint);
  }

  /** Past the last word: the column just behind it, where something is missing. */
  #column(at: number): number {
    const word = this.words[at];
    if (word !== undefined) return word.column;
    const last = this.words.at(-1);
    const raw = this.raw.trim();
    return raw.columnAt(last === undefined ? 0 : raw.text.length);
  }
}
