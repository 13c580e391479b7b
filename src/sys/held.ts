/** Bytes that were received for a socket while its session did not want them, in the order in which they came. */
import type { Socket } from './poller.ts';
import { copyBytes, type Slab, type SlabPool } from './slabs.ts';

/** Keeps a copy of [start, end), at most a slab less `headroomBytes`. False: there is no slab left. */
export function hold(
  socket: Socket,
  slabs: SlabPool,
  slab: Slab,
  start: number,
  end: number,
  headroomBytes: number,
): boolean {
  const kept = slabs.take();
  if (kept === null) return false;
  const at = kept.base + headroomBytes;
  copyBytes(slab, start, end, kept, at);
  const held = { slab: kept, start: at, end: at + end - start, next: null };
  let last = socket.held;
  while (last !== null && last.next !== null) last = last.next;
  if (last === null) socket.held = held;
  else last.next = held;
  return true;
}

export function dropHeld(socket: Socket, slabs: SlabPool): void {
  for (let held = socket.held; held !== null; held = held.next) slabs.give(held.slab);
  socket.held = null;
}
