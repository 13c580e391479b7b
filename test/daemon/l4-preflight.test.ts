/** What virtual servers ask of this box: a warning for each thing that is likely wrong, and none where nothing is. */
import { describe, expect, it } from 'vitest';
import type { L4Facts } from '../../src/daemon/l4-facts.ts';
import { type Interfaces, l4Problems } from '../../src/daemon/l4-preflight.ts';
import type { AddressChange } from '../../src/netlink/monitor-line.ts';
import { pairModel } from '../support/pair-model.ts';

function address(device: string, ip: string, prefixLength = 24): AddressChange {
  const family = ip.includes(':') ? 6 : 4;
  return { kind: 'address', device, gone: false, family, ip, prefixLength, dynamic: false };
}

const INTERFACES: Interfaces = new Map([
  ['eth0', [address('eth0', '192.0.2.9'), address('eth0', '192.0.2.1')]],
  ['eth1', [address('eth1', '10.0.0.1'), address('eth1', 'fd00::1', 64)]],
]);
const FINE: L4Facts = {
  forwards: { 4: true, 6: true },
  reversePath: new Map(),
  connectionsMax: 262_144,
  hasConntrack: true,
  defaultDevices: ['eth0'],
  missing: [],
};

const server = (kind = 'NAT', ip = '10.0.0.71', vip = '192.0.2.1', protocol = 'TCP', before = '') => `${before}
virtual_server ${vip} 80 {
  protocol ${protocol}
  lb_algo rr
  lb_kind ${kind}
  real_server ${ip} 80 {
  }
}
`;

const said = (text: string, facts: Partial<L4Facts> = {}, interfaces: Interfaces | null = INTERFACES) =>
  l4Problems(pairModel(text), { ...FINE, ...facts }, interfaces).map(({ severity, code, line, hint }) => {
    expect([severity, line > 0]).toEqual(['warning', true]);
    return hint === undefined ? code : `${code}: ${hint}`;
  });

it('where all is well nothing is said', () => {
  expect([said(server()), said(server('DR')), said(server('NAT', '10.0.0.71', '192.0.2.1', 'UDP'))]).toEqual([
    [],
    [],
    [],
  ]);
});

it('what nft and the kernel lack', () => {
  expect(said(server(), { missing: ['no nft', 'no fwd'] })).toEqual([
    'missing-kernel-feature',
    'missing-kernel-feature',
  ]);
});

describe('forwarding', () => {
  const off = { forwards: { 4: false, 6: false } };
  const v6 = server('NAT', 'fd00::71', '2001:db8::1');
  it.each<[string, string, Partial<L4Facts>, readonly string[]]>([
    ['off', server(), off, ['no-forwarding: tandem { ip_forward on }, or: sysctl -w net.ipv4.ip_forward=1']],
    [
      'off, of IPv6',
      v6,
      off,
      ['no-forwarding: tandem { ip_forward on }, or: sysctl -w net.ipv6.conf.all.forwarding=1'],
    ],
    ['off for the other family', v6, { forwards: { 4: false, 6: true } }, []],
    [
      'off, and we switch it on',
      server('NAT', '10.0.0.71', '192.0.2.1', 'TCP', 'tandem {\n ip_forward on\n}'),
      off,
      [],
    ],
    ['off, with DR', server('DR'), off, []],
    ['unknown', server(), { forwards: { 4: null, 6: null } }, []],
  ])('%s', (_, text, facts, warnings) => {
    expect(said(text, facts)).toEqual(warnings);
  });
});

describe('tracked connections', () => {
  it('few of them', () => {
    const few = { connectionsMax: 8192 };
    expect(said(server(), few)).toEqual(['few-connections: sysctl -w net.netfilter.nf_conntrack_max=262144, or more']);
    expect([said(server('DR'), few), said(server(), { connectionsMax: null })]).toEqual([[], []]);
  });

  it('of UDP end by a program', () => {
    const without = { hasConntrack: false };
    const udp = (kind: string) => server(kind, '10.0.0.71', '192.0.2.1', 'UDP');
    expect(said(udp('NAT'), without)).toEqual(['missing-program: install the package conntrack (conntrack-tools)']);
    expect([said(udp('DR'), without), said(server(), without)]).toEqual([[], []]);
  });
});

