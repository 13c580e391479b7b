/**
 * Configurations that nobody meant: lines and words of real ones moved, doubled, exchanged and cut, with what readers of
 * such files stumble over in between.
 */
import type { SeededRandom } from '../../support/random.ts';

const SPARKS: readonly [string, ...string[]] = [
  '"',
  "'",
  '\\',
  '#',
  '$',
  `\${`,
  `"\${X}"`,
  `\${X-`,
  '$A',
  '{',
  '}',
  '!',
  '@',
  '(',
  ')',
  ',',
  ':',
  '/',
  '-',
  '=',
  '%',
  '~SEQ(n, 3)',
  '~LST(n, 1, 2)',
  '\0',
  '\t',
  '\r',
  '\x7f',
  '\xff',
  '\xc3\xa9',
  '\xe2\x80\xa8',
  '\\x4',
  '\\ ',
];
const NUMBERS: readonly [string, ...string[]] = [
  '0',
  '-1',
  '1',
  '255',
  '256',
  '65535',
  '65536',
  '2147483648',
  '4294967296',
  '99999999999999999999',
  '1.5',
  '1e3',
  '0x10',
  '010',
  '1s',
  '1ms',
  '24d',
  '25d',
  '1k',
  '1x',
  '',
];

export interface Corpus {
  readonly files: readonly string[];
  readonly lines: readonly string[];
  readonly words: readonly string[];
}

export function corpusOf(files: readonly string[]): Corpus {
  const lines = files.flatMap((text) => text.split('\n'));
  return { files, lines, words: lines.flatMap((line) => line.split(/\s+/)).filter((word) => word !== '') };
}

const anyOf = (random: SeededRandom, items: readonly string[]): string => items[random.below(items.length)] ?? '';

function changeWord(random: SeededRandom, line: string, corpus: Corpus): string {
  const parts = line.split(/(\s+)/);
  const at = random.below(parts.length);
  const word = parts[at] ?? '';
  switch (random.below(8)) {
    case 0:
      parts[at] = anyOf(random, corpus.words);
      break;
    case 1:
      parts.splice(at, 1);
      break;
    case 2:
      parts.splice(at, 0, word, ' ');
      break;
    case 3:
      parts[at] = word.replace(/\d+/, () => random.pick(NUMBERS));
      break;
    case 4: {
      const cut = random.below(word.length + 1);
      parts[at] = word.slice(0, cut) + random.pick(SPARKS) + word.slice(cut + random.below(2));
      break;
    }
    case 5:
      parts[at] = `"${word}"`;
      break;
    case 6:
      parts.push(' ', anyOf(random, corpus.words));
      break;
    default:
      parts[at] = word.slice(random.below(word.length + 1));
  }
  return parts.join('');
}

/** `text` with a few changes; both the number and the kind are the seed's. */
export function mutateLines(random: SeededRandom, text: string, corpus: Corpus): string {
  const lines = text.split('\n');
  for (let changes = 1 + random.size(7); changes > 0; changes--) {
    const at = random.below(lines.length);
    const line = lines[at] ?? '';
    switch (random.below(10)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, anyOf(random, corpus.lines));
        break;
      case 2:
        lines.splice(random.below(lines.length), 0, line);
        break;
      case 3:
        lines[at] = line.slice(0, random.below(line.length + 1));
        break;
      case 4:
        lines.splice(at, 2, line + (lines[at + 1] ?? ''));
        break;
      default:
        lines[at] = changeWord(random, line, corpus);
    }
    if (lines.length === 0) lines.push('');
  }
  const result = lines.join('\n');
  return random.below(20) === 0 ? result.slice(0, random.below(result.length + 1)) : result;
}

/** A piece of a file, so that an input is small enough to have one reason for what happens. */
export function someText(random: SeededRandom, corpus: Corpus): string {
  const text = anyOf(random, corpus.files);
  if (random.below(3) > 0) return text;
  const lines = text.split('\n');
  const start = random.below(lines.length);
  return `${lines.slice(start, start + 1 + random.below(60)).join('\n')}\n`;
}
