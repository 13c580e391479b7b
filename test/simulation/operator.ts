/**
 * Who changes states and weights of servers, deletes some and adds them again, with the rules of src/daemon/live-servers.ts: one in its place comes when
 * all threads know that the one before is gone, and nobody has a part in that any more.
 */
import { writeVerdict } from '../../src/daemon/verdicts.ts';
import type { ServerChanges } from '../../src/proxy/messages.ts';
import type { Plan, ServerChange, ServerPlan } from '../../src/proxy/plan.ts';
import * as State from '../../src/proxy/shared-state.ts';
import type { SeededRandom } from '../support/random.ts';

const STATES = [State.STATE_UP, State.STATE_UP, State.STATE_DOWN, State.STATE_DRAIN, State.STATE_MAINT] as const;
const GAUGES = [State.SERVER_SESSIONS, State.SERVER_QUEUED, State.SERVER_IDLE];

export class Operator {
  readonly #plan: Plan;
  readonly #shared: State.SharedState;
  /** By index: the change that took it away. */
  readonly #gone = new Map<number, number>();
  #number = 0;

  constructor(plan: Plan, shared: State.SharedState) {
    this.#plan = plan;
    this.#shared = shared;
  }

  /** For a process that starts. */
  get sinceThen(): ServerChanges {
    const changes = [...this.#gone.keys()].map((index): ServerChange => ({ kind: 'gone', index }));
    return { number: this.#number, changes };
  }

  /** Does something to a server; what the threads have to be told of it, null: nothing. `ended`: a thread hears nothing any more. */
  act(server: ServerPlan, random: SeededRandom, ended: (thread: number) => boolean): ServerChanges | null {
    const shared = this.#shared;
    const kind = random.below(6);
    if (kind === 0 || this.#gone.has(server.index)) return this.#exchange(server, ended);
    if (kind === 1) {
      shared.set(shared.server(server.index) + State.SERVER_WEIGHT, random.pick([0, 1, 3, server.weight]));
      shared.add(State.HEADER_VERDICTS, 1);
    } else writeVerdict(shared, server.index, random.pick(STATES));
    return null;
  }

  /** It goes, or another one takes its place; null: not yet. */
  #exchange(server: ServerPlan, ended: (thread: number) => boolean): ServerChanges | null {
    const { index } = server;
    const was = this.#gone.get(index);
    if (was === undefined) {
      writeVerdict(this.#shared, index, State.STATE_MAINT);
      this.#gone.set(index, ++this.#number);
      return { number: this.#number, changes: [{ kind: 'gone', index }] };
    }
    if (!this.#hasLeft(index, was, ended)) return null;
    this.#gone.delete(index);
    writeVerdict(this.#shared, index, State.STATE_UP);
    return { number: ++this.#number, changes: [{ kind: 'set', server }] };
  }

  #hasLeft(index: number, number: number, ended: (thread: number) => boolean): boolean {
    const shared = this.#shared;
    if (GAUGES.some((gauge) => shared.get(shared.server(index) + gauge) !== 0)) return false;
    for (let thread = 0; thread < this.#plan.threads; thread++) {
      if (!ended(thread) && shared.get(shared.thread(thread) + State.THREAD_SERVERS) < number) return false;
    }
    return true;
  }
}
