/**
 * Answers under way, over all doors of one kind: within limits, and whatever a page does, nothing of it leaves this file
 * but its answer.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Journal } from '../daemon/journal.ts';
import { BODY_MAX_BYTES, refusal, type WebAnswer, type WebVisit } from './visit.ts';
import { sendAnswer } from './web-answer.ts';
import type { WebSide } from './web-side.ts';

/** Answers that are being made or read: as many dashboards may be open. */
const ANSWERS_MAX = 64;

/** What a door knows of who asks. */
export interface Admission {
  readonly admin: boolean;
  /** Asked once all of the request is here: a body may take longer than a reload. */
  readonly side: () => WebSide;
}

export class Answering {
  readonly #journal: () => Journal;
  readonly #over = new AbortController();
  #underWay = 0;

  constructor(journal: () => Journal) {
    this.#journal = journal;
  }

  /** Who asks is told what `make` says; the signal aborts when nobody listens any more. */
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    make: (gone: AbortSignal) => Promise<WebAnswer>,
  ): Promise<void> {
    response.on('error', () => request.destroy());
    if (this.#underWay >= ANSWERS_MAX) {
      const busy = refusal(503, `${ANSWERS_MAX} answers are under way already.`);
      await sendAnswer(response, { ...busy, headers: { ...busy.headers, 'Retry-After': '2', Connection: 'close' } });
      return;
    }
    this.#underWay++;
    const left = new AbortController();
    response.on('close', () => left.abort());
    const gone = AbortSignal.any([left.signal, this.#over.signal]);
    try {
      await sendAnswer(response, await make(gone), gone);
    } catch (error) {
      // Who left in the middle of a request is no defect of ours, and may do so as often as they like.
      if (request.errored !== null) return void response.destroy();
      this.#tell(request, error);
      if (response.headersSent) response.destroy();
      else await sendAnswer(response, refusal(500, 'This page could not be made; the log says why.'));
    } finally {
      this.#underWay--;
    }
  }

  close(): void {
    this.#over.abort();
  }

  /** A defect of ours: who asks learns that there is no answer, the journal why. */
  #tell(request: IncomingMessage, error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#journal().warning(`http ${JSON.stringify(request.url ?? '').slice(0, 200)}: ${text}`);
  }
}

/** All of a request; or what is said to one that is none. */
export async function visitOf(
  request: IncomingMessage,
  { admin, side }: Admission,
  gone: AbortSignal,
): Promise<WebVisit | WebAnswer> {
  const { method = '', headers } = request;
  if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') return refusal(501, 'GET, HEAD and POST are served.');
  // Who may not change anything is not waited for.
  const body = method === 'POST' && admin ? await readBody(request) : '';
  // The rest is read, and forgotten: what follows on this connection is another request.
  if (body === null) request.resume();
  const target = originForm(request.url ?? '/');
  const mark = target.indexOf('?');
  return {
    method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1)),
    headers,
    body: body ?? '',
    bodyTooLong: body === null,
    admin,
    side: side(),
    gone,
  };
}

export function isVisit(one: WebVisit | WebAnswer): one is WebVisit {
  return 'method' in one;
}

/** `http://host/path` is `/path`. */
function originForm(url: string): string {
  if (url.startsWith('/')) return url;
  return /^[a-z][a-z0-9+.-]*:\/\/[^/?]*(\/.*)$/i.exec(url)?.[1] ?? '/';
}

/** null: more than anybody should send. */
async function readBody(request: IncomingMessage): Promise<string | null> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  // Who sends too much is told so: the connection is needed for that.
  for await (const piece of request.iterator({ destroyOnReturn: false })) {
    const chunk = piece as Buffer;
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) return null;
    pieces.push(chunk);
  }
  return Buffer.concat(pieces).toString('utf8');
}
