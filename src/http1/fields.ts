/**
 * The field section of a head (RFC 9112 5): from the first field line to the blank line.
 *
 *   field-line = field-name ":" OWS field-value OWS CRLF
 *
 * One pass over the bytes. Lines end in CRLF and in nothing else, a name has no blank before its colon, a value holds no
 * control character but HTAB: each leniency here has been a smuggling hole somewhere.
 *
 * Not here: the start lines, and what only requests or only responses make of a field (request-head.ts, response-head.ts).
 */
import { afterBlanks, trimmedEnd } from './blanks.ts';
import { ascii, equalsIgnoringCase } from './byte-match.ts';
import { tokenTable } from './char-class.ts';
import { noteConnection } from './connection.ts';
import { fieldId } from './field-name.ts';
import { noteContentLength, noteTransferEncoding } from './framing.ts';
import {
  HEAD_ERR_FIELD,
  HEAD_ERR_FOLD,
  HEAD_ERR_TOO_MANY_HEADERS,
  HEAD_OK,
  HEAD_PARTIAL,
  HEADER_CONNECTION,
  HEADER_CONTENT_LENGTH,
  HEADER_COOKIE,
  HEADER_EXPECT,
  HEADER_HOST,
  HEADER_KEEP_ALIVE,
  HEADER_MAX_FORWARDS,
  HEADER_PROXY_CONNECTION,
  HEADER_SET_COOKIE,
  HEADER_TE,
  HEADER_TRANSFER_ENCODING,
  HEADER_UPGRADE,
  type Head,
} from './head.ts';
import { textEnd, viewOf } from './text-run.ts';

const TAB = 9;
const LF = 10;
const CR = 13;
const SPACE = 32;
const COLON = 58;
const TOKEN = tokenTable();
const TRAILERS = ascii('trailers');

/**
 * Scans field lines from `from` into the tables of `head`. With `repairs`, for responses, a line that begins with a blank
 * is joined to the one before it (RFC 9112 5.2), and blanks before a colon go (5.1), in place; without, these are errors.
 */
export function scanFields(
  head: Head,
  bytes: Uint8Array,
  from: number,
  end: number,
  maxHeaders: number,
  repairs: boolean,
): number {
  const { nameStart, nameEnd, valueStart, valueEnd, id, dropped } = head;
  const token = TOKEN;
  const view = viewOf(bytes);
  const lastFour = end - 4;
  let count = 0;
  let i = from;
  for (;;) {
    if (i >= end) return HEAD_PARTIAL;
    let byte = bytes[i] as number;
    if (token[byte] === 0) {
      if (byte === CR) {
        if (i + 1 >= end) return HEAD_PARTIAL;
        if (bytes[i + 1] !== LF) return head.fail(HEAD_ERR_FIELD, i + 1);
        nameStart[count] = i;
        head.end = i + 2;
        return HEAD_OK;
      }
      if (byte !== SPACE && byte !== TAB) return head.fail(HEAD_ERR_FIELD, i);
      if (!repairs || count === 0 || !foldable(id[count - 1] as number)) return head.fail(HEAD_ERR_FOLD, i);
      const lineEnd = textEnd(bytes, view, i, end);
      if (lineEnd >= end) return HEAD_PARTIAL;
      if (bytes[lineEnd] !== CR) return head.fail(HEAD_ERR_FIELD, lineEnd);
      if (lineEnd + 1 >= end) return HEAD_PARTIAL;
      if (bytes[lineEnd + 1] !== LF) return head.fail(HEAD_ERR_FIELD, lineEnd + 1);
      bytes[i - 2] = SPACE;
      bytes[i - 1] = SPACE;
      // A line of blanks changes nothing, and is not walked over again with each line that follows it.
      const last = trimmedEnd(bytes, i, lineEnd);
      if (last > i) {
        if (valueEnd[count - 1] === valueStart[count - 1]) valueStart[count - 1] = afterBlanks(bytes, i, last);
        valueEnd[count - 1] = last;
      }
      i = lineEnd + 2;
      continue;
    }
    if (count >= maxHeaders) return head.fail(HEAD_ERR_TOO_MANY_HEADERS, i);

    const name = i++;
    while (
      i <= lastFour &&
      ((token[bytes[i] as number] as number) &
        (token[bytes[i + 1] as number] as number) &
        (token[bytes[i + 2] as number] as number) &
        (token[bytes[i + 3] as number] as number)) !==
        0
    ) {
      i += 4;
    }
    for (;;) {
      if (i >= end) return HEAD_PARTIAL;
      byte = bytes[i] as number;
      if (token[byte] === 0) break;
      i++;
    }
    if (byte !== COLON) {
      const code = repairs ? closeGap(head, bytes, i, end) : head.fail(HEAD_ERR_FIELD, i);
      if (code !== HEAD_OK) return code;
    }
    const colon = i;

    do {
      if (++i >= end) return HEAD_PARTIAL;
      byte = bytes[i] as number;
    } while (byte === SPACE || byte === TAB);
    const value = i;
    i = textEnd(bytes, view, i, end);
    if (i >= end) return HEAD_PARTIAL;
    if (bytes[i] !== CR) return head.fail(HEAD_ERR_FIELD, i);
    if (i + 1 >= end) return HEAD_PARTIAL;
    if (bytes[i + 1] !== LF) return head.fail(HEAD_ERR_FIELD, i + 1);
    let last = i;
    while (last > value && (bytes[last - 1] === SPACE || bytes[last - 1] === TAB)) last--;
    i += 2;

    nameStart[count] = name;
    nameEnd[count] = colon;
    valueStart[count] = value;
    valueEnd[count] = last;
    dropped[count] = 0;
    const which = fieldId(bytes, view, name, colon);
    id[count] = which;
    if (which !== 0) {
      const code = noteField(head, bytes, which, count, value, last);
      if (code !== HEAD_PARTIAL) return code;
    }
    head.headerCount = ++count;
  }
}

