/** Converters between codings: hexadecimal, base64, percent, JSON. */
import { hexDigit } from './address.ts';
import type { SampleArguments } from './arguments.ts';
import type { Converter, RunConverter } from './converters.ts';
import { jsonEscape } from './json-text.ts';
import { SAMPLE_BINARY, SAMPLE_TEXT, type SampleValue } from './value.ts';

const HEX = Buffer.from('0123456789ABCDEF');
const PERCENT = 37;
const PLUS = 43;
const QUESTION = 63;
const SPACE = 32;
const PAD = 61;

function ofText(make: (args: SampleArguments) => RunConverter): Converter {
  return { takes: SAMPLE_TEXT, make };
}

function ofBinary(make: (args: SampleArguments) => RunConverter): Converter {
  return { takes: SAMPLE_BINARY, make };
}

/** Letters, digits and `-._~` stay as they are (RFC 3986 2.3). */
const UNRESERVED = new Uint8Array(256);
for (const byte of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')) {
  UNRESERVED[byte] = 1;
}

function writeHex(into: Buffer, at: number, byte: number): number {
  into[at] = HEX[byte >> 4] as number;
  into[at + 1] = HEX[byte & 15] as number;
  return at + 2;
}

function hex(value: SampleValue): boolean {
  const { bytes, start, end } = value;
  const into = value.other();
  let to = 0;
  for (let at = start; at < end && to <= into.length - 2; at++) to = writeHex(into, to, bytes[at] as number);
  return value.setRange(SAMPLE_TEXT, into, 0, to);
}

/** Numbers of `size` bytes each, the highest byte first, as text with a separator. */
function chunks(
  args: SampleArguments,
  write: (value: SampleValue, at: number, size: number, into: Buffer, to: number) => number,
): RunConverter {
  const separator = args.bytes(0);
  const truncates = args.number(2) !== 0;
  const written = args.number(1);
  return (value) => {
    const { start, end } = value;
    const size = separator.length === 0 && !truncates && written <= 0 ? Math.max(1, end - start) : written;
    const last = truncates ? end - size + 1 : end;
    const into = value.other();
    let to = 0;
    for (let at = start; at < last && to < into.length - 2 * size - separator.length; at += size) {
      if (at > start) to += separator.copy(into, to);
      to = write(value, at, Math.min(size, end - at), into, to);
    }
    return value.setRange(SAMPLE_TEXT, into, 0, to);
  };
}

function writeDecimal({ bytes }: SampleValue, at: number, size: number, into: Buffer, to: number): number {
  let number = 0n;
  for (let i = 0; i < size; i++) number = (number << 8n) | BigInt(bytes[at + i] as number);
  return to + into.write(number.toString(), to, 'latin1');
}

function writeHexChunk({ bytes }: SampleValue, at: number, size: number, into: Buffer, to: number): number {
  let end = to;
  for (let i = 0; i < size; i++) end = writeHex(into, end, bytes[at + i] as number);
  return end;
}

/** A string of Node's for what Node does best; these are not in the usual case. */
function decode64(value: SampleValue, isUrl: boolean): boolean {
  const { bytes, start, end } = value;
  const length = end - start;
  if (!isUrl && length % 4 !== 0) return false;
  let pad = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === PAD && !isUrl) pad++;
    else if (pad > 0 || !isDigit64(byte, isUrl)) return false;
  }
  if (pad > 2 || (isUrl && length % 4 === 1)) return false;
  const into = value.other();
  const written = into.write(bytes.toString('latin1', start, end), isUrl ? 'base64url' : 'base64');
  return value.setRange(SAMPLE_BINARY, into, 0, written);
}

function isDigit64(byte: number, isUrl: boolean): boolean {
  if ((byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)) return true;
  return isUrl ? byte === 45 || byte === 95 : byte === 43 || byte === 47;
}

function encode64(value: SampleValue, coding: 'base64' | 'base64url'): boolean {
  const text = value.bytes.toString(coding, value.start, value.end);
  const into = value.other();
  // HAProxy gives nothing rather than a part.
  if (text.length >= into.length) return false;
  return value.setRange(SAMPLE_TEXT, into, 0, into.write(text, 'latin1'));
}

function percentDecode(isForm: boolean): RunConverter {
  return (value) => {
    const { bytes, start, end } = value;
    const into = value.other();
    let form = isForm;
    let to = 0;
    for (let at = start; at < end; at++) {
      const byte = bytes[at] as number;
      // As C has it: a text ends at its first NUL.
      if (byte === 0) break;
      if (byte === PERCENT) {
        const high = at + 1 < end ? hexDigit(bytes[at + 1] as number) : -1;
        const low = at + 2 < end ? hexDigit(bytes[at + 2] as number) : -1;
        if (high < 0 || low < 0) return false;
        into[to++] = (high << 4) | low;
        at += 2;
        continue;
      }
      if (byte === QUESTION) form = true;
      into[to++] = byte === PLUS && form ? SPACE : byte;
    }
    return value.setRange(SAMPLE_TEXT, into, 0, to);
  };
}

function percentEncode(value: SampleValue): boolean {
  const { bytes, start, end } = value;
  const into = value.other();
  let to = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) break;
    if (to + 3 >= into.length) return false;
    if (UNRESERVED[byte] === 1) {
      into[to++] = byte;
      continue;
    }
    into[to] = PERCENT;
    to = writeHex(into, to + 1, byte);
  }
  return value.setRange(SAMPLE_TEXT, into, 0, to);
}

export const ENCODINGS: Readonly<Record<string, Converter>> = {
  hex: ofBinary(() => hex),
  be2dec: ofBinary((args) => chunks(args, writeDecimal)),
  be2hex: ofBinary((args) => chunks(args, writeHexChunk)),
  base64: ofBinary(() => (value) => encode64(value, 'base64')),
  ub64enc: ofBinary(() => (value) => encode64(value, 'base64url')),
  b64dec: ofText(() => (value) => decode64(value, false)),
  ub64dec: ofText(() => (value) => decode64(value, true)),
  url_dec: ofText((args) => percentDecode(args.number(0) !== 0)),
  url_enc: ofText(() => percentEncode),
  json: ofText((args) => {
    const input = args.text(0);
    return (value) => jsonEscape(value, input);
  }),
};
