/**
 * `balance roundrobin`: weighted, smooth, and O(log n) for any weights; the same sequence as HAProxy's.
 *
 * Time is a row of places, a window of W of them (W: the sum of all weights) after another. A server of weight w wants
 * one place out of every W/w: `next` is where it wants to be served, the remainder of the division is carried along.
 *
 *        window (W places from `start`)                the one after
 *   ─────┬──────────────●──────────────┬──────────────────────────────▶ places
 *        start          position       start + W
 *
 *   fresh    not served in this window yet, heaviest first; they fill the holes
 *   current  wants a place in this window, by place
 *   later    wants a place in the next window, heaviest first; becomes `fresh` when the window ends
 *
 * A server is in at most one of the three. `start` equals W by construction, so places count from W up.
 */
import { type Balance, PICK_FULL, PICK_NONE } from './balance.ts';
import type { Roster } from './roster.ts';
import { ServerHeap } from './server-heap.ts';

/** Weights are counted in parts of a unit, so that windows are long enough for exact shares. */
const SCALE = 16;
const HEAVIEST = 256 * SCALE;
/** A place is worth this much of the order in `current`, a weight less than one place. */
const PLACE = 256;

/** The active servers or the backup servers. */
class Group {
  fresh: ServerHeap;
  readonly current: ServerHeap;
  later: ServerHeap;
  /** W of this window; 0: nobody was there when it began. */
  window: number;
  /** The sum of the weights now: W of the next window. */
  nextWindow: number;
  position: number;

  constructor(servers: number) {
    this.fresh = new ServerHeap(servers);
    this.current = new ServerHeap(servers);
    this.later = new ServerHeap(servers);
    this.window = 0;
    this.nextWindow = 0;
    this.position = 0;
  }

  openWindow(): void {
    this.window = this.nextWindow;
    this.position = this.window;
  }
}

export class RoundRobin implements Balance {
  readonly #roster: Roster;
  readonly #groups: readonly [Group, Group];
  readonly #weight: Int32Array;
  readonly #nextPlace: Float64Array;
  readonly #lastPlace: Float64Array;
  readonly #remainder: Float64Array;
  readonly #skipped: Int32Array;

