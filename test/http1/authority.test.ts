import { describe, expect, it } from 'vitest';
import { authorityHostEnd, portOf } from '../../src/http1/authority.ts';

function hostOf(text: string): string | null {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  const end = authorityHostEnd(bytes, 1, bytes.length - 1);
  return end < 0 ? null : bytes.toString('latin1', 1, end);
}

describe('authority (RFC 3986 3.2.2, RFC 9110 7.2)', () => {
  it.each([
    ['shop.test', 'shop.test'],
    ['shop.test.', 'shop.test.'],
    ['shop.test:8080', 'shop.test'],
    ['shop.test:', 'shop.test'],
    ['shop.test:0', 'shop.test'],
    ['shop.test:65535', 'shop.test'],
    ['192.0.2.7:80', '192.0.2.7'],
    ['a_b-c~d.test', 'a_b-c~d.test'],
    ['xn--bcher-kva.test', 'xn--bcher-kva.test'],
    ['%41%62c.test', '%41%62c.test'],
    ["!$&'()*+;=", "!$&'()*+;="],
    ['', ''],
    [':80', ''],
    ['[::]', '[::]'],
    ['[::1]:443', '[::1]'],
    ['[2001:db8::7]', '[2001:db8::7]'],
    ['[1:2:3:4:5:6:7:8]', '[1:2:3:4:5:6:7:8]'],
    ['[1:2:3:4:5:6:7::]', '[1:2:3:4:5:6:7::]'],
    ['[::2:3:4:5:6:7:8]', '[::2:3:4:5:6:7:8]'],
    ['[::ffff:192.0.2.7]', '[::ffff:192.0.2.7]'],
    ['[1:2:3:4:5:6:192.0.2.7]', '[1:2:3:4:5:6:192.0.2.7]'],
    ['[ABCD::abcd]', '[ABCD::abcd]'],
    ['[v7.a:b]', '[v7.a:b]'],
  ])('takes %j', (text, host) => {
    expect(hostOf(text)).toBe(host);
  });

  it.each([
    // Found by fuzzing: 10, or 8 to who reads it as octal (RFC 3986 3.2.2: dec-octet).
    '[::ffff:1.2.3.010]',
    '[::0.0.0.00]',
    'user@shop.test',
    'user:secret@shop.test',
    'shop.test/path',
    'shop.test?x',
    'shop.test#x',
    'shop.test\\x',
    'shop.test:80x',
    'shop.test:x80',
    'shop.test:-1',
    'shop.test:+80',
    'shop.test: 80',
    'shop.test:65536',
    'shop.test:99999999999999999999',
    'shop.test:80:80',
    'shop.test,other.test',
    'shop.test other.test',
    'shop.test\tx',
    'shop<test',
    'shop"test',
    'b\u00fccher.test',
    '%4',
    '%',
    '%4g.test',
    'shop.test%',
    '[',
    '[]',
    ']',
    '[::1',
    '[::1]x',
    '[::1]80',
    '[:::1]',
    '[::1::]',
    '[1]',
    '[1:2:3:4:5:6:7]',
    '[1:2:3:4:5:6:7:8:9]',
    '[1:2:3:4:5:6:7:8::]',
    '[1:2:3:4:5:6:7:]',
    '[:1:2:3:4:5:6:7]',
    '[12345::]',
    '[g::]',
    '[::1%eth0]',
    '[::1%25eth0]',
    '[::256.0.0.1]',
    '[::1.2.3]',
    '[::1.2.3.4.5]',
    '[::1.2.3.]',
    '[1:2:3:4:5:6:7:192.0.2.7]',
    '[1:2:3:4:5:6:7::192.0.2.7]',
    '[192.0.2.7]',
    '[v.a]',
    '[v7]',
    '[v7.]',
    '[v7.a/b]',
    '::1',
  ])('refuses %j', (text) => {
    expect(hostOf(text)).toBeNull();
  });

  it('does not look beyond its end', () => {
    const bytes = Buffer.from('a%41');
    expect([authorityHostEnd(bytes, 0, 2), authorityHostEnd(bytes, 0, 3), authorityHostEnd(bytes, 0, 4)]).toEqual([
      -1, -1, 4,
    ]);
  });

  it('reads the port', () => {
    const port = (text: string) => portOf(Buffer.from(text), 0, text.length);
    expect(['', '0', '80', '00080', '65535', '65536', 'x'].map(port)).toEqual([0, 0, 80, 80, 65535, -1, -1]);
  });
});
