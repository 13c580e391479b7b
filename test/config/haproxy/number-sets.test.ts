import { describe, expect, it } from 'vitest';
import { cpuSet, threadSet } from '../../../src/config/haproxy/number-sets.ts';

describe('a set of threads', () => {
  it.each([
    ['3', [3]],
    ['1-4', [1, 2, 3, 4]],
    ['4-1', [1, 2, 3, 4]],
    ['63-', [63, 64]],
  ])('%s', (text, expected) => {
    expect(threadSet(text)).toEqual(expected);
  });

  it('may be named: all, odd, even', () => {
    expect(threadSet('all')).toHaveLength(64);
    expect(threadSet('odd')?.slice(0, 3)).toEqual([1, 3, 5]);
    expect(threadSet('even')?.slice(-2)).toEqual([62, 64]);
  });

  it.each(['', '0', '65', '1-65', '0-3', '-2', '1,2', 'x', '1-x', 'ALL', '1 '])('is not %j', (text) => {
    expect(threadSet(text)).toBeNull();
  });
});

describe('a set of CPUs', () => {
  it.each([
    [['0'], [0]],
    [
      ['3', '0-1', '1'],
      [0, 1, 3],
    ],
    [
      ['0,2', '1022-'],
      [0, 2, 1022, 1023],
    ],
  ])('%j', (words, expected) => {
    expect(cpuSet(words)).toEqual(expected);
  });

  it.each([['1024'], ['0-1024'], ['-1'], ['x'], ['odd'], [',0'], ['']])('is not %j', (word) => {
    expect(cpuSet(['0', word])).toBeNull();
  });
});
