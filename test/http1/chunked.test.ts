import { describe, expect, it } from 'vitest';
import { BODY_DONE, BODY_ERROR, BODY_MORE, ChunkedBody, scanChunked } from '../../src/http1/chunked.ts';
import { Lcg } from './scanned.ts';

const CANARY = 0xa5;

interface Fed {
  readonly verdict: number;
  readonly output: string;
  /** Bytes that were taken, of all that was given. */
  readonly consumed: number;
  readonly body: ChunkedBody;
}

/** Feeds `text` in pieces of the sizes that `next` gives, each in a place of its own between canaries. */
function feed(text: string, next: () => number, strip = false): Fed {
  const body = new ChunkedBody();
  body.strip = strip;
  let output = '';
  let consumed = 0;
  let verdict = BODY_MORE;
  while (consumed < text.length && verdict === BODY_MORE) {
    const piece = text.slice(consumed, consumed + next());
    const bytes = Buffer.alloc(piece.length + 16, CANARY);
    bytes.write(piece, 8, 'latin1');
    verdict = scanChunked(body, bytes, 8, 8 + piece.length);
    output += bytes.toString('latin1', 8, body.written);
    // No expect() here: this runs for every byte.
    if (body.written > body.consumed) throw new Error('more was written than was consumed');
    if (verdict === BODY_MORE && body.consumed !== 8 + piece.length) throw new Error('not all was consumed');
    for (let i = 0; i < 8; i++) {
      if (bytes[i] !== CANARY || bytes[8 + piece.length + i] !== CANARY) throw new Error('wrote outside of the range');
    }
    consumed += body.consumed - 8;
  }
  return { verdict, output, consumed, body };
}

const whole = (text: string, strip = false) => feed(text, () => text.length, strip);
const byteByByte = (text: string, strip = false) => feed(text, () => 1, strip);

const END = '0\r\n\r\n';
const HELLO = `5\r\nhello\r\n${END}`;

