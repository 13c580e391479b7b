/**
 * `json(input)`: a text as the inside of a JSON string. What the input is said to be decides what becomes of bytes that are no
 * UTF-8: `utf8` refuses them, `utf8s` leaves them out, `p` in the name forgives overlong forms, `ascii` takes each byte.
 */
import { SAMPLE_TEXT, type SampleValue } from './value.ts';

const BACKSLASH = 92;
const HEX = Buffer.from('0123456789abcdef');
/** Second characters of escapes. */
const ESCAPES = new Uint8Array(128);
for (const [byte, letter] of [
  [34, '"'],
  [92, '\\'],
  [47, '/'],
  [8, 'b'],
  [12, 'f'],
  [13, 'r'],
  [10, 'n'],
  [9, 't'],
] as const) {
  ESCAPES[byte] = letter.charCodeAt(0);
}

const OVERLONG = 1;
const OUT_OF_RANGE = 2;
const BAD = 4;

/** The character that was read, what is wrong with it, and its length. */
class Character {
  code = 0;
  faults = 0;
  length = 0;

  byte(byte: number): void {
    this.code = byte;
    this.faults = 0;
    this.length = 1;
  }

  /** As HAProxy reads it: up to six bytes. */
  utf8(bytes: Uint8Array, at: number, end: number): void {
    const first = bytes[at] as number;
    this.code = first;
    this.length = 1;
    this.faults = first < 0x80 ? 0 : BAD;
    if (first < 0xc0 || first >= 0xfe) return;
    const more = Math.clz32(~(first << 24)) - 1;
    if (end - at < more + 1) return;
    let code = first & (0x3f >> more);
    for (let i = 1; i <= more; i++) {
      const byte = bytes[at + i] as number;
      this.code = code;
      this.length = i;
      if ((byte & 0xc0) !== 0x80) return;
      code = (code << 6) | (byte & 0x3f);
    }
    this.code = code;
    this.length = more + 1;
    this.faults = this.#isOverlong() ? OVERLONG : 0;
    if ((code >= 0xd800 && code <= 0xdfff) || (code >= 0xfffe && code <= 0xffff)) this.faults |= OUT_OF_RANGE;
  }

  #isOverlong(): boolean {
    const { code, length } = this;
    if (code <= 0x7f) return length > 1;
    if (code <= 0x7ff) return length > 2;
    return code <= 0xffff ? length > 3 : length > 4;
  }
}

const character = new Character();

export function jsonEscape(value: SampleValue, input: string): boolean {
  const isUtf8 = input.startsWith('utf8');
  const refused = input.includes('p') ? OUT_OF_RANGE | BAD : OUT_OF_RANGE | BAD | OVERLONG;
  const skips = input.endsWith('s');
  const { bytes, end } = value;
  const into = value.other();
  let to = 0;
  for (let at = value.start; at < end; at += character.length) {
    if (isUtf8) character.utf8(bytes, at, end);
    else character.byte(bytes[at] as number);
    const { code } = character;
    if (isUtf8 && ((character.faults & refused) !== 0 || code > 0xffff)) {
      if (skips) continue;
      return false;
    }
    if (to + 6 > into.length) return false;
    to = writeCharacter(into, to, code);
  }
  return value.setRange(SAMPLE_TEXT, into, 0, to);
}

function writeCharacter(into: Buffer, at: number, code: number): number {
  const letter = code < 128 ? (ESCAPES[code] as number) : 0;
  if (letter !== 0) {
    into[at] = BACKSLASH;
    into[at + 1] = letter;
    return at + 2;
  }
  if (code >= 0x20 && code < 0x7f) {
    into[at] = code;
    return at + 1;
  }
  into[at] = BACKSLASH;
  into[at + 1] = 0x75;
  for (let i = 0; i < 4; i++) into[at + 2 + i] = HEX[(code >> (12 - 4 * i)) & 15] as number;
  return at + 6;
}
