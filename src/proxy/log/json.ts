/**
 * A line as one JSON object by the schema of pino and pino-http, with HAProxy's figures:
 *
 *   {"level":30,"time":1795172138523,"pid":28628,"hostname":"lb1","responseTime":2,…,"res":{"statusCode":200,"bytes":84},
 *    "req":{"remoteAddress":"192.0.2.7","remotePort":51034,"method":"GET","url":"/","version":"HTTP/1.1"},"msg":"request completed"}
 *
 * It is JSON whatever the client says: only ASCII leaves, any other byte is the `\u00XX` of its number. It fits in the shortest
 * line that a target takes: figures come first, and what a stranger can make long is cut off at the end of the room.
 *
 * Not here: the text lines (line.ts, format.ts).
 */
import { writeIpv4, writeIpv6 } from './address-text.ts';
import { writeBytes, writeNumber } from './digits.ts';
import type { Note } from './notes.ts';
import { FAMILY_INET4, FAMILY_INET6, type LogRecord } from './record.ts';
import { findMethod, findUri, findVersion, RequestRange } from './request-line.ts';

/** pino's: error and info. */
const PINO_ERROR = 50;
const PINO_INFO = 30;
const LEVEL_ERROR = 3;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const ZERO = 0x30;
const BRACKET_CLOSE = 0x5d;
const HEX = Buffer.from('0123456789abcdef');

/** What is left for the ends of objects, the message and the names of members behind what may be long. */
const TAIL_BYTES = 220;
/** A name of a proxy or a server is not longer in a line. */
const NAME_MAX_BYTES = 64;

const text = (of: string): Uint8Array => Buffer.from(of, 'latin1');
const NULL = text('null');
const TRUE = text('true');
const FALSE = text('false');
const TIME = text(',"time":');
const LEVEL = text('{"level":');
const RESPONSE_TIME = text(',"responseTime":');
const TIMERS = ['request', 'queue', 'connect', 'response', 'total'].map((name, i) =>
  text(`${i === 0 ? ',"timers":{' : ','}"${name}":`),
);
const CONNECTIONS = ['process', 'frontend', 'backend', 'server'].map((name, i) =>
  text(`${i === 0 ? '},"connections":{' : ','}"${name}":`),
);
const QUEUES = ['server', 'backend'].map((name, i) => text(`${i === 0 ? '},"queue":{' : ','}"${name}":`));
const RETRIES = text('},"retries":');
const REDISPATCHED = text(',"redispatched":');
const TERMINATION = text(',"termination":');
const FRONTEND = text(',"frontend":');
const BACKEND = text(',"backend":');
const SERVER = text(',"server":');
const RESPONSE = text(',"res":{"statusCode":');
const BYTES = text(',"bytes":');
const RESPONSE_HEADERS = text(',"headers":[');
const REQUEST = text('},"req":{"remoteAddress":');
const REMOTE_PORT = text(',"remotePort":');
const ID = text(',"id":');
const METHOD = text(',"method":');
const VERSION = text(',"version":');
const REQUEST_HEADERS = text(',"headers":[');
const URL = text(',"url":');
const TOO_LONG = text(',"msg":"the line does not fit, see len"}');
const MESSAGES = {
  completed: text('},"msg":"request completed"}'),
  errored: text('},"msg":"request errored"}'),
  bad: text('},"msg":"bad request"}'),
  connection: text('},"msg":"connection closed"}'),
};

const range = new RequestRange();
const address = new Uint8Array(64);
const letters = new Uint8Array(4);
const UNIX = text('unix');

export class JsonLine {
  readonly #constant: Uint8Array;
  readonly #limit: number;

  /** `limit`: bytes of the shortest line. */
  constructor(hostname: string, pid: number, limit: number) {
    this.#constant = text(`,"pid":${pid},"hostname":${asciiJson(hostname)}`);
    this.#limit = limit;
  }

