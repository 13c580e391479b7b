/** Regular expressions of checks, compiled once, and hexadecimal text. Both work on bytes: one character, one byte. */
import { pcreExpression } from '../core/pcre.ts';

export class Patterns {
  readonly #compiled = new Map<string, RegExp>();

  matches(expression: string, text: string): boolean {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = pcreExpression(expression);
      this.#compiled.set(expression, compiled);
    }
    return compiled.test(text);
  }
}

/** Bytes of hexadecimal text; null: it is none. */
export function hexBytes(text: string): string | null {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return null;
  return Buffer.from(text, 'hex').toString('latin1');
}
