/**
 * One request to the web server and what is answered: plain values, so that a page is a function that a test can call.
 *
 *   node:http ─▶ WebVisit ─▶ Route ─▶ WebAnswer ─▶ node:http
 *
 * Not here: sockets, limits (web-server.ts), and which page has which path (routes.ts).
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { WebSide } from './web-side.ts';

export interface WebVisit {
  readonly method: 'GET' | 'HEAD' | 'POST';
  /** As it was asked for, with its query: nothing is decoded. */
  readonly target: string;
  /** Up to the query: `/stats;csv`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Of a POST of somebody who may change things, at most BODY_MAX_BYTES; '' otherwise. */
  readonly body: string;
  /** There was more than that, and the body is ''. */
  readonly bodyTooLong: boolean;
  /** May change things. A POST is from a page of ours, or from no browser. */
  readonly admin: boolean;
  /** What runs at the moment of asking. */
  readonly side: WebSide;
  /** Aborts when the visitor has left, and when the program ends. */
  readonly gone: AbortSignal;
}

export interface WebAnswer {
  readonly status: number;
  /** Beside those that every answer has; one of the same name is instead of ours. */
  readonly headers: Readonly<Record<string, string>>;
  /** Pieces are asked for as fast as they are read; a source that has ended ends the answer. */
  readonly body: string | Uint8Array | AsyncIterable<string>;
}

export type Route = (visit: WebVisit) => WebAnswer | Promise<WebAnswer>;

/** A POST's body: forms and small JSON. */
export const BODY_MAX_BYTES = 65_536;

export function answer(status: number, type: string, body: WebAnswer['body']): WebAnswer {
  return { status, headers: { 'Content-Type': type }, body };
}

export function html(body: string): WebAnswer {
  return answer(200, 'text/html; charset=utf-8', body);
}

export function json(value: unknown): WebAnswer {
  return answer(200, 'application/json; charset=utf-8', `${JSON.stringify(value)}\n`);
}

/** A sentence: why not. */
export function refusal(status: number, sentence: string): WebAnswer {
  return answer(status, 'text/plain; charset=utf-8', `${sentence}\n`);
}
