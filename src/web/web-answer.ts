/** An answer of a page → bytes to a visitor, no faster than they are read. */
import type { ServerResponse } from 'node:http';
import type { WebAnswer } from './visit.ts';

/**
 * What every answer says unless it knows better: nothing of others is loaded, nobody puts it into a frame, and nothing of
 * it is kept, as it is about a moment.
 */
const HEADERS: Readonly<Record<string, string>> = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'same-origin',
};

/** Returns when all of it was handed over, or nobody wants it any more. */
export async function sendAnswer(response: ServerResponse, answer: WebAnswer, gone?: AbortSignal): Promise<void> {
  const { status, body } = answer;
  const headers = { ...HEADERS, ...answer.headers };
  if (typeof body === 'string' || body instanceof Uint8Array) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    response.writeHead(status, { ...headers, 'Content-Length': String(bytes.length) });
    // It counts as under way until the visitor has taken it, or has left.
    if (response.destroyed) return;
    const taken = new Promise<void>((resolve) => response.once('close', resolve));
    response.end(bytes);
    await taken;
    return;
  }
  response.writeHead(status, headers);
  if (response.req.method !== 'HEAD') await pump(response, body, gone);
  response.end();
}

async function pump(response: ServerResponse, source: AsyncIterable<string>, gone?: AbortSignal): Promise<void> {
  response.flushHeaders();
  for await (const piece of source) {
    if (gone?.aborted === true || response.destroyed) return;
    if (!response.write(piece)) await drained(response);
  }
}

async function drained(response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
