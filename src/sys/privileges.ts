/**
 * Giving up powers, for good, in the one order that works: the root folder while still root, then groups, then the user.
 *
 * uid and gid belong to all threads (libc tells each of them), and so does the root folder; "no new privileges" belongs to
 * one thread and those that it starts: forbidNewPrivileges() is called before threads are.
 */
import { PR_SET_NO_NEW_PRIVS } from './constants.ts';
import * as libc from './libc.ts';

export interface Privileges {
  readonly uid: number | null;
  readonly gid: number | null;
  readonly chroot: string | null;
}

/** From now on nothing that this thread executes can gain powers, not even a setuid program (prctl(2)). */
export function forbidNewPrivileges(): void {
  if (libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) throw new Error('Cannot set no_new_privs.');
}

/** Throws, with a message for the operator, where the kernel refuses; what was given up before that stays given up. */
export function dropPrivileges(privileges: Privileges): void {
  const { uid, gid, chroot } = privileges;
  if (chroot !== null && (libc.chroot(chroot) < 0 || libc.chdir('/') < 0)) throw new Error(`Cannot chroot(${chroot}).`);
  const wasRoot = process.getuid?.() === 0;
  // Without root the list cannot be changed; what it grants was granted by whoever started us.
  if (wasRoot && (uid !== null || gid !== null)) attempt(() => process.setgroups?.([]), 'Cannot clear groups.');
  if (gid !== null) attempt(() => process.setgid?.(gid), `Cannot set gid ${gid}.`);
  if (uid !== null) attempt(() => process.setuid?.(uid), `Cannot set uid ${uid}.`);
  forbidNewPrivileges();
}

function attempt(action: () => void, message: string): void {
  try {
    action();
  } catch (cause) {
    throw new Error(message, { cause });
  }
}
