import { expect, it } from 'vitest';
import { NameCases } from '../../src/http1/name-cases.ts';

const cases = new NameCases([
  ['host', 'HOST'],
  ['content-length', 'Content-length'],
  ['x-a', 'x-A'],
  ['my_id', 'My_ID'],
  ['a~b', 'A~B'],
]);

function adjusted(text: string): string {
  const bytes = Buffer.from(`##${text}##`, 'latin1');
  cases.apply(bytes, 2, bytes.length - 2);
  expect(bytes.toString('latin1').replace(/^##|##$/g, '')).toBe(bytes.toString('latin1', 2, bytes.length - 2));
  return bytes.toString('latin1', 2, bytes.length - 2);
}

it.each([
  ['GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n\r\n', 'GET / HTTP/1.1\r\nHOST: a\r\nx-A: b\r\n\r\n'],
  ['GET host: HTTP/1.1\r\nA: b\r\n\r\n', 'GET host: HTTP/1.1\r\nA: b\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\nCONTENT-LENGTH: 5\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-length: 5\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\nhost:\r\nhosts: host:\r\nhos: x-a:\r\nhost: x-a: 1\r\n\r\n', null],
  [
    'HTTP/1.1 200 OK\r\nMY_id: 1\r\na~b: 2\r\na^b: 3\r\n\r\n',
    'HTTP/1.1 200 OK\r\nMy_ID: 1\r\nA~B: 2\r\na^b: 3\r\n\r\n',
  ],
  ['HTTP/1.1 200 OK\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n'],
])('names are written as they are listed, values and other names stay: %j', (text, expected) => {
  expect(adjusted(text)).toBe(expected ?? text.replaceAll('\nhost:', '\nHOST:'));
});
