import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { BodyPattern, CheckedUrl } from '../../../src/config/l4-model.ts';
import { PageAnswer } from '../../../src/l4/checks/page-answer.ts';

function url(more: Partial<CheckedUrl> = {}): CheckedUrl {
  const statuses = [{ from: 200, to: 299 }];
  return { path: '/', host: null, serverName: null, statuses, digest: null, pattern: null, ...more };
}

function pattern(source: string, more: Partial<BodyPattern> = {}): CheckedUrl {
  return url({ pattern: { source, flags: '', mustMatch: true, fromByte: 0, toByte: null, ...more } });
}

/** Its verdict when all has come, and whether it waited for the end. */
function judged(asked: CheckedUrl, text: string | Buffer, chunkBytes = 1_000_000): string {
  const answer = new PageAnswer(asked);
  const bytes = Buffer.from(text as string, 'latin1');
  let whole = false;
  for (let at = 0; at < bytes.length && !whole; at += chunkBytes)
    whole = answer.take(bytes.subarray(at, at + chunkBytes));
  const { said, why } = answer.verdict();
  return `${said ?? 'good'}: ${why}${whole ? '' : ' (at the end)'}`;
}

const md5 = (text: string) => createHash('md5').update(text, 'latin1').digest('hex');
const OK = 'HTTP/1.1 200 OK\r\n';

describe('the answer of a web server', () => {
  it.each([
    [`${OK}\r\nhello`, 'good: status 200 (at the end)'],
    [`${OK}Content-Length: 5\r\n\r\nhello`, 'good: status 200'],
    [`${OK}CONTENT-length:5\r\n\r\nhello and more`, 'good: status 200'],
    [`${OK}Content-Length: 50\r\n\r\nhello`, 'good: status 200 (at the end)'],
    ['HTTP/1.0 299 So so\r\n\r\n', 'good: status 299 (at the end)'],
    ['HTTP/1.1 503 Sorry\r\n\r\n', 'HTTP status code error to: status 503, expected 200-299 (at the end)'],
    [
      'HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n',
      'HTTP status code error to: status 302, expected 200-299 (at the end)',
    ],
    ['SSH-2.0-OpenSSH_9.2\r\n\r\n', 'HTTP status code error to: no status, expected 200-299 (at the end)'],
    ['HTTP/1.1 2000 OK\r\n\r\n', 'HTTP status code error to: no status, expected 200-299 (at the end)'],
    ['', 'Read, no data received from: it closed the connection without an answer (at the end)'],
    ['HTTP/1.1 200 OK\r\nServer: x\r\n', 'Read, no data received from: its headers do not end (at the end)'],
  ])('%j is %s', (text, expected) => {
    expect(judged(url(), text)).toBe(expected);
  });

  it('reads the same wherever it is cut', () => {
    const body = 'hello, world';
    const text = `${OK}Content-Length: ${body.length}\r\n\r\n${body}`;
    const asked = { ...pattern('w.rld$'), digest: md5(body) };
    for (let size = 1; size <= text.length; size++) expect(judged(asked, text, size)).toBe('good: status 200');
  });

  it('statuses may be named one by one', () => {
    const asked = url({
      statuses: [
        { from: 200, to: 204 },
        { from: 401, to: 401 },
      ],
    });
    expect(judged(asked, 'HTTP/1.1 401 No\r\n\r\n')).toBe('good: status 401 (at the end)');
    const expected = 'HTTP status code error to: status 402, expected 200-204, 401 (at the end)';
    expect(judged(asked, 'HTTP/1.1 402 No\r\n\r\n')).toBe(expected);
  });

  it('a digest is of the body, so far as Content-Length says', () => {
    const asked = url({ digest: md5('hello') });
    expect(judged(asked, `${OK}\r\nhello`)).toBe('good: status 200 (at the end)');
    expect(judged(asked, `${OK}Content-Length: 5\r\n\r\nhello, world`)).toBe('good: status 200');
    const wrong = `MD5 digest error to: digest ${md5('hello!')}, expected ${md5('hello')} (at the end)`;
    expect(judged(asked, `${OK}\r\nhello!`)).toBe(wrong);
    expect(judged(url({ digest: md5('') }), `${OK}\r\n`)).toBe('good: status 200 (at the end)');
  });

  it('a digest of chunks has their sizes in it, as genhash’s has', () => {
    const chunks = '5\r\nhello\r\n0\r\n\r\n';
    const text = `${OK}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
    expect(judged(url({ digest: md5(chunks) }), text)).toBe('good: status 200 (at the end)');
  });

  it.each<[string, Partial<BodyPattern>, boolean]>([
    ['all is well', {}, true],
    ['^all', {}, true],
    ['ALL', {}, false],
    ['ALL', { flags: 'i' }, true],
    ['well$', {}, true],
    ['well', { mustMatch: false }, false],
    ['ill', { mustMatch: false }, true],
    ['all.is', {}, true],
    ['well', { fromByte: 7 }, true],
    ['well', { fromByte: 8 }, false],
    ['well', { toByte: 7 }, true],
    ['well', { toByte: 6 }, false],
    ['.', { fromByte: 1000 }, false],
    ['[[:alpha:]]{4}', {}, true],
    ['\\xe4', {}, true],
  ])('the body `all is well` and a byte more, matched with %s %j: %s', (source, more, good) => {
    const verdict = judged(pattern(source, more), `${OK}\r\nall is well${source === '\\xe4' ? '\xe4' : ''}\n`);
    if (good) expect(verdict).toBe('good: status 200 (at the end)');
    else expect(verdict).toMatch(/^Regex match failed: the body (matches|does not match) '/);
  });

  it('does not read headers or a body without end', () => {
    expect(judged(url(), `${OK}${'X: y\r\n'.repeat(4000)}`, 1000)).toBe(
      'Read, no data received from: its headers do not end',
    );
    const answer = new PageAnswer(url());
    answer.take(Buffer.from(`${OK}\r\n`));
    const chunk = Buffer.alloc(1024 * 1024);
    let taken = 0;
    while (!answer.take(chunk)) taken++;
    expect([taken, answer.verdict().why]).toEqual([64, 'it answers with more than 64 MiB']);
  });

  it.each([true, false])('a text on which a pattern does not end is no good, wanted or not (%s)', (mustMatch) => {
    const answer = `${OK}\r\n${'a'.repeat(60)}!`;
    expect(judged(pattern('^(a+)+$', { mustMatch }), answer)).toBe(
      "Regex match failed: to look for '^(a+)+$' in the body takes too long (at the end)",
    );
  });

  it('looks for a pattern in the first MiB', () => {
    const body = (at: number) => `${OK}\r\n${'.'.repeat(at)}here${'.'.repeat(100)}`;
    expect(judged(pattern('here'), body(1024 * 1024 - 4))).toBe('good: status 200 (at the end)');
    expect(judged(pattern('here'), body(1024 * 1024 - 3))).toMatch(/^Regex match failed/);
  });
});
