import { describe, expect, it } from 'vitest';
import type { Standing } from '../../../src/l4/checks/attempt.ts';
import { judgePage, type PageTurn } from '../../../src/l4/checks/page-turn.ts';
import { timing } from '../../support/l4-checks.ts';

const RULES = timing({ intervalMs: 10_000, retries: 1, retryDelayMs: 3000 });

/** `up page 1 in 3000` */
function story(standing: Standing, results: string, more: { fastRecovery?: boolean; pages?: number } = {}): string[] {
  const { fastRecovery = false, pages = 2 } = more;
  let turn: PageTurn = { page: 0, failed: false };
  let now = standing;
  return [...results].map((result) => {
    const verdict = judgePage({ timing: RULES, pages, fastRecovery }, turn, now, result === '+');
    ({ standing: now, turn } = verdict);
    return `${now.isUp ? 'up' : 'down'} page ${turn.page} in ${verdict.delayMs}`;
  });
}

const UP: Standing = { isUp: true, hasRun: true, tries: 0 };
const NEW: Standing = { isUp: false, hasRun: false, tries: 1 };

describe('pages of HTTP_GET', () => {
  it('take turns, one an interval', () => {
    expect(story(UP, '+++')).toEqual(['up page 1 in 10000', 'up page 0 in 10000', 'up page 1 in 10000']);
  });

  it('one that fails is asked for again, then the server is down and the page asked for until it is well', () => {
    expect(story(UP, '+---')).toEqual([
      'up page 1 in 10000',
      'up page 1 in 3000',
      'down page 1 in 10000',
      'down page 1 in 10000',
    ]);
  });

  it('on the way up all of them have to be well, from the first on', () => {
    expect(story(UP, '+--+++').slice(3)).toEqual([
      'down page 0 in 10000',
      'down page 1 in 10000',
      'up page 0 in 10000',
    ]);
  });

  it('one that fails on the way up is asked for again soon', () => {
    expect(story(UP, '+--++-+').slice(4)).toEqual([
      'down page 1 in 10000',
      'down page 1 in 3000',
      'up page 0 in 10000',
    ]);
  });

  it('with fast_recovery the way up has no pauses, but between failures', () => {
    expect(story(UP, '+--++-+', { fastRecovery: true })).toEqual([
      'up page 1 in 10000',
      'up page 1 in 3000',
      'down page 1 in 10000',
      'down page 0 in 0',
      'down page 1 in 0',
      'down page 1 in 3000',
      'up page 0 in 10000',
    ]);
  });

  it('after a start with alpha it is up when all have been well; the first failure counts by itself', () => {
    expect(story(NEW, '++', { fastRecovery: true })).toEqual(['down page 1 in 0', 'up page 0 in 10000']);
    expect(story({ ...NEW, isUp: true }, '++', { fastRecovery: true })).toEqual([
      'up page 1 in 0',
      'up page 0 in 10000',
    ]);
    expect(story(NEW, '+-')).toEqual(['down page 1 in 10000', 'down page 1 in 10000']);
    expect(story({ ...NEW, isUp: true }, '-')).toEqual(['down page 0 in 10000']);
  });

  it('a single page is as well as the server', () => {
    expect(story(UP, '--+', { pages: 1 })).toEqual([
      'up page 0 in 3000',
      'down page 0 in 10000',
      'down page 0 in 10000',
    ]);
    expect(story(UP, '--++', { pages: 1 }).at(-1)).toBe('up page 0 in 10000');
  });
});
