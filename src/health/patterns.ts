/** Regular expressions of checks, compiled once, and hexadecimal text. Both work on bytes: one character, one byte. */
import { indexWithin } from '../core/bounded-match.ts';
import { pcreExpression } from '../core/pcre.ts';

export class Patterns {
  readonly #compiled = new Map<string, RegExp>();

  /** As in HAProxy, one that takes too long does not match. */
  matches(expression: string, text: string): boolean {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = pcreExpression(expression);
      this.#compiled.set(expression, compiled);
    }
    return (indexWithin(compiled, text) ?? -1) >= 0;
  }
}

/** Bytes of hexadecimal text; null: it is none. */
export function hexBytes(text: string): string | null {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return null;
  return Buffer.from(text, 'hex').toString('latin1');
}
