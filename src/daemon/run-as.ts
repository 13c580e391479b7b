/** `user`, `group`, `uid`, `gid` and `chroot` of `global` → what the data process becomes. */
import type { Global, Model } from '../config/model.ts';
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

/** `tandem install` makes the first one. */
const OWN_USER = 'tandem';
const NOBODY = 'nobody';

export interface DefaultUser {
  readonly privileges: PrivilegesPlan;
  /** For the operator; null: somebody has decided. */
  readonly message: string | null;
}

/**
 * Started as root, and nobody says who the data process is to be: nobody it is (`tandem`, where there is such a user), as it
 * needs none of root's rights once the listening sockets are there. Servers at unix sockets are files that it may have to be root for: then it stays root.
 */
export function defaultUser(
  privileges: PrivilegesPlan,
  model: Model,
  accounts: AccountFiles,
  ownUid: number | undefined,
): DefaultUser {
  if (ownUid !== 0 || privileges.uid !== null) return { privileges, message: null };
  const own = findUser(accounts, OWN_USER);
  const user = own ?? findUser(accounts, NOBODY);
  const unixServer = model.proxies.flatMap(({ servers }) => servers).find(({ address }) => address.kind === 'unix');
  if (unixServer !== undefined || user === null) {
    const why = user === null ? `there is no user '${NOBODY}'` : `server '${unixServer?.name}' is a unix socket`;
    const message = `the data process stays root, without capabilities (${why}); name a user in 'global'`;
    return { privileges, message };
  }
  return {
    privileges: { ...privileges, uid: user.uid, gid: privileges.gid ?? user.gid, byDefault: true },
    message: `the data process runs as ${own === null ? NOBODY : OWN_USER}, as there is no 'user' in 'global'`,
  };
}
