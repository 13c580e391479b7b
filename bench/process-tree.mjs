// What a process and everything below it costs, from /proc: CPU time and resident memory; and what its cores did.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
const MICROSECONDS_PER_TICK = 1e6 / TICKS_PER_SECOND;

function statOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks; what follows is parent (1), utime (11), stime (12).
    const words = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(words[1]), userTicks: Number(words[11]), systemTicks: Number(words[12]) };
  } catch {
    return undefined;
  }
}

/** The process and all below it. */
export function processTree(rootPid) {
  const children = new Map();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = statOf(entry);
    if (stat === undefined) continue;
    children.set(stat.parent, [...(children.get(stat.parent) ?? []), Number(entry)]);
  }
  const found = [rootPid];
  for (const pid of found) found.push(...(children.get(pid) ?? []));
  return found;
}

/** CPU time since they started, in microseconds; threads are in it. */
export function cpuMicroseconds(pids) {
  let user = 0;
  let system = 0;
  for (const pid of pids) {
    const stat = statOf(pid);
    user += stat?.userTicks ?? 0;
    system += stat?.systemTicks ?? 0;
  }
  return { user: user * MICROSECONDS_PER_TICK, total: (user + system) * MICROSECONDS_PER_TICK };
}

/** Microseconds that the cores were not idle, whoever used them: kernel threads and interrupts are in it too. */
export function coreMicroseconds(cores) {
  let ticks = 0;
  for (const line of readFileSync('/proc/stat', 'latin1').split('\n')) {
    const match = /^cpu(\d+) (.*)$/.exec(line);
    if (match === null || !cores.includes(Number(match[1]))) continue;
    const [user, nice, system, , , interrupt, softInterrupt] = match[2].split(' ').map(Number);
    ticks += user + nice + system + interrupt + softInterrupt;
  }
  return ticks * MICROSECONDS_PER_TICK;
}

export function residentBytes(pids) {
  let kib = 0;
  for (const pid of pids) {
    try {
      kib += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0);
    } catch {
      // Ended since.
    }
  }
  return kib * 1024;
}
