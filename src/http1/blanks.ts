/** Blanks (OWS, RFC 9110 5.6.3: spaces and tabs) around the parts of a value, and where such a part ends. */

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/** The first byte of bytes[start, end) that is no blank, or `end`. */
export function afterBlanks(bytes: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && (bytes[i] === SPACE || bytes[i] === TAB)) i++;
  return i;
}

/** End of bytes[start, end) without trailing blanks. */
export function trimmedEnd(bytes: Uint8Array, start: number, end: number): number {
  let i = end;
  while (i > start && (bytes[i - 1] === SPACE || bytes[i - 1] === TAB)) i--;
  return i;
}

/** Offset of the first comma, or `other`, that is not in quotes; or `end`. As haproxy reads values and cookies. */
export function valueEnd(bytes: Uint8Array, start: number, end: number, other: number = COMMA): number {
  let quoted = false;
  for (let i = start; i < end; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) quoted = !quoted;
    else if (quoted && byte === BACKSLASH) i++;
    else if (!quoted && (byte === COMMA || byte === other)) return i;
  }
  return end;
}
