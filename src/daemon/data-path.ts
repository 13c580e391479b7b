/**
 * Whether this box can serve, from what the control process knows anyway: the data process's life, its threads'
 * heartbeats, the listeners, the servers' states. Read by VRRP, which gives the addresses up when it cannot.
 */
import type { Clock } from '../core/clock.ts';
import type { Plan } from '../proxy/plan.ts';
import { DOOR_OPEN, HEADER_CONNECTIONS, PROXY_DOOR, type SharedState } from '../proxy/shared-state.ts';
import type { DataPath } from '../vrrp/tracking/data-path.ts';
import { usableServers } from './proxy-figures.ts';
import { Pulses } from './pulses.ts';

export class OwnDataPath implements DataPath {
  readonly #plan: Plan;
  readonly #state: SharedState;
  readonly #supervisor: { readonly serving: boolean };
  readonly #clock: Clock;
  readonly #pulses: Pulses;

  constructor(plan: Plan, state: SharedState, supervisor: { readonly serving: boolean }, clock: Clock) {
    this.#plan = plan;
    this.#state = state;
    this.#supervisor = supervisor;
    this.#clock = clock;
    this.#pulses = new Pulses(plan.threads, state, clock.monotonicMs());
  }

  turns(): boolean {
    const { serving } = this.#supervisor;
    // Looked at always: a pulse that nobody took says nothing.
    const stuck = this.#pulses.look(this.#clock.monotonicMs(), serving);
    return serving && stuck < 0;
  }

  get connections(): number {
    return this.#state.get(HEADER_CONNECTIONS);
  }

  isOpen(proxy: string): boolean {
    const index = this.#plan.proxies.findIndex(({ name, isFrontend }) => isFrontend && name === proxy);
    const open = this.#state.get(this.#state.proxy(index) + PROXY_DOOR) === DOOR_OPEN;
    return this.#supervisor.serving && this.#plan.listeners.some(({ frontend }) => frontend === index) && open;
  }

  serversUp(backend: string): number {
    const proxy = this.#plan.proxies.find(({ name, servers }) => name === backend && servers.length > 0);
    if (proxy === undefined) return 0;
    const { active, backup } = usableServers(proxy, this.#state);
    return active + backup;
  }
}

/** Of several generations the current one. Clients of those before it are clients still. */
export class CurrentDataPath implements DataPath {
  readonly #generations: () => readonly OwnDataPath[];

  /** The current one first. */
  constructor(generations: () => readonly OwnDataPath[]) {
    this.#generations = generations;
  }

  turns(): boolean {
    return this.#current?.turns() ?? false;
  }

  get connections(): number {
    return this.#generations().reduce((sum, { connections }) => sum + connections, 0);
  }

  isOpen(proxy: string): boolean {
    return this.#current?.isOpen(proxy) ?? false;
  }

  serversUp(backend: string): number {
    return this.#current?.serversUp(backend) ?? 0;
  }

  get #current(): OwnDataPath | undefined {
    return this.#generations()[0];
  }
}
