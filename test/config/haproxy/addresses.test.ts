/** Addresses in all the forms that HAProxy writes them in. */
import { describe, expect, it } from 'vitest';
import { type ParsedAddress, parseAddress } from '../../../src/config/haproxy/addresses.ts';
import { SeededRandom } from '../../support/random.ts';

const env = { FD: '7', HOST: '192.0.2.5' };
const port = (first: number, last = first) => ({ kind: 'fixed', first, last });
const any = (family: 4 | 6) => ({ kind: 'any', family });
const ip4 = (ip: string) => ({ kind: 'ip4', ip });
const ip6 = (ip: string) => ({ kind: 'ip6', ip });
const inet = (host: unknown, portOf: unknown = { kind: 'none' }, transport = 'default') => {
  return { kind: 'inet', host, port: portOf, transport } as ParsedAddress;
};
const unix = (path: string, transport = 'default') => ({ kind: 'unix', path, transport });

describe('addresses', () => {
  it.each<[string, unknown]>([
    ['192.0.2.1', inet(ip4('192.0.2.1'))],
    ['192.0.2.1:80', inet(ip4('192.0.2.1'), port(80))],
    ['192.0.2.1:', inet(ip4('192.0.2.1'))],
    ['192.0.2.1:0', inet(ip4('192.0.2.1'), port(0))],
    ['192.0.2.1:80-90', inet(ip4('192.0.2.1'), port(80, 90))],
    ['192.0.2.1:+80', inet(ip4('192.0.2.1'), { kind: 'offset', offset: 80 })],
    ['192.0.2.1:-80', inet(ip4('192.0.2.1'), { kind: 'offset', offset: -80 })],
    ['*:80', inet(any(4), port(80))],
    [':80', inet(any(4), port(80))],
    ['ipv4@:80', inet(any(4), port(80))],
    ['ipv6@*:80', inet(any(6), port(80))],
    ['[::]:80', inet(ip6('::'), port(80))],
    [':::80', inet(ip6('::'), port(80))],
    ['[::1]', inet(ip6('::1'))],
    ['2001:db8::1:80', inet(ip6('2001:db8::1'), port(80))],
    ['ipv6@[2001:db8::1]:80', inet(ip6('2001:db8::1'), port(80))],
    ['tcp@192.0.2.1:80', inet(ip4('192.0.2.1'), port(80), 'stream')],
    ['udp4@192.0.2.1:80', inet(ip4('192.0.2.1'), port(80), 'datagram')],
    ['dgram+ipv4@192.0.2.1:80', inet(ip4('192.0.2.1'), port(80), 'datagram')],
    ['quic4@192.0.2.1:80', inet(ip4('192.0.2.1'), port(80), 'quic')],
    ['www.example:80', inet({ kind: 'name', name: 'www.example' }, port(80))],
    ['/run/x.sock', unix('/run/x.sock')],
    ['unix@relative', unix('relative')],
    ['uxst@/run/x.sock', unix('/run/x.sock', 'stream')],
    ['abns@name', unix('@name')],
    ['fd@3', { kind: 'fd', fd: 3 }],
    [`fd@\${FD}`, { kind: 'fd', fd: 7 }],
    ['$HOST:80', inet(ip4('192.0.2.5'), port(80))],
  ])('%s', (text, address) => {
    expect(parseAddress(text, env)).toEqual({ address, error: null });
  });

  it.each([
    '',
    `\${NOT_SET}`,
    '192.0.2.1:65536',
    '192.0.2.1:90-80',
    '192.0.2.1:x',
    '192.0.2.1:80x',
    'ipv4@[::1]:80',
    'ipv6@192.0.2.1:80',
    '[192.0.2.x]:80',
    'fe80::1%eth0:80',
    'fd@x',
    'fd@',
    'sockpair@3',
    'unix@',
    'abns@',
    `/${'x'.repeat(100)}`,
    'a b:80',
  ])('%j is none', (text) => {
    const result = parseAddress(text, env);
    expect(result.address).toBeNull();
    expect(result.error).not.toBe('');
  });

  it('puts the prefix of unix-bind before paths, not before abstract names', () => {
    expect(parseAddress('/x.sock', env, '/tmp').address).toEqual(unix('/tmp/x.sock'));
    expect(parseAddress('abns@x', env, '/tmp').address).toEqual(unix('@x'));
  });

  it('never throws', () => {
    const random = new SeededRandom(99);
    const pieces = [
      ':',
      '@',
      '[',
      ']',
      '-',
      '+',
      '0',
      '80',
      '192.0.2.1',
      '::1',
      'ipv6',
      'fd',
      'unix',
      '/',
      '$',
      '*',
      'a',
    ] as const;
    for (let round = 0; round < 20_000; round++) {
      let text = '';
      for (let i = random.below(7); i > 0; i--) text += random.pick(pieces);
      expect(() => parseAddress(text, env)).not.toThrow();
    }
  });
});
