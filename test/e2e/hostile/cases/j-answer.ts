/** What a bad server is described with: rows, and the pieces that they are made of. */
import { HOST, type ResponseCase, type ResponseStep } from '../case.ts';

type More = Partial<Omit<ResponseCase, 'id' | 'expect' | 'steps' | 'why'>>;
export type Row = readonly [
  slug: string,
  expect: ResponseCase['expect'],
  raw: string | readonly ResponseStep[],
  why: string,
  more?: More,
];

export const ok = (fields: string, body = 'ok') => `HTTP/1.1 200 OK\r\n${fields}\r\n\r\n${body}`;
export const status = (line: string) => `${line}\r\nContent-Length: 2\r\n\r\nok`;
export const chunked = (body: string) => ok('Transfer-Encoding: chunked', body);
export const LENGTH = 'Content-Length: 2';
/** An answer that nobody asked for. */
export const STRAY = 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhidden';
export const HEAD = `HEAD {id} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
export const OLD = `GET {id} HTTP/1.0\r\nHost: ${HOST}\r\n\r\n`;
export const POST = `POST {id} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 5\r\n\r\nhello`;
export const WS = `GET {id} HTTP/1.1\r\nHost: ${HOST}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n`;
export const HIDDEN = { lacks: ['hidden'] };

/** `open`: the server leaves its side open, as one does that keeps connections. */
export function caseOf([slug, expect, raw, why, more]: Row, open: boolean): ResponseCase {
  const steps = typeof raw === 'string' ? [{ send: raw }] : raw;
  const id = open ? `J-${slug}-kept` : `J-${slug}`;
  return { id, expect, steps, why, rfc: '9112 6.3', ...(open ? { open } : {}), ...more };
}

/** Each row twice: with the server closing behind it, and with a connection that the server keeps. */
export const bothWays = (rows: readonly Row[]): ResponseCase[] =>
  rows.flatMap((row) => [caseOf(row, false), caseOf(row, true)]);
