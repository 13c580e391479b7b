/**
 * A line of text that remembers where each character was written, through comments that are cut and $NAMEs that are
 * replaced: a problem found at the end still points at a column of the file.
 *
 * Immutable. What stands for a $NAME has the column of its `$`.
 */
export class LineText {
  readonly text: string;
  /** 1-based column in the file, one per character. */
  readonly #columns: readonly number[];

  private constructor(text: string, columns: readonly number[]) {
    this.text = text;
    this.#columns = columns;
  }

  static of(text: string): LineText {
    return new LineText(
      text,
      Array.from({ length: text.length }, (_, index) => index + 1),
    );
  }

  /** All of it written at one column: lines of a definition that stands elsewhere. */
  static at(text: string, column: number): LineText {
    return new LineText(text, new Array<number>(text.length).fill(column));
  }

  /** Behind the end: the column after the last character. */
  columnAt(index: number): number {
    const column = this.#columns[index];
    if (column !== undefined) return column;
    const last = this.#columns.at(-1);
    return last === undefined ? 1 : last + 1;
  }

  slice(from: number, to = this.text.length): LineText {
    return new LineText(this.text.slice(from, to), this.#columns.slice(from, to));
  }

  replace(from: number, length: number, replacement: string): LineText {
    const column = this.columnAt(from);
    const inserted = new Array<number>(replacement.length).fill(column);
    const text = this.text.slice(0, from) + replacement + this.text.slice(from + length);
    return new LineText(text, [...this.#columns.slice(0, from), ...inserted, ...this.#columns.slice(from + length)]);
  }

  /** Without blanks and tabs at both ends. */
  trim(): LineText {
    const from = this.text.length - this.text.replace(/^[ \t]+/, '').length;
    const to = this.text.replace(/[ \t]+$/, '').length;
    return from === 0 && to === this.text.length ? this : this.slice(from, Math.max(from, to));
  }
}
