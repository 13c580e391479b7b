/** What others of the program may see of the pair, and do with it. */
import type { VirtualServerStatus } from '../l4/status.ts';
import type { PairView } from '../vrrp/dump/pair-view.ts';
import type { Hold } from '../vrrp/hold.ts';
import type { RealServerWish } from './pair-balancer.ts';
import type { PairFigures } from './pair-figures.ts';
import type { PairHead, PairStatus } from './pair-status.ts';

export interface PairSide {
  /** As it is now. */
  view(): PairView;
  /** The same in numbers, for those who count. */
  figures(): PairFigures;
  /** The same, for people. */
  status(): PairStatus;
  /** Of it all but the virtual servers, and these, made one by one as they are taken. */
  head(): PairHead;
  virtualServers(): Iterable<VirtualServerStatus>;
  /** For who looks once: resolves when what the kernel has counted is of now, or cannot be had soon. */
  look(): Promise<void>;
  /**
   * Of an instance, or of a sync group, and with one all that are in its group; null: it decides by itself again. Returns the
   * instances; none: there is nothing of that name. What follows takes its time.
   */
  set(name: string, hold: Hold | null): readonly string[];
  /** Of a real server of a virtual server, both by their names; false: there is none of that name. */
  setRealServer(virtual: string, server: string, wish: RealServerWish): boolean;
}
