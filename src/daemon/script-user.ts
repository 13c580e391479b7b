/** As whom a script runs: the user that the file names, else keepalived_script if there is one, else as we do. */
import type { ResolveUser } from '../core/command.ts';
import { type AccountFiles, findGroup, findUser } from './accounts.ts';

const DEFAULT_USER = 'keepalived_script';

export function scriptUsers(accounts: AccountFiles): ResolveUser {
  return (user, group) => {
    if (user === null) return findUser(accounts, DEFAULT_USER) ?? {};
    const found = findUser(accounts, user);
    if (found === null) return `there is no user '${user}'`;
    if (group === null) return found;
    const gid = findGroup(accounts, group);
    return gid === null ? `there is no group '${group}'` : { uid: found.uid, gid };
  };
}
