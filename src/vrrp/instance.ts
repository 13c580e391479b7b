/**
 * One virtual router at work: packets, timers and what is tracked go into the election, its effects are carried out in
 * their order. It decides nothing itself.
 *
 *   socket ─▶ judge ─▶ advert ─┐                      ┌─▶ socket (adverts)
 *   deadline ─────────▶ timer ─┼─▶ transition ─▶ … ───┼─▶ addresses, announcements
 *   tracking ▶ fault, priority ┘                      └─▶ notify, sync group, journal
 *
 * Not here: who reads files and starts programs (tracking, notifying), what groups want (sync-group.ts).
 */
import type { PairGlobal, VrrpInstance } from '../config/pair-model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { AddressKeeper } from '../netlink/address-keeper.ts';
import { Announcer, type AnnounceTarget, type SendFrame } from '../netlink/announcer.ts';
import type { IpBatch } from '../netlink/batch.ts';
import { dropRules } from '../netlink/drop-rules.ts';
import { addressKey, type KeptAddress } from '../netlink/kept-address.ts';
import type { Network } from '../netlink/network.ts';
import { type Alarm, type Expectation, judge, type Received, type Refusal } from './acceptance.ts';
import { Alarms, alarmText } from './alarms.ts';
import { Deadline } from './deadline.ts';
import { initialState, transition } from './election.ts';
import type { Effect, ElectionEvent, ElectionState, NotifyState, Phase } from './election-types.ts';
import {
  announceRulesOf,
  electionConfigOf,
  expectationOf,
  keptAddressOf,
  routeCommands,
  ruleCommands,
} from './instance-plan.ts';
import { sourceAddress } from './instance-source.ts';
import type { InstanceView } from './instance-view.ts';
import { QuietJournal, type VrrpJournal } from './journal.ts';
import { forwards, promoteSecondaries } from './kernel-settings.ts';
import { type Advert, AUTH_NONE, AUTH_PASS, encodeAdvert } from './packet.ts';
import { type Standing, standingOf, type TrackedValue, type TrackResult } from './priority.ts';
import type { SocketPool, SocketUse } from './socket-pool.ts';
import { RouterStatistics } from './statistics.ts';

export interface InstanceServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly network: Network;
  readonly keeper: AddressKeeper;
  /** By family. */
  readonly batches: { readonly 4: IpBatch; readonly 6: IpBatch };
  readonly sockets: SocketPool;
  readonly sendFrame: SendFrame;
  /** For what `ip` does not do: nft. */
  readonly commands: CommandRunner;
  readonly journal: VrrpJournal;
  readonly global: PairGlobal;
  /** Whether another virtual router here has that VRID on that interface. */
  knowsRouter(device: string, family: 4 | 6, vrid: number): boolean;
  notify(instance: Instance, state: NotifyState): void;
  notifyHeardLower(instance: Instance): void;
  phaseChanged(instance: Instance, before: Phase): void;
  priorityChanged(instance: Instance): void;
  faultsChanged(instance: Instance): void;
}

const OWNER = 255;
const SEND_TTL = 255;
const NFT_TIMEOUT_MS = 5000;

/** What an instance leaves to the one that takes its place at a reload. */
export interface Legacy {
  readonly phase: Phase;
  readonly lastTransitionWallMs: number;
  readonly addresses: readonly KeptAddress[];
  readonly entries: readonly { readonly family: 4 | 6; readonly remove: string }[];
}

