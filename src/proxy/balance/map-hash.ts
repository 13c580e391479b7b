/**
 * `hash-type map-based`: the hash picks a place in the table of `static-rr`, whoever has it, full or not (it then waits in that
 * server's queue). When a server comes or goes most hashes move. Without a hash: static-rr.
 */
import type { Balance, BalanceKey } from './balance.ts';
import type { StaticRoundRobin } from './static-rr.ts';

export class MapHash implements Balance {
  readonly #table: StaticRoundRobin;
  readonly #unhashed: Balance;

  /** `unhashed`: who picks for requests without a hash; it may be the table itself. */
  constructor(table: StaticRoundRobin, unhashed: Balance) {
    this.#table = table;
    this.#unhashed = unhashed;
  }

  pick(except: number, key: BalanceKey): number {
    return key.hashed ? this.#table.at(key.hash) : this.#unhashed.pick(except, key);
  }

  refresh(): void {
    this.#table.refresh();
    if (this.#unhashed !== this.#table) this.#unhashed.refresh();
  }

  taken(_i: number): void {}

  released(_i: number): void {}
}
