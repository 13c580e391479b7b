/**
 * Numbers and short texts as ASCII bytes, written by hand: each function writes at `at` and returns where it ended.
 * Writes past the end of `into` are dropped by the language; who needs the true end compares it with `into.length`.
 */

const ZERO = 0x30;
const MINUS = 0x2d;

/** A whole number, up to 2^53 either way. */
export function writeNumber(into: Uint8Array, at: number, value: number): number {
  if (value >= 0 && value < 10) {
    into[at] = ZERO + value;
    return at + 1;
  }
  if (value < 0) {
    into[at] = MINUS;
    return writeNumber(into, at + 1, -value);
  }
  if (value > 0x7fffffff) {
    const high = Math.floor(value / 1_000_000_000);
    const end = writeNumber(into, at, high);
    return writePadded(into, end, value - high * 1_000_000_000, 9);
  }
  let digits = 2;
  for (let limit = 100; limit <= value && digits < 10; limit *= 10) digits++;
  return writePadded(into, at, value, digits);
}

/** Exactly `digits` digits of a number below 2^31. */
export function writePadded(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0;
  for (let i = at + digits - 1; i >= at; i--) {
    const tenth = (rest / 10) | 0;
    into[i] = ZERO + rest - tenth * 10;
    rest = tenth;
  }
  return at + digits;
}

/** The first `length` bytes of a text; names are short, a loop beats a call to the runtime. */
export function writeBytes(into: Uint8Array, at: number, text: Uint8Array): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text[i] ?? 0;
  return at + text.length;
}
