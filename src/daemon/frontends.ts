/**
 * What an operator makes of the frontends of a generation: paused for a while, shut for good, with another `maxconn`.
 *
 *   open ◀─ resume ─ pause ─▶ paused      who connects is refused; who is there is served on
 *     └───── shut ─────────▶ shut         until the next reload, which opens what the files say
 *
 * The threads stop accepting before their sockets stop listening, so that none of them looks at one that does not. Not here: how a
 * thread does that (src/proxy/accept-gate.ts).
 */
import type { Plan, ProxyPlan } from '../proxy/plan.ts';
import * as shared from '../proxy/shared-state.ts';
import { listenAgain, stopListening } from '../sys/listen.ts';
import type { Journal } from './journal.ts';
import type { OpenListener } from './listeners.ts';

export type Door = 'open' | 'paused' | 'shut';

const DOORS: Readonly<Record<Door, number>> = {
  open: shared.DOOR_OPEN,
  paused: shared.DOOR_PAUSED,
  shut: shared.DOOR_SHUT,
};

export interface FrontendsSetup {
  readonly plan: Plan;
  readonly state: shared.SharedState;
  readonly listeners: readonly OpenListener[];
  readonly journal: Journal;
  /** Tells the threads that the shared memory has changed; resolves when they have looked, or do not answer. */
  readonly look: () => Promise<unknown>;
}

export class Frontends {
  readonly #setup: FrontendsSetup;

  constructor(setup: FrontendsSetup) {
    this.#setup = setup;
  }

  /** By its name, or by `#` and its number. */
  find(name: string): ProxyPlan | null {
    const frontends = this.#setup.plan.proxies.filter(({ isFrontend }) => isFrontend);
    const id = name.startsWith('#') ? Number.parseInt(name.slice(1), 10) : null;
    return frontends.find((proxy) => (id === null ? proxy.name === name : proxy.id === id)) ?? null;
  }

  doorOf(proxy: ProxyPlan): Door {
    return doorOf(this.#setup.state, proxy);
  }

  async pause(proxy: ProxyPlan): Promise<void> {
    await this.#close(proxy, 'paused');
    this.#setup.journal.warning(`Paused frontend ${proxy.name}.`);
  }

  async shut(proxy: ProxyPlan): Promise<void> {
    await this.#close(proxy, 'shut');
    const total = (word: number): number => this.#setup.state.get(this.#setup.state.proxy(proxy.index) + word) >>> 0;
    const connections = `FE: ${total(shared.PROXY_TOTAL_CONNECTIONS)}, BE: 0`;
    this.#setup.journal.warning(`Proxy ${proxy.name} stopped (cumulated conns: ${connections}).`);
  }

  /** Says why it cannot be; null: it lets clients in. */
  async resume(proxy: ProxyPlan): Promise<string | null> {
    for (const listener of this.#listenersOf(proxy)) {
      const failed = listenAgain(listener, listener.backlog);
      if (failed === null) continue;
      for (const one of this.#listenersOf(proxy)) stopListening(one, false);
      this.#setup.journal.warning(`${listener.name}: ${failed}, while trying to enable frontend ${proxy.name}.`);
      return failed;
    }
    await this.#write(proxy, 'open');
    this.#setup.journal.warning(`Resumed frontend ${proxy.name}.`);
    return null;
  }

  /** Clients at the same time; 0: as many as there can be. */
  async setMaxconn(proxy: ProxyPlan, maxconn: number): Promise<void> {
    const { state } = this.#setup;
    state.set(state.proxy(proxy.index) + shared.PROXY_MAXCONN, maxconn + 1);
    await this.#tell();
  }

  /** Of all frontends together. */
  async setGlobalMaxconn(maxconn: number): Promise<void> {
    this.#setup.state.set(shared.HEADER_MAXCONN, maxconn + 1);
    await this.#tell();
  }

  /** Sockets that the next generation can listen on. */
  get keepable(): readonly OpenListener[] {
    const { listeners } = this.#setup;
    return listeners.filter((listener) => !listener.unix || this.#doorAt(listener) !== 'shut');
  }

  /** The next generation, which has made them listen again, will not be. */
  refuseAgain(): void {
    for (const listener of this.#setup.listeners) {
      if (this.#doorAt(listener) !== 'open') stopListening(listener, false);
    }
  }

  async #close(proxy: ProxyPlan, door: 'paused' | 'shut'): Promise<void> {
    await this.#write(proxy, door);
    for (const listener of this.#listenersOf(proxy)) stopListening(listener, door === 'shut');
  }

  async #write(proxy: ProxyPlan, door: Door): Promise<void> {
    const { state } = this.#setup;
    state.set(state.proxy(proxy.index) + shared.PROXY_DOOR, DOORS[door]);
    await this.#tell();
  }

  async #tell(): Promise<void> {
    this.#setup.state.add(shared.HEADER_VERDICTS, 1);
    await this.#setup.look();
  }

  #listenersOf(proxy: ProxyPlan): readonly OpenListener[] {
    return this.#setup.listeners.filter(({ frontend }) => frontend === proxy.name);
  }

  #doorAt({ frontend }: OpenListener): Door {
    const proxy = this.find(frontend);
    return proxy === null ? 'open' : this.doorOf(proxy);
  }
}

export function doorOf(state: shared.SharedState, proxy: ProxyPlan): Door {
  switch (state.get(state.proxy(proxy.index) + shared.PROXY_DOOR)) {
    case shared.DOOR_PAUSED:
      return 'paused';
    case shared.DOOR_SHUT:
      return 'shut';
    default:
      return 'open';
  }
}

/** Clients that a frontend lets in at the same time; 0: no limit of its own. */
export function maxconnOf(state: shared.SharedState, proxy: ProxyPlan): number {
  const said = state.get(state.proxy(proxy.index) + shared.PROXY_MAXCONN);
  return said === 0 ? proxy.maxconn : said - 1;
}

/** The same of the process. */
export function globalMaxconn(state: shared.SharedState, plan: Plan): number {
  const said = state.get(shared.HEADER_MAXCONN);
  return said === 0 ? plan.maxconn : said - 1;
}
