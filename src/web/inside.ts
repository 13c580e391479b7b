/**
 * Requests that proxies answer by themselves: a data process passes them on, and says in a field of its own whose they are. Who
 * does not know the secret of a generation that serves is nobody.
 *
 *   X-Tandem-Inside: SECRET PROXY stats|service RULE ADMIN ALLOWED
 *
 * Passwords are looked at here, as data processes should know none. Not here: the pages.
 */
import type { IncomingMessage } from 'node:http';
import type { StatsPage } from '../config/inside-model.ts';
import type { Proxy as ProxyModel } from '../config/model.ts';
import { runningProxies } from '../daemon/compile.ts';
import { INSIDE_FIELD, type InsideSource } from '../daemon/inside-door.ts';
import { isVisit, visitOf } from './answering.ts';
import { isKnown, loginWanted } from './basic-auth.ts';
import { type Dashboard, partsBeside } from './dashboard/dashboard.ts';
import { isOwnPost } from './origin.ts';
import { statsAnswer } from './stats-page/stats-page.ts';
import { type Route, refusal, type WebAnswer, type WebVisit } from './visit.ts';
import type { WebSide } from './web-side.ts';

export interface InsidePagesSetup {
  readonly side: () => WebSide;
  readonly whoAsks: (secret: string) => InsideSource | null;
  /** `use-service prometheus-exporter`. */
  readonly metrics: Route;
  readonly dashboard: Dashboard;
}

/** What a data process says of a request. */
interface Word {
  readonly proxy: ProxyModel;
  /** null: a service is asked. */
  readonly stats: StatsPage | null;
  /** The rule of `stats http-request auth` that applies; -1: none. */
  readonly rule: number;
  readonly admin: boolean;
  readonly allowed: boolean;
}

/** Behind the `stats uri`. */
const PAGE = ';dashboard';
const FIELD = INSIDE_FIELD.toLowerCase();

export class InsidePages {
  readonly #setup: InsidePagesSetup;

  constructor(setup: InsidePagesSetup) {
    this.#setup = setup;
  }

  async answer(request: IncomingMessage, gone: AbortSignal): Promise<WebAnswer> {
    const word = this.#wordOf(request.headers[FIELD]);
    if (word === null) return { ...refusal(403, 'This is not for you.'), headers: { Connection: 'close' } };
    const { stats, proxy, admin } = word;
    const { method, headers } = request;
    // Before anything is read of the body: strangers are not waited for.
    const login = stats === null ? null : loginFor(stats, word, headers.authorization);
    if (login !== null) return login;
    if (method === 'POST' && stats !== null && !isOwnPost(headers)) {
      return refusal(403, 'Only this page may change anything.');
    }
    const visit = await visitOf(request, { admin, side: this.#setup.side }, gone);
    if (!isVisit(visit)) return visit;
    if (stats === null) return this.#setup.metrics({ ...visit, admin: false });
    const dashboard = dashboardPart(stats.uri, visit.target);
    if (dashboard !== null) return this.#dashboard(stats, dashboard, visit);
    return statsAnswer(visit, { settings: stats, proxy: proxy.name, admin });
  }

  /** It knows no scopes, and tells more than the statistics: addresses of servers, the pair, what happened. */
  #dashboard(stats: StatsPage, part: string, visit: WebVisit): WebAnswer {
    const isTrusted = stats.users.length > 0 || stats.rules.length > 0 || stats.showsLegends;
    if (stats.scopes.length > 0 || !isTrusted) {
      return refusal(
        403,
        "The dashboard is shown with 'stats auth' or 'stats show-legends', and without 'stats scope'.",
      );
    }
    const { dashboard } = this.#setup;
    if (part === '') return dashboard.page(partsBeside(stats.uri));
    return dashboard.part(part, visit, { hidesVersion: stats.hidesVersion, inside: true });
  }

  #wordOf(field: string | string[] | undefined): Word | null {
    if (typeof field !== 'string') return null;
    const match = /^(\S+) (\d{1,9}) (stats|service) (-1|\d{1,9}) ([01]) ([01])$/.exec(field);
    if (match === null) return null;
    const [, secret = '', index, kind, rule, admin, allowed] = match;
    const source = this.#setup.whoAsks(secret);
    const proxy = source === null ? undefined : runningProxies(source.model)[Number(index)];
    if (proxy === undefined) return null;
    const stats = kind === 'stats' ? proxy.stats : null;
    if (kind === 'stats' && stats === null) return null;
    return { proxy, stats, rule: Number(rule), admin: admin === '1', allowed: allowed === '1' };
  }
}

/** null: it is not asked for; '': its page. */
function dashboardPart(uri: string, target: string): string | null {
  const rest = target.slice(uri.length);
  if (rest === PAGE) return '';
  return rest.startsWith(`${PAGE}/`) ? rest.slice(PAGE.length + 1) : null;
}

/** null: who asks may see it. */
function loginFor(stats: StatsPage, { rule, allowed }: Word, authorization: string | undefined): WebAnswer | null {
  if (rule >= 0) return loginWanted(stats.rules[rule]?.realm ?? stats.realm);
  if (allowed || stats.users.length === 0 || isKnown(authorization, stats.users)) return null;
  return loginWanted(stats.realm);
}
