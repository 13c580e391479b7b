import { describe, expect, it } from 'vitest';
import { HEAD_ERR_NO_HOPS, HEAD_OK, statusOf } from '../../src/http1/head.ts';
import { forwarded, scanRequest } from './scanned.ts';

const request = (method: string, ...lines: string[]) =>
  `${method} / HTTP/1.1\r\nHost: s\r\n${lines.map((text) => `${text}\r\n`).join('')}\r\n`;

describe.each(['OPTIONS', 'TRACE'])('Max-Forwards with %s (RFC 9110 7.6.2)', (method) => {
  it.each([
    ['1', '0'],
    ['10', ' 9'],
    ['007', '  6'],
    ['255', '254'],
    ['1000000000', ' 999999999'],
    ['99999999999999999999', `${' '.repeat(11)}999999999`],
  ])('%s is counted down in place', (came, leaves) => {
    expect(forwarded(request(method, `Max-Forwards: ${came}`, 'A: b'))).toBe(
      request(method, `Max-Forwards: ${leaves}`, 'A: b'),
    );
  });

  it.each(['0', '00', ' 0 '])('%j is not passed on: 501, from the last recipient', (value) => {
    const { code } = scanRequest(request(method, `Max-Forwards: ${value}`));
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_NO_HOPS, 501]);
    expect(scanRequest(request(method, 'Max-Forwards: 5', `max-forwards: ${value}`)).code).toBe(HEAD_ERR_NO_HOPS);
  });

  it.each(['', '-1', 'x', '1x', '+1'])('%j is no number and says nothing', (value) => {
    const text = request(method, `Max-Forwards: ${value}`);
    expect(forwarded(text)).toBe(text);
  });
});

it('Max-Forwards means nothing with other methods', () => {
  for (const method of ['GET', 'POST', 'PURGE']) {
    const text = request(method, 'Max-Forwards: 0');
    expect([scanRequest(text).code, forwarded(text)]).toEqual([HEAD_OK, text]);
  }
});
