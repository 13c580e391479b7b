/**
 * Whether this box can serve, from what the control process knows anyway: the data process's life, its threads'
 * heartbeats, the listeners, the servers' states. Read by VRRP, which gives the addresses up when it cannot.
 */
import type { Clock } from '../core/clock.ts';
import type { Plan } from '../proxy/plan.ts';
import { HEADER_CONNECTIONS, type SharedState, THREAD_HEARTBEAT_MS } from '../proxy/shared-state.ts';
import type { DataPath } from '../vrrp/tracking/data-path.ts';
import { usableServers } from './proxy-figures.ts';

/** A thread's loop turns at least twice a second; one that has not for so long hangs. */
const STUCK_MS = 2000;

interface Pulse {
  beat: number;
  sinceMs: number;
}

export class OwnDataPath implements DataPath {
  readonly #plan: Plan;
  readonly #state: SharedState;
  readonly #supervisor: { readonly serving: boolean };
  readonly #clock: Clock;
  readonly #pulses: readonly Pulse[];

  constructor(plan: Plan, state: SharedState, supervisor: { readonly serving: boolean }, clock: Clock) {
    this.#plan = plan;
    this.#state = state;
    this.#supervisor = supervisor;
    this.#clock = clock;
    this.#pulses = Array.from({ length: plan.threads }, () => ({ beat: -1, sinceMs: clock.monotonicMs() }));
  }

  turns(): boolean {
    const nowMs = this.#clock.monotonicMs();
    let turning = this.#supervisor.serving;
    // All of them are looked at, always: a pulse that nobody took says nothing.
    this.#pulses.forEach((pulse, index) => {
      const beat = this.#state.get(this.#state.thread(index) + THREAD_HEARTBEAT_MS);
      if (beat !== pulse.beat || !this.#supervisor.serving) {
        pulse.beat = beat;
        pulse.sinceMs = nowMs;
      } else if (nowMs - pulse.sinceMs > STUCK_MS) turning = false;
    });
    return turning;
  }

  get connections(): number {
    return this.#state.get(HEADER_CONNECTIONS);
  }

  isOpen(proxy: string): boolean {
    const index = this.#plan.proxies.findIndex(({ name, isFrontend }) => isFrontend && name === proxy);
    return this.#supervisor.serving && this.#plan.listeners.some(({ frontend }) => frontend === index);
  }

  serversUp(backend: string): number {
    const proxy = this.#plan.proxies.find(({ name, servers }) => name === backend && servers.length > 0);
    if (proxy === undefined) return 0;
    const { active, backup } = usableServers(proxy, this.#state);
    return active + backup;
  }
}
