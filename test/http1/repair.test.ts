import { describe, expect, it } from 'vitest';
import { FORGIVES_INVALID, FORGIVES_NOTHING, FORGIVES_UNSAFE } from '../../src/http1/forgiveness.ts';
import { HEAD_ERR_TOO_LARGE, HEAD_OK, HEAD_PARTIAL } from '../../src/http1/head.ts';
import { HeadRepair } from '../../src/http1/repair.ts';
import { RequestHead, scanRequestHead } from '../../src/http1/request-head.ts';
import { ResponseHead, scanResponseHead } from '../../src/http1/response-head.ts';
import { HEADROOM, Lcg, placed, rewritten } from './scanned.ts';

interface Repaired {
  readonly code: number;
  /** What goes on; '' if nothing does. */
  readonly text: string;
  readonly bytes: Buffer;
  readonly head: RequestHead | ResponseHead;
  readonly repair: HeadRepair;
}

const ROOM = 64;

function request(text: string, forgives = FORGIVES_INVALID, room = ROOM): Repaired {
  const bytes = placed(text);
  const head = new RequestHead();
  const repair = new HeadRepair(16384);
  const end = HEADROOM + text.length;
  let code = scanRequestHead(head, bytes, HEADROOM, end, 100);
  if (code > HEAD_OK) code = repair.request(head, code, forgives, bytes, HEADROOM, end, room, 100);
  return { code, text: code === HEAD_OK ? rewritten({ code, head, bytes }) : '', bytes, head, repair };
}

function response(text: string, forgives = FORGIVES_INVALID): Repaired {
  const bytes = placed(text);
  const head = new ResponseHead();
  const repair = new HeadRepair(16384);
  const end = HEADROOM + text.length;
  let code = scanResponseHead(head, bytes, HEADROOM, end, 100);
  if (code > HEAD_OK) code = repair.response(head, code, forgives, bytes, HEADROOM, end, ROOM, 100);
  return { code, text: code === HEAD_OK ? rewritten({ code, head, bytes }) : '', bytes, head, repair };
}

const get = (fields: string, start = 'GET / HTTP/1.1') => `${start}\r\nHost: s\r\n${fields}\r\n`;
const ok = (fields: string, start = 'HTTP/1.1 200 OK') => `${start}\r\n${fields}\r\n`;

