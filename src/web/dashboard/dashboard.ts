/**
 * The live dashboard: a page, its files, its events, its buttons.
 *
 *   PAGE                    the page: at `/` of the own listener, at `<stats uri>;dashboard`
 *   PARTS + dashboard.js …  its files              all addresses in it are relative: it works behind any prefix
 *   PARTS + events          server-sent events (event-stream.ts)
 *   PARTS + action          POST, by those who may (action.ts)
 *
 * Not here: who may see it and who may change things (src/web/web-server.ts, and `stats admin`).
 */
import { timingSafeEqual } from 'node:crypto';
import { headOf, proxiesOf, virtualServersOf } from '../../admin/status.ts';
import type { Clock, Timers } from '../../core/clock.ts';
import { packageVersion } from '../../core/package-version.ts';
import { secretToken } from '../../core/random.ts';
import type { Chronicle } from '../../daemon/chronicle.ts';
import { json, refusal, type WebAnswer, type WebVisit } from '../visit.ts';
import type { WebSide } from '../web-side.ts';
import { act, readAction } from './action.ts';
import { Assets } from './assets.ts';
import { EventStream } from './event-stream.ts';
import type { StatusSource } from './frames.ts';

/** Own files only, none of it inline, and no text that becomes markup. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
  "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
const TOKEN_HEADER = 'x-tandem-token';

export interface DashboardSetup {
  /** As it is at the moment. */
  readonly side: () => WebSide;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly assets?: Assets;
}

export interface PartOptions {
  readonly hidesVersion?: boolean;
  /** It is behind a `stats uri` of a proxy, whose `stats admin` is about servers of backends alone. */
  readonly inside?: boolean;
}

export class Dashboard {
  readonly #assets: Assets;
  readonly #events: EventStream;
  /** Whoever can read it has got the page from here: pages of others cannot. */
  readonly #token = secretToken();

  #chronicle: Chronicle | null = null;

  constructor({ side, clock, timers, assets }: DashboardSetup) {
    this.#assets = assets ?? new Assets();
    this.#events = new EventStream({
      source: () => sourceOf(side()),
      ...{ clock, timers },
      failed: (error) => side().journal.warning(`dashboard: ${error instanceof Error ? error.stack : error}`),
    });
  }

  /** `partsAt`: what its parts begin with, relative to the page. */
  page(partsAt: string): WebAnswer {
    const headers = { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': POLICY };
    return { status: 200, headers, body: this.#assets.page(partsAt) };
  }

  /** `name`: what follows PARTS. */
  part(name: string, visit: WebVisit, { hidesVersion = false, inside = false }: PartOptions = {}): WebAnswer {
    if (name === 'action') return this.#action(visit, inside);
    if (visit.method === 'POST') return refusal(405, 'Only actions are posted.');
    if (name === 'events') return this.#listen(visit, hidesVersion, inside);
    return Assets.isName(name) ? this.#assets.answer(name, visit.headers) : refusal(404, 'There is no such file.');
  }

  #listen({ admin, gone, side }: WebVisit, hidesVersion: boolean, inside: boolean): WebAnswer {
    if (!this.#events.hasRoom) return refusal(503, 'As many dashboards as there may be are open.');
    if (side.proxies === null) return refusal(503, 'Nothing runs yet.');
    this.#watch(side.proxies.chronicle);
    const version = hidesVersion ? null : packageVersion();
    const token = admin ? this.#token : null;
    const hello = JSON.stringify({ page: this.#assets.id, version, admin, changesPair: admin && !inside, token });
    const headers = { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' };
    return { status: 200, headers, body: this.#events.listen(hello, gone) };
  }

  /** What happens is seen at once. There is one for the whole life of the program. */
  #watch(chronicle: Chronicle): void {
    if (chronicle === this.#chronicle) return;
    this.#chronicle = chronicle;
    chronicle.watch(() => this.#events.soon());
  }

  #action({ method, admin, headers, body, side }: WebVisit, inside: boolean): WebAnswer {
    if (method !== 'POST') return refusal(405, 'Actions are posted.');
    if (!admin) return refusal(403, 'This listener shows, and changes nothing.');
    if (!isSame(String(headers[TOKEN_HEADER] ?? ''), this.#token)) {
      return refusal(403, 'The page is older than the program: load it again.');
    }
    const action = readAction(body);
    if (action === null) return refusal(400, 'This is no action.');
    if (inside && action.kind !== 'server') return refusal(403, "'stats admin' is about servers of backends.");
    if (side.proxies === null) return refusal(404, 'Nothing runs yet.');
    const trouble = act(side.proxies, action);
    this.#events.soon();
    return trouble === null ? json({ done: true }) : refusal(409, trouble);
  }
}

function sourceOf({ proxies: side }: WebSide): StatusSource {
  if (side === null) throw new Error('what was shown is gone');
  return {
    proxies: () => proxiesOf(side),
    virtualServers: () => virtualServersOf(side),
    head: (ofServices) => headOf(side, ofServices),
  };
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/**
 * The page's parts, as seen from the page at `<uri>;dashboard`: `uri` may have a path and a query. `/a/b?stats` is `b` in its
 * folder, so that a page behind somebody else's prefix finds them, too.
 */
export function partsBeside(uri: string): string {
  const mark = uri.indexOf('?');
  const path = mark < 0 ? uri : uri.slice(0, mark);
  const query = mark < 0 ? '' : uri.slice(mark);
  return `./${path.slice(path.lastIndexOf('/') + 1)}${query};dashboard/`;
}
