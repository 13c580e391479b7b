/** A virtual router as it is now, for whoever wants to show it: values only. */
import type { VrrpInstance } from '../config/pair-model.ts';
import type { Alarm, Refusal } from './acceptance.ts';
import type { HeardMaster, Phase } from './election-types.ts';
import type { Hold } from './hold.ts';
import type { PriorityReason } from './priority.ts';
import type { RouterStatistics } from './statistics.ts';

export interface InstanceView {
  readonly model: VrrpInstance;
  readonly phase: Phase;
  /** What an operator makes of it; null: it decides by itself. */
  readonly forced: Hold | null;
  /** What is sent. */
  readonly effectivePriority: number;
  /** The sum, before it is cut to 1 to 254. */
  readonly totalPriority: number;
  /** Why the effective priority is not the configured one. */
  readonly reasons: readonly PriorityReason[];
  /** What makes it a fault, empty: none. Those of its sync group are not among them. */
  readonly faults: readonly string[];
  /** As a backup: who is master. */
  readonly master: HeardMaster | null;
  /** When that one was heard last; null: there is none. */
  readonly masterHeardMsAgo: number | null;
  /** As a master: who else says that it is; null: nobody does by now. */
  readonly rival: (HeardMaster & { readonly heardMsAgo: number }) | null;
  /** What was heard last and not taken; null: nothing. */
  readonly refused: { readonly refusal: Refusal; readonly source: string; readonly msAgo: number } | null;
  readonly masterIntervalCs: number;
  /** When the phase changed last; 0: never. */
  readonly lastTransitionWallMs: number;
  /** When it acts by itself the next time; null: it does not. */
  readonly deadlineWallMs: number | null;
  /** The address that adverts leave from. */
  readonly source: string | null;
  /** The interface that it hears on is up. */
  readonly isUp: boolean;
  readonly interfaceIndex: number;
  /** Virtual addresses are set. */
  readonly holds: boolean;
  readonly hasSocket: boolean;
  readonly statistics: RouterStatistics;
  /** What would end in two masters, and how often it was heard. */
  readonly alarms: ReadonlyMap<Alarm, number>;
}
