/**
 * Virtual servers of a pair: a balancer while the file has any. Without them nothing is started, and nothing is asked of nft.
 *
 *   at the start   forwarding (`ip_forward`) ─▶ rules are in the kernel ─▶ instances begin, addresses come
 *   at the end     addresses leave ─▶ checks end ─▶ rules go, or stay (`virtual_servers_at_stop keep`)
 */
import type { VirtualServer } from '../config/l4-model.ts';
import type { PairModel, VirtualServerTrack } from '../config/pair-model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { Journal } from '../core/journal.ts';
import { systemRandom } from '../core/random.ts';
import { Balancer } from '../l4/balancer.ts';
import type { BeginCheck } from '../l4/check.ts';
import type { CheckServices, FileNumbers } from '../l4/checks/check-services.ts';
import type { L4Kernel } from '../l4/kernel.ts';
import { type KernelWants, missingForKernel, wantsOf } from '../l4/kernel-probe.ts';
import type { L4Notify } from '../l4/pool-services.ts';
import type { RulesetSetup } from '../l4/ruleset-keeper.ts';
import type { VirtualServerStatus } from '../l4/status.ts';
import type { Network } from '../netlink/network.ts';
import type { Chronicle } from './chronicle.ts';

/** What of the world virtual servers are made with; tests have their own. */
export interface Layer4World {
  openKernel(setup: Omit<RulesetSetup, 'memory'>): L4Kernel;
  beginChecks(services: CheckServices): BeginCheck;
  /** Has the kernel pass packets on; null, or why not. `was`: it did already. */
  forward(family: 4 | 6): { readonly was: boolean; readonly trouble: string | null };
  /** The kernel has rules of ours: of a program that was killed, or that was told to keep them. */
  hasRules: boolean;
}

export interface PairBalancerSetup {
  readonly layer4: Layer4World;
  readonly commands: CommandRunner;
  readonly resolveUser: ResolveUser;
  readonly network: Network;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: Journal;
  readonly chronicle: Chronicle;
  readonly files: FileNumbers;
  readonly notifyOf: (key: string) => L4Notify;
  /** Ask `hasQuorum` again. */
  readonly quorumsChanged: () => void;
}

/** What an operator wants of a real server; null: what its file and checks say, undefined: what it is. */
export interface RealServerWish {
  readonly weight?: number | null;
  readonly held?: 'up' | 'down' | null;
}

/** ip-sysctl: accept_ra. */
const SIDE_EFFECT = {
  4: '',
  6: '; it takes no more routes from router advertisements, but on interfaces whose accept_ra is 2',
} as const;

export class PairBalancer {
  readonly #setup: PairBalancerSetup;
  #model: PairModel;
  #balancer: Balancer | null = null;

  constructor(setup: PairBalancerSetup, model: PairModel) {
    this.#setup = setup;
    this.#model = model;
  }

  /** What is missing for this file, for people; nothing is done about it. */
  async missing({ virtualServers }: PairModel): Promise<readonly string[]> {
    const wants = wantsOf(virtualServers);
    // Who runs has what it needs.
    const has = this.#balancer === null ? null : wantsOf(this.#model.virtualServers);
    if (virtualServers.length === 0 || (has !== null && includes(has, wants))) return [];
    return missingForKernel(this.#setup.commands, wants);
  }

  /** From now on this file: at the start, and whenever it was read again. Resolves when the kernel has it; what is missing. */
  async follow(model: PairModel): Promise<readonly string[]> {
    this.#model = model;
    const { virtualServers } = model;
    if (virtualServers.length === 0) {
      await this.#remove();
      return [];
    }
    this.#forward();
    if (this.#balancer !== null) {
      await this.#balancer.reload(virtualServers);
      return [];
    }
    const balancer = this.#begin();
    const messages = await balancer.start(virtualServers);
    if (messages.length > 0) return messages;
    this.#balancer = balancer;
    this.#setup.layer4.hasRules = true;
    return [];
  }

  async look(): Promise<void> {
    await this.#balancer?.look();
  }

  /** Why the kernel has not the rules that are asked for. */
  get trouble(): string | null {
    return this.#balancer?.trouble ?? null;
  }

  virtualServers(): Iterable<VirtualServerStatus> {
    return this.#balancer?.status() ?? [];
  }

  /** false: there is none of that name. */
  setRealServer(virtual: string, server: string, { weight, held }: RealServerWish): boolean {
    const pools = this.#balancer?.pools.filter(({ model }) => model.name === virtual) ?? [];
    return pools.some((pool) => {
      const isThere = weight === undefined || pool.setWeight(server, weight);
      return isThere && (held === undefined || pool.hold(server, held));
    });
  }

  /** How many there are, and how many have their quorum. */
  get count(): { readonly all: number; readonly up: number } {
    const pools = this.#balancer?.pools ?? [];
    return { all: pools.length, up: pools.filter(({ hasQuorum }) => hasQuorum).length };
  }

  /** false, too, if the kernel does not balance it. null: the file does not name it any more. */
  hasQuorum({ name, family }: VirtualServerTrack): boolean | null {
    const isIt = (server: VirtualServer): boolean => server.name === name && server.family === family;
    const pool = this.#balancer?.pools.find(({ model }) => isIt(model));
    return pool?.hasQuorum ?? (this.#model.virtualServers.some(isIt) ? false : null);
  }

  async stop(): Promise<void> {
    const balancer = this.#balancer;
    this.#balancer = null;
    if (balancer === null) return;
    const { keepsAtStop } = this.#model.l4;
    await balancer.stop(keepsAtStop);
    if (!keepsAtStop) this.#setup.layer4.hasRules = false;
  }

  /** The file has none: those of this program go, and those that another one has left. */
  async #remove(): Promise<void> {
    const { layer4 } = this.#setup;
    if (this.#balancer === null && !layer4.hasRules) return;
    const balancer = this.#balancer ?? this.#begin();
    if (this.#balancer === null) await balancer.start([]);
    this.#balancer = null;
    await balancer.remove();
    layer4.hasRules = false;
  }

  #begin(): Balancer {
    const { layer4, network, clock, timers, journal, commands, resolveUser, chronicle, files } = this.#setup;
    const { notifyOf, quorumsChanged } = this.#setup;
    const checks = { clock, timers, random: systemRandom, journal, commands, resolveUser, files };
    return new Balancer({
      kernel: layer4.openKernel({ commands, network, clock, timers, journal }),
      network,
      notifyOf,
      quorumsChanged,
      settings: () => this.#model.global,
      pools: {
        ...{ beginCheck: layer4.beginChecks(checks), clock, journal },
        note: (kind, subject, to, why) => chronicle.note(kind, subject, to, why),
      },
    });
  }

  #forward(): void {
    const { l4, virtualServers } = this.#model;
    if (!l4.setsForwarding) return;
    for (const family of new Set(virtualServers.map((one) => one.family))) {
      const { was, trouble } = this.#setup.layer4.forward(family);
      if (trouble !== null) this.#setup.journal.warning(`ip_forward: ${trouble}`);
      else if (!was)
        this.#setup.journal.info(`ip_forward: this box forwards IPv${family} from now on${SIDE_EFFECT[family]}`);
    }
  }
}

function includes(has: KernelWants, wants: KernelWants): boolean {
  return (has.nat || !wants.nat) && (has.direct || !wants.direct);
}
