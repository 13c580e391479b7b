import { systemClock } from '../../src/core/clock.ts';
import { EpollPoller } from '../../src/sys/epoll.ts';
import { pollerContract } from './poller-contract.ts';

pollerContract(
  'epoll',
  (slabs, headroomBytes, accepts) => new EpollPoller(systemClock, slabs, headroomBytes, accepts),
  { closesAtOnce: true },
);
