import { describe, expect, it } from 'vitest';
import { type CheckExpect, type CheckPattern, PLAIN_EXPECT } from '../../src/config/check-model.ts';
import { matchAnswer } from '../../src/health/expect-answer.ts';
import type { Answer, AnswerHeader } from '../../src/health/http-answer.ts';
import { Patterns } from '../../src/health/patterns.ts';

const all = new Patterns();
const answer = (status: number, body = '', complete = true, headers: readonly AnswerHeader[] = []): Answer => {
  return { status, reason: 'Why', headers, body, complete };
};

function verdict(pattern: CheckPattern, what: Answer, changes: Partial<CheckExpect> = {}): string {
  const spoken = (text: readonly unknown[]) => text.join('');
  const { match, result, words } = matchAnswer({ ...PLAIN_EXPECT, step: 1, pattern, ...changes }, what, spoken, all);
  return match === 'matches' || match === 'wait' ? match : `${match} ${result} ${words}`;
}

describe('expect status', () => {
  const ranges = [
    { from: 200, to: 200 },
    { from: 404, to: 410 },
  ];
  it.each([
    [200, 'matches'],
    [405, 'matches'],
    [201, 'differs L7STS Why'],
    [411, 'differs L7STS Why'],
  ])('%d', (status, expected) => {
    expect(verdict({ what: 'status', ranges }, answer(status, '', false))).toBe(expected);
  });

  it.each([
    ['^2', 204, 'matches'],
    ['^2', 502, 'differs L7STS Why'],
  ])('rstatus %s, %d', (expression, status, expected) => {
    expect(verdict({ what: 'rstatus', expression }, answer(status))).toBe(expected);
  });
});

describe('expect string', () => {
  const hello = { what: 'string', bytes: 'hello' } as const;
  it.each([
    ['found at once', hello, answer(500, 'say hello', false), {}, 'matches'],
    ['not yet found', hello, answer(200, 'hel', false), {}, 'wait'],
    ['not found', hello, answer(200, 'hel'), {}, 'differs L7RSP HTTP content check did not match'],
    ['no body yet', hello, answer(200, '', false), {}, 'wait'],
    ['no body', hello, answer(200), {}, 'impossible L7RSP HTTP content check could not find a response body'],
    ['unwanted found', hello, answer(200, 'hello'), { negate: true }, 'matches'],
    [
      'unwanted did not come',
      hello,
      answer(200, 'hel'),
      { negate: true },
      'differs L7RSP HTTP check matched unwanted content',
    ],
    [
      'enough to say no',
      hello,
      answer(200, 'good day', false),
      { minBytes: 6 },
      'differs L7RSP HTTP content check did not match',
    ],
    ['not enough to say no', hello, answer(200, 'hallo', false), { minBytes: 6 }, 'wait'],
    ['an expression', { what: 'rstring', expression: '^hel+o$' }, answer(200, 'helllo'), {}, 'matches'],
    ['a format', { what: 'string-lf', text: ['hel', 'lo'] }, answer(200, 'hello'), {}, 'matches'],
    [
      'a format of nothing',
      { what: 'string-lf', text: [] },
      answer(200, 'hello'),
      {},
      'impossible L7RSP log-format string evaluated to an empty string',
    ],
  ] as const)('%s', (_, pattern, what, changes, expected) => {
    expect(verdict(pattern, what, changes)).toBe(expected);
  });
});

describe('expect hdr', () => {
  const headers = [
    { name: 'X-State', value: 'ready' },
    { name: 'X-List', value: 'a, b' },
    { name: 'x-list', value: 'c' },
  ];
  const text = (match: 'str' | 'beg' | 'end' | 'sub' | 'reg', ...words: string[]) => ({ match, text: words });
  it.each([
    ['a name', text('str', 'x-state'), null, false, true],
    ['another name', text('str', 'x-stat'), null, false, false],
    ['the beginning of a name', text('beg', 'X-S'), null, false, true],
    ['the end of a name', text('end', '-List'), null, false, true],
    ['a part of a name', text('sub', 'lis'), null, false, true],
    ['a pattern of a name', text('reg', '^x-[a-z]+$'), null, false, true],
    ['a pattern of a name in capitals', text('reg', '^X-S'), null, false, true],
    ['a value', text('str', 'x-state'), text('str', 'ready'), false, true],
    ['values have cases', text('str', 'x-state'), text('str', 'Ready'), false, false],
    ['one of several values', text('str', 'x-list'), text('str', 'b'), false, true],
    ['all of a header', text('str', 'x-list'), text('str', 'a, b'), true, true],
    ['a part where all is wanted', text('str', 'x-list'), text('str', 'b'), true, false],
    ['a later header of the same name', text('str', 'x-list'), text('str', 'c'), true, true],
    ['the beginning of a value', text('str', 'x-state'), text('beg', 're'), false, true],
    ['the end of a value', text('str', 'x-state'), text('end', 'dy'), false, true],
    ['a part of a value', text('str', 'x-state'), text('sub', 'ead'), false, true],
    ['a pattern of a value', text('str', 'x-state'), text('reg', '^r.*y$'), false, true],
  ] as const)('%s', (_, name, value, full, expected) => {
    const pattern = { what: 'header', full, name, value } as const;
    expect(verdict(pattern, answer(200, '', false, headers))).toBe(expected ? 'matches' : 'differs L7STS Why');
  });
});
