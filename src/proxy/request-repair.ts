/**
 * Requests that break the rules where the frontend forgives it (src/http1/repair.ts): they are repaired before anybody looks
 * at them, and kept as they came for who asks which they are, as in haproxy.
 *
 * Not here: responses (response-repair.ts).
 */
import { FORGIVES_NOTHING } from '../http1/forgiveness.ts';
import { HEAD_OK } from '../http1/head.ts';
import { HeadRepair } from '../http1/repair.ts';
import type { RequestHead } from '../http1/request-head.ts';
import type { Slab } from '../sys/slabs.ts';
import type { ClientConnection } from './connection.ts';
import type { ThreadContext } from './runtime.ts';

export class RequestRepair {
  /** By how many bytes the last one has grown, at the expense of its headroom. */
  growth = 0;
  readonly #context: ThreadContext;
  readonly #head: RequestHead;
  /** Made when it is first needed, which is never as a rule. */
  #repair: HeadRepair | null = null;

  constructor(context: ThreadContext, head: RequestHead) {
    this.#context = context;
    this.#head = head;
  }

  /** What becomes of slab[start, end), whose scan was `code`: HEAD_OK, HEAD_PARTIAL, or the code with which it is refused. */
  of(client: ClientConnection, code: number, slab: Slab, start: number, end: number): number {
    const { plan, headroomBytes, captures, poller } = this.#context;
    const forgives = client.listener.frontend.plan.forgivesRequests;
    this.growth = 0;
    if (forgives === FORGIVES_NOTHING) return code;
    this.#repair ??= new HeadRepair(this.#context.slabs.sizeBytes);
    const repair = this.#repair;
    // Half of the headroom is left for the lines that are added.
    const room = headroomBytes >> 1;
    const result = repair.request(this.#head, code, forgives, slab.bytes, start, end, room, plan.maxHeaders);
    this.growth = Math.max(repair.growth, 0);
    if (result === HEAD_OK && repair.originalLength > 0) {
      captures.found(code, repair.original, 0, repair.originalLength, repair.originalErrorAt);
      captures.request(client, null, poller.wallMs);
    }
    return result;
  }
}
