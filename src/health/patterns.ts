/**
 * Regular expressions of checks, compiled once for each list, and hexadecimal text. Both work on bytes: one character, one
 * byte.
 */

export class Patterns {
  readonly #compiled = new Map<string, RegExp>();

  matches(expression: string, text: string, flags = ''): boolean {
    const key = `${flags}/${expression}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known.test(text);
    const compiled = new RegExp(expression, flags);
    this.#compiled.set(key, compiled);
    return compiled.test(text);
  }
}

/** Bytes of hexadecimal text; null: it is none. */
export function hexBytes(text: string): string | null {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return null;
  return Buffer.from(text, 'hex').toString('latin1');
}
