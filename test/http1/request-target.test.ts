import { describe, expect, it } from 'vitest';
import { HEAD_ERR_HOST, HEAD_ERR_TARGET, HEAD_OK } from '../../src/http1/head.ts';
import { TARGET_ABSOLUTE, TARGET_ASTERISK, TARGET_AUTHORITY, TARGET_ORIGIN } from '../../src/http1/request-target.ts';
import { forwarded, scanRequest, slice } from './scanned.ts';

const request = (line: string, ...lines: string[]) => `${line}\r\n${lines.map((text) => `${text}\r\n`).join('')}\r\n`;

describe('forms of the request target (RFC 9112 3.2)', () => {
  it.each([
    ['GET / HTTP/1.1', TARGET_ORIGIN],
    ['OPTIONS /x HTTP/1.1', TARGET_ORIGIN],
    ['OPTIONS * HTTP/1.1', TARGET_ASTERISK],
    ['GET http://shop.test/x HTTP/1.1', TARGET_ABSOLUTE],
    ['GET HTTPS://shop.test/x HTTP/1.1', TARGET_ABSOLUTE],
    ['CONNECT shop.test:443 HTTP/1.1', TARGET_AUTHORITY],
    ['CONNECT [2001:db8::7]:443 HTTP/1.1', TARGET_AUTHORITY],
  ])('%s', (line, form) => {
    const host = line.includes('[') ? '[2001:db8::7]' : 'shop.test';
    const { code, head } = scanRequest(request(line, `Host: ${host}`));
    expect([code, head.targetForm]).toEqual([HEAD_OK, form]);
  });

  it.each([
    'GET * HTTP/1.1',
    'POST * HTTP/1.1',
    'OPTIONS ** HTTP/1.1',
    'OPTIONS *x HTTP/1.1',
    'GET shop.test/x HTTP/1.1',
    'GET shop.test:80 HTTP/1.1',
    'GET x HTTP/1.1',
    'GET ?x HTTP/1.1',
    'GET \\x HTTP/1.1',
    'GET ftp://shop.test/ HTTP/1.1',
    'GET httpx://shop.test/ HTTP/1.1',
    'GET http:/shop.test/ HTTP/1.1',
    'GET http:shop.test HTTP/1.1',
    'GET http:// HTTP/1.1',
    'GET http:///x HTTP/1.1',
    'GET http://:80/x HTTP/1.1',
    'GET http://user@shop.test/x HTTP/1.1',
    'GET http://user:pw@shop.test/x HTTP/1.1',
    'GET http://shop.test:x/ HTTP/1.1',
    'GET http://shop.test:99999/ HTTP/1.1',
    'GET http://shop.test\\@other.test/ HTTP/1.1',
    'GET http://[::1/ HTTP/1.1',
    `GET http://${'a'.repeat(400)}/ HTTP/1.1`,
    'GET javascript:alert(1) HTTP/1.1',
    'CONNECT shop.test HTTP/1.1',
    'CONNECT shop.test: HTTP/1.1',
    'CONNECT shop.test:0 HTTP/1.1',
    'CONNECT :443 HTTP/1.1',
    'CONNECT / HTTP/1.1',
    'CONNECT * HTTP/1.1',
    'CONNECT http://shop.test:443 HTTP/1.1',
    'CONNECT shop.test:443/x HTTP/1.1',
    'CONNECT user@shop.test:443 HTTP/1.1',
  ])('refuses %s', (line) => {
    expect(scanRequest(request(line, 'Host: shop.test')).code).toBe(HEAD_ERR_TARGET);
  });

  it.each([
    ['GET http://b.test/x', ['Host: a.test'], 'GET /x', ['Host: b.test']],
    [
      'GET http://b.test:8080/x?y#'.slice(0, -1),
      ['A: 1', 'Host: a.test', 'B: 2'],
      'GET /x?y',
      ['Host: b.test:8080', 'A: 1', 'B: 2'],
    ],
    ['GET http://b.test', ['Host: b.test'], 'GET /', ['Host: b.test']],
    ['GET http://b.test?q', ['Host: b.test'], 'GET /?q', ['Host: b.test']],
    ['GET https://b.test/', ['Host: b.test'], 'GET /', ['Host: b.test']],
    ['GET https://b.test?q', ['Host: b.test'], 'GET /?q', ['Host: b.test']],
    ['HEAD hTTp://[::1]:80//x', ['Host: a.test'], 'HEAD //x', ['Host: [::1]:80']],
    ['OPTIONS http://b.test', ['Host: b.test'], 'OPTIONS *', ['Host: b.test']],
    ['OPTIONS http://b.test/', ['Host: b.test'], 'OPTIONS /', ['Host: b.test']],
    ['OPTIONS http://b.test?q', ['Host: b.test'], 'OPTIONS /?q', ['Host: b.test']],
    [`GET http://${'b'.repeat(320)}/x`, ['Host: a.test'], 'GET /x', [`Host: ${'b'.repeat(320)}`]],
  ])('sends %s on in origin-form, its authority as Host (RFC 9112 3.2.2)', (line, lines, sent, sentLines) => {
    expect(forwarded(request(`${line} HTTP/1.1`, ...lines))).toBe(request(`${sent} HTTP/1.1`, ...sentLines));
    expect(forwarded(request(`${line} HTTP/1.3`, ...lines), 'X: y\r\n')).toBe(
      request(`${sent} HTTP/1.1`, ...sentLines, 'X: y'),
    );
  });

  it('adds the Host line that an HTTP/1.0 request in absolute-form has not', () => {
    expect(forwarded('GET http://b.test/x HTTP/1.0\r\n\r\n')).toBe('GET /x HTTP/1.0\r\nHost: b.test\r\n\r\n');
    expect(forwarded('GET http://b.test HTTP/1.0\r\nA: b\r\n\r\n', 'X: y\r\n')).toBe(
      'GET / HTTP/1.0\r\nHost: b.test\r\nA: b\r\nX: y\r\n\r\n',
    );
  });

  it('routes by the authority of the target', () => {
    const scanned = scanRequest(request('GET http://b.test:81/x HTTP/1.1', 'Host: a.test'));
    expect(slice(scanned, scanned.head.hostStart, scanned.head.hostEnd)).toBe('b.test:81');
    expect(slice(scanned, scanned.head.pathStart, scanned.head.targetEnd)).toBe('/x');
  });

  it.each([
    ['shop.test:443', 'shop.test:443', HEAD_OK],
    ['shop.test:443', 'SHOP.test:443', HEAD_OK],
    ['shop.test:443', 'shop.test', HEAD_OK],
    ['shop.test:80', 'shop.test', HEAD_OK],
    ['shop.test:8443', 'shop.test', HEAD_ERR_HOST],
    ['shop.test:443', 'shop.test:80', HEAD_ERR_HOST],
    ['shop.test:443', 'other.test:443', HEAD_ERR_HOST],
    ['shop.test:443', 'other.test', HEAD_ERR_HOST],
    ['shop.test:443', '', HEAD_ERR_HOST],
  ])('CONNECT %s with Host: %s gives %i', (authority, host, code) => {
    expect(scanRequest(request(`CONNECT ${authority} HTTP/1.1`, `Host: ${host}`)).code).toBe(code);
  });
});