describe('a request that is forgiven', () => {
  it.each([
    ['a name with a bracket', get('X[]: a\r\nA: b\r\n'), get('A: b\r\n')],
    ['a blank before a colon', get('A: b\r\nX-A : a\r\n'), get('A: b\r\n')],
    ['bytes over 0x7f in a name', get('X-\xe9: a\r\n'), get('')],
    ['NUL in a name', get('X\0: a\r\n'), get('')],
    ['NUL in a value', get('A: b\0c\r\n'), get('A: b c\r\n')],
    ['a folded line', get('A: b\r\n \t c\r\nD: e\r\n'), get('A: b c\r\nD: e\r\n')],
    ['a folded line of blanks', get('A: b\r\n  \r\nD: e\r\n'), get('A: b \r\nD: e\r\n')],
    ['LF alone', 'GET / HTTP/1.1\nHost: s\nA: b\n\n', get('A: b\r\n')],
    ['one LF alone', 'GET / HTTP/1.1\r\nHost: s\nA: b\r\n\r\n', get('A: b\r\n')],
    ['an empty line that is only LF', `\n\r\n${get('')}`, get('')],
    ['several blanks', get('', 'GET  \t/   HTTP/1.1'), get('')],
    ['a fragment', get('', 'GET /a?b#c#d HTTP/1.1'), get('', 'GET /a?b HTTP/1.1')],
    ['bytes over 0x7f in the target', get('', 'GET /\xe9\xff HTTP/1.1'), get('', 'GET /%E9%FF HTTP/1.1')],
    ['HTTP/2.0', get('', 'GET / HTTP/2.0'), get('')],
    ['HTTP/9.1', get('', 'GET / HTTP/9.1'), get('')],
    ['HTTP/0.9, written out', get('', 'GET / HTTP/0.9'), get('', 'GET / HTTP/1.0')],
    ['HTTP/1.10', get('', 'GET / HTTP/1.10'), get('', 'GET / HTTP/1.0')],
    ['HTTP/11.1', get('', 'GET / HTTP/11.1'), get('', 'GET / HTTP/1.0')],
    ['HTTP/0.9', 'GET /x\r\n', 'GET /x HTTP/1.0\r\n\r\n'],
    ['HTTP/0.9 that goes on', 'GET /x\r\nHost: s\r\n\r\n', 'GET /x HTTP/1.0\r\n\r\n'],
    ['Host twice, the same', get('hOST: S\r\nA: b\r\n'), get('A: b\r\n')],
    ['an absolute target, too', get('X[]: a\r\n', 'GET  http://t/x#y HTTP/1.1'), 'GET /x HTTP/1.1\r\nHost: t\r\n\r\n'],
    ['a hop-by-hop field, too', get('X[]: a\r\nConnection: b\r\nB: c\r\nD: e\r\n'), get('D: e\r\n')],
  ])('%s', (_what, came, leaves) => {
    const { code, text, bytes, repair } = request(came);
    expect([code, text]).toEqual([HEAD_OK, leaves]);
    expect(request(came, FORGIVES_NOTHING).code).toBeGreaterThan(HEAD_OK);
    // The bytes behind it have not moved, and what came can be shown.
    expect(bytes[HEADROOM + came.length]).toBe(0xa5);
    const original = Buffer.from(repair.original.subarray(0, repair.originalLength)).toString('latin1');
    expect(came.endsWith(original) || came.startsWith(original)).toBe(true);
    expect(original.length).toBeGreaterThan(4);
    expect(repair.originalErrorAt).toBeLessThanOrEqual(original.length);
  });

  it.each([
    ['no colon', get('A\r\n')],
    ['no name', get(': a\r\n')],
    ['a CR in a value', get('A: b\rc\r\n')],
    ['a CR in a name', get('A\rB: c\r\n')],
    ['a CR in the target', get('', 'GET /a\rb HTTP/1.1')],
    ['two CRs at the end of a line', get('A: b\r\r\n')],
    ['NUL in the target', get('', 'GET /\0 HTTP/1.1')],
    ['DEL in the target', get('', 'GET /\x7f HTTP/1.1')],
    ['a blank in the target', get('', 'GET /a b HTTP/1.1')],
    ['a blank after the version', get('', 'GET / HTTP/1.1 ')],
    ['a blank before the method', get('', ' GET / HTTP/1.1')],
    ['a fragment alone', get('', 'GET #a HTTP/1.1')],
    ['a relative target', get('', 'GET a HTTP/1.1')],
    ['another protocol', get('', 'GET / RTSP/1.0')],
    ['no protocol', get('', 'GET / FOO')],
    ['a lower-case version', get('', 'GET / http/1.1')],
    ['a version without minor', get('', 'GET / HTTP/1')],
    ['HTTP/0.9 with another method', 'POST /x\r\n'],
    ['HTTP/0.9 with a blank at its end', 'GET /x \r\n'],
    ['a fold before the first field', 'GET / HTTP/1.1\r\n A: b\r\nHost: s\r\n\r\n'],
    ['a fold behind a line that goes', get('X[]: a\r\n b\r\nA: c\r\n')],
    ['a fold that looks like a field that frames', get('A: b\r\n Content-Length: 5\r\n')],
    ['a fold behind a second Host', get('Host: s\r\n t\r\n')],
    ['no Host', 'GET / HTTP/1.1\r\nX[]: a\r\n\r\n'],
    ['another Host', get('Host: t\r\n')],
    ['userinfo in Host', 'GET / HTTP/1.1\r\nHost: u@s\r\nX[]: a\r\n\r\n'],
  ])('but not %s', (_what, text) => {
    const { code, bytes, repair } = request(text, FORGIVES_UNSAFE);
    expect(code).toBeGreaterThan(HEAD_OK);
    expect(repair.originalLength).toBe(0);
    // What is refused is shown as it came.
    expect(bytes.toString('latin1', HEADROOM, HEADROOM + text.length)).toBe(text);
  });
});

