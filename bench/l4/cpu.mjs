// CPU time of processes to the microsecond, softirqs that ran in their time included: what a packet sent over veth costs, its
// forwarding by other namespaces too, is done by the kernel in the time of whoever sent it, or by ksoftirqd. So the sum over
// client, servers, proxies and ksoftirqd is what the work cost, and other programs of the machine are not in it.
import { readdirSync, readFileSync } from 'node:fs';

function threadNanoseconds(pid, thread) {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]);
  } catch {
    // Ended since.
    return 0;
  }
}

/** Of all threads that are there, since they began. */
export function cpuMicroseconds(pids) {
  let nanoseconds = 0;
  for (const pid of pids) {
    let threads = [];
    try {
      threads = readdirSync(`/proc/${pid}/task`);
    } catch {
      // Ended since.
    }
    for (const thread of threads) nanoseconds += threadNanoseconds(pid, thread);
  }
  return nanoseconds / 1000;
}

export function softirqThreads() {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && nameOf(entry).startsWith('ksoftirqd/'))
    .map(Number);
}

function nameOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1');
  } catch {
    return '';
  }
}

/** bash says what a command took when it has ended: `TIMED COMMAND…`. */
export const TIMED = ['bash', '-c', 'TIMEFORMAT="cpu %3U %3S"; time "$@"', 'timed'];

export function timedMicroseconds(output) {
  const match = /^cpu (\d+\.\d+) (\d+\.\d+)$/m.exec(output);
  if (match === null) throw new Error(`bash did not say what it took:\n${output}`);
  return (Number(match[1]) + Number(match[2])) * 1e6;
}
