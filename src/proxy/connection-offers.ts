/**
 * Idle connections that threads leave to each other, so that one with many spares a busy one from opening more.
 *
 *   a thread that found none, while others have some        wants one more      SERVER_WANTED
 *   a thread that gives one back to its pool and has more   offers this one     SERVER_OFFERS, a word for each
 *   a thread that finds none of its own                     takes an offer
 *
 * A connection that is offered belongs to nobody and is watched by nobody: whoever takes its word out of the shared state
 * owns it, and looks whether it still stands (`Poller.takeOver`). Who offered it takes it back when nobody wanted it for
 * `pool-purge-delay`. Not here: which connections may be reused (server-pool.ts).
 */
import type { ServerConnection } from './connection.ts';
import type { ServerRuntime, ThreadContext } from './runtime.ts';
import { SERVER_OFFER_COUNT, SERVER_OFFERS, SERVER_WANTED } from './shared-state.ts';

const NOBODY = -1;

export class ConnectionOffers {
  readonly #context: ThreadContext;
  /** Of the offer that was taken last. */
  takenProven = false;

  constructor(context: ThreadContext) {
    this.#context = context;
  }

  /** This thread could have used one. */
  want(server: ServerRuntime): void {
    if (this.#context.shared.addBelow(server.row + SERVER_WANTED, SERVER_OFFER_COUNT)) server.wanted++;
  }

  /** Another thread wants one, and the caller is the one to offer it. */
  answer(server: ServerRuntime): boolean {
    const { shared } = this.#context;
    const word = server.row + SERVER_WANTED;
    const wanted = shared.get(word);
    if (wanted < server.wanted) server.wanted = wanted;
    return wanted > server.wanted && shared.takeOne(word);
  }

  /** Leaves `fd`, which was the connection's, to whoever wants it; false: there are enough. */
  put(connection: ServerConnection, fd: number): boolean {
    const { shared, wheel, poller } = this.#context;
    const { server } = connection;
    const offer = ((fd + 1) << 1) | (connection.exchanges > 1 ? 1 : 0);
    for (let i = 0; i < SERVER_OFFER_COUNT; i++) {
      if (!shared.replace(server.row + SERVER_OFFERS + i, 0, offer)) continue;
      const before = server.offered[i];
      if (before !== undefined && before !== null) wheel.remove(before);
      server.offered[i] = connection;
      connection.offer = offer;
      wheel.arm(connection, poller.nowMs + server.plan.poolPurgeDelayMs);
      return true;
    }
    return false;
  }

  /** The descriptor of an offered connection, now the caller's, or -1. */
  take(server: ServerRuntime, provenOnly: boolean): number {
    const { shared } = this.#context;
    for (let i = 0; i < SERVER_OFFER_COUNT; i++) {
      const word = server.row + SERVER_OFFERS + i;
      const offer = shared.get(word);
      if (offer === 0 || (provenOnly && (offer & 1) === 0)) continue;
      if (!shared.replace(word, offer, 0)) continue;
      this.takenProven = (offer & 1) === 1;
      return (offer >> 1) - 1;
    }
    return NOBODY;
  }

  /** It was offered for long enough. Returns its descriptor, or -1 when somebody has taken it. */
  withdraw(connection: ServerConnection): number {
    const { server, offer } = connection;
    const i = server.offered.indexOf(connection);
    server.offered[i] = null;
    return this.#context.shared.replace(server.row + SERVER_OFFERS + i, offer, 0) ? (offer >> 1) - 1 : NOBODY;
  }
}
