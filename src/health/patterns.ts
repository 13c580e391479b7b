/**
 * Regular expressions of checks, compiled once, and hexadecimal text. Both work on bytes: one character, one byte.
 *
 * Expressions are JavaScript's; where they mean something else than PCRE's they are read as those.
 */

export class Patterns {
  readonly #compiled = new Map<string, RegExp>();

  matches(expression: string, text: string): boolean {
    let compiled = this.#compiled.get(expression);
    if (compiled === undefined) {
      compiled = new RegExp(endsBeforeNewline(expression));
      this.#compiled.set(expression, compiled);
    }
    return compiled.test(text);
  }
}

/** `$` is the end, or the newline that ends it. */
function endsBeforeNewline(expression: string): string {
  return expression.replace(/\\[\s\S]|\[\^?\]?(?:\\[\s\S]|[^\]\\])*\]|\$/g, (part) =>
    part === '$' ? '(?=\\n?$)' : part,
  );
}

/** Bytes of hexadecimal text; null: it is none. */
export function hexBytes(text: string): string | null {
  if (!/^(?:[0-9A-Fa-f]{2})*$/.test(text)) return null;
  return Buffer.from(text, 'hex').toString('latin1');
}
