/**
 * The parts of a log format: HAProxy 2.6's `%` variables (configuration.txt 8.2.4), each with its writer.
 *
 * A writer returns where it ended, `~end` if there was no room (quoting.ts); numbers and dates may say an end beyond `stop`
 * instead, and do not count then. Not here: what is the same in every line (format.ts).
 */
import type { LogPartPlan } from '../plan.ts';
import { writeIpv4, writeIpv6 } from './address-text.ts';
import { writeLocalDate, writeTrafficDate, writeUniversalDate } from './date.ts';
import { writeNumber, writePadded } from './digits.ts';
import type { Note, StreamNotes } from './notes.ts';
import {
  ENCODE_CAPTURE,
  ENCODE_URI,
  FLAG_HEX,
  FLAG_QUOTE,
  writeByte,
  writeEncoded,
  writeHexBytes,
  writeHexNumber,
  writeText,
} from './quoting.ts';
import { FAMILY_INET4, FAMILY_INET6, FAMILY_NONE, type LogRecord } from './record.ts';
import {
  findLine,
  findMethod,
  findPath,
  findPathOnly,
  findQuery,
  findUri,
  findVersion,
  RequestRange,
} from './request-line.ts';

export type PartWriter = (part: Part, record: LogRecord, into: Uint8Array, at: number, stop: number) => number;

export type SampleWriter = (plan: Extract<LogPartPlan, { kind: 'sample' }>) => PartWriter;

export interface Part {
  readonly write: PartWriter;
  readonly text: Uint8Array;
  readonly flags: number;
  readonly number: number;
  readonly isBlank: boolean;
  /** Its last byte is a blank that a following one is merged with. */
  readonly endsBlank: boolean;
  /** It may write nothing at all, so that the blanks around it become one. */
  readonly isOptional: boolean;
}

const QUOTE = 0x22;
const PLUS = 0x2b;
const DASH = 0x2d;
const SPACE = 0x20;
const BAR = 0x7c;
const BRACE_OPEN = 0x7b;
const BRACE_CLOSE = 0x7d;

const NOTHING = new Uint8Array(0);
const UNIX = Buffer.from('unix');
const addressText = new Uint8Array(64);
const portBytes = new Uint8Array(2);
const range = new RequestRange();

const number = (of: (record: LogRecord) => number): PartWriter => {
  return (_part, record, into, at) => writeNumber(into, at, of(record));
};

/** A number that `{+X}` writes as four hexadecimal digits, or more. */
const counter = (of: (record: LogRecord) => number): PartWriter => {
  return (part, record, into, at) =>
    (part.flags & FLAG_HEX) !== 0 ? writeHexNumber(into, at, of(record), 4) : writeNumber(into, at, of(record));
};

/** A figure that is not final if the line is written before the end. */
const soFar = (of: (record: LogRecord) => number): PartWriter => {
  return (_part, record, into, at) => {
    if (!record.early) return writeNumber(into, at, of(record));
    into[at] = PLUS;
    return writeNumber(into, at + 1, of(record));
  };
};

const request = (find: (record: LogRecord, range: RequestRange) => void): PartWriter => {
  return (part, record, into, at, stop) => {
    find(record, range);
    const quotes = (part.flags & FLAG_QUOTE) !== 0;
    let end = at;
    if (quotes) end = writeByte(into, end, stop, QUOTE);
    if (end < 0) return end;
    end = writeEncoded(into, end, stop, range.bytes, range.start, range.end, ENCODE_URI, part.flags);
    return quotes ? writeByte(into, end, stop, QUOTE) : end;
  };
};

const name = (of: (record: LogRecord) => Uint8Array): PartWriter => {
  return (part, record, into, at, stop) => {
    const bytes = of(record);
    return writeText(into, at, stop, bytes, 0, bytes.length, part.flags);
  };
};

const note = (of: (notes: StreamNotes) => Note): PartWriter => {
  return (part, { notes }, into, at, stop) => {
    if (notes === null) return writeText(into, at, stop, NOTHING, 0, 0, part.flags);
    const { start, length } = of(notes);
    return writeText(into, at, stop, notes.bytes, start, Math.max(0, length), part.flags);
  };
};

