/** Messages as text in, scans and rewritten heads as text out: what the tests of src/http1 share. */
import { rewriteHead } from '../../src/http1/edit.ts';
import { HEAD_OK, type Head } from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../src/http1/response-head.ts';

export const HEADROOM = 96;
const CANARY = 0xa5;

export interface Scanned<H extends Head> {
  readonly code: number;
  readonly head: H;
  readonly bytes: Buffer;
}

/** The text in a buffer of its own, with headroom before it and a canary byte everywhere around. */
export function placed(text: string): Buffer {
  const bytes = Buffer.alloc(HEADROOM + text.length + 32, CANARY);
  bytes.write(text, HEADROOM, 'latin1');
  return bytes;
}

export function scanRequest(text: string, maxHeaders = 101): Scanned<RequestHead> {
  const bytes = placed(text);
  const head = new RequestHead();
  const code = scanRequestHead(head, bytes, HEADROOM, HEADROOM + text.length, maxHeaders);
  return { code, head, bytes };
}

export function scanResponse(text: string, maxHeaders = 101): Scanned<ResponseHead> {
  const bytes = placed(text);
  const head = new ResponseHead();
  const code = scanResponseHead(head, bytes, HEADROOM, HEADROOM + text.length, maxHeaders);
  return { code, head, bytes };
}

/** What a rewrite makes of a scanned head; `insert` is whole lines. */
export function rewritten(scanned: Scanned<Head>, insert = ''): string {
  const { head, bytes } = scanned;
  const start = rewriteHead(head, bytes, Buffer.from(insert, 'latin1'), insert.length);
  if (start !== head.start) throw new Error('rewriteHead returned something else than head.start');
  return bytes.toString('latin1', start, head.end);
}

/** The head of a request as the server will see it, or the error's code. */
export function forwarded(text: string, insert = ''): string | number {
  const scanned = scanRequest(text);
  return scanned.code === HEAD_OK ? rewritten(scanned, insert) : scanned.code;
}

/** The head of a response as the client will see it, or the error's code. */
export function answered(text: string, insert = ''): string | number {
  const scanned = scanResponse(text);
  return scanned.code === HEAD_OK ? rewritten(scanned, insert) : scanned.code;
}

export function slice(scanned: Scanned<Head>, start: number, end: number): string {
  return scanned.bytes.toString('latin1', start, end);
}

/** `name: value` of each line that is not dropped. */
export function keptLines({ head, bytes }: Scanned<Head>): string[] {
  const lines: string[] = [];
  for (let i = 0; i < head.headerCount; i++) {
    if (head.dropped[i] === 1) continue;
    const name = bytes.toString('latin1', head.nameStart[i], head.nameEnd[i]);
    lines.push(`${name}: ${bytes.toString('latin1', head.valueStart[i], head.valueEnd[i])}`);
  }
  return lines;
}

/** A small generator of pseudo-random numbers with a seed (Numerical Recipes' LCG). */
export class Lcg {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 to limit - 1. */
  below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  }
}
