import { describe, expect, it } from 'vitest';
import { rewriteHead } from '../../src/http1/edit.ts';
import { fieldId } from '../../src/http1/field-name.ts';
import {
  HEAD_ERR_FIELD,
  HEAD_ERR_FOLD,
  HEAD_ERR_TOO_MANY_HEADERS,
  HEAD_OK,
  HEAD_PARTIAL,
  HEADER_CACHE_CONTROL,
  HEADER_CONNECTION,
  HEADER_CONTENT_LENGTH,
  HEADER_COOKIE,
  HEADER_DATE,
  HEADER_EXPECT,
  HEADER_HOST,
  HEADER_HTTP2_SETTINGS,
  HEADER_KEEP_ALIVE,
  HEADER_OTHER,
  HEADER_PROXY_CONNECTION,
  HEADER_SET_COOKIE,
  HEADER_TE,
  HEADER_TRAILER,
  HEADER_TRANSFER_ENCODING,
  HEADER_UPGRADE,
  HEADER_X_FORWARDED_FOR,
  MAX_HEADERS,
  matchesName,
  overflowCode,
  statusOf,
} from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { textEnd, viewOf } from '../../src/http1/text-run.ts';
import { keptLines, rewritten, scanRequest, slice } from './scanned.ts';

const START = 'GET / HTTP/1.1\r\nHost: shop.test\r\n';
const scan = (lines: string, maxHeaders?: number) => scanRequest(`${START}${lines}\r\n`, maxHeaders);

