import { describe, expect, it } from 'vitest';
import {
  HEAD_ERR_CODING,
  HEAD_ERR_EXPECT,
  HEAD_ERR_FRAMING,
  HEAD_ERR_LENGTH,
  HEAD_ERR_NOT_IMPLEMENTED,
  HEAD_ERR_PAYLOAD,
  HEAD_OK,
  statusOf,
} from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { forwarded, HEADROOM, placed, scanRequest } from './scanned.ts';

const request = (...lines: string[]) =>
  `POST / HTTP/1.1\r\nHost: s\r\n${lines.map((text) => `${text}\r\n`).join('')}\r\n`;

describe('Content-Length (RFC 9110 8.6, RFC 9112 6.3)', () => {
  it.each([
    ['0', 0],
    ['5', 5],
    ['  42\t', 42],
    ['007', 7],
    ['999999999', 999999999],
    ['1000000000', 1000000000],
    ['4294967296', 4294967296],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['0009007199254740991', Number.MAX_SAFE_INTEGER],
  ])('reads %j', (value, length) => {
    const { code, head } = scanRequest(request(`Content-Length:${value}`));
    expect([code, head.contentLength, head.chunked]).toEqual([HEAD_OK, length, false]);
  });

  it.each([
    '',
    ' ',
    '-1',
    '+5',
    '5.0',
    '5 0',
    '1e1',
    '0x5',
    '5;q=1',
    '"5"',
    '5_0',
    'five',
    '5a',
    ',5',
    '5,',
    '5,,5',
    '5,6',
    '5, 05',
    '5 5',
    '\u0665',
    '9007199254740992',
    '9223372036854775808',
    '18446744073709551621',
    '9'.repeat(400),
  ])('refuses %j', (value) => {
    expect(scanRequest(request(`Content-Length: ${value}`)).code).toBe(HEAD_ERR_LENGTH);
  });

  it.each([
    [['5', '6']],
    [['5', '']],
    [['', '5']],
    [['5', '05']],
    [['05', '5']],
    [['5', '5', '6']],
    [['5', '5, 6']],
    [['5, 5', '6']],
  ])('refuses lines with %j', (values) => {
    expect(scanRequest(request(...values.map((value) => `Content-Length: ${value}`))).code).toBe(HEAD_ERR_LENGTH);
  });

  it('passes the same length on once, however often it came', () => {
    const sent = request('Content-Length: 5', 'A: b');
    expect(forwarded(request('Content-Length: 5', 'CONTENT-LENGTH: 5', 'A: b'))).toBe(sent);
    expect(forwarded(request('Content-Length: 5, 5,5', 'A: b'))).toBe(request('Content-Length: 5     ', 'A: b'));
    expect(forwarded(request('Content-Length: 5 ,5', 'Content-Length: 5', 'A: b'))).toBe(
      request('Content-Length: 5   ', 'A: b'),
    );
  });

  it('leaves without zeros in front, which some read as octal', () => {
    for (const [came, leaves] of [
      ['0005', '   5'],
      ['00', ' 0'],
      ['0', '0'],
      ['050', ' 50'],
      ['05, 05', ' 5    '],
    ]) {
      expect(forwarded(request(`Content-Length: ${came}`, 'A: b'))).toBe(request(`Content-Length: ${leaves}`, 'A: b'));
    }
  });

  it('leaves without tabs around it, as does Transfer-Encoding', () => {
    expect(forwarded(request('Content-Length:\t \t5\t '))).toBe(request('Content-Length:   5  '));
    expect(forwarded(request('Transfer-Encoding:\tchunked\t'))).toBe(request('Transfer-Encoding: chunked '));
  });

  it('means nothing in names that only look like it', () => {
    for (const name of ['Content_Length', 'Content-Lengt', 'Content-Lengths', 'X-Content-Length']) {
      expect(scanRequest(request(`${name}: 5`)).head.contentLength).toBe(-1);
    }
  });
});

