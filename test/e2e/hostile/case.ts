/**
 * What a hostile case is: bytes, and what must be true of what a proxy makes of them. The cases themselves are tables in
 * test/e2e/hostile/cases; `npm run hostile` and test/e2e/hostile-cases.test.ts run the same ones.
 *
 *   forward   so many whole requests reach the server, each of which satisfies strict-http.ts, and are answered in order
 *   refuse    answered by the proxy (4xx or 5xx) and closed; the server sees not one byte of it
 *   cut       as `refuse`, or the head may have gone, but the server never sees a whole request and the connection ends
 *   either    the rules leave the choice: refused, cut, or repaired into so many whole requests
 *
 * `forward` is never "as it came": what leaves a proxy means one thing only, so a repaired message is a forwarded one.
 *
 * Not here: judging (judge.ts), sending (lane.ts).
 */
export type Expectation = 'forward' | 'refuse' | 'cut' | 'either';

/** Bytes of a client, in the order of sending. After `send` it waits for what `wait` says, and goes on. */
export interface Step {
  readonly send: string;
  /**
   *   turn     until the proxy has had a turn on what was sent (it has served somebody else from first to last byte)
   *   server   until the server has seen something of it
   *   answer   until one more answer is complete (a 1xx counts)
   */
  readonly wait?: 'turn' | 'server' | 'answer';
}

export interface RequestCase {
  /** Group letter, dash, slug: `F-lf-after-size`. */
  readonly id: string;
  readonly expect: Expectation;
  readonly steps: readonly Step[];
  /** One sentence: what goes wrong where this is read in another way. */
  readonly why: string;
  /** RFC and section. */
  readonly rfc: string;
  /** Whole requests that reach the server, as a number or [least, most]; 1 unless told. */
  readonly requests?: number | readonly [number, number];
  /** Body of the first request as the server decodes it. */
  readonly body?: string;
  /** Lower-case pieces that the first request's head must and must not have. */
  readonly has?: readonly string[];
  readonly lacks?: readonly string[];
  /** Lower-case pieces that what comes after that head must not have. */
  readonly trailerLacks?: readonly string[];
  /** Statuses that the proxy may refuse with; any from 400 unless told. */
  readonly status?: readonly number[];
  /** The client ends its side after the last byte. */
  readonly halfClose?: boolean;
  /** The connection may end without an answer. */
  readonly silent?: boolean;
  /** The proxy may answer in its own way instead, as long as the server sees nothing. */
  readonly local?: boolean;
  /** What the rules let pass as it is may do so: octets over 0x7f in a target, control characters in a value (RFC 9110 5.5). */
  readonly opaque?: boolean;
  /** The first answer of the server, instead of 200; `after`: 'head' has it sent before the body is there. */
  readonly answer?: { readonly raw: string; readonly after?: 'head' };
  /** What the client must and must not have got in the end, besides. */
  readonly clientHas?: readonly string[];
  readonly clientLacks?: readonly string[];
}

export interface ResponseStep {
  readonly send: string;
  /** `turn`: as for clients. `client`: until the client has a whole answer, and the proxy has had a turn. */
  readonly wait?: 'turn' | 'client';
}

/**
 * An answer of a server.
 *
 *   forward   the client gets one whole answer, which satisfies strict-http.ts
 *   bad       502, and nothing of the answer
 *   cut       the client can tell that it did not get all: an unfinished answer and the end, or 502
 *   either    502, cut, or repaired into one whole strict answer
 */
export interface ResponseCase {
  readonly id: string;
  readonly expect: 'forward' | 'bad' | 'cut' | 'either';
  readonly steps: readonly ResponseStep[];
  readonly why: string;
  readonly rfc: string;
  /** The request that it answers, with `{id}` in the target; a GET with HTTP/1.1 unless told. */
  readonly request?: string;
  readonly status?: number;
  readonly body?: string;
  readonly has?: readonly string[];
  /** Lower-case pieces that nothing which any client gets may contain. */
  readonly lacks?: readonly string[];
  /** Control characters in a value may pass. */
  readonly opaque?: boolean;
  /** The server leaves its side open, as one does that keeps connections. */
  readonly open?: boolean;
  /** It ends by a reset. */
  readonly resets?: boolean;
}

export const leastOf = (one: RequestCase): number =>
  typeof one.requests === 'object' ? one.requests[0] : (one.requests ?? 1);
export const mostOf = (one: RequestCase): number =>
  typeof one.requests === 'object' ? one.requests[1] : (one.requests ?? 1);

/** Whether the n-th answer is one to HEAD, which the server may never have seen. */
export const asksHead = (one: RequestCase, startLines: readonly string[], index: number): boolean =>
  (startLines[index] ?? (index === 0 ? one.steps[0]?.send : undefined))?.startsWith('HEAD ') === true;

export const HOST = 'a.example';
/** What must never be taken for a request of its own where it is somebody's body, or the rest of something refused. */
export const HIDDEN = `GET /hidden HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
/** The same with a byte length in hex, as a chunk would have it. */
export const HIDDEN_HEX = HIDDEN.length.toString(16);
export const HELLO = '5\r\nhello\r\n0\r\n\r\n';

export const line = (startLine: string): string => `${startLine}\r\nHost: ${HOST}\r\n\r\n`;
export const field = (text: string): string => `GET / HTTP/1.1\r\nHost: ${HOST}\r\n${text}\r\n\r\n`;
export const host = (text: string): string => `GET / HTTP/1.1\r\n${text}\r\n\r\n`;
export const post = (fields: string, body: string): string =>
  `POST /p HTTP/1.1\r\nHost: ${HOST}\r\n${fields}\r\n\r\n${body}`;
export const chunked = (body: string): string => post('Transfer-Encoding: chunked', body);

type More = Partial<Omit<RequestCase, 'id' | 'expect' | 'steps' | 'why'>>;
export type Row = readonly [slug: string, expect: Expectation, raw: string, why: string, more?: More];

/** The rows of a table as cases of `group`; `rfc` is for those that name none. */
export function requestCases(group: string, rfc: string, rows: readonly Row[]): RequestCase[] {
  return rows.map(([slug, expect, raw, why, more]) => {
    return { id: `${group}-${slug}`, expect, steps: [{ send: raw }], why, rfc, ...more };
  });
}
