/** Fields of requests and responses: `req.hdr(name,n)`, `res.hdr_cnt`, … */
import type { Head } from '../../http1/head.ts';
import { readIp4, readIp6 } from './address.ts';
import type { SampleArguments } from './arguments.ts';
import { copyRange } from './copy.ts';
import type { MakeFetch, RunFetch } from './fetches.ts';
import { FieldWalk } from './field-walk.ts';
import { readShort } from './integer.ts';
import type { SampleScope } from './scope.ts';
import { SAMPLE_BINARY, SAMPLE_TEXT, type SampleValue } from './value.ts';

const COLON = 58;
const COMMA = 44;
const SPACE = 32;
const CR = 13;
const LF = 10;
const MOST_OCCURRENCES = 10;

/** Whose fields: `hdr` is of the response where there is one. */
export type Side = 'request' | 'response' | 'either';

export function headOf(scope: SampleScope, side: Side): Head | null {
  if (side === 'request') return scope.requestHead;
  return side === 'response' ? scope.responseHead : (scope.responseHead ?? scope.requestHead);
}

export function bytesOf(scope: SampleScope, side: Side): Buffer {
  const isResponse = side === 'response' || (side === 'either' && scope.responseHead !== null);
  return isResponse ? scope.responseBytes : scope.requestBytes;
}

/**
 * One occurrence, counted from 1, or from the end where negative; without a number the last one, or one after the other for
 * who asks for all of them.
 */
function field(side: Side, whole: boolean): MakeFetch {
  return (args) => {
    if (!args.has(0)) return () => false;
    const walk = new FieldWalk(args.text(0), whole);
    const written = args.number(1);
    const starts = new Int32Array(MOST_OCCURRENCES);
    const ends = new Int32Array(MOST_OCCURRENCES);
    return (scope, value) => {
      const head = headOf(scope, side);
      if (head === null) return false;
      const bytes = bytesOf(scope, side);
      const occurrence = written === 0 && !value.iterates ? -1 : written;
      if (!value.continues) walk.rewind();
      value.more = occurrence === 0;
      if (occurrence < 0) {
        const found = history(walk, head, bytes, starts, ends);
        if (-occurrence > found) return false;
        const at = (found + occurrence) % MOST_OCCURRENCES;
        return value.setRange(SAMPLE_TEXT, bytes, starts[at] as number, ends[at] as number);
      }
      for (let left = occurrence; walk.next(head, bytes); left--) {
        if (left <= 1) return value.setRange(SAMPLE_TEXT, bytes, walk.start, walk.end);
      }
      value.more = false;
      return false;
    };
  };
}

/** The last ten; how many there are. */
function history(walk: FieldWalk, head: Head, bytes: Buffer, starts: Int32Array, ends: Int32Array): number {
  let found = 0;
  while (walk.next(head, bytes)) {
    starts[found % MOST_OCCURRENCES] = walk.start;
    ends[found % MOST_OCCURRENCES] = walk.end;
    found++;
  }
  return found;
}

function fieldCount(side: Side, whole: boolean): MakeFetch {
  return (args) => {
    const walk = new FieldWalk(args.text(0), whole);
    return (scope, value) => {
      const head = headOf(scope, side);
      if (head === null) return false;
      walk.rewind();
      let found = 0;
      while (walk.next(head, bytesOf(scope, side))) found++;
      return value.setInteger(found);
    };
  };
}

/** The number that a text begins with. */
export function asShort(make: MakeFetch): MakeFetch {
  return (args: SampleArguments) => {
    const run = make(args);
    return (scope, value) => run(scope, value) && value.setInteger(readShort(value.bytes, value.start, value.end));
  };
}

/** The first occurrence that is an address, `a.b.c.d`, `a.b.c.d:port` or IPv6; of a text without number the last one. */
function fieldAddress(side: Side): MakeFetch {
  return (args) => {
    const run = field(side, false)(args);
    return (scope, value) => {
      while (run(scope, value)) {
        if (asAddress(value)) return true;
        if (!value.more) return false;
        value.continues = true;
      }
      return false;
    };
  };
}

function asAddress(value: SampleValue): boolean {
  const { bytes, start, end } = value;
  const length = readIp4(value, bytes, start, end);
  if (length > 0 && (length === end - start || isPort(bytes, start + length, end))) return true;
  return readIp6(value, bytes, start, end);
}

function isPort(bytes: Uint8Array, colon: number, end: number): boolean {
  if (bytes[colon] !== COLON) return false;
  let port = 0;
  for (let i = colon + 1; i < end; i++) {
    const digit = (bytes[i] as number) - 48;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > 65535) return false;
  }
  return true;
}

function names(side: Side): MakeFetch {
  return (args) => {
    const delimiter = args.bytes(0)[0] ?? COMMA;
    return (scope, value) => {
      const head = headOf(scope, side);
      if (head === null) return false;
      const bytes = bytesOf(scope, side);
      const into = value.other();
      let end = 0;
      for (let i = 0; i < head.headerCount; i++) {
        if (end > 0) into[end++] = delimiter;
        end = writeName(head, bytes, i, into, end);
      }
      return value.setRange(SAMPLE_TEXT, into, 0, Math.min(end, into.length));
    };
  };
}

/** In lower case, as HAProxy keeps them. */
function writeName(head: Head, bytes: Buffer, i: number, into: Buffer, at: number): number {
  let end = at;
  for (let from = head.nameStart[i] as number; from < (head.nameEnd[i] as number); from++) {
    const byte = bytes[from] as number;
    into[end++] = byte >= 65 && byte <= 90 ? byte | 0x20 : byte;
  }
  return end;
}

/** All of them, `name: value`, with the empty line. */
function allFields(side: Side): RunFetch {
  return (scope, value) => {
    const head = headOf(scope, side);
    if (head === null) return false;
    const bytes = bytesOf(scope, side);
    const into = value.other();
    let end = 0;
    for (let i = 0; i < head.headerCount; i++) {
      const start = head.valueStart[i] as number;
      end = writeName(head, bytes, i, into, end);
      into[end++] = COLON;
      into[end++] = SPACE;
      end = copyRange(bytes, start, head.valueEnd[i] as number, into, end);
      into[end++] = CR;
      into[end++] = LF;
    }
    into[end++] = CR;
    into[end++] = LF;
    return value.setRange(SAMPLE_BINARY, into, 0, Math.min(end, into.length));
  };
}

function family(before: string, side: Side): Record<string, MakeFetch> {
  return {
    [`${before}.hdr`]: field(side, false),
    [`${before}.fhdr`]: field(side, true),
    [`${before}.hdr_cnt`]: fieldCount(side, false),
    [`${before}.fhdr_cnt`]: fieldCount(side, true),
    [`${before}.hdr_val`]: asShort(field(side, false)),
    [`${before}.hdr_ip`]: fieldAddress(side),
    [`${before}.hdr_names`]: names(side),
    [`${before}.hdrs`]: () => allFields(side),
  };
}

export const FIELD_FETCHES: Readonly<Record<string, MakeFetch>> = {
  ...family('req', 'request'),
  ...family('res', 'response'),
  hdr: field('either', false),
};
