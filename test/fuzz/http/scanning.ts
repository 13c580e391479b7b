/**
 * Our scanners on bytes that arrive in pieces, as a session feeds them: one buffer, which a scan that was incomplete may
 * have changed already, and always from the first byte again.
 */
import { rewriteHead } from '../../../src/http1/edit.ts';
import { HEAD_OK, HEAD_PARTIAL, type Head } from '../../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../../src/http1/response-head.ts';

const HEADROOM = 96;
const CANARY = 0xa5;
export const MAX_HEADERS = 101;

export interface HeadScan {
  readonly code: number;
  readonly minor: number;
  readonly length: number;
  readonly chunked: boolean;
  readonly upgrade: boolean;
  /** Bytes of the head, from the first one of the input. */
  readonly end: number;
  /** The start line and fields as they leave; empty if refused. */
  readonly sent: string;
  /** Something outside of the head and its headroom was touched, or an offset is nowhere. */
  readonly damage: string | null;
}

export type Scan = (bytes: Buffer, start: number, end: number) => { code: number; head: Head };

const requestHead = new RequestHead();
const responseHead = new ResponseHead();

export const scanRequest: Scan = (bytes, start, end) => {
  return { code: scanRequestHead(requestHead, bytes, start, end, MAX_HEADERS), head: requestHead };
};
export const scanResponse: Scan = (bytes, start, end) => {
  return { code: scanResponseHead(responseHead, bytes, start, end, MAX_HEADERS), head: responseHead };
};

/** `cuts`: how much has arrived at each scan, in order; after the last one all has. */
export function scanInPieces(scan: Scan, input: string, cuts: readonly number[]): HeadScan {
  const bytes = Buffer.alloc(HEADROOM + input.length + 32, CANARY);
  let arrived = 0;
  let code = HEAD_PARTIAL;
  let head: Head = requestHead;
  for (const cut of [...cuts, input.length]) {
    bytes.write(input.slice(arrived, cut), HEADROOM + arrived, 'latin1');
    arrived = cut;
    ({ code, head } = scan(bytes, HEADROOM, HEADROOM + arrived));
    if (code !== HEAD_PARTIAL) break;
  }
  const { minor, contentLength, chunked, upgrade } = head;
  const end = code === HEAD_OK ? head.end - HEADROOM : 0;
  let damage = code === HEAD_OK ? misplaced(head, HEADROOM, HEADROOM + arrived) : null;
  let sent = '';
  if (code === HEAD_OK && damage === null) {
    const insert = Buffer.from(upgrade ? 'Connection: upgrade\r\n' : '', 'latin1');
    const start = rewriteHead(head, bytes, insert, insert.length);
    sent = bytes.toString('latin1', start, head.end);
    if (start < HEADROOM - insert.length - 16) damage = 'more headroom than it may use';
    if (bytes.toString('latin1', head.end, HEADROOM + arrived) !== input.slice(end, arrived)) damage = 'a changed body';
  }
  const behind = bytes.subarray(HEADROOM + arrived);
  for (const byte of behind) if (byte !== CANARY) damage = 'bytes behind the input';
  return { code, minor, length: contentLength, chunked, upgrade, end, sent, damage };
}

/** Offsets in order and in range, or what is not. */
function misplaced(head: Head, start: number, end: number): string | null {
  const offsets = [head.start, head.lineEnd];
  for (let i = 0; i < head.headerCount; i++) {
    for (const table of [head.nameStart, head.nameEnd, head.valueStart, head.valueEnd]) offsets.push(table[i] ?? -1);
  }
  offsets.push(head.lineStart[head.headerCount] ?? -1, head.end);
  let last = start;
  for (const offset of offsets) {
    if (offset < last || offset > end) return `offsets out of order: ${offsets.join(' ')}`;
    last = offset;
  }
  return null;
}
