/** In a process of its own: what is given up here does not come back. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Privileges } from '../../src/sys/privileges.ts';
import { describeAsRoot } from '../support/peers.ts';

const MODULE = join(import.meta.dirname, '../../dist/sys/privileges.js');
const SCRIPT = `
const { dropPrivileges } = await import(process.argv[1]);
const { readFileSync, readdirSync, readlinkSync } = await import('node:fs');
const field = (status, name) => new RegExp('^' + name + ':\\\\s*(\\\\S+)', 'm').exec(status)?.[1];
const names = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'];
try {
  const refused = dropPrivileges(JSON.parse(process.argv[2]));
  let again = 'stayed';
  try { process.setuid(0); again = 'came back'; } catch {}
  const root = readdirSync('/').length;
  let privileges = 'unknown';
  let capabilities = 'unknown';
  let cwd = 'unknown';
  try {
    const status = readFileSync('/proc/self/status', 'utf8');
    cwd = readlinkSync('/proc/self/cwd');
    privileges = field(status, 'NoNewPrivs');
    capabilities = [...new Set(names.map((name) => field(status, name)))].join();
  } catch {}
  const [uid, gid, groups, umask] = [process.getuid(), process.getgid(), process.getgroups(), process.umask()];
  console.log(JSON.stringify({ uid, gid, groups, again, root, privileges, capabilities, umask, refused, cwd }));
} catch (error) { console.log(JSON.stringify({ error: error.message })); }
`;

function dropIn(privileges: Privileges): unknown {
  const arguments_ = ['--input-type=module', '-e', SCRIPT, MODULE, JSON.stringify(privileges)];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

const NONE = '0000000000000000';

describeAsRoot('privileges', () => {
  it('user and group are given up for good, other groups with them', () => {
    const after = dropIn({ uid: 12_345, gid: 12_346, chroot: null });
    expect(after).toMatchObject({ uid: 12_345, gid: 12_346, groups: [12_346], again: 'stayed', privileges: '1' });
    expect(after).toMatchObject({ capabilities: NONE, umask: 0o077, cwd: '/', refused: '' });
  });

  it('the root folder is another one', () => {
    // An empty folder without /proc.
    expect(dropIn({ uid: 12_345, gid: 12_346, chroot: '/proc/self/attr' })).not.toMatchObject({
      error: expect.anything(),
    });
    expect(dropIn({ uid: null, gid: null, chroot: '/nonexistent' })).toEqual({ error: 'Cannot chroot(/nonexistent).' });
  });

  it('whoever stays root has no capability left, nor can any be had again', () => {
    expect(dropIn({ uid: null, gid: null, chroot: null })).toMatchObject({
      uid: 0,
      again: 'came back',
      privileges: '1',
      capabilities: NONE,
      umask: 0o077,
    });
  });

  it('a user that nobody has asked for may be refused, one that somebody has may not', () => {
    const impossible = { uid: -5, gid: null, chroot: null };
    expect(dropIn({ ...impossible, byDefault: true })).toMatchObject({
      uid: 0,
      refused: 'Cannot set uid -5.',
      capabilities: NONE,
    });
    expect(dropIn(impossible)).toEqual({ error: 'Cannot set uid -5.' });
  });
});
