import { describe, expect, it } from 'vitest';
import { writeClfLine, writeDefaultLine, writeHttpLine, writeTcpLine } from '../../../src/proxy/log/line.ts';
import { LogRecord } from '../../../src/proxy/log/record.ts';
import { parseClf, parseDefault, parseHttp, parseTcp } from './parse.ts';

type Writer = (record: LogRecord, into: Uint8Array, at: number) => number;

function textOf(write: Writer, record: LogRecord, size = 8192): string {
  const into = Buffer.alloc(size, '~');
  const end = write(record, into, 3);
  expect(into.toString('latin1', 0, 3)).toBe('~~~');
  return into.toString('latin1', 3, end);
}

// Lines that haproxy 2.6.12 wrote.
const HTTP_LINES = [
  '127.0.0.1:38080 [20/Nov/2026:10:51:32.392] web web/s1 0/0/0/2/2 200 51 - - --NI 1/1/0/0/0 0/0 "GET /p1?x=1 HTTP/1.1"',
  '127.0.0.1:38104 [20/Nov/2026:10:51:32.451] web web/s1 0/0/0/1/1 200 51 - - --VN 1/1/0/0/0 0/0 "POST /post HTTP/1.1"',
  '127.0.0.1:59726 [20/Nov/2026:10:51:32.001] stats stats/<STATS> 0/0/0/0/0 200 3285 - - LR-- 1/1/0/0/0 0/0 "GET /stats;csv HTTP/1.1"',
  '127.0.0.1:34922 [21/Nov/2026:12:03:26.689] web web/<NOSRV> -1/-1/-1/-1/0 400 0 - - PR-- 2/1/0/0/0 0/0 "<BADREQ>"',
  '::1:46052 [05/Nov/2026:00:03:06.005] web web/s1 0/0/0/0/0 200 76 - - --NI 3/1/0/0/0 0/0 "GET /v6 HTTP/1.1"',
  'unix:3 [21/Nov/2026:12:03:26.715] web web/s1 0/0/0/0/0 200 76 - - --NI 3/1/0/0/0 0/0 "GET /unix HTTP/1.1"',
  '127.0.0.1:34918 [21/Nov/2026:12:03:26.681] web web/s1 0/0/0/0/0 200 76 - - --NI 2/1/0/0/0 0/0 "GET /a#22 HTTP/1.1"',
  '10.200.30.4:65535 [01/Jan/2027:23:59:59.999] a b/c 10/20/30/1/100 200 9007199254740991 - - sQDU 1/22/333/4444/+3 17/18 "x"',
];
const TCP_LINES = [
  '127.0.0.1:51468 [20/Nov/2026:10:51:32.433] tcp1 tcp1/t1 1/0/18 40 -- 2/1/0/0/0 0/0',
  'unix:1 [20/Nov/2026:10:51:32.433] tcp1 tcp1/<NOSRV> -1/-1/5000 0 sQ 2/1/0/0/+3 0/7',
];
const CLF_LINES = [
  '127.0.0.1 - - [21/Nov/2026:12:03:26 +0000] "GET /clf HTTP/1.1" 200 76 "" "" 49894 723 "clf" "clf" "s1" 0 0 0 0 0 ---- 3 1 0 0 0 0 0 "" "" ',
  'unix - - [01/Feb/2026:02:03:06 +0000] "<BADREQ>" 400 76 "" "" 2 032 "clf" "clf" "<NOSRV>" -1 -1 -1 -1 10 PR-- 4 1 0 0 +2 0 0 "" "" ',
];
const DEFAULT_LINES = [
  'Connect from 127.0.0.1:60836 to 127.0.0.1:25006 (def/HTTP)',
  'Connect from ::1:33460 to fe80::2:25008 (def/TCP)',
  'Connect to unix:3 (def/HTTP)',
];

describe('log lines', () => {
  it.each(HTTP_LINES)('httplog: %s', (line) => {
    expect(textOf(writeHttpLine, parseHttp(line))).toBe(line);
  });

  it.each(TCP_LINES)('tcplog: %s', (line) => {
    expect(textOf(writeTcpLine, parseTcp(line))).toBe(line);
  });

  it.each(CLF_LINES)('clf: %s', (line) => {
    expect(textOf(writeClfLine, parseClf(line))).toBe(line);
  });

  it.each(DEFAULT_LINES)('default: %s', (line) => {
    expect(textOf(writeDefaultLine, parseDefault(line))).toBe(line);
  });

  it('escapes every byte of a request line that could break out of it, and no other', () => {
    const record = new LogRecord();
    record.request = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    record.requestLength = 256;
    const text = textOf(writeHttpLine, record);
    const quoted = text.slice(text.indexOf('"') + 1, -1);
    const expected = Array.from({ length: 256 }, (_, byte) => {
      const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x23;
      return plain ? String.fromCharCode(byte) : `#${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    }).join('');
    expect(quoted).toBe(expected);
  });

  it('stays within the buffer, wherever that ends', () => {
    const record = parseHttp(HTTP_LINES[0] ?? '');
    const whole = textOf(writeHttpLine, record);
    const parent = Buffer.alloc(256, '~');
    for (let size = 0; size <= whole.length + 2; size++) {
      const end = writeHttpLine(record, parent.subarray(0, size), 0);
      expect(end).toBe(Math.min(size, whole.length));
      expect(parent.toString('latin1', 0, end)).toBe(whole.slice(0, size));
      expect(parent[size]).toBe(0x7e);
      parent.fill('~');
    }
  });

  it('says after a reset that the stream got nowhere', () => {
    const record = parseHttp(HTTP_LINES[7] ?? '');
    record.reset();
    record.activeConnections = 1;
    record.status = 408;
    record.activeMs = 50;
    record.cause = 'c'.charCodeAt(0);
    record.phase = 'R'.charCodeAt(0);
    expect(textOf(writeHttpLine, record)).toBe(
      '10.200.30.4:65535 [01/Jan/2027:23:59:59.999] a b/<NOSRV> -1/-1/-1/-1/50 408 0 - - cR-- 1/22/333/4444/0 0/0 "<BADREQ>"',
    );
  });
});