describe('Host (RFC 9112 3.2, RFC 9110 7.2)', () => {
  it.each(['Host:\tshop.test', 'Host: \t shop.test', 'Host: shop.test\t', 'Host:shop.test \t '])(
    'leaves without tabs, which nginx does not take: %j',
    (line) => {
      const sent = forwarded(request('GET / HTTP/1.1', line, 'A:\tb'));
      expect(sent).toBe(request('GET / HTTP/1.1', line.replaceAll('\t', ' '), 'A:\tb'));
    },
  );

  it('is where the request is for', () => {
    const scanned = scanRequest(request('GET / HTTP/1.1', 'Accept: x', 'hOST:\t shop.test:81 '));
    expect(scanned.head.hasHost).toBe(true);
    expect(slice(scanned, scanned.head.hostStart, scanned.head.hostEnd)).toBe('shop.test:81');
  });

  it.each([
    ['none in HTTP/1.1', 'HTTP/1.1', []],
    ['none in HTTP/1.2', 'HTTP/1.2', []],
    ['two that are equal', 'HTTP/1.1', ['Host: shop.test', 'Host: shop.test']],
    ['two that differ', 'HTTP/1.1', ['Host: shop.test', 'A: b', 'HOST: other.test']],
    ['two in HTTP/1.0', 'HTTP/1.0', ['Host: shop.test', 'Host: shop.test']],
    ['an empty one before another', 'HTTP/1.1', ['Host:', 'Host: shop.test']],
    ['an empty one', 'HTTP/1.1', ['Host:']],
    ['a port alone', 'HTTP/1.1', ['Host: :80']],
    ['a port alone in HTTP/1.0', 'HTTP/1.0', ['Host: :80']],
    ['userinfo', 'HTTP/1.1', ['Host: user@shop.test']],
    ['a list', 'HTTP/1.1', ['Host: shop.test, other.test']],
    ['a list without a blank', 'HTTP/1.1', ['Host: shop.test,other.test']],
    ['a path', 'HTTP/1.1', ['Host: shop.test/x']],
    ['a URI', 'HTTP/1.1', ['Host: http://shop.test']],
    ['an 8-bit byte', 'HTTP/1.1', ['Host: sh\u00f6p.test']],
    ['an unterminated literal', 'HTTP/1.0', ['Host: [::1']],
  ])('refuses %s', (_what, version, lines) => {
    expect(scanRequest(request(`GET / ${version}`, ...lines)).code).toBe(HEAD_ERR_HOST);
  });

  it('may be missing or empty in HTTP/1.0, and empty where the target is no URI', () => {
    for (const text of [
      'GET / HTTP/1.0\r\n\r\n',
      'GET / HTTP/1.0\r\nHost:\r\n\r\n',
      'OPTIONS * HTTP/1.1\r\nHost:\r\n\r\n',
    ]) {
      const { code, head } = scanRequest(text);
      expect([code, head.hostEnd - head.hostStart]).toEqual([HEAD_OK, 0]);
    }
    expect(scanRequest('GET / HTTP/1.0\r\n\r\n').head.hasHost).toBe(false);
  });

  it('is needed in HTTP/1.1 even if the target is absolute', () => {
    expect(scanRequest('GET http://b.test/ HTTP/1.1\r\n\r\n').code).toBe(HEAD_ERR_HOST);
  });
});
