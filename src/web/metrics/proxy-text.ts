/** A snapshot of proxies → text, in pieces, each as soon as somebody wants it. */
import { headerText, sampleText } from './exposition.ts';
import type { ProxyFamily } from './proxy-families.ts';
import { NO_LINE, widthOf } from './proxy-numbers.ts';
import type { NumberTable } from './proxy-snapshot.ts';

/** About what a piece has: a fraction of a millisecond's work. */
export const PIECE_CHARACTERS = 16_384;

export function* tableText({ families, labels, numbers }: NumberTable): Iterable<string> {
  let text = '';
  let at = 0;
  for (const family of families) {
    let begun = false;
    for (let i = 0; i < numbers.length; i++) {
      const row = numbers[i];
      if (row === undefined || row[at] === NO_LINE) continue;
      if (!begun) text += headerText(family);
      begun = true;
      text += linesOf(family, labels[i] ?? '', row, at);
      if (text.length < PIECE_CHARACTERS) continue;
      yield text;
      text = '';
    }
    at += widthOf(family);
  }
  yield text;
}

function linesOf({ name, meaning, split }: ProxyFamily, labels: string, row: Float64Array, at: number): string {
  const value = row[at] ?? Number.NaN;
  if (split === null) {
    const seconds = meaning === 'seconds' || meaning === 'check-seconds';
    return sampleText(name, labels, seconds && !Number.isNaN(value) ? value.toFixed(6) : value);
  }
  const oneHot = widthOf({ meaning, split }) === 1;
  let text = '';
  split.values.forEach((word, place) => {
    const count = oneHot ? Number(value === place) : (row[at + place] ?? 0);
    text += `${name}{${labels},${split.label}="${word}"} ${count}\n`;
  });
  return text;
}
