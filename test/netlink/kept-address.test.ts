import { describe, expect, it } from 'vitest';
import { addressDeleteCommand, addressReplaceCommand, type KeptAddress } from '../../src/netlink/kept-address.ts';

const PLAIN: KeptAddress = {
  ip: '10.0.0.10',
  family: 4,
  prefixLength: 24,
  device: 'eth0',
  words: [],
  peer: null,
  flags: [],
  preferredLifetimeS: null,
  untracked: false,
};

describe('the words of ip', () => {
  it.each<[string, Partial<KeptAddress>, number | null, string]>([
    ['for ever', {}, null, 'address replace 10.0.0.10/24 dev eth0'],
    ['leased', {}, 3, 'address replace 10.0.0.10/24 dev eth0 valid_lft 3 preferred_lft 3'],
    [
      'with words of its own',
      { words: ['scope', 'link', 'label', 'eth0:1'] },
      3,
      'address replace 10.0.0.10/24 dev eth0 scope link label eth0:1 valid_lft 3 preferred_lft 3',
    ],
    [
      'IPv6, never a source address',
      { ip: 'fd00::1', family: 6, prefixLength: 128, preferredLifetimeS: 0, flags: ['nodad'] },
      null,
      'address replace fd00::1/128 dev eth0 valid_lft forever preferred_lft 0 nodad',
    ],
    [
      'preferred for longer than leased',
      { preferredLifetimeS: 60 },
      3,
      'address replace 10.0.0.10/24 dev eth0 valid_lft 3 preferred_lft 3',
    ],
    ['point to point', { peer: '10.0.0.1/32' }, null, 'address replace 10.0.0.10 peer 10.0.0.1/32 dev eth0'],
  ])('%s', (_, change, leaseS, command) => {
    expect(addressReplaceCommand({ ...PLAIN, ...change }, leaseS)).toBe(command);
  });

  it('to let it go', () => {
    expect(addressDeleteCommand(PLAIN)).toBe('address del 10.0.0.10/24 dev eth0');
  });
});
