/**
 * Reads an HTTP answer as it arrives, for the requests that undici cannot say: status line, headers as far as they frame
 * the body, and at most 16 KiB of all of it. Strict where HAProxy is: an answer that is not HTTP/1 is invalid.
 */
import type { Answer } from './expect.ts';

const MAX_BYTES = 16_384;
const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?\r?\n/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n]*?)[ \t]*$/;

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly bodyAt: number;
  /** null: until the connection ends. */
  readonly bodyBytes: number | null;
  readonly chunked: boolean;
}

export type Reading = Answer | 'more' | 'invalid';

export class HttpAnswerReader {
  readonly #noBody: boolean;
  #text = '';
  #head: Head | null = null;

  /** `method`: an answer to HEAD has no body. */
  constructor(method: string) {
    this.#noBody = method === 'HEAD';
  }

  push(chunk: Buffer): Reading {
    if (this.#text.length < MAX_BYTES) this.#text += chunk.toString('latin1', 0, MAX_BYTES - this.#text.length);
    return this.#read(this.#text.length >= MAX_BYTES);
  }

  /** The server has closed. */
  end(): Reading {
    return this.#read(true);
  }

  #read(last: boolean): Reading {
    this.#head ??= parseHead(this.#text, this.#noBody);
    const head = this.#head;
    if (head === null) return last || !couldBecomeHttp(this.#text) ? 'invalid' : 'more';
    const rest = this.#text.slice(head.bodyAt);
    const { status, reason } = head;
    if (head.chunked) return { status, reason, ...unchunk(rest, last) };
    const body = head.bodyBytes === null ? rest : rest.slice(0, head.bodyBytes);
    return { status, reason, body, complete: last || (head.bodyBytes !== null && body.length >= head.bodyBytes) };
  }
}

function couldBecomeHttp(text: string): boolean {
  return 'HTTP/1.'.startsWith(text.slice(0, 7)) && /^[^\n]*\n?[^\n]*/.test(text) && !brokenStatusLine(text);
}

function brokenStatusLine(text: string): boolean {
  return text.includes('\n') && !STATUS_LINE.test(text);
}

function parseHead(text: string, noBody: boolean): Head | null {
  const end = /\r?\n\r?\n/.exec(text);
  const start = STATUS_LINE.exec(text);
  if (end === null || start === null) return null;
  const status = Number(start[1]);
  const reason = start[2] ?? '';
  const bodyAt = end.index + end[0].length;
  let bodyBytes: number | null = noBody || status < 200 || status === 204 || status === 304 ? 0 : null;
  let chunked = false;
  for (const line of text.slice(start[0].length, end.index).split(/\r?\n/)) {
    const header = HEADER.exec(line);
    const name = header?.[1]?.toLowerCase();
    const value = header?.[2] ?? '';
    if (bodyBytes === 0) break;
    if (name === 'content-length' && /^\d+$/.test(value)) bodyBytes = Number(value);
    if (name === 'transfer-encoding') chunked = /(^|,)\s*chunked$/i.test(value);
  }
  return { status, reason, bodyAt, bodyBytes: chunked ? null : bodyBytes, chunked };
}

function unchunk(text: string, last: boolean): { readonly body: string; readonly complete: boolean } {
  let body = '';
  let at = 0;
  for (;;) {
    const size = /^([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n/.exec(text.slice(at));
    if (size?.[1] === undefined) return { body, complete: last };
    const bytes = Number.parseInt(size[1], 16);
    if (bytes === 0) return { body, complete: true };
    at += size[0].length;
    body += text.slice(at, at + bytes);
    at += bytes + 2;
    if (at > text.length) return { body, complete: last };
  }
}
