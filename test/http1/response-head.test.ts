import { describe, expect, it } from 'vitest';
import {
  HEAD_ERR_CODING,
  HEAD_ERR_FIELD,
  HEAD_ERR_FOLD,
  HEAD_ERR_LENGTH,
  HEAD_ERR_NOT_IMPLEMENTED,
  HEAD_ERR_RESPONSE,
  HEAD_ERR_START_LINE,
  HEAD_ERR_TOO_MANY_HEADERS,
  HEAD_ERR_VERSION,
  HEAD_OK,
  HEAD_PARTIAL,
  statusOf,
} from '../../src/http1/head.ts';
import { answered, keptLines, scanResponse, slice } from './scanned.ts';

const response = (line: string, ...lines: string[]) => `${line}\r\n${lines.map((text) => `${text}\r\n`).join('')}\r\n`;
const OK = 'HTTP/1.1 200 OK';

describe('status line (RFC 9112 4)', () => {
  it.each([
    ['HTTP/1.1 200 OK', 200, 'OK', 'HTTP/1.1 200 OK'],
    ['HTTP/1.0 404 Not Found', 404, 'Not Found', 'HTTP/1.0 404 Not Found'],
    ['HTTP/1.3 200 OK', 200, 'OK', 'HTTP/1.1 200 OK'],
    ['HTTP/1.1 200 ', 200, '', 'HTTP/1.1 200 '],
    ['HTTP/1.1 200', 200, '', 'HTTP/1.1 200 '],
    ['HTTP/1.1 100 Continue', 100, 'Continue', 'HTTP/1.1 100 Continue'],
    ['HTTP/1.1 599 X', 599, 'X', 'HTTP/1.1 599 X'],
    ['HTTP/1.1 999 Too\tmuch', 999, 'Too\tmuch', 'HTTP/1.1 999 Too\tmuch'],
    ['HTTP/1.1 200 \u00fcber', 200, '\u00fcber', 'HTTP/1.1 200 \u00fcber'],
    ['HTTP/1.1 200  two', 200, ' two', 'HTTP/1.1 200  two'],
  ])('%j', (line, status, reason, sent) => {
    const scanned = scanResponse(response(line, 'A: b'));
    expect([scanned.code, scanned.head.status]).toEqual([HEAD_OK, status]);
    expect(slice(scanned, scanned.head.reasonStart, scanned.head.reasonEnd)).toBe(reason);
    expect(answered(response(line, 'A: b'))).toBe(response(sent, 'A: b'));
    expect(answered(response(line, 'A: b', 'Connection: close', 'C: d'), 'X: y\r\n')).toBe(
      response(sent, 'A: b', 'C: d', 'X: y'),
    );
  });

  it.each([
    ['HTTP/1.1  200 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1\t200 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 2000 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 20 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 abc OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 000 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 099 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 -20 OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 200\tOK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 200OK', HEAD_ERR_START_LINE],
    ['HTTP/1.1 200 O\0K', HEAD_ERR_START_LINE],
    ['HTTP/1.1 200 O\rK', HEAD_ERR_START_LINE],
    ['HTTP/1.1', HEAD_ERR_START_LINE],
    ['http/1.1 200 OK', HEAD_ERR_START_LINE],
    ['ICY 200 OK', HEAD_ERR_START_LINE],
    [' HTTP/1.1 200 OK', HEAD_ERR_START_LINE],
    ['\r\nHTTP/1.1 200 OK', HEAD_ERR_START_LINE],
    ['HTTP/2.0 200 OK', HEAD_ERR_VERSION],
    ['HTTP/2 200', HEAD_ERR_VERSION],
    ['HTTP/0.9 200 OK', HEAD_ERR_VERSION],
    ['<html>', HEAD_ERR_START_LINE],
  ])('refuses %j, and that is 502', (line, code) => {
    expect(scanResponse(response(line)).code).toBe(HEAD_ERR_RESPONSE + code);
    expect(statusOf(HEAD_ERR_RESPONSE + code)).toBe(502);
  });

  it('refuses a bare LF as line end', () => {
    expect(scanResponse('HTTP/1.1 200 OK\nContent-Length: 0\n\n').code).toBe(HEAD_ERR_RESPONSE + HEAD_ERR_START_LINE);
  });
});

