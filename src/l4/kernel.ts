/** The kernel's tables as a seam: what virtual servers want of them, and what they tell. The real one is ruleset-keeper.ts. */
import type { L4Service } from './service.ts';
import type { ServerTraffic } from './traffic.ts';

export interface L4Kernel {
  /** What is missing for it, for people; empty: the tables are there (what was found of ours is taken over). */
  start(services: readonly L4Service[]): Promise<readonly string[]>;
  /** From now on these. One transaction for all that is asked for in one moment; failures are said and repaired. */
  follow(services: readonly L4Service[]): void;
  /** Why the kernel has not what was asked for, though it was told; null: it has, or will at once. */
  readonly trouble: string | null;
  /** Resolves when the kernel has what was asked for last. */
  settled(): Promise<void>;
  /** As it was read last (trafficComment is the key), some seconds ago; asking has it read again. */
  readonly figures: ReadonlyMap<string, DestinationFigures>;
  /** For who looks once: resolves when they are of now, or cannot be had soon. */
  look(): Promise<void>;
  /** The tables go, or stay as they are for a successor. */
  stop(keeps: boolean): Promise<void>;
}

export interface DestinationFigures extends ServerTraffic {
  /** Connections that are established; UDP: that were answered. */
  readonly active: number;
  /** Others that conntrack has: being opened, closed, unanswered. */
  readonly inactive: number;
  /** `uthreshold` was reached. */
  readonly isFull: boolean;
}
