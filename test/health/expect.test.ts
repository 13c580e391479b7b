import { describe, expect, it } from 'vitest';
import type { HttpCheckExpect } from '../../src/config/model.ts';
import { type Answer, judgeFor } from '../../src/health/expect.ts';

const answer = (status: number, body = '', complete = true): Answer => ({ status, reason: 'Why', body, complete });
const verdict = (rule: HttpCheckExpect | null, what: Answer): string => {
  const finding = judgeFor(rule)(what);
  return finding === null ? 'wait' : `${finding.result} ${finding.status} ${finding.info}`.trim();
};

describe('without http-check expect', () => {
  it.each([
    [199, 'L7STS 199 Why'],
    [200, 'L7OK 200'],
    [302, 'L7OK 302'],
    [399, 'L7OK 399'],
    [400, 'L7STS 400 Why'],
    [503, 'L7STS 503 Why'],
  ])('%d', (status, expected) => {
    expect(verdict(null, answer(status, '', false))).toBe(expected);
  });
});

describe('expect status', () => {
  const ranges = [
    { from: 200, to: 200 },
    { from: 404, to: 410 },
  ];
  it.each([
    [false, 200, 'L7OK 200'],
    [false, 405, 'L7OK 405'],
    [false, 201, 'L7STS 201 Why'],
    [true, 200, 'L7STS 200 Why'],
    [true, 201, 'L7OK 201'],
  ])('negated %s, %d', (negate, status, expected) => {
    expect(verdict({ kind: 'status', negate, ranges }, answer(status))).toBe(expected);
  });

  it.each([
    ['^2', false, 204, 'L7OK 204'],
    ['^2', false, 502, 'L7STS 502 Why'],
    ['^5', true, 204, 'L7OK 204'],
  ])('rstatus %s, negated %s, %d', (pattern, negate, status, expected) => {
    expect(verdict({ kind: 'rstatus', negate, pattern }, answer(status))).toBe(expected);
  });
});

describe('expect string', () => {
  const wanted = { kind: 'string', negate: false, pattern: 'hello' } as const;
  const unwanted = { ...wanted, negate: true } as const;
  it.each([
    ['found at once', wanted, answer(500, 'say hello', false), 'L7OK 500'],
    ['not yet found', wanted, answer(200, 'hel', false), 'wait'],
    ['not found', wanted, answer(200, 'hel'), 'L7RSP 200 HTTP content check did not match'],
    ['no body', wanted, answer(200), 'L7RSP 200 HTTP content check could not find a response body'],
    ['unwanted found', unwanted, answer(200, 'hello', false), 'L7RSP 200 HTTP check matched unwanted content'],
    ['unwanted may still come', unwanted, answer(200, 'hel', false), 'wait'],
    ['unwanted did not come', unwanted, answer(200, 'hel'), 'L7OK 200'],
    ['unwanted, but no body', unwanted, answer(200), 'L7RSP 200 HTTP content check could not find a response body'],
  ] as const)('%s', (_, rule, what, expected) => {
    expect(verdict(rule, what)).toBe(expected);
  });

  it('compares bytes', () => {
    const rule = { kind: 'string', negate: false, pattern: 'grün' } as const;
    const body = Buffer.from('alles grün').toString('latin1');
    expect(verdict(rule, answer(200, body))).toBe('L7OK 200');
  });

  it('waits for a body even where an expression would match none', () => {
    const rule = { kind: 'rstring', negate: false, pattern: '^x?' } as const;
    expect(verdict(rule, answer(200, '', false))).toBe('wait');
    expect(verdict(rule, answer(200, 'x', false))).toBe('L7OK 200');
  });

  it('takes expressions', () => {
    const rule = { kind: 'rstring', negate: false, pattern: '^hel+o$' } as const;
    expect(verdict(rule, answer(200, 'hellllo'))).toBe('L7OK 200');
    expect(verdict(rule, answer(200, 'heo'))).toBe('L7RSP 200 HTTP content check did not match');
  });
});
