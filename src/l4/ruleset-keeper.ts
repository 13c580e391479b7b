/**
 * The kernel's tables as they should be (L4Kernel): written by nft in one transaction a change, looked after, repaired.
 */
import type { Clock, Timers } from '../core/clock.ts';
import type { CommandRunner } from '../core/command.ts';
import type { Network } from '../netlink/network.ts';
import type { DestinationFigures, L4Kernel } from './kernel.ts';
import type { L4Service } from './service.ts';

export interface RulesetSetup {
  readonly commands: CommandRunner;
  /** Started. */
  readonly network: Network;
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

export class RulesetKeeper implements L4Kernel {
  readonly figures: ReadonlyMap<string, DestinationFigures> = new Map();

  constructor(_setup: RulesetSetup) {}

  start(_services: readonly L4Service[]): Promise<readonly string[]> {
    return Promise.resolve(['not yet']);
  }

  follow(_services: readonly L4Service[]): void {}

  settled(): Promise<void> {
    return Promise.resolve();
  }

  stop(_keeps: boolean): Promise<void> {
    return Promise.resolve();
  }
}
