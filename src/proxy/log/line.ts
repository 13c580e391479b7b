/**
 * The text of a log line, in HAProxy 2.6's four formats, from a record to bytes:
 *
 *   http     127.0.0.1:38080 [20/Nov/2026:10:51:32.392] web web/s1 0/0/0/2/2 200 51 - - --NI 1/1/0/0/0 0/0 "GET / HTTP/1.1"
 *   tcp      127.0.0.1:51468 [20/Nov/2026:10:51:32.433] tcp1 tcp1/t1 1/0/18 40 -- 2/1/0/0/0 0/0
 *   clf      127.0.0.1 - - [20/Nov/2026:10:51:32 +0000] "GET / HTTP/1.1" 200 51 "" "" 38080 392 "web" "web" "s1" 0 0 …
 *   default  Connect from 127.0.0.1:38080 to 127.0.0.1:8080 (web/HTTP)
 *
 * Each writes at `at` and returns where the line ends, at most `into.length`; no line end. What does not fit is cut off.
 * The request line is the client's word: bytes that could end the quotes, the line or a terminal's patience become `#XX`.
 *
 * Not here: the syslog header and the line's longest length (sink.ts).
 */
import { writeIpv4, writeIpv6 } from './address-text.ts';
import { writeTrafficDate, writeUniversalDate } from './date.ts';
import { writeBytes, writeNumber, writePadded } from './digits.ts';
import { FAMILY_INET4, FAMILY_INET6, type LogRecord } from './record.ts';

const SPACE = 0x20;
const QUOTE = 0x22;
const HASH = 0x23;
const PLUS = 0x2b;
const DASH = 0x2d;
const SLASH = 0x2f;
const COLON = 0x3a;
const BRACKET_OPEN = 0x5b;
const BRACKET_CLOSE = 0x5d;
const DELETE = 0x7f;

const UNIX = Buffer.from('unix');
const NO_COOKIES = Buffer.from(' - - ');
const BAD_REQUEST = Buffer.from('<BADREQ>');
const CONNECT_FROM = Buffer.from('Connect from ');
const CONNECT_TO_UNIX = Buffer.from('Connect to unix:');
const TO = Buffer.from(' to ');
const HTTP_END = Buffer.from('/HTTP)');
const TCP_END = Buffer.from('/TCP)');
const CLF_NOBODY = Buffer.from(' - - [');
const CLF_HEADERS = Buffer.from(' "" "" ');
const CLF_COOKIES = Buffer.from(' "" "" ');
const HEX = Buffer.from('0123456789ABCDEF');

export function writeHttpLine(record: LogRecord, into: Uint8Array, at: number): number {
  let end = writeStart(record, into, at, record.requestWallMs);
  end = writeTimer(into, end, record.requestMs);
  end = writeTimer(into, end, record.queueMs);
  end = writeTimer(into, end, record.connectMs);
  end = writeTimer(into, end, record.responseMs);
  end = writeNumber(into, end, record.activeMs);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.status);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.bytes);
  end = writeBytes(into, end, NO_COOKIES);
  into[end++] = record.cause;
  into[end++] = record.phase;
  into[end++] = record.requestCookie;
  into[end++] = record.responseCookie;
  end = writeCounters(record, into, end, SLASH);
  into[end++] = SPACE;
  end = writeRequest(record, into, end);
  return Math.min(end, into.length);
}

export function writeTcpLine(record: LogRecord, into: Uint8Array, at: number): number {
  let end = writeStart(record, into, at, record.acceptWallMs);
  end = writeTimer(into, end, record.queueMs);
  end = writeTimer(into, end, record.connectMs);
  end = writeNumber(into, end, record.totalMs);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.bytes);
  into[end++] = SPACE;
  into[end++] = record.cause;
  into[end++] = record.phase;
  end = writeCounters(record, into, end, SLASH);
  return Math.min(end, into.length);
}

export function writeClfLine(record: LogRecord, into: Uint8Array, at: number): number {
  let end = writeClientIp(record, into, at);
  end = writeBytes(into, end, CLF_NOBODY);
  end = writeUniversalDate(into, end, record.requestWallMs);
  into[end++] = BRACKET_CLOSE;
  into[end++] = SPACE;
  end = writeRequest(record, into, end);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.status);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.bytes);
  end = writeBytes(into, end, CLF_HEADERS);
  end = writeNumber(into, end, record.clientPort);
  into[end++] = SPACE;
  end = writePadded(into, end, record.acceptWallMs % 1000, 3);
  end = writeQuoted(into, end, record.frontend);
  end = writeQuoted(into, end, record.backend);
  end = writeQuoted(into, end, record.server);
  end = writeSpaced(into, end, record.requestMs);
  end = writeSpaced(into, end, record.queueMs);
  end = writeSpaced(into, end, record.connectMs);
  end = writeSpaced(into, end, record.responseMs);
  end = writeSpaced(into, end, record.activeMs);
  into[end++] = SPACE;
  into[end++] = record.cause;
  into[end++] = record.phase;
  into[end++] = record.requestCookie;
  into[end++] = record.responseCookie;
  end = writeCounters(record, into, end, SPACE);
  end = writeBytes(into, end, CLF_COOKIES);
  return Math.min(end, into.length);
}