describe('fields of a response', () => {
  it.each([
    ['a blank inside a name', 'Content Length: 2', HEAD_ERR_FIELD],
    ['a blank instead of a colon', 'Content-Length 2', HEAD_ERR_FIELD],
    ['a CR before a colon', 'Content-Length \r: 2', HEAD_ERR_FIELD],
    ['no name', ' : 2', HEAD_ERR_FOLD],
    ['no colon', 'garbage', HEAD_ERR_FIELD],
    ['a CR in a value', 'A: b\rc', HEAD_ERR_FIELD],
    ['a NUL in a value', 'A: b\0c', HEAD_ERR_FIELD],
    ['a folded length', 'Content-Length: 1\r\n 2', HEAD_ERR_FOLD],
    ['a length folded away', 'Content-Length:\r\n 2', HEAD_ERR_LENGTH],
    ['a folded coding', 'Transfer-Encoding: chunked\r\n , gzip', HEAD_ERR_FOLD],
    ['a folded Connection', 'Connection: close\r\n , x', HEAD_ERR_FOLD],
    ['a CR in a folded line', 'A: b\r\n c\rd', HEAD_ERR_FIELD],
    ['a NUL in a folded line', 'A: b\r\n c\0', HEAD_ERR_FIELD],
    ['an invalid length', 'Content-Length: 2x', HEAD_ERR_LENGTH],
    ['a list of lengths that differ', 'Content-Length: 2, 3', HEAD_ERR_LENGTH],
    ['two lengths that differ', 'Content-Length: 2\r\nContent-Length: 3', HEAD_ERR_LENGTH],
    ['an unknown coding', 'Transfer-Encoding: gzip', HEAD_ERR_NOT_IMPLEMENTED],
    ['a coding before chunked', 'Transfer-Encoding: gzip, chunked', HEAD_ERR_NOT_IMPLEMENTED],
    ['chunked twice', 'Transfer-Encoding: chunked, chunked', HEAD_ERR_CODING],
  ])('%s is 502', (_what, line, code) => {
    expect(scanResponse(response(OK, line)).code).toBe(HEAD_ERR_RESPONSE + code);
  });

  it('a blank before the first field is 502', () => {
    expect(scanResponse(response(OK, ' A: b')).code).toBe(HEAD_ERR_RESPONSE + HEAD_ERR_FOLD);
  });

  it('more fields than the limit are 502', () => {
    const { code } = scanResponse(response(OK, 'A: b', 'C: d', 'E: f'), 2);
    expect([code, statusOf(code)]).toEqual([HEAD_ERR_RESPONSE + HEAD_ERR_TOO_MANY_HEADERS, 502]);
  });

  it.each([
    ['A: b\r\n c', 'A: b   c'],
    ['A: b \r\n\t c', 'A: b   \t c'],
    ['A:\r\n c', 'A:   c'],
    ['A: b\r\n c\r\n d', 'A: b   c   d'],
    ['A: b\r\n   ', 'A: b     '],
  ])('folded lines are joined with spaces: %j (RFC 9112 5.2)', (line, sent) => {
    expect(answered(response(OK, line, 'C: d'))).toBe(response(OK, sent, 'C: d'));
    const scanned = scanResponse(response(OK, line, 'C: d'));
    const value = /^A: *(.*?) *$/.exec(sent)?.[1];
    expect(keptLines(scanned)).toEqual([`A: ${value}`, 'C: d']);
  });

  it.each([
    ['A : b', 'A:  b'],
    ['A \t : b', 'A:    b'],
    ['A\t:b', 'A: b'],
    ['Content-Length : 2', 'Content-Length:  2'],
    ['Transfer-Encoding\t: Chunked', 'Transfer-Encoding:  chunked'],
    ['A :', 'A: '],
  ])('blanks before a colon stand behind it: %j (RFC 9112 5.1)', (line, sent) => {
    expect(answered(response(OK, line, 'C: d'))).toBe(response(OK, sent, 'C: d'));
    const text = response(OK, line);
    for (let cut = 1; cut < text.length; cut++) expect(scanResponse(text.slice(0, cut)).code).toBe(HEAD_PARTIAL);
  });

  it('blanks before a colon hide no length', () => {
    const { head } = scanResponse(response(OK, 'Content-Length : 2'));
    expect(head.contentLength).toBe(2);
    expect(scanResponse(response(OK, 'Content-Length : 2', 'Content-Length: 3')).code).toBe(
      HEAD_ERR_RESPONSE + HEAD_ERR_LENGTH,
    );
  });

  it('a folded line that is dropped goes as a whole', () => {
    expect(answered(response(OK, 'A: b', 'Keep-Alive: a\r\n b', 'C: d'))).toBe(response(OK, 'A: b', 'C: d'));
  });

  it('two Host lines are nobody’s business', () => {
    expect(scanResponse(response(OK, 'Host: a', 'Host: b')).code).toBe(HEAD_OK);
  });
});

