/**
 * Comparing ranges of bytes with ASCII text, without making a string of them. Of the case only letters have one: `_`, which
 * many field names have, is no other case of anything, nor are `^` and `~`, though one bit is all that is between them.
 *
 * Not here: byte classes (src/http1/char-class.ts).
 */

const LETTER_A = 97;
const LETTER_Z = 122;

/** The bytes of an ASCII name, for module-local constants. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether `text` stands at bytes[start], to the bit; the caller knows that there is so much. */
export function startsWith(bytes: Uint8Array, start: number, text: Uint8Array): boolean {
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text[i]) return false;
  return true;
}

/** Offset of the first `byte` in bytes[start, end), or `end`. (`indexOf` would look through all memory behind a slab.) */
export function offsetOf(bytes: Uint8Array, byte: number, start: number, end: number): number {
  let i = start;
  while (i < end && bytes[i] !== byte) i++;
  return i;
}

/** Whether bytes[start, end) is `lowerCase`, letters in either case. */
export function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, lowerCase: Uint8Array): boolean {
  const length = lowerCase.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) {
    if (!sameLetter(bytes[start + i] as number, lowerCase[i] as number)) return false;
  }
  return true;
}

/** Whether two ranges of the same bytes are equal, letters in either case. */
export function rangesEqualIgnoringCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  otherStart: number,
  otherEnd: number,
): boolean {
  if (end - start !== otherEnd - otherStart) return false;
  for (let i = start, j = otherStart; i < end; i++, j++) {
    if (!sameLetter(bytes[i] as number, bytes[j] as number)) return false;
  }
  return true;
}

/** `byte | 0x20` is the lower case of a letter, and of nothing else. */
function sameLetter(a: number, b: number): boolean {
  if (a === b) return true;
  const lower = a | 0x20;
  return lower === (b | 0x20) && lower >= LETTER_A && lower <= LETTER_Z;
}
