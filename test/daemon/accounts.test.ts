import { describe, expect, it } from 'vitest';
import { findGroup, findUser } from '../../src/daemon/accounts.ts';
import { resolvePrivileges } from '../../src/daemon/run-as.ts';
import { modelOf } from '../support/model.ts';

const files = {
  passwd: 'root:x:0:0:root:/root:/bin/sh\nhaproxy:x:99:98::/:/bin/false\nbroken:x:abc:1::/:\n# comment\n',
  group: 'root:x:0:\nhaproxy:x:97:\n',
};

describe('accounts', () => {
  it('are found by name', () => {
    expect(findUser(files, 'haproxy')).toEqual({ uid: 99, gid: 98 });
    expect(findGroup(files, 'haproxy')).toBe(97);
  });

  it.each(['nobody', 'broken', '', 'hapro'])('are not made up: %j', (name) => {
    expect(findUser(files, name)).toBeNull();
    expect(findGroup(files, name)).toBeNull();
  });
});

describe('what the data process runs as', () => {
  const runAs = (lines: string) => resolvePrivileges(modelOf(`global\n${lines}\n`).global, files);
  it.each([
    ['nothing configured', '', { uid: null, gid: null, chroot: null }],
    ['names', ' user haproxy\n group haproxy', { uid: 99, gid: 97, chroot: null }],
    ["a user alone brings its own group, not root's", ' user haproxy', { uid: 99, gid: 98, chroot: null }],
    ['numbers', ' uid 5\n gid 6\n chroot /var/empty', { uid: 5, gid: 6, chroot: '/var/empty' }],
  ])('%s', (_, lines, privileges) => {
    expect(runAs(lines)).toEqual({ ok: true, privileges });
  });

  it.each([
    [' user nobody2', "cannot find user id for 'nobody2'"],
    [' group wheelz', "cannot find group id for 'wheelz'"],
  ])('is refused: %s', (lines, message) => {
    expect(runAs(lines)).toEqual({ ok: false, message });
  });
});