describe('the way to a server with DR', () => {
  const noWay = ['no-way: lb_kind NAT goes through routers, too'];
  it.each<[string, string, readonly string[]]>([
    ['on a link', server('DR'), []],
    ['behind a router', server('DR', '10.7.0.71'), noWay],
    ['behind a router, with NAT', server('NAT', '10.7.0.71'), []],
    ['on the link of IPv6', server('DR', 'fd00::71', '2001:db8::1'), []],
    ['of IPv6 behind a router', server('DR', 'fd07::71', '2001:db8::1'), noWay],
    [
      'on a link that comes with a virtual address',
      server(
        'DR',
        '10.8.0.71',
        '192.0.2.1',
        'TCP',
        'vrrp_instance V {\n interface eth1\n virtual_router_id 5\n virtual_ipaddress {\n 10.8.0.1/24\n }\n}',
      ),
      [],
    ],
  ])('%s', (_, text, warnings) => {
    expect(said(text)).toEqual(warnings);
  });

  it('of the sorry server, too', () => {
    expect(said(server('DR').replace('lb_kind DR', 'lb_kind DR\n sorry_server 10.7.0.9 80'))).toEqual(noWay);
  });

  it('without a look at interfaces: nothing', () => {
    expect(said(server('DR', '10.7.0.71'), {}, null)).toEqual([]);
  });
});

describe('this box itself as a server', () => {
  const own = 'lb_kind DR\n sorry_server 127.0.0.1 80';
  it.each<[string, string, readonly string[]]>([
    ['with DR', server('DR').replace('lb_kind DR', own), []],
    [
      'with NAT',
      server('NAT').replace('lb_kind NAT', 'lb_kind NAT\n sorry_server 127.0.0.1 80'),
      [
        'loopback-server: sorry_server_lvs_method DR, which leaves packets to this box as they are; or another address of this box',
      ],
    ],
    [
      'with NAT, as one of the servers',
      server('NAT', '::1', '2001:db8::1'),
      ['loopback-server: lvs_method DR, which leaves packets to this box as they are; or another address of this box'],
    ],
  ])('%s', (_, text, warnings) => {
    expect(said(text)).toEqual(warnings);
  });
});

describe('rp_filter', () => {
  const strict = (device: string) => ({ reversePath: new Map([[device, 1]]), defaultDevices: ['eth1'] });
  const warned = ['reverse-path: sysctl -w net.ipv4.conf.eth0.rp_filter=2'];
  const master = `vrrp_instance V {\n interface eth0\n virtual_router_id 5\n virtual_ipaddress {\n 192.0.2.2/24\n }\n}`;
  it.each<[string, string, Partial<L4Facts>, readonly string[]]>([
    ['strict where clients come in, and their answers leave elsewhere', server(), strict('eth0'), warned],
    ['strict everywhere', server(), strict('all'), warned],
    [
      'loose there',
      server(),
      {
        ...strict('all'),
        reversePath: new Map([
          ['all', 1],
          ['eth0', 2],
        ]),
      },
      [],
    ],
    ['strict where nobody comes in', server(), strict('eth1'), []],
    ['strict, and answers leave there', server(), { ...strict('eth0'), defaultDevices: ['eth0'] }, []],
    ['strict, with DR', server('DR'), strict('eth0'), []],
    [
      'where the address comes with VRRP',
      server('NAT', '10.0.0.71', '192.0.2.2', 'TCP', master),
      strict('eth0'),
      warned,
    ],
    ['no default route', server(), { ...strict('eth0'), defaultDevices: [] }, []],
  ])('%s', (_, text, facts, warnings) => {
    expect(said(text, facts)).toEqual(warnings);
  });
});
