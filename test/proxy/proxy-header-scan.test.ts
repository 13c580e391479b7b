import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/core/address.ts';
import { endpointOf, PROXY_V2_SIGNATURE, writeProxyHeader } from '../../src/core/proxy-header.ts';
import {
  HEADER_ALIEN,
  HEADER_INVALID,
  HEADER_PARTIAL,
  HEADER_TRUNCATED,
  HEADER_UNHANDLED,
  HEADER_WHOLE,
  ProxyHeaderScan,
} from '../../src/proxy/proxy-header-scan.ts';
import { SeededRandom } from '../support/random.ts';

const MAX_BYTES = 15_360;

interface Scanned {
  readonly code: number;
  readonly source: Endpoint | null;
  readonly destination: Endpoint | null;
  readonly length: number;
}

/** With bytes around it that must not matter. */
function scan(bytes: Uint8Array, before = 3, maxBytes = MAX_BYTES): Scanned {
  const around = Buffer.alloc(before + bytes.length + 20, 0x20);
  around.set(bytes, before);
  const scanner = new ProxyHeaderScan();
  const code = scanner.scan(around, before, before + bytes.length, maxBytes);
  const { source, destination } = scanner;
  // What was read stays when the buffer is used for something else.
  around.fill(0xee);
  return { code, source, destination, length: code === HEADER_WHOLE ? scanner.end - before : 0 };
}

/** Version 2 with its length. */
function binary(command: number, family: number, rest: string): Buffer {
  const body = Buffer.from(rest.replaceAll(' ', ''), 'hex');
  const length = Buffer.from([body.length >> 8, body.length & 0xff]);
  return Buffer.concat([PROXY_V2_SIGNATURE, Buffer.from([command, family]), length, body]);
}

const V4 = 'c0000201 c6336402 dc04 01bb';
const V6 = '20010db8000000000000000000000001 20010db8000000000000000000000002 0001 ffff';
const client4 = endpointOf('192.0.2.1', 56324);
const server4 = endpointOf('198.51.100.2', 443);
const client6 = endpointOf('2001:db8::1', 1);
const server6 = endpointOf('2001:db8::2', 65535);

function withChecksum(turned = -1): Buffer {
  const into = Buffer.alloc(64);
  const end = writeProxyHeader(into, 0, { version: 2, crc32c: true, uniqueId: null }, client4, server4);
  if (turned >= 0) into[turned] = (into[turned] as number) ^ 1;
  return into.subarray(0, end);
}

const GOOD: readonly (readonly [name: string, bytes: Buffer, source: Endpoint | null, destination: Endpoint | null])[] =
  [
    ['1, IPv4', Buffer.from('PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n'), client4, server4],
    ['1, IPv6', Buffer.from('PROXY TCP6 2001:db8::1 2001:DB8:0::2 1 65535\r\n'), client6, server6],
    [
      '1, mapped',
      Buffer.from('PROXY TCP6 ::ffff:192.0.2.1 ::1 0 1\r\n'),
      endpointOf('::ffff:192.0.2.1', 0),
      endpointOf('::1', 1),
    ],
    ['1, unknown', Buffer.from('PROXY UNKNOWN\r\n'), null, null],
    // "The receiver must ignore anything presented before the CRLF": the longest line of the specification.
    [
      '1, unknown with addresses',
      Buffer.from(`PROXY UNKNOWN ${'ffff:'.repeat(7)}ffff ${'ffff:'.repeat(7)}ffff 65535 65535\r\n`),
      null,
      null,
    ],
    ['2, IPv4', binary(0x21, 0x11, V4), client4, server4],
    ['2, IPv6', binary(0x21, 0x21, V6), client6, server6],
    ['2, with TLVs of no meaning', binary(0x21, 0x11, `${V4} 04 0000 ea 0003 010203 e0 0001 ff`), client4, server4],
    ['2, with a name', binary(0x21, 0x11, `${V4} 02 00ff ${'61'.repeat(255)}`), client4, server4],
    ['2, with a unique id', binary(0x21, 0x11, `${V4} 05 0080 ${'61'.repeat(128)}`), client4, server4],
    ['2, with a checksum', withChecksum(), client4, server4],
    ['2, LOCAL', binary(0x20, 0x00, ''), null, null],
    ['2, LOCAL with addresses, which mean nothing', binary(0x20, 0x11, V4), null, null],
    ['2, LOCAL with anything', binary(0x20, 0x7f, '0102'), null, null],
    ['2, unspecified', binary(0x21, 0x00, ''), null, null],
    ['2, unspecified with a TLV', binary(0x21, 0x00, '04 0001 00'), null, null],
    ['2, UDP', binary(0x21, 0x12, V4), null, null],
    ['2, unix', binary(0x21, 0x31, '2f61'.padEnd(216 * 2, '0')), null, null],
  ];

