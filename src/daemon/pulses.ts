/**
 * The heartbeats of the data threads, and which of them has stopped: read from the shared memory by whoever wants to know.
 *
 * A look that comes late says nothing: the machine was suspended, or is too busy for us, and then for the threads as well.
 * All of them begin anew with it. Not here: what follows (data-watch.ts, and VRRP by way of data-path.ts).
 */
import { type SharedState, THREAD_HEARTBEAT_MS } from '../proxy/shared-state.ts';

/** A thread's loop turns at least twice a second; one that has not for so long hangs. */
const STUCK_MS = 2000;
/** Looks that are further apart than this judge nobody. */
const LATE_MS = 1000;

interface Pulse {
  beat: number;
  sinceMs: number;
}

export class Pulses {
  readonly #state: SharedState;
  readonly #pulses: readonly Pulse[];
  #lookedMs: number;

  constructor(threads: number, state: SharedState, nowMs: number) {
    this.#state = state;
    this.#pulses = Array.from({ length: threads }, () => ({ beat: -1, sinceMs: nowMs }));
    this.#lookedMs = nowMs;
  }

  /** The first thread that hangs, counted from 0; -1: none. `serving`: there is a data process whose threads turn. */
  look(nowMs: number, serving: boolean): number {
    const anew = !serving || nowMs - this.#lookedMs > LATE_MS;
    this.#lookedMs = nowMs;
    let stuck = -1;
    this.#pulses.forEach((pulse, index) => {
      const beat = this.#state.get(this.#state.thread(index) + THREAD_HEARTBEAT_MS);
      if (anew || beat !== pulse.beat) {
        pulse.beat = beat;
        pulse.sinceMs = nowMs;
      } else if (stuck < 0 && nowMs - pulse.sinceMs > STUCK_MS) stuck = index;
    });
    return stuck;
  }

  /** Since when a thread has not been seen to turn; its loop does so at least twice a second. */
  ageMs(index: number, nowMs: number): number {
    const pulse = this.#pulses[index];
    const beat = this.#state.get(this.#state.thread(index) + THREAD_HEARTBEAT_MS);
    return pulse === undefined || pulse.beat !== beat ? 0 : nowMs - pulse.sinceMs;
  }
}
