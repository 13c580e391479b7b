/**
 * `hash-type consistent`: the server whose place on the ring is nearest to the hash, full or not (it then waits in that
 * server's queue). With `hash-balance-factor` a server that has more than its share is passed by: "Consistent Hashing with
 * Bounded Loads", Mirrokni, Thorup, Zadimoghaddam, arXiv 1608.01350. Without a hash: a round robin over the places.
 */
import type { HashPlan } from '../plan.ts';
import { type Balance, type BalanceKey, PICK_FULL, PICK_NONE } from './balance.ts';
import { HashRing } from './hash-ring.ts';
import type { Roster } from './roster.ts';

export class ConsistentHash implements Balance {
  protected readonly roster: Roster;
  protected readonly ring: HashRing;
  /** In percent of the mean; 0: no bound. */
  readonly #factor: number;
  /** Weights of the servers before each one, and of all. */
  readonly #weightBefore: Int32Array;
  #weightOfAll = 0;
  /** Where the round robin picked last; -1: nowhere yet. */
  #last = -1;

  constructor(roster: Roster, ids: readonly number[], plan: HashPlan) {
    this.roster = roster;
    this.ring = new HashRing(ids);
    this.#factor = plan.balanceFactor;
    this.#weightBefore = new Int32Array(roster.count);
    this.refresh();
  }

  pick(except: number, key: BalanceKey): number {
    const alone = this.standIn();
    if (alone !== undefined) return alone;
    return key.hashed ? this.ofHash(key.hash, except) : this.next(except);
  }

  refresh(): void {
    const { roster, ring } = this;
    let changed = false;
    for (let i = 0; i < roster.count; i++) changed = roster.renew(i) || changed;
    if (!changed) return;
    roster.recount();
    const was = this.#last < 0 ? -1 : ring.key(this.#last);
    ring.rebuild(roster);
    this.#last = was < 0 || ring.size === 0 ? -1 : ring.atOrAfter(was);
    this.#weigh();
  }

  goOn(before: Balance): void {
    if (!(before instanceof ConsistentHash) || before.#last < 0 || this.ring.size === 0) return;
    this.#last = this.ring.atOrAfter(before.ring.key(before.#last));
  }

  taken(_i: number): void {}

  released(_i: number): void {}

  /** The answer where no ring is needed: nobody is usable, or one backup server stands in for all. */
  protected standIn(): number | undefined {
    const { active, backups, onlyBackup } = this.roster;
    if (active > 0) return undefined;
    if (onlyBackup >= 0) return onlyBackup;
    return backups > 0 ? undefined : PICK_NONE;
  }

  protected ofHash(hash: number, except: number): number {
    const { ring } = this;
    let place = ring.nearest(hash);
    // Once around at most: nobody is left when all have more than their share.
    for (let left = ring.size; left > 0; left--) {
      const server = ring.owner(place);
      if (server !== except && (this.#factor === 0 || this.#hasShareLeft(server))) return server;
      place = ring.after(place);
    }
    return ring.owner(place);
  }

  /** The next server in the round that has a free slot. */
  protected next(except: number): number {
    const { ring, roster } = this;
    let avoided = PICK_FULL;
    let avoidedAt = this.#last;
    let place = this.#last;
    for (let left = ring.size; left > 0; left--) {
      place = place < 0 ? 0 : ring.after(place);
      const server = ring.owner(place);
      if (roster.isFull(server)) continue;
      if (server !== except) {
        this.#last = place;
        return server;
      }
      avoided = server;
      avoidedAt = place;
    }
    this.#last = avoidedAt;
    return avoided;
  }

  #weigh(): void {
    const { roster } = this;
    const wanted = roster.active > 0 ? 0 : 1;
    let sum = 0;
    for (let i = 0; i < roster.count; i++) {
      this.#weightBefore[i] = sum;
      if (roster.usable[i] === 1 && roster.backup[i] === wanted) {
        sum += roster.weight[i] as number;
      }
    }
    this.#weightOfAll = sum;
  }

  /** Whole slots for each unit of weight; what remains goes to servers in proportion, at least one to each. */
  #hasShareLeft(i: number): boolean {
    const { roster } = this;
    const all = this.#weightOfAll;
    const mine = roster.weight[i] as number;
    const before = this.#weightBefore[i] as number;
    const slots = Math.floor(((roster.servedByAll() + 1) * this.#factor + 99) / 100);
    const rest = slots % all;
    const share =
      mine * Math.floor(slots / all) + Math.floor(((before + mine) * rest) / all) - Math.floor((before * rest) / all);
    return roster.served(i) < Math.max(1, share);
  }
}
