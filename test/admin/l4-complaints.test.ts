import { describe, expect, it } from 'vitest';
import { virtualServerComplaints } from '../../src/admin/l4-complaints.ts';
import { statusJson, statusOf } from '../../src/admin/status.ts';
import type { VirtualServerStatus } from '../../src/l4/status.ts';
import { PROXIES } from '../support/admin-scene.ts';
import { FakeAdminSide } from '../support/admin-side.ts';
import {
  deadServer,
  pairWith,
  realServerStatus,
  sorryServer,
  virtualServerStatus,
} from '../support/virtual-server-status.ts';

const good = realServerStatus('10.0.0.71:80');
const dead = deadServer('10.0.0.72:80', 'connection refused');

describe('a virtual server', () => {
  it.each<[string, Partial<VirtualServerStatus>, readonly string[]]>([
    ['with all of its servers', {}, []],
    ['with a spare sorry server', { servers: [good, sorryServer('10.0.0.9:80')] }, []],
    [
      'that lost a server',
      { servers: [good, dead] },
      ['warning: server [10.0.0.72]:tcp:80 is DOWN (http: connection refused), of virtual server [192.0.2.1]:tcp:80'],
    ],
    [
      'whose server is down with weight 0 and keeps its connections (inhibit_on_failure)',
      { servers: [good, { ...dead, isBalanced: true, weight: 0 }] },
      ['warning: server [10.0.0.72]:tcp:80 is DOWN (http: connection refused), of virtual server [192.0.2.1]:tcp:80'],
    ],
    [
      'without quorum, of which some serve',
      { servers: [good, dead], quorum: 2 },
      [
        'warning: virtual server [192.0.2.1]:tcp:80 has lost its quorum: weight 1 of 2',
        'warning: server [10.0.0.72]:tcp:80 is DOWN (http: connection refused), of virtual server [192.0.2.1]:tcp:80',
      ],
    ],
    [
      'that its sorry server serves',
      { servers: [dead, sorryServer('10.0.0.9:80', true)] },
      [
        'warning: virtual server [192.0.2.1]:tcp:80 is served by its sorry server: no other is up',
        'warning: server [10.0.0.72]:tcp:80 is DOWN (http: connection refused), of virtual server [192.0.2.1]:tcp:80',
      ],
    ],
    [
      'that its sorry server serves while some are up',
      { servers: [{ ...good, isBalanced: false }, sorryServer('10.0.0.9:80', true)], quorum: 2 },
      ['warning: virtual server [192.0.2.1]:tcp:80 is served by its sorry server: weight 1 of 2 is up'],
    ],
    [
      'that nobody serves',
      { servers: [dead, { ...good, weight: 0 }] },
      [
        'failed: virtual server [192.0.2.1]:tcp:80 has no server: ' +
          '[10.0.0.72]:tcp:80 is DOWN (http: connection refused), [10.0.0.71]:tcp:80 has weight 0',
      ],
    ],
    ['that is suspended', { servers: [dead], suspended: true }, []],
  ])('%s', (_, more, expected) => {
    const told = virtualServerComplaints(virtualServerStatus(more));
    expect(told.map(({ failed, text }) => `${failed ? 'failed' : 'warning'}: ${text}`)).toEqual(expected);
  });

  it('that lost many tells how many', () => {
    const servers = [good, ...Array.from({ length: 9 }, (_, i) => deadServer(`10.0.1.${i}:80`, 'timeout'))];
    expect(virtualServerComplaints(virtualServerStatus({ servers })).map(({ text }) => text)).toEqual([
      'virtual server [192.0.2.1]:tcp:80 has lost 9 of 10 servers',
    ]);
  });
});

describe('the status', () => {
  it('has them, and says the worst first', () => {
    const side = new FakeAdminSide(PROXIES);
    const virtualServers = [
      virtualServerStatus({ servers: [good, dead] }),
      virtualServerStatus({ servers: [dead], name: 'FWM 5' }),
    ];
    side.pair = pairWith(() => virtualServers);
    const status = statusOf(side);
    expect(status.pair?.virtualServers).toEqual(virtualServers);
    expect([status.health, status.complaints]).toEqual([
      'failed',
      [
        expect.stringContaining('virtual server FWM 5 has no server'),
        expect.stringContaining('of virtual server [192.0.2.1]:tcp:80'),
      ],
    ]);
  });

  it('says first that the kernel does not take what they need', () => {
    const side = new FakeAdminSide(PROXIES);
    const pair = pairWith(() => [virtualServerStatus({})]);
    side.pair = { ...pair, head: () => ({ ...pair.head(), rulesTrouble: 'exit status 1' }) };
    expect([statusOf(side).health, statusOf(side).complaints]).toEqual([
      'failed',
      ['the kernel does not take the rules of virtual servers: exit status 1'],
    ]);
  });

  it.each([null, 0, 3])('is the same in pieces, with %s virtual servers', (count) => {
    const side = new FakeAdminSide(PROXIES);
    side.board.setHealth(0, 'down');
    side.pair =
      count === null
        ? null
        : pairWith(() => Array.from({ length: count }, () => virtualServerStatus({ servers: [dead] })));
    const text = [...statusJson(side)].join('');
    expect(text.endsWith('}\n')).toBe(true);
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(statusOf(side))));
  });
});
