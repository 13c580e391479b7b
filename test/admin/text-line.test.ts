import { describe, expect, it } from 'vitest';
import { clockText, shortBytes, shortDuration, shortNumber } from '../../src/admin/human-text.ts';
import { columns, noPaint, type Paint, piece, renderLine } from '../../src/admin/text-line.ts';
import { SeededRandom } from '../support/random.ts';

const paint: Paint = (style, text) => `<${style}:${text}>`;

describe('a line', () => {
  const line = [piece('one ', 'good'), piece('two '), piece('three', 'bad')];
  it.each([
    [100, '<good:one >two <bad:three>'],
    [13, '<good:one >two <bad:three>'],
    [12, '<good:one >two <bad:thr…>'],
    [9, '<good:one >two <bad:…>'],
    [8, '<good:one >two…'],
    [4, '<good:one…>'],
    [1, '<good:…>'],
    [0, ''],
  ])('of %i characters', (width, text) => expect(renderLine(line, width, paint)).toBe(text));

  it('is never wider than that, whatever is in it', () => {
    const random = new SeededRandom(3);
    for (let i = 0; i < 500; i++) {
      const pieces = Array.from({ length: random.below(6) }, () => piece('x'.repeat(random.below(12)), 'dim'));
      const width = random.below(40);
      expect(renderLine(pieces, width, noPaint).length).toBeLessThanOrEqual(width);
    }
  });

  it.each(['\x1b[2J', '\r\n', '\x00\x07', '\u009b31m', '\u202egnp.exe', '\u2028'])(
    'has nothing in it that a terminal would obey: %j',
    (text) => {
      expect(renderLine([piece(`a${text}b`)], 100, noPaint)).toMatch(/^a[ -~]*b$/);
    },
  );
});

it('columns are as wide as the widest, numbers stand at the right', () => {
  const rows = columns(
    [[piece('a'), piece('10'), piece('x')], [piece('long'), piece('7'), piece('y')], [piece('b')]],
    [1],
  );
  expect(rows.map((row) => renderLine(row, 100, noPaint))).toEqual(['  a     10  x', '  long   7  y', '  b']);
});

describe('numbers for people', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [1000, '1.0k'],
    [99_949, '99.9k'],
    [99_960, '100k'],
    [1_500_000, '1.5M'],
    [-5, '0'],
  ])('%d', (value, text) => expect(shortNumber(value)).toBe(text));
  it.each([
    [1023, '1023B'],
    [1024, '1.0kB'],
    [5 * 1024 ** 3, '5.0GB'],
  ])('%d bytes', (value, text) => expect(shortBytes(value)).toBe(text));
  it.each([
    [0, '0.0s'],
    [449, '0.4s'],
    [9949, '9.9s'],
    [9950, '9s'],
    [61_000, '1m1s'],
    [90_061_000, '1d1h'],
  ])('%d ms', (value, text) => expect(shortDuration(value)).toBe(text));
  it('a time of another day has its date', () => {
    const at = new Date(2026, 10, 22, 1, 2, 3).getTime();
    expect(clockText(at, at + 1000)).toBe('01:02:03');
    expect(clockText(at, at + 86_400_000)).toBe('2026-11-22 01:02:03');
  });
});