describe('field lines (RFC 9112 5)', () => {
  it('gives each line as offsets, the value without blanks around it', () => {
    const scanned = scan('A:b\r\nLonger-Name:  \t two words \t\r\nEmpty:\r\nBlank:  \r\n');
    const { head, code } = scanned;
    expect(code).toBe(HEAD_OK);
    expect(keptLines(scanned)).toEqual(['Host: shop.test', 'A: b', 'Longer-Name: two words', 'Empty: ', 'Blank: ']);
    expect(head.headerCount).toBe(5);
    const line = (i: number) => slice(scanned, head.lineStart[i] as number, head.lineStart[i + 1] as number);
    expect(line(2)).toBe('Longer-Name:  \t two words \t\r\n');
    expect(slice(scanned, head.lineStart[5] as number, head.end)).toBe('\r\n');
  });

  it.each([
    ['a space before the colon', 'A : b\r\n'],
    ['a tab before the colon', 'A\t: b\r\n'],
    ['no colon', 'A\r\n'],
    ['no colon but a value', 'A b\r\n'],
    ['an empty name', ': b\r\n'],
    ['an empty name and value', ':\r\n'],
    ['a space in the name', 'A B: c\r\n'],
    ['a separator in the name', 'A[]: b\r\n'],
    ['a slash in the name', 'A/B: c\r\n'],
    ['a NUL in the name', 'A\0: b\r\n'],
    ['an 8-bit byte in the name', '\u00c4: b\r\n'],
    ['a NUL in the value', 'A: b\0c\r\n'],
    ['a CR in the value', 'A: b\rc\r\n'],
    ['CR CR LF', 'A: b\r\r\n'],
    ['a LF in the value', 'A: b\nC: d\r\n'],
    ['LF CR', 'A: b\n\r'],
    ['a DEL in the value', 'A: b\x7fc\r\n'],
    ['an escape in the value', 'A: \x1b[0m\r\n'],
    ['a vertical tab before the value', 'A: \vb\r\n'],
    ['a form feed after the value', 'A: b\f\r\n'],
    ['a name that is broken over two lines', 'Transfer-\r\nEncoding: chunked\r\n'],
    ['CR and no LF instead of the blank line', '\rX'],
    ['a LF instead of the blank line', '\n'],
  ])('refuses %s', (_what, lines) => {
    expect(scan(lines).code).toBe(HEAD_ERR_FIELD);
  });

  it.each([
    ['a folded value', 'A: b\r\n c\r\n'],
    ['a value folded with a tab', 'A: b\r\n\tc\r\n'],
    ['a line of blanks', 'A: b\r\n   \r\n'],
    ['a fold before the value', 'A:\r\n chunked\r\n'],
  ])('refuses %s in a request (RFC 9112 5.2)', (_what, lines) => {
    expect(scan(lines).code).toBe(HEAD_ERR_FOLD);
  });

  it('refuses blanks before the first field', () => {
    expect(scanRequest('GET / HTTP/1.1\r\n Host: shop.test\r\n\r\n').code).toBe(HEAD_ERR_FOLD);
    expect(scanRequest('GET / HTTP/1.1\r\n\tA: b\r\nHost: shop.test\r\n\r\n').code).toBe(HEAD_ERR_FOLD);
  });

  it('takes in a value exactly tab, visible ASCII, space and 8-bit bytes', () => {
    for (let byte = 0; byte < 256; byte++) {
      const legal = byte === 9 || (byte >= 32 && byte !== 127);
      for (const value of ['x', 'xy', 'xyz', 'xyzx', 'xyzxy'].flatMap((text) => [
        `${text}?z`,
        `?${text}`,
        `${text}?`,
      ])) {
        const text = `A: ${value.replace('?', String.fromCharCode(byte))}\r\n`;
        if (byte === 10 || byte === 13) continue; // line ends have their own cases
        expect([byte, value, scan(text).code]).toEqual([byte, value, legal ? HEAD_OK : HEAD_ERR_FIELD]);
      }
    }
  });

  it('takes in a name exactly the bytes of a token (RFC 9110 5.6.2)', () => {
    const taken = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).filter((char) =>
      ['', 'xyzxyz'].every((rest) => scan(`${rest}${char}${rest}: b\r\n`).code === HEAD_OK),
    );
    const token = "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz|~";
    expect(taken.join('')).toBe(token);
  });

  it('refuses one field more than the limit with 431', () => {
    const lines = 'A: b\r\n'.repeat(9);
    expect(scan(lines, 10).code).toBe(HEAD_OK);
    const { code } = scan(`${lines}A: b\r\n`, 10);
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_TOO_MANY_HEADERS, 431]);
  });

  it('has room for as many as it says', () => {
    const full = scan('A: b\r\n'.repeat(MAX_HEADERS - 1), MAX_HEADERS);
    expect(full.code).toBe(HEAD_OK);
    expect(rewritten(full, 'X: y\r\n')).toBe(`${START}${'A: b\r\n'.repeat(MAX_HEADERS - 1)}X: y\r\n\r\n`);
    expect(scan('A: b\r\n'.repeat(MAX_HEADERS), MAX_HEADERS).code).toBe(HEAD_ERR_TOO_MANY_HEADERS);
  });

  it('takes a name of 300 bytes for what it is (CVE-2021-40346)', () => {
    const scanned = scanRequest(
      `POST / HTTP/1.1\r\nHost: s\r\ncontent-length0${'a'.repeat(270)}:\r\nContent-Length: 7\r\n\r\n`,
    );
    expect([scanned.code, scanned.head.contentLength, scanned.head.headerCount]).toEqual([HEAD_OK, 7, 3]);
  });

  it('says which limit a head that never ends has run into', () => {
    const long = scanRequest(`GET /${'a'.repeat(500)}`);
    expect([long.code, statusOf(overflowCode(long.head))]).toEqual([HEAD_PARTIAL, 414]);
    const many = scanRequest(`GET / HTTP/1.1\r\nA: ${'a'.repeat(500)}`);
    expect([many.code, statusOf(overflowCode(many.head))]).toEqual([HEAD_PARTIAL, 431]);
  });

  it('says where the offending byte is', () => {
    const scanned = scan('A: b\0c\r\n');
    expect(slice(scanned, scanned.head.errorAt, scanned.head.errorAt + 2)).toBe('\0c');
    const name = scan('A : b\r\n');
    expect(slice(name, name.head.errorAt - 1, name.head.errorAt + 1)).toBe('A ');
  });

  it('finds lines by a name from the configuration', () => {
    const { head, bytes } = scan('X-Real-IP: 192.0.2.7\r\nX-Real-IPs: 1\r\n');
    const found = [0, 1, 2].map((i) => matchesName(head, bytes, i, Buffer.from('x-real-ip')));
    expect(found).toEqual([false, true, false]);
  });
});