describe('what frames the message is never repaired', () => {
  const NAMES = ['Content-Length', 'Transfer-Encoding', 'Host', 'Connection', 'Upgrade', 'TE', 'Trailer', 'Expect'];
  const BROKEN = [' ', '\t', '\0', '\v', '(', '\x7f', '\xa0', '\xff', '"', ','];

  it.each(NAMES)('%s with a byte too many in its name is refused, not dropped', (name) => {
    for (const byte of BROKEN) {
      for (const at of [0, 3, name.indexOf('-'), name.length]) {
        if (at < 0 || (at === 0 && (byte === ' ' || byte === '\t'))) continue;
        const odd = name.slice(0, at) + byte + name.slice(at);
        expect([odd, request(get(`${odd}: 5\r\n`)).code]).not.toEqual([odd, HEAD_OK]);
        // A blank before the colon of a response is always taken away.
        if (at >= name.length && (byte === ' ' || byte === '\t')) continue;
        expect([odd, response(ok(`${odd}: 5\r\n`)).code]).not.toEqual([odd, HEAD_OK]);
      }
    }
    expect(request(get(`${name.replace('-', ' ')} : 5\r\n`)).code).toBeGreaterThan(HEAD_OK);
  });

  it('nor are control characters in its value, or folds of it', () => {
    for (const byte of ['\0', '\v', '\f', '\x1f', '\x7f']) {
      for (const field of [
        `Content-Length: 5${byte}`,
        `Content-Length:${byte}5`,
        `Transfer-Encoding: chunked${byte}`,
      ]) {
        expect(request(get(`${field}\r\n`)).code).toBeGreaterThan(HEAD_OK);
        expect(response(ok(`${field}\r\n`)).code).toBeGreaterThan(HEAD_OK);
      }
    }
    for (const field of ['Content-Length:\r\n 5', 'Transfer-Encoding: chunked\r\n ', 'Connection: a\r\n b']) {
      expect(request(get(`${field}\r\n`)).code).toBeGreaterThan(HEAD_OK);
    }
  });

  it('not even when something else is', () => {
    for (const fields of [
      'Content-Length: 5\r\nContent-Length: 6\r\n',
      'Content-Length: 5\r\nTransfer-Encoding: chunked\r\n',
      'Transfer-Encoding: chunked, chunked\r\n',
      'Transfer-Encoding: xchunked\r\n',
      'Content-Length: +5\r\n',
    ]) {
      expect(request(get(`X[]: a\r\n${fields}`), FORGIVES_UNSAFE).code).toBeGreaterThan(HEAD_OK);
      expect(request(get(fields), FORGIVES_UNSAFE).code).toBeGreaterThan(HEAD_OK);
    }
  });

  it('and the content stays where it is', () => {
    const text = get('X[]: a\r\nContent-Length: 5\r\n');
    const { code, head, bytes } = request(`${text}hello`);
    expect([code, head.contentLength]).toEqual([HEAD_OK, 5]);
    expect(bytes.toString('latin1', head.end, head.end + 5)).toBe('hello');
  });
});

