/**
 * What waits on a socket though its session was told that it had left (io_uring only: a queued send turned out short in the
 * turn after). The session may go on sending as if nothing waited, so there must be room for one send more than fits.
 */
import type { Socket } from './poller.ts';
import { copyBytes, type Slab, type SlabPool } from './slabs.ts';

/** Room for `length` bytes behind what is pending. False: there is none. */
export function makeRoom(socket: Socket, slabs: SlabPool, length: number): boolean {
  const pending = socket.pending as Slab;
  const waiting = socket.pendingEnd - socket.pendingStart;
  // From now on the session knows.
  socket.unsaid = false;
  if (waiting + length <= pending.sizeBytes) return true;
  const longer = waiting + length <= slabs.bulkBytes && slabs.hasBulk ? slabs.takeFor(waiting + length) : null;
  if (longer === null) return false;
  copyBytes(pending, socket.pendingStart, socket.pendingEnd, longer, longer.base);
  slabs.give(pending);
  socket.pending = longer;
  socket.pendingStart = longer.base;
  socket.pendingEnd = longer.base + waiting;
  return true;
}
