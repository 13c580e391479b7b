import { expect, it } from 'vitest';
import { scriptUsers } from '../../src/daemon/script-user.ts';

const GROUP = 'ops:x:50:\n';
const PASSWD = 'root:x:0:0::/:/bin/sh\nmonitor:x:7:8::/:/bin/sh\n';
const resolve = scriptUsers({ passwd: PASSWD, group: GROUP });

it.each([
  ['nobody named: as we are', null, null, {}],
  ['a user: in its own group', 'monitor', null, { uid: 7, gid: 8 }],
  ['a user and a group', 'monitor', 'ops', { uid: 7, gid: 50 }],
  ['no such user', 'x', null, "there is no user 'x'"],
  ['no such group', 'monitor', 'x', "there is no group 'x'"],
] as const)('%s', (_, user, group, who) => {
  expect(resolve(user, group)).toEqual(who);
});

it('nobody named, and keepalived_script is there: as that one', () => {
  const passwd = `${PASSWD}keepalived_script:x:9:10::/:/bin/false\n`;
  expect(scriptUsers({ passwd, group: GROUP })(null, null)).toEqual({ uid: 9, gid: 10 });
});
