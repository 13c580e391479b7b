/**
 * The limits of how many clients are let in: of the listener, the frontend, the process. A client needs a place under
 * each; who does not find one waits for it, in the order of tickets over all threads (ticket-board.ts).
 *
 * The limits are looked at before any place is taken: threads whose clients wait at different limits would otherwise take
 * each other's places and give them back for ever.
 *
 * Not here: where those who wait are kept (accept-gate.ts).
 */
import type { ListenerPlan } from './plan.ts';
import type { ProxyRuntime, ThreadContext } from './runtime.ts';
import {
  HEADER_CONNECTIONS,
  HEADER_MAXCONN,
  HEADER_TICKETS,
  LISTENER_CONNECTIONS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_MAXCONN,
} from './shared-state.ts';

/** One of them, and who waits there. */
export class AdmissionLimit {
  /** Counts those who are in. */
  readonly word: number;
  /** 0: only counted. */
  max: number;
  readonly line: number;
  readonly #configured: number;

  constructor(word: number, max: number, line: number) {
    this.word = word;
    this.max = max;
    this.line = line;
    this.#configured = max;
  }

  /** `said`: an operator's word on it, plus 1; 0: none. */
  hear(said: number): void {
    this.max = said === 0 ? this.#configured : said - 1;
  }
}

export class Admission {
  readonly #context: ThreadContext;
  readonly #process: AdmissionLimit;
  readonly #frontends = new Map<number, AdmissionLimit>();
  /** No other thread lets anybody in. */
  readonly #alone: boolean;
  /** Clients of this thread that wait. */
  waiting = 0;
  /** One of them may find a place now. */
  mustLook = false;

  constructor(context: ThreadContext) {
    const { shared, plan } = context;
    this.#context = context;
    this.#alone = plan.threads === 1;
    this.#process = new AdmissionLimit(HEADER_CONNECTIONS, plan.maxconn, shared.processLine);
    this.#process.hear(shared.get(HEADER_MAXCONN));
  }

  /** Control may have changed them. */
  look(): void {
    const { shared } = this.#context;
    this.#process.hear(shared.get(HEADER_MAXCONN));
    for (const [proxy, limit] of this.#frontends) limit.hear(shared.get(shared.proxy(proxy) + PROXY_MAXCONN));
    if (this.waiting > 0) this.mustLook = true;
  }

  /** Those that hold for clients of a listener. */
  limitsOf(listener: ListenerPlan, frontend: ProxyRuntime): readonly AdmissionLimit[] {
    const { shared } = this.#context;
    const { index, maxconn } = frontend.plan;
    let limit = this.#frontends.get(index);
    if (limit === undefined) {
      limit = new AdmissionLimit(frontend.row + PROXY_FRONTEND_SESSIONS, maxconn, shared.frontendLine(index));
      limit.hear(shared.get(frontend.row + PROXY_MAXCONN));
      this.#frontends.set(index, limit);
    }
    if (listener.maxconn === 0) return [limit, this.#process];
    const own = shared.listener(listener.index) + LISTENER_CONNECTIONS;
    return [new AdmissionLimit(own, listener.maxconn, shared.listenerLine(listener.index)), limit, this.#process];
  }

  draw(): number {
    return this.#context.tickets.draw(HEADER_TICKETS);
  }

  /** The first of this thread who waits at `limit` has this ticket; 0: nobody waits. */
  publish(limit: AdmissionLimit, ticket: number): void {
    this.#context.tickets.publish(limit.line, ticket);
  }

  /** Takes a place under each; else nothing, and says which is full. `ticket`: 0 for who has not waited. */
  enter(limits: readonly AdmissionLimit[], ticket: number): AdmissionLimit | null {
    const { shared } = this.#context;
    const unrivalled = this.#alone && this.waiting === 0;
    if (!unrivalled) for (const limit of limits) if (!this.isOpen(limit, ticket)) return limit;
    for (let taken = 0; taken < limits.length; taken++) {
      const limit = limits[taken] as AdmissionLimit;
      if (unrivalled || limit.max === 0) {
        const before = shared.add(limit.word, 1);
        if (limit.max === 0 || before < limit.max) continue;
        shared.add(limit.word, -1);
      } else if (shared.addBelow(limit.word, limit.max)) continue;
      for (let i = 0; i < taken; i++) this.#giveBack(limits[i] as AdmissionLimit);
      return limit;
    }
    return null;
  }

  /** There is a place, and nobody who came before waits for it. */
  isOpen(limit: AdmissionLimit, ticket: number): boolean {
    const { shared, tickets } = this.#context;
    if (limit.max === 0) return true;
    if (shared.get(limit.word) >= limit.max) return false;
    return ticket === 0 ? tickets.isEmpty(limit.line) : tickets.isFirst(ticket, limit.line, limit.line);
  }

  leave(limits: readonly AdmissionLimit[]): void {
    for (let i = 0; i < limits.length; i++) this.#giveBack(limits[i] as AdmissionLimit);
  }

  #giveBack(limit: AdmissionLimit): void {
    this.#context.shared.add(limit.word, -1);
    if (!this.#alone) this.callNext(limit);
    else if (this.waiting > 0) this.mustLook = true;
  }

  /** If there is a place, whoever waited the longest for it shall look. */
  callNext(limit: AdmissionLimit): void {
    const { shared, tickets } = this.#context;
    if (limit.max === 0 || shared.get(limit.word) >= limit.max) return;
    if (tickets.callFirst(limit.line, limit.line)) this.mustLook = true;
  }
}