export function writeDefaultLine(record: LogRecord, into: Uint8Array, at: number): number {
  let end: number;
  if (record.family === FAMILY_INET4 || record.family === FAMILY_INET6) {
    end = writeBytes(into, at, CONNECT_FROM);
    end = writeClientIp(record, into, end);
    into[end++] = COLON;
    end = writeNumber(into, end, record.clientPort);
    end = writeBytes(into, end, TO);
    end =
      record.family === FAMILY_INET4
        ? writeIpv4(into, end, record.destination, record.destinationOffset)
        : writeIpv6(into, end, record.destination, record.destinationOffset);
    into[end++] = COLON;
    end = writeNumber(into, end, record.destinationPort);
  } else {
    end = writeBytes(into, at, CONNECT_TO_UNIX);
    end = writeNumber(into, end, record.clientPort);
  }
  into[end++] = SPACE;
  into[end++] = 0x28; // (
  end = writeBytes(into, end, record.frontend);
  end = writeBytes(into, end, record.http ? HTTP_END : TCP_END);
  return Math.min(end, into.length);
}

/** Client, date, frontend, backend/server, each with a space after it. */
function writeStart(record: LogRecord, into: Uint8Array, at: number, wallMs: number): number {
  let end = writeClientIp(record, into, at);
  into[end++] = COLON;
  end = writeNumber(into, end, record.clientPort);
  into[end++] = SPACE;
  into[end++] = BRACKET_OPEN;
  end = writeTrafficDate(into, end, wallMs);
  into[end++] = BRACKET_CLOSE;
  into[end++] = SPACE;
  end = writeBytes(into, end, record.frontend);
  into[end++] = SPACE;
  end = writeBytes(into, end, record.backend);
  into[end++] = SLASH;
  end = writeBytes(into, end, record.server);
  into[end++] = SPACE;
  return end;
}

function writeClientIp(record: LogRecord, into: Uint8Array, at: number): number {
  switch (record.family) {
    case FAMILY_INET4:
      return writeIpv4(into, at, record.client, record.clientOffset);
    case FAMILY_INET6:
      return writeIpv6(into, at, record.client, record.clientOffset);
    default:
      return writeBytes(into, at, UNIX);
  }
}

function writeTimer(into: Uint8Array, at: number, ms: number): number {
  const end = writeNumber(into, at, ms);
  into[end] = SLASH;
  return end + 1;
}

function writeSpaced(into: Uint8Array, at: number, value: number): number {
  into[at] = SPACE;
  return writeNumber(into, at + 1, value);
}

function writeQuoted(into: Uint8Array, at: number, name: Uint8Array): number {
  into[at] = SPACE;
  into[at + 1] = QUOTE;
  const end = writeBytes(into, at + 2, name);
  into[end] = QUOTE;
  return end + 1;
}

/** Five connection counts and two queues; `between` parts them. */
function writeCounters(record: LogRecord, into: Uint8Array, at: number, between: number): number {
  let end = at;
  into[end++] = SPACE;
  end = writeNumber(into, end, record.activeConnections);
  into[end++] = between;
  end = writeNumber(into, end, record.frontendConnections);
  into[end++] = between;
  end = writeNumber(into, end, record.backendConnections);
  into[end++] = between;
  end = writeNumber(into, end, record.serverConnections);
  into[end++] = between;
  if (record.redispatched) into[end++] = PLUS;
  end = writeNumber(into, end, record.retries);
  into[end++] = SPACE;
  end = writeNumber(into, end, record.serverQueue);
  into[end++] = between;
  return writeNumber(into, end, record.backendQueue);
}

function writeRequest(record: LogRecord, into: Uint8Array, at: number): number {
  let end = at;
  into[end++] = QUOTE;
  if (record.requestLength === 0) {
    end = writeBytes(into, end, BAD_REQUEST);
  } else {
    const { request, requestOffset } = record;
    const stop = requestOffset + record.requestLength;
    for (let i = requestOffset; i < stop; i++) {
      const byte = request[i] ?? 0;
      if (byte < SPACE || byte >= DELETE || byte === QUOTE || byte === HASH) {
        into[end] = HASH;
        into[end + 1] = HEX[byte >> 4] ?? DASH;
        into[end + 2] = HEX[byte & 15] ?? DASH;
        end += 3;
      } else {
        into[end++] = byte;
      }
    }
  }
  into[end++] = QUOTE;
  return end;
}
