/**
 * How many bytes HAProxy's log (%B) and counters say a message had: not those on the wire, but those of its internal
 * representation (HTX), which people's dashboards and scripts have been summing up.
 *
 *   20 (start line's own) + its three parts | names and values, without separators | 1 (end of headers) | body data
 */
import { afterBlanks, trimmedEnd } from '../../http1/blanks.ts';
import { ascii, equalsIgnoringCase, offsetOf } from '../../http1/byte-match.ts';
import { HEADER_CONNECTION, type Head } from '../../http1/head.ts';

const START_LINE_BYTES = 20;
const END_OF_HEADERS_BYTES = 1;
/** The two spaces of a start line. */
const SPACES = 2;
const COMMA = 0x2c;
const CLOSE = ascii('close');
const KEEP_ALIVE = ascii('keep-alive');

/** What ends a body of chunks is a block of its own. */
export const END_OF_CHUNKS_BYTES = 1;

/** Of a head as it was received; what it says of its connection is no part of the message. */
export function headSize(head: Head, bytes: Uint8Array): number {
  let size = START_LINE_BYTES + END_OF_HEADERS_BYTES + head.lineEnd - head.start - SPACES;
  for (let i = 0; i < head.headerCount; i++) {
    size += (head.nameEnd[i] as number) - (head.nameStart[i] as number);
    size += (head.valueEnd[i] as number) - (head.valueStart[i] as number);
  }
  return head.closeToken || head.keepAliveToken ? size - connectionSize(head, bytes) : size;
}

/** `: ` and the line end of a header, as almost everybody writes it. */
const SEPARATOR_BYTES = 4;
/** The line ends of the start line and of the head. */
const LINE_ENDS_BYTES = 4;
const OWN_BYTES = START_LINE_BYTES + END_OF_HEADERS_BYTES - SPACES - LINE_ENDS_BYTES;

/** The same without looking at the headers: they have one blank each. */
export function usualHeadSize(head: Head, bytes: Uint8Array): number {
  const size = head.end - head.start + OWN_BYTES - SEPARATOR_BYTES * head.headerCount;
  return head.closeToken || head.keepAliveToken ? size - connectionSize(head, bytes) : size;
}

/** What `close` and `keep-alive` in Connection fields add to the size; a field with nothing else does not count at all. */
function connectionSize(head: Head, bytes: Uint8Array): number {
  let size = 0;
  for (let i = 0; i < head.headerCount; i++) {
    if (head.id[i] !== HEADER_CONNECTION) continue;
    const end = head.valueEnd[i] as number;
    const whole = end - (head.valueStart[i] as number);
    let kept = 0;
    for (let at = head.valueStart[i] as number; at < end; ) {
      const tokenEnd = offsetOf(bytes, COMMA, at, end);
      const from = afterBlanks(bytes, at, tokenEnd);
      const to = trimmedEnd(bytes, from, tokenEnd);
      const isOurs = equalsIgnoringCase(bytes, from, to, CLOSE) || equalsIgnoringCase(bytes, from, to, KEEP_ALIVE);
      if (to > from && !isOurs) kept += to - from + (kept > 0 ? 1 : 0);
      at = tokenEnd + 1;
    }
    size += whole - kept;
    if (kept === 0) size += (head.nameEnd[i] as number) - (head.nameStart[i] as number);
  }
  return size;
}

/** Of a whole response of our own, from its text. */
export function responseSize(head: string, bodyBytes: number): number {
  const [start = '', ...fields] = head.split('\r\n').filter((line) => line !== '');
  const names = fields.reduce((sum, field) => {
    const colon = field.indexOf(':');
    return sum + colon + field.slice(colon + 1).trim().length;
  }, 0);
  return START_LINE_BYTES + END_OF_HEADERS_BYTES + start.length - SPACES + names + bodyBytes;
}
