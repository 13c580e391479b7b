import { systemClock } from '../../src/core/clock.ts';
import { IoUringPoller } from '../../src/sys/io-uring.ts';
import { pollerContract } from './poller-contract.ts';

pollerContract(
  'io_uring',
  (slabs, headroomBytes, accepts) => new IoUringPoller(systemClock, slabs, headroomBytes, accepts),
  { closesAtOnce: false },
);
