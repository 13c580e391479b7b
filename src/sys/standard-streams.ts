/** Taking 0, 1 and 2 away from a terminal, for a daemon: /dev/null takes their places, in children as well. */
import { closeSync, openSync } from 'node:fs';
import { F_DUPFD_CLOEXEC } from './constants.ts';
import * as libc from './libc.ts';

/** Returns a descriptor of what was stderr, for last words, or -1. The caller closes it: somebody may wait for its end. */
export function leaveStandardStreams(): number {
  const lastWords = libc.fcntl(2, F_DUPFD_CLOEXEC, 3);
  const nowhere = openSync('/dev/null', 'r+');
  for (const fd of [0, 1, 2]) libc.dup2(nowhere, fd);
  closeSync(nowhere);
  return lastWords;
}