function writeAddress(
  part: Part,
  into: Uint8Array,
  at: number,
  stop: number,
  family: number,
  bytes: Uint8Array,
  offset: number,
): number {
  if (family === FAMILY_NONE) return writeText(into, at, stop, NOTHING, 0, 0, part.flags);
  const isInet = family === FAMILY_INET4 || family === FAMILY_INET6;
  if ((part.flags & FLAG_HEX) !== 0) {
    return isInet ? writeHexBytes(into, at, bytes, offset, family === FAMILY_INET4 ? 4 : 16) : ~at;
  }
  if (!isInet) return writeText(into, at, stop, UNIX, 0, UNIX.length, part.flags);
  const write = family === FAMILY_INET4 ? writeIpv4 : writeIpv6;
  if (at >= stop) return ~at;
  if ((part.flags & FLAG_QUOTE) === 0) return Math.min(write(into, at, bytes, offset), stop);
  return writeText(into, at, stop, addressText, 0, write(addressText, 0, bytes, offset), part.flags);
}

function writePort(part: Part, into: Uint8Array, at: number, stop: number, family: number, port: number): number {
  if (family === FAMILY_NONE) return writeText(into, at, stop, NOTHING, 0, 0, part.flags);
  if ((part.flags & FLAG_HEX) === 0) return writeNumber(into, at, port);
  portBytes[0] = port >> 8;
  portBytes[1] = port & 0xff;
  return writeHexBytes(into, at, portBytes, 0, 2);
}

/** A connection over a unix socket has the number of its listener, which has no hexadecimal form. */
function writeFrontPort(
  part: Part,
  record: LogRecord,
  into: Uint8Array,
  at: number,
  stop: number,
  port: number,
): number {
  const { family } = record;
  if (family === FAMILY_INET4 || family === FAMILY_INET6) return writePort(part, into, at, stop, family, port);
  return writeNumber(into, at, record.clientPort);
}

/** `{a|b}`. */
function writeBraces(part: Part, record: LogRecord, into: Uint8Array, at: number, stop: number, ofResponse: boolean) {
  const { notes } = record;
  if (notes === null) return at;
  const captured = ofResponse ? notes.response : notes.request;
  if (captured.length === 0) return at;
  const quotes = (part.flags & FLAG_QUOTE) !== 0;
  let end = at;
  if (quotes) end = writeByte(into, end, stop, QUOTE);
  for (let i = 0; i < captured.length && end >= 0; i++) {
    const { start, length } = captured[i] as Note;
    end = writeByte(into, end, stop, i === 0 ? BRACE_OPEN : BAR);
    if (end >= 0 && length > 0)
      end = writeEncoded(into, end, stop, notes.bytes, start, start + length, ENCODE_CAPTURE, part.flags);
  }
  if (end >= 0) end = writeByte(into, end, stop, BRACE_CLOSE);
  return quotes && end >= 0 ? writeByte(into, end, stop, QUOTE) : end;
}

/** `a b`, each between quotes if quotes are asked for. */
function writeList(part: Part, record: LogRecord, into: Uint8Array, at: number, stop: number, ofResponse: boolean) {
  const { notes } = record;
  if (notes === null) return at;
  const captured = ofResponse ? notes.response : notes.request;
  const quotes = (part.flags & FLAG_QUOTE) !== 0;
  let end = at;
  for (let i = 0; i < captured.length && end >= 0; i++) {
    const { start, length } = captured[i] as Note;
    if (i > 0) end = writeByte(into, end, stop, SPACE);
    if (quotes && end >= 0) end = writeByte(into, end, stop, QUOTE);
    if (end < 0) break;
    if (length >= 0)
      end = writeEncoded(into, end, stop, notes.bytes, start, start + length, ENCODE_CAPTURE, part.flags);
    else if (!quotes) end = writeByte(into, end, stop, DASH);
    if (quotes && end >= 0) end = writeByte(into, end, stop, QUOTE);
  }
  return end;
}

function writeState(record: LogRecord, into: Uint8Array, at: number, stop: number, letters: number): number {
  if (at + letters > stop) return at + letters;
  into[at] = record.cause;
  into[at + 1] = record.phase;
  if (letters === 2) return at + 2;
  into[at + 2] = record.requestCookie;
  into[at + 3] = record.responseCookie;
  return at + 4;
}

function milliseconds(part: Part, record: LogRecord, into: Uint8Array, at: number): number {
  const ms = record.acceptWallMs % 1000;
  return (part.flags & FLAG_HEX) !== 0 ? writeHexNumber(into, at, ms, 2) : writePadded(into, at, ms, 3);
}

function retries(_part: Part, record: LogRecord, into: Uint8Array, at: number): number {
  if (!record.redispatched) return writeNumber(into, at, record.retries);
  into[at] = PLUS;
  return writeNumber(into, at + 1, record.retries);
}

function processNumber(part: Part, _record: LogRecord, into: Uint8Array, at: number): number {
  return (part.flags & FLAG_HEX) !== 0 ? writeHexNumber(into, at, part.number, 4) : writeNumber(into, at, part.number);
}

