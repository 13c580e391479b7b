/** eventfd(2): how one thread ends another's wait. */
import { EFD_CLOEXEC, EFD_NONBLOCK } from './constants.ts';
import * as libc from './libc.ts';
import { allocate } from './memory.ts';

const one = allocate(8);
one.bytes.writeBigUInt64LE(1n, 0);

/** A new eventfd. Throws when the process has no descriptor left. */
export function createWakeup(): number {
  const fd = libc.eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (fd < 0) throw new Error(`eventfd failed, errno ${libc.errno()}`);
  return fd;
}

export function wake(fd: number): void {
  libc.write(fd, one.address, 8);
}
