/**
 * Lines to a descriptor that was inherited: stdout, stderr, or any other.
 *
 * It must not block, and the descriptor is shared with whoever started us, so setting O_NONBLOCK on it would change
 * theirs. A pipe or a terminal is therefore opened once more through /proc, non-blocking, for us alone; a socket is told
 * with each message; a regular file never blocks.
 */
import { constants, fstatSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { F_GETFL, F_SETFL, MSG_DONTWAIT, MSG_NOSIGNAL, O_NONBLOCK } from './constants.ts';
import * as libc from './libc.ts';
import type { Outlet } from './outlet.ts';

export class DescriptorOutlet implements Outlet {
  readonly #fd: number;
  readonly #own: boolean;
  readonly #socket: boolean;

  constructor(fd: number) {
    const kind = kindOf(fd);
    const own = kind === 'waits' ? reopen(fd) : -1;
    this.#fd = own >= 0 ? own : fd;
    this.#own = own >= 0;
    this.#socket = kind === 'socket';
  }

  send(address: number, length: number): boolean {
    const sent = this.#socket
      ? libc.send(this.#fd, address, length, MSG_DONTWAIT | MSG_NOSIGNAL)
      : libc.write(this.#fd, address, length);
    return sent === length;
  }

  close(): void {
    if (this.#own) libc.close(this.#fd);
  }
}

function kindOf(fd: number): 'socket' | 'waits' | 'file' {
  try {
    const stat = fstatSync(fd);
    if (stat.isSocket()) return 'socket';
    return stat.isFile() ? 'file' : 'waits';
  } catch {
    // Not open: every line will be lost, and counted.
    return 'file';
  }
}

function reopen(fd: number): number {
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_APPEND);
  } catch {
    // No /proc, or a descriptor that belongs to somebody else. Better to change theirs than to wait; not a terminal's,
    // where a person's shell would find it changed.
    if (!isatty(fd)) libc.fcntl(fd, F_SETFL, libc.fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
    return -1;
  }
}