  constructor(roster: Roster) {
    const { count } = roster;
    this.#roster = roster;
    this.#groups = [new Group(count), new Group(count)];
    this.#weight = new Int32Array(count);
    this.#nextPlace = new Float64Array(count);
    this.#lastPlace = new Float64Array(count);
    this.#remainder = new Float64Array(count);
    this.#skipped = new Int32Array(count);
    for (let i = 0; i < count; i++) {
      if (!roster.renew(i) || roster.usable[i] === 0) continue;
      const group = this.#groupOf(i);
      this.#weight[i] = roster.weight[i] ?? 0;
      group.nextWindow += this.#weight[i] ?? 0;
      this.#queueByWeight(group.fresh, i);
    }
    roster.recount();
    for (const group of this.#groups) group.openWindow();
  }

  pick(except: number): number {
    const roster = this.#roster;
    if (roster.active === 0) {
      if (roster.onlyBackup >= 0) return roster.onlyBackup;
      if (roster.backups === 0) return PICK_NONE;
    }
    const group = this.#groups[roster.active > 0 ? 0 : 1];
    if (group.window === 0) group.openWindow();

    let windowEnded = false;
    let skipped = 0;
    let avoided = PICK_FULL;
    let picked: number;
    for (;;) {
      picked = this.#first(group);
      if (picked < 0 && !windowEnded) {
        windowEnded = true;
        this.#endWindow(group);
        picked = this.#first(group);
      }
      if (picked < 0) {
        picked = avoided;
        break;
      }
      this.#advance(group, picked);
      this.#leave(group, picked);
      group.position++;
      if (!roster.isFull(picked)) {
        if (picked !== except) break;
        avoided = picked;
      }
      this.#skipped[skipped++] = picked;
    }
    if (picked >= 0) this.#queue(group, picked);
    // Those that were passed over used their place as if they had been served; after the end of a window the places
    // mean nothing any more and only the weight decides when they come back.
    while (skipped > 0) {
      const server = this.#skipped[--skipped] ?? 0;
      if (server === picked) continue;
      if (windowEnded) this.#queueByWeight(group.fresh, server);
      else this.#queue(group, server);
    }
    return picked;
  }

  refresh(): void {
    const roster = this.#roster;
    for (let i = 0; i < roster.count; i++) {
      const wasUsable = roster.usable[i];
      if (!roster.renew(i)) continue;
      const group = this.#groupOf(i);
      if (roster.usable[i] === 0) this.#goDown(group, i);
      else if (wasUsable === 0) this.#comeUp(group, i);
      else this.#reweigh(group, i);
    }
    roster.recount();
  }

  goOn(before: Balance, from: Int32Array): void {
    if (!(before instanceof RoundRobin)) return;
    before.refresh();
    this.#roster.goOn(before.#roster, from);
    this.#groups.forEach((group, i) => {
      const { fresh, current, later, window, nextWindow, position } = before.#groups[i] as Group;
      group.fresh.goOn(fresh, from);
      group.current.goOn(current, from);
      group.later.goOn(later, from);
      group.window = window;
      group.nextWindow = nextWindow;
      group.position = position;
    });
    from.forEach((was, i) => {
      this.#weight[i] = before.#weight[was] ?? 0;
      this.#nextPlace[i] = before.#nextPlace[was] ?? 0;
      this.#lastPlace[i] = before.#lastPlace[was] ?? 0;
      this.#remainder[i] = before.#remainder[was] ?? 0;
    });
    this.refresh();
  }

  taken(_i: number): void {}

  released(_i: number): void {}

  #groupOf(i: number): Group {
    return this.#groups[this.#roster.backup[i] === 1 ? 1 : 0];
  }

  #goDown(group: Group, i: number): void {
    group.nextWindow -= this.#weight[i] ?? 0;
    this.#leave(group, i);
  }

  /** Who comes back waits as long as one place of its weight is apart, so that a flapping server gets no more. */
  #comeUp(group: Group, i: number): void {
    const weight = this.#roster.weight[i] ?? 0;
    this.#weight[i] = weight;
    group.nextWindow += weight;
    // Unsigned, as in HAProxy: past the end of a window that has since shrunk this is far away, in the next window.
    const left = (group.nextWindow + group.window - group.position) >>> 0;
    this.#nextPlace[i] = group.position + Math.floor(left / weight);
    this.#queue(group, i);
  }

  #reweigh(group: Group, i: number): void {
    const weight = this.#roster.weight[i] ?? 0;
    group.nextWindow += weight - (this.#weight[i] ?? 0);
    this.#weight[i] = weight;
    if (group.fresh.has(i)) {
      group.fresh.remove(i);
      this.#queueByWeight(group.fresh, i);
      return;
    }
    const wanted = (this.#nextPlace[i] ?? 0) + (group.later.has(i) ? group.window : 0);
    const step = Math.floor(group.nextWindow / weight);
    let place = (this.#lastPlace[i] ?? 0) + step;
    if (place > wanted) place = wanted;
    if (place < group.position + 2) place = group.position + step;
    this.#nextPlace[i] = place;
    this.#remainder[i] = 0;
    this.#leave(group, i);
    this.#queue(group, i);
  }

  /** The server whose place has come; else a fresh one fills the hole; else the next in `current`; -1: window over. */
  #first(group: Group): number {
    const due = group.current.first();
    if (due >= 0 && (this.#nextPlace[due] ?? 0) <= group.position) return due;
    const fresh = group.fresh.first();
    if (fresh < 0) return due;
    this.#nextPlace[fresh] = 0;
    this.#remainder[fresh] = 0;
    return fresh;
  }

  #endWindow(group: Group): void {
    // `fresh` is empty here: the window is over only when nobody is left in it.
    const { fresh } = group;
    group.fresh = group.later;
    group.later = fresh;
    group.openWindow();
  }

  /** Where server i wants to be served after this time. */
  #advance(group: Group, i: number): void {
    const weight = this.#weight[i] ?? 1;
    const place = (this.#nextPlace[i] ?? 0) === 0 ? group.position : (this.#nextPlace[i] ?? 0);
    const step = Math.floor(group.nextWindow / weight);
    let remainder = (this.#remainder[i] ?? 0) + (group.nextWindow - step * weight);
    let next = place + step;
    if (remainder >= weight) {
      remainder -= weight;
      next++;
    }
    this.#lastPlace[i] = place;
    this.#nextPlace[i] = next;
    this.#remainder[i] = remainder;
  }

  #leave(group: Group, i: number): void {
    group.fresh.remove(i);
    group.current.remove(i);
    group.later.remove(i);
  }

  #queue(group: Group, i: number): void {
    const place = this.#nextPlace[i] ?? 0;
    if (place >= 2 * group.window || place >= group.window + group.nextWindow) {
      this.#nextPlace[i] = place - group.window;
      this.#queueByWeight(group.later, i);
      return;
    }
    const weight = this.#weight[i] ?? 0;
    group.current.insert(i, PLACE * place + Math.floor((HEAVIEST + (this.#remainder[i] ?? 0) - weight) / SCALE));
  }

  #queueByWeight(heap: ServerHeap, i: number): void {
    heap.insert(i, HEAVIEST - (this.#weight[i] ?? 0));
  }
}
