/**
 * HTTP in the control process: lets visitors in, within limits, and hands them to the pages.
 *
 *   own listeners (`tandem run --http`, `tandem { http }`) ─▶ RouteTable ─▶ page
 *   data processes, for requests that proxies answer by themselves ─▶ InsidePages ─▶ stats page, metrics
 *
 * It shares a process with VRRP, so everything has a bound: visitors, heads, bodies, time without progress, answers under
 * way (answering.ts). Not here: opening the listeners (src/daemon/web-listener.ts, src/daemon/inside-door.ts), the pages.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { hostname } from 'node:os';
import type { WebListener } from '../daemon/web-listener.ts';
import { Answering, isVisit, visitOf } from './answering.ts';
import type { InsidePages } from './inside.ts';
import { isMisdirected, isOwnPost } from './origin.ts';
import type { RouteTable } from './routes.ts';
import { BODY_MAX_BYTES, refusal, type WebAnswer } from './visit.ts';
import type { WebSide } from './web-side.ts';

/** Connections of one door; more are closed at once. */
const VISITORS_MAX = 128;
/** Data threads keep some; what is asked at a time is bounded where it comes from. */
const INSIDE_MAX = 1024;
const HEAD_MAX_BYTES = 16_384;
/** What data processes pass on may be longer than what they read, by what they add. */
const INSIDE_HEAD_MAX_BYTES = 1 << 20;
const HEAD_MS = 10_000;
const REQUEST_MS = 20_000;
const KEEP_ALIVE_MS = 15_000;
/** Longer than data threads keep an idle connection, so that it is them who end it. */
const INSIDE_KEEP_ALIVE_MS = 60_000;
/** Without progress in either direction. */
const STALLED_MS = 30_000;
const LOOK_FOR_SLOW_EVERY_MS = 2000;

type Visitor = (request: IncomingMessage, gone: AbortSignal) => Promise<WebAnswer>;

export interface WebServerOptions {
  /** As it is at the moment, which a reload changes. */
  readonly side: () => WebSide;
  readonly routes: RouteTable;
}

export class WebServer {
  readonly #options: WebServerOptions;
  readonly #answering: Answering;
  /** Of its own: strangers, at proxies, take nothing away from those who look after the machine. */
  readonly #answeringInside: Answering;
  readonly #servers = new Map<WebListener, Server>();
  #inside: Server | null = null;

  constructor(options: WebServerOptions) {
    this.#options = options;
    const journal = (): WebSide['journal'] => options.side().journal;
    this.#answering = new Answering(journal);
    this.#answeringInside = new Answering(journal);
  }

  /** Serves these listeners, and no others; who is connected to one that is gone is let go. */
  follow(listeners: readonly WebListener[]): void {
    for (const [listener, server] of this.#servers) {
      if (listeners.includes(listener)) continue;
      end(server);
      this.#servers.delete(listener);
    }
    for (const listener of listeners) {
      if (this.#servers.has(listener)) continue;
      const server = this.#serve(this.#answering, HEAD_MAX_BYTES, (request, gone) =>
        this.#visit(listener, request, gone),
      );
      server.maxConnections = VISITORS_MAX;
      server.on('error', (error) => this.#options.side().journal.alert(`http ${listener.name}: ${error.message}`));
      server.listen({ fd: listener.take() });
      this.#servers.set(listener, server);
    }
  }

  /** Serves data processes on the descriptor of their door. */
  serveInside(fd: number, pages: Pick<InsidePages, 'answer'>): void {
    const server = this.#serve(this.#answeringInside, INSIDE_HEAD_MAX_BYTES, (request, gone) =>
      pages.answer(request, gone),
    );
    server.maxConnections = INSIDE_MAX;
    server.keepAliveTimeout = INSIDE_KEEP_ALIVE_MS;
    server.timeout = INSIDE_KEEP_ALIVE_MS;
    server.on('error', (error) => this.#options.side().journal.alert(`http inside: ${error.message}`));
    server.listen({ fd });
    this.#inside = server;
  }

  close(): void {
    this.#answering.close();
    this.#answeringInside.close();
    for (const server of this.#servers.values()) end(server);
    this.#servers.clear();
    if (this.#inside !== null) end(this.#inside);
    this.#inside = null;
  }

  #serve(answering: Answering, maxHeaderSize: number, visitor: Visitor): Server {
    const options = { maxHeaderSize, connectionsCheckingInterval: LOOK_FOR_SLOW_EVERY_MS };
    const visit = (request: IncomingMessage, response: ServerResponse): void => {
      void answering.answer(request, response, (gone) => visitor(request, gone));
    };
    const server = createServer(options, visit);
    server.headersTimeout = HEAD_MS;
    server.requestTimeout = REQUEST_MS;
    server.keepAliveTimeout = KEEP_ALIVE_MS;
    server.timeout = STALLED_MS;
    return server;
  }

  async #visit(listener: WebListener, request: IncomingMessage, gone: AbortSignal): Promise<WebAnswer> {
    const { method, headers } = request;
    if (isMisdirected(method, headers.host, request.socket.localAddress ?? '', hostname())) {
      return refusal(421, 'This is not the host that was asked for: use its address, or its own name.');
    }
    if (method === 'POST' && !isOwnPost(headers)) return refusal(403, 'Only pages of this host may post here.');
    const visit = await visitOf(request, { admin: listener.admin, side: this.#options.side }, gone);
    if (!isVisit(visit)) return visit;
    if (visit.bodyTooLong) {
      const tooMuch = refusal(413, `At most ${BODY_MAX_BYTES} bytes are read.`);
      return { ...tooMuch, headers: { ...tooMuch.headers, Connection: 'close' } };
    }
    return this.#options.routes.answer(visit);
  }
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}