export class Instance {
  readonly model: VrrpInstance;
  readonly alarms = new Alarms();
  readonly refusals = new Map<Refusal, number>();
  /** Counts on through reloads. */
  readonly statistics: RouterStatistics;
  readonly #services: InstanceServices;
  readonly #journal: QuietJournal;
  readonly #expected: Expectation;
  #trustedSource: string | null = null;
  readonly #addresses: readonly KeptAddress[];
  /** Those that come and go with us: not what an owner's interface has anyway. */
  #kept: readonly KeptAddress[];
  readonly #announcer: Announcer;
  readonly #deadline: Deadline;
  readonly #results = new Map<string, TrackResult>();
  readonly #values = new Map<string, TrackedValue>();
  #socket: SocketUse | null = null;
  #state: ElectionState;
  #source: string | null = null;
  #groupFault = false;
  #visible: Promise<void> = Promise.resolve();
  #stopped: (() => void) | null = null;
  /** Before it begins it only learns. */
  #begun = false;
  /** Another instance's life goes on here: what it was it did not become. */
  #succeeding = false;
  #interfaceIndex = 0;
  #lastTransitionWallMs = 0;

  constructor(model: VrrpInstance, services: InstanceServices, statistics = new RouterStatistics()) {
    const { clock, timers, global } = services;
    this.model = model;
    this.statistics = statistics;
    this.#services = services;
    this.#journal = new QuietJournal(services.journal, clock);
    this.#expected = expectationOf(model, model.family === 4 ? global.mcastGroup4 : global.mcastGroup6);
    this.#addresses = [...model.addresses, ...model.excludedAddresses].map(keptAddressOf);
    this.#kept = this.#addresses;
    this.#announcer = new Announcer({
      rules: announceRulesOf(model.announce),
      send: services.sendFrame,
      forwards,
      clock,
      timers,
      say: (text) => this.#journal.warning(`(${model.name}) ${text}`),
    });
    this.#deadline = new Deadline(clock, timers, () => this.#event({ kind: 'timer', drained: false }));
    this.#state = initialState(electionConfigOf(model, ''));
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  get priority(): number {
    return this.#state.priority;
  }

  get engine(): SocketUse['engine'] | null {
    return this.#socket?.engine ?? null;
  }

  /** Own faults, not those of the group. */
  get faults(): readonly string[] {
    return this.#standing().faults;
  }

  view(): InstanceView {
    const { network, clock } = this.#services;
    const { phase, priority, master, masterIntervalCs, deadlineMs } = this.#state;
    const { faults, total } = this.#standing();
    const name = this.model.vmac?.name ?? this.model.interface;
    return {
      model: this.model,
      phase,
      effectivePriority: priority,
      totalPriority: total,
      faults,
      master,
      masterIntervalCs,
      lastTransitionWallMs: this.#lastTransitionWallMs,
      deadlineWallMs: deadlineMs === null ? null : clock.wallMs() + deadlineMs - clock.monotonicMs(),
      source: this.#source,
      isUp: network.link(name)?.running ?? false,
      interfaceIndex: this.#interfaceIndex,
      holds: phase === 'master' || phase === 'leaving',
      hasSocket: this.#socket !== null,
      statistics: this.statistics,
    };
  }

  /** Opens the socket; throws an Error for the operator. Nothing is decided before `begin`. */
  open(): void {
    const { interface: base, vmac, family } = this.model;
    const sendOn = vmac !== null && !vmac.transmitOnBase ? vmac.name : base;
    const options = { family, receiveOn: base, sendOn, group: this.#expected.group };
    this.#socket = this.#services.sockets.use(options, (received) => this.#received(received));
    this.#interfaceIndex = this.#services.network.link(base)?.index ?? 0;
    const trouble = this.model.promoteSecondaries ? promoteSecondaries(base) : null;
    if (trouble !== null) this.#journal.warning(`(${this.model.name}) ${trouble}`);
  }

  /** An interface that was made anew is another one to the kernel: what was bound to the old one hears nothing more. */
  followInterface(): void {
    const link = this.#services.network.link(this.model.interface);
    if (link === null || (this.#socket !== null && link.index === this.#interfaceIndex)) return;
    this.#socket?.close();
    this.#socket = null;
    try {
      this.open();
    } catch (error) {
      this.#journal.warning(`(${this.model.name}) ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Addresses of an earlier life of ours are nobody's: they go, unless we become master right away. */
  begin(): void {
    const { keeper, network } = this.#services;
    if (this.model.priority < OWNER) keeper.release(this.#addresses);
    else this.#kept = this.#addresses.filter(({ device, ip }) => !network.hasForGood(device, ip));
    const { transport } = this.model;
    if (transport.kind === 'unicast' && transport.faultWithoutPeer) {
      this.setResult({ name: 'there is no unicast_peer', ok: transport.peers.length > 0, weight: 0 });
    }
    this.refreshSource();
    this.#begun = true;
    this.#consider();
    this.#event({ kind: 'start' });
  }

  /** Resolves when it holds nothing more. `handOver`: serves until a successor is heard. */
  stop(handOver: boolean): Promise<void> {
    const done = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    this.#event({ kind: 'stop', handOver });
    if (this.#state.phase === 'stopped') this.#finish();
    return done;
  }

  /** Ends without a word and without letting go of anything: another instance goes on with it. */
  detach(): Legacy {
    const { phase } = this.#state;
    this.#state = { ...this.#state, phase: 'stopped', deadlineMs: null };
    const entries = [
      ...this.model.rules.map((rule) => ({ family: rule.family, remove: ruleCommands(rule).remove })),
      ...this.model.routes.map((route) => ({ family: route.family, remove: routeCommands(route).remove })),
    ];
    this.#finish();
    return { phase, lastTransitionWallMs: this.#lastTransitionWallMs, addresses: this.#kept, entries };
  }

  /** In place of one that was configured otherwise: a master stays master, with the addresses that it has now. */
  succeed(legacy: Legacy): void {
    const { keeper, batches } = this.#services;
    const keeps = new Set(this.#addresses.map(addressKey));
    keeper.release(legacy.addresses.filter((address) => !keeps.has(addressKey(address))));
    if (legacy.phase === 'master') for (const { family, remove } of legacy.entries) batches[family].run([remove]);
    this.refreshSource();
    this.#begun = true;
    this.#succeeding = true;
    this.#consider();
    this.#event({ kind: 'start' });
    if (legacy.phase === 'master') this.#event({ kind: 'follow', phase: 'master' });
    this.#succeeding = false;
    if (legacy.phase === this.phase) this.#lastTransitionWallMs = legacy.lastTransitionWallMs;
    else this.statistics.moved(legacy.phase, this.phase);
  }

  setResult(result: TrackResult): void {
    const before = this.#results.get(result.name);
    if (before !== undefined && before.ok === result.ok && before.weight === result.weight) return;
    this.#results.set(result.name, result);
    this.#consider();
  }

  setValue(value: TrackedValue): void {
    if (this.#values.get(value.name)?.value === value.value) return;
    this.#values.set(value.name, value);
    this.#consider();
  }

  setGroupFault(fault: boolean): void {
    if (this.#groupFault === fault) return;
    this.#groupFault = fault;
    this.#consider();
  }

  follow(phase: 'master' | 'backup'): void {
    this.#event({ kind: 'follow', phase });
  }

  /** After an address of the interface came or went. */
  refreshSource(): void {
    const link = this.#services.network.link(this.model.interface);
    const own = new Set(this.#kept.map(({ ip }) => ip));
    this.#source = sourceAddress(this.model, link?.addresses ?? [], own);
    this.setResult({
      name: `${this.model.interface} has no address to send from`,
      ok: this.#source !== null,
      weight: 0,
    });
  }

  /** What it took for granted may have changed: addresses, links. */
  announceAgain(): void {
    if (this.#state.phase === 'master') this.#announcer.announce(this.#targets(), 'master');
  }

  // --- in -------------------------------------------------------------------------------------------------------------

  #received(received: Received): void {
    if (!this.#begun) return;
    const own = this.#source === null ? [] : [this.#source];
    const { source } = received;
    const judgement = judge({ ...this.#expected, trustedSource: this.#trustedSource }, received, own);
    this.statistics.heard(judgement);
    for (const alarm of judgement.alarms) this.#alarm(alarm, source, judgement.advert);
    if (judgement.refusal !== null) {
      this.refusals.set(judgement.refusal, (this.refusals.get(judgement.refusal) ?? 0) + 1);
      if (judgement.refusal === 'other-vrid') this.#otherRouter(source, judgement.advert);
      else if (judgement.refusal !== 'own-source') {
        this.#journal.info(`(${this.model.name}) ignored an advert from ${source}: ${judgement.refusal}`);
      }
      return;
    }
    // keepalived's skip_check_adv_addr: whose advert was accepted last need not show its list again.
    if (this.model.skipCheckAdvertAddresses) this.#trustedSource = source;
    const { priority, intervalCs } = judgement.advert;
    this.#event({ kind: 'advert', source, priority, intervalCs });
  }

  #otherRouter(source: string, advert: Advert | null): void {
    const { global, knowsRouter } = this.#services;
    const { interface: device, family } = this.model;
    if (advert !== null && global.logUnknownVrids && !knowsRouter(device, family, advert.vrid)) {
      this.#journal.info(`Unknown VRID(${advert.vrid}) received on interface(${device}) from ${source}`);
    }
    if (advert === null || this.#services.network.has(this.model.interface, source)) return;
    const shared = advert.addresses.some((ip) => this.#expected.addresses.includes(ip));
    if (shared) this.#alarm('same-address-other-vrid', source, advert);
  }

  #alarm(alarm: Alarm, source: string, advert: Advert | null): void {
    if (!this.alarms.raise(alarm, source)) return;
    const { name, version, virtualRouterId, advertIntervalCs, authentication, transport } = this.model;
    const own = {
      name,
      version,
      vrid: virtualRouterId,
      intervalCs: advertIntervalCs,
      hasPassword: authentication !== null,
      addresses: this.#expected.addresses,
      unicast: transport.kind === 'unicast',
    };
    this.#journal.warning(alarmText(alarm, source, own, advert));
  }

  #standing(): Standing {
    return standingOf(this.model.priority, [...this.#results.values()], [...this.#values.values()]);
  }

  #consider(): void {
    if (!this.#begun) return;
    const { faults, priority } = this.#standing();
    const { phase, priority: before } = this.#state;
    if (phase !== 'stopped' && phase !== 'leaving') {
      for (const fault of phase === 'fault' ? [] : faults) this.#journal.info(`(${this.model.name}) ${fault}`);
      this.#event({ kind: 'priority', priority });
      if (faults.length > 0 || this.#groupFault) this.#event({ kind: 'fault' });
      else if (phase === 'fault') this.#event({ kind: 'recover' });
      if (priority !== before) this.#services.priorityChanged(this);
    }
    this.#services.faultsChanged(this);
  }

  // --- out ------------------------------------------------------------------------------------------------------------

  #event(event: ElectionEvent): void {
    const before = this.#state.phase;
    const config = electionConfigOf(this.model, this.#source ?? '');
    const { state, effects } = transition(config, this.#state, event, this.#services.clock.monotonicMs());
    this.#state = state;
    if (state.phase !== before) {
      this.#lastTransitionWallMs = this.#services.clock.wallMs();
      if (!this.#succeeding) this.statistics.moved(before, state.phase);
    }
    for (const effect of effects) this.#carryOut(effect);
    if (state.phase !== before) this.#services.phaseChanged(this, before);
    if (state.phase === 'stopped' && before !== 'stopped') this.#finish();
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send-advert':
        this.#send(effect.priority);
        break;
      case 'add-addresses':
        this.#addAddresses();
        break;
      case 'announce':
        this.#announce(effect.reason === 'became-master');
        break;
      case 'release-addresses':
        this.#release();
        break;
      case 'notify':
        this.#services.notify(this, effect.state);
        break;
      case 'notify-heard-lower':
        this.#services.notifyHeardLower(this);
        break;
      case 'timer':
        this.#deadline.set(effect.atMs);
        break;
      case 'drain':
        void (this.#socket?.drain() ?? Promise.resolve()).then(() => this.#event({ kind: 'timer', drained: true }));
        break;
      case 'alarm':
        this.#alarm(effect.alarm, effect.source, null);
        break;
      case 'log':
        if (effect.text.includes(' Entering ')) this.#journal.always(effect.text);
        else this.#journal.info(effect.text);
        break;
    }
  }

  #send(priority: number): void {
    const { model } = this;
    const source = this.#source;
    if (source === null || this.#socket === null) return;
    this.statistics.sent(priority);
    const { transport, version } = model;
    const { peers, group } = this.#expected;
    const destinations = peers === null ? [group] : peers.map(({ ip }) => ip);
    const advert: Advert = {
      version,
      vrid: model.virtualRouterId,
      priority,
      intervalCs: model.advertIntervalCs,
      addresses: this.#expected.addresses,
      authType: this.#expected.authData === null ? AUTH_NONE : AUTH_PASS,
      authData: this.#expected.authData ?? new Uint8Array(0),
    };
    for (const destination of destinations) {
      const checksum = model.v3ChecksumAsV2 ? 'plain' : 'pseudo-header';
      const message = encodeAdvert(advert, { source, destination }, { checksum });
      const ttl = transport.kind === 'unicast' ? transport.ttl : SEND_TTL;
      const trouble = this.#socket.send(message, source, destination, ttl);
      if (trouble !== null) this.#journal.warning(`(${model.name}) cannot send to ${destination}: ${trouble}`);
    }
  }

  #addAddresses(): void {
    const { keeper, batches } = this.#services;
    const { tandem, routes, rules } = this.model;
    if (!this.model.accept) this.#filter('add');
    this.#visible = keeper.hold(this.#kept, tandem.leaseMs, () => this.announceAgain());
    if (routes.length + rules.length === 0) return;
    // A route may need the address as its source.
    void this.#visible.then(() => {
      if (this.#state.phase !== 'master') return;
      for (const route of routes) batches[route.family].run([routeCommands(route).add]);
      for (const rule of rules) batches[rule.family].run([ruleCommands(rule).add]);
    });
  }

  #release(): void {
    const { keeper, batches } = this.#services;
    this.#announcer.stop();
    for (const rule of this.model.rules) batches[rule.family].run([ruleCommands(rule).remove]);
    for (const route of this.model.routes) batches[route.family].run([routeCommands(route).remove]);
    keeper.release(this.#kept);
    if (!this.model.accept) this.#filter('remove');
  }

  /** In place before the address is, and as long as it. */
  #filter(how: 'add' | 'remove'): void {
    const stdin = dropRules(this.model.name, this.#addresses)[how];
    void this.#services.commands.run(['nft', '-f', '-'], { stdin, timeoutMs: NFT_TIMEOUT_MS }).then((result) => {
      if (result.exitCode !== 0) this.#journal.warning(`(${this.model.name}) no_accept: nft: ${result.how}`);
    });
  }

  /** New addresses are told of when the kernel has them: an answer to a client must find them there. */
  #announce(becameMaster: boolean): void {
    if (!becameMaster) {
      this.#announcer.announce(this.#targets(), 'lowerPriority');
      return;
    }
    void this.#visible.then(() => this.announceAgain());
  }

  #targets(): AnnounceTarget[] {
    return this.#addresses.flatMap(({ family, ip, device }) => {
      const mac = this.#services.network.link(device)?.mac ?? null;
      return mac === null ? [] : [{ family, ip, device, mac }];
    });
  }

  #finish(): void {
    this.#deadline.set(null);
    this.#announcer.stop();
    this.#socket?.close();
    this.#socket = null;
    this.#stopped?.();
    this.#stopped = null;
  }
}
