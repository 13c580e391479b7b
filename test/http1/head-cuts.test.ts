import { describe, expect, it } from 'vitest';
import { HEAD_OK, HEAD_PARTIAL, type Head } from '../../src/http1/head.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../src/http1/response-head.ts';
import { HEADROOM, keptLines, placed, rewritten } from './scanned.ts';

type Scan = (bytes: Buffer, end: number) => { code: number; head: Head };

const scanRequestTo: Scan = (bytes, end) => {
  const head = new RequestHead();
  return { code: scanRequestHead(head, bytes, HEADROOM, end, 20), head };
};
const scanResponseTo: Scan = (bytes, end) => {
  const head = new ResponseHead();
  return { code: scanResponseHead(head, bytes, HEADROOM, end, 20), head };
};

const GOOD_REQUESTS = [
  'GET / HTTP/1.1\r\nHost: s\r\n\r\n',
  '\r\n\r\nGET /a HTTP/1.4\r\nHost: s\r\n\r\n',
  'GET / HTTP/1.0\r\n\r\n',
  'OPTIONS * HTTP/1.1\r\nHost: s\r\nA: \t b \r\nB:\r\n\r\n',
  'POST http://b.test/x HTTP/1.1\r\nA: b\r\nHost: a.test\r\nContent-Length: 5, 5\r\nContent-Length: 5\r\n\r\n',
  'PUT https://b.test?q HTTP/1.1\r\nHost: a.test\r\nTransfer-Encoding: CHUNKED\r\nExpect: 100-continue\r\n\r\n',
  'CONNECT [::1]:443 HTTP/1.1\r\nHost: [::1]:443\r\n\r\n',
  'GET /chat HTTP/1.1\r\nHost: s\r\nConnection: x-a, Upgrade\r\nUpgrade: h2c, websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nTE: trailers\r\n\r\n',
];

const GOOD_RESPONSES = [
  'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n',
  'HTTP/1.0 200\r\n\r\n',
  'HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\td\r\nConnection: close, x\r\nX: y\r\nE:\r\n f\r\n\r\n',
  'HTTP/1.7 101 Switching\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\nConnection: Upgrade\r\n\r\n',
  'HTTP/1.1 204 None\r\nTransfer-Encoding: chunked\r\n\r\n',
];

/** Each with the part up to which nothing is wrong: one byte more, and it can never become a request. */
const BAD_REQUESTS: [string, string][] = [
  ['', ' GET / HTTP/1.1\r\n'],
  ['\r', '\rGET'],
  ['', '\nGET'],
  ['GET', '\tx'],
  ['GET ', ' / HTTP/1.1\r\n'],
  ['GET ', 'x HTTP/1.1\r\n'],
  ['GET ', '* HTTP/1.1\r\n'],
  ['GET ', 'gopher://x/ HTTP/1.1\r\n'],
  ['GET http', '//x/ HTTP/1.1\r\n'],
  ['GET https:/', 'x/ HTTP/1.1\r\n'],
  ['OPTIONS *', 'x HTTP/1.1\r\n'],
  ['GET /a', '#b HTTP/1.1\r\n'],
  ['GET /a ', 'b HTTP/1.1\r\n'],
  ['GET / H', 'ttp/1.1\r\n'],
  ['GET / HTTP', ' 1.1\r\n'],
  ['GET / HTTP/', '2.0\r\n'],
  ['GET / HTTP/1', ',1\r\n'],
  ['GET / HTTP/1.', 'a\r\n'],
  ['GET / HTTP/1.1', ' \r\n'],
  ['GET / HTTP/1.1', '\n'],
  ['GET / HTTP/1.1\r', 'X'],
  ['GET / HTTP/1.1\r\n', ' A: b\r\n'],
  ['GET / HTTP/1.1\r\n', ': b\r\n'],
  ['GET / HTTP/1.1\r\nA', ' : b\r\n'],
  ['GET / HTTP/1.1\r\nA', '\r\n'],
  ['GET / HTTP/1.1\r\nA: b', '\n'],
  ['GET / HTTP/1.1\r\nA: b', '\0'],
  ['GET / HTTP/1.1\r\nA: b\r', '\r\n'],
  ['GET / HTTP/1.1\r\nA: b\r\n', ' c\r\n'],
  ['GET / HTTP/1.1\r\nHost: s\r\n\r', 'X'],
  ['GET / HTTP/1.1\r\nContent-Length: x\r', '\n\r\n'],
  ['GET / HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r', '\n\r\n'],
  ['GET / HTTP/1.1\r\nTransfer-Encoding: x\r', '\n\r\n'],
  [`GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(20)}`, 'A: b\r\n'],
  ['XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX', 'X / HTTP/1.1\r\n'],
];

