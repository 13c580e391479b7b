/**
 * How many streams a server takes at once: `maxconn`; with `minconn` less than that while the backend has less than `fullconn`
 * streams, in proportion, so that a quiet server is not asked by everybody at the same time.
 *
 *   limit = max(minconn, maxconn × streams of the backend ÷ fullconn)        never above maxconn
 *
 * An agent may say another `maxconn`; a server that warms up (`slowstart`) has only a part of its limit.
 */
import type { ProxyPlan, ServerPlan } from './plan.ts';
import { PROXY_BACKEND_SESSIONS, SERVER_MAXCONN, SERVER_THROTTLE, type SharedState } from './shared-state.ts';

export class ServerLimit {
  readonly #least: number;
  readonly #most: number;
  readonly #fullconn: number;
  readonly #shared: SharedState;
  readonly #word: number;
  readonly #row: number;
  /** Control may change it. */
  readonly #varies: boolean;

  constructor(server: ServerPlan, backend: ProxyPlan, shared: SharedState) {
    this.#most = Math.max(server.maxconn, server.minconn);
    this.#least = server.minconn === 0 ? this.#most : server.minconn;
    this.#fullconn = backend.fullconn;
    this.#shared = shared;
    this.#word = shared.proxy(backend.index) + PROXY_BACKEND_SESSIONS;
    this.#row = shared.server(server.index);
    this.#varies = server.limitVaries;
  }

  /** 0: as many as there are. */
  now(): number {
    if (this.#varies) return this.#changed();
    return this.#least === this.#most ? this.#most : this.#between(this.#least, this.#most);
  }

  #changed(): number {
    const shared = this.#shared;
    const said = shared.get(this.#row + SERVER_MAXCONN) - 1;
    const most = said < 0 ? this.#most : said;
    const limit = this.#least === this.#most ? most : this.#between(this.#least, most);
    const percent = shared.get(this.#row + SERVER_THROTTLE) - 1;
    return percent < 0 || limit === 0 ? limit : Math.max(1, Math.floor((limit * percent) / 100));
  }

  #between(least: number, most: number): number {
    const streams = this.#shared.get(this.#word);
    if (streams >= this.#fullconn) return most;
    return Math.max(least, Math.floor((streams * most) / this.#fullconn));
  }
}
