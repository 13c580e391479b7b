import { describe, expect, it } from 'vitest';
import { parseAddressDump, parseMonitorLine } from '../../src/netlink/monitor-line.ts';
import { SeededRandom } from '../support/random.ts';

const LINK = String.raw`2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default \    link/ether 02:77:00:00:00:01 brd ff:ff:ff:ff:ff:ff link-netns x`;
const eth0 = { kind: 'link', index: 2, name: 'eth0', gone: false, up: true, running: true, mac: '02:77:00:00:00:01' };

describe('lines of ip monitor', () => {
  it.each<[string, string, unknown]>([
    ['a link', LINK, eth0],
    ['without carrier', LINK.replace(',LOWER_UP', '').replace('<', '<NO-CARRIER,'), { ...eth0, running: false }],
    ['set down', LINK.replace(',UP,LOWER_UP', ''), { ...eth0, up: false, running: false }],
    ['a link that is gone', `Deleted ${LINK}`, { ...eth0, gone: true }],
    [
      'a macvlan',
      String.raw`7: vrrp.51@eth0: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 \    link/ether 00:00:5e:00:01:33 brd ff:ff:ff:ff:ff:ff`,
      { ...eth0, index: 7, name: 'vrrp.51', mac: '00:00:5e:00:01:33' },
    ],
    [
      'an address',
      String.raw`2: eth0    inet 10.77.0.100/24 scope global secondary eth0\       valid_lft 3sec preferred_lft 3sec`,
      { kind: 'address', device: 'eth0', gone: false, family: 4, ip: '10.77.0.100', prefixLength: 24, dynamic: false },
    ],
    [
      'an address that is leased',
      String.raw`2: eth0    inet 10.77.0.7/24 scope global secondary dynamic eth0\       valid_lft 3sec preferred_lft 3sec`,
      { kind: 'address', device: 'eth0', gone: false, family: 4, ip: '10.77.0.7', prefixLength: 24, dynamic: true },
    ],
    [
      'an address that is gone',
      String.raw`Deleted 2: eth0    inet6 fd77::100/64 scope global \       valid_lft forever`,
      { kind: 'address', device: 'eth0', gone: true, family: 6, ip: 'fd77::100', prefixLength: 64, dynamic: false },
    ],
    [
      'point to point',
      String.raw`2: eth0    inet 10.0.0.10 peer 10.0.0.1/32 scope global eth0\       valid_lft forever`,
      { kind: 'address', device: 'eth0', gone: false, family: 4, ip: '10.0.0.10', prefixLength: 32, dynamic: false },
    ],
    ['a neighbour', '10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 REACHABLE', null],
    ['nothing', '', null],
  ])('%s', (_, line, change) => {
    expect(parseMonitorLine(line)).toEqual(change);
  });

  it('never throw, cut anywhere or changed', () => {
    const random = new SeededRandom(1);
    for (let length = 0; length <= LINK.length; length++) parseMonitorLine(LINK.slice(0, length));
    for (let round = 0; round < 2000; round++) {
      const at = random.below(LINK.length);
      parseMonitorLine(LINK.slice(0, at) + String.fromCharCode(random.below(256)) + LINK.slice(at + 1));
    }
  });
});

it('the dump gives the same changes', () => {
  const json = JSON.stringify([
    {
      ifindex: 2,
      ifname: 'eth0',
      flags: ['BROADCAST', 'MULTICAST', 'UP', 'LOWER_UP'],
      address: '02:77:00:00:00:01',
      addr_info: [
        { family: 'inet', local: '10.77.0.1', prefixlen: 24 },
        { family: 'inet6', local: 'fe80::1', prefixlen: 64, dynamic: true },
      ],
    },
  ]);
  expect(parseAddressDump(json)).toEqual([
    eth0,
    { kind: 'address', device: 'eth0', gone: false, family: 4, ip: '10.77.0.1', prefixLength: 24, dynamic: false },
    { kind: 'address', device: 'eth0', gone: false, family: 6, ip: 'fe80::1', prefixLength: 64, dynamic: true },
  ]);
});