describe('a response that is forgiven', () => {
  it.each([
    ['a name with a bracket', ok('X[]: a\r\nA: b\r\n'), ok('A: b\r\n')],
    ['control characters in a value', ok('A: b\0\x01\x7fc\r\n'), ok('A: b   c\r\n')],
    ['control characters in the reason', ok('', 'HTTP/1.1 200 O\x01K'), ok('', 'HTTP/1.1 200 O K')],
    ['LF alone', 'HTTP/1.1 200 OK\nA: b\n\n', ok('A: b\r\n')],
    ['a blank before a colon', ok('X[]: a\r\nA : b\r\n'), ok('A: b\r\n')],
    ['empty lines before it', `\r\n\n${ok('')}`, ok('')],
    ['several blanks', ok('', 'HTTP/1.1  200   OK'), ok('')],
    ['HTTP/2.0', ok('', 'HTTP/2.0 200 OK'), ok('')],
    ['HTTP/1.10', ok('', 'HTTP/1.10 200 OK'), ok('', 'HTTP/1.0 200 OK')],
  ])('%s, and its connection is not used again', (_what, came, leaves) => {
    const { code, text, head } = response(came);
    expect([code, text]).toEqual([HEAD_OK, leaves]);
    expect(head instanceof ResponseHead && head.mustClose).toBe(true);
    expect(response(came, FORGIVES_NOTHING).code).toBeGreaterThan(HEAD_OK);
  });

  it.each([
    ['another protocol', ok('', 'RTSP/1.0 200 OK')],
    ['four digits', ok('', 'HTTP/1.1 2000 OK')],
    ['two digits', ok('', 'HTTP/1.1 20 OK')],
    ['no status', ok('', 'HTTP/1.1 OK')],
    ['a CR in a value', ok('A: b\rc\r\n')],
    ['no colon', ok('A\r\n')],
    ['two lengths', ok('X[]: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n')],
    ['an unknown coding', ok('X[]: a\r\nTransfer-Encoding: gzip\r\n')],
    ['a coding of nothing', ok('Transfer-Encoding:\r\n')],
  ])('but not %s', (_what, text) => {
    const { code, bytes } = response(text, FORGIVES_UNSAFE);
    expect(code).toBeGreaterThan(HEAD_OK);
    expect(bytes.toString('latin1', HEADROOM, HEADROOM + text.length)).toBe(text);
  });

  it('several chunked are one, if that is forgiven', () => {
    for (const fields of [
      'Transfer-Encoding: chunked, chunked\r\n',
      'Transfer-Encoding: ,Chunked , ,\r\n',
      'Transfer-Encoding: chunked\r\ntransfer-encoding:\tchunked\r\n',
    ]) {
      const { code, text, head } = response(ok(`${fields}A: b\r\n`), FORGIVES_UNSAFE);
      expect([code, text, head.chunked]).toEqual([HEAD_OK, ok('Transfer-Encoding: chunked\r\nA: b\r\n'), true]);
      expect(response(ok(fields), FORGIVES_INVALID).code).toBeGreaterThan(HEAD_OK);
    }
    expect(response(ok('Transfer-Encoding: chunked, gzip\r\n'), FORGIVES_UNSAFE).code).toBeGreaterThan(HEAD_OK);
  });
});

describe('WebSocket without keys', () => {
  it('is what only the unsafe option forgives', () => {
    const handshake = get('Connection: Upgrade\r\nUpgrade: websocket\r\n');
    expect(request(handshake, FORGIVES_INVALID).code).toBeGreaterThan(HEAD_OK);
    const { code, head } = request(handshake, FORGIVES_UNSAFE);
    expect([code, head.upgrade, head.allowsNoKey]).toEqual([HEAD_OK, true, false]);
    const broken = request(get('X[]: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'), FORGIVES_UNSAFE);
    expect([broken.code, broken.head.upgrade]).toEqual([HEAD_OK, true]);
    const accepted = ok('Connection: Upgrade\r\nUpgrade: websocket\r\n', 'HTTP/1.1 101 S');
    expect(response(accepted, FORGIVES_INVALID).code).toBeGreaterThan(HEAD_OK);
    expect(response(accepted, FORGIVES_UNSAFE).code).toBe(HEAD_OK);
  });
});

