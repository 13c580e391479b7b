/**
 * Deadlines of connections. Almost every deadline moves before it is reached, so moving one is a single store; the
 * wheel finds out when the slot it once chose comes round.
 *
 *   deadline 0: none      slot = deadline / TICK_MS mod SLOTS      a later deadline is moved on, not fired
 *
 * Fires at most one tick late, never early. Not here: what expiry means (the session's `onTimeout`).
 */
const TICK_MS = 4;
const SLOTS = 4096;
const MASK = SLOTS - 1;
const NOWHERE = -1;

/** A thing with one deadline; only the wheel changes the fields other than through its methods. */
export class Timed {
  /** Monotonic milliseconds; 0: no deadline. */
  deadlineMs = 0;
  timerNext: Timed | null = null;
  timerPrevious: Timed | null = null;
  /** The tick it is filed under. */
  timerTick = NOWHERE;
}

export class TimerWheel {
  readonly #slots: (Timed | null)[] = new Array<Timed | null>(SLOTS).fill(null);
  readonly #onExpired: (timed: Timed) => void;
  /** The first tick whose slot has not been run. */
  #tick: number;
  /** No filed entry has an earlier tick than this. */
  #earliest = Number.MAX_SAFE_INTEGER;
  #filed = 0;

  constructor(nowMs: number, onExpired: (timed: Timed) => void) {
    this.#tick = Math.floor(nowMs / TICK_MS);
    this.#onExpired = onExpired;
  }

  /** Sets the deadline; 0 clears it. */
  arm(timed: Timed, deadlineMs: number): void {
    timed.deadlineMs = deadlineMs;
    if (deadlineMs === 0) return;
    // What is due already fires with the next tick: the slots before that have been passed.
    const tick = Math.max(Math.floor(deadlineMs / TICK_MS) + 1, this.#tick);
    if (timed.timerTick === NOWHERE) this.#file(timed, tick);
    else if (tick < timed.timerTick) {
      this.#unfile(timed);
      this.#file(timed, tick);
    }
  }

  /** Takes it out, for good: the object may be forgotten. */
  remove(timed: Timed): void {
    timed.deadlineMs = 0;
    if (timed.timerTick !== NOWHERE) this.#unfile(timed);
  }

  /** Entries that are filed: deadlines, and those that were given up and nobody has come across since. */
  get armed(): number {
    return this.#filed;
  }

  /** How long the loop may sleep; -1: for ever. */
  sleepMs(nowMs: number): number {
    if (this.#filed === 0) return -1;
    if (this.#earliest < this.#tick) this.#findEarliest();
    const wait = this.#earliest * TICK_MS - nowMs;
    return Math.max(wait, 0);
  }

  /** Fires what is due. */
  advance(nowMs: number): void {
    const target = Math.floor(nowMs / TICK_MS);
    if (target < this.#earliest) {
      this.#tick = target + 1;
      return;
    }
    const first = this.#tick;
    const last = target - first >= SLOTS ? first + SLOTS - 1 : target;
    this.#tick = target + 1;
    for (let tick = first; tick <= last; tick++) this.#runSlot(tick & MASK, target, nowMs);
    this.#findEarliest();
  }

  #runSlot(slot: number, target: number, nowMs: number): void {
    let timed = this.#slots[slot] as Timed | null;
    // What is filed into this slot while it runs goes to the front and is not visited: its tick is in the future.
    while (timed !== null) {
      const next: Timed | null = timed.timerNext;
      if (timed.timerTick <= target) {
        this.#unfile(timed);
        if (timed.deadlineMs !== 0) {
          if (timed.deadlineMs <= nowMs) {
            timed.deadlineMs = 0;
            this.#onExpired(timed);
            // The callback may have taken `next` out of the list: start again, the slot is short.
            timed = this.#slots[slot] as Timed | null;
            continue;
          }
          this.#file(timed, Math.floor(timed.deadlineMs / TICK_MS) + 1);
        }
      }
      timed = next;
    }
  }

  #findEarliest(): void {
    let best = Number.MAX_SAFE_INTEGER;
    if (this.#filed > 0) {
      // Up to one turn of the wheel; entries further away than that are looked at once per turn.
      best = this.#tick + SLOTS;
      for (let i = 0; i < SLOTS; i++) {
        const first = this.#slots[(this.#tick + i) & MASK];
        if (first !== null && first !== undefined) {
          best = this.#tick + i;
          break;
        }
      }
    }
    this.#earliest = best;
  }

  #file(timed: Timed, tick: number): void {
    const slot = tick & MASK;
    const first = this.#slots[slot] as Timed | null;
    timed.timerTick = tick;
    timed.timerPrevious = null;
    timed.timerNext = first;
    if (first !== null) first.timerPrevious = timed;
    this.#slots[slot] = timed;
    this.#filed++;
    if (tick < this.#earliest) this.#earliest = tick;
  }

  #unfile(timed: Timed): void {
    const next = timed.timerNext;
    const previous = timed.timerPrevious;
    if (next !== null) next.timerPrevious = previous;
    if (previous !== null) previous.timerNext = next;
    else this.#slots[timed.timerTick & MASK] = next;
    timed.timerNext = null;
    timed.timerPrevious = null;
    timed.timerTick = NOWHERE;
    this.#filed--;
  }
}
