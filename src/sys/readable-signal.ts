/**
 * Being told that a descriptor can be read, for kinds that Node's own loop does not watch (raw and packet sockets).
 *
 * The kernel sends SIGURG when something arrives (fcntl(2): F_SETSIG, O_ASYNC); libuv turns it into an ordinary callback of
 * Node's loop. No thread, no polling. SIGURG, because its default is to be ignored: one that comes before or after there
 * is a listener does nothing. Signals coalesce, so whoever is told reads until there is nothing more.
 */
import { F_GETFL, F_SETFL, F_SETOWN, F_SETSIG, O_ASYNC, O_NONBLOCK } from './constants.ts';
import * as libc from './libc.ts';

const SIGNAL = 'SIGURG';
const SIGNAL_NUMBER = 23;

const watched = new Map<number, () => void>();

function tellAll(): void {
  for (const read of [...watched.values()]) read();
}

/** `read` must not block, and leave nothing unread. */
export function watchReadable(fd: number, read: () => void): void {
  if (watched.size === 0) process.on(SIGNAL, tellAll);
  watched.set(fd, read);
  libc.fcntl(fd, F_SETOWN, process.pid);
  libc.fcntl(fd, F_SETSIG, SIGNAL_NUMBER);
  libc.fcntl(fd, F_SETFL, libc.fcntl(fd, F_GETFL, 0) | O_ASYNC | O_NONBLOCK);
  // What came before is told by nobody.
  setImmediate(() => watched.get(fd)?.());
}

/** Before the descriptor is closed. */
export function forgetReadable(fd: number): void {
  if (!watched.delete(fd)) return;
  libc.fcntl(fd, F_SETFL, libc.fcntl(fd, F_GETFL, 0) & ~O_ASYNC);
  if (watched.size === 0) process.off(SIGNAL, tellAll);
}
