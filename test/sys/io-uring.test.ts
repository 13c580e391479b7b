import { systemClock } from '../../src/core/clock.ts';
import { IoUringPoller } from '../../src/sys/io-uring.ts';
import { describeWithPeer } from '../support/peers.ts';
import { pollerContract } from './poller-contract.ts';

const TRAITS = { closesAtOnce: false };
/** So few that operations are handed over in between, completions overflow, and buffers run out. */
const TINY = { operations: 4, completions: 8, receiveBuffers: 4 };

describeWithPeer('io_uring', 'io_uring', () => {
  pollerContract(
    'with queues of the usual length',
    (slabs, headroomBytes, accepts) => new IoUringPoller(systemClock, slabs, headroomBytes, accepts),
    TRAITS,
  );

  pollerContract(
    'with queues that are always too short',
    (slabs, headroomBytes, accepts) => new IoUringPoller(systemClock, slabs, headroomBytes, accepts, TINY),
    TRAITS,
  );
});
