/**
 * Chunk extensions (RFC 9112 7.1.1), byte by byte. They are taken out of what goes on, but a line that is not of this shape
 * is refused: it may end somewhere else for another recipient.
 *
 *   *( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] ) CRLF
 *
 * Not here: the chunk around it (src/http1/chunked.ts), which has the states below 16.
 */

export const EXT_BLANK = 16; // blanks before ';'
export const EXT_NAME_FIRST = 17; // blanks, then the first byte of a name
const EXT_NAME = 18;
const EXT_NAME_BLANK = 19; // blanks before '=' or ';'
const EXT_VALUE_FIRST = 20;
const EXT_VALUE = 21;
const EXT_QUOTED = 22;
const EXT_ESCAPE = 23;
const EXT_QUOTED_END = 24;
/** The CR of the line was the last byte. */
export const EXT_END = 25;
export const EXT_BROKEN = 26;

const TAB = 9;
const CR = 13;
const SPACE = 32;
const QUOTE = 34;
const SEMICOLON = 59;
const EQUALS = 61;
const BACKSLASH = 92;
const DELETE = 127;

/** The state after one more byte; `isToken`: it is a tchar. */
export function extensionState(state: number, byte: number, isToken: boolean): number {
  const isBlank = byte === SPACE || byte === TAB;
  switch (state) {
    case EXT_BLANK:
      if (isBlank) return EXT_BLANK;
      return byte === SEMICOLON ? EXT_NAME_FIRST : EXT_BROKEN;
    case EXT_NAME_FIRST:
      if (isBlank) return EXT_NAME_FIRST;
      return isToken ? EXT_NAME : EXT_BROKEN;
    case EXT_NAME:
      if (isToken) return EXT_NAME;
      if (byte === EQUALS) return EXT_VALUE_FIRST;
      return isBlank ? EXT_NAME_BLANK : afterExtension(byte);
    case EXT_NAME_BLANK:
      if (isBlank) return EXT_NAME_BLANK;
      if (byte === EQUALS) return EXT_VALUE_FIRST;
      return byte === SEMICOLON ? EXT_NAME_FIRST : EXT_BROKEN;
    case EXT_VALUE_FIRST:
      if (isBlank) return EXT_VALUE_FIRST;
      if (byte === QUOTE) return EXT_QUOTED;
      return isToken ? EXT_VALUE : EXT_BROKEN;
    case EXT_VALUE:
      if (isToken) return EXT_VALUE;
      return isBlank ? EXT_BLANK : afterExtension(byte);
    case EXT_QUOTED:
      if (byte === QUOTE) return EXT_QUOTED_END;
      if (byte === BACKSLASH) return EXT_ESCAPE;
      return isText(byte) ? EXT_QUOTED : EXT_BROKEN;
    case EXT_ESCAPE:
      return isText(byte) ? EXT_QUOTED : EXT_BROKEN;
    case EXT_QUOTED_END:
      return isBlank ? EXT_BLANK : afterExtension(byte);
    default:
      return EXT_BROKEN;
  }
}

function afterExtension(byte: number): number {
  if (byte === CR) return EXT_END;
  return byte === SEMICOLON ? EXT_NAME_FIRST : EXT_BROKEN;
}

function isText(byte: number): boolean {
  return (byte >= SPACE && byte !== DELETE) || byte === TAB;
}
