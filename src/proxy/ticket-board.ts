/**
 * Who waits the longest, over all threads. Whoever has to wait draws a ticket; each thread waits with queues of its own,
 * and publishes the ticket of the first of each in a line of the shared state:
 *
 *   line of a server:  [ thread 0: 17 | thread 1: 0 (nobody) | thread 2: 12 ]      thread 2's first is next
 *
 * The rules by which no place stays free while somebody waits, and nobody is overtaken:
 *
 *   who begins to wait      publishes, then looks whether there is a place
 *   who frees a place       frees it, then looks who is first, and wakes that thread
 *   who takes a place       must be first; with more places left, the thread of the next one is woken
 *   who leaves, being first publishes, then does as if it had freed a place: somebody may have woken its thread for it
 *
 * Of the one who publishes and the one who frees at the same time at least one sees the other (Atomics are sequentially
 * consistent). Not here: what is waited for (waiting-line.ts, accept-gate.ts).
 */
import { type SharedState, THREAD_WOKEN } from './shared-state.ts';

export class TicketBoard {
  readonly #shared: SharedState;
  readonly #threads: number;
  readonly #own: number;
  readonly #wakeThread: (thread: number) => void;

  constructor(shared: SharedState, threads: number, own: number, wakeThread: (thread: number) => void) {
    this.#shared = shared;
    this.#threads = threads;
    this.#own = own;
    this.#wakeThread = wakeThread;
  }

  /** A new ticket from the counter in `word`; never 0. They wrap, so compare them by `isBefore`. */
  draw(word: number): number {
    return (this.#shared.add(word, 1) + 1) | 0 || this.draw(word);
  }

  /** The ticket of the first of this thread in `line`; 0: nobody waits there. */
  publish(line: number, ticket: number): void {
    this.#shared.set(line + this.#own, ticket);
  }

  /** Nobody waits in either line with an older ticket. `other`: a second line, or the same one. */
  isFirst(ticket: number, line: number, other: number): boolean {
    for (let thread = 0; thread < this.#threads; thread++) {
      const one = this.#shared.get(line + thread);
      if (one !== 0 && isBefore(one, ticket)) return false;
      if (other === line) continue;
      const two = this.#shared.get(other + thread);
      if (two !== 0 && isBefore(two, ticket)) return false;
    }
    return true;
  }

  isEmpty(line: number): boolean {
    for (let thread = 0; thread < this.#threads; thread++) if (this.#shared.get(line + thread) !== 0) return false;
    return true;
  }

  /** There is a place for the first of both lines: wakes its thread. True: that is this one, which is not woken. */
  callFirst(line: number, other: number): boolean {
    let first = -1;
    let oldest = 0;
    for (let thread = 0; thread < this.#threads; thread++) {
      const one = this.#shared.get(line + thread);
      const two = other === line ? 0 : this.#shared.get(other + thread);
      const ticket = one === 0 || (two !== 0 && isBefore(two, one)) ? two : one;
      if (ticket === 0 || (first >= 0 && !isBefore(ticket, oldest))) continue;
      first = thread;
      oldest = ticket;
    }
    if (first >= 0 && first !== this.#own) this.wake(first);
    return first === this.#own;
  }

  /** Once is enough until it has looked. */
  wake(thread: number): void {
    if (this.#shared.exchange(this.#shared.thread(thread) + THREAD_WOKEN, 1) === 0) this.#wakeThread(thread);
  }

  /** This thread looks from now on: who has something for it later must wake it again. */
  awake(): void {
    this.#shared.set(this.#shared.thread(this.#own) + THREAD_WOKEN, 0);
  }
}

export function isBefore(ticket: number, other: number): boolean {
  return ((ticket - other) | 0) < 0;
}
