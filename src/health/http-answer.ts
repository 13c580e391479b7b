/**
 * Reads an HTTP answer out of what has arrived: status line, headers, body as far as it is there. Strict where HAProxy is:
 * an answer that is not HTTP/1, or whose length nobody can tell, is invalid. Pure.
 *
 * An interim answer (1xx) gives status and headers, the one behind it the body, as for HAProxy's checks.
 */

export interface AnswerHeader {
  readonly name: string;
  readonly value: string;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly AnswerHeader[];
  /** What arrived so far; latin1, as bytes are matched. */
  readonly body: string;
  /** Nothing more will come. */
  readonly complete: boolean;
}

export type Reading = Answer | 'more' | 'invalid';

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: ([^\r\n]*))?\r?\n/;
const HEADER = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\r\n]*?)[ \t]*$/;

interface Head {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly AnswerHeader[];
  readonly bodyAt: number;
  /** null: until the connection ends. */
  readonly bodyBytes: number | null;
  readonly chunked: boolean;
}

export class HttpAnswerReader {
  readonly #noBody: boolean;
  #head: Head | null = null;
  #behind: HttpAnswerReader | null = null;

  /** `method`: an answer to HEAD has no body. */
  constructor(method: string) {
    this.#noBody = method === 'HEAD';
  }

  /** `text`: all that arrived, from the first byte on; `last`: there will be no more. */
  read(text: string, last: boolean): Reading {
    const first = this.#readOne(text, last);
    if (typeof first === 'string' || this.#head === null || !isInterim(first.status)) return first;
    // What it says counts, and the body of the one behind it.
    this.#behind ??= new HttpAnswerReader(this.#noBody ? 'HEAD' : '');
    const next = this.#behind.read(text.slice(this.#head.bodyAt), last);
    if (next === 'invalid') return next;
    if (next === 'more') return { ...first, complete: false };
    return { ...next, status: first.status, reason: first.reason, headers: first.headers };
  }

  #readOne(text: string, last: boolean): Reading {
    if (this.#head === null) {
      const head = parseHead(text, this.#noBody);
      if (head === 'more') return last || !couldBecomeHttp(text) ? 'invalid' : 'more';
      if (head === 'invalid') return 'invalid';
      this.#head = head;
    }
    const { status, reason, headers, bodyAt, bodyBytes, chunked } = this.#head;
    const rest = text.slice(bodyAt);
    if (chunked) {
      const body = unchunk(rest, last);
      return body === 'invalid' ? body : { status, reason, headers, ...body };
    }
    const body = bodyBytes === null ? rest : rest.slice(0, bodyBytes);
    const complete = last || (bodyBytes !== null && body.length >= bodyBytes);
    return { status, reason, headers, body, complete };
  }
}

function isInterim(status: number): boolean {
  return status < 200 && status !== 101;
}

function couldBecomeHttp(text: string): boolean {
  return 'HTTP/1.'.startsWith(text.slice(0, 7)) && (!text.includes('\n') || STATUS_LINE.test(text));
}

function parseHead(text: string, noBody: boolean): Head | 'more' | 'invalid' {
  const end = /\r?\n\r?\n/.exec(text);
  const start = STATUS_LINE.exec(text);
  if (end === null || start === null) return 'more';
  const headers: AnswerHeader[] = [];
  const fields = text.slice(start[0].length, Math.max(start[0].length, end.index));
  for (const line of unfold(fields).split(/\r?\n/)) {
    if (line === '') continue;
    const [, name, value = ''] = HEADER.exec(line) ?? [];
    if (name === undefined) return 'invalid';
    headers.push({ name, value });
  }
  const length = lengthIn(headers);
  if (length === 'invalid') return 'invalid';
  const status = Number(start[1]);
  const empty = noBody || status < 200 || status === 204 || status === 304;
  const codings = valuesOf(headers, 'transfer-encoding');
  const chunked = !empty && codings.some((value) => /(^|,)\s*chunked$/i.test(value));
  const bodyBytes = empty ? 0 : chunked ? null : length;
  return { status, reason: start[2] ?? '', headers, bodyAt: end.index + end[0].length, bodyBytes, chunked };
}

/** A line that begins with a blank goes on with the one before (RFC 9112 5.2). */
function unfold(fields: string): string {
  return fields.replace(/\r?\n[ \t]+/g, ' ');
}

function valuesOf(headers: readonly AnswerHeader[], name: string): string[] {
  return headers.filter((header) => header.name.toLowerCase() === name).map(({ value }) => value);
}

/** Lengths that contradict each other are how answers are smuggled: there is no right one. */
function lengthIn(headers: readonly AnswerHeader[]): number | null | 'invalid' {
  const values = valuesOf(headers, 'content-length').flatMap((value) => value.split(',').map((one) => one.trim()));
  const [first] = values;
  if (first === undefined) return null;
  if (values.some((value) => !/^\d{1,15}$/.test(value) || Number(value) !== Number(first))) return 'invalid';
  return Number(first);
}

function unchunk(text: string, last: boolean): { readonly body: string; readonly complete: boolean } | 'invalid' {
  let body = '';
  for (let at = 0; ; ) {
    const line = text.indexOf('\n', at);
    const size = /^([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?$/.exec(text.slice(at, line < 0 ? text.length : line));
    if (line < 0) return /^[0-9A-Fa-f]{0,8}(?:[ \t;\r]|$)/.test(text.slice(at)) ? { body, complete: last } : 'invalid';
    if (size?.[1] === undefined) return 'invalid';
    const bytes = Number.parseInt(size[1], 16);
    if (bytes === 0) return { body, complete: true };
    at = line + 1;
    body += text.slice(at, at + bytes);
    at += bytes;
    const gap = /^\r?\n/.exec(text.slice(at, at + 2));
    if (gap === null) return text.length - at < 2 ? { body, complete: last } : 'invalid';
    at += gap[0].length;
  }
}
