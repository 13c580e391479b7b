/** `capture cookie`: the first pair of a line whose name begins with something. */
import { describe, expect, it } from 'vitest';
import { CookieWalk } from '../../src/proxy/cookie-walk.ts';

function found(line: string, prefix: string, single = false): string | null {
  const bytes = Buffer.from(line);
  const walk = new CookieWalk();
  return walk.find(bytes, 0, bytes.length, Buffer.from(prefix), single)
    ? bytes.toString('latin1', walk.start, walk.end)
    : null;
}

describe('a captured cookie', () => {
  it.each([
    ['a=1; track=2; track=3', 'track', 'track=2'],
    ['a=1;tracker=2', 'track', 'tracker=2'],
    ['a=1; track="x;y" ; b=2', 'track=', 'track="x;y"'],
    ['xtrack=1', 'track', null],
    ['track', 'track', null],
    ['$track=1; track=', 'track', 'track='],
    ['a=1, track=2', 'track', 'track=2'],
    ['', 'track', null],
    ['trac=', 'track', null],
    [';;; =; track=1', 'track', 'track=1'],
  ])('of %j with %j is %j', (line, prefix, expected) => {
    expect(found(line, prefix)).toBe(expected);
  });

  it('of an answer is the first pair of its line', () => {
    expect(found('track=1; Path=/', 'track', true)).toBe('track=1');
    expect(found('a=1; track=1', 'track', true)).toBeNull();
  });
});
