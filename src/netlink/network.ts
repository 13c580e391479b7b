/**
 * This box's interfaces and addresses as they are: read once, then followed by `ip monitor`, which is started first so
 * that nothing falls between. Listeners hear of each change after the picture has it.
 */

import type { Timers } from '../core/clock.ts';
import type { CommandRunner, Stream } from '../core/command.ts';
import {
  type AddressChange,
  type Change,
  type LinkChange,
  parseAddressDump,
  parseMonitorLine,
} from './monitor-line.ts';

export interface Link {
  readonly name: string;
  readonly index: number;
  readonly up: boolean;
  readonly running: boolean;
  readonly mac: string | null;
  /** Of both families, oldest first. */
  readonly addresses: readonly LinkAddress[];
}

export interface LinkAddress {
  readonly family: 4 | 6;
  readonly ip: string;
  readonly prefixLength: number;
  /** It has a lifetime: somebody leased it. */
  readonly dynamic: boolean;
}

const DUMP = ['ip', '-j', 'address', 'show'] as const;
const MONITOR = ['ip', '-o', 'monitor', 'link', 'address'] as const;
const DUMP_TIMEOUT_MS = 5000;
const RESTART_MS = 100;

export class Network {
  readonly #runner: CommandRunner;
  readonly #timers: Timers;
  readonly #links = new Map<string, Link>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #say: (text: string) => void;
  #monitor: Stream | null = null;
  #stopped = false;

  constructor(runner: CommandRunner, timers: Timers, say: (text: string) => void) {
    this.#runner = runner;
    this.#timers = timers;
    this.#say = say;
  }

  /** Resolves when the picture is complete; rejects with a message for the operator when `ip` cannot be asked. */
  async start(): Promise<void> {
    this.#watch();
    await this.#read();
  }

  stop(): void {
    this.#stopped = true;
    this.#monitor?.kill();
  }

  link(name: string): Link | null {
    return this.#links.get(name) ?? null;
  }

  get links(): readonly Link[] {
    return [...this.#links.values()];
  }

  /** One that is there for good, not leased. */
  hasForGood(device: string, ip: string): boolean {
    return this.#links.get(device)?.addresses.some((address) => address.ip === ip && !address.dynamic) ?? false;
  }

  has(device: string, ip: string): boolean {
    return this.#links.get(device)?.addresses.some((address) => address.ip === ip) ?? false;
  }

  /** Returns how to stop listening. */
  onChange(listener: (change: Change) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #watch(): void {
    this.#monitor = this.#runner.stream(MONITOR, {
      line: (text) => {
        const change = parseMonitorLine(text);
        if (change !== null) this.#apply(change);
      },
      errorLine: (text) => this.#say(`ip monitor: ${text}`),
      exit: (how) => this.#lost(how),
    });
  }

  /** What changed meanwhile is found by reading everything again. */
  #lost(how: string): void {
    if (this.#stopped) return;
    this.#say(`ip monitor ended (${how}); started again`);
    this.#timers.after(RESTART_MS, () => {
      if (this.#stopped) return;
      this.#watch();
      this.#read().catch((error: Error) => this.#say(error.message));
    });
  }

  async #read(): Promise<void> {
    const { exitCode, how, stdout } = await this.#runner.run(DUMP, { timeoutMs: DUMP_TIMEOUT_MS });
    if (exitCode !== 0) throw new Error(`${DUMP.join(' ')}: ${how}`);
    const changes = parseAddressDump(stdout);
    const seen = new Set(changes.map(keyOf));
    for (const link of [...this.#links.values()]) {
      for (const address of link.addresses) {
        const gone: AddressChange = { kind: 'address', device: link.name, gone: true, ...address };
        if (!seen.has(keyOf(gone))) this.#apply(gone);
      }
      const { name, index, up, running, mac } = link;
      if (!seen.has(`link ${name}`)) this.#apply({ kind: 'link', name, index, up, running, mac, gone: true });
    }
    for (const change of changes) this.#apply(change);
  }

  #apply(change: Change): void {
    const renamed = this.#renamedBy(change);
    if (renamed !== null && change.kind === 'link') {
      this.#rename(renamed, change);
      return;
    }
    if (change.kind === 'link') {
      const before = this.#links.get(change.name);
      if (change.gone) this.#links.delete(change.name);
      else {
        const { name, index, up, running } = change;
        const mac = change.mac ?? before?.mac ?? null;
        this.#links.set(name, { name, index, up, running, mac, addresses: before?.addresses ?? [] });
      }
    } else {
      const link = this.#links.get(change.device);
      if (link === undefined) return;
      const { family, ip, prefixLength, dynamic } = change;
      const known = link.addresses.some((address) => address.ip === ip);
      if (change.gone) {
        this.#links.set(link.name, { ...link, addresses: link.addresses.filter((address) => address.ip !== ip) });
      } else if (!known) {
        this.#links.set(link.name, { ...link, addresses: [...link.addresses, { family, ip, prefixLength, dynamic }] });
      }
    }
    for (const listener of [...this.#listeners]) listener(change);
  }

  #renamedBy(change: Change): Link | null {
    if (change.kind !== 'link' || change.gone) return null;
    for (const link of this.#links.values()) if (link.index === change.index && link.name !== change.name) return link;
    return null;
  }

  /** The kernel says the new name, and nothing of the old one nor of addresses: as if one went and another came with them. */
  #rename({ addresses, ...old }: Link, change: LinkChange): void {
    for (const address of addresses) this.#apply({ kind: 'address', device: old.name, gone: true, ...address });
    this.#apply({ kind: 'link', ...old, gone: true });
    this.#apply(change);
    for (const address of addresses) this.#apply({ kind: 'address', device: change.name, gone: false, ...address });
  }
}

function keyOf(change: Change): string {
  return change.kind === 'link' ? `link ${change.name}` : `address ${change.device} ${change.ip}`;
}
