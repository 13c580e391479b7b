/**
 * The pair, composed: one keepalived.conf at work.
 *
 *   network (ip monitor) ─▶ tracking ─▶ instances ─▶ sync groups
 *                                          │ │ └───▶ notify scripts, FIFOs, mail
 *                                          │ └─────▶ addresses, routes, rules (ip -batch), announcements
 *                                          └───────▶ sockets
 *   virtual servers (pair-balancer.ts): in the kernel before the first instance begins, and until the last one has left
 *
 * A reload is a diff: an instance that means the same keeps its state, timers and addresses; one that was changed goes on
 * in its state where it can. Not here: reading the file (src/cli), proxies (control.ts).
 */
import type { PairGlobal, PairModel, VirtualServerTrack, VrrpInstance } from '../config/pair-model.ts';
import { sameMeaning } from '../config/same-meaning.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner, ResolveUser } from '../core/command.ts';
import type { VirtualServerStatus } from '../l4/status.ts';
import { AddressKeeper } from '../netlink/address-keeper.ts';
import type { SendFrame } from '../netlink/announcer.ts';
import { IpBatch } from '../netlink/batch.ts';
import { Network } from '../netlink/network.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import type { Hold } from '../vrrp/hold.ts';
import { Instance, type InstanceServices, type Legacy } from '../vrrp/instance.ts';
import type { VrrpJournal } from '../vrrp/journal.ts';
import type { OpenRawSocket } from '../vrrp/raw-socket.ts';
import { SocketPool } from '../vrrp/socket-pool.ts';
import type { RouterStatistics } from '../vrrp/statistics.ts';
import { SyncGroup } from '../vrrp/sync-group.ts';
import type { DataPath } from '../vrrp/tracking/data-path.ts';
import type { Chronicle } from './chronicle.ts';
import { type Layer4World, PairBalancer, type RealServerWish } from './pair-balancer.ts';
import { type PairFigures, pairFigures } from './pair-figures.ts';
import { PairHolds } from './pair-holds.ts';
import { PairNotify } from './pair-notify.ts';
import type { PairSide } from './pair-side.ts';
import { PairStatics } from './pair-statics.ts';
import { type PairHead, type PairStatus, pairHeadOf } from './pair-status.ts';
import { PairTracking } from './pair-tracking.ts';
import { VmacLinks } from './vmac-links.ts';

export interface PairSetup {
  readonly journal: VrrpJournal;
  readonly chronicle: Chronicle;
  readonly commands: CommandRunner;
  readonly resolveUser: ResolveUser;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly openSocket: OpenRawSocket;
  readonly sendFrame: SendFrame;
  readonly layer4: Layer4World;
  /** null: no proxies run here. */
  readonly dataPath: DataPath | null;
  /** Has proxies end connections with the answer; null: there are none. */
  readonly lastAnswers: ((on: boolean) => void) | null;
  /** Their clients are asked to come anew, and have had their time when it resolves; what it returns takes that back. */
  readonly goodBye: () => Promise<() => void>;
  /** Since the machine was booted. */
  readonly uptimeMs: number;
  /** `global_defs` that concern the process: at the start, and whenever the file was read again. */
  adopt(global: PairGlobal): void;
}

export type PairStart =
  | { readonly ok: true; readonly pair: Pair }
  | { readonly ok: false; readonly messages: readonly string[] };

/** Nothing is decided and no address moves before everything that is needed could be had. */
export async function startPair(model: PairModel, setup: PairSetup): Promise<PairStart> {
  const pair = new Pair(setup, model);
  const messages = await pair.start();
  if (messages.length === 0) return { ok: true, pair };
  await pair.stop(false);
  return { ok: false, messages };
}