describe('framing of a response (RFC 9112 6.3)', () => {
  it('is a length, chunks, or the end of the connection', () => {
    const framing = (...lines: string[]) => {
      const { head } = scanResponse(response(OK, ...lines));
      return [head.contentLength, head.chunked, head.mustClose];
    };
    expect(framing('Content-Length: 2')).toEqual([2, false, false]);
    expect(framing('Transfer-Encoding: chunked')).toEqual([-1, true, false]);
    expect(framing()).toEqual([-1, false, false]);
  });

  it('drops the length beside chunked, and the connection after it', () => {
    for (const lines of [
      ['Content-Length: 3', 'Transfer-Encoding: chunked'],
      ['Transfer-Encoding: chunked', 'Content-Length: 3', 'Content-Length: 3'],
    ]) {
      const scanned = scanResponse(response(OK, ...lines));
      expect([scanned.code, scanned.head.contentLength, scanned.head.chunked]).toEqual([HEAD_OK, -1, true]);
      expect(scanned.head.mustClose).toBe(true);
      expect(keptLines(scanned)).toEqual(['Transfer-Encoding: chunked']);
    }
  });

  it('passes equal lengths on as one', () => {
    expect(answered(response(OK, 'Content-Length: 2', 'content-length: 2'))).toBe(response(OK, 'Content-Length: 2'));
  });

  it('passes a 1xx of HTTP/1.0 on as its own, because there clients end with it (RFC 9110 15.2; found by fuzzing)', () => {
    expect(answered(response('HTTP/1.0 103 Early Hints', 'Link: </x>'))).toBe(
      response('HTTP/1.1 103 Early Hints', 'Link: </x>'),
    );
    expect(answered(response('HTTP/1.0 200 OK', 'X: y'))).toBe(response('HTTP/1.0 200 OK', 'X: y'));
  });

  it('refuses chunks from a server that speaks HTTP/1.0 (RFC 9112 6.1)', () => {
    const { code } = scanResponse(response('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked'));
    expect(code).toBe(HEAD_ERR_RESPONSE + HEAD_ERR_CODING);
  });

  it.each([
    ['HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked', true],
    ['HTTP/1.1 204 No Content', 'Content-Length: 5', true],
    ['HTTP/1.1 204 No Content', 'Content-Length: 0', false],
    ['HTTP/1.1 100 Continue', 'Content-Length: 5', true],
    ['HTTP/1.1 103 Early Hints', 'Transfer-Encoding: chunked', true],
    ['HTTP/1.1 101 Switching Protocols', 'Content-Length: 0', false],
  ])('is not announced in %s: %s goes', (line, field, mustClose) => {
    const scanned = scanResponse(response(line, 'A: b', field));
    const { head } = scanned;
    expect([scanned.code, head.contentLength, head.chunked, head.mustClose]).toEqual([HEAD_OK, -1, false, mustClose]);
    expect(keptLines(scanned)).toEqual(['A: b']);
  });

  it('of 304 stays: it is about the response to a GET', () => {
    expect(keptLines(scanResponse(response('HTTP/1.1 304 Not Modified', 'Content-Length: 5')))).toHaveLength(1);
  });
});

describe('fields of this hop in a response', () => {
  it('go', () => {
    const scanned = scanResponse(response(OK, 'Connection: keep-alive, x', 'Keep-Alive: max=5', 'X: y', 'A: b'));
    expect(scanned.head.keepAliveToken).toBe(true);
    expect(keptLines(scanned)).toEqual(['A: b']);
  });

  it('leave Upgrade in 101 if Connection says so', () => {
    const switching = scanResponse(response('HTTP/1.1 101 S', 'Upgrade: raw', 'Connection: Upgrade'));
    expect([switching.head.upgrade, keptLines(switching)]).toEqual([true, ['Upgrade: raw']]);
    const half = scanResponse(response('HTTP/1.1 101 S', 'Upgrade: raw'));
    expect([half.head.upgrade, keptLines(half)]).toEqual([false, []]);
    const h2c = scanResponse(response('HTTP/1.1 101 S', 'Upgrade: h2c', 'Connection: Upgrade'));
    expect([h2c.head.upgrade, keptLines(h2c)]).toEqual([false, []]);
  });

  it('leave Upgrade in 426, which has to name the protocol, and nowhere else', () => {
    const fields = ['Upgrade: h2c, foo', 'Connection: Upgrade'];
    const required = scanResponse(response('HTTP/1.1 426 Upgrade Required', ...fields));
    expect([required.head.upgrade, keptLines(required)]).toEqual([false, ['Upgrade: foo']]);
    const advertised = scanResponse(response(OK, ...fields));
    expect([advertised.head.upgrade, keptLines(advertised)]).toEqual([false, []]);
  });

  it('counts cookies that are set', () => {
    expect(scanResponse(response(OK, 'Set-Cookie: a=b', 'A: b', 'set-cookie: c=d')).head.setCookieCount).toBe(2);
  });
});
