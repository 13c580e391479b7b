/**
 * Parts of the request line that a log format may ask for. The line is the client's own words, cut off where its memory ends;
 * what cannot be found in it is `<BADREQ>`.
 */
import type { LogRecord } from './record.ts';

const SPACE = 0x20;
const TAB = 0x09;
const QUESTION = 0x3f;
const SLASH = 0x2f;
const COLON = 0x3a;
const ASTERISK = 0x2a;

const BAD_REQUEST = Buffer.from('<BADREQ>');
const HTTP_0_9 = Buffer.from('HTTP/0.9');

/** The range that was asked for last. One thread writes one line at a time. */
export class RequestRange {
  bytes: Uint8Array = BAD_REQUEST;
  start = 0;
  end = 0;

  set(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.start = start;
    this.end = end;
  }

  bad(): void {
    this.set(BAD_REQUEST, 0, BAD_REQUEST.length);
  }
}

export function findLine(record: LogRecord, range: RequestRange): void {
  if (record.requestLength === 0) range.bad();
  else range.set(record.request, record.requestOffset, record.requestOffset + record.requestLength);
}

export function findMethod(record: LogRecord, range: RequestRange): void {
  findLine(record, range);
  const space = blankAt(range.bytes, range.start, range.end);
  if (space === range.end) range.bad();
  else range.end = space;
}

/** %HU. */
export function findUri(record: LogRecord, range: RequestRange): void {
  findLine(record, range);
  const space = blankAt(range.bytes, range.start, range.end);
  if (space === range.end) {
    range.bad();
    return;
  }
  const start = afterBlanks(range.bytes, space, range.end);
  range.set(range.bytes, start, blankAt(range.bytes, start, range.end));
}

/** %HP: the URI without its query. */
export function findPath(record: LogRecord, range: RequestRange): void {
  findUri(record, range);
  cutQuery(range);
}

/** %HPO: and without scheme and authority (RFC 3986 3). */
export function findPathOnly(record: LogRecord, range: RequestRange): void {
  findUri(record, range);
  const { bytes, end } = range;
  if (bytes === BAD_REQUEST) return;
  const first = bytes[range.start];
  if (first !== SLASH && first !== ASTERISK) {
    let at = range.start;
    while (at < end && bytes[at] !== COLON && bytes[at] !== SLASH) at++;
    // `scheme://authority/path`; anything else, an authority say, has no path.
    const isUri = bytes[at] === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH && at + 2 < end;
    at = isUri ? at + 3 : end;
    while (at < end && bytes[at] !== SLASH) at++;
    range.start = at;
  } else if (first === ASTERISK) range.start = end;
  cutQuery(range);
}

/** %HQ: the query with its question mark. */
export function findQuery(record: LogRecord, range: RequestRange): void {
  findLine(record, range);
  if (range.bytes === BAD_REQUEST) return;
  let at = range.start;
  while (at < range.end && range.bytes[at] !== QUESTION) at++;
  range.set(range.bytes, at, blankAt(range.bytes, at, range.end));
}

export function findVersion(record: LogRecord, range: RequestRange): void {
  findUri(record, range);
  if (range.bytes === BAD_REQUEST) return;
  const end = record.requestOffset + record.requestLength;
  const start = afterBlanks(range.bytes, range.end, end);
  if (start === end) range.set(HTTP_0_9, 0, HTTP_0_9.length);
  else range.set(range.bytes, start, end);
}

function cutQuery(range: RequestRange): void {
  let at = range.start;
  while (at < range.end && range.bytes[at] !== QUESTION) at++;
  range.end = at;
}

function blankAt(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== SPACE && bytes[at] !== TAB) at++;
  return at;
}

function afterBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (bytes[at] === SPACE || bytes[at] === TAB)) at++;
  return at;
}
