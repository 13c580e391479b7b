/**
 * Damage to a finished message, where it hurts: bytes, lines doubled or moved, numbers altered, line ends and blanks
 * exchanged, two messages spliced.
 */
import type { SeededRandom } from '../../support/random.ts';
import { someField } from './grammar.ts';

/** Bytes that some parser, somewhere, has taken for something else. */
const SPARKS: readonly [string, ...string[]] = [
  '\x00',
  '\t',
  '\n',
  '\v',
  '\f',
  '\r',
  '\x1a',
  ' ',
  '"',
  '#',
  '%',
  ',',
  '/',
  '0',
  '1',
  '5',
  ':',
  ';',
  '=',
  '?',
  '@',
  'A',
  '[',
  '\\',
  ']',
  '_',
  'f',
  'x',
  '\x7f',
  '\x80',
  '\x85',
  '\xa0',
  '\xff',
  '\r\n',
  '\r\n\r\n',
];

function byteDamage(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1);
  const spark = random.below(3) === 0 ? String.fromCharCode(random.below(256)) : random.pick(SPARKS);
  switch (random.below(4)) {
    case 0: // put in
      return text.slice(0, at) + spark + text.slice(at);
    case 1: // taken out
      return text.slice(0, at) + text.slice(at + 1);
    case 2: // one bit
      return (
        text.slice(0, at) +
        String.fromCharCode((text.charCodeAt(at) || 0) ^ (1 << random.below(8))) +
        text.slice(at + 1)
      );
    default:
      return text.slice(0, at) + spark + text.slice(at + 1);
  }
}

function lineDamage(random: SeededRandom, text: string): string {
  const lines = text.split('\r\n');
  const at = random.below(lines.length);
  const line = lines[at] ?? '';
  switch (random.below(6)) {
    case 0: // doubled
      lines.splice(at, 0, line);
      break;
    case 1: // gone
      lines.splice(at, 1);
      break;
    case 2: // elsewhere
      lines.splice(at, 1);
      lines.splice(random.below(lines.length + 1), 0, line);
      break;
    case 3: // folded
      lines[at] = `${random.below(2) === 0 ? ' ' : '\t'}${line}`;
      break;
    case 4: // in other letters
      lines[at] = line.replace(/[a-z]/gi, (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20));
      break;
    default:
      lines.splice(at, 0, someField(random).replace(/\r\n$/, ''));
  }
  return lines.join('\r\n');
}

/** Each number is a length to somebody. */
function numberDamage(random: SeededRandom, text: string): string {
  const numbers = [...text.matchAll(/[0-9a-f]+/gi)].filter((match) => /\d/.test(match[0]));
  const chosen = numbers[random.below(Math.max(1, numbers.length))];
  if (chosen === undefined) return text;
  const [digits] = chosen;
  const value = Number.parseInt(digits, 10) || 0;
  const others = [value + 1, Math.max(0, value - 1), 0, value * 10, 2 ** 31, 2 ** 32 + value];
  const replaced = random.pick([
    String(others[random.below(others.length)] ?? 0),
    `0${digits}`,
    `+${digits}`,
    `-${digits}`,
    `${digits} `,
    ` ${digits}`,
    `${digits},${digits}`,
    `0x${digits}`,
    `${digits}${'0'.repeat(20)}`,
    '18446744073709551616',
    'ffffffffffffffff1',
  ]);
  return text.slice(0, chosen.index) + replaced + text.slice(chosen.index + digits.length);
}

function lineEndDamage(random: SeededRandom, text: string): string {
  const ends = [...text.matchAll(/\r\n/g)];
  const chosen = ends[random.below(Math.max(1, ends.length))];
  if (chosen === undefined) return text;
  const end = random.pick(['\n', '\r', '\r\r\n', '\n\r', '', ' \r\n', '\r\n ', '\r \n', '\0\r\n', '\r\n\r\n']);
  return text.slice(0, chosen.index) + end + text.slice(chosen.index + 2);
}

/** `other` gives a second message to splice with. */
export function mutate(random: SeededRandom, text: string, other: () => string): string {
  let result = text;
  for (let changes = 1 + random.size(3); changes > 0; changes--) {
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
        result = byteDamage(random, result);
        break;
      case 3:
      case 4:
        result = lineDamage(random, result);
        break;
      case 5:
        result = numberDamage(random, result);
        break;
      case 6:
        result = lineEndDamage(random, result);
        break;
      default: {
        const second = other();
        result = result.slice(0, random.below(result.length + 1)) + second.slice(random.below(second.length + 1));
      }
    }
  }
  return result;
}