const BAD_RESPONSES: [string, string][] = [
  ['', '\r\nHTTP/1.1 200 OK\r\n'],
  ['', '<html>'],
  ['HTTP/1.', 'x'],
  ['HTTP/1.1 ', ' 200 OK\r\n'],
  ['HTTP/1.1 ', '099'],
  ['HTTP/1.1 2', 'x0'],
  ['HTTP/1.1 200', '0 OK'],
  ['HTTP/1.1 200 O', '\0K'],
  ['HTTP/1.1 200 OK\r', 'X'],
  ['HTTP/1.1 200 OK\r\n', ' A: b\r\n'],
  ['HTTP/1.1 200 OK\r\nA: b\r\n c', '\0'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\n', ' 2\r\n'],
];

/** Everything that the caller may read, as one value. */
function meaning(head: Head, bytes: Buffer): unknown {
  const { nameStart, nameEnd, valueStart, valueEnd, lineStart, id, dropped, ...rest } = head;
  const count = head.headerCount;
  const tables = [nameStart.slice(0, count + 1), nameEnd, valueStart, valueEnd, id, dropped].map((table) =>
    Array.from(table.subarray(0, count)),
  );
  return [rest, tables, lineStart[count], keptLines({ code: HEAD_OK, head, bytes }), bytes.toString('latin1')];
}

describe.each([
  ['requests', GOOD_REQUESTS, scanRequestTo],
  ['responses', GOOD_RESPONSES, scanResponseTo],
] as const)('%s, cut at every byte', (_what, texts, scan) => {
  it.each(texts)('%j is partial until its last byte', (text) => {
    const once = placed(text);
    const whole = scan(once, HEADROOM + text.length);
    expect(whole.code).toBe(HEAD_OK);
    // In one buffer, as it fills: a scan that changes bytes must not confuse the scan after it.
    const bytes = placed(text);
    for (let cut = 0; cut < text.length; cut++) {
      expect([cut, scan(bytes, HEADROOM + cut).code]).toEqual([cut, HEAD_PARTIAL]);
    }
    const last = scan(bytes, HEADROOM + text.length);
    expect(last.code).toBe(HEAD_OK);
    expect(meaning(last.head, bytes)).toEqual(meaning(whole.head, once));
  });

  it.each(texts)('%j ends where it ends, whatever follows', (text) => {
    for (const next of ['GET / HTTP/1.1\r\n\r\n', '\r\n', '\0', ' x']) {
      const bytes = placed(text + next);
      const { code, head } = scan(bytes, HEADROOM + text.length + next.length);
      expect([code, head.end]).toEqual([HEAD_OK, HEADROOM + text.length]);
    }
  });

  it.each(texts)('%j means the same after it was rewritten', (text) => {
    const bytes = placed(text);
    const { head, code } = scan(bytes, HEADROOM + text.length);
    const sent = rewritten({ code, head, bytes }, 'X-New: 1\r\n');
    const again = placed(sent);
    const second = scan(again, HEADROOM + sent.length);
    expect(second.code).toBe(HEAD_OK);
    expect([second.head.contentLength, second.head.chunked]).toEqual([head.contentLength, head.chunked]);
    expect(second.head.startLineEdit).toBe(0);
    expect(keptLines({ ...second, bytes: again })).toContain('X-New: 1');
  });
});

describe.each([
  ['requests', BAD_REQUESTS, scanRequestTo],
  ['responses', BAD_RESPONSES, scanResponseTo],
] as const)('bad %s', (_what, texts, scan) => {
  it.each(texts)('%j is partial, and refused with the next byte of %j', (good, bad) => {
    const text = good + bad;
    const bytes = placed(text);
    for (let cut = 0; cut <= good.length; cut++) {
      expect([cut, scan(bytes, HEADROOM + cut).code]).toEqual([cut, HEAD_PARTIAL]);
    }
    const code = scan(bytes, HEADROOM + good.length + 1).code;
    expect(code).toBeGreaterThan(HEAD_OK);
    for (let cut = good.length + 1; cut <= text.length; cut++) {
      const later = scan(bytes, HEADROOM + cut);
      expect([cut, later.code]).toEqual([cut, code]);
      expect(later.head.errorAt).toBeGreaterThanOrEqual(HEADROOM);
      expect(later.head.errorAt).toBeLessThan(HEADROOM + cut);
    }
  });
});
