/** The pieces of a line: numbers, addresses, dates. */
import { afterEach, describe, expect, it } from 'vitest';
import { formatIpv6, ipv6Bytes } from '../../../src/core/ip-bytes.ts';
import { writeIpv4, writeIpv6 } from '../../../src/proxy/log/address-text.ts';
import { isoDate, syslogDate, writeTrafficDate, writeUniversalDate } from '../../../src/proxy/log/date.ts';
import { writeNumber, writePadded } from '../../../src/proxy/log/digits.ts';

const into = Buffer.alloc(64);

describe('numbers', () => {
  const edges = [0, 1, 9, 10, 99, 100, 999, 1000, 65535, 999_999_999, 1e9, 2147483647, 2147483648, 4294967296];
  const large = [9_999_999_999, 1e10, 1_000_000_000_000, 1e15, Number.MAX_SAFE_INTEGER];
  it.each([...edges, ...large].flatMap((value) => [value, -value]))('writes %i', (value) => {
    const end = writeNumber(into, 1, value);
    expect(into.toString('latin1', 1, end)).toBe(String(value === 0 ? 0 : value));
  });

  it('pads with zeros', () => {
    expect(into.toString('latin1', 0, writePadded(into, 0, 7, 3))).toBe('007');
  });
});

describe('addresses', () => {
  it('writes IPv4', () => {
    expect(into.toString('latin1', 0, writeIpv4(into, 0, Uint8Array.of(9, 0, 10, 200, 255), 1))).toBe('0.10.200.255');
  });

  const table = [
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['2001:db8::1', '2001:db8::1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['fe80::abcd:ef01:2345:6789', 'fe80::abcd:ef01:2345:6789'],
    ['1:2:3:4:5:6:0:0', '1:2:3:4:5:6::'],
    ['::ffff:10.2.3.4', '::ffff:10.2.3.4'],
    ['::10.2.3.4', '::10.2.3.4'],
    ['::fffe:10.2.3.4', '::fffe:a02:304'],
  ];
  it.each(table)('writes %s as %s', (ip, text) => {
    expect(into.toString('latin1', 0, writeIpv6(into, 0, ipv6Bytes(ip ?? ''), 0))).toBe(text);
  });

  it('writes what the other formatter writes', () => {
    let seed = 11;
    for (let i = 0; i < 2000; i++) {
      const bytes = new Uint8Array(16);
      bytes[0] = 0x20;
      for (let group = 1; group < 8; group++) {
        seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
        if (seed >>> 31 === 0) continue;
        bytes[group * 2] = (seed >>> 16) & ((seed >>> 29) & 1 ? 255 : 0);
        bytes[group * 2 + 1] = seed >>> 8;
      }
      expect(into.toString('latin1', 0, writeIpv6(into, 0, bytes, 0))).toBe(formatIpv6(bytes, 0));
    }
  });
});

describe('dates', () => {
  const zone = process.env['TZ'];
  afterEach(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  const instant = Date.UTC(2026, 10, 5, 23, 4, 9, 42);

  it('are universal in the common log format', () => {
    process.env['TZ'] = 'Asia/Kolkata';
    expect(into.toString('latin1', 0, writeUniversalDate(into, 0, instant))).toBe('05/Nov/2026:23:04:09 +0000');
  });

  it('are local elsewhere, east of Greenwich', () => {
    process.env['TZ'] = 'Asia/Kolkata';
    expect(syslogDate(instant)).toBe('Nov  6 04:34:09');
    expect(isoDate(instant)).toBe('2026-11-06T04:34:09.000000+05:30');
    expect(into.toString('latin1', 0, writeTrafficDate(into, 0, instant))).toBe('06/Nov/2026:04:34:09.042');
  });

  it('are local elsewhere, west of Greenwich', () => {
    process.env['TZ'] = 'America/St_Johns';
    expect(isoDate(instant)).toBe('2026-11-05T19:34:09.000000-03:30');
  });

  it('are right when seconds come in any order', () => {
    process.env['TZ'] = 'UTC';
    let seed = 3;
    for (let i = 0; i < 500; i++) {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      const wallMs = instant + 3_600_000 + (seed >>> 16);
      const date = new Date(wallMs).toISOString();
      const text = into.toString('latin1', 0, writeTrafficDate(into, 0, wallMs));
      expect(text.slice(-12)).toBe(date.slice(11, 23));
    }
  });
});
