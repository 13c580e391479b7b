import { describe, expect, it } from 'vitest';
import { HttpAnswerReader, type Reading } from '../../src/health/http-answer.ts';

const read = (text: string, last = false, method = 'GET'): Reading => new HttpAnswerReader(method).read(text, last);

const ANSWERS: readonly (readonly [string, string, string, number, string])[] = [
  ['length', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', 200, 'hello'],
  [
    'chunks',
    'GET',
    'HTTP/1.1 201 C\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n',
    201,
    'hello',
  ],
  ['no body by status', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n', 204, ''],
  ['no body by method', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', 200, ''],
  ['no reason', 'GET', 'HTTP/1.1 302\r\nContent-Length: 0\r\n\r\n', 302, ''],
  ['bare line feeds', 'GET', 'HTTP/1.0 200 OK\nContent-Length: 2\n\nhi', 200, 'hi'],
  ['the same length twice', 'GET', 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nhi', 200, 'hi'],
  ['no headers', 'HEAD', 'HTTP/1.1 200 OK\r\n\r\n', 200, ''],
  ['one in between', 'GET', 'HTTP/1.1 100 Go on\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi', 100, 'hi'],
];

describe('an answer', () => {
  it.each(ANSWERS)('%s, in one piece', (_, method, text, status, body) => {
    expect(read(text, false, method)).toMatchObject({ status, body, complete: true });
  });

  it.each(ANSWERS)('%s, byte by byte', (_, method, text, status, body) => {
    const reader = new HttpAnswerReader(method);
    for (let cut = 0; cut < text.length; cut++) {
      expect(reader.read(text.slice(0, cut), false), `cut at ${cut}`).not.toBe('invalid');
    }
    expect(reader.read(text, false)).toMatchObject({ status, body, complete: true });
  });

  it('without a length ends with the connection', () => {
    const text = 'HTTP/1.0 200 OK\r\n\r\nhel';
    expect(read(text)).toMatchObject({ body: 'hel', complete: false });
    expect(read(text, true)).toMatchObject({ body: 'hel', complete: true });
  });

  it('that is cut off is all that there is', () => {
    const text = 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel';
    expect(read(text, true)).toMatchObject({ body: 'hel', complete: true });
  });

  it('has its headers, folded ones in one line', () => {
    const reading = read('HTTP/1.1 200 OK\r\nX-A: b\r\n  c\r\nx-b:\t\r\n\r\n');
    const headers = typeof reading === 'string' ? [] : reading.headers;
    expect(headers).toEqual([
      { name: 'X-A', value: 'b c' },
      { name: 'x-b', value: '' },
    ]);
  });

  it.each([
    ['other protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['other version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 abc\r\n\r\n'],
    ['text', 'blah blah\r\n\r\n'],
    ['a blank in a name', 'HTTP/1.1 200 OK\r\nX A: b\r\n\r\n'],
    ['a header without a colon', 'HTTP/1.1 200 OK\r\nnonsense\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n'],
    ['a length that is none', 'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n'],
    ['a chunk that is none', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n'],
    ['a chunk that is too long', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nhello\r\n'],
    ['nonsense behind one in between', 'HTTP/1.1 100 Go on\r\n\r\nblah\r\n\r\n'],
  ])('is invalid at once: %s', (_, text) => {
    expect(read(text)).toBe('invalid');
  });

  it.each([
    ['nothing', ''],
    ['half a status line', 'HTTP/1.1 200 O'],
    ['no end of the head', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n'],
  ])('that ends early is invalid: %s', (_, text) => {
    expect(read(text)).toBe('more');
    expect(read(text, true)).toBe('invalid');
  });
});
