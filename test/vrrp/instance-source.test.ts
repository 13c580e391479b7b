import { describe, expect, it } from 'vitest';
import type { LinkAddress } from '../../src/netlink/network.ts';
import { sourceAddress } from '../../src/vrrp/instance-source.ts';
import { pairModel } from '../support/pair-model.ts';

const at = (ip: string): LinkAddress => ({ family: ip.includes(':') ? 6 : 4, ip, prefixLength: 24, dynamic: false });
const BOX = ['fd77::1', '10.77.0.1', '10.77.0.100', 'fe80::1', 'fd77::100', 'fe80::100'].map(at);
const OWN = new Set(['10.77.0.100', 'fd77::100', 'fe80::100']);

function sourceOf(lines: string, vips: string, addresses: readonly LinkAddress[] = BOX): string | null {
  const { instances } = pairModel(
    `vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 51\n ${lines}\n virtual_ipaddress {\n ${vips}\n }\n}\n`,
  );
  const [instance] = instances;
  if (instance === undefined) throw new Error('no instance');
  return sourceAddress(instance, addresses, OWN);
}

const UNICAST6 = 'unicast_peer {\n fd77::2\n }';
const FOUR = '10.77.0.100/24';
const SIX = 'fd77::100/64';

describe('adverts leave from', () => {
  it.each<[string, string, string, string | null]>([
    ['IPv4: the first address of the interface that is not a virtual one', '', FOUR, '10.77.0.1'],
    ['IPv6: the link-local one (5798 5.1.2.1), whatever comes first', '', SIX, 'fe80::1'],
    ['IPv6 to named peers: one that they can answer to', UNICAST6, SIX, 'fd77::1'],
    ['as the file says, even if it is not there', 'mcast_src_ip 10.77.0.5', FOUR, '10.77.0.5'],
    ['as the file says, only if it is there', 'mcast_src_ip 10.77.0.5\n track_src_ip', FOUR, null],
    ['as the file says, in whatever spelling', 'mcast_src_ip FE80:0::0001\n track_src_ip', SIX, 'fe80::1'],
  ])('%s', (_, lines, vips, source) => {
    expect(sourceOf(lines, vips)).toBe(source);
  });

  it('nowhere when there is none: neither from the other family nor from a virtual address', () => {
    expect(sourceOf('', FOUR, ['fe80::1', '10.77.0.100'].map(at))).toBeNull();
    expect(sourceOf('', SIX, ['fd77::1', 'fe80::100', '10.77.0.1'].map(at))).toBeNull();
  });
});
