/**
 * What a balance algorithm is: the one small interface that the session asks for a server. Each data thread has its own
 * instances; what the threads share (states, weights, gauges) is read from the shared state.
 *
 *   pick ──▶ i ≥ 0      take it. It may be full all the same, where HAProxy queues at the server rather than at the
 *                       backend: the only backup server, and leastconn with `maxqueue`. The session checks, as it must
 *                       for a server that a cookie named.
 *        ──▶ PICK_FULL  every usable server is full: wait in the backend's queue
 *        ──▶ PICK_NONE  nobody is usable: 503
 *
 * Not here: choosing an implementation (create.ts), who is usable (roster.ts), the queues (src/proxy/queue.ts).
 */

/** No server of the backend is usable. */
export const PICK_NONE = -1;
/** There are usable servers, all of them full. */
export const PICK_FULL = -2;

/** What the request gave to a hashing algorithm (hash-key.ts). */
export interface BalanceKey {
  readonly hashed: boolean;
  /** 32 bits, signed; of no meaning without `hashed`. */
  readonly hash: number;
}

export const NO_KEY: BalanceKey = { hashed: false, hash: 0 };

export interface Balance {
  /**
   * Index into the backend's server list, PICK_NONE or PICK_FULL. `except` is a server to avoid when another one can
   * take the request (redispatch); -1: none.
   */
  pick(except: number, key: BalanceKey): number;
  /** State or weight of some server changed in the shared state. */
  refresh(): void;
  /** Server i has one more stream, in a slot or in its own queue; the gauges were moved before. */
  taken(i: number): void;
  /**
   * Another one of its kind, of the same backend, is replaced by this one, which goes on where that is: `from[i]` is the place
   * there of server i, -1: it is new. Without it a new one begins anew.
   */
  goOn?(before: Balance, from: Int32Array): void;
  /** Server i has one stream less, in a slot or in its own queue; the gauges were moved before. */
  released(i: number): void;
}
