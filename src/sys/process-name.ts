/**
 * What this process is called: by ps and pidof (the command line), by killall, pgrep and vrrp_track_process (the name, which
 * the kernel cuts to 15 bytes). For the main thread to say, before there are others: they inherit the name.
 */
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

const PR_SET_NAME = 15;
const NAME_BYTES = 15;

export function callProcess(name: string, rest: readonly string[]): void {
  process.title = [name, ...rest].join(' ');
  // libuv has taken the beginning of all that for the name.
  const length = scratchBytes.write(name.slice(0, NAME_BYTES), 0, 'latin1');
  scratchBytes[length] = 0;
  libc.prctl(PR_SET_NAME, scratchAddress, 0, 0, 0);
}
