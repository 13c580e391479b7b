/**
 * The answers that the proxy gives itself: HAProxy's pages, or the files of `errorfile`. Each is a whole response, kept
 * in memory that the kernel can send from.
 */
import type { NameCases } from '../http1/name-cases.ts';
import { allocate } from '../sys/memory.ts';
import type { Slab } from '../sys/slabs.ts';
import { responseSize } from './log/htx-size.ts';

interface Page {
  readonly reason: string;
  readonly text: string;
}

/** HAProxy's own pages (http_err_msgs in its source), and four more in the same words. */
const PAGES: Readonly<Record<number, Page>> = {
  400: { reason: 'Bad request', text: 'Your browser sent an invalid request.' },
  403: { reason: 'Forbidden', text: 'Request forbidden by administrative rules.' },
  405: {
    reason: 'Method Not Allowed',
    text: 'A request was made of a resource using a request method not supported by that resource',
  },
  408: { reason: 'Request Time-out', text: "Your browser didn't send a complete request in time." },
  413: { reason: 'Payload Too Large', text: 'The request entity exceeds the maximum allowed.' },
  414: { reason: 'URI Too Long', text: 'The request line exceeds the maximum allowed.' },
  417: { reason: 'Expectation Failed', text: 'The expectation of the request cannot be met.' },
  429: { reason: 'Too Many Requests', text: 'You have sent too many requests in a given amount of time.' },
  431: {
    reason: 'Request Header Fields Too Large',
    text: 'The header fields of the request exceed the maximum allowed.',
  },
  500: { reason: 'Internal Server Error', text: 'An internal server error occurred.' },
  501: {
    reason: 'Not Implemented',
    text: '.The server does not support the functionality required to fulfill the request.',
  },
  502: { reason: 'Bad Gateway', text: 'The server returned an invalid or incomplete response.' },
  503: { reason: 'Service Unavailable', text: 'No server is available to handle this request.' },
  504: { reason: 'Gateway Time-out', text: "The server didn't respond in time." },
  505: { reason: 'HTTP Version Not Supported', text: 'The version of the request is not supported.' },
};

/** A whole response in memory that the kernel can send from. */
export interface ErrorPage {
  readonly slab: Slab;
  readonly end: number;
  /** Where its body starts: all that a HEAD request is answered with. */
  readonly headEnd: number;
  /** What the log says of its size. */
  readonly loggedBytes: number;
}

/** The page with its field names written in another way. */
export function withNames(page: ErrorPage, cases: NameCases): ErrorPage {
  const copy = hold(Buffer.from(page.slab.bytes.subarray(0, page.end)));
  cases.apply(copy.slab.bytes, 0, copy.headEnd);
  return { ...copy, loggedBytes: page.loggedBytes };
}

/** The same answer for a connection that goes on and for one that ends. */
export interface ErrorAnswer {
  /** null: this answer always ends the connection. */
  readonly keep: ErrorPage | null;
  /** `keep` for HTTP/1.0, where it has to be said. */
  readonly keepOld: ErrorPage | null;
  readonly close: ErrorPage;
}

/** After these the rest of what the client sends cannot be trusted, or is not wanted. */
const ALWAYS_CLOSES = new Set([400, 408, 413, 414, 417, 431, 501, 505]);

function hold(content: Buffer): ErrorPage {
  const region = allocate(Math.max(content.length, 1));
  content.copy(region.bytes);
  const blank = content.indexOf('\r\n\r\n');
  return {
    slab: { bytes: region.bytes, base: 0, address: region.address, sizeBytes: content.length },
    end: content.length,
    headEnd: blank < 0 ? content.length : blank + 4,
    loggedBytes: blank < 0 ? 0 : responseSize(content.toString('latin1', 0, blank), content.length - blank - 4),
  };
}

function render(status: number, page: Page): ErrorAnswer {
  const body = `<html><body><h1>${status} ${page.reason}</h1>\n${page.text}\n</body></html>\n`;
  const answer = (connection: string) =>
    hold(
      Buffer.from(
        `HTTP/1.1 ${status} ${page.reason}\r\nContent-Length: ${body.length}\r\nCache-Control: no-cache\r\n` +
          `Content-Type: text/html\r\n${connection}\r\n${body}`,
        'latin1',
      ),
    );
  return answers(!ALWAYS_CLOSES.has(status), answer);
}

/** In HAProxy's log an answer is as long as if it said nothing of the connection, unless it always does. */
function answers(keeps: boolean, render: (connection: string) => ErrorPage): ErrorAnswer {
  const close = render('Connection: close\r\n');
  if (!keeps) return { keep: null, keepOld: null, close };
  const keep = render('');
  const { loggedBytes } = keep;
  const keepOld = { ...render('Connection: keep-alive\r\n'), loggedBytes };
  return { keep, keepOld, close: { ...close, loggedBytes } };
}

/**
 * An `errorfile`: sent as it was written. If it says `Connection: close`, or not how long it is, it ends the connection;
 * otherwise that is the proxy's to say.
 */
function fromFile(content: Buffer, status: number): ErrorAnswer {
  if (content.length === 0) return { keep: null, keepOld: null, close: hold(content) };
  const text = content.toString('latin1');
  const split = /\r?\n\r?\n/.exec(text);
  const head = split === null ? text.trimEnd() : text.slice(0, split.index);
  const body = split === null ? '' : text.slice(split.index + split[0].length);
  const written = head.split(/\r?\n/);
  const closes = written.some((line) => /^connection\s*:.*\bclose\b/i.test(line));
  const lines = written.filter((line) => !/^(connection|keep-alive)\s*:/i.test(line));
  const framed = lines.some((line) => /^content-length\s*:/i.test(line));
  const fields = `${lines.join('\r\n')}\r\n`;
  const keeps = framed && !closes && !ALWAYS_CLOSES.has(status);
  return answers(keeps, (connection) => hold(Buffer.from(`${fields}${connection}\r\n${body}`, 'latin1')));
}

/** status → answer where no `errorfile` says otherwise. */
const DEFAULT_ANSWERS: ReadonlyMap<number, ErrorAnswer> = new Map(
  Object.entries(PAGES).map(([status, page]) => [Number(status), render(Number(status), page)]),
);

/** What a client is told that waits for it before it sends its body (RFC 9110 15.2.1). */
export const CONTINUE: ErrorPage = hold(Buffer.from('HTTP/1.1 100 Continue\r\n\r\n', 'latin1'));

/** HAProxy's own answer; for a status that has none, that of 500. */
export function defaultAnswer(status: number): ErrorAnswer {
  const answer = DEFAULT_ANSWERS.get(status) ?? DEFAULT_ANSWERS.get(500);
  if (answer === undefined) throw new Error('no answer for 500');
  return answer;
}

/** status → answer of the `errorfile`s, whose contents are in base64. */
export function errorFileAnswers(files: Readonly<Record<string, string>>): ReadonlyMap<number, ErrorAnswer> {
  const answers = new Map<number, ErrorAnswer>();
  for (const [status, content] of Object.entries(files)) {
    answers.set(Number(status), fromFile(Buffer.from(content, 'base64'), Number(status)));
  }
  return answers;
}
