import { describe, expect, it } from 'vitest';
import { type HttpRequest, requestBytes } from '../../src/health/http-request.ts';

const plain: HttpRequest = { method: 'OPTIONS', uri: '/', version: 'HTTP/1.0', headers: [], body: null };
const host = { name: 'Host', value: 'www' };

describe('the bytes of a check, as haproxy 2.6 was seen to send them', () => {
  it.each([
    ['default', plain, 'OPTIONS / HTTP/1.0\r\n\r\n'],
    [
      'asterisk',
      { ...plain, uri: '*', version: 'HTTP/1.1', headers: [host] },
      'OPTIONS * HTTP/1.1\r\nhost: www\r\nconnection: close\r\n\r\n',
    ],
    [
      'headers in their order',
      { ...plain, method: 'GET', uri: '/x', version: 'HTTP/1.1', headers: [host, { name: 'X-Foo', value: 'bar' }] },
      'GET /x HTTP/1.1\r\nhost: www\r\nx-foo: bar\r\nconnection: close\r\n\r\n',
    ],
    [
      'body',
      { ...plain, method: 'POST', version: 'HTTP/1.1', headers: [host], body: 'hello' },
      'POST / HTTP/1.1\r\nhost: www\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello',
    ],
    [
      'a Connection of its own',
      { ...plain, version: 'HTTP/1.1', headers: [{ name: 'Connection', value: 'keep-alive' }] },
      'OPTIONS / HTTP/1.1\r\nconnection: keep-alive\r\n\r\n',
    ],
    ['bytes', { ...plain, body: '\xfc\xff' }, 'OPTIONS / HTTP/1.0\r\ncontent-length: 2\r\n\r\n\xfc\xff'],
  ])('%s', (_, request, expected) => {
    expect(requestBytes(request).toString('latin1')).toBe(expected);
  });
});
