/**
 * `h1-case-adjust`: field names written as somebody wants them who takes case for a difference. Names keep their length, so
 * they are overwritten where they are, in a head that is ready to be sent.
 *
 * Not here: for whom (src/proxy).
 */
import { ascii, equalsIgnoringCase } from './byte-match.ts';

const LF = 10;
const COLON = 58;

export class NameCases {
  /** By length: the names in lower case, and what becomes of them. */
  readonly #names: { readonly from: Uint8Array; readonly to: Uint8Array }[][] = [];

  constructor(pairs: Iterable<readonly [from: string, to: string]>) {
    for (const [from, to] of pairs) {
      const names = this.#names[from.length] ?? [];
      names.push({ from: ascii(from), to: ascii(to) });
      this.#names[from.length] = names;
    }
  }

  /** Of the complete head in bytes[start, end). */
  apply(bytes: Uint8Array, start: number, end: number): void {
    let i = lineEnd(bytes, start, end) + 1;
    while (i < end) {
      let colon = i;
      while (colon < end && bytes[colon] !== COLON && bytes[colon] !== LF) colon++;
      if (bytes[colon] === COLON) this.#adjust(bytes, i, colon);
      i = lineEnd(bytes, colon, end) + 1;
    }
  }

  #adjust(bytes: Uint8Array, start: number, end: number): void {
    const names = this.#names[end - start];
    if (names === undefined) return;
    for (const { from, to } of names) {
      if (!equalsIgnoringCase(bytes, start, end, from)) continue;
      bytes.set(to, start);
      return;
    }
  }
}

function lineEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== LF) i++;
  return i;
}
