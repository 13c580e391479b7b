import { describe, expect, it } from 'vitest';
import type { Standing } from '../../../src/l4/checks/attempt.ts';
import { judgeStubborn, judgeUsual } from '../../../src/l4/checks/judgement.ts';
import { timing } from '../../support/l4-checks.ts';

const RULES = timing({ intervalMs: 10_000, retries: 2, retryDelayMs: 3000 });

/** `up 1 3000`: up, one failure that does not count, the next attempt in 3 s. */
function story(judge: typeof judgeUsual, start: Standing, results: string): string[] {
  let standing = start;
  return [...results].map((result) => {
    const verdict = judge(RULES, standing, result === '+');
    standing = verdict.standing;
    return `${standing.isUp ? 'up' : 'down'} ${standing.tries} ${verdict.delayMs}`;
  });
}

const UP: Standing = { isUp: true, hasRun: true, tries: 0 };
const DOWN: Standing = { isUp: false, hasRun: true, tries: 0 };

describe('what the end of an attempt means', () => {
  it('a server that is up goes down after so many retries, and is asked at the interval from then on', () => {
    expect(story(judgeUsual, UP, '---')).toEqual(['up 1 3000', 'up 2 3000', 'down 0 10000']);
    expect(story(judgeUsual, DOWN, '--')).toEqual(['down 0 10000', 'down 0 10000']);
  });

  it('TCP_CHECK and SMTP_CHECK retry a server that is down as one that is up', () => {
    expect(story(judgeStubborn, UP, '----')).toEqual(['up 1 3000', 'up 2 3000', 'down 0 10000', 'down 1 3000']);
  });

  it('a success brings it up at once, and retries begin anew', () => {
    for (const judge of [judgeUsual, judgeStubborn]) {
      expect(story(judge, UP, '--+-')).toEqual(['up 1 3000', 'up 2 3000', 'up 0 10000', 'up 1 3000']);
      expect(story(judge, DOWN, '+')).toEqual(['up 0 10000']);
    }
  });

  it('after a start, where all retries count as used, the first failure is enough', () => {
    for (const isUp of [true, false]) {
      const first = { isUp, hasRun: false, tries: RULES.retries };
      expect(story(judgeUsual, first, '-')).toEqual(['down 0 10000']);
      expect(story(judgeStubborn, first, '-')).toEqual(['down 0 10000']);
    }
  });

  it('a failure that does not count is not a first result', () => {
    const first = { isUp: true, hasRun: false, tries: 0 };
    expect(judgeStubborn(RULES, first, false).standing).toEqual({ isUp: true, hasRun: false, tries: 1 });
  });
});
