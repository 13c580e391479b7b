/**
 * One virtual router at work: packets, timers and what is tracked go into the election, its effects are carried out in
 * their order. It decides nothing itself.
 *
 *   socket ─▶ judge ─▶ advert ─┐                      ┌─▶ socket (adverts)
 *   deadline ─────────▶ timer ─┼─▶ transition ─▶ … ───┼─▶ addresses, announcements
 *   tracking ▶ fault, priority ┘                      └─▶ notify, sync group, journal
 *
 * Not here: what it has while it is master (holding.ts), who reads files and starts programs (tracking, notifying), what
 * groups want (sync-group.ts).
 */
import type { PairGlobal, VrrpInstance } from '../config/pair-model.ts';
import type { Timer } from '../core/clock.ts';
import { addressKey, type KeptAddress } from '../netlink/kept-address.ts';
import { type Alarm, type Expectation, judge, type Received, type Refusal } from './acceptance.ts';
import { Alarms, alarmText } from './alarms.ts';
import { Deadline } from './deadline.ts';
import { transition } from './election.ts';
import type { Effect, ElectionConfig, ElectionEvent, ElectionState, NotifyState, Phase } from './election-types.ts';
import { Hearing } from './hearing.ts';
import { type Hold, heldStanding } from './hold.ts';
import { Holding, type HoldingServices } from './holding.ts';
import { initialState } from './initial-state.ts';
import {
  advertOf,
  type EntryCommands,
  electionConfigOf,
  entryCommands,
  expectationOf,
  ownSideOf,
} from './instance-plan.ts';
import { sourceAddress } from './instance-source.ts';
import type { InstanceView } from './instance-view.ts';
import { QuietJournal, type VrrpJournal } from './journal.ts';
import { promoteSecondaries } from './kernel-settings.ts';
import { type Advert, encodeAdvert, type Word } from './packet.ts';
import { type Standing, standingOf, type TrackedValue, type TrackResult } from './priority.ts';
import type { SocketPool, SocketUse } from './socket-pool.ts';
import { RouterStatistics } from './statistics.ts';
import { transitionReason } from './transition-reason.ts';

export interface InstanceServices extends HoldingServices {
  readonly sockets: SocketPool;
  readonly journal: VrrpJournal;
  readonly global: PairGlobal;
  /** Whether another virtual router here has that VRID on that interface. */
  knowsRouter(device: string, family: 4 | 6, vrid: number): boolean;
  /** Its sync group lets it become master now; not there: always. */
  mayTakeOver?(instance: Instance): boolean;
  notify(instance: Instance, state: NotifyState): void;
  notifyHeardLower(instance: Instance): void;
  /** `why` null: what it was before the reload it is again. */
  phaseChanged(instance: Instance, before: Phase, why: string | null): void;
  priorityChanged(instance: Instance): void;
  faultsChanged(instance: Instance): void;
}

const SEND_TTL = 255;
/** A socket that could not be had is tried again. */
const REOPEN_MS = 1000;

/** What an instance leaves to the one that takes its place at a reload. */
export interface Legacy {
  readonly phase: Phase;
  readonly lastTransitionWallMs: number;
  readonly addresses: readonly KeptAddress[];
  /** To be removed in this order. */
  readonly entries: readonly EntryCommands[];
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
  readonly #holding: Holding;
  readonly #deadline: Deadline;
  readonly #results = new Map<string, TrackResult>();
  readonly #values = new Map<string, TrackedValue>();
  readonly #hearing = new Hearing();
  #socket: SocketUse | null = null;
  #reopen: Timer | null = null;
  #state: ElectionState;
  #source: string | null = null;
  #groupFault = false;
  #hold: Hold | null;
  #steppedAside: (() => void)[] = [];
  #stopped: (() => void) | null = null;
  /** Before it begins it only learns. */
  #begun = false;
  /** Another instance's life goes on here: what it was it did not become. */
  #succeeding = false;
  #interfaceIndex = 0;
  #lastTransitionWallMs = 0;

