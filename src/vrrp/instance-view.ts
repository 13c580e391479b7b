/** A virtual router as it is now, for whoever wants to show it: values only. */
import type { VrrpInstance } from '../config/pair-model.ts';
import type { HeardMaster, Phase } from './election-types.ts';
import type { RouterStatistics } from './statistics.ts';

export interface InstanceView {
  readonly model: VrrpInstance;
  readonly phase: Phase;
  /** What is sent. */
  readonly effectivePriority: number;
  /** The sum, before it is cut to 1 to 254. */
  readonly totalPriority: number;
  /** What makes it a fault, empty: none. */
  readonly faults: readonly string[];
  /** As a backup: who is master. */
  readonly master: HeardMaster | null;
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
}