describe('Transfer-Encoding (RFC 9112 6.1)', () => {
  it.each(['chunked', 'CHUNKED', 'cHuNkEd', '\tchunked', 'chunked \t'])('reads %j', (value) => {
    const { code, head } = scanRequest(request(`Transfer-Encoding: ${value}`));
    expect([code, head.chunked, head.contentLength]).toEqual([HEAD_OK, true, -1]);
  });

  it('passes it on in lower case', () => {
    expect(forwarded(request('Transfer-Encoding: Chunked'))).toBe(request('Transfer-Encoding: chunked'));
  });

  it.each([
    ['', HEAD_ERR_CODING],
    [',', HEAD_ERR_CODING],
    [',chunked', HEAD_ERR_CODING],
    ['chunked,', HEAD_ERR_CODING],
    ['gzip,,chunked', HEAD_ERR_CODING],
    ['chunked, chunked', HEAD_ERR_CODING],
    ['chunked, gzip', HEAD_ERR_CODING],
    ['chunked, identity', HEAD_ERR_CODING],
    ['chunked;q=1', HEAD_ERR_CODING],
    ['chunked ;q=1', HEAD_ERR_CODING],
    ['"chunked"', HEAD_ERR_CODING],
    ['chunked chunked', HEAD_ERR_CODING],
    ['chu nked', HEAD_ERR_CODING],
    ['chunked\u00a0', HEAD_ERR_CODING],
    ['ch\u0096nked', HEAD_ERR_CODING],
    ['chunked/1', HEAD_ERR_CODING],
    ['[chunked]', HEAD_ERR_CODING],
    ['gzip', HEAD_ERR_NOT_IMPLEMENTED],
    ['identity', HEAD_ERR_NOT_IMPLEMENTED],
    ['xchunked', HEAD_ERR_NOT_IMPLEMENTED],
    ['chunkedx', HEAD_ERR_NOT_IMPLEMENTED],
    ['x-chunked', HEAD_ERR_NOT_IMPLEMENTED],
    ['gzip, chunked', HEAD_ERR_NOT_IMPLEMENTED],
    ['gzip;q=1 , chunked', HEAD_ERR_NOT_IMPLEMENTED],
  ])('refuses %j', (value, code) => {
    expect(scanRequest(request(`Transfer-Encoding: ${value}`)).code).toBe(code);
    expect(statusOf(code)).toBe(code === HEAD_ERR_CODING ? 400 : 501);
  });

  it('refuses a second line, whatever the two say', () => {
    for (const [first, second] of [
      ['chunked', 'chunked'],
      ['chunked', 'gzip'],
      ['chunked', ''],
      ['gzip', 'chunked'],
      ['identity', 'chunked'],
      ['', 'chunked'],
    ]) {
      const { code } = scanRequest(request(`Transfer-Encoding: ${first}`, `TRANSFER-ENCODING: ${second}`));
      expect([first, second, code > HEAD_OK]).toEqual([first, second, true]);
    }
  });

  it('is refused beside Content-Length, in either order (RFC 9112 6.3)', () => {
    const te = 'Transfer-Encoding: chunked';
    for (const length of ['0', '6']) {
      expect(scanRequest(request(te, `Content-Length: ${length}`)).code).toBe(HEAD_ERR_FRAMING);
      expect(scanRequest(request(`Content-Length: ${length}`, te)).code).toBe(HEAD_ERR_FRAMING);
    }
  });

  it('is refused in HTTP/1.0', () => {
    const text = request('Transfer-Encoding: chunked').replace('HTTP/1.1', 'HTTP/1.0');
    expect(scanRequest(text).code).toBe(HEAD_ERR_CODING);
  });

  it('is chunked, or nothing, or refused, with any byte put before, after or into it', () => {
    const seen = new Map<string, number>();
    for (let byte = 0; byte < 256; byte++) {
      const x = String.fromCharCode(byte);
      const lines = [
        `Transfer-Encoding: ${x}chunked`,
        `Transfer-Encoding: chunked${x}`,
        `Transfer-Encoding: chu${x}nked`,
        `Transfer-Encoding:${x}chunked`,
        `Transfer-Encoding${x}: chunked`,
        `Transfer${x}Encoding: chunked`,
        `${x}Transfer-Encoding: chunked`,
        `A: b${x}Transfer-Encoding: chunked`,
      ];
      for (const line of lines) {
        const { code, head } = scanRequest(request(line));
        const isPlain = /^transfer-encoding:[ \t]*chunked[ \t]*$/i.test(line);
        const isOther = !/^transfer-encoding:/i.test(line);
        const verdict = code !== HEAD_OK ? 'refused' : head.chunked ? 'chunked' : 'nothing';
        if (isPlain) expect([line, verdict]).toEqual([line, 'chunked']);
        else if (isOther) expect([line, verdict]).not.toEqual([line, 'chunked']);
        else expect([line, verdict]).toEqual([line, 'refused']);
        seen.set(verdict, (seen.get(verdict) ?? 0) + 1);
      }
    }
    expect([...seen.keys()].sort()).toEqual(['chunked', 'nothing', 'refused']);
  });
});