/** `Name : value` becomes `Name:  value`, which is what a proxy has to make of it in a response (RFC 9112 5.1). */
function closeGap(head: Head, bytes: Uint8Array, gap: number, end: number): number {
  const colon = afterBlanks(bytes, gap, end);
  if (colon >= end) return HEAD_PARTIAL;
  if (colon === gap || bytes[colon] !== COLON) return head.fail(HEAD_ERR_FIELD, gap);
  bytes.fill(SPACE, gap, colon + 1);
  bytes[gap] = COLON;
  return HEAD_OK;
}

/** A fold in a field that we act upon is refused: we would have acted upon half of it. */
function foldable(id: number): boolean {
  switch (id) {
    case HEADER_CONTENT_LENGTH:
    case HEADER_TRANSFER_ENCODING:
    case HEADER_CONNECTION:
    case HEADER_UPGRADE:
    case HEADER_TE:
      return false;
    default:
      return true;
  }
}

/** What both directions make of a field. HEAD_PARTIAL to go on, else the error. */
function noteField(head: Head, bytes: Uint8Array, id: number, index: number, start: number, end: number): number {
  switch (id) {
    case HEADER_HOST:
      if (head.hostCount++ === 0) head.hostIndex = index;
      return HEAD_PARTIAL;
    case HEADER_CONTENT_LENGTH:
      return noteContentLength(head, bytes, index, start, end);
    case HEADER_TRANSFER_ENCODING:
      return noteTransferEncoding(head, bytes, index, start, end);
    case HEADER_CONNECTION:
      noteConnection(head, bytes, start, end);
      head.drop(index);
      return HEAD_PARTIAL;
    case HEADER_KEEP_ALIVE:
    case HEADER_PROXY_CONNECTION:
      head.drop(index);
      return HEAD_PARTIAL;
    case HEADER_TE:
      // Codings are for this hop; that trailers are welcome may travel on (RFC 9110 10.1.4).
      if (!equalsIgnoringCase(bytes, start, end, TRAILERS)) head.drop(index);
      return HEAD_PARTIAL;
    case HEADER_UPGRADE:
      head.hasUpgrade = true;
      return HEAD_PARTIAL;
    case HEADER_EXPECT:
      head.hasExpect = true;
      return HEAD_PARTIAL;
    case HEADER_MAX_FORWARDS:
      head.hasMaxForwards = true;
      return HEAD_PARTIAL;
    case HEADER_COOKIE:
      head.cookieCount++;
      return HEAD_PARTIAL;
    case HEADER_SET_COOKIE:
      head.setCookieCount++;
      return HEAD_PARTIAL;
    default:
      return HEAD_PARTIAL;
  }
}
