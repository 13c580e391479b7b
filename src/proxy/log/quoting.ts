/**
 * Texts of strangers in a log line, with the flags of a log format: `{+Q}` quotes, `{+E}` escapes, and what would end the
 * field, the line or a terminal's patience as `#XX`.
 *
 * Each writes at `at`, not beyond `stop`, and returns where it ended; `~end`: there is no room for more, the line ends there.
 */
import { writeBytes } from './digits.ts';

export const FLAG_QUOTE = 1;
export const FLAG_HEX = 2;
export const FLAG_ESCAPE = 4;
/** What is not there is a `-`. */
export const FLAG_MANDATORY = 8;
/** Of `unique-id-format`: its samples are made fit for a header, and are empty if they are not there. */
export const FLAG_HEADER = 16;

const QUOTE = 0x22;
const HASH = 0x23;
const PERCENT = 0x25;
const DASH = 0x2d;
const BACKSLASH = 0x5c;
const BRACKET_CLOSE = 0x5d;
const HEX = Buffer.from('0123456789ABCDEF');

/** Bytes that must not be in a URI, and those that divide captured headers as well. */
export const ENCODE_URI = encodeMap('"#');
export const ENCODE_CAPTURE = encodeMap('"#{|}');
const ENCODE_HEADER = headerMap();
const ENCODE_NOTHING = new Uint8Array(256);

function encodeMap(letters: string): Uint8Array {
  const map = new Uint8Array(256);
  for (let byte = 0; byte < 256; byte++) if (byte < 32 || byte >= 127) map[byte] = 1;
  for (const letter of letters) map[letter.charCodeAt(0)] = 1;
  return map;
}

function headerMap(): Uint8Array {
  const map = new Uint8Array(256);
  for (let byte = 0; byte < 32; byte++) if (byte !== 9) map[byte] = 1;
  map[127] = 1;
  return map;
}

/** A name, an address, an ID: as it is, between quotes if that is asked for. */
export function writeText(
  into: Uint8Array,
  at: number,
  stop: number,
  bytes: Uint8Array,
  start: number,
  length: number,
  flags: number,
): number {
  if (at >= stop) return ~at;
  const quotes = (flags & FLAG_QUOTE) !== 0;
  let end = at;
  if (quotes) into[end++] = QUOTE;
  if (length === 0) {
    if (!quotes && (flags & FLAG_MANDATORY) !== 0) into[end++] = DASH;
  } else if ((flags & FLAG_ESCAPE) !== 0) {
    end = encode(into, end, stop, bytes, start, start + length, ENCODE_NOTHING, HASH, true);
  } else if (start === 0 && length === bytes.length && end + length <= stop) end = writeBytes(into, end, bytes);
  else {
    const copied = Math.min(length, stop - end);
    for (let i = 0; i < copied; i++) into[end + i] = bytes[start + i] as number;
    end += copied;
  }
  if (!quotes) return end;
  if (end >= stop) return ~at;
  into[end] = QUOTE;
  return end + 1;
}

/** RFC 5424 6.3.3. */
function isEscaped(byte: number): boolean {
  return byte === QUOTE || byte === BACKSLASH || byte === BRACKET_CLOSE;
}

/** What a client or server said: bytes of `map` as `#XX`. */
export function writeEncoded(
  into: Uint8Array,
  at: number,
  stop: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  map: Uint8Array,
  flags: number,
): number {
  return encode(into, at, stop, bytes, start, end, map, HASH, (flags & FLAG_ESCAPE) !== 0);
}

/** For the value of a header. */
export function writeHeaderSafe(
  into: Uint8Array,
  at: number,
  stop: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  flags: number,
): number {
  return encode(into, at, stop, bytes, start, end, ENCODE_HEADER, PERCENT, (flags & FLAG_ESCAPE) !== 0);
}

function encode(
  into: Uint8Array,
  at: number,
  stop: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  map: Uint8Array,
  mark: number,
  escapes: boolean,
): number {
  let place = at;
  for (let i = start; i < end && place < stop; i++) {
    const byte = bytes[i] as number;
    if (map[byte] === 1) {
      if (place + 3 >= stop) break;
      into[place] = mark;
      into[place + 1] = HEX[byte >> 4] as number;
      into[place + 2] = HEX[byte & 15] as number;
      place += 3;
      continue;
    }
    if (escapes && isEscaped(byte)) {
      if (place + 2 >= stop) break;
      into[place++] = BACKSLASH;
    }
    into[place++] = byte;
  }
  return place;
}

/** One byte, if there is room. */
export function writeByte(into: Uint8Array, at: number, stop: number, byte: number): number {
  if (at >= stop) return ~at;
  into[at] = byte;
  return at + 1;
}

/** `length` bytes as hexadecimal digits. */
export function writeHexBytes(into: Uint8Array, at: number, bytes: Uint8Array, start: number, length: number): number {
  let end = at;
  for (let i = start; i < start + length; i++) {
    const byte = bytes[i] as number;
    into[end] = HEX[byte >> 4] as number;
    into[end + 1] = HEX[byte & 15] as number;
    end += 2;
  }
  return end;
}

/** A number below 2^53 as at least `digits` hexadecimal digits. */
export function writeHexNumber(into: Uint8Array, at: number, value: number, digits: number): number {
  let count = digits;
  for (let rest = value / 16 ** digits; rest >= 1; rest /= 16) count++;
  let rest = value;
  for (let i = at + count - 1; i >= at; i--) {
    into[i] = HEX[rest % 16] as number;
    rest = Math.floor(rest / 16);
  }
  return at + count;
}
