import { describe, expect, it } from 'vitest';
import { headSize, responseSize, usualHeadSize } from '../../../src/proxy/log/htx-size.ts';
import { scanRequest, scanResponse } from '../../http1/scanned.ts';

// Figures of HAProxy 2.6: 20 for the start line and its parts, names and values, 1 for the end of the headers.
describe('the size that HAProxy logs', () => {
  it.each([
    ['HTTP/1.1 200 OK\r\n\r\n', 20 + 8 + 3 + 2 + 1],
    ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n', 20 + 8 + 3 + 2 + 14 + 1 + 1],
    ['HTTP/1.1 200 OK\r\nA:   b  \r\nC:\r\n\r\n', 20 + 13 + 1 + 1 + 1 + 1],
  ])('of the response %j is %i', (text, expected) => {
    const { head, bytes } = scanResponse(text);
    expect(headSize(head, bytes)).toBe(expected);
    expect(responseSize(text.slice(0, text.indexOf('\r\n\r\n')), 0)).toBe(expected);
  });

  it('of a request leaves out empty lines before it', () => {
    const { head, bytes } = scanRequest('\r\n\r\nGET /x HTTP/1.1\r\nHost: a\r\n\r\n');
    expect(headSize(head, bytes)).toBe(20 + 3 + 2 + 8 + 4 + 1 + 1);
  });

  it.each([
    ['close', 0],
    ['Keep-Alive', 0],
    ['close, keep-alive', 0],
    ['upgrade', 10 + 7],
    ['keep-alive, Upgrade', 10 + 7],
    ['a ,close,b', 10 + 3],
  ])('of a message counts Connection: %s as %i', (value, expected) => {
    const { head, bytes } = scanResponse(`HTTP/1.1 200 OK\r\nConnection: ${value}\r\n\r\n`);
    expect(headSize(head, bytes)).toBe(20 + 8 + 3 + 2 + 1 + expected);
  });

  it.each(['', 'Host: a\r\n', 'Host: a\r\nAccept: */*\r\nConnection: close\r\n', 'Connection: keep-alive, x\r\n'])(
    'of a request with the usual blanks is known without looking at its headers: %j',
    (fields) => {
      const { head, bytes } = scanRequest(`\r\nGET /x HTTP/1.1\r\n${fields}\r\nbody`);
      expect(usualHeadSize(head, bytes)).toBe(headSize(head, bytes));
    },
  );

  it('of a response of our own counts its body', () => {
    expect(responseSize('HTTP/1.1 200 OK', 100)).toBe(20 + 13 + 1 + 100);
  });
});