const WRITERS: Readonly<Record<string, PartWriter>> = {
  B: soFar((record) => record.bytes),
  CC: note((notes) => notes.clientCookie),
  CS: note((notes) => notes.serverCookie),
  ID: note((notes) => notes.uniqueId),
  ST: number((record) => (record.http ? record.status : 0)),
  T: (_part, record, into, at) => writeUniversalDate(into, at, record.acceptWallMs),
  Ta: soFar((record) => record.activeMs),
  Tc: number((record) => record.connectMs),
  Td: number((record) => record.dataMs),
  Th: number((record) => record.handshakeMs),
  Ti: number((record) => record.idleMs),
  Tl: (_part, record, into, at) => writeLocalDate(into, at, record.acceptWallMs),
  Tq: number((record) => (record.requestMs < 0 ? -1 : record.handshakeMs + record.idleMs + record.requestMs)),
  TR: number((record) => record.requestMs),
  Tr: number((record) => record.responseMs),
  Ts: counter((record) => Math.floor(record.acceptWallMs / 1000)),
  Tt: soFar((record) => record.totalMs),
  Tu: soFar((record) => record.totalMs - record.idleMs),
  Tw: number((record) => record.queueMs),
  U: number((record) => record.bytesIn),
  ac: number((record) => record.activeConnections),
  b: name((record) => record.backend),
  bc: number((record) => record.backendConnections),
  bi: (part, { source }, into, at, stop) => writeAddress(part, into, at, stop, source.family, source.bytes, 0),
  bp: (part, { source }, into, at, stop) => writePort(part, into, at, stop, source.family, source.port),
  bq: number((record) => record.backendQueue),
  ci: (part, record, into, at, stop) =>
    writeAddress(part, into, at, stop, record.family, record.client, record.clientOffset),
  cp: (part, record, into, at, stop) => writeFrontPort(part, record, into, at, stop, record.clientPort),
  fc: number((record) => record.frontendConnections),
  fi: (part, record, into, at, stop) =>
    writeAddress(part, into, at, stop, record.family, record.destination, record.destinationOffset),
  fp: (part, record, into, at, stop) => writeFrontPort(part, record, into, at, stop, record.destinationPort),
  HM: request(findMethod),
  HP: request(findPath),
  HPO: request(findPathOnly),
  HQ: request(findQuery),
  HU: request(findUri),
  HV: request(findVersion),
  hr: (part, record, into, at, stop) => writeBraces(part, record, into, at, stop, false),
  hrl: (part, record, into, at, stop) => writeList(part, record, into, at, stop, false),
  hs: (part, record, into, at, stop) => writeBraces(part, record, into, at, stop, true),
  hsl: (part, record, into, at, stop) => writeList(part, record, into, at, stop, true),
  lc: counter((record) => record.lineNumber),
  ms: milliseconds,
  pid: processNumber,
  r: request(findLine),
  rc: retries,
  rt: counter((record) => record.requestNumber),
  s: name((record) => record.server),
  sc: number((record) => record.serverConnections),
  si: (part, { origin }, into, at, stop) => writeAddress(part, into, at, stop, origin.family, origin.bytes, 0),
  sp: (part, { origin }, into, at, stop) => writePort(part, into, at, stop, origin.family, origin.port),
  sq: number((record) => record.serverQueue),
  t: (_part, record, into, at) => writeTrafficDate(into, at, record.acceptWallMs),
  tr: (_part, record, into, at) => writeTrafficDate(into, at, record.requestWallMs),
  trg: (_part, record, into, at) => writeUniversalDate(into, at, record.requestWallMs),
  trl: (_part, record, into, at) => writeLocalDate(into, at, record.requestWallMs),
  ts: (_part, record, into, at, stop) => writeState(record, into, at, stop, 2),
  tsc: (_part, record, into, at, stop) => writeState(record, into, at, stop, 4),
};

/** What may write nothing. */
const OPTIONAL = new Set(['hr', 'hrl', 'hs', 'hsl']);

/** The part of a variable; the configuration has checked that there is one. */
export function findWriter(variable: string, flags: number): Part {
  const write = WRITERS[variable];
  if (write === undefined) throw new Error(`no log variable ${variable}`);
  return {
    write,
    text: NOTHING,
    flags: flags | 0,
    number: 0,
    isBlank: false,
    endsBlank: false,
    isOptional: OPTIONAL.has(variable),
  };
}

export const LOG_VARIABLE_NAMES: readonly string[] = [...Object.keys(WRITERS), 'f', 'ft', 'H', 'sslc', 'sslv'];
