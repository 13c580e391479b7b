/**
 * Lines of text for a terminal or for none: pieces with a meaning, aligned in columns, cut to a width, coloured last. What comes
 * from outside (a server's banner in a check's result, a name) can do nothing to the terminal.
 */

export type Style = 'plain' | 'good' | 'bad' | 'warn' | 'dim' | 'head';

export interface Piece {
  readonly text: string;
  readonly style: Style;
}

export type TextLine = readonly Piece[];

/** How a style looks. */
export type Paint = (style: Style, text: string) => string;

export const noPaint: Paint = (_, text) => text;

export function piece(text: string, style: Style = 'plain'): Piece {
  return { text: harmless(text), style };
}

/** Control characters and what turns text around. */
export function harmless(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

/** `width`: in characters; no line is longer. */
export function renderLine(line: TextLine, width: number, paint: Paint): string {
  let room = width;
  let text = '';
  const whole = line.reduce((sum, { text: one }) => sum + one.length, 0);
  for (const { text: one, style } of line) {
    if (room <= 0) break;
    const fits = one.length <= room && (whole <= width || one.length < room);
    const shown = fits ? one : `${one.slice(0, room - 1)}…`;
    text += style === 'plain' ? shown : paint(style, shown);
    room = fits ? room - shown.length : 0;
  }
  return text;
}

/** The same for all of them, each with its line end and without blanks before it. */
export function renderLines(lines: readonly TextLine[], width: number, paint: Paint): string {
  return lines.map((line) => `${renderLine(line, width, paint).trimEnd()}\n`).join('');
}

/** Pieces below each other, two blanks between them. What a row lacks is empty; `right`: columns of numbers. */
export function columns(rows: readonly TextLine[], right: readonly number[] = [], indent = 2): TextLine[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, { text }] of row.entries()) widths[at] = Math.max(widths[at] ?? 0, text.length);
  }
  return rows.map((row) => {
    const line: Piece[] = [{ text: ' '.repeat(indent), style: 'plain' }];
    for (const [at, { text, style }] of row.entries()) {
      const pad = ' '.repeat((widths[at] ?? 0) - text.length);
      const last = at === row.length - 1;
      if (right.includes(at)) line.push({ text: pad, style: 'plain' }, { text, style });
      else line.push({ text, style }, { text: last ? '' : pad, style: 'plain' });
      if (!last) line.push({ text: '  ', style: 'plain' });
    }
    return line;
  });
}
