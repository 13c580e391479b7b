import { describe, expect, it } from 'vitest';
import { SOCKADDR_MAX_BYTES, writeSockaddr } from '../../src/sys/sockaddr.ts';

describe('a sockaddr', () => {
  function written(address: Parameters<typeof writeSockaddr>[2]): string {
    const into = Buffer.alloc(4 + SOCKADDR_MAX_BYTES, 0xaa);
    const length = writeSockaddr(into, 2, address);
    expect([into[0], into[1]]).toEqual([0xaa, 0xaa]);
    expect(length).toBeLessThanOrEqual(SOCKADDR_MAX_BYTES);
    return into.toString('hex', 2, 2 + length);
  }

  it('of IPv4', () => {
    expect(written({ family: 4, ip: '192.0.2.1', port: 8080 })).toBe('02001f90c00002010000000000000000');
  });

  it('of IPv6', () => {
    const address = '20010db8000000000000000000000001';
    expect(written({ family: 6, ip: '2001:db8::1', port: 443 })).toBe(`0a0001bb00000000${address}00000000`);
  });

  it('of a path', () => {
    expect(written({ family: 'unix', path: '/run/a' })).toBe(`0100${Buffer.from('/run/a').toString('hex')}00`);
  });

  it('of an abstract name is filled up, as HAProxy’s', () => {
    const hex = written({ family: 'unix', path: '@name' });
    expect(hex).toBe(`010000${Buffer.from('name').toString('hex')}`.padEnd(2 * 110, '0'));
  });

  it('of an abstract name with its zero byte is as long as the name, as systemd’s', () => {
    expect(written({ family: 'unix', path: '\0name' })).toBe(`010000${Buffer.from('name').toString('hex')}`);
  });

  it('has room for a path of 107 bytes, and no more', () => {
    expect(written({ family: 'unix', path: `/${'p'.repeat(106)}` }).length).toBe(2 * 110);
    expect(() => written({ family: 'unix', path: `/${'p'.repeat(107)}` })).toThrow('107 bytes');
  });
});
