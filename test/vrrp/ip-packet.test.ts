import { describe, expect, it } from 'vitest';
import { ipPacket, parseIpv4Packet } from '../../src/vrrp/ip-packet.ts';

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex.replaceAll(/\s/g, ''), 'hex'));

// keepalived 2.2.7 (tcpdump), from the IP header on. The kernel writes the header's checksum for both of us.
const V2 = bytes('45c0 0028 0001 0000 ff70 d044 0a4d 0001 e000 0012 2133 ff01 0001 d518 0a4d 0064 0000 0000 0000 0000');
const V6 = bytes(`6c00 0000 0028 70ff fe80 0000 0000 0000 0077 00ff fe00 0001 ff02 0000 0000 0000 0000 0000 0000 0012
  3135 ff02 0064 d3c4 fe80 0000 0000 0000 0000 0000 0000 0100 fd77 0000 0000 0000 0000 0000 0000 0100`);

describe('IP headers', () => {
  it('IPv4: class 0xc0, TTL, protocol 112, no options, as keepalived has them', () => {
    const wire = V2.slice();
    wire.fill(0, 10, 12);
    expect(ipPacket(V2.slice(20), '10.77.0.1', '224.0.0.18', 255, 1)).toEqual(wire);
  });

  it('IPv6: class 0xc0, hop limit, next header 112; keepalived adds a flow label', () => {
    expect(ipPacket(V6.slice(40), 'fe80::77:ff:fe00:1', 'ff02::12', 255, 1)).toEqual(V6);
  });

  it('IPv4 is read as it came, options left out', () => {
    const seen = { source: '10.77.0.1', destination: '224.0.0.18', ttl: 255, message: V2.slice(20) };
    expect(parseIpv4Packet(V2)).toEqual(seen);
    const options = new Uint8Array([0x46, ...V2.slice(1, 20), 0x94, 4, 0, 0, ...V2.slice(20)]);
    expect(parseIpv4Packet(options)).toEqual(seen);
  });

  it.each([
    ['nothing', new Uint8Array(0)],
    ['less than a header', V2.slice(0, 19)],
    ['a header that says it is shorter', new Uint8Array([0x44, ...V2.slice(1)])],
    ['a header that says it is longer than all', new Uint8Array([0x4f, ...V2.slice(1, 40)])],
    ['another version', new Uint8Array([0x65, ...V2.slice(1)])],
  ])('%s is no IPv4 packet', (_, packet) => {
    expect(parseIpv4Packet(packet)).toBeNull();
  });
});
