import { describe, expect, it } from 'vitest';
import { HEAD_OK, HEAD_PARTIAL, type Head, statusOf } from '../../src/http1/head.ts';
import { HEADROOM, keptLines, Lcg, rewritten, type Scanned, scanRequest, scanResponse } from './scanned.ts';

const random = new Lcg(0x7a4de3);
const often = <T>(usual: T, ...others: T[]): T => (random.below(12) > 0 ? usual : random.pick(others));

const NAMES = [
  'Host',
  'Content-Length',
  'Transfer-Encoding',
  'Connection',
  'TE',
  'Upgrade',
  'Expect',
  'Cookie',
  'X-A',
  'x-b',
];
const VALUES: Record<string, string[]> = {
  Host: ['a.test', 'a.test:80', '[::1]', '', 'a@b', 'a,b'],
  'Content-Length': ['0', '5', '5, 5', '05', '', '5x', '99999999999999999999'],
  'Transfer-Encoding': ['chunked', 'Chunked', 'gzip, chunked', 'chunked, chunked', '', 'xchunked'],
  Connection: ['close', 'keep-alive', 'upgrade', 'x-a, X-B', 'content-length, host', 'TE,,close'],
  TE: ['trailers', 'gzip'],
  Upgrade: ['websocket', 'h2c', 'h2c, websocket'],
  Expect: ['100-continue', 'x'],
};

function fieldLine(): string {
  const name = random.pick(NAMES);
  const value = random.pick(VALUES[name] ?? ['b', '', 'two words', 'caf\u00e9', '\t']);
  const cased = often(name, name.toLowerCase(), name.toUpperCase());
  return `${cased}${often(':', ' :', ':\t')}${often(' ', '', '  ')}${value}${often('', ' ', '\t')}${often('\r\n', '\n', '\r\n ', '\r')}`;
}

function fields(): string {
  let text = often('Host: a.test\r\n', '');
  for (let lines = random.below(5); lines > 0; lines--) text += fieldLine();
  return `${text}${often('\r\n', '\n', '')}`;
}

function request(): string {
  const method = often(random.pick(['GET', 'POST', 'OPTIONS', 'TRACE']), 'CONNECT', 'get', 'M-X', '');
  const target = often(
    '/x?y',
    '*',
    'http://b.test/x',
    'HTTP://b.test:8080',
    'https://b.test?q',
    'b.test:443',
    '//b',
    '',
  );
  const version = often('HTTP/1.1', 'HTTP/1.0', 'HTTP/1.5', 'HTTP/2.0', 'http/1.1');
  return `${often('', '\r\n')}${method} ${target} ${version}${often('\r\n', '\n')}${fields()}`;
}

function response(): string {
  const status = often('200', '204', '101', '304', '426', '100', '099', '20');
  return `${often('HTTP/1.1', 'HTTP/1.0', 'HTTP/1.3')} ${status}${often(' OK', '', ' ')}\r\n${fields()}`;
}

/** One byte of the text replaced, removed or doubled. */
function damaged(text: string): string {
  const at = random.below(text.length);
  const byte = String.fromCharCode(random.pick([0, 9, 10, 13, 32, 44, 58, 127, 255, random.below(256)]));
  return text.slice(0, at) + byte + text.slice(at + random.below(2));
}

