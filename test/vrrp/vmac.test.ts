import { expect, it } from 'vitest';
import { virtualMac, vmacCommands } from '../../src/vrrp/vmac.ts';
import { pairModel } from '../support/pair-model.ts';

function router(vrid: number, vip: string, use = 'use_vmac') {
  const text = `interface eth0\n virtual_router_id ${vrid}\n ${use}\n virtual_ipaddress {\n ${vip}\n }`;
  const [instance] = pairModel(`vrrp_instance VI_1 {\n ${text}\n}\n`).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
}

it.each([
  ['IPv4 (5798 7.3)', router(51, '10.77.0.100/24'), '00:00:5e:00:01:33'],
  ['IPv6', router(51, 'fd77::100/64'), '00:00:5e:00:02:33'],
  ['with two digits', router(5, '10.77.0.100/24'), '00:00:5e:00:01:05'],
  ['the last one', router(255, 'fd77::100/64'), '00:00:5e:00:02:ff'],
  ['as the file says', router(51, '10.77.0.100/24', 'use_vmac vm0 02:00:00:00:00:07'), '02:00:00:00:00:07'],
])('the virtual MAC, %s', (_, instance, mac) => {
  expect(virtualMac(instance)).toBe(mac);
});

it('is on a macvlan of the interface, which has no address of its own making', () => {
  expect(vmacCommands(router(51, '10.77.0.100/24'), 'vrrp.51')).toEqual([
    'link add vrrp.51 link eth0 address 00:00:5e:00:01:33 type macvlan mode bridge',
    'link set vrrp.51 addrgenmode none',
    'link set vrrp.51 up',
  ]);
});
