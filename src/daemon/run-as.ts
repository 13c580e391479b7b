/** `user`, `group`, `uid`, `gid` and `chroot` of `global` → what the data process becomes. */
import type { Global } from '../config/model.ts';
import type { PrivilegesPlan } from '../proxy/plan.ts';
import { type AccountFiles, findGroup, findUser } from './accounts.ts';

export type RunAs =
  | { readonly ok: true; readonly privileges: PrivilegesPlan }
  | { readonly ok: false; readonly message: string };

/** A user without a group runs in that user's own group: keeping root's would be a privilege that nobody asked for. */
export function resolvePrivileges(global: Global, accounts: AccountFiles): RunAs {
  const user = global.user === null ? null : findUser(accounts, global.user);
  if (global.user !== null && user === null) return { ok: false, message: `cannot find user id for '${global.user}'` };
  const group = global.group === null ? null : findGroup(accounts, global.group);
  if (global.group !== null && group === null) {
    return { ok: false, message: `cannot find group id for '${global.group}'` };
  }
  const uid = global.uid ?? user?.uid ?? null;
  const gid = global.gid ?? group ?? user?.gid ?? null;
  return { ok: true, privileges: { uid, gid, chroot: global.chroot } };
}
