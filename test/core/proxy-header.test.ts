import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../../src/core/address.ts';
import {
  endpointOf,
  PROXY_HEADER_MAX_BYTES,
  type ProxyHeaderOptions,
  writeProxyHeader,
} from '../../src/core/proxy-header.ts';

const PLAIN: ProxyHeaderOptions = { version: 2, crc32c: false, uniqueId: null };
const SIGNATURE = '0d0a0d0a000d0a515549540a';
const client4 = endpointOf('192.0.2.1', 56324);
const server4 = endpointOf('198.51.100.2', 443);
const client6 = endpointOf('2001:db8::1', 1);
const unix: Endpoint = { family: 0, address: new Uint8Array(0), port: 0 };

function written(options: ProxyHeaderOptions, source: Endpoint | null, destination: Endpoint | null): Buffer {
  const into = Buffer.alloc(PROXY_HEADER_MAX_BYTES + 8, 0xaa);
  const end = writeProxyHeader(into, 4, options, source, destination);
  expect(into.subarray(0, 4).every((byte) => byte === 0xaa)).toBe(true);
  expect(into.subarray(end).every((byte) => byte === 0xaa)).toBe(true);
  return into.subarray(4, end);
}

describe('version 1', () => {
  it.each([
    [client4, server4, 'PROXY TCP4 192.0.2.1 198.51.100.2 56324 443\r\n'],
    [client6, endpointOf('::', 65535), 'PROXY TCP6 2001:db8::1 :: 1 65535\r\n'],
    // As HAProxy writes it when only one of them is IPv6.
    [client4, client6, 'PROXY TCP6 ::ffff:192.0.2.1 2001:db8::1 56324 1\r\n'],
    [endpointOf('::ffff:192.0.2.9', 7), client6, 'PROXY TCP6 ::ffff:192.0.2.9 2001:db8::1 7 1\r\n'],
    [unix, server4, 'PROXY UNKNOWN\r\n'],
    [client4, unix, 'PROXY UNKNOWN\r\n'],
    [null, null, 'PROXY UNKNOWN\r\n'],
  ])('%#', (source, destination, expected) => {
    expect(written({ version: 1, crc32c: false, uniqueId: null }, source, destination).toString()).toBe(expected);
  });
});

describe('version 2', () => {
  it.each([
    [client4, server4, '2111000cc0000201c6336402dc0401bb'],
    [client6, client6, '2121002420010db800000000000000000000000120010db800000000000000000000000100010001'],
    [client4, client6, '2121002400000000000000000000ffffc000020120010db8000000000000000000000001dc040001'],
    [unix, server4, '20000000'],
    [null, null, '20000000'],
  ])('%#', (source, destination, expected) => {
    expect(written(PLAIN, source, destination).toString('hex')).toBe(SIGNATURE + expected);
  });

  it('with a checksum, here one that HAProxy made', () => {
    // haproxy 2.6.12, `send-proxy-v2 proxy-v2-options crc32c`, between two addresses of loopback.
    const made = `${SIGNATURE}211100137f0000017f00000159d959e2030004bb9d94d0`;
    const header = written({ ...PLAIN, crc32c: true }, endpointOf('127.0.0.1', 23001), endpointOf('127.0.0.1', 23010));
    expect(header.toString('hex')).toBe(made);
  });

  it('with a unique id behind the checksum', () => {
    const header = written({ version: 2, crc32c: true, uniqueId: Buffer.from('AB') }, null, null);
    expect(header.subarray(12, 19).toString('hex')).toBe('2000000c030004');
    expect(header.subarray(23).toString('hex')).toBe('0500024142');
  });

  it('with all that there is stays below its limit', () => {
    const header = written({ version: 2, crc32c: true, uniqueId: new Uint8Array(128) }, client6, client6);
    expect(header.length).toBeLessThanOrEqual(PROXY_HEADER_MAX_BYTES);
  });
});
