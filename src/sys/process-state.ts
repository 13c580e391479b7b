/** What the kernel says about another process (proc(5)): whether it was stopped, whether somebody debugs it. */
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