export class Pair implements PairSide {
  readonly #setup: PairSetup;
  readonly #network: Network;
  readonly #batches: { readonly 4: IpBatch; readonly 6: IpBatch };
  readonly #keeper: AddressKeeper;
  readonly #sockets: SocketPool;
  readonly #notify: PairNotify;
  readonly #tracking: PairTracking;
  readonly #statics: PairStatics;
  readonly #balancer: PairBalancer;
  readonly #vmacs: VmacLinks;
  readonly #holds: PairHolds;
  readonly #instances = new Map<string, Instance>();
  /** By instance's name: they count on through reloads. */
  readonly #statistics = new Map<string, RouterStatistics>();
  #groups: readonly SyncGroup[] = [];
  #model: PairModel;
  #stopping: Promise<void> | null = null;
  #reloading: Promise<readonly string[]> | null = null;

  constructor(setup: PairSetup, model: PairModel) {
    const { commands, clock, timers, journal } = setup;
    this.#setup = setup;
    this.#model = model;
    const say = (text: string): void => journal.warning(text);
    const failed = (command: string, reason: string): void => {
      // What is gone already is what was wanted.
      if (!/ (del|remove) /.test(command)) journal.warning(`ip ${command}: ${reason}`);
    };
    this.#network = new Network(commands, timers, say);
    this.#batches = {
      4: new IpBatch(commands, timers, null, { failed }),
      6: new IpBatch(commands, timers, 6, { failed }),
    };
    this.#keeper = new AddressKeeper({ batch: this.#batches[4], network: this.#network, clock, timers, say });
    this.#sockets = new SocketPool(setup.openSocket, say);
    this.#notify = new PairNotify(model, commands, setup.resolveUser, journal, timers);
    const network = this.#network;
    const hasQuorum = (server: VirtualServerTrack) => this.#balancer.hasQuorum(server);
    this.#tracking = new PairTracking({ ...setup, network, hasQuorum });
    const { fileNumbers: files } = this.#tracking;
    const notifyOf = (key: string) => this.#notify.virtualServer(key);
    const quorumsChanged = () => this.#tracking.tellVirtualServers();
    this.#balancer = new PairBalancer({ ...setup, network, files, notifyOf, quorumsChanged }, model);
    this.#statics = new PairStatics(this.#batches);
    this.#holds = new PairHolds(journal);
    this.#vmacs = new VmacLinks(this.#batches[4], this.#network, timers, journal);
  }

  get instances(): readonly Instance[] {
    return [...this.#instances.values()];
  }

  /** Everything as it is now, for dumps. */
  view(): PairView {
    const { resolveUser } = this.#setup;
    return {
      model: this.#model,
      instances: this.instances.map((instance) => instance.view()),
      groups: new Map(this.#groups.map(({ model, said }) => [model.name, said])),
      ...this.#tracking.known,
      links: this.#network.links,
      accountOf: ({ user, group }) => {
        const who = resolveUser(user, group);
        if (typeof who === 'string') return null;
        return { uid: who.uid ?? process.getuid?.() ?? 0, gid: who.gid ?? process.getgid?.() ?? 0 };
      },
    };
  }

  status(): PairStatus {
    return { ...this.head(), virtualServers: [...this.virtualServers()] };
  }

  head(): PairHead {
    return pairHeadOf(this.view(), this.#balancer.trouble);
  }

  look(): Promise<void> {
    return this.#balancer.look();
  }

  /** What the kernel balances, made one by one as they are taken. */
  virtualServers(): Iterable<VirtualServerStatus> {
    return this.#balancer.virtualServers();
  }

  setRealServer(virtual: string, server: string, wish: RealServerWish): boolean {
    return this.#balancer.setRealServer(virtual, server, wish);
  }

  get virtualServerCount(): PairBalancer['count'] {
    return this.#balancer.count;
  }

  set(name: string, hold: Hold | null): readonly string[] {
    const group = this.#model.syncGroups.find(({ name: own, members }) => own === name || members.includes(name));
    const instances = (group?.members ?? [name]).flatMap((member) => this.#instances.get(member) ?? []);
    this.#holds.set(instances, hold, this.#setup.goodBye);
    return instances.map(({ model }) => model.name);
  }

  /** The same in numbers, for those who count. */
  figures(): PairFigures {
    return pairFigures(this.view());
  }

  clearStatistics(): void {
    for (const statistics of this.#statistics.values()) statistics.clear();
  }

  /** What is missing, empty: it runs. */
  async start(): Promise<readonly string[]> {
    const { global } = this.#model;
    this.#setup.adopt(global);
    try {
      await this.#network.start();
    } catch (error) {
      return [errorText(error)];
    }
    const missing = await this.#balancer.missing(this.#model);
    if (missing.length > 0) return missing;
    this.#batches[4].start();
    const messages = await this.#create(this.#model.instances);
    if (messages.length > 0) return messages;
    this.#statics.apply(this.#model);
    await this.#notify.start();
    if (global.startupScript !== null) await this.#runScript('startupScript');
    this.#group();
    this.#tracking.follow(this.#model, this.instances);
    const refused = await this.#balancer.follow(this.#model);
    if (refused.length > 0) return refused;
    this.#tracking.tellVirtualServers();
    const bootWaitMs = Math.max(0, global.delayAfterBootMs - this.#setup.uptimeMs);
    const waitMs = Math.max(global.startupDelayMs, bootWaitMs);
    if (waitMs === 0) this.#begin();
    else {
      this.#setup.journal.info(`Delaying startup for ${waitMs / 1000} seconds`);
      this.#setup.timers.after(waitMs, () => this.#begin());
    }
    return [];
  }

  /** The file was read again, and is good. What cannot be had is returned, and then nothing has changed. */
  reload(model: PairModel): Promise<readonly string[]> {
    // One after the other, and none while it stops: half of a reload has instances that nobody would stop.
    const run = this.#reloading === null ? this.#reload(model) : this.#reloading.then(() => this.#reload(model));
    const done = run.finally(() => {
      if (this.#reloading === done) this.#reloading = null;
    });
    this.#reloading = done;
    return done;
  }

  async #reload(model: PairModel): Promise<readonly string[]> {
    if (this.#stopping !== null) return [];
    await this.#holds.settled();
    if (this.#stopping !== null) return [];
    const before = this.#model;
    const fresh = model.instances.filter((instance) => !this.#isUnchanged(instance, before, model));
    const missing = [...this.#missingInterfaces(fresh, model), ...(await this.#balancer.missing(model))];
    if (missing.length > 0) return missing;
    this.#model = model;
    this.#holds.follow(model);
    this.#setup.adopt(model.global);
    await this.#notify.reconfigure(model);
    // Rules of thousands of servers take their time: no instance is without its timers meanwhile.
    const refused = await this.#balance(before, model);
    const legacies = new Map<string, Legacy>();
    const changed = new Set(fresh.map(({ name }) => name));
    const kept = new Set(model.instances.map(({ name }) => name));
    for (const [name, instance] of [...this.#instances]) {
      if (kept.has(name) && !changed.has(name)) continue;
      this.#instances.delete(name);
      const next = model.instances.find((one) => one.name === name);
      if (next !== undefined && isSameRouter(next, instance.model)) legacies.set(name, instance.detach());
      else {
        await instance.stop(false);
        if (next === undefined) {
          this.#statistics.delete(name);
          this.#notify.deleted(instance.model, subjectOf(instance));
        }
      }
    }
    const messages = await this.#create(fresh);
    this.#vmacs.retain(model.instances);
    this.#order();
    this.#statics.apply(model);
    this.#group();
    this.#tracking.follow(model, this.instances);
    this.#tracking.tellVirtualServers();
    for (const instance of this.instances) {
      instance.hold(this.#holds.of(instance.model.name));
      void instance.stepAside();
    }
    for (const name of changed) {
      const legacy = legacies.get(name);
      const instance = this.#instances.get(name);
      if (legacy === undefined) instance?.begin();
      else instance?.succeed(legacy);
      if (instance !== undefined) this.#note(instance, 'its configuration was changed');
    }
    this.#setup.journal.info(`Reloaded: ${fresh.length} of ${model.instances.length} instances are new or changed`);
    return [...messages, ...refused];
  }

  /** `handOver`: masters serve until their successors are heard. Resolves when nothing of it is left. */
  stop(handOver: boolean): Promise<void> {
    if (!handOver) for (const instance of this.#instances.values()) void instance.stop(false);
    const stop = (): Promise<void> => this.#stop(() => this.instances.map((instance) => instance.stop(handOver)));
    this.#stopping ??= this.#reloading === null ? stop() : this.#reloading.then(stop);
    return this.#stopping;
  }

  /** Ends, but masters leave their addresses where they are, for ever and without a word (keepalived's -V). */
  abandon(): Promise<void> {
    const stop = (): Promise<void> =>
      this.#stop(() => {
        for (const instance of this.instances) {
          const { phase, addresses } = instance.detach();
          if (phase === 'master') this.#keeper.keepForEver(addresses);
        }
        return [];
      });
    this.#stopping ??= this.#reloading === null ? stop() : this.#reloading.then(stop);
    return this.#stopping;
  }

  async #stop(end: () => readonly Promise<void>[]): Promise<void> {
    this.#tracking.stop();
    await Promise.all(end());
    await this.#balancer.stop();
    if (this.#model.global.shutdownScript !== null) await this.#runScript('shutdownScript');
    this.#statics.remove();
    this.#vmacs.remove();
    this.#keeper.stop();
    for (const batch of [this.#batches[4], this.#batches[6]]) batch.stop();
    this.#network.stop();
    await this.#notify.stop();
  }

  #balance(before: PairModel, model: PairModel): Promise<readonly string[]> {
    // Checks may look at files that are new.
    const has = before.virtualServers.length + model.virtualServers.length > 0;
    if (has) this.#tracking.follow(model, this.instances);
    return this.#balancer.follow(model);
  }

  #begin(): void {
    if (this.#stopping !== null) return;
    for (const instance of this.instances) instance.begin();
  }

  async #create(models: readonly VrrpInstance[]): Promise<readonly string[]> {
    const missing = this.#missingInterfaces(models, this.#model);
    if (missing.length > 0) return missing;
    await this.#vmacs.create(models);
    const messages: string[] = [];
    for (const model of models) {
      const instance = new Instance(
        model,
        this.#services(),
        this.#statistics.get(model.name),
        this.#holds.of(model.name),
      );
      this.#statistics.set(model.name, instance.statistics);
      try {
        // What comes later is opened when it comes.
        if (this.#network.link(model.interface) !== null) instance.open();
        this.#instances.set(model.name, instance);
      } catch (error) {
        messages.push(`(${model.name}) ${errorText(error)}`);
      }
    }
    return messages;
  }

  #missingInterfaces(models: readonly VrrpInstance[], { global }: PairModel): readonly string[] {
    if (global.dynamicInterfaces) return [];
    return models
      .filter((model) => this.#network.link(model.interface) === null)
      .map((model) => `(${model.name}) WARNING - interface ${model.interface} doesn't exist`);
  }

  #services(): InstanceServices {
    const { clock, timers, journal, sendFrame, lastAnswers } = this.#setup;
    // As it is when it is asked for: an instance that does not change outlives a reload.
    const global = (): PairGlobal => this.#model.global;
    return {
      clock,
      timers,
      journal,
      sendFrame,
      lastAnswers,
      network: this.#network,
      keeper: this.#keeper,
      batches: this.#batches,
      sockets: this.#sockets,
      get global() {
        return global();
      },
      commands: this.#setup.commands,
      knowsRouter: (device, family, vrid) =>
        this.#model.instances.some(
          (one) => one.interface === device && one.family === family && one.virtualRouterId === vrid,
        ),
      mayTakeOver: (instance) => this.#groupOf(instance)?.mayTakeOver(instance) ?? true,
      notify: (instance, state) => this.#notify.tell(instance.model, subjectOf(instance), state),
      notifyHeardLower: (instance) => this.#notify.heardLower(instance.model, subjectOf(instance)),
      phaseChanged: (instance, before, why) => {
        if (why !== null) this.#note(instance, why);
        this.#groupOf(instance)?.phaseChanged(instance, before);
      },
      faultsChanged: (instance) => this.#groupOf(instance)?.faultsChanged(),
      priorityChanged: (instance) => {
        if (instance.model.notify.onPriorityChange && (instance.phase === 'master' || instance.phase === 'backup')) {
          const state = instance.phase === 'master' ? 'MASTER' : 'BACKUP';
          const { notify } = instance.model;
          this.#notify.tell(
            { notify: { ...notify, master: null, backup: null }, smtpAlert: false },
            subjectOf(instance),
            state,
          );
        }
      },
    };
  }

  #note({ model, phase }: Instance, why: string): void {
    this.#setup.chronicle.noteChange('vrrp', model.name, phase.toUpperCase(), why);
  }

  /** Groups are made anew: what they know is their members' states. */
  #group(): void {
    const { journal } = this.#setup;
    const before = this.#groups;
    this.#groups = this.#model.syncGroups.map((model) => {
      const members = model.members.flatMap((name) => this.#instances.get(name) ?? []);
      const said = before.find((group) => group.model.name === model.name)?.said ?? null;
      const subject = () => ({
        kind: 'GROUP' as const,
        name: model.name,
        priority: Math.max(0, ...members.map(({ priority }) => priority)),
      });
      return new SyncGroup(model, members, journal, (state) => this.#notify.tell(model, subject(), state), said);
    });
  }

  #groupOf(instance: Instance): SyncGroup | undefined {
    return this.#groups.find((group) => group.model.members.includes(instance.model.name));
  }

  /** In the order of the file. */
  #order(): void {
    const ordered = this.#model.instances.flatMap(({ name }) => this.#instances.get(name) ?? []);
    this.#instances.clear();
    for (const instance of ordered) this.#instances.set(instance.model.name, instance);
  }

  #isUnchanged(instance: VrrpInstance, before: PairModel, now: PairModel): boolean {
    const old = before.instances.find(({ name }) => name === instance.name);
    return (
      old !== undefined &&
      this.#instances.has(instance.name) &&
      sameMeaning(old, instance) &&
      before.global.mcastGroup4 === now.global.mcastGroup4 &&
      before.global.mcastGroup6 === now.global.mcastGroup6 &&
      sameMeaning(groupTracks(instance, before), groupTracks(instance, now))
    );
  }

  async #runScript(which: 'startupScript' | 'shutdownScript'): Promise<void> {
    const { global } = this.#model;
    const command = global[which];
    if (command === null) return;
    const who = this.#setup.resolveUser(command.user, command.group);
    const timeoutMs = global[`${which}TimeoutMs`];
    if (typeof who === 'string') {
      this.#setup.journal.warning(`${command.argv[0]}: ${who}`);
      return;
    }
    const { exitCode, how } = await this.#setup.commands.run(command.argv, { ...who, timeoutMs });
    if (exitCode !== 0) this.#setup.journal.warning(`${command.argv.join(' ')}: ${how}`);
  }
}

/** What its group tracks is tracked by the instance. */
function groupTracks(instance: VrrpInstance, model: PairModel): unknown {
  const group = model.syncGroups.find(({ name }) => name === instance.syncGroup);
  return [group?.trackInterfaces, group?.trackScripts, group?.trackProcesses, group?.trackFiles];
}

/** The rest of the world cannot tell the one from the other. */
function isSameRouter(a: VrrpInstance, b: VrrpInstance): boolean {
  return (
    a.interface === b.interface &&
    a.virtualRouterId === b.virtualRouterId &&
    a.family === b.family &&
    a.version === b.version &&
    sameMeaning(a.vmac, b.vmac)
  );
}

function subjectOf(instance: Instance) {
  return { kind: 'INSTANCE' as const, name: instance.model.name, priority: instance.priority };
}

function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