describe('field names', () => {
  const NAMES: [string, number][] = [
    ['host', HEADER_HOST],
    ['content-length', HEADER_CONTENT_LENGTH],
    ['transfer-encoding', HEADER_TRANSFER_ENCODING],
    ['connection', HEADER_CONNECTION],
    ['keep-alive', HEADER_KEEP_ALIVE],
    ['proxy-connection', HEADER_PROXY_CONNECTION],
    ['te', HEADER_TE],
    ['trailer', HEADER_TRAILER],
    ['upgrade', HEADER_UPGRADE],
    ['expect', HEADER_EXPECT],
    ['cookie', HEADER_COOKIE],
    ['set-cookie', HEADER_SET_COOKIE],
    ['cache-control', HEADER_CACHE_CONTROL],
    ['date', HEADER_DATE],
    ['x-forwarded-for', HEADER_X_FORWARDED_FOR],
    ['http2-settings', HEADER_HTTP2_SETTINGS],
  ];
  const idOf = (name: string) => {
    const bytes = Buffer.from(`<${name}>`);
    return fieldId(bytes, viewOf(bytes), 1, 1 + name.length);
  };

  it.each(NAMES)('knows %s in every case', (name, id) => {
    const mixed = name.replace(/[a-z]/g, (letter, at: number) => (at % 2 === 0 ? letter.toUpperCase() : letter));
    expect([idOf(name), idOf(name.toUpperCase()), idOf(mixed)]).toEqual([id, id, id]);
  });

  it.each(NAMES)('takes nothing else for %s', (name) => {
    const near = [`${name}s`, name.slice(1), name.slice(0, -1), name.replace('-', '_'), `x${name}`];
    for (let i = 0; i < name.length; i++) near.push(`${name.slice(0, i)}!${name.slice(i + 1)}`);
    const names = NAMES.map(([other]) => other);
    for (const other of near.filter((text) => text.length > 0 && !names.includes(text))) {
      expect([other, idOf(other)]).toEqual([other, HEADER_OTHER]);
    }
  });
});

describe('text runs', () => {
  it('end at the first byte that is no text, wherever it is, whatever is around it', () => {
    for (const filler of [0x20, 0x61, 0x7e, 0x80, 0xff, 0x09]) {
      for (let length = 0; length < 13; length++) {
        for (let at = 0; at < length; at++) {
          for (const stop of [0, 8, 10, 13, 31, 127]) {
            const bytes = Buffer.alloc(length + 4, filler);
            bytes[2 + at] = stop;
            expect(textEnd(bytes, viewOf(bytes), 2, 2 + length)).toBe(2 + at);
            bytes[2 + at] = 0xff;
            expect(textEnd(bytes, viewOf(bytes), 2, 2 + length)).toBe(2 + length);
          }
        }
      }
    }
  });

  it('see the same bytes as the array, which may begin anywhere in its buffer', () => {
    const bytes = new Uint8Array(new ArrayBuffer(64), 7, 20);
    bytes[3] = 200;
    expect([viewOf(bytes).getUint8(3), viewOf(bytes).byteLength]).toEqual([200, 20]);
    const other = new Uint8Array(8);
    expect(viewOf(other)).not.toBe(viewOf(bytes));
    expect(viewOf(bytes)).toBe(viewOf(bytes));
  });
});

describe('tune.http.maxhdr above the usual capacity', () => {
  it('keeps every line of a head with 300 fields', () => {
    const text = `GET / HTTP/1.1\r\nHost: a\r\n${Array.from({ length: 300 }, (_, i) => `X-${i}: ${i}\r\n`).join('')}\r\n`;
    const bytes = Buffer.alloc(8192);
    const at = 1024;
    bytes.write(text, at, 'latin1');
    const head = new RequestHead(1000);
    expect(scanRequestHead(head, bytes, at, at + text.length, 1000)).toBe(HEAD_OK);
    const insert = Buffer.from('X-Forwarded-For: 1.2.3.4\r\n');
    const start = rewriteHead(head, bytes, insert, insert.length);
    expect(bytes.toString('latin1', start, at + text.length)).toBe(
      `${text.slice(0, -2)}X-Forwarded-For: 1.2.3.4\r\n\r\n`,
    );
  });
});
