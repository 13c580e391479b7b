/**
 * Names of users and groups to numbers, from /etc/passwd and /etc/group (passwd(5), group(5)). Only these files: a
 * directory service would have to be asked over the network before the network is up.
 */
import { readFileSync } from 'node:fs';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface AccountFiles {
  readonly passwd: string;
  readonly group: string;
}

export function readAccountFiles(): AccountFiles {
  return { passwd: fileText('/etc/passwd'), group: fileText('/etc/group') };
}

/** The user's numbers, or null: no such name. */
export function findUser(files: AccountFiles, name: string): User | null {
  const fields = findLine(files.passwd, name);
  const uid = Number(fields?.[2]);
  const gid = Number(fields?.[3]);
  return fields !== undefined && Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : null;
}

/** The group's number, or null: no such name. */
export function findGroup(files: AccountFiles, name: string): number | null {
  const fields = findLine(files.group, name);
  const gid = Number(fields?.[2]);
  return fields !== undefined && Number.isInteger(gid) ? gid : null;
}

function findLine(text: string, name: string): string[] | undefined {
  for (const line of text.split('\n')) {
    const fields = line.split(':');
    if (fields[0] === name && name !== '') return fields;
  }
  return undefined;
}

function fileText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // A container from scratch has neither file; numbers still work there.
    return '';
  }
}
