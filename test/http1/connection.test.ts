import { describe, expect, it } from 'vitest';
import { HEAD_OK } from '../../src/http1/head.ts';
import { forwarded, keptLines, scanRequest, scanResponse } from './scanned.ts';

const request = (...lines: string[]) =>
  `GET / HTTP/1.1\r\nHost: s\r\n${lines.map((text) => `${text}\r\n`).join('')}\r\n`;
const kept = (...lines: string[]) => keptLines(scanRequest(request(...lines))).slice(1);

describe('Connection (RFC 9110 7.6.1)', () => {
  it.each([
    ['close', true, false, false],
    ['CLOSE', true, false, false],
    ['keep-alive', false, true, false],
    ['Keep-Alive', false, true, false],
    ['keep-alive, close', true, true, false],
    ['close,keep-alive', true, true, false],
    [' , ,close\t,', true, false, false],
    ['x, \tclose ', true, false, false],
    ['upgrade', false, false, true],
    ['keep-alive,Upgrade', false, true, true],
    ['', false, false, false],
    ['closed', false, false, false],
    ['clos', false, false, false],
    ['close;x', false, false, false],
    ['"close"', false, false, false],
    ['clo se', false, false, false],
  ])('%j', (value, close, keepAlive, upgrade) => {
    const { code, head } = scanRequest(request(`Connection: ${value}`));
    expect(code).toBe(HEAD_OK);
    expect([head.closeToken, head.keepAliveToken, head.upgradeToken]).toEqual([close, keepAlive, upgrade]);
  });

  it('adds up over lines', () => {
    const { head } = scanRequest(request('Connection: keep-alive', 'A: b', 'connection: close'));
    expect([head.closeToken, head.keepAliveToken]).toEqual([true, true]);
  });

  it('is not passed on, nor are the other fields of this hop', () => {
    expect(
      kept('Connection: close', 'Keep-Alive: timeout=5', 'A: b', 'Proxy-Connection: keep-alive', 'TE: gzip', 'C: d'),
    ).toEqual(['A: b', 'C: d']);
  });

  it('takes with it what it nominates, wherever that stands', () => {
    expect(kept('X-Foo: 1', 'Connection: x-foo , X-BAR', 'A: b', 'X-Bar: 2', 'x-foo: 3', 'X-Food: 4')).toEqual([
      'A: b',
      'X-Food: 4',
    ]);
    expect(kept('Connection: close', 'Connection: x-foo', 'X-Foo: 1', 'A: b')).toEqual(['A: b']);
    expect(kept('Connection: close;x, x-foo;y', 'X-Foo: 1')).toEqual(['X-Foo: 1']);
  });

  it('cannot take away what frames the message or is for all recipients', () => {
    const lines = [
      'Content-Length: 5',
      'Cookie: a=b',
      'Authorization: Basic eDp5',
      'X-Forwarded-For: 192.0.2.1',
      'X-Forwarded-Proto: https',
      'Forwarded: for=192.0.2.1',
      'Cache-Control: no-cache',
      'Content-Type: text/plain',
    ];
    const names = lines.map((line) => line.slice(0, line.indexOf(':')));
    expect(kept(`Connection: close, host, ${names.join(', ')}`, ...lines)).toEqual(lines);
    const chunked = scanRequest(request('Connection: transfer-encoding', 'Transfer-Encoding: chunked'));
    expect([chunked.head.chunked, keptLines(chunked)]).toEqual([true, ['Host: s', 'Transfer-Encoding: chunked']]);
    const response = scanResponse(
      'HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nConnection: set-cookie, date\r\nDate: x\r\n\r\n',
    );
    expect(keptLines(response)).toEqual(['Set-Cookie: a=b', 'Date: x']);
  });

  it('lets TE pass that says no more than trailers', () => {
    expect(kept('TE: trailers', 'Connection: TE')).toEqual(['TE: trailers']);
    expect(kept('TE: Trailers')).toEqual(['TE: Trailers']);
    expect(kept('TE: trailers, gzip')).toEqual([]);
    expect(kept('TE:')).toEqual([]);
  });

  it('costs time in proportion to its length', () => {
    const tokens = Array.from({ length: 4000 }, (_, i) => `x${i.toString(36)}`).join(',');
    const fields = Array.from({ length: 95 }, (_, i) => `Y${i}: z`);
    const scanned = scanRequest(request(`Connection: ${tokens},y7`, ...fields));
    expect(scanned.code).toBe(HEAD_OK);
    expect(keptLines(scanned)).toHaveLength(95);
  });
});

describe('Upgrade (RFC 9110 7.8)', () => {
  const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==';
  const websocket = ['Connection: Upgrade', 'Upgrade: websocket'];

  it('stays in a GET that asks for it on both lines', () => {
    const scanned = scanRequest(request(...websocket, key));
    expect([scanned.code, scanned.head.upgrade]).toEqual([HEAD_OK, true]);
    expect(keptLines(scanned)).toEqual(['Host: s', 'Upgrade: websocket', key]);
  });

  it.each([
    ['without the option', request('Upgrade: websocket')],
    ['with another option', request('Connection: close', 'Upgrade: websocket')],
    ['without a protocol', request('Connection: upgrade', 'Upgrade:')],
    ['in HTTP/1.0', request(...websocket).replace('HTTP/1.1', 'HTTP/1.0')],
    ['in a POST', request(...websocket).replace('GET', 'POST')],
    ['with content', request(...websocket, 'Content-Length: 5')],
    ['with chunked content', request(...websocket, 'Transfer-Encoding: chunked')],
    ['to h2c', request('Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABk')],
    ['to H2C, nominated or not', request('Connection: Upgrade', 'Upgrade: H2C, h2', 'HTTP2-Settings: AAMAAABk')],
  ])('goes %s', (_what, text) => {
    const scanned = scanRequest(text);
    expect([scanned.code, scanned.head.upgrade]).toEqual([HEAD_OK, false]);
    expect(keptLines(scanned).join('\n')).not.toMatch(/upgrade|h2|http2/i);
  });

  it('is not there without its line', () => {
    const { head } = scanRequest(request('Connection: upgrade'));
    expect([head.upgrade, head.upgradeToken, head.hasUpgrade]).toEqual([false, true, false]);
  });

  it('loses h2c from its list and keeps the rest', () => {
    for (const [offered, sent] of [
      ['websocket, h2c', 'websocket'],
      ['h2c,websocket', 'websocket'],
      ['h2c , , foo/1 ,h2, \tbar', 'foo/1,bar'],
      ['a, b', 'a,b'],
    ] as const) {
      const text = forwarded(request('Connection: upgrade', `Upgrade: ${offered}`, key));
      expect(text).toBe(request(`Upgrade: ${sent.padEnd(offered.length)}`, key));
    }
  });

  it('that is kept is not taken away by being nominated', () => {
    expect(kept('Connection: upgrade, Upgrade', 'Upgrade: raw')).toEqual(['Upgrade: raw']);
  });
});
