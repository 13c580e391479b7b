/**
 * Landlock (landlock(7)): the calling thread, and what it starts, can reach no file by its path any more, whatever the rights of
 * its user are. Descriptors that it has stay usable, and so do sockets.
 *
 * It is a second wall behind the filter of system calls (seccomp.ts), and stands for one thread only: each asks for itself.
 */
import * as libc from './libc.ts';
import { scratchAddress, scratchBytes } from './memory.ts';

const CREATE_RULESET_VERSION = 1 << 0;
/** By version of the interface: how many kinds of access to files it knows, from execute(0) to ioctl on devices(15). */
const FILE_RIGHTS: readonly number[] = [0, 13, 14, 15, 15, 16];
/** Of struct landlock_ruleset_attr its first member, handled_access_fs: the one that every kernel knows. */
const RULESET_BYTES = 8;

/** 0: this kernel does not have it, or it is switched off. */
export function landlockVersion(): number {
  return Math.max(0, libc.landlockCreateRuleset(0, 0, CREATE_RULESET_VERSION));
}

/** Whether it is so now. The calling thread must have no_new_privs. */
export function forbidPaths(): boolean {
  const version = landlockVersion();
  const rights = FILE_RIGHTS[Math.min(version, FILE_RIGHTS.length - 1)] ?? 0;
  if (rights === 0) return false;
  scratchBytes.writeBigUInt64LE(BigInt(2 ** rights - 1), 0);
  const ruleset = libc.landlockCreateRuleset(scratchAddress, RULESET_BYTES, 0);
  if (ruleset < 0) return false;
  // No rule is added: nothing of all this is allowed anywhere.
  const done = libc.landlockRestrictSelf(ruleset) === 0;
  libc.close(ruleset);
  return done;
}