/** What must be true of every head that goes out, read without any of our code. */
function expectSound(sent: string, isRequest: boolean): void {
  expect(sent.endsWith('\r\n\r\n')).toBe(true);
  const [start, ...lines] = sent.slice(0, -4).split('\r\n');
  if (isRequest) expect(start).toMatch(/^[\w!#$%&'*+.^`|~-]+ [!-~]+ HTTP\/1\.[01]$/);
  else expect(start).toMatch(/^HTTP\/1\.[01] [1-9]\d\d [\t -~\x80-\xff]*$/);
  for (const line of lines) expect(line).toMatch(/^[\w!#$%&'*+.^`|~-]+:[\t -~\x80-\xff]*$/);
  const named = (name: string) => lines.filter((line) => line.toLowerCase().startsWith(`${name}:`));
  const lengths = named('content-length');
  const codings = named('transfer-encoding');
  expect(lengths.length + codings.length).toBeLessThanOrEqual(1);
  for (const line of lengths) expect(line).toMatch(/^[^:]+:[ \t]*\d+[ \t]*$/);
  for (const line of codings) expect(line).toMatch(/^[^:]+:[ \t]*chunked[ \t]*$/);
  expect(named('connection')).toEqual([]);
  for (const line of named('upgrade')) expect(line).not.toMatch(/h2c/i);
  if (!isRequest) return;
  expect(named('host').length).toBeLessThanOrEqual(1);
  if (start?.endsWith('1')) expect(named('host')).toHaveLength(1);
  if (start?.startsWith('CONNECT ')) return;
  expect(start).toMatch(/^\S+ (\/|\* )/);
}

function expectInRange({ head, bytes }: Scanned<Head>): void {
  const offsets = [head.start, head.lineEnd];
  for (let i = 0; i < head.headerCount; i++) {
    for (const table of [head.nameStart, head.nameEnd, head.valueStart, head.valueEnd])
      offsets.push(table[i] as number);
  }
  offsets.push(head.lineStart[head.headerCount] as number, head.end);
  expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
  expect(head.start).toBeGreaterThanOrEqual(HEADROOM);
  expect(head.end).toBeLessThanOrEqual(bytes.length - 32);
}

function check(text: string, scan: (text: string) => Scanned<Head>, isRequest: boolean): boolean {
  const scanned = scan(text);
  const { code, head, bytes } = scanned;
  if (code !== HEAD_OK) {
    if (code !== HEAD_PARTIAL) expect(statusOf(code)).toBeGreaterThanOrEqual(400);
    return false;
  }
  expectInRange(scanned);
  const rest = bytes.subarray(head.end).toString('latin1');
  const kept = keptLines(scanned);
  const framing = [head.contentLength, head.chunked, head.minor];
  const insert = random.pick(['', 'x-f: 1\r\n', `x-f: ${'1'.repeat(40)}\r\n`]);
  const sent = rewritten(scanned, insert);
  expectSound(sent, isRequest);
  expect(bytes.subarray(head.end).toString('latin1')).toBe(rest);
  // The result means the same to a second scan, and is already in its final form.
  const again = scan(sent);
  expect([again.code, again.head.contentLength, again.head.chunked, again.head.minor]).toEqual([HEAD_OK, ...framing]);
  // Host may come from the target, and Upgrade without our Connection line is none.
  const isCopied = (line: string) => !/^(x-f|host|upgrade):/i.test(line);
  expect(keptLines(again).filter(isCopied)).toEqual(kept.filter(isCopied));
  return true;
}

describe('heads, fuzzed with a seed', () => {
  it.each([
    ['requests', request, scanRequest, true],
    ['responses', response, scanResponse, false],
  ] as const)(
    '%s that are accepted are sound, and mean the same when they are scanned again',
    (_what, make, scan, isRequest) => {
      let accepted = 0;
      for (let round = 0; round < 2500; round++) {
        const text = make();
        if (check(text, scan, isRequest)) accepted++;
        if (check(damaged(text), scan, isRequest)) accepted++;
      }
      // A fuzz that is always refused tests nothing.
      expect(accepted).toBeGreaterThan(700);
    },
  );

  it('does not fall over noise', () => {
    for (let round = 0; round < 800; round++) {
      const noise = Array.from({ length: random.below(60) }, () => String.fromCharCode(random.below(256))).join('');
      for (const start of ['', 'GET / HTTP/1.1\r\n', 'HTTP/1.1 200 OK\r\n', 'GET ']) {
        check(start + noise, scanRequest, true);
        check(start + noise, scanResponse, false);
      }
    }
  });
});
