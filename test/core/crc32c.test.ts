import { describe, expect, it } from 'vitest';
import { crc32c } from '../../src/core/crc32c.ts';

describe('CRC-32C', () => {
  // RFC 3720 B.4.
  it.each([
    ['zeros', new Uint8Array(32), 0x8a9136aa],
    ['ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['rising', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['falling', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['digits', Buffer.from('123456789'), 0xe3069283],
  ])('%s', (_name, bytes, expected) => {
    expect(crc32c(bytes, 0, bytes.length)).toBe(expected);
  });

  it('is of a part, and takes four bytes for zeros', () => {
    const bytes = Buffer.from('xx12345678\0\0\0\0yy');
    const whole = crc32c(bytes, 2, bytes.length - 2);
    bytes.writeUInt32BE(0xdeadbeef, 10);
    expect(crc32c(bytes, 2, bytes.length - 2, 10)).toBe(whole);
    expect(crc32c(bytes, 2, bytes.length - 2)).not.toBe(whole);
  });
});
