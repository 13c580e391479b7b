import { describe, expect, it } from 'vitest';
import { formatIpv4, formatIpv6, ipv4Bytes, ipv6Bytes } from '../../src/core/ip-bytes.ts';
import { SeededRandom } from '../support/random.ts';

describe('IPv6 text', () => {
  // Any form in; out comes the one of RFC 5952 4.
  it.each([
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['0:0:0:0:0:0:0:1', '::1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['1:2:3:4:5:6:7:8', '1:2:3:4:5:6:7:8'],
    ['1:2:3:4:5:6:7::', '1:2:3:4:5:6:7:0'],
    ['::2:3:4:5:6:7:8', '0:2:3:4:5:6:7:8'],
    ['::ffff:192.0.2.1', '::ffff:c000:201'],
    ['64:ff9b::255.255.255.255', '64:ff9b::ffff:ffff'],
    ['1:2:3:4:5:6:1.2.3.4', '1:2:3:4:5:6:102:304'],
    ['::1.2.3.4', '::102:304'],
    ['fe80::1%eth0', 'fe80::1'],
  ])('%s is %s', (text, expected) => {
    expect(formatIpv6(ipv6Bytes(text), 0)).toBe(expected);
  });

  it.each(['', ':', '1', '1:2', '::1::', 'g::', '1.2.3.4', '12345::', '1:2:3:4:5:6:7:8:9'])('%j is refused', (text) => {
    expect(() => ipv6Bytes(text)).toThrow('not an IPv6 address');
  });

  it('comes back to the same bytes, from any position', () => {
    const random = new SeededRandom(5);
    const bytes = new Uint8Array(20);
    for (let i = 0; i < 2000; i++) {
      for (let j = 0; j < 16; j += 2) {
        const group = random.below(3) === 0 ? 0 : random.size(0xffff);
        bytes[4 + j] = group >> 8;
        bytes[5 + j] = group & 0xff;
      }
      expect(ipv6Bytes(formatIpv6(bytes, 4))).toEqual(bytes.slice(4));
    }
  });
});

describe('IPv4 text', () => {
  it.each(['0.0.0.0', '127.0.0.1', '255.255.255.255', '192.0.2.10'])('%s comes back', (ip) => {
    expect(formatIpv4(Uint8Array.from([9, 9, ...ipv4Bytes(ip)]), 2)).toBe(ip);
  });
});