  /** `hold`: what an operator has made of it before. */
  constructor(
    model: VrrpInstance,
    services: InstanceServices,
    statistics = new RouterStatistics(),
    hold: Hold | null = null,
  ) {
    const { clock, timers, global } = services;
    this.model = model;
    this.statistics = statistics;
    this.#hold = hold;
    this.#services = services;
    this.#journal = new QuietJournal(services.journal, clock);
    this.#expected = expectationOf(model, model.family === 4 ? global.mcastGroup4 : global.mcastGroup6);
    const warn = (text: string): void => this.#journal.warning(`(${model.name}) ${text}`);
    this.#holding = new Holding(model, services, {
      isMaster: () => this.#state.phase === 'master',
      warn,
      say: (word) => this.#send(this.#state.priority, word),
      prepared: (possible) => this.#event({ kind: 'prepared', possible }),
      handedOver: () => this.#event({ kind: 'handed-over' }),
    });
    this.#deadline = new Deadline(clock, timers, () => this.#event({ kind: 'timer', drained: false }));
    this.#state = initialState(this.#config());
  }

  get phase(): Phase {
    return this.#state.phase;
  }

  get priority(): number {
    return this.#state.priority;
  }

  /** Nothing speaks against its being master. */
  get wantsMaster(): boolean {
    return this.#state.phase === 'master' || (this.#state.phase === 'backup' && this.#state.wanting);
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
    const { faults, total, reasons } = this.#standing();
    const nowMs = clock.monotonicMs();
    const name = this.model.vmac?.name ?? this.model.interface;
    return {
      model: this.model,
      phase,
      forced: this.#hold,
      effectivePriority: priority,
      totalPriority: total,
      reasons,
      faults,
      master,
      ...this.#hearing.view(this.#state, nowMs),
      masterIntervalCs,
      lastTransitionWallMs: this.#lastTransitionWallMs,
      deadlineWallMs: deadlineMs === null ? null : clock.wallMs() + deadlineMs - nowMs,
      source: this.#source,
      isUp: network.link(name)?.running ?? false,
      interfaceIndex: this.#interfaceIndex,
      holds: phase === 'master' || phase === 'leaving',
      hasSocket: this.#socket !== null,
      statistics: this.statistics,
      alarms: this.alarms.counts,
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
    this.#reopen?.cancel();
    try {
      this.open();
    } catch (error) {
      this.#journal.warning(`(${this.model.name}) ${error instanceof Error ? error.message : error}`);
      // Nobody may say anything more about that interface.
      this.#reopen = this.#services.timers.after(REOPEN_MS, () => this.followInterface());
    }
  }

  /** Addresses of an earlier life of ours are nobody's: they go, unless we become master right away. */
  begin(): void {
    this.#holding.begin(this.#config().gentle);
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
    this.#finish();
    const entries = entryCommands(this.model).toReversed();
    return { phase, lastTransitionWallMs: this.#lastTransitionWallMs, addresses: this.#holding.kept, entries };
  }

  /** In place of one that was configured otherwise: a master stays master, with the addresses that it has now. */
  succeed(legacy: Legacy): void {
    const { keeper, batches } = this.#services;
    const keeps = new Set(this.#holding.addresses.map(addressKey));
    keeper.release(legacy.addresses.filter((address) => !keeps.has(addressKey(address))));
    if (legacy.phase === 'master') for (const { family, remove } of legacy.entries) batches[family].run([remove]);
    this.refreshSource();
    this.#begun = true;
    this.#succeeding = true;
    this.#consider();
    this.#event({ kind: 'start' });
    if (legacy.phase === 'master') this.#event({ kind: 'follow', phase: 'master' });
    if (legacy.phase === 'master' && this.phase !== 'master') this.#holding.release();
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

  /** By an operator's hand; null: it decides by itself again. */
  hold(hold: Hold | null): void {
    if (this.#hold === hold) return;
    this.#hold = hold;
    this.#consider();
  }

  /** A master that is held as backup gives up as gently as at the end. Resolves when it has. */
  stepAside(): Promise<void> {
    if (this.#hold !== 'backup' || this.phase !== 'master') return Promise.resolve();
    const done = new Promise<void>((resolve) => this.#steppedAside.push(resolve));
    this.#event({ kind: 'step-aside' });
    return done;
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
    const own = new Set(this.#holding.kept.map(({ ip }) => ip));
    this.#source = sourceAddress(this.model, link?.addresses ?? [], own);
    this.setResult({
      name: `${this.model.interface} has no address to send from`,
      ok: this.#source !== null,
      weight: 0,
    });
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
      this.#hearing.refused(judgement.refusal, source, this.#services.clock.monotonicMs());
      if (judgement.refusal === 'other-vrid') this.#otherRouter(source, judgement.advert);
      else if (judgement.refusal !== 'own-source') {
        this.#journal.info(`(${this.model.name}) ignored an advert from ${source}: ${judgement.refusal}`);
      }
      return;
    }
    // keepalived's skip_check_adv_addr: whose advert was accepted last need not show its list again.
    if (this.model.skipCheckAdvertAddresses) this.#trustedSource = source;
    const { priority, intervalCs, word } = judgement.advert;
    if (word === undefined) {
      this.#event({ kind: 'advert', source, priority, intervalCs });
      this.#hearing.heard(this.phase, { source, priority }, this.#services.clock.monotonicMs());
    }
    // Connections can be passed on within a link only.
    else if (received.ttl === SEND_TTL) {
      if (word === 'following') this.#holding.arrives();
      this.#event({ kind: 'word', source, word });
    }
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
    this.#journal.warning(alarmText(alarm, source, ownSideOf(this.model, this.#expected), advert));
  }

  #standing(): Standing {
    const standing = standingOf(this.model.priority, [...this.#results.values()], [...this.#values.values()]);
    return heldStanding(standing, this.#hold, this.model.name);
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
    const was = this.#state;
    const before = was.phase;
    const dueMs = event.kind === 'timer' && before === 'master' ? was.deadlineMs : null;
    const { state, effects } = transition(this.#config(), this.#state, event, this.#services.clock.monotonicMs());
    this.#state = state;
    if (state.phase !== before) {
      this.#lastTransitionWallMs = this.#services.clock.wallMs();
      if (!this.#succeeding) this.statistics.moved(before, state.phase);
    }
    for (const effect of effects) {
      this.#carryOut(effect);
      if (effect.kind === 'send-advert' && dueMs !== null) {
        this.statistics.lateness.note(this.#services.clock.monotonicMs() - dueMs);
      }
    }
    if (state.phase !== before) {
      const why = transitionReason({ event, before: was, effects, faults: this.faults });
      this.#services.phaseChanged(this, before, this.#succeeding ? null : why);
    }
    if (before === 'leaving' && state.phase !== 'leaving') this.#hasLeft();
    if (state.phase === 'stopped' && before !== 'stopped') this.#finish();
  }

  #hasLeft(): void {
    for (const resolve of this.#steppedAside.splice(0)) resolve();
    // What was found meanwhile had to wait.
    if (this.phase !== 'stopped') this.#consider();
  }

  #config(): ElectionConfig {
    const config = electionConfigOf(this.model, this.#source ?? '', this.#services.lastAnswers !== null);
    const groupReady = this.#services.mayTakeOver?.(this) ?? true;
    if (this.#hold === 'master') return { ...config, groupReady, preempt: true, preemptDelayMs: 0 };
    return { ...config, groupReady, heldBack: this.#hold === 'backup' };
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'send-advert':
        this.#send(effect.priority);
        break;
      case 'send-word':
        this.#send(this.#state.priority, effect.word);
        break;
      case 'hand-over':
        this.#holding.handOver(effect.to, this.#source ?? '');
        break;
      case 'hold-announcement':
        this.#holding.hold(effect.forMs);
        break;
      case 'prepare-silence':
        this.#holding.prepareSilence(this.#source ?? '');
        break;
      case 'end-silence':
        this.#holding.endSilence(effect.announce);
        break;
      case 'add-addresses':
        this.#holding.take();
        break;
      case 'announce':
        this.#holding.announce(effect.reason === 'became-master' ? 'became-master' : 'again');
        break;
      case 'release-addresses':
        this.#holding.release();
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

  #send(priority: number, word?: Word): void {
    const { model } = this;
    const source = this.#source;
    if (source === null || this.#socket === null) return;
    if (word === undefined) this.statistics.sent(priority);
    const { transport } = model;
    const { peers, group } = this.#expected;
    const destinations = peers === null ? [group] : peers.map(({ ip }) => ip);
    const advert = advertOf(model, this.#expected, priority, word);
    for (const destination of destinations) {
      const checksum = model.v3ChecksumAsV2 ? 'plain' : 'pseudo-header';
      const message = encodeAdvert(advert, { source, destination }, { checksum });
      const ttl = transport.kind === 'unicast' ? transport.ttl : SEND_TTL;
      const trouble = this.#socket.send(message, source, destination, ttl);
      if (trouble !== null) this.#journal.warning(`(${model.name}) cannot send to ${destination}: ${trouble}`);
    }
  }

  #finish(): void {
    this.#deadline.set(null);
    this.#reopen?.cancel();
    this.#holding.stop();
    this.#socket?.close();
    this.#socket = null;
    this.#stopped?.();
    this.#stopped = null;
  }
}
