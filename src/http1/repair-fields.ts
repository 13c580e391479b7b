/**
 * The field lines of a head that is being repaired, written as RFC 9112 wants them:
 *
 *   a name with bytes that are no token   the whole line goes (as in haproxy since 3.4)
 *   control characters in a value         a space each
 *   a folded line                         joined to the one before it
 *   LF alone                              CRLF
 *   Host once more, with the same value   once
 *   several `chunked` (responses)         one, if the option says so
 *
 * Nothing of this is done to a field that frames the message or says what becomes of the connection, nor to a name that
 * could be taken for one of these (`Content-Length :`): who reads it otherwise would see other messages.
 */
import { afterBlanks, trimmedEnd } from './blanks.ts';
import { ascii, equalsIgnoringCase, rangesEqualIgnoringCase } from './byte-match.ts';
import { tokenTable } from './char-class.ts';
import { memberEnd } from './connection.ts';
import { Line, type RepairedBytes } from './repaired-bytes.ts';

/** The head does not end yet. */
export const FIELDS_PARTIAL = -1;
/** Not to be repaired. */
export const FIELDS_REFUSED = -2;

const TAB = 9;
const SPACE = 32;
const COLON = 58;
const TOKEN = tokenTable();
const HOST = ascii('host');
const TRANSFER_ENCODING = ascii('transfer-encoding');
const CHUNKED = ascii('chunked');
const ONE_CHUNKED = ascii('Transfer-Encoding: chunked');

/** Letters of names that must not be mistaken. */
const DELICATE = [
  'contentlength',
  'transferencoding',
  'host',
  'connection',
  'proxyconnection',
  'keepalive',
  'upgrade',
  'te',
  'trailer',
  'expect',
].map(ascii);
const LONGEST = 17;
const letters = new Uint8Array(LONGEST);
const line = new Line();

/** What became of the line before: whether a folded one can be joined to it. */
const KEPT = 0;
const GONE = 1;

/** Writes the field lines from `from` and the blank line; returns the offset after it, or FIELDS_*. */
export function repairFields(
  out: RepairedBytes,
  bytes: Uint8Array,
  from: number,
  end: number,
  isResponse: boolean,
  mergesChunked: boolean,
): number {
  let before = GONE;
  let hostStart = -1;
  let hostEnd = -1;
  let hasChunked = false;
  for (let at = from; ; at = line.next) {
    if (!line.read(bytes, at, end)) return FIELDS_PARTIAL;
    if (line.start === line.end) {
      out.endLine();
      return line.next;
    }
    if (line.hasCr(bytes)) return FIELDS_REFUSED;
    const first = bytes[line.start];
    const colon = colonOf(bytes);
    const isDelicate = couldBeDelicate(bytes, line.start, colon);
    if (first === SPACE || first === TAB) {
      if (before !== KEPT || isDelicate) return FIELDS_REFUSED;
      out.reopenLine();
      out.put(SPACE);
      out.copyText(bytes, afterBlanks(bytes, line.start, line.end), line.end);
      out.endLine();
      continue;
    }
    if (colon <= line.start) return FIELDS_REFUSED;
    // In responses blanks before a colon are to be taken away (RFC 9112 5.1).
    const nameEnd = isResponse ? trimmedEnd(bytes, line.start, colon) : colon;
    before = GONE;
    if (!isToken(bytes, line.start, nameEnd)) {
      if (isDelicate) return FIELDS_REFUSED;
      continue;
    }
    const value = afterBlanks(bytes, colon + 1, line.end);
    const last = trimmedEnd(bytes, value, line.end);
    if (equalsIgnoringCase(bytes, line.start, nameEnd, HOST)) {
      if (hostStart >= 0 && rangesEqualIgnoringCase(bytes, hostStart, hostEnd, value, last)) continue;
      hostStart = value;
      hostEnd = last;
    }
    if (mergesChunked && equalsIgnoringCase(bytes, line.start, nameEnd, TRANSFER_ENCODING)) {
      if (isChunkedAlone(bytes, value, last)) {
        if (!hasChunked) {
          out.copy(ONE_CHUNKED, 0, ONE_CHUNKED.length);
          out.endLine();
        }
        hasChunked = true;
        continue;
      }
    }
    out.copy(bytes, line.start, nameEnd);
    out.put(COLON);
    if (isDelicate) out.copy(bytes, colon + 1, line.end);
    else {
      out.copyText(bytes, colon + 1, line.end);
      before = KEPT;
    }
    out.endLine();
  }
}

function colonOf(bytes: Uint8Array): number {
  for (let i = line.start; i < line.end; i++) if (bytes[i] === COLON) return i;
  return -1;
}

function isToken(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = start; i < end; i++) if (TOKEN[bytes[i] as number] === 0) return false;
  return true;
}

/** By its letters alone, whatever stands between them. */
function couldBeDelicate(bytes: Uint8Array, start: number, end: number): boolean {
  let length = 0;
  for (let i = start; i < end; i++) {
    const lower = (bytes[i] as number) | 0x20;
    if (lower < 0x61 || lower > 0x7a) continue;
    if (length === LONGEST) return false;
    letters[length++] = lower;
  }
  for (const name of DELICATE) if (equalsIgnoringCase(letters, 0, length, name)) return true;
  return false;
}

/** A list of `chunked` and nothing, but not of nothing alone. */
function isChunkedAlone(bytes: Uint8Array, start: number, end: number): boolean {
  let found = false;
  for (let i = start; i < end; i++) {
    const member = afterBlanks(bytes, i, end);
    i = memberEnd(bytes, member, end);
    const last = trimmedEnd(bytes, member, i);
    if (last === member) continue;
    if (!equalsIgnoringCase(bytes, member, last, CHUNKED)) return false;
    found = true;
  }
  return found;
}
