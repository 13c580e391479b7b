/** What the kernel says about another process (proc(5)): whether it was stopped, whether somebody debugs it, what it cost. */
import { readFileSync } from 'node:fs';

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    // It has ended, or there is no /proc.
    return '';
  }
}

/** By SIGSTOP or one of its kind. A debugger's stop is none. */
export function isStopped(pid: number): boolean {
  const stat = read(pid, 'stat');
  // The name in parentheses may hold anything.
  return stat.slice(stat.lastIndexOf(')')).startsWith(') T ');
}

/** A debugger has it, or strace. */
export function isTraced(pid: number): boolean {
  return /^TracerPid:\t[1-9]/m.test(read(pid, 'status'));
}

/** Processor time of all its threads so far, in milliseconds; 0 when it has ended. */
export function processorMs(pid: number): number {
  const stat = read(pid, 'stat');
  // Behind the name: state is field 3, utime 14, stime 15; in clock ticks, of which there are a hundred a second everywhere.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) * 10;
}
