/**
 * What a virtual router has while it is master: addresses, routes, rules, the filter of `no_accept`, and its announcements.
 * It comes and goes as the election says, at once, or to and from another Tandem without losing a connection.
 *
 *   take ─▶ (held back by the other box: silence) ─▶ announced ─▶ release, or hand over ─▶ release
 *
 * Not here: who decides (election.ts), the conversation (instance.ts).
 */
import type { VrrpInstance } from '../config/pair-model.ts';
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { AddressKeeper } from '../netlink/address-keeper.ts';
import { Announcer, type AnnounceTarget, type SendFrame } from '../netlink/announcer.ts';
import type { IpBatch } from '../netlink/batch.ts';
import { dropRules } from '../netlink/drop-rules.ts';
import { forwardEnd } from '../netlink/forward-rules.ts';
import type { KeptAddress } from '../netlink/kept-address.ts';
import type { Network } from '../netlink/network.ts';
import { Nft } from '../netlink/nft.ts';
import { HandOver } from './hand-over.ts';
import { announceRulesOf, entryCommands, keptAddressOf } from './instance-plan.ts';
import { forwards } from './kernel-settings.ts';
import type { Word } from './packet.ts';
import { Silence } from './silence.ts';

const OWNER = 255;

export interface HoldingServices {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly network: Network;
  readonly keeper: AddressKeeper;
  /** By family. */
  readonly batches: { readonly 4: IpBatch; readonly 6: IpBatch };
  readonly sendFrame: SendFrame;
  /** For what `ip` does not do: nft, ss. */
  readonly commands: CommandRunner;
  /** Proxies that end connections with the answer when told to; null: there are none here. */
  readonly lastAnswers: ((on: boolean) => void) | null;
}

/** The virtual router whose it is. */
export interface Holder {
  isMaster(): boolean;
  warn(text: string): void;
  /** To the other Tandem. */
  say(word: Word): void;
  prepared(possible: boolean): void;
  handedOver(): void;
}

export class Holding {
  readonly addresses: readonly KeptAddress[];
  readonly #model: VrrpInstance;
  readonly #services: HoldingServices;
  readonly #holder: Holder;
  readonly #announcer: Announcer;
  readonly #nft: Nft;
  readonly #silence: Silence;
  #kept: readonly KeptAddress[];
  #handOver: HandOver | null = null;
  #visible: Promise<void> = Promise.resolve();

  constructor(model: VrrpInstance, services: HoldingServices, holder: Holder) {
    const { clock, timers, sendFrame, commands } = services;
    const { name, family } = model;
    this.#model = model;
    this.#services = services;
    this.#holder = holder;
    this.addresses = [...model.addresses, ...model.excludedAddresses].map(keptAddressOf);
    this.#kept = this.addresses;
    this.#announcer = new Announcer({
      rules: announceRulesOf(model.announce),
      send: sendFrame,
      forwards,
      clock,
      timers,
      say: (text) => holder.warn(text),
    });
    this.#nft = new Nft(commands);
    this.#silence = new Silence({
      name,
      family,
      addresses: this.addresses,
      nft: this.#nft,
      commands,
      timers,
      arrived: () => holder.say('following'),
      ready: (possible) => holder.prepared(possible),
      over: () => this.announce('became-master'),
    });
  }

  /** Those that come and go with us: not what an owner's interface has anyway. */
  get kept(): readonly KeptAddress[] {
    return this.#kept;
  }

  /** What an earlier life of ours has left is nobody's: it goes, unless we become master right away. `gentle`: rules too. */
  begin(gentle: boolean): void {
    const { keeper, network } = this.#services;
    if (this.#model.priority < OWNER) keeper.release(this.addresses);
    else this.#kept = this.addresses.filter(({ device, ip }) => !network.hasForGood(device, ip));
    if (!gentle) return;
    this.#silence.forget();
    void this.#nft.run(forwardEnd(this.#model.name));
  }

  take(): void {
    const { keeper, batches } = this.#services;
    const entries = entryCommands(this.#model);
    this.#endHandOver();
    if (!this.#model.accept) this.#filter('add');
    this.#visible = keeper.hold(this.#kept, this.#model.tandem.leaseMs, () => this.#announceNow());
    if (entries.length === 0) return;
    // A route may need the address as its source.
    void this.#visible.then(() => {
      if (!this.#holder.isMaster()) return;
      for (const { family, add } of entries) batches[family].run([add]);
    });
  }

  release(): void {
    const { keeper, batches } = this.#services;
    this.#silence.end();
    this.#announcer.stop();
    for (const { family, remove } of entryCommands(this.#model).toReversed()) batches[family].run([remove]);
    keeper.release(this.#kept);
    // After the addresses: until they are gone, what comes for them is passed on.
    this.#endHandOver();
    if (!this.#model.accept) this.#filter('remove');
  }

  /** New addresses are told of when the kernel has them: an answer to a client must find them there. */
  announce(reason: 'became-master' | 'again'): void {
    if (reason === 'became-master') void this.#visible.then(() => this.#announceNow());
    else if (!this.#silence.holds) this.#announcer.announce(this.#targets(), 'lowerPriority');
  }

  /** `own`: what this box sends from. */
  prepareSilence(own: string): void {
    this.#silence.prepare(own);
  }

  hold(forMs: number): void {
    this.#silence.hold(forMs);
  }

  endSilence(announce: boolean): void {
    if (announce) this.#silence.finish();
    else this.#silence.end();
  }

  /** The box that takes over has got something from here. */
  arrives(): void {
    this.#handOver?.arrives();
  }

  /** In place of releasing; then the holder hears `handedOver`. */
  handOver(to: string | null, own: string): void {
    const { clock, timers, commands, lastAnswers } = this.#services;
    const { name, family, interface: device } = this.#model;
    this.#endHandOver();
    // What is going is not announced, however long it takes.
    if (to === null) this.#announcer.stop();
    this.#handOver = new HandOver({
      name,
      family,
      device,
      addresses: this.#kept.filter((address) => address.device === device),
      own,
      to,
      nft: this.#nft,
      commands,
      clock,
      timers,
      say: (word) => {
        if (word === 'done') this.#announcer.stop();
        this.#holder.say(word);
      },
      lastAnswers: (on) => lastAnswers?.(on),
      warn: (text) => this.#holder.warn(text),
      ended: () => this.#holder.handedOver(),
    });
    this.#handOver.begin();
  }

  /** Nothing more happens by itself; what is there stays, unless it was being handed over. */
  stop(): void {
    if (this.#handOver !== null) this.release();
    this.#silence.end();
    this.#announcer.stop();
  }

  #endHandOver(): void {
    this.#handOver?.cancel();
    this.#handOver = null;
  }

  #announceNow(): void {
    if (this.#holder.isMaster() && !this.#silence.holds) this.#announcer.announce(this.#targets(), 'master');
  }

  /** In place before the address is, and as long as it. */
  #filter(how: 'add' | 'remove'): void {
    void this.#nft.run(dropRules(this.#model.name, this.addresses)[how]).then((trouble) => {
      if (trouble !== null) this.#holder.warn(`no_accept: nft: ${trouble}`);
    });
  }

  #targets(): AnnounceTarget[] {
    return this.addresses.flatMap(({ family, ip, device }) => {
      const mac = this.#services.network.link(device)?.mac ?? null;
      return mac === null ? [] : [{ family, ip, device, mac }];
    });
  }
}