  /** `level`: the syslog level of the line. Returns where it ends. */
  write(record: LogRecord, level: number, wallMs: number, into: Uint8Array): number {
    const stop = Math.min(this.#limit, into.length) - TAIL_BYTES;
    let end = writeBytes(into, 0, LEVEL);
    end = writeNumber(into, end, level <= LEVEL_ERROR ? PINO_ERROR : PINO_INFO);
    end = member(into, end, TIME, Math.floor(wallMs));
    end = writeBytes(into, end, this.#constant);
    end = member(into, end, RESPONSE_TIME, record.activeMs);
    end = figures(record, into, end);
    letters[0] = record.cause;
    letters[1] = record.phase;
    letters[2] = record.requestCookie;
    letters[3] = record.responseCookie;
    end = string(into, end, stop, TERMINATION, letters, 0, record.http ? 4 : 2);
    end = name(into, end, stop, FRONTEND, record.frontend);
    end = name(into, end, stop, BACKEND, record.backend);
    end = name(into, end, stop, SERVER, record.server);
    end = member(into, end, RESPONSE, record.http ? record.status : -1);
    end = member(into, end, BYTES, record.bytes);
    if (record.notes !== null) end = list(into, end, stop, RESPONSE_HEADERS, record.notes.response, record.notes.bytes);
    end = client(record, into, end, stop);
    if (record.http && record.requestLength > 0) end = request(record, into, end, stop);
    end = writeBytes(into, end, messageOf(record, level));
    return end > this.#limit ? this.#tooLong(level, wallMs, into) : end;
  }

  /** The host's name alone may be too much. */
  #tooLong(level: number, wallMs: number, into: Uint8Array): number {
    let end = writeBytes(into, 0, LEVEL);
    end = writeNumber(into, end, level <= LEVEL_ERROR ? PINO_ERROR : PINO_INFO);
    end = member(into, end, TIME, Math.floor(wallMs));
    return writeBytes(into, end, TOO_LONG);
  }
}

function messageOf(record: LogRecord, level: number): Uint8Array {
  if (!record.http) return MESSAGES.connection;
  if (record.requestLength === 0) return MESSAGES.bad;
  return level <= LEVEL_ERROR ? MESSAGES.errored : MESSAGES.completed;
}

function figures(record: LogRecord, into: Uint8Array, at: number): number {
  let end = member(into, at, TIMERS[0] as Uint8Array, record.requestMs);
  end = member(into, end, TIMERS[1] as Uint8Array, record.queueMs);
  end = member(into, end, TIMERS[2] as Uint8Array, record.connectMs);
  end = member(into, end, TIMERS[3] as Uint8Array, record.responseMs);
  end = member(into, end, TIMERS[4] as Uint8Array, record.totalMs);
  end = member(into, end, CONNECTIONS[0] as Uint8Array, record.activeConnections);
  end = member(into, end, CONNECTIONS[1] as Uint8Array, record.frontendConnections);
  end = member(into, end, CONNECTIONS[2] as Uint8Array, record.backendConnections);
  end = member(into, end, CONNECTIONS[3] as Uint8Array, record.serverConnections);
  end = member(into, end, QUEUES[0] as Uint8Array, record.serverQueue);
  end = member(into, end, QUEUES[1] as Uint8Array, record.backendQueue);
  end = member(into, end, RETRIES, record.retries);
  end = writeBytes(into, end, REDISPATCHED);
  return writeBytes(into, end, record.redispatched ? TRUE : FALSE);
}

function client(record: LogRecord, into: Uint8Array, at: number, stop: number): number {
  const { family } = record;
  let length = UNIX.length;
  if (family === FAMILY_INET4) length = writeIpv4(address, 0, record.client, record.clientOffset);
  else if (family === FAMILY_INET6) length = writeIpv6(address, 0, record.client, record.clientOffset);
  const isInet = family === FAMILY_INET4 || family === FAMILY_INET6;
  const end = string(into, at, stop, REQUEST, isInet ? address : UNIX, 0, length);
  return member(into, end, REMOTE_PORT, isInet ? record.clientPort : -1);
}

function request(record: LogRecord, into: Uint8Array, at: number, stop: number): number {
  let end = at;
  findMethod(record, range);
  end = string(into, end, Math.min(stop, end + NAME_MAX_BYTES), METHOD, range.bytes, range.start, range.end);
  findVersion(record, range);
  end = string(into, end, Math.min(stop, end + NAME_MAX_BYTES), VERSION, range.bytes, range.start, range.end);
  const { notes } = record;
  if (notes !== null) {
    const { uniqueId } = notes;
    if (uniqueId.length > 0)
      end = string(into, end, stop, ID, notes.bytes, uniqueId.start, uniqueId.start + uniqueId.length);
    end = list(into, end, stop, REQUEST_HEADERS, notes.request, notes.bytes);
  }
  findUri(record, range);
  return string(into, end, stop, URL, range.bytes, range.start, range.end);
}

/** A number; what is below zero was not reached. */
function member(into: Uint8Array, at: number, key: Uint8Array, value: number): number {
  const end = writeBytes(into, at, key);
  return value < 0 ? writeBytes(into, end, NULL) : writeNumber(into, end, value);
}

function name(into: Uint8Array, at: number, stop: number, key: Uint8Array, bytes: Uint8Array): number {
  return string(into, at, stop, key, bytes, 0, Math.min(bytes.length, NAME_MAX_BYTES));
}

/** Its content does not go beyond `stop`; key and quotes are within what is kept free. */
function string(
  into: Uint8Array,
  at: number,
  stop: number,
  key: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  return writeString(into, writeBytes(into, at, key), stop, bytes, start, end);
}

function writeString(
  into: Uint8Array,
  at: number,
  stop: number,
  bytes: Uint8Array,
  start: number,
  end: number,
): number {
  let place = at;
  into[place++] = QUOTE;
  for (let i = start; i < end && place + 6 <= stop; i++) {
    const byte = bytes[i] as number;
    if (byte < 0x20 || byte >= 0x7f) {
      into[place] = BACKSLASH;
      into[place + 1] = LETTER_U;
      into[place + 2] = ZERO;
      into[place + 3] = ZERO;
      into[place + 4] = HEX[byte >> 4] as number;
      into[place + 5] = HEX[byte & 15] as number;
      place += 6;
      continue;
    }
    if (byte === QUOTE || byte === BACKSLASH) into[place++] = BACKSLASH;
    into[place++] = byte;
  }
  into[place] = QUOTE;
  return place + 1;
}

/** What was captured, in the order of the configuration; null: it was not there. */
function list(
  into: Uint8Array,
  at: number,
  stop: number,
  key: Uint8Array,
  notes: readonly Note[],
  bytes: Uint8Array,
): number {
  if (notes.length === 0) return at;
  let end = writeBytes(into, at, key);
  for (let i = 0; i < notes.length; i++) {
    const { start, length } = notes[i] as Note;
    if (end + 8 > stop) break;
    if (i > 0) into[end++] = COMMA;
    end = length < 0 ? writeBytes(into, end, NULL) : writeString(into, end, stop, bytes, start, start + length);
  }
  into[end] = BRACKET_CLOSE;
  return end + 1;
}

/** A JSON string of ASCII only. */
function asciiJson(value: string): string {
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
