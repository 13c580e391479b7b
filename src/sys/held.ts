/** Bytes that were received for a socket while its session did not want them, in the order in which they came. */
import type { Held, Socket } from './poller.ts';
import { copyBytes, type Slab, type SlabPool } from './slabs.ts';

/** Keeps a copy of [start, end), in slabs that leave `headroomBytes` before it. False: there are not enough. */
export function hold(
  socket: Socket,
  slabs: SlabPool,
  slab: Slab,
  start: number,
  end: number,
  headroomBytes: number,
): boolean {
  for (let from = start; from < end; ) {
    const kept = slabs.takeForHeld();
    if (kept === null) return false;
    const to = Math.min(end, from + slabs.sizeBytes - headroomBytes);
    const at = kept.base + headroomBytes;
    copyBytes(slab, from, to, kept, at);
    append(socket, { slab: kept, start: at, end: at + to - from, next: null });
    from = to;
  }
  return true;
}

function append(socket: Socket, held: Held): void {
  let last = socket.held;
  while (last !== null && last.next !== null) last = last.next;
  if (last === null) socket.held = held;
  else last.next = held;
}

export function dropHeld(socket: Socket, slabs: SlabPool): void {
  for (let held = socket.held; held !== null; held = held.next) slabs.give(held.slab);
  socket.held = null;
}
