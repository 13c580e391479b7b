/**
 * Giving up powers, for good, in the one order that works: the root folder while still root, then groups, then the user, then
 * what capabilities are left.
 *
 * uid and gid belong to all threads (libc tells each of them), and so do the root and working folders. Capabilities and "no new
 * privileges" belong to one thread and those that it starts: forbidGains() is called before threads are, and each of them calls
 * dropCapabilities() (capabilities.ts) after this. Not here: the filter of system calls, which reaches all threads (seccomp.ts).
 */
import { dropCapabilities, emptyBoundingSet } from './capabilities.ts';
import { PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS } from './constants.ts';
import * as libc from './libc.ts';

/** What it creates nonetheless is its own. */
const UMASK = 0o077;

export interface Privileges {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly chroot: string | null;
  /** Where user and group are refused, the process stays who it is. */
  readonly byDefault?: true;
}

/** From now on nothing that this thread executes can gain powers, not even a setuid program or as root (prctl(2)). */
export function forbidGains(): void {
  emptyBoundingSet();
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw new Error('Cannot set no_new_privs.');
}

/**
 * Throws, with a message for the operator, where the kernel refuses; what was given up before that stays given up. Returns what
 * was refused and does not matter as much; '' if nothing.
 */
export function dropPrivileges(privileges: Privileges): string {
  const { chroot } = privileges;
  // While it has the right to.
  forbidGains();
  if (chroot !== null && libc.chroot(chroot) < 0) throw new Error(`Cannot chroot(${chroot}).`);
  if (libc.chdir('/') < 0) throw new Error('Cannot change to the root folder.');
  process.umask(UMASK);
  let refused = '';
  try {
    becomeUser(privileges);
  } catch (error) {
    if (privileges.byDefault !== true) throw error;
    refused = (error as Error).message;
  }
  dropCapabilities();
  // Others of the same user may not look into its memory or take its descriptors (ptrace(2)), and it leaves no core behind.
  libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return refused;
}

function becomeUser({ uid, gid }: Privileges): void {
  const wasRoot = process.getuid?.() === 0;
  // Without root the list cannot be changed; what it grants was granted by whoever started us.
  if (wasRoot && (uid !== null || gid !== null)) attempt(() => process.setgroups?.([]), 'Cannot clear groups.');
  if (gid !== null) attempt(() => process.setgid?.(gid), `Cannot set gid ${gid}.`);
  if (uid !== null) attempt(() => process.setuid?.(uid), `Cannot set uid ${uid}.`);
}

function attempt(action: () => void, message: string): void {
  try {
    action();
  } catch (cause) {
    throw new Error(message, { cause });
  }
}
