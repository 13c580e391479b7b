/** What others of the program may see of the pair. */
import type { PairView } from '../vrrp/dump/pair-view.ts';
import type { PairStatus } from './pair-status.ts';

/** What an operator makes of a virtual router, until it is released. */
export type Hold = 'master' | 'backup' | 'fault';

export interface PairSide {
  /** As it is now. */
  view(): PairView;
  /** The same, for people. */
  status(): PairStatus;
}
