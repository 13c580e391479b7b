/**
 * The kernel's tables as they should be: what is asked for is written as one transaction, looked after, and repaired.
 *
 *   follow, a change of links, new shares ─▶ (a moment) ─▶ services ─▶ ruleset ─▶ what differs ─▶ nft
 *                                                                          fails ─▶ the whole, over what is there ─▶ nft
 *   a look: the tables are gone, or have no rules ─────────────────────────────────▲       fails ─▶ later again
 *
 * Nothing here takes control's time for long: what thousands of servers need is made in slices. Not here: what is in a ruleset
 * (ruleset.ts), what is written over a table that is there (left-table.ts), counts (figures-reader.ts).
 */
import type { Clock, Timer, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { Link } from '../netlink/network.ts';
import { CountedBalance } from './counted-balance.ts';
import { type BoxLinks, directLinksOf } from './direct-links.ts';
import { FiguresReader } from './figures-reader.ts';
import { DatagramMemory, goneServers } from './gone-flows.ts';
import { memoryTexts, readMemory, restoreText } from './kept-memory.ts';
import type { DestinationFigures, L4Kernel } from './kernel.ts';
import { missingForKernel } from './kernel-probe.ts';
import { KernelTables } from './kernel-tables.ts';
import { type LeftTable, takeOverTexts } from './left-table.ts';
import { type NftTable, removalText, wholeTexts } from './nft-table.ts';
import { type Ruleset, Rulesets, rulesetChange, rulesetRemoval } from './ruleset.ts';
import { DIRECT_TABLE } from './ruleset-direct.ts';
import { NAT_TABLE } from './ruleset-nat.ts';
import { SEAL } from './seal-chains.ts';
import type { L4Service } from './service.ts';
import { TableWatch } from './table-watch.ts';

export interface RulesetSetup {
  readonly commands: CommandRunner;
  /** Started. */
  readonly network: {
    readonly links: readonly Link[];
    onChange(listener: () => void): () => void;
  };
  readonly clock: Clock;
  readonly timers: Timers;
  readonly journal: { info(text: string): void; warning(text: string): void };
  /** What clients' servers are, over a restart for which the tables do not stay; null: they are forgotten. */
  readonly memory: MemoryFile | null;
}

/** A file under /run that root alone may write. */
export interface MemoryFile {
  /** null: there is none. */
  read(): string | null;
  /** Takes the place of what was there; '': removes it. null, or why not. */
  write(text: string): string | null;
}

/** What comes together is one transaction. */
const TOGETHER_MS = 2;
/** Making texts of thousands of servers, before others have their turn. */
const SLICE_MS = 3;
const RETRY_FIRST_MS = 100;
const RETRY_MOST_MS = 30_000;
/** At the end, for what is being written. */
const LAST_WORK_MS = 5000;

export class RulesetKeeper implements L4Kernel {
  readonly #setup: RulesetSetup;
  readonly #tables: KernelTables;
  readonly #rulesets = new Rulesets();
  readonly #balance = new CountedBalance();
  readonly #reader: FiguresReader;
  readonly #watch: TableWatch;
  readonly #datagrams: DatagramMemory;
  #services: readonly L4Service[] = [];
  #links: BoxLinks;
  /** null: not known. */
  #inForce: Ruleset | null = null;
  #written: readonly L4Service[] = [];
  #timer: Timer | null = null;
  #work: Promise<void> | null = null;
  #isAsked = false;
  #failures = 0;
  #trouble: string | null = null;
  #isRunning = false;
  #waiting: (() => void)[] = [];
  #stopListening: () => void = () => {};

  constructor(setup: RulesetSetup) {
    this.#setup = setup;
    this.#tables = new KernelTables(setup.commands, setup.clock);
    this.#datagrams = new DatagramMemory(setup);
    this.#links = directLinksOf([], null);
    const read = (): void => {
      if (this.#balance.read(this.#services, this.#reader.figures)) this.#ask();
    };
    this.#reader = new FiguresReader(setup, read);
    this.#watch = new TableWatch(setup, this.#tables, () => this.#lost());
  }

  get figures(): ReadonlyMap<string, DestinationFigures> {
    this.#reader.ask();
    return this.#balance.seen(this.#reader.figures);
  }

  look(): Promise<void> {
    return this.#reader.look();
  }

  async start(services: readonly L4Service[]): Promise<readonly string[]> {
    const { commands, network, memory, journal } = this.#setup;
    this.#services = services;
    this.#links = directLinksOf(network.links, null);
    this.#stopListening = network.onChange(() => this.#linksChanged());
    const left = await this.#tables.left([NAT_TABLE, DIRECT_TABLE]);
    this.#watch.begin([...left.values()].some(({ sets }) => [...sets.keys()].some(hasMemory)));
    for (const [name, { chains }] of left)
      if (!chains.has(SEAL)) journal.warning(`virtual servers: the table ${name} is not one of ours; it is replaced`);
    const wanted = await this.#wanted();
    const kept = left.size > 0 ? null : (memory?.read() ?? null);
    const restored = kept === null ? '' : restoreText(readMemory(kept), wanted, this.#setup.clock.wallMs());
    const trouble =
      (await this.#load(wanted, left, restored)) &&
      // Something of what was there, or was kept, is not as we write it.
      (await this.#load(wanted, new Map(), ''));
    memory?.write('');
    if (trouble === null) {
      this.#took(wanted, services);
      this.#isRunning = true;
      if (this.#isAsked) this.#ask();
      return [];
    }
    this.#end();
    const nat = wanted.nat !== null;
    const missing = await missingForKernel(commands, { nat, direct: wanted.direct !== null });
    return missing.length > 0 ? missing : [`nft does not take the rules of virtual servers: ${trouble}`];
  }

  follow(services: readonly L4Service[]): void {
    this.#services = services;
    this.#reader.needs = this.#balance.needs(services);
    this.#ask();
  }

  get trouble(): string | null {
    return this.#trouble;
  }

  settled(): Promise<void> {
    if (!this.#isRunning || (this.#timer === null && this.#work === null)) return Promise.resolve();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async stop(keeps: boolean): Promise<void> {
    if (!this.#isRunning) return;
    this.#end();
    const patience = this.#setup.timers.after(LAST_WORK_MS, () => this.#tables.abandon());
    await this.#work;
    patience.cancel();
    if (keeps) return;
    const { clock, journal, memory } = this.#setup;
    if (memory !== null && this.#inForce !== null) {
      const text = await memoryTexts(this.#setup, this.#inForce, clock.wallMs());
      const trouble = text === '' ? null : memory.write(text);
      if (trouble !== null) journal.warning(`virtual servers: clients will not be remembered: ${trouble}`);
    }
    const trouble = await this.#tables.remove(rulesetRemoval());
    if (trouble !== null) journal.warning(`virtual servers: their tables could not be removed: ${trouble}`);
  }

  #end(): void {
    this.#isRunning = false;
    this.#stopListening();
    this.#timer?.cancel();
    this.#timer = null;
    this.#reader.stop();
    this.#watch.stop();
    this.#settle();
  }

  #linksChanged(): void {
    const links = directLinksOf(this.#setup.network.links, this.#links);
    if (links === this.#links) return;
    this.#links = links;
    if (this.#inForce === null || this.#inForce.direct !== null) this.#ask();
  }

  /** Somebody has taken our tables, or their rules. */
  #lost(): void {
    // While we write, it may have been us; the next look knows.
    if (this.#inForce === null || this.#work !== null || !this.#isRunning) return;
    this.#setup.journal.warning('virtual servers: somebody removed our rules; they are written again');
    this.#inForce = null;
    this.#ask();
  }

  #ask(): void {
    this.#isAsked = true;
    if (!this.#isRunning || this.#work !== null) return;
    // What is wanted now may be what nft takes.
    if (this.#failures > 0) this.#later(RETRY_FIRST_MS);
    else if (this.#timer === null) this.#later(TOGETHER_MS);
  }

  #later(delayMs: number): void {
    this.#timer?.cancel();
    this.#timer = this.#setup.timers.after(delayMs, () => {
      this.#timer = null;
      this.#work = this.#apply().then(() => {
        this.#work = null;
        if (!this.#isRunning) return;
        if (this.#failures > 0) this.#later(Math.min(RETRY_MOST_MS, RETRY_FIRST_MS * 2 ** (this.#failures - 1)));
        else if (this.#isAsked) this.#later(TOGETHER_MS);
        if (this.#failures > 0 || !this.#isAsked) this.#settle();
      });
    });
  }

  #settle(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async #apply(): Promise<void> {
    this.#isAsked = false;
    const services = this.#services;
    const { journal } = this.#setup;
    const wanted = await this.#wanted();
    let trouble: string | null = null;
    if (this.#inForce !== null) {
      const text = rulesetChange(this.#inForce, wanted);
      if (text === '') return this.#took(wanted, services);
      trouble = await this.#tables.write(text);
      if (trouble === null) return this.#took(wanted, services);
      if (!this.#isRunning) return;
      // Somebody changed them, or an interface went and took its chain along.
      this.#inForce = null;
      journal.warning('virtual servers: the kernel has not what we wrote; all of it is written again');
    }
    const left = await this.#tables.left([NAT_TABLE, DIRECT_TABLE]);
    trouble = (await this.#load(wanted, left, '')) && (await this.#load(wanted, new Map(), ''));
    if (trouble === null) return this.#took(wanted, services);
    if (!this.#isRunning) return;
    this.#trouble = trouble;
    if (this.#failures++ === 0)
      journal.warning(`virtual servers: nft does not take the rules (${trouble}); tried again`);
  }

  #took(wanted: Ruleset, services: readonly L4Service[]): void {
    if (this.#failures > 0) this.#setup.journal.info('virtual servers: the rules are there');
    this.#failures = 0;
    this.#trouble = null;
    const gone = goneServers(this.#written, services);
    this.#inForce = wanted;
    this.#written = services;
    this.#reader.tables = wanted;
    this.#reader.needs = this.#balance.needs(services);
    this.#watch.tables = tablesOf(wanted).map(({ name }) => name);
    if (gone.length > 0) void this.#datagrams.forget(gone);
  }

  async #wanted(): Promise<Ruleset> {
    const services = this.#balance.adjusted(this.#services);
    const links = this.#links;
    await this.#sliced(services, (service) => this.#rulesets.prepare(service, links));
    return this.#rulesets.of(services, links);
  }

  /** null: it is there. Over what is left of a table, else in its place. */
  async #load(wanted: Ruleset, left: ReadonlyMap<string, LeftTable>, more: string): Promise<string | null> {
    const pieces: string[] = [];
    for (const [name, table] of [
      [NAT_TABLE, wanted.nat],
      [DIRECT_TABLE, wanted.direct],
    ] as const) {
      const old = left.get(name);
      const texts =
        table === null ? [`${removalText(name)}\n`] : old === undefined ? wholeTexts(table) : takeOverTexts(old, table);
      await this.#sliced(texts, (text) => pieces.push(text));
    }
    return this.#tables.write(`${pieces.join('')}${more}`);
  }

  async #sliced<T>(all: Iterable<T>, each: (one: T) => void): Promise<void> {
    const { clock, timers } = this.#setup;
    let endMs = clock.monotonicMs() + SLICE_MS;
    for (const one of all) {
      each(one);
      if (clock.monotonicMs() < endMs) continue;
      await new Promise<void>((resolve) => timers.after(0, resolve));
      endMs = clock.monotonicMs() + SLICE_MS;
    }
  }
}

function tablesOf({ nat, direct }: Ruleset): readonly NftTable[] {
  return [nat, direct].flatMap((table) => table ?? []);
}

function hasMemory(set: string): boolean {
  return /^(clients|flows)/.test(set);
}
