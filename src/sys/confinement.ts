/**
 * The walls around a data process, after its rights are gone (privileges.ts): no file, no other program, no other process can be
 * reached by its system calls, whoever it runs as.
 *
 *   all threads, Node's and V8's too    a filter of system calls (seccomp.ts)
 *   each thread of ours, for itself     no capabilities; no paths (landlock.ts)
 *
 * Before that, whatever is read late has to be read: it cannot be had any more.
 */
import { dataProcessPolicy, type PolicySetup } from './allowed-calls.ts';
import { type CapabilityName, dropCapabilities } from './capabilities.ts';
import { forbidPaths } from './landlock.ts';
import { filterSystemCalls } from './seccomp.ts';

/**
 * For each thread that serves, once the process has given up its rights. Without `walls` it keeps no more than that: for
 * debuggers and profilers, which work inside. `kept` is the one capability that it does not give up. Whether Landlock holds.
 */
export function confineThread(walls: boolean, kept: CapabilityName | null = null): boolean {
  dropCapabilities(kept);
  return walls && forbidPaths();
}

/** For the main thread, when all others are there. What is not as it should be, in words; '': all is. */
export function confineProcess(policy: PolicySetup, walls: boolean): string {
  const landlock = confineThread(walls);
  const missing = walls ? filterSystemCalls(dataProcessPolicy(policy)) : null;
  if (missing === null) return '';
  const rest = landlock
    ? 'Landlock keeps its own threads from files, Node’s threads have no such wall'
    : 'nor is Landlock';
  return `The data process has no filter of system calls (${missing}); ${rest}.`;
}

/** The time zone is in a file, and is read with the first local time: log lines have one. */
export function readLateFiles(): void {
  new Date(0).getTimezoneOffset();
}
