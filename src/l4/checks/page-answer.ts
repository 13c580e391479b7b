/**
 * Reads what a web server answers as keepalived does: the status, and everything behind the headers as it comes, chunks with
 * their sizes; that is what `genhash` makes its digest of. Of a text that is matched only the beginning is kept. Pure.
 *
 * Ends with the connection, or when Content-Length says so.
 */
import { createHash, type Hash } from 'node:crypto';
import type { CheckedUrl } from '../../config/l4-model.ts';
import { indexWithin } from '../../core/bounded-match.ts';
import { pcreExpression } from '../../core/pcre.ts';

/** A server that talks without end is not waited for. */
const MOST_HEAD_BYTES = 16_384;
const MOST_BODY_BYTES = 67_108_864;
/** Patterns are looked for in so much of a body. */
const MOST_MATCHED_BYTES = 1_048_576;

const END_OF_HEAD = '\r\n\r\n';
const STATUS = /^[^ \r]* (\d{3}) /;
const LENGTH = /\r\ncontent-length:[ \t]*(\d{1,15})[ \t]*\r\n/i;

/** `said`: the beginning of keepalived's line; null: it is as it should be. */
export interface PageVerdict {
  readonly said: string | null;
  readonly why: string;
}

export class PageAnswer {
  readonly #url: CheckedUrl;
  #head = Buffer.alloc(0);
  #hasHead = false;
  #status = 0;
  #lengthBytes: number | null = null;
  #bodyBytes = 0;
  readonly #hash: Hash | null;
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;

  constructor(url: CheckedUrl) {
    this.#url = url;
    this.#hash = url.digest === null ? null : createHash('md5');
  }

  /** True: nothing more is needed. */
  take(chunk: Buffer): boolean {
    if (this.#hasHead) this.#takeBody(chunk);
    else this.#takeHead(chunk);
    if (!this.#hasHead) return this.#head.length > MOST_HEAD_BYTES;
    return this.#bodyBytes > MOST_BODY_BYTES || (this.#lengthBytes !== null && this.#bodyBytes >= this.#lengthBytes);
  }

  verdict(): PageVerdict {
    const { statuses, digest } = this.#url;
    if (!this.#hasHead) {
      const why = this.#head.length === 0 ? 'it closed the connection without an answer' : 'its headers do not end';
      return { said: 'Read, no data received from', why };
    }
    if (!statuses.some(({ from, to }) => this.#status >= from && this.#status <= to)) {
      const expected = statuses.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
      const found = this.#status === 0 ? 'no status' : `status ${this.#status}`;
      return { said: 'HTTP status code error to', why: `${found}, expected ${expected}` };
    }
    if (this.#bodyBytes > MOST_BODY_BYTES)
      return { said: 'Read error with', why: `it answers with more than ${MOST_BODY_BYTES / 1024 / 1024} MiB` };
    const found = this.#hash?.digest('hex') ?? null;
    if (found !== digest) return { said: 'MD5 digest error to', why: `digest ${found}, expected ${digest}` };
    return this.#match();
  }

  #match(): PageVerdict {
    const why = `status ${this.#status}`;
    const { pattern } = this.#url;
    if (pattern === null) return { said: null, why };
    const { source, flags, mustMatch, fromByte, toByte } = pattern;
    const text = Buffer.concat(this.#kept).toString(flags.includes('u') ? 'utf8' : 'latin1');
    const expression = pcreExpression(source, `${flags}g`);
    expression.lastIndex = fromByte;
    const found = fromByte > text.length ? -1 : indexWithin(expression, text);
    if (found === null)
      return { said: 'Regex match failed', why: `to look for '${source}' in the body takes too long` };
    const matches = found >= 0 && (toByte === null || found <= toByte);
    if (matches === mustMatch) return { said: null, why };
    return { said: 'Regex match failed', why: `the body ${matches ? 'matches' : 'does not match'} '${source}'` };
  }

  #takeHead(chunk: Buffer): void {
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const text = this.#head.toString('latin1', 0, end + 2);
    this.#hasHead = true;
    this.#status = Number(STATUS.exec(text)?.[1] ?? 0);
    const length = LENGTH.exec(text)?.[1];
    this.#lengthBytes = length === undefined ? null : Number(length);
    this.#takeBody(this.#head.subarray(end + END_OF_HEAD.length));
    this.#head = Buffer.alloc(0);
  }

  /** What comes behind Content-Length is not of it. */
  #takeBody(chunk: Buffer): void {
    const leftBytes = (this.#lengthBytes ?? Number.POSITIVE_INFINITY) - this.#bodyBytes;
    const part = chunk.length > leftBytes ? chunk.subarray(0, leftBytes) : chunk;
    this.#bodyBytes += part.length;
    this.#hash?.update(part);
    if (this.#url.pattern === null || this.#keptBytes >= MOST_MATCHED_BYTES) return;
    this.#kept.push(part.subarray(0, MOST_MATCHED_BYTES - this.#keptBytes));
    this.#keptBytes += part.length;
  }
}
