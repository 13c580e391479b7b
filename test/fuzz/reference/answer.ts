/** What a client gets of what a server said before it ended the connection; see reading.ts. */
import { readChunked } from './chunked.ts';
import type { Field } from './reading.ts';
import { readResponse } from './response.ts';

export type Answer =
  /** `cut`: the body ends too early, and the client must be able to see that. */
  | {
      readonly kind: 'whole' | 'cut';
      readonly startLine: string;
      readonly fields: readonly Field[];
      readonly body: string;
    }
  /** 502. */
  | { readonly kind: 'bad'; readonly why: string };

/** A server may say 1xx as often as it likes, but not for ever. */
export function readAnswer(bytes: string, isHead: boolean): Answer {
  let rest = bytes;
  for (;;) {
    const head = readResponse(rest);
    if (head.verdict === 'partial') return { kind: 'bad', why: 'no whole head' };
    if (head.verdict === 'refused') return { kind: 'bad', why: head.violations[0]?.rule ?? '' };
    const { startLine, fields, length, chunked, end } = head.meaning;
    const status = Number(startLine.slice(9, 12));
    const after = rest.slice(end);
    if (status === 101) return { kind: 'bad', why: 'RFC 9110 7.8: nobody asked to switch' };
    if (status < 200) {
      rest = after;
      continue;
    }
    if (isHead || status === 204 || status === 304) return { kind: 'whole', startLine, fields, body: '' };
    if (chunked) {
      const reading = readChunked(after);
      if (reading.verdict === 'accepted') return { kind: 'whole', startLine, fields, body: reading.data };
      return { kind: 'cut', startLine, fields, body: '' };
    }
    if (length < 0) return { kind: 'whole', startLine, fields, body: after };
    const body = after.slice(0, length);
    return { kind: body.length === length ? 'whole' : 'cut', startLine, fields, body };
  }
}
