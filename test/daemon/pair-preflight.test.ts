/** What is likely wrong on this box, for a keepalived.conf: a warning for each, where the line is. */
import { describe, expect, it } from 'vitest';
import type { BoxFacts } from '../../src/daemon/box-facts.ts';
import { pairProblems } from '../../src/daemon/pair-preflight.ts';
import type { AddressChange } from '../../src/netlink/monitor-line.ts';
import { parseNftRuleset } from '../../src/netlink/nft-ruleset.ts';
import { parseCapabilities } from '../../src/sys/capabilities.ts';
import { pairModel } from '../support/pair-model.ts';

const ALL_RIGHTS = parseCapabilities('CapEff:\t000001ffffffffff\nCapBnd:\t000001ffffffffff\n');

function address(device: string, ip: string, prefixLength: number): AddressChange {
  const family = ip.includes(':') ? 6 : 4;
  return { kind: 'address', device, gone: false, family, ip, prefixLength, dynamic: false };
}

const BOX: BoxFacts = {
  interfaces: new Map([
    ['eth0', [address('eth0', '10.77.0.1', 24), address('eth0', 'fe80::1', 64), address('eth0', 'fd77::1', 64)]],
    ['eth1', [address('eth1', '192.0.2.1', 25)]],
    ['eth2', []],
  ]),
  capabilities: ALL_RIGHTS,
  filter: [],
  layer4: null,
  trouble: [],
};

const conf = (vips: string, lines = '', interfaceName = 'eth0', before = '') => `${before}
vrrp_instance VI_1 {
  interface ${interfaceName}
  virtual_router_id 51
  ${lines}
  virtual_ipaddress {
    ${vips}
  }
}
`;
const VIP = '10.77.0.100/24';

const said = (text: string, facts: Partial<BoxFacts> = {}) =>
  pairProblems(pairModel(text), { ...BOX, ...facts }).map(({ severity, code, message }) => {
    expect(severity).toBe('warning');
    return `${code}: ${message}`;
  });

describe('addresses', () => {
  const outside = (text: string) => [`outside-subnet: ${text}`];
  it.each<[string, string, readonly string[]]>([
    ['inside', conf(VIP), []],
    ['inside, without a mask', conf('10.77.0.100'), []],
    ['in no subnet of it', conf('10.78.0.100/24'), outside('10.78.0.100/24 is in no subnet of eth0 (10.77.0.1/24)')],
    ['on another interface', conf('192.0.2.100/25 dev eth1'), []],
    [
      'just outside of that',
      conf('192.0.2.200/25 dev eth1'),
      outside('192.0.2.200/25 is in no subnet of eth1 (192.0.2.1/25)'),
    ],
    [
      'where there is no address',
      conf('10.77.0.9/24 dev eth2'),
      outside('10.77.0.9/24 is in no subnet of eth2 (no IPv4 address)'),
    ],
    ['IPv6', conf('fd77::100/64'), []],
    ['IPv6, link-local', conf('fe80::100/64'), []],
    ['IPv6 outside', conf('fd78::100/64'), outside('fd78::100/64 is in no subnet of eth0 (fe80::1/64, fd77::1/64)')],
    [
      'beside the adverts',
      conf(VIP, 'virtual_ipaddress_excluded {\n 10.79.0.1/24\n }'),
      outside('10.79.0.1/24 is in no subnet of eth0 (10.77.0.1/24)'),
    ],
    ['on a macvlan', conf(VIP, 'use_vmac'), []],
    [
      'outside, on a macvlan',
      conf('10.78.0.1/24', 'use_vmac'),
      outside('10.78.0.1/24 is in no subnet of eth0 (10.77.0.1/24)'),
    ],
    ['with a far end', conf('10.99.0.1 peer 10.98.0.1'), []],
  ])('%s', (_, text, warnings) => {
    expect(said(text)).toEqual(warnings);
  });

  it('an address that is set already is no subnet of its own', () => {
    const interfaces = new Map([['eth0', [address('eth0', '10.77.0.1', 24), address('eth0', '10.78.0.100', 24)]]]);
    expect(said(conf('10.78.0.100/24'), { interfaces })).toHaveLength(1);
  });

  it('are warned about where they are written', () => {
    const [problem] = pairProblems(pairModel(conf('10.78.0.100/24')), BOX);
    expect(problem?.line).toBe(7);
  });
});

