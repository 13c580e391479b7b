/**
 * How many bytes HAProxy's log (%B) and counters say a message had: not those on the wire, but those of its internal
 * representation (HTX), which people's dashboards and scripts have been summing up.
 *
 *   20 (start line's own) + its three parts | names and values, without separators | 1 (end of headers) | body data
 */
import type { Head } from '../../http1/head.ts';

const START_LINE_BYTES = 20;
const END_OF_HEADERS_BYTES = 1;
/** The two spaces of a start line. */
const SPACES = 2;

/** Of a head as it was received. */
export function headSize(head: Head): number {
  let size = START_LINE_BYTES + END_OF_HEADERS_BYTES + head.lineEnd - head.start - SPACES;
  for (let i = 0; i < head.headerCount; i++) {
    size += (head.nameEnd[i] as number) - (head.nameStart[i] as number);
    size += (head.valueEnd[i] as number) - (head.valueStart[i] as number);
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
