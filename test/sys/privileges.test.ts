/** In a process of its own: what is given up here does not come back. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Privileges } from '../../src/sys/privileges.ts';
import { describeAsRoot } from '../support/peers.ts';

const MODULE = join(import.meta.dirname, '../../dist/sys/privileges.js');
const SCRIPT = `
const { dropPrivileges } = await import(process.argv[1]);
const { readFileSync, readdirSync } = await import('node:fs');
const status = readFileSync('/proc/self/status', 'utf8');
try {
  dropPrivileges(JSON.parse(process.argv[2]));
  let again = 'stayed';
  try { process.setuid(0); again = 'came back'; } catch {}
  const root = readdirSync('/').length;
  let privileges = 'unknown';
  try { privileges = /NoNewPrivs:\\s*(\\d)/.exec(readFileSync('/proc/self/status', 'utf8'))[1]; } catch {}
  console.log(JSON.stringify({ uid: process.getuid(), gid: process.getgid(), groups: process.getgroups(), again, root, privileges }));
} catch (error) { console.log(JSON.stringify({ error: error.message })); }
`;

function dropIn(privileges: Privileges): unknown {
  const arguments_ = ['--input-type=module', '-e', SCRIPT, MODULE, JSON.stringify(privileges)];
  const { stdout, stderr } = spawnSync(process.execPath, arguments_, { encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout);
}

describeAsRoot('privileges', () => {
  it('user and group are given up for good, other groups with them', () => {
    const after = dropIn({ uid: 12_345, gid: 12_346, chroot: null });
    expect(after).toMatchObject({ uid: 12_345, gid: 12_346, groups: [12_346], again: 'stayed', privileges: '1' });
  });

  it('the root folder is another one', () => {
    // An empty folder without /proc.
    expect(dropIn({ uid: 12_345, gid: 12_346, chroot: '/proc/self/attr' })).not.toMatchObject({
      error: expect.anything(),
    });
    expect(dropIn({ uid: null, gid: null, chroot: '/nonexistent' })).toEqual({ error: 'Cannot chroot(/nonexistent).' });
  });

  it('nothing asked for, nothing given up but new privileges', () => {
    expect(dropIn({ uid: null, gid: null, chroot: null })).toMatchObject({
      uid: 0,
      again: 'came back',
      privileges: '1',
    });
  });
});
