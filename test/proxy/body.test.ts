import { describe, expect, it } from 'vitest';
import { ChunkedBody } from '../../src/http1/chunked.ts';
import { BodyCut } from '../../src/proxy/body.ts';
import { BODY_CHUNKED, BODY_LENGTH, BODY_NONE, BODY_UNTIL_CLOSE } from '../../src/proxy/stream.ts';

const CHUNKED = '5\r\nhello\r\n00a;ext=1\r\n0123456789\r\n0\r\nX-Sum: x\r\n\r\n';
const NEXT = 'GET /next';

interface Taken {
  readonly out: string;
  readonly rest: string;
  readonly data: number;
  readonly done: boolean;
  readonly failed: boolean;
}

/** All of `text`, in the pieces that end at `cuts`. */
function take(kind: number, length: number, text: string, cuts: readonly number[], strip = false): Taken {
  const cut = new BodyCut();
  const chunks = new ChunkedBody();
  chunks.reset();
  chunks.strip = strip;
  let left = length;
  let out = '';
  let data = 0;
  const ends = [...cuts, text.length];
  let from = 0;
  for (const end of ends) {
    const bytes = Buffer.from(`____${text.slice(from, end)}____`, 'latin1');
    const to = 4 + end - from;
    cut.cut(kind, left, chunks, bytes, 4, to);
    left = cut.left;
    data += cut.data;
    out += bytes.toString('latin1', 4, cut.written);
    from += cut.consumed - 4;
    if (cut.done || cut.failed) break;
    expect(cut.consumed).toBe(to);
  }
  return { out, rest: text.slice(from), data, done: cut.done, failed: cut.failed };
}

describe('what belongs to a body', () => {
  it.each([
    ['without one', BODY_NONE, 0, '', 0],
    ['with a length', BODY_LENGTH, 10, '0123456789', 10],
    ['in chunks', BODY_CHUNKED, 0, CHUNKED, 15],
  ])('ends where it ends, cut anywhere: %s', (_, kind, length, body, data) => {
    const whole = take(kind, length, body + NEXT, []);
    expect([whole.rest, whole.data, whole.done]).toEqual([NEXT, data, true]);
    for (let a = 1; a < body.length; a++) {
      for (let b = a + 1; b <= body.length + 3; b++) {
        const pieces = take(kind, length, body + NEXT, [a, b]);
        expect(pieces.out).toBe(whole.out);
        expect([pieces.data, pieces.done]).toEqual([data, true]);
        expect(NEXT.startsWith(pieces.rest.slice(0, 3)), `${a} ${b}`).toBe(true);
      }
    }
  });

  it('of chunks is the data alone for who does not know them, cut anywhere', () => {
    for (let a = 1; a < CHUNKED.length; a++) {
      expect(take(BODY_CHUNKED, 0, CHUNKED, [a], true)).toMatchObject({ out: 'hello0123456789', done: true });
    }
  });

  it('is everything until the end when nothing says otherwise', () => {
    expect(take(BODY_UNTIL_CLOSE, 0, 'abcdef', [2, 4])).toEqual({
      out: 'abcdef',
      rest: '',
      data: 6,
      done: false,
      failed: false,
    });
  });

  it('fails at what is no chunk, cut anywhere, and lets nothing of it through', () => {
    const bad = '5\r\nhello\r\nzz\r\n';
    for (let a = 1; a < 11; a++) {
      const seen = take(BODY_CHUNKED, 0, bad, [a]);
      expect([seen.failed, seen.done, seen.out.includes('z')]).toEqual([true, false, false]);
    }
  });

  it('says how much is certain to follow', () => {
    const cut = new BodyCut();
    const chunks = new ChunkedBody();
    cut.cut(BODY_LENGTH, 100, chunks, Buffer.alloc(30), 0, 30);
    expect([cut.left, cut.ahead]).toEqual([70, 70]);
    cut.cut(BODY_CHUNKED, 0, chunks, Buffer.from('ff\r\nabc'), 0, 7);
    expect(cut.ahead).toBe(0xff - 3);
    cut.cut(BODY_UNTIL_CLOSE, 0, chunks, Buffer.alloc(30), 0, 30);
    expect(cut.ahead).toBe(0);
  });
});
