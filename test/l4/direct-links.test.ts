/** Interfaces of this box, as rules of DR need them. */
import { expect, it } from 'vitest';
import { directLinksOf } from '../../src/l4/direct-links.ts';
import { HERE } from '../../src/l4/ruleset-direct.ts';
import type { Link } from '../../src/netlink/network.ts';

function link(name: string, index: number, ...addresses: readonly string[]): Link {
  return {
    ...{ name, index, up: true, running: true, mac: null },
    addresses: addresses.map((text) => {
      const [ip = '', length] = text.split('/');
      return { family: ip.includes(':') ? 6 : 4, ip, prefixLength: Number(length), dynamic: false };
    }),
  };
}

const LO = link('lo', 1, '127.0.0.1/8', '10.0.0.71/32');
const ETH0 = link('eth0', 2, '192.0.2.5/24', '2001:db8::5/64');
const ETH1 = link('eth1', 3, '10.0.0.2/16', '10.0.9.2/20', 'fd00::2/61');
const VMAC = link('vrrp.51', 9, '192.0.2.1/24', '10.0.0.9/28');

it('has clients come in by all but the loopback, in the order of their age', () => {
  const { interfaces } = directLinksOf([VMAC, ETH1, LO, ETH0], null);
  expect(interfaces.map(({ name }) => name)).toEqual(['eth0', 'eth1', 'vrrp.51']);
});

it('leaves one out whose name cannot be written in rules', () => {
  const { interfaces } = directLinksOf([ETH0, link('a"b', 7), link('x*;{}$', 8)], null);
  expect(interfaces.map(({ name }) => name)).toEqual(['eth0', 'x*;{}$']);
});

it.each([
  ['192.0.2.77', 'eth0'],
  ['10.0.0.15', 'vrrp.51'],
  ['10.0.0.16', 'eth1'],
  ['10.0.255.255', 'eth1'],
  ['10.1.0.0', null],
  ['2001:db8::ffff', 'eth0'],
  ['2001:db8:0:1::1', null],
  ['fd00:0:0:7::1', 'eth1'],
  ['fd00:0:0:8::1', null],
])('leads to %s by %s: the nearest subnet, of equals the oldest interface', (ip, name) => {
  expect(directLinksOf([VMAC, LO, ETH1, ETH0], null).deviceOf(ip)?.name ?? null).toBe(name);
});

it.each(['127.0.0.1', '127.0.0.2', '::1', '10.0.0.71', '192.0.2.5', 'fd00::2'])('has %s here: it is its own', (ip) => {
  expect(directLinksOf([VMAC, LO, ETH1, ETH0], null).deviceOf(ip)).toBe(HERE);
});

it('leads nowhere by an interface that is down, where packets may yet come in later', () => {
  const { interfaces, deviceOf } = directLinksOf([{ ...ETH1, up: false }, ETH0], null);
  expect(interfaces).toHaveLength(2);
  expect(deviceOf('10.0.0.16')).toBeNull();
});

it('is the same object as long as nothing that counts differs', () => {
  const before = directLinksOf([LO, ETH0, ETH1], null);
  expect(directLinksOf([ETH1, LO, { ...ETH0, mac: '02:00:00:00:00:01', running: false }], before)).toBe(before);
  expect(directLinksOf([ETH1, LO, { ...ETH0, index: 4 }], before)).not.toBe(before);
  expect(directLinksOf([LO, { ...ETH1, up: false }, ETH0], before)).not.toBe(before);
  expect(directLinksOf([ETH0, ETH1], before)).not.toBe(before);
});
