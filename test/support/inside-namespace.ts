/**
 * Runs synchronous code of this process inside of a network namespace: sockets opened there stay there. Needs root.
 * Only the calling thread moves (setns(2)), and only until the code returns.
 */
import { closeSync, openSync } from 'node:fs';
import koffi from 'koffi';

const CLONE_NEWNET = 0x40000000;
const setns = koffi.load(null).func('int setns(int, int)') as (fd: number, kind: number) => number;

export function insideNamespace<T>(name: string, action: () => T): T {
  const home = openSync('/proc/self/ns/net', 'r');
  const other = openSync(`/run/netns/${name}`, 'r');
  try {
    if (setns(other, CLONE_NEWNET) !== 0) throw new Error(`setns(${name}) failed`);
    try {
      return action();
    } finally {
      setns(home, CLONE_NEWNET);
    }
  } finally {
    closeSync(home);
    closeSync(other);
  }
}
