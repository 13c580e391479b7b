/**
 * keepalived's comments: `#` and `!` end the line wherever they stand outside of "..."; `\#` and `\!` are the characters
 * themselves (lib/parser.c, decomment).
 */
import type { LineText } from './line-text.ts';

export interface Decommented {
  readonly line: LineText;
  /** A quote was opened and not closed; null: all is well. */
  readonly openQuoteColumn: number | null;
}

export function decomment(written: LineText): Decommented {
  let line = written.trim();
  let quoteAt = -1;
  let index = 0;
  for (; index < line.text.length; index++) {
    const character = line.text[index];
    if (character === '"') {
      quoteAt = quoteAt < 0 ? index : -1;
    } else if (character === '\\') {
      const next = line.text[index + 1];
      if (quoteAt < 0 && (next === '#' || next === '!')) line = line.replace(index, 1, '');
      else index++;
    } else if (quoteAt < 0 && (character === '#' || character === '!')) {
      return { line: line.slice(0, index).trim(), openQuoteColumn: null };
    }
  }
  return { line, openQuoteColumn: quoteAt < 0 ? null : line.columnAt(quoteAt) };
}
