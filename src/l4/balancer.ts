/**
 * All virtual servers of a file at work: their pools and the one kernel.
 *
 *   VirtualServer ─▶ Pool ─ service ─┐
 *   VirtualServer ─▶ Pool ─ service ─┴▶ kernel.follow, once for all that changes in one moment
 *   addresses of this box ─▶ pools with ha_suspend
 *
 * A reload is a diff: who means the same goes on untouched. Not here: judging servers (pool.ts), the rules (ruleset-keeper.ts).
 */
import type { VirtualServer } from '../config/l4-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { Change } from '../netlink/monitor-line.ts';
import type { Link } from '../netlink/network.ts';
import type { L4Kernel } from './kernel.ts';
import { isPlaceOf } from './own-address.ts';
import { Pool } from './pool.ts';
import { serviceKey } from './pool-names.ts';
import type { L4Notify, PoolServices, PoolSettings } from './pool-services.ts';
import type { L4Service } from './service.ts';
import type { VirtualServerStatus } from './status.ts';

export interface BalancerSetup {
  readonly kernel: L4Kernel;
  readonly pools: Omit<PoolServices, 'changed' | 'quorumChanged' | 'notify' | 'settings'>;
  /** As the file that is in force says. */
  readonly settings: () => PoolSettings;
  /** Who is told about the virtual server of that key. */
  readonly notifyOf: (key: string) => L4Notify;
  /** Of some virtual servers, once for all that change in one moment: all of a reload have their places then. */
  readonly quorumsChanged: () => void;
  /** This box's, as Network has it: started. */
  readonly network: {
    readonly links: readonly Link[];
    onChange(listener: (change: Change) => void): () => void;
  };
}

export class Balancer {
  readonly #setup: BalancerSetup;
  /** By key, in the order of the file. */
  #pools: ReadonlyMap<string, Pool> = new Map();
  #isAsked = false;
  #willTell = false;
  #isRunning = false;
  #stopListening: () => void = () => {};

  constructor(setup: BalancerSetup) {
    this.#setup = setup;
  }

  /** What is missing, for people: nothing of it runs then. Empty: the kernel balances. */
  async start(servers: readonly VirtualServer[]): Promise<readonly string[]> {
    const { kernel, network } = this.#setup;
    this.#take(servers);
    const known = this.#all();
    const messages = await kernel.start(known);
    if (messages.length > 0) {
      for (const pool of this.#pools.values()) pool.stop();
      this.#pools = new Map();
      return messages;
    }
    this.#isRunning = true;
    this.#stopListening = network.onChange((change) => {
      if (change.kind === 'address') this.#addressChanged(change.ip);
    });
    if (this.#all().some((service, i) => service !== known[i])) this.#ask();
    return [];
  }

  /** Resolves when the kernel has it. */
  async reload(servers: readonly VirtualServer[]): Promise<void> {
    this.#take(servers);
    this.#ask();
    await Promise.resolve();
    await this.#setup.kernel.settled();
  }

  /** In the order of the file. */
  get pools(): readonly Pool[] {
    return [...this.#pools.values()];
  }

  /** Resolves when what is counted is of now, or cannot be had soon. */
  look(): Promise<void> {
    return this.#setup.kernel.look();
  }

  get trouble(): string | null {
    return this.#setup.kernel.trouble;
  }

  *status(): Iterable<VirtualServerStatus> {
    const { figures } = this.#setup.kernel;
    for (const pool of this.#pools.values()) yield pool.status(figures);
  }

  /** Checks end, then the rules go, or stay as they are. */
  stop(keeps: boolean): Promise<void> {
    return this.#end((pool) => pool.stop(), keeps);
  }

  /** The file has none any more: the same, and notifiers run as in a reload that takes one out. */
  remove(): Promise<void> {
    return this.#end((pool) => pool.remove(), false);
  }

  async #end(end: (pool: Pool) => void, keeps: boolean): Promise<void> {
    this.#stopListening();
    if (!this.#isRunning) return;
    this.#isRunning = false;
    for (const pool of this.#pools.values()) end(pool);
    await this.#setup.kernel.stop(keeps);
  }

  #take(servers: readonly VirtualServer[]): void {
    const before = this.#pools;
    const pools = new Map<string, Pool>();
    const fresh: Pool[] = [];
    for (const model of servers) {
      const key = serviceKey(model);
      const old = before.get(key) ?? null;
      if (old !== null && sameMeaning(old.model, model)) pools.set(key, old);
      else {
        const pool = new Pool(model, this.#servicesFor(key), old);
        pools.set(key, pool);
        fresh.push(pool);
      }
    }
    this.#pools = pools;
    for (const pool of fresh) {
      if (maySuspend(pool)) pool.suspend(!this.#hasAddressOf(pool));
      pool.start();
    }
    for (const [key, pool] of before) if (!pools.has(key)) pool.remove();
  }

  #servicesFor(key: string): PoolServices {
    const { pools, settings, notifyOf } = this.#setup;
    return {
      ...pools,
      get settings() {
        return settings();
      },
      notify: notifyOf(key),
      changed: () => this.#ask(),
      quorumChanged: () => this.#tell(),
    };
  }

  #addressChanged(ip: string): void {
    for (const pool of this.#pools.values()) {
      if (maySuspend(pool) && isPlaceOf(pool.model.places, ip)) pool.suspend(!this.#hasAddressOf(pool));
    }
  }

  #hasAddressOf({ model: { places } }: Pool): boolean {
    return this.#setup.network.links.some(({ addresses }) => addresses.some(({ ip }) => isPlaceOf(places, ip)));
  }

  #all(): readonly L4Service[] {
    return [...this.#pools.values()].map(({ service }) => service);
  }

  /** Many may change in one moment. */
  #ask(): void {
    if (this.#isAsked) return;
    this.#isAsked = true;
    queueMicrotask(() => {
      this.#isAsked = false;
      if (this.#isRunning) this.#setup.kernel.follow(this.#all());
    });
  }

  #tell(): void {
    if (this.#willTell) return;
    this.#willTell = true;
    queueMicrotask(() => {
      this.#willTell = false;
      if (this.#isRunning) this.#setup.quorumsChanged();
    });
  }
}

/** Of a mark nobody knows whether it is here. */
function maySuspend({ model: { haSuspend, marks } }: Pool): boolean {
  return haSuspend && marks.length === 0;
}