describe('chunked (RFC 9112 7.1)', () => {
  it.each([
    ['one chunk', HELLO, HELLO, 'hello'],
    ['no chunk', END, END, ''],
    ['two chunks', `5\r\nhello\r\n6\r\n world\r\n${END}`, `5\r\nhello\r\n6\r\n world\r\n${END}`, 'hello world'],
    [
      'hexadecimal sizes',
      `a\r\n0123456789\r\nB\r\n0123456789a\r\n${END}`,
      `a\r\n0123456789\r\nB\r\n0123456789a\r\n${END}`,
      '01234567890123456789a',
    ],
    ['two digits', `1f\r\n${'x'.repeat(31)}\r\n${END}`, `1f\r\n${'x'.repeat(31)}\r\n${END}`, 'x'.repeat(31)],
    [
      'data that looks like chunks',
      `c\r\n\r\n0\r\n\r\n5\r\nhe\r\n${END}`,
      `c\r\n\r\n0\r\n\r\n5\r\nhe\r\n${END}`,
      '\r\n0\r\n\r\n5\r\nhe',
    ],
    ['zeros in front', `0005\r\nhello\r\n${END}`, `05\r\nhello\r\n${END}`, 'hello'],
    ['a last chunk of several zeros', '5\r\nhello\r\n0000\r\n\r\n', HELLO, 'hello'],
    ['an extension', `5;a\r\nhello\r\n${END}`, HELLO, 'hello'],
    ['an extension with a value', `5;a=b\r\nhello\r\n0;c=d\r\n\r\n`, HELLO, 'hello'],
    ['extensions with blanks', `5 ; a\t= b ;c = "d"\t;e\r\nhello\r\n${END}`, HELLO, 'hello'],
    ['a quoted value', `5;a="; \\" \\\\ ;5"\r\nhello\r\n${END}`, HELLO, 'hello'],
    ['an empty quoted value', `5;a=""\r\nhello\r\n${END}`, HELLO, 'hello'],
    ['an 8-bit quoted value', `5;a="\u00e9"\r\nhello\r\n${END}`, HELLO, 'hello'],
    [
      'extensions on every chunk',
      `1;x\r\na\r\n1;x\r\nb\r\n1;x\r\nc\r\n0;x\r\n\r\n`,
      `1\r\na\r\n1\r\nb\r\n1\r\nc\r\n${END}`,
      'abc',
    ],
    ['a trailer', `5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`, `5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n`, 'hello'],
    ['trailers', `0\r\nA:b\r\nC:\r\nD: \t e f \r\n\r\n`, `0\r\nA:b\r\nC:\r\nD: \t e f \r\n\r\n`, ''],
    ['a trailer after an extension', `0;x=y\r\nA: b\r\n\r\n`, `0\r\nA: b\r\n\r\n`, ''],
  ])('takes %s', (_what, text, sent, data) => {
    for (const fed of [whole(text), byteByByte(text)]) {
      expect([fed.verdict, fed.output, fed.consumed]).toEqual([BODY_DONE, sent, text.length]);
      expect(fed.body.dataBytes).toBe(data.length);
    }
    for (const fed of [whole(text, true), byteByByte(text, true)]) {
      expect([fed.verdict, fed.output, fed.consumed]).toEqual([BODY_DONE, data, text.length]);
    }
  });

  it.each([
    ['no size', '\r\nhello\r\n'],
    ['a size that is no number', 'x\r\n'],
    ['a sign', '+5\r\nhello\r\n'],
    ['a minus', '-5\r\nhello\r\n'],
    ['0x', '0x5\r\nhello\r\n'],
    ['an underscore', '0_5\r\nhello\r\n'],
    ['a comma', '5,5\r\nhello\r\n'],
    ['a dot', '5.0\r\nhello\r\n'],
    ['a blank before the size', ' 5\r\nhello\r\n'],
    ['a blank after the size', '5 \r\nhello\r\n'],
    ['a tab and data', '5\thello\r\n'],
    ['two sizes', '5 5\r\nhello\r\n'],
    ['a bare LF after the size', '5\nhello\r\n'],
    ['a bare CR after the size', '5\rhello\r\n'],
    ['CR CR LF after the size', '5\r\r\nhello\r\n'],
    ['a NUL after the size', '5\0\r\nhello\r\n'],
    ['a quoted size', '"5"\r\nhello\r\n'],
    ['17 digits that wrap to 5', '10000000000000005\r\nhello\r\n'],
    ['2^64-1', 'ffffffffffffffff\r\nhello\r\n'],
    ['2^53', '20000000000000\r\n'],
    ['no CRLF after the data', '5\r\nhello0\r\n\r\n'],
    ['a LF after the data', '5\r\nhello\n0\r\n\r\n'],
    ['CR alone after the data', '5\r\nhello\r0\r\n\r\n'],
    ['more data than the size says', '3\r\nhello\r\n0\r\n\r\n'],
    ['less data than the size says', '7\r\nhello\r\n0\r\n\r\n'],
    ['an empty line between chunks', '5\r\nhello\r\n\r\n0\r\n\r\n'],
    ['a LF after the last size', '0\n\n'],
    ['a LF as the end', '0\r\n\n'],
    ['CR and something as the end', '0\r\n\rX'],
    ['an extension without a name', '5;\r\nhello\r\n'],
    ['an extension without a value', '5;a=\r\nhello\r\n'],
    ['a LF in an extension', '5;a\nhello\r\n'],
    ['a CR in an extension', '5;a\rb\r\nhello\r\n'],
    ['a separator in an extension', '5;a[=b\r\nhello\r\n'],
    ['a blank after an extension', '5;a \r\nhello\r\n'],
    ['a blank in an extension', '5;a b\r\nhello\r\n'],
    ['a quote that does not end', '5;a="b\r\nhello\r\n'],
    ['a quote that ends in a CR', '5;a="b\\\r\nhello\r\n'],
    ['bytes after a quote', '5;a="b"c\r\nhello\r\n'],
    ['a NUL in a quote', '5;a="\0"\r\nhello\r\n'],
    ['a blank before a trailer colon', '0\r\nA : b\r\n\r\n'],
    ['a trailer without a colon', '0\r\nsmuggled\r\n\r\n'],
    ['a trailer without a name', '0\r\n: b\r\n\r\n'],
    ['a folded trailer', '0\r\nA: b\r\n c\r\n\r\n'],
    ['a LF in a trailer', '0\r\nA: b\nC: d\r\n\r\n'],
    ['a CR in a trailer', '0\r\nA: b\rC: d\r\n\r\n'],
    ['a NUL in a trailer', '0\r\nA: \0\r\n\r\n'],
    ['a separator in a trailer name', '0\r\nA[]: b\r\n\r\n'],
    ['a LF in a dropped trailer', '0\r\nHost: b\nC: d\r\n\r\n'],
    ['a CR in a dropped trailer', '0\r\nHost: b\rX\r\n\r\n'],
    ['a request after the last size', '0\r\nGET /x HTTP/1.1\r\nHost: s\r\n\r\n'],
  ])('refuses %s', (_what, text) => {
    for (const fed of [whole(text), byteByByte(text), whole(text, true), byteByByte(text, true)]) {
      expect(fed.verdict).toBe(BODY_ERROR);
    }
    // Nothing that is refused is passed on with an end that looks clean.
    expect(whole(text).output.endsWith(END)).toBe(false);
  });

  it('stays refused', () => {
    const body = new ChunkedBody();
    const bytes = Buffer.from('x5\r\nhello\r\n0\r\n\r\n');
    expect(scanChunked(body, bytes, 0, 1)).toBe(BODY_ERROR);
    expect(scanChunked(body, bytes, 1, bytes.length)).toBe(BODY_ERROR);
    body.reset();
    expect(scanChunked(body, bytes, 1, bytes.length)).toBe(BODY_DONE);
  });

  it('leaves what follows to the next message', () => {
    const next = 'GET /next HTTP/1.1\r\n';
    const fed = whole(HELLO + next);
    expect([fed.verdict, fed.output, fed.consumed]).toEqual([BODY_DONE, HELLO, HELLO.length]);
    const bytes = Buffer.from(next);
    expect(scanChunked(fed.body, bytes, 0, bytes.length)).toBe(BODY_DONE);
    expect([fed.body.consumed, fed.body.written]).toEqual([0, 0]);
  });

  it('is incomplete at every byte before its end', () => {
    const text = `5;a="b"\r\nhello\r\n0\r\nA: b\r\n\r\n`;
    for (let cut = 0; cut < text.length; cut++) expect(whole(text.slice(0, cut)).verdict).toBe(BODY_MORE);
  });

  it('says how much of a chunk is still to come, and takes it from there', () => {
    const body = new ChunkedBody();
    const bytes = Buffer.from('ffffffffff\r\nabc');
    expect(scanChunked(body, bytes, 0, bytes.length)).toBe(BODY_MORE);
    expect([body.remaining, body.written]).toEqual([0xffffffffff - 3, bytes.length]);
    body.remaining = 0; // the relay has spliced the rest past us
    const rest = Buffer.from(`\r\n${END}`);
    expect(scanChunked(body, rest, 0, rest.length)).toBe(BODY_DONE);
    expect(body.remaining).toBe(0);
  });

  it('has nothing remaining outside of data', () => {
    const body = new ChunkedBody();
    const text = HELLO;
    const bytes = Buffer.from(text);
    const remaining: number[] = [];
    for (let i = 0; i < text.length; i++) {
      scanChunked(body, bytes, i, i + 1);
      remaining.push(body.remaining);
    }
    expect(remaining).toEqual([0, 0, 5, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('takes the largest size that a number can hold', () => {
    const body = new ChunkedBody();
    const bytes = Buffer.from('1fffffffffffff\r\n');
    expect(scanChunked(body, bytes, 0, bytes.length)).toBe(BODY_MORE);
    expect(body.remaining).toBe(Number.MAX_SAFE_INTEGER);
  });

  it('passes over data without looking at it', () => {
    const bytes = new Proxy(Buffer.from('ff\r\nab'), {
      get(target, key) {
        if (key === '4' || key === '5') throw new Error('data was read');
        return Reflect.get(target, key) as unknown;
      },
    });
    const body = new ChunkedBody();
    expect(scanChunked(body, bytes, 0, 6)).toBe(BODY_MORE);
    expect(body.remaining).toBe(253);
  });
});

describe('limits of chunked framing', () => {
  it('refuses an extension of 17 kB', () => {
    expect(whole(`5;a=${'b'.repeat(17000)}\r\nhello\r\n${END}`).verdict).toBe(BODY_ERROR);
    expect(byteByByte(`5;a="${'b'.repeat(17000)}"\r\nhello\r\n${END}`).verdict).toBe(BODY_ERROR);
  });

  it('refuses tiny chunks with long extensions (CVE-2023-39326)', () => {
    const chunk = `1;${'x'.repeat(100)}\r\na\r\n`;
    expect(whole(chunk.repeat(100) + END).verdict).toBe(BODY_DONE);
    expect(whole(chunk.repeat(400) + END).verdict).toBe(BODY_ERROR);
  });

  it('refuses endless zeros', () => {
    expect(whole('0'.repeat(17000)).verdict).toBe(BODY_ERROR);
  });

  it('takes any number of tiny chunks without extensions', () => {
    expect(whole('1\r\na\r\n'.repeat(50000) + END).verdict).toBe(BODY_DONE);
  });

  it('lets extensions be as long as the data is', () => {
    const chunk = `100;${'x'.repeat(256)}\r\n${'a'.repeat(256)}\r\n`;
    expect(whole(chunk.repeat(500) + END).verdict).toBe(BODY_DONE);
  });

  it.each(['A: b\r\n', 'Host: b\r\n', `A: ${'b'.repeat(900)}\r\n`, `${'a'.repeat(900)}: b\r\n`])(
    'bounds the trailer section: %#',
    (line) => {
      const few = Math.floor(8000 / line.length);
      for (const feedAll of [whole, byteByByte]) {
        if (feedAll === whole || !line.startsWith('Host')) {
          expect(feedAll(`0\r\n${line.repeat(few)}\r\n`).verdict).toBe(BODY_DONE);
        }
        expect(feedAll(`0\r\n${line.repeat(few * 2)}\r\n`).verdict).toBe(BODY_ERROR);
      }
    },
  );
});

describe('forbidden trailer fields (RFC 9110 6.5.1)', () => {
  const NAMES = [
    'Content-Length',
    'transfer-encoding',
    'HOST',
    'Connection',
    'TE',
    'Trailer',
    'Authorization',
    'Cookie',
    'Set-Cookie',
    'Expect',
    'Content-Type',
    'X-Forwarded-For',
    'Upgrade',
    'Max-Forwards',
    'If-None-Match',
    'Location',
    'Vary',
    'Proxy-Authorization',
  ];

  it.each(NAMES)('%s is dropped, the rest stays', (name) => {
    const text = `5\r\nhello\r\n0\r\nA: b\r\n${name}: 99\r\n${name}:\r\nC: d\r\n\r\nnext`;
    const fed = whole(text);
    expect([fed.verdict, fed.output]).toEqual([BODY_DONE, '5\r\nhello\r\n0\r\nA: b\r\nC: d\r\n\r\n']);
    expect(text.slice(fed.consumed)).toBe('next');
  });

  it.each(NAMES)('%s is never passed on with a value, however it is cut', (name) => {
    const text = `0\r\nA: b\r\n${name}: evil\r\nC: d\r\n\r\n`;
    for (let cut = 1; cut < text.length; cut++) {
      let first = true;
      const fed = feed(text, () => {
        const size = first ? cut : text.length;
        first = false;
        return size;
      });
      expect(fed.output).not.toContain('evil');
      const insideName = cut > text.indexOf(name) && cut <= text.indexOf(name) + name.length;
      expect([cut, fed.verdict]).toEqual([cut, insideName ? BODY_ERROR : BODY_DONE]);
    }
  });

  it('are only these, not names that begin or end like them', () => {
    const text = '0\r\nHosts: a\r\nX-Host: a\r\nServer-Timing: a\r\nETag: a\r\nDigest: a\r\ngrpc-status: 0\r\n\r\n';
    expect(whole(text).output).toBe(text);
    expect(byteByByte(text).output).toBe(text);
  });
});

describe('chunked, fuzzed with a seed', () => {
  it('gives the same output and verdict however the bytes arrive', () => {
    const random = new Lcg(20260101);
    const token = () => random.pick(['a', 'ext', 'x-y', 'Q1', '!#$']);
    const extension = () =>
      random.pick(['', '', '', `;${token()}`, `;${token()}=${token()}`, ` ; ${token()}="\\"${token()};"`]);
    for (let round = 0; round < 2000; round++) {
      let text = '';
      let data = '';
      for (let chunks = random.below(5); chunks > 0; chunks--) {
        const piece = Array.from({ length: 1 + random.below(40) }, () =>
          random.pick(['\r', '\n', '0', 'a', ';', '\0', '\xff']),
        ).join('');
        text += `${random.pick(['', '0', '00'])}${piece.length.toString(16)}${extension()}\r\n${piece}\r\n`;
        data += piece;
      }
      text += `0${extension()}\r\n`;
      for (let lines = random.below(3); lines > 0; lines--) text += `X-${token()}: ${token()}\r\n`;
      text += '\r\n';
      const isBroken = random.below(2) === 0;
      if (isBroken) {
        const at = random.below(text.length);
        const byte = random.pick(['\r', '\n', ' ', ';', '0', 'f', '"', '\0', ':', '']);
        text = text.slice(0, at) + byte + text.slice(at + random.below(2));
      }
      text += 'GET / HTTP/1.1\r\n';
      const one = whole(text);
      for (const other of [byteByByte(text), feed(text, () => 1 + random.below(7))]) {
        expect([text, other.verdict, other.output, other.consumed]).toEqual([
          text,
          one.verdict,
          one.output,
          one.consumed,
        ]);
      }
      const stripped = whole(text, true);
      expect([stripped.verdict, stripped.consumed]).toEqual([one.verdict, one.consumed]);
      if (!isBroken) expect([stripped.verdict, stripped.output]).toEqual([BODY_DONE, data]);
      if (one.verdict === BODY_DONE) {
        // What is passed on is the plain form: a second pass changes nothing and finds the same data.
        const again = whole(one.output);
        expect([again.verdict, again.output, again.consumed]).toEqual([BODY_DONE, one.output, one.output.length]);
        expect(whole(one.output, true).output).toBe(stripped.output);
      }
    }
  });
});
