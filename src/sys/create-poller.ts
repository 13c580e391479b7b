/** Which engine a thread gets: io_uring where the kernel allows it, epoll otherwise, or the one that is asked for. */
import type { Clock } from '../core/clock.ts';
import { EpollPoller } from './epoll.ts';
import { RingUnavailable } from './io-ring.ts';
import { IoUringPoller } from './io-uring.ts';
import { tryIoUring } from './io-uring-trial.ts';
import type { AcceptHandler, Poller } from './poller.ts';
import type { SlabPool } from './slabs.ts';

export type PollerChoice = 'auto' | 'epoll' | 'io_uring';

export interface CreatedPoller {
  readonly poller: Poller;
  /** Why it is this one; '' where nobody needs to know. */
  readonly reason: string;
}

/** Throws when `io_uring` was asked for and cannot be had. Only the calling thread may use the poller. */
export function createPoller(
  choice: PollerChoice,
  clock: Clock,
  slabs: SlabPool,
  headroomBytes: number,
  accepts: AcceptHandler,
): CreatedPoller {
  if (choice === 'epoll')
    return { poller: new EpollPoller(clock, slabs, headroomBytes, accepts), reason: 'configured' };
  try {
    tryIoUring();
    return { poller: new IoUringPoller(clock, slabs, headroomBytes, accepts), reason: '' };
  } catch (error) {
    if (!(error instanceof RingUnavailable)) throw error;
    if (choice === 'io_uring') throw new Error(`io_uring cannot be used: ${error.message}`);
    const reason = `io_uring cannot be used: ${error.message}`;
    return { poller: new EpollPoller(clock, slabs, headroomBytes, accepts), reason };
  }
}
