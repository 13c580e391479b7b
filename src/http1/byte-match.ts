/**
 * Comparing a range of bytes with a known lower-case ASCII name, without making a string of it.
 *
 * `byte | 0x20` maps exactly the upper-case letters onto the lower-case ones; the control characters that it would map
 * onto '-' and the digits never reach these functions, the scanners have refused them before.
 *
 * Not here: byte classes (src/http1/char-class.ts).
 */

/** The bytes of an ASCII name, for module-local constants. */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** Whether bytes[start, end) is `lowerCase`, letters in either case. */
export function equalsIgnoringCase(bytes: Uint8Array, start: number, end: number, lowerCase: Uint8Array): boolean {
  const length = lowerCase.length;
  if (end - start !== length) return false;
  for (let i = 0; i < length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== lowerCase[i]) return false;
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
    if (((bytes[i] as number) | 0x20) !== ((bytes[j] as number) | 0x20)) return false;
  }
  return true;
}