it('an interface that is not there, unless it may come later', () => {
  expect(said(conf(VIP, '', 'eth7'))).toEqual([`no-interface: 'VI_1': there is no interface eth7 on this box`]);
  expect(said(conf(VIP, '', 'eth7', 'global_defs {\n dynamic_interfaces\n}'))).toEqual([]);
});

it('a tracked interface that is not there', () => {
  const tracking = (lines: string, before = '') =>
    said(conf(VIP, `track_interface {\n eth1\n ${lines}\n }`, 'eth0', before));
  const missing = (what: string) => `no-interface: 'VI_1' tracks the interface eth8, which is not on this box: ${what}`;
  expect(tracking('eth8')).toEqual([missing('FAULT until it comes')]);
  expect(tracking('eth8 weight 10')).toEqual([missing('another priority until it comes')]);
  expect(tracking('eth8', 'global_defs {\n dynamic_interfaces\n}')).toEqual([]);
  const group = 'vrrp_sync_group G {\n group {\n VI_1\n }\n track_interface {\n eth8\n }\n}\n';
  expect(said(group + conf(VIP))).toContain(missing('FAULT until it comes').replace('VI_1', 'G'));
});

describe('rights', () => {
  it.each<[string, string, string, readonly string[]]>([
    [
      'an ordinary user',
      '0',
      '1ffffffffff',
      [
        'this user lacks CAP_NET_ADMIN, which tandem run needs to set addresses',
        'this user lacks CAP_NET_RAW, which tandem run needs to send and hear adverts',
      ],
    ],
    [
      'a container with NET_ADMIN only',
      '1000',
      '1000',
      ['nobody can have CAP_NET_RAW here, not even root; tandem run needs it to send and hear adverts'],
    ],
    ['a container with both', '3000', '3000', []],
  ])('%s', (_, effective, bounding, messages) => {
    const capabilities = parseCapabilities(`CapEff:\t${effective}\nCapBnd:\t${bounding}\n`);
    expect(said(conf(VIP), { capabilities })).toEqual(messages.map((message) => `missing-capability: ${message}`));
  });

  it('others only where the file asks for them', () => {
    const capabilities = parseCapabilities('CapEff:\t3000\nCapBnd:\t3000\n');
    const asks = conf(VIP, '', 'eth0', 'global_defs {\n vrrp_rt_priority 50\n vrrp_no_swap\n}');
    expect(said(asks, { capabilities }).map((text) => /CAP_\w+/.exec(text)?.[0])).toEqual([
      'CAP_SYS_NICE',
      'CAP_IPC_LOCK',
    ]);
  });
});

describe('the packet filter', () => {
  const chain = { family: 'inet', table: 'filter', name: 'input' };
  const rule = (ip: string) => ({
    rule: {
      ...chain,
      chain: 'input',
      expr: [
        { match: { op: '==', left: { payload: { protocol: 'ip', field: 'saddr' } }, right: ip } },
        { accept: null },
      ],
    },
  });
  const closed = (...rules: object[]) =>
    parseNftRuleset(
      JSON.stringify({ nftables: [{ chain: { ...chain, type: 'filter', hook: 'input', policy: 'drop' } }, ...rules] }),
    ).chains;

  it('that drops adverts means two masters', () => {
    expect(said(conf(VIP), { filter: closed() })).toEqual([
      `firewalled: 'VI_1': the packet filter of this box drops adverts to 224.0.0.18 on eth0 (table inet filter, chain input): two masters`,
    ]);
  });

  it('has to let in every peer', () => {
    const unicast = conf(VIP, 'unicast_peer {\n 10.77.0.2\n 10.77.0.3\n }');
    expect(said(unicast, { filter: closed(rule('10.77.0.2'), rule('10.77.0.3')) })).toEqual([]);
    expect(said(unicast, { filter: closed(rule('10.77.0.2')) })).toEqual([
      `firewalled: 'VI_1': the packet filter of this box drops adverts from 10.77.0.3 on eth0 (table inet filter, chain input): two masters`,
    ]);
  });

  it('that cannot be read is not judged', () => {
    expect(said(conf(VIP), { filter: null })).toEqual([]);
  });
});

it('a program that is missing is said once', () => {
  const text = `${conf(VIP)}${conf('10.77.0.101/24').replace('VI_1', 'VI_2').replace('51', '52')}`;
  expect(said(text, { interfaces: null, trouble: ['no ip'] })).toEqual(['missing-program: no ip']);
});
