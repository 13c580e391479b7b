/**
 * `balance static-rr`: a fixed sequence, walked in a circle. The sequence has each usable server as often as its
 * configured weight says (divided by what all weights have in common), spread as evenly as a running score allows, and
 * is made anew when a server comes or goes. Weights do not change while running; 0 takes a server out.
 */
import { type Balance, PICK_FULL, PICK_NONE } from './balance.ts';
import type { Roster } from './roster.ts';

function commonDivisor(weights: Int32Array): number {
  let divisor = 0;
  for (const weight of weights) {
    let rest = weight;
    while (rest !== 0) {
      const remainder = divisor % rest;
      divisor = rest;
      rest = remainder;
    }
  }
  return divisor === 0 ? 1 : divisor;
}

export class StaticRoundRobin implements Balance {
  readonly #roster: Roster;
  readonly #share: Int32Array;
  readonly #sequence: Int32Array;
  #length = 0;
  #next = 0;

  constructor(roster: Roster) {
    this.#roster = roster;
    const divisor = commonDivisor(roster.configuredWeight);
    this.#share = roster.configuredWeight.map((weight) => weight / divisor);
    this.#sequence = new Int32Array(this.#share.reduce((sum, share) => sum + share, 0));
    this.refresh();
  }

  pick(except: number): number {
    const roster = this.#roster;
    if (this.#length === 0) return PICK_NONE;
    if (roster.active === 0 && roster.onlyBackup >= 0) {
      return roster.isFull(roster.onlyBackup) ? PICK_FULL : roster.onlyBackup;
    }
    const start = this.#next < this.#length ? this.#next : 0;
    let place = start;
    let avoided = PICK_FULL;
    do {
      const server = this.#sequence[place++] ?? 0;
      if (!roster.isFull(server)) {
        avoided = server;
        // Not wrapped here: when servers come back the sequence grows, and goes on behind its old end.
        this.#next = place;
        if (server !== except) break;
      }
      if (place === this.#length) place = 0;
    } while (place !== start);
    return avoided;
  }

  /** Who stands at the place that an unsigned hash says, or PICK_NONE. */
  at(hash: number): number {
    const { active, onlyBackup } = this.#roster;
    if (this.#length === 0) return PICK_NONE;
    if (active === 0 && onlyBackup >= 0) return onlyBackup;
    return this.#sequence[(hash >>> 0) % this.#length] as number;
  }

  refresh(): void {
    let changed = false;
    for (let i = 0; i < this.#roster.count; i++) changed = this.#roster.renew(i) || changed;
    if (!changed) return;
    this.#roster.recount();
    this.#rebuild();
  }

  taken(_i: number): void {}

  released(_i: number): void {}

  /** Each place goes to the server with the best score, the first in the list among equals; all scores then grow. */
  #rebuild(): void {
    const { active, backups, backup, usable, count } = this.#roster;
    const wanted = active > 0 ? 0 : 1;
    this.#length = 0;
    if (active === 0 && backups === 0) return;
    let total = 0;
    for (let i = 0; i < count; i++) if (usable[i] === 1 && backup[i] === wanted) total += this.#share[i] ?? 0;
    const score = new Int32Array(count);
    for (let place = 0; place < total; place++) {
      let best = -1;
      let highest = 0;
      for (let i = 0; i < count; i++) {
        if (usable[i] === 0 || backup[i] !== wanted) continue;
        score[i] = (score[i] ?? 0) + (this.#share[i] ?? 0);
        const rank = Math.trunc(((score[i] ?? 0) + total) / total);
        if (best < 0 || rank > highest) {
          highest = rank;
          best = i;
        }
      }
      this.#sequence[place] = best;
      score[best] = (score[best] ?? 0) - total;
    }
    this.#length = total;
  }
}
