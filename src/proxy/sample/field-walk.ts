/**
 * The values of a field one after the other: each line's, or (as HAProxy counts them) each of the parts between commas. Blanks
 * around them are not part of them.
 *
 *   Via: a, b      ──▶  whole lines: "a, b" · "c"      parts: "a" · "b" · "c"
 *   Via: c
 */
import { afterBlanks, trimmedEnd, valueEnd } from '../../http1/blanks.ts';
import { type Head, matchesName } from '../../http1/head.ts';

const COMMA = 44;

export class FieldWalk {
  start = 0;
  end = 0;
  readonly #name: Uint8Array;
  readonly #whole: boolean;
  #line = -1;
  /** Where the part begins that follows in the same line; -1: none does. */
  #rest = -1;

  /** An empty name is that of all fields. */
  constructor(name: string, whole: boolean) {
    this.#name = Buffer.from(name.toLowerCase());
    this.#whole = whole;
  }

  rewind(): void {
    this.#line = -1;
    this.#rest = -1;
  }

  /** The next value is [start, end); false: there is none. */
  next(head: Head, bytes: Uint8Array): boolean {
    let from = this.#rest;
    if (from < 0) {
      if (!this.#nextLine(head, bytes)) return false;
      from = head.valueStart[this.#line] as number;
    }
    const lineEnd = trimmedEnd(bytes, from, head.valueEnd[this.#line] as number);
    const start = afterBlanks(bytes, from, lineEnd);
    const end = this.#whole ? lineEnd : valueEnd(bytes, start, lineEnd);
    this.start = start;
    this.end = trimmedEnd(bytes, start, end);
    // Behind a comma there is one more, even if it is empty.
    this.#rest = !this.#whole && end < lineEnd && bytes[end] === COMMA ? end + 1 : -1;
    return true;
  }

  #nextLine(head: Head, bytes: Uint8Array): boolean {
    for (let i = this.#line + 1; i < head.headerCount; i++) {
      if (this.#name.length !== 0 && !matchesName(head, bytes, i, this.#name)) continue;
      this.#line = i;
      return true;
    }
    return false;
  }
}
