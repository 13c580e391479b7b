/**
 * Streams that wait for a slot, first come first served: one queue per backend (any server will do) and one per server
 * (persistence named it). A doubly linked list through the streams themselves: nothing is allocated, leaving is O(1).
 */
import type { Stream } from './stream.ts';

export class StreamQueue {
  /** Where the thread publishes the ticket of the first (ticket-board.ts). */
  readonly line: number;
  length = 0;
  #first: Stream | null = null;
  #last: Stream | null = null;

  constructor(line: number) {
    this.line = line;
  }

  get first(): Stream | null {
    return this.#first;
  }

  push(stream: Stream, sequence: number): void {
    stream.queue = this;
    stream.queueSequence = sequence;
    stream.queueNext = null;
    stream.queuePrevious = this.#last;
    if (this.#last !== null) this.#last.queueNext = stream;
    else this.#first = stream;
    this.#last = stream;
    this.length++;
  }

  remove(stream: Stream): void {
    if (stream.queue !== this) return;
    const { queueNext: next, queuePrevious: previous } = stream;
    if (next !== null) next.queuePrevious = previous;
    else this.#last = previous;
    if (previous !== null) previous.queueNext = next;
    else this.#first = next;
    stream.queue = null;
    stream.queueNext = null;
    stream.queuePrevious = null;
    this.length--;
  }
}
