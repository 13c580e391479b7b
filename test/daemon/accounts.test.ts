import { describe, expect, it } from 'vitest';
import { findGroup, findUser } from '../../src/daemon/accounts.ts';
import { defaultUser, resolvePrivileges } from '../../src/daemon/run-as.ts';
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

describe('started as root, with no user configured, the data process', () => {
  const passwd = `${files.passwd}nobody:x:65534:65533::/:/bin/false\n`;
  const asked = (lines: string, server = '127.0.0.1:1', uid = 0, accounts = { ...files, passwd }) => {
    const text = `global\n${lines}\nlisten web\n bind 127.0.0.1:2\n server s ${server}\n`;
    const model = modelOf(`defaults\n timeout connect 1s\n timeout client 1s\n timeout server 1s\n${text}`);
    const runAs = resolvePrivileges(model.global, accounts);
    if (!runAs.ok) throw new Error(runAs.message);
    return defaultUser(runAs.privileges, model, accounts, uid);
  };

  it('runs as nobody', () => {
    const { privileges, message } = asked('');
    expect(privileges).toEqual({ uid: 65_534, gid: 65_533, chroot: null, byDefault: true });
    expect(message).toBe("the data process runs as nobody, as there is no 'user' in 'global'");
  });

  it('keeps the group and the root folder that are configured', () => {
    expect(asked(' group haproxy\n chroot /var/empty').privileges).toMatchObject({ gid: 97, chroot: '/var/empty' });
  });

  it('stays root where a server is a unix socket, or where there is no nobody', () => {
    expect(asked('', '/run/app.sock')).toMatchObject({
      privileges: { uid: null },
      message:
        "the data process stays root, without capabilities (server 's' is a unix socket); name a user in 'global'",
    });
    expect(asked('', '127.0.0.1:1', 0, files)).toMatchObject({
      privileges: { uid: null },
      message: "the data process stays root, without capabilities (there is no user 'nobody'); name a user in 'global'",
    });
  });

  it.each([
    ['root, if the file says so', ' user root', 0, 0],
    ['whoever the file says', ' uid 5', 0, 5],
    ['whoever started it, if that is not root', '', 1000, null],
  ])('is %s', (_, lines, ownUid, uid) => {
    expect(asked(lines, '127.0.0.1:1', ownUid)).toMatchObject({ privileges: { uid }, message: null });
  });
});
