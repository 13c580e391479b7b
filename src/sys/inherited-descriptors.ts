/**
 * Descriptors that this process got from whoever started it and that nobody here knows of (a shell's, a supervisor's): Node closes
 * only the first ones of them in its children.
 */
import { readdirSync } from 'node:fs';
import { F_SETFD, FD_CLOEXEC } from './constants.ts';
import * as libc from './libc.ts';

const LAST_STANDARD_STREAM = 2;

/** Children get their standard streams and what they are given by number, nothing else. */
export function keepFromChildren(): void {
  for (const fd of openDescriptors()) if (fd > LAST_STANDARD_STREAM) libc.fcntl(fd, F_SETFD, FD_CLOEXEC);
}

function openDescriptors(): readonly number[] {
  try {
    return readdirSync('/proc/self/fd').map(Number);
  } catch {
    // No /proc: what Node does has to do.
    return [];
  }
}