describe('a head that arrives in pieces', () => {
  it.each([get('X[]: a\r\nA: b\r\n'), get('', 'GET  /\xe9#x HTTP/1.10'), 'GET / HTTP/1.1\nHost: s\n\n', 'GET /x\r\n'])(
    'is partial until its last byte: %j',
    (text) => {
      for (let cut = 1; cut < text.length; cut++)
        expect([cut, request(text.slice(0, cut)).code]).toEqual([cut, HEAD_PARTIAL]);
      expect(request(text).code).toBe(HEAD_OK);
    },
  );

  it('is refused as soon as it is known to be beyond repair', () => {
    expect(request('GET / HTTP/1.1\r\nHost: s\r\nContent-Length : 5\r\n').code).toBeGreaterThan(HEAD_OK);
    expect(request('GET / HTTP/1.1\r\nHost: s\r\nX[]: 5\r\nA\r\n').code).toBeGreaterThan(HEAD_OK);
  });
});

describe('room before the head', () => {
  it('bounds how much longer it may get', () => {
    const text = get('', `GET /${'\xe9'.repeat(20)} HTTP/1.1`);
    expect(request(text, FORGIVES_INVALID, 40).code).toBe(HEAD_OK);
    expect(request(text, FORGIVES_INVALID, 40).repair.growth).toBe(40);
    const { code, bytes } = request(text, FORGIVES_INVALID, 39);
    expect(code).toBe(HEAD_ERR_TOO_LARGE);
    expect(bytes.toString('latin1', HEADROOM, HEADROOM + text.length)).toBe(text);
  });
});

describe('heads with broken bytes, with a seed', () => {
  const PIECES = [
    ...[
      'GET',
      ' ',
      '  ',
      '\t',
      '/',
      '/a',
      '#',
      '\xe9',
      'HTTP/1.1',
      'HTTP/1.10',
      'HTTP/2.0',
      '\r\n',
      '\n',
      '\r',
      'Host: s\r\n',
    ],
    ...[
      'Host : s\r\n',
      'A: b\r\n',
      'X[]: c\r\n',
      ' d\r\n',
      '\0',
      '\x7f',
      ':',
      'Content-Length: 5\r\n',
      'Content-Length : 5\r\n',
    ],
    ...['Transfer-Encoding: chunked\r\n', 'Transfer-Encoding\v: chunked\r\n', 'Connection: A\r\n', '\r\n\r\n'],
  ];

  it('leave as what the strict scanner takes for the same, or not at all', () => {
    const random = new Lcg(20261121);
    let repaired = 0;
    for (let round = 0; round < 20_000; round++) {
      let text = random.below(3) > 0 ? 'GET / HTTP/1.1\r\nHost: s\r\n' : '';
      for (let n = random.below(12); n > 0; n--) text += random.pick(PIECES);
      text += '\r\n';
      const { code, text: leaves, head, repair, bytes } = request(text, 1 + random.below(2));
      expect(bytes.subarray(0, HEADROOM - ROOM).every((byte) => byte === 0xa5)).toBe(true);
      if (code !== HEAD_OK || repair.originalLength === 0) continue;
      repaired++;
      expect(leaves).toMatch(
        /^[A-Z]+ [!-"$-~]+ HTTP\/1\.[01]\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*\r\n$/,
      );
      expect(leaves.match(/\ncontent-length:/gi)?.length ?? 0).toBe(head.contentLength < 0 ? 0 : 1);
      expect(leaves.match(/\ntransfer-encoding:/gi)?.length ?? 0).toBe(head.chunked ? 1 : 0);
      expect(leaves.match(/\nhost:/gi)?.length ?? 0).toBeLessThan(2);
      // Nothing that frames was lost on the way.
      const original = Buffer.from(repair.original.subarray(0, repair.originalLength)).toString('latin1');
      const isOneLine = leaves.endsWith('HTTP/1.0\r\n\r\n') && /^[\r\n]*GET +[^ \t]+\r?\n$/.test(original);
      if (!isOneLine) expect(/\n[^a-z\n:#]*content-length[^a-z\n]*:/i.test(original)).toBe(head.contentLength >= 0);
      if (!isOneLine) expect(/\n[^a-z\n:#]*transfer-encoding[^a-z\n]*:/i.test(original)).toBe(head.chunked);
    }
    expect(repaired).toBeGreaterThan(1000);
  });
});