describe('a header of version', () => {
  it.each(GOOD)('%s is read', (_name, bytes, source, destination) => {
    expect(scan(bytes)).toEqual({ code: HEADER_WHOLE, source, destination, length: bytes.length });
  });

  it.each(GOOD)('%s is the same wherever it was cut', (_name, bytes, source, destination) => {
    for (let cut = 0; cut < bytes.length; cut++)
      expect(scan(bytes.subarray(0, cut)).code, `${cut}`).toBe(HEADER_PARTIAL);
    const more = Buffer.concat([bytes, Buffer.from('PROXY UNKNOWN\r\nGET / HTTP/1.1\r\n')]);
    for (let cut = bytes.length; cut <= more.length; cut++) {
      expect(scan(more.subarray(0, cut), 5)).toEqual({ code: HEADER_WHOLE, source, destination, length: bytes.length });
    }
  });
});

const LONGEST = 'PROXY TCP6 '.padEnd(107, 'f');

describe('closed is who sends', () => {
  it.each([
    ['a request', 'GET / HTTP/1.1\r\nHost: a\r\n', HEADER_ALIEN],
    ['a short request', 'GET /\r\n', HEADER_TRUNCATED],
    ['a lower-case word', 'proxy TCP4 1.2.3.4 5.6.7.8 1 2\r\n', HEADER_ALIEN],
    ['another protocol', 'PROXY UDP4 1.2.3.4 5.6.7.8 1 2\r\n', HEADER_UNHANDLED],
    ['no protocol', 'PROXY  1.2.3.4 5.6.7.8 1 2\r\n', HEADER_UNHANDLED],
    ['nothing behind the word', 'PROXY \r\n', HEADER_UNHANDLED],
    ['UNKNOWN with a tail', 'PROXY UNKNOWNS\r\n', HEADER_UNHANDLED],
    ['TCP4 with IPv6', 'PROXY TCP4 ::1 ::1 1 2\r\n', HEADER_INVALID],
    ['TCP6 with IPv4', 'PROXY TCP6 1.2.3.4 5.6.7.8 1 2\r\n', HEADER_INVALID],
    ['two blanks', 'PROXY TCP4 1.2.3.4  5.6.7.8 1 2\r\n', HEADER_INVALID],
    ['a blank at the end', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2 \r\n', HEADER_INVALID],
    ['a missing port', 'PROXY TCP4 1.2.3.4 5.6.7.8 1\r\n', HEADER_INVALID],
    ['an empty port', 'PROXY TCP4 1.2.3.4 5.6.7.8  2\r\n', HEADER_INVALID],
    ['a port of zeros', 'PROXY TCP4 1.2.3.4 5.6.7.8 00 2\r\n', HEADER_INVALID],
    ['a port that is none', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 65536\r\n', HEADER_INVALID],
    ['a port with a sign', 'PROXY TCP4 1.2.3.4 5.6.7.8 +1 2\r\n', HEADER_INVALID],
    ['an octal address', 'PROXY TCP4 1.2.3.04 5.6.7.8 1 2\r\n', HEADER_INVALID],
    ['a short address', 'PROXY TCP4 1.2.3 5.6.7.8 1 2\r\n', HEADER_INVALID],
    ['an address with a zone', 'PROXY TCP6 fe80::1%lo ::1 1 2\r\n', HEADER_INVALID],
    ['a tab', 'PROXY TCP4\t1.2.3.4 5.6.7.8 1 2\r\n', HEADER_UNHANDLED],
    ['a zero byte', 'PROXY TCP4 1.2.3.4\0 5.6.7.8 1 2\r\n', HEADER_INVALID],
    ['CR without LF', 'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\rX', HEADER_INVALID],
    ['LF without CR', `${'PROXY TCP4 1.2.3.4 5.6.7.8 1 2\n'.padEnd(107)}`, HEADER_INVALID],
    ['a line that is too long', LONGEST, HEADER_INVALID],
    ['a line that is one byte too long', `${LONGEST.slice(0, 106)}\r\n`, HEADER_INVALID],
  ])('%s', (_name, text, code) => {
    expect(scan(Buffer.from(text, 'latin1')).code).toBe(code);
  });

  it.each([
    ['version 1 in version 2’s form', binary(0x11, 0x11, V4), HEADER_ALIEN],
    ['version 3', binary(0x31, 0x11, V4), HEADER_ALIEN],
    ['an unknown command', binary(0x22, 0x11, V4), HEADER_INVALID],
    ['a length that ends in IPv4 addresses', binary(0x21, 0x11, V4.slice(0, -3)), HEADER_INVALID],
    ['a length that ends in IPv6 addresses', binary(0x21, 0x21, V4), HEADER_INVALID],
    ['half a TLV', binary(0x21, 0x11, `${V4} 04`), HEADER_INVALID],
    ['a TLV without its length', binary(0x21, 0x11, `${V4} 04 00`), HEADER_INVALID],
    ['a TLV that ends behind the header', binary(0x21, 0x11, `${V4} 04 0002 00`), HEADER_INVALID],
    ['a TLV of 65535 bytes', binary(0x21, 0x11, `${V4} 04 ffff 00`), HEADER_INVALID],
    ['a checksum of three bytes', binary(0x21, 0x11, `${V4} 03 0003 000000`), HEADER_INVALID],
    ['a wrong checksum', binary(0x21, 0x11, `${V4} 03 0004 00000000`), HEADER_INVALID],
    ['a name of 256 bytes', binary(0x21, 0x11, `${V4} 02 0100 ${'61'.repeat(256)}`), HEADER_INVALID],
    ['a unique id of 129 bytes', binary(0x21, 0x11, `${V4} 05 0081 ${'61'.repeat(129)}`), HEADER_INVALID],
    ['unix without its paths', binary(0x21, 0x31, '2f61'), HEADER_INVALID],
  ])('%s', (_name, bytes, code) => {
    expect(scan(bytes).code).toBe(code);
  });

  it('one wrong bit under a checksum', () => {
    const good = withChecksum();
    for (let at = 16; at < good.length; at++) {
      // The type of the checksum's own TLV is what says that there is one, and its length that it ends here.
      if (at === 28) continue;
      expect(scan(withChecksum(at)).code, `byte ${at}`).toBe(HEADER_INVALID);
    }
  });

  it('what is no header, as soon as it differs', () => {
    for (const start of [Buffer.from('PROXY '), Buffer.from(PROXY_V2_SIGNATURE)]) {
      for (let at = 0; at < start.length; at++) {
        const bytes = Buffer.from(start.subarray(0, at + 1));
        bytes[at] = (bytes[at] as number) ^ 0x80;
        expect(scan(bytes).code).toBe(HEADER_TRUNCATED);
      }
    }
  });

  it('more than there is room for, when the length is known', () => {
    const header = Buffer.concat([PROXY_V2_SIGNATURE, Buffer.from([0x21, 0x11, 0x3b, 0xf1])]);
    expect(scan(header).code).toBe(HEADER_TRUNCATED);
    header[15] = 0xf0;
    expect(scan(header).code).toBe(HEADER_PARTIAL);
  });
});

describe('whatever comes', () => {
  it('a wrong byte anywhere gives another header, waiting or an error, never an exception', () => {
    const random = new SeededRandom(61);
    const codes = new Set<number>();
    for (let round = 0; round < 20_000; round++) {
      const [, good] = GOOD[random.below(GOOD.length)] as (typeof GOOD)[number];
      const bytes = Buffer.from(good);
      for (let turns = random.below(3) + 1; turns > 0; turns--) bytes[random.below(bytes.length)] = random.below(256);
      const { code, source, destination, length } = scan(bytes.subarray(0, random.below(bytes.length) + 1));
      codes.add(code);
      expect(code).toBeGreaterThanOrEqual(HEADER_PARTIAL);
      expect(length).toBeLessThanOrEqual(bytes.length);
      expect(source === null).toBe(destination === null);
      if (source !== null) expect(source.address).toHaveLength(source.family === 4 ? 4 : 16);
    }
    expect(codes.size).toBe(6);
  });
});
