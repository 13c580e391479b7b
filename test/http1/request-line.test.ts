import { describe, expect, it } from 'vitest';
import {
  HEAD_ERR_METHOD,
  HEAD_ERR_METHOD_TOO_LONG,
  HEAD_ERR_START_LINE,
  HEAD_ERR_TARGET,
  HEAD_ERR_VERSION,
  HEAD_OK,
  HEAD_PARTIAL,
  statusOf,
} from '../../src/http1/head.ts';
import {
  METHOD_CONNECT,
  METHOD_DELETE,
  METHOD_GET,
  METHOD_HEAD,
  METHOD_OPTIONS,
  METHOD_OTHER,
  METHOD_PATCH,
  METHOD_POST,
  METHOD_PUT,
  METHOD_TRACE,
} from '../../src/http1/method.ts';
import { forwarded, scanRequest, slice } from './scanned.ts';

const HOST = '\r\nHost: shop.test\r\n\r\n';

describe('request line (RFC 9112 3)', () => {
  it('gives method, target and version as offsets', () => {
    const scanned = scanRequest(`GET /a/b?c=d HTTP/1.1${HOST}`);
    const { head } = scanned;
    expect(scanned.code).toBe(HEAD_OK);
    expect(slice(scanned, head.start, head.methodEnd)).toBe('GET');
    expect(slice(scanned, head.targetStart, head.targetEnd)).toBe('/a/b?c=d');
    expect(slice(scanned, head.start, head.lineEnd)).toBe('GET /a/b?c=d HTTP/1.1');
    expect(slice(scanned, head.versionAt - 7, head.versionAt + 1)).toBe('HTTP/1.1');
  });

  it.each([
    ['GET', METHOD_GET],
    ['HEAD', METHOD_HEAD],
    ['POST', METHOD_POST],
    ['PUT', METHOD_PUT],
    ['DELETE', METHOD_DELETE],
    ['OPTIONS', METHOD_OPTIONS],
    ['TRACE', METHOD_TRACE],
    ['PATCH', METHOD_PATCH],
    ['get', METHOD_OTHER],
    ['Get', METHOD_OTHER],
    ['GETS', METHOD_OTHER],
    ['PUTS', METHOD_OTHER],
    ['POS', METHOD_OTHER],
    ['PATCHY', METHOD_OTHER],
    ['PROPFIND', METHOD_OTHER],
    ['M-SEARCH', METHOD_OTHER],
    ["!#$%&'*+-.^_`|~09azAZ", METHOD_OTHER],
    ['X'.repeat(32), METHOD_OTHER],
  ])('knows the method %s', (method, id) => {
    const scanned = scanRequest(`${method} / HTTP/1.1${HOST}`);
    expect([scanned.code, scanned.head.method]).toEqual([HEAD_OK, id]);
    expect(slice(scanned, scanned.head.start, scanned.head.methodEnd)).toBe(method);
  });

  it('knows CONNECT', () => {
    const { code, head } = scanRequest('CONNECT db.test:5432 HTTP/1.1\r\nHost: db.test:5432\r\n\r\n');
    expect([code, head.method]).toEqual([HEAD_OK, METHOD_CONNECT]);
  });

  it.each([
    ['a blank before the method', ' GET / HTTP/1.1', HEAD_ERR_METHOD],
    ['a tab after the method', 'GET\t/ HTTP/1.1', HEAD_ERR_METHOD],
    ['a separator in the method', 'GE(T / HTTP/1.1', HEAD_ERR_METHOD],
    ['a colon after the method', 'GET: / HTTP/1.1', HEAD_ERR_METHOD],
    ['an 8-bit byte in the method', 'G\u00c9T / HTTP/1.1', HEAD_ERR_METHOD],
    ['a method longer than any that exists', `${'X'.repeat(33)} / HTTP/1.1`, HEAD_ERR_METHOD_TOO_LONG],
    ['two spaces before the target', 'GET  / HTTP/1.1', HEAD_ERR_TARGET],
    ['no target', 'GET HTTP/1.1', HEAD_ERR_TARGET],
    ['a space in the target', 'GET /a b HTTP/1.1', HEAD_ERR_START_LINE],
    ['a tab in the target', 'GET /a\tb HTTP/1.1', HEAD_ERR_TARGET],
    ['a tab before the version', 'GET /a\tHTTP/1.1', HEAD_ERR_TARGET],
    ['two spaces before the version', 'GET /  HTTP/1.1', HEAD_ERR_START_LINE],
    ['a space after the version', 'GET / HTTP/1.1 ', HEAD_ERR_START_LINE],
    ['no version (HTTP/0.9)', 'GET /', HEAD_ERR_TARGET],
    ['an empty version', 'GET / ', HEAD_ERR_START_LINE],
    ['a lower-case name', 'GET / http/1.1', HEAD_ERR_START_LINE],
    ['a mixed-case name', 'GET / Http/1.1', HEAD_ERR_START_LINE],
    ['another protocol', 'GET / ICAP/1.1', HEAD_ERR_START_LINE],
    ['a blank in the version', 'GET / HTTP/1. 1', HEAD_ERR_START_LINE],
    ['no minor version', 'GET / HTTP/1', HEAD_ERR_START_LINE],
    ['no minor digit', 'GET / HTTP/1.', HEAD_ERR_START_LINE],
    ['two minor digits', 'GET / HTTP/1.10', HEAD_ERR_START_LINE],
    ['a comma in the version', 'GET / HTTP/1,1', HEAD_ERR_START_LINE],
    ['a letter as minor version', 'GET / HTTP/1.x', HEAD_ERR_START_LINE],
    ['HTTP/0.9 spelled out', 'GET / HTTP/0.9', HEAD_ERR_VERSION],
    ['HTTP/2.0', 'GET / HTTP/2.0', HEAD_ERR_VERSION],
    ['HTTP/3', 'GET / HTTP/3', HEAD_ERR_VERSION],
    ['HTTP/9.1', 'GET / HTTP/9.1', HEAD_ERR_VERSION],
    ['two major digits', 'GET / HTTP/11.1', HEAD_ERR_START_LINE],
    ['a NUL in the method', 'GE\0T / HTTP/1.1', HEAD_ERR_METHOD],
    ['a NUL in the target', 'GET /\0 HTTP/1.1', HEAD_ERR_TARGET],
    ['a CR in the target', 'GET /a\rb HTTP/1.1', HEAD_ERR_TARGET],
    ['a LF in the target', 'GET /a\nb HTTP/1.1', HEAD_ERR_TARGET],
    ['a DEL in the target', 'GET /\x7f HTTP/1.1', HEAD_ERR_TARGET],
    ['a CR after the version, and no LF', 'GET / HTTP/1.1\rX', HEAD_ERR_START_LINE],
  ])('refuses %s', (_what, line, code) => {
    expect(scanRequest(line + HOST).code).toBe(code);
  });

  it('refuses a bare LF as its end (RFC 9112 2.2)', () => {
    expect(scanRequest('GET / HTTP/1.1\nHost: shop.test\r\n\r\n').code).toBe(HEAD_ERR_START_LINE);
  });

  it.each([
    ['a TLS hello', '\x16\x03\x01\x02\x00\x01'],
    ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['a PROXY v2 header', '\r\n\r\n\0\r\nQUIT\n!\x11\0\x0c'],
    ['a PROXY v1 header', 'PROXY TCP4 192.0.2.1 192.0.2.2 4000 80\r\n'],
    ['SSH', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['SMTP', 'EHLO mail.test\r\n'],
  ])('refuses %s', (_what, text) => {
    const { code } = scanRequest(text);
    expect(code).toBeGreaterThan(HEAD_OK);
    expect([400, 505]).toContain(statusOf(code));
  });

  it.each([
    ['HTTP/1.0', 0, 'HTTP/1.0'],
    ['HTTP/1.1', 1, 'HTTP/1.1'],
    ['HTTP/1.2', 1, 'HTTP/1.1'],
    ['HTTP/1.9', 1, 'HTTP/1.1'],
  ])('understands %s as minor %i and sends it on as %s (RFC 9110 2.5)', (version, minor, sent) => {
    expect(scanRequest(`GET / ${version}${HOST}`).head.minor).toBe(minor);
    expect(forwarded(`GET / ${version}${HOST}`)).toBe(`GET / ${sent}${HOST}`);
  });

  it.each([1, 2, 7])('skips %i empty lines before it (RFC 9112 2.2)', (lines) => {
    const text = `GET / HTTP/1.1${HOST}`;
    expect(forwarded('\r\n'.repeat(lines) + text)).toBe(text);
  });

  it.each(['\n', '\r\r\n', '\r\n\n', '\n\r', '\r\n '])('refuses %j before it', (junk) => {
    expect(scanRequest(`${junk}GET / HTTP/1.1${HOST}`).code).toBeGreaterThan(HEAD_OK);
  });

  it('is partial without a byte, and after empty lines alone', () => {
    for (const text of ['', '\r', '\r\n', '\r\n\r']) expect(scanRequest(text).code).toBe(HEAD_PARTIAL);
  });
});

describe('request target: bytes (RFC 9112 3.2, RFC 3986)', () => {
  const accepted = (byte: number) => scanRequest(`GET /${String.fromCharCode(byte)} HTTP/1.1${HOST}`).code === HEAD_OK;

  it('takes visible ASCII but not #', () => {
    const taken = Array.from({ length: 256 }, (_, byte) => byte).filter(accepted);
    const visible = Array.from({ length: 0x7e - 0x20 }, (_, i) => 0x21 + i).filter((byte) => byte !== 0x23);
    expect(taken).toEqual(visible);
  });

  it.each(['//other.test/x', '/%00', '/%c0%ae', '/a/../b', '/..\\x', '/?a=b?c', '/*'])(
    'sends %s on as it is',
    (target) => {
      expect(forwarded(`GET ${target} HTTP/1.1${HOST}`)).toBe(`GET ${target} HTTP/1.1${HOST}`);
    },
  );
});
