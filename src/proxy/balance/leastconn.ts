/**
 * `balance leastconn`: the server with the lowest (streams + 1) / weight, those without any stream before all others;
 * among equals the one whose rank last changed the longest ago, which makes it a round robin.
 *
 *   key = 0 when idle, else floor((streams + 1) * 4096 / weight)
 *
 * A server moves in the order when its key changes. Other threads' streams move the gauges without telling this thread:
 * every pick looks again at up to RECHECKS servers in turn, so with a handful of servers the order is always exact and
 * with many the staleness is bounded by count / RECHECKS picks.
 */
import { type Balance, PICK_FULL, PICK_NONE } from './balance.ts';
import type { Roster } from './roster.ts';
import { ServerHeap } from './server-heap.ts';

const HEAVIEST = 4096;
const RECHECKS = 8;

export class LeastConn implements Balance {
  readonly #roster: Roster;
  /** Active servers, backup servers. */
  readonly #orders: readonly [ServerHeap, ServerHeap];
  readonly #full: Int32Array;
  readonly #rechecks: number;
  #recheck = 0;

  constructor(roster: Roster, alone: boolean) {
    this.#roster = roster;
    this.#orders = [new ServerHeap(roster.count), new ServerHeap(roster.count)];
    this.#full = new Int32Array(roster.count);
    this.#rechecks = alone ? 0 : Math.min(roster.count, RECHECKS);
    this.refresh();
  }

  pick(except: number): number {
    const roster = this.#roster;
    if (roster.active === 0) {
      if (roster.onlyBackup >= 0) return roster.onlyBackup;
      if (roster.backups === 0) return PICK_NONE;
    }
    this.#recheckSome();
    const order = this.#orders[roster.active > 0 ? 0 : 1];
    let picked = PICK_FULL;
    let skipped = 0;
    for (;;) {
      const server = order.first();
      if (server < 0) break;
      if (!roster.isFullWithQueue(server)) {
        picked = server;
        if (server !== except) break;
      }
      order.remove(server);
      this.#full[skipped++] = server;
    }
    while (skipped > 0) order.restore(this.#full[--skipped] ?? 0);
    return picked;
  }

  refresh(): void {
    const roster = this.#roster;
    for (let i = 0; i < roster.count; i++) {
      if (!roster.renew(i)) continue;
      const order = this.#orders[roster.backup[i] === 1 ? 1 : 0];
      order.remove(i);
      if (roster.usable[i] === 1) order.insert(i, this.#keyOf(i));
    }
    roster.recount();
  }

  goOn(before: Balance, from: Int32Array): void {
    if (!(before instanceof LeastConn)) return;
    before.refresh();
    this.#roster.goOn(before.#roster, from);
    this.#orders.forEach((order, i) => {
      order.goOn(before.#orders[i] as ServerHeap, from);
    });
    this.refresh();
  }

  taken(i: number): void {
    this.#reposition(i);
  }

  released(i: number): void {
    this.#reposition(i);
  }

  #keyOf(i: number): number {
    const streams = this.#roster.load(i);
    return streams === 0 ? 0 : Math.floor(((streams + 1) * HEAVIEST) / (this.#roster.weight[i] ?? 1));
  }

  #reposition(i: number): void {
    const order = this.#orders[this.#roster.backup[i] === 1 ? 1 : 0];
    if (!order.has(i)) return;
    const key = this.#keyOf(i);
    if (key === order.key(i)) return;
    order.remove(i);
    order.insert(i, key);
  }

  #recheckSome(): void {
    const { count } = this.#roster;
    for (let n = this.#rechecks; n > 0; n--) {
      this.#recheck = this.#recheck + 1 < count ? this.#recheck + 1 : 0;
      this.#reposition(this.#recheck);
    }
  }
}