describe('content where there must not be any (RFC 9110 9.3.6, 9.3.8)', () => {
  it.each(['TRACE / HTTP/1.1\r\nHost: s', 'CONNECT s:443 HTTP/1.1\r\nHost: s'])('is refused: %j', (start) => {
    expect(scanRequest(`${start}\r\nContent-Length: 5\r\n\r\n`).code).toBe(HEAD_ERR_FRAMING);
    expect(scanRequest(`${start}\r\nTransfer-Encoding: chunked\r\n\r\n`).code).toBe(HEAD_ERR_FRAMING);
    expect(scanRequest(`${start}\r\nContent-Length: 0\r\n\r\n`).code).toBe(HEAD_OK);
  });

  it.each(['GET', 'HEAD', 'DELETE'])('is refused with 413 in %s of HTTP/1.0, unless allowed', (method) => {
    const text = request('Content-Length: 5').replace('POST', method).replace('HTTP/1.1', 'HTTP/1.0');
    const { code } = scanRequest(text);
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_PAYLOAD, 413]);
    const bytes = placed(text);
    const head = new RequestHead();
    head.allowsAnyPayload = true;
    expect(scanRequestHead(head, bytes, HEADROOM, HEADROOM + text.length, 101)).toBe(HEAD_OK);
    expect(scanRequest(text.replace(': 5', ': 0')).code).toBe(HEAD_OK);
    expect(scanRequest(text.replace(method, 'PUT')).code).toBe(HEAD_OK);
  });

  it.each(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PURGE'])('is framed, not refused, with %s', (method) => {
    const { code, head } = scanRequest(request('Content-Length: 5').replace('POST', method));
    expect([code, head.contentLength]).toEqual([HEAD_OK, 5]);
  });
});

describe('Expect (RFC 9110 10.1.1)', () => {
  const length = 'Content-Length: 5';

  it.each(['100-continue', '100-Continue', ' 100-continue '])('%j is an expectation', (value) => {
    const { code, head } = scanRequest(request(length, `Expect: ${value}`));
    expect([code, head.expectContinue, head.droppedCount]).toEqual([HEAD_OK, true, 0]);
  });

  it('leaves in lower case, and once', () => {
    const text = request(length, 'Expect: 100-Continue', 'A: b', 'expect: 100-CONTINUE');
    expect(forwarded(text)).toBe(request(length, 'Expect: 100-continue', 'A: b'));
  });

  it('is one with chunked content, too', () => {
    expect(scanRequest(request('Expect: 100-continue', 'Transfer-Encoding: chunked')).head.expectContinue).toBe(true);
  });

  it.each(['200-ok', '', '100-continue, x', 'y 100-continue', '100', '100-continue;x', '100\u00adcontinue'])(
    '%j is 417',
    (value) => {
      const { code } = scanRequest(request(length, `Expect: ${value}`));
      expect([code, statusOf(code)]).toEqual([HEAD_ERR_EXPECT, 417]);
    },
  );

  it('is 417 if any of its lines says something else', () => {
    expect(scanRequest(request(length, 'Expect: 100-continue', 'Expect: x')).code).toBe(HEAD_ERR_EXPECT);
  });

  it('is ignored in HTTP/1.0, whatever it says', () => {
    for (const value of ['100-continue', 'x']) {
      const text = request(length, `Expect: ${value}`, 'A: b').replace('HTTP/1.1', 'HTTP/1.0');
      expect(scanRequest(text).head.expectContinue).toBe(false);
      expect(forwarded(text)).toBe(request(length, 'A: b').replace('HTTP/1.1', 'HTTP/1.0'));
    }
  });

  it('is not passed on without content to wait with', () => {
    expect(scanRequest(request('Expect: 100-continue')).head.expectContinue).toBe(false);
    expect(forwarded(request('Expect: 100-continue', 'Content-Length: 0'))).toBe(request('Content-Length: 0'));
  });
});
