/** Converters that take a piece of a text: nothing is copied. */

import { offsetOf } from '../../http1/byte-match.ts';
import { hexDigit } from './address.ts';
import type { SampleArguments } from './arguments.ts';
import type { Converter, RunConverter } from './converters.ts';
import { SAMPLE_BINARY, SAMPLE_TEXT, type SampleValue } from './value.ts';

const CR = 13;
const LF = 10;
const COLON = 58;
const OPEN = 91;
const CLOSE = 93;

function ofText(make: (args: SampleArguments) => RunConverter): Converter {
  return { takes: SAMPLE_TEXT, make };
}

/** Which bytes separate. */
function setOf(bytes: Buffer): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of bytes) set[byte] = 1;
  return set;
}

function limit(value: SampleValue, start: number, end: number): true {
  value.start = start;
  value.end = end;
  return true;
}

/** The n-th of what stands between separators, or `count` of them (0: all that follow). */
function field(index: number, separators: Uint8Array, count: number): RunConverter {
  return (value) => {
    const { bytes } = value;
    let left = count;
    let start = value.start;
    let number = 1;
    for (let at = value.start; at < value.end; at++) {
      if (separators[bytes[at] as number] === 0) continue;
      if (number !== index) {
        start = at + 1;
        number++;
      } else if (left === 1) return limit(value, start, at);
      else if (left > 1) left--;
    }
    return number === index && limit(value, start, value.end);
  };
}

/** The same, counted from the end. */
function fieldFromEnd(index: number, separators: Uint8Array, count: number): RunConverter {
  return (value) => {
    const { bytes } = value;
    let left = count;
    let end = value.end;
    let number = -1;
    for (let at = value.end; at > value.start; at--) {
      if (separators[bytes[at - 1] as number] === 0) continue;
      if (number !== index) {
        end = at - 1;
        number--;
      } else if (left === 1) return limit(value, at, end);
      else if (left > 1) left--;
    }
    return number === index && limit(value, value.start, end);
  };
}

/** The n-th run of bytes that are no separators; empty where there are not so many. */
function word(index: number, separators: Uint8Array, count: number): RunConverter {
  return (value) => {
    const { bytes } = value;
    let left = count;
    let start = value.start;
    let number = 0;
    let inWord = false;
    for (let at = value.start; at < value.end; at++) {
      const separates = separators[bytes[at] as number] === 1;
      if (!inWord && !separates) {
        if (number !== index) {
          number++;
          start = at;
        }
        inWord = true;
      } else if (inWord && separates) {
        if (number === index) {
          if (left === 1) return limit(value, start, at);
          if (left > 1) left--;
        }
        inWord = false;
      }
    }
    return number === index ? limit(value, start, value.end) : limit(value, value.start, value.start);
  };
}

function wordFromEnd(index: number, separators: Uint8Array, count: number): RunConverter {
  return (value) => {
    const { bytes } = value;
    let left = count;
    let end = value.end;
    let number = 0;
    let inWord = false;
    for (let at = value.end; at > value.start; at--) {
      const separates = separators[bytes[at - 1] as number] === 1;
      if (!inWord && !separates) {
        if (number !== index) {
          number--;
          end = at;
        }
        inWord = true;
      } else if (inWord && separates) {
        if (number === index) {
          if (left === 1) return limit(value, at, end);
          if (left > 1) left--;
        }
        inWord = false;
      }
    }
    return number === index ? limit(value, value.start, end) : limit(value, value.start, value.start);
  };
}

type MakePart = (index: number, separators: Uint8Array, count: number) => RunConverter;

function part(forwards: MakePart, backwards: MakePart): Converter {
  return ofText((args) => {
    const index = args.number(0);
    return (index < 0 ? backwards : forwards)(index, setOf(args.bytes(1)), args.number(2, 1));
  });
}

/** Where the host of `host:port` or `[v6]:port` ends. */
function hostEnd({ bytes, start, end }: SampleValue): number {
  if (bytes[start] === OPEN) {
    return Math.min(end, offsetOf(bytes, CLOSE, start, end) + 1);
  }
  return offsetOf(bytes, COLON, start, end);
}

function lower(value: SampleValue): true {
  value.own();
  const { bytes, end } = value;
  for (let at = value.start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= 65 && byte <= 90) bytes[at] = byte | 0x20;
  }
  return true;
}

function portOf(value: SampleValue): number {
  const from = hostEnd(value);
  if (value.bytes[from] !== COLON || from >= value.end) return 0;
  let port = 0;
  for (let at = from + 1; at < value.end; at++) {
    const digit = (value.bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return 0;
    port = port * 10 + digit;
    if (port > 65535) return 0;
  }
  return port;
}

/** Hexadecimal digits; nothing else may be there. */
function hexInteger(value: SampleValue): boolean {
  let number = 0;
  const { bytes, start, end } = value;
  for (let at = start; at < end; at++) {
    const digit = hexDigit(bytes[at] as number);
    if (digit < 0) return false;
    number = number * 16 + digit;
  }
  if (end - start <= 13) return value.setInteger(number);
  const text = bytes.toString('latin1', Math.max(start, end - 16), end);
  return value.setWide(BigInt.asIntN(64, BigInt(`0x${text}`)));
}

export const PIECES: Readonly<Record<string, Converter>> = {
  bytes: {
    takes: SAMPLE_BINARY,
    make: (args) => {
      const offset = args.number(0);
      const length = args.has(1) ? args.number(1) : Number.POSITIVE_INFINITY;
      return (value) => {
        if (value.end - value.start <= offset) return limit(value, value.start, value.start);
        const start = value.start + offset;
        return limit(value, start, Math.min(value.end, start + length));
      };
    },
  },
  length: ofText(() => (value) => value.setInteger(value.end - value.start)),
  field: part(field, fieldFromEnd),
  word: part(word, wordFromEnd),
  ltrim: ofText((args) => {
    const set = setOf(args.bytes(0));
    return (value) => {
      while (value.start < value.end && set[value.bytes[value.start] as number] === 1) value.start++;
      return true;
    };
  }),
  rtrim: ofText((args) => {
    const set = setOf(args.bytes(0));
    return (value) => {
      while (value.start < value.end && set[value.bytes[value.end - 1] as number] === 1) value.end--;
      return true;
    };
  }),
  cut_crlf: ofText(() => (value) => {
    let at = value.start;
    while (at < value.end && value.bytes[at] !== CR && value.bytes[at] !== LF) at++;
    return limit(value, value.start, at);
  }),
  // In lower case, too.
  host_only: ofText(() => (value) => limit(value, value.start, hostEnd(value)) && lower(value)),
  port_only: ofText(() => (value) => value.setInteger(portOf(value))),
  hex2i: ofText(() => hexInteger),
};
