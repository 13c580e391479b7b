/**
 * How many streams a server takes at once: `maxconn`; with `minconn` less than that while the backend has less than `fullconn`
 * streams, in proportion, so that a quiet server is not asked by everybody at the same time.
 *
 *   limit = max(minconn, maxconn × streams of the backend ÷ fullconn)        never above maxconn
 */
import type { ProxyPlan, ServerPlan } from './plan.ts';
import { PROXY_BACKEND_SESSIONS, type SharedState } from './shared-state.ts';

export class ServerLimit {
  readonly #least: number;
  readonly #most: number;
  readonly #fullconn: number;
  readonly #shared: SharedState;
  readonly #word: number;

  constructor(server: ServerPlan, backend: ProxyPlan, shared: SharedState) {
    this.#most = Math.max(server.maxconn, server.minconn);
    this.#least = server.minconn === 0 ? this.#most : server.minconn;
    this.#fullconn = backend.fullconn;
    this.#shared = shared;
    this.#word = shared.proxy(backend.index) + PROXY_BACKEND_SESSIONS;
  }

  /** 0: as many as there are. */
  now(): number {
    if (this.#least === this.#most) return this.#most;
    const streams = this.#shared.get(this.#word);
    if (streams >= this.#fullconn) return this.#most;
    return Math.max(this.#least, Math.floor((streams * this.#most) / this.#fullconn));
  }
}
