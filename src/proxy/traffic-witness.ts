/**
 * What traffic shows of a server (`observe`): errors in a row are counted over all threads, and when there are too many,
 * word is left for the control process, which decides what follows. Servers that nobody observes have no witness.
 */
import type { ServerPlan } from './plan.ts';
import {
  SERVER_ERRORS,
  SERVER_TRIP_CAUSE,
  SERVER_TRIPS,
  type SharedState,
  TRAFFIC_CONNECT_FAILED,
  TRAFFIC_STATUS,
} from './shared-state.ts';

const LAYER4 = 4;
const LAYER7 = 7;

export class TrafficWitness {
  readonly #shared: SharedState;
  readonly #row: number;
  readonly #layer: number;
  readonly #limit: number;

  constructor(server: ServerPlan, shared: SharedState) {
    this.#shared = shared;
    this.#row = shared.server(server.index);
    this.#layer = server.observes;
    this.#limit = server.errorLimit;
  }

  connected(): void {
    if (this.#layer === LAYER4) this.#good();
  }

  connectFailed(): void {
    this.#bad(TRAFFIC_CONNECT_FAILED);
  }

  /** 501 and 505 are up to the client. */
  responded(status: number): void {
    if (this.#layer !== LAYER7) return;
    if (status < 500 || status === 501 || status === 505) this.#good();
    else this.#bad(TRAFFIC_STATUS);
  }

  /** A response that is none; TRAFFIC_*. */
  failed(cause: number): void {
    if (this.#layer === LAYER7) this.#bad(cause);
  }

  #good(): void {
    const word = this.#row + SERVER_ERRORS;
    if (this.#shared.get(word) !== 0) this.#shared.set(word, 0);
  }

  #bad(cause: number): void {
    const shared = this.#shared;
    const row = this.#row;
    if (shared.add(row + SERVER_ERRORS, 1) + 1 < this.#limit) return;
    shared.set(row + SERVER_ERRORS, 0);
    shared.set(row + SERVER_TRIP_CAUSE, cause);
    shared.add(row + SERVER_TRIPS, 1);
  }
}
