/** An error file must be one response that ends where it says: else it desynchronizes the clients behind it. */
import { describe, expect, it } from 'vitest';
import { responseFault } from '../../../src/config/haproxy/error-files.ts';

const fault = (text: string) => responseFault(Buffer.from(text, 'latin1'));

describe('an error file', () => {
  it.each([
    '',
    'HTTP/1.0 503 Service Unavailable\r\n\r\n',
    'HTTP/1.0 503 Service Unavailable\r\nconnection: close\r\n\r\n<html>',
    'HTTP/1.1 503 X\nContent-Length: 2\n\nok',
    'HTTP/1.1 503\r\ncontent-length: 0\r\n\r\n',
  ])('may be %j', (text) => {
    expect(fault(text)).toBeNull();
  });

  it.each([
    '<html>sorry</html>',
    'HTTP/1.0 503 no empty line\r\n',
    'HTTP/1.0 sorry\r\n\r\n',
    'HTTP/1.1 503 X\r\ncontent-length: 3\r\n\r\nok',
    'HTTP/1.1 503 X\r\ncontent-length: x\r\n\r\nok',
    'HTTP/1.1 503 X\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\n\r\n',
    'HTTP/1.1 503 X\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'HTTP/1.1 503 X\r\nno header\r\n\r\n',
    'HTTP/1.1 503 X\r\nbad name : x\r\n\r\n',
  ])('must not be %j', (text) => {
    expect(fault(text)).not.toBeNull();
  });
});
