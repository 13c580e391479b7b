import { describe, expect, it } from 'vitest';
import { HttpAnswerReader, type Reading } from '../../src/health/http-answer.ts';

const finished = (text: string, method = 'GET'): Reading => {
  const reader = new HttpAnswerReader(method);
  reader.push(Buffer.from(text, 'latin1'));
  return reader.end();
};

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
];

describe('an answer', () => {
  it.each(ANSWERS)('%s, in one piece', (_, method, text, status, body) => {
    const reading = new HttpAnswerReader(method).push(Buffer.from(text));
    expect(reading).toMatchObject({ status, body, complete: true });
  });

  it.each(ANSWERS)('%s, cut at every byte', (_, method, text, status, body) => {
    for (let cut = 1; cut < text.length; cut++) {
      const reader = new HttpAnswerReader(method);
      const first = reader.push(Buffer.from(text.slice(0, cut)));
      expect(first, `cut at ${cut}`).not.toBe('invalid');
      const rest = reader.push(Buffer.from(text.slice(cut)));
      expect(rest, `cut at ${cut}`).toMatchObject({ status, body, complete: true });
    }
  });

  it('without a length ends with the connection', () => {
    const reader = new HttpAnswerReader('GET');
    expect(reader.push(Buffer.from('HTTP/1.0 200 OK\r\n\r\nhel'))).toMatchObject({ body: 'hel', complete: false });
    expect(reader.end()).toMatchObject({ body: 'hel', complete: true });
  });

  it('keeps 16 KiB and calls that all', () => {
    const reader = new HttpAnswerReader('GET');
    const reading = reader.push(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n${'x'.repeat(50_000)}`));
    expect(reading).toMatchObject({ status: 200, complete: true });
    expect(typeof reading === 'string' ? '' : reading.body.length).toBeLessThan(16_384);
  });

  it.each([
    ['other protocol', 'SSH-2.0-OpenSSH\r\n'],
    ['other version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no status', 'HTTP/1.1 abc\r\n\r\n'],
    ['text', 'blah blah\r\n\r\n'],
  ])('is invalid at once: %s', (_, text) => {
    expect(new HttpAnswerReader('GET').push(Buffer.from(text))).toBe('invalid');
  });

  it.each([
    ['nothing', ''],
    ['half a status line', 'HTTP/1.1 200 O'],
    ['no end of the head', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n'],
  ])('that ends early is invalid: %s', (_, text) => {
    expect(finished(text)).toBe('invalid');
  });
});
