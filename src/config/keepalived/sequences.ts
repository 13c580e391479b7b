/**
 * `~SEQ(name, start, step, end) text` and `~LST(name, a, b, c) text`: a line that is read once for each value
 * (lib/parser.c: add_seq, add_lst).
 *
 *   ~SEQ(n, 3)          1 2 3           ~SEQx(n, 8, 12)     8 9 a b c (hexadecimal)
 *   ~SEQ(n, 5, 2, 9)    5 7 9           ~LST({a, b}, {1, x}, {2, y})   a=1 b=x, then a=2 b=y
 */
export interface Repetition {
  /** One set of definitions a round. */
  readonly rounds: readonly (readonly { readonly name: string; readonly value: string }[])[];
  /** Where in the line the repeated text starts. */
  readonly textAt: number;
}

/** A line that repeats itself a million times is no configuration. */
const MAX_ROUNDS = 10_000;

export function isRepetition(text: string): boolean {
  return text.startsWith('~SEQ') || text.startsWith('~LST');
}

/** null: not written as such a line has to be. */
export function parseRepetition(text: string): Repetition | null {
  return text.startsWith('~SEQ') ? parseSequence(text) : parseList(text);
}

function parseSequence(text: string): Repetition | null {
  const number = '[ \\t]*([+-]?(?:0x[0-9a-fA-F]+|\\d+))[ \\t]*';
  const pattern = `^~SEQ(x?)[ \\t]*\\([ \\t]*([A-Za-z_]\\w*)[ \\t]*,${number}(?:,${number})?(?:,${number})?\\)[ \\t]*`;
  const match = new RegExp(pattern).exec(text);
  if (match === null) return null;
  const [whole, x, name = '', one, two, three] = match;
  const range = sequenceRange(toNumber(one), toNumber(two), toNumber(three));
  if (range === null) return null;
  const { start, step, end } = range;
  const count = Math.floor((end - start) / step) + 1;
  if (count > MAX_ROUNDS || (x === 'x' && (start < 0 || end < 0))) return null;
  const rounds = Array.from({ length: count }, (_, index) => {
    const value = start + index * step;
    return [{ name, value: value.toString(x === 'x' ? 16 : 10) }];
  });
  return { rounds, textAt: whole.length };
}

/** strtol with base 0: a leading 0 means octal. */
function toNumber(text: string | undefined): number | null {
  if (text === undefined) return null;
  const digits = text.replace(/^[+-]/, '');
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return text.startsWith('-') ? -value : value;
}

function sequenceRange(
  one: number | null,
  two: number | null,
  three: number | null,
): { readonly start: number; readonly step: number; readonly end: number } | null {
  if (one === null) return null;
  if (two === null) return { start: one < 0 ? -1 : 1, step: one < 1 ? -1 : 1, end: one };
  if (three === null) return { start: one, step: one <= two ? 1 : -1, end: two };
  const wrongWay = two === 0 || (one < three && two < 0) || (one > three && two > 0);
  return wrongWay ? null : { start: one, step: two, end: three };
}

function parseList(text: string): Repetition | null {
  const open = /^~LST[ \t]*\(/.exec(text);
  if (open === null) return null;
  const groups = parseGroups(text, open[0].length);
  const [names, ...values] = groups?.groups ?? [];
  if (groups === null || names === undefined || values.length === 0 || values.length > MAX_ROUNDS) return null;
  if (names.some((name) => !/^[A-Za-z_]\w*$/.test(name)) || values.some((set) => set.length > names.length))
    return null;
  // Values that are missing are empty.
  const rounds = values.map((set) => names.map((name, index) => ({ name, value: set[index] ?? '' })));
  return { rounds, textAt: groups.end };
}

/** `a, {b, c}, d)`: what stands between the commas, up to the closing bracket. */
function parseGroups(text: string, from: number): { readonly groups: string[][]; readonly end: number } | null {
  const groups: string[][] = [];
  const group = /[ \t]*(?:\{([^{}()]*)\}|([^,{}()]*))[ \t]*([,)])/y;
  group.lastIndex = from;
  for (let match = group.exec(text); match !== null; match = group.exec(text)) {
    const [, braced, single = '', end] = match;
    groups.push(braced === undefined ? [single.trim()] : braced.split(',').map((word) => word.trim()));
    if (end !== ')') continue;
    const blanks = /^[ \t]*/.exec(text.slice(group.lastIndex))?.[0].length ?? 0;
    return { groups, end: group.lastIndex + blanks };
  }
  return null;
}
