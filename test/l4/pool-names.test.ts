import { describe, expect, it } from 'vitest';
import { destinationKey, serverName, serviceKey } from '../../src/l4/pool-names.ts';
import { place } from '../support/l4-services.ts';
import { virtualServer } from '../support/pool-scene.ts';

describe('keys', () => {
  it('say the address', () => {
    expect(serviceKey(virtualServer())).toBe('192_0_2_1_tcp_80');
    const name = '[2001:db8::1]:udp:53';
    const six = virtualServer({ name, family: 6, protocol: 'UDP', places: [place('2001:db8::1', 53)] });
    expect(serviceKey(six)).toBe('2001_db8__1_udp_53');
    expect(destinationKey({ family: 4, ip: '10.0.0.71', port: 80 })).toBe('10_0_0_71_80');
    expect(serverName({ family: 6, ip: 'fd00::1', port: 80 }, 'SCTP')).toBe('[fd00::1]:sctp:80');
  });

  it('say the mark, apart by family and protocol', () => {
    const marked = { name: 'FWM 5', places: [], marks: [{ mark: 5, family: null }] };
    expect(serviceKey(virtualServer(marked))).toBe('fwm_5_tcp');
    expect(serviceKey(virtualServer({ ...marked, family: 6, protocol: 'UDP' }))).toBe('fwm6_5_udp');
  });

  it('say the group, and its place among those that use it', () => {
    const places = [place('192.0.2.1', 80), place('192.0.2.2', 80)];
    expect(serviceKey(virtualServer({ name: '[web_servers]:0', places }))).toBe('group_web_servers_0');
    // A group of one place is no place.
    expect(serviceKey(virtualServer({ name: '[web]:1', places: places.slice(0, 1) }))).toBe('group_web_1');
  });

  it('never meet, and are short, whatever a group is called', () => {
    const names = [
      'a-b',
      'a_b',
      'a.b',
      'a:b',
      'a b',
      'ä',
      'ö',
      'x'.repeat(100),
      'x'.repeat(101),
      `${'x'.repeat(100)}-`,
    ];
    const keys = names.map((name) => serviceKey(virtualServer({ name: `[${name}]:0`, places: [] })));
    expect(new Set(keys).size).toBe(names.length);
    for (const key of keys) expect(key).toMatch(/^[A-Za-z0-9_]{1,48}$/);
  });

  it('of the longest addresses are whole', () => {
    const ip = '2001:0db8:1111:2222:3333:4444:5555:6666';
    expect(destinationKey({ family: 6, ip, port: 65_535 })).toBe(`${ip.replaceAll(':', '_')}_65535`);
  });
});
