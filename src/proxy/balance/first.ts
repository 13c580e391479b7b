/**
 * `balance first`: the first server, in the order of the list, that has a free slot. Weights only say whether a server
 * takes part. HAProxy goes by server id; whoever compiles the plan puts servers with explicit ids in that order.
 */
import { type Balance, PICK_FULL, PICK_NONE } from './balance.ts';
import type { Roster } from './roster.ts';

export class First implements Balance {
  readonly #roster: Roster;

  constructor(roster: Roster) {
    this.#roster = roster;
    this.refresh();
  }

  pick(except: number): number {
    const roster = this.#roster;
    const backup = roster.active > 0 ? 0 : 1;
    if (backup === 1) {
      if (roster.onlyBackup >= 0) return roster.onlyBackup;
      if (roster.backups === 0) return PICK_NONE;
    }
    let avoided = PICK_FULL;
    for (let i = 0; i < roster.count; i++) {
      if (roster.usable[i] === 0 || roster.backup[i] !== backup || roster.isFull(i)) continue;
      if (i !== except) return i;
      avoided = i;
    }
    return avoided;
  }

  refresh(): void {
    for (let i = 0; i < this.#roster.count; i++) this.#roster.renew(i);
    this.#roster.recount();
  }

  taken(_i: number): void {}

  released(_i: number): void {}
}
