import { describe, expect, it } from 'vitest';
import { METHOD_GET } from '../../src/http1/method.ts';
import { isCacheable } from '../../src/proxy/cacheability.ts';
import { scanResponse } from '../http1/scanned.ts';

function cacheable(status: number, fields: string): boolean {
  const lines = fields === '' ? '' : `${fields.split('|').join('\r\n')}\r\n`;
  const { head, bytes } = scanResponse(`HTTP/1.1 ${status} X\r\n${lines}\r\n`);
  return isCacheable(METHOD_GET, head, bytes);
}

describe('a response might be kept by a cache', () => {
  it.each([200, 203, 206, 300, 301, 404, 405, 410, 414, 501])('with status %i', (status) => {
    expect(cacheable(status, 'ETag: "x"')).toBe(true);
  });

  it.each([201, 302, 303, 307, 400, 403, 500, 502, 503])('not with status %i', (status) => {
    expect(cacheable(status, 'ETag: "x"')).toBe(false);
  });

  it.each([
    ['', false],
    ['Content-Type: text/plain', false],
    ['ETag: "x"', true],
    ['last-modified: Thu, 01 Jan 1970 00:00:00 GMT', true],
    ['Expires: 0', true],
    ['Cache-Control: max-age=60', true],
    ['Cache-Control: public, s-maxage=60', true],
    ['Cache-Control: public', false],
    ['ETag: "x"|Cache-Control: private', false],
    ['ETag: "x"|cache-control: PRIVATE', false],
    ['ETag: "x"|Cache-Control: public , no-cache', false],
    ['ETag: "x"|Cache-Control: no-store', false],
    ['ETag: "x"|Cache-Control: max-age=0', false],
    ['ETag: "x"|Cache-Control: s-maxage=0', false],
    ['Cache-Control: max-age=01', true],
    ['ETag: "x"|Cache-Control: no-cache="set-cookie"', false],
    ['ETag: "x"|Cache-Control: privately', true],
    ['ETag: "x"|Cache-Control: x-private', true],
    ['ETag: "x"|Cache-Control: public|Cache-Control: private', false],
    ['ETag: "x"|Pragma: no-cache', false],
    ['ETag: "x"|Pragma: other', true],
    ['X-ETag: "x"', false],
  ])('with %j: %s', (fields, expected) => {
    expect(cacheable(200, fields)).toBe(expected);
  });
});
