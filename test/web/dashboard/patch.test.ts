import { describe, expect, it } from 'vitest';
import { difference, type Json, patched } from '../../../src/web/dashboard/patch.ts';
import { SeededRandom } from '../../support/random.ts';

describe('a patch', () => {
  it.each<[string, Json, Json, unknown]>([
    ['nothing, where nothing changed', { a: 1, b: [1, 2] }, { a: 1, b: [1, 2] }, undefined],
    ['the figure that changed alone', { a: 1, b: [1, 2], c: 'x' }, { a: 1, b: [1, 3], c: 'x' }, { b: { 1: [3] } }],
    ['a list of another length as a whole', { a: [1, 2] }, { a: [1, 2, 3] }, { a: [[1, 2, 3]] }],
    ['what has come', { a: 1 }, { a: 1, b: null }, { b: [null] }],
    ['what has lost a part as a whole', { a: { b: 1, c: 2 } }, { a: { b: 1 } }, { a: [{ b: 1 }] }],
    ['what was nothing', { a: null }, { a: { b: 1 } }, { a: [{ b: 1 }] }],
    ['what became nothing', { a: { b: 1 } }, { a: null }, { a: [null] }],
    ['a list that became something else', { a: [1] }, { a: { 0: 1 } }, { a: [{ 0: 1 }] }],
    ['a list in a list', [[1], [2]], [[1], [[2]]], { 1: { 0: [[2]] } }],
  ])('is %s', (_, before, after, patch) => {
    const found = difference(before, after);
    expect(found).toEqual(patch);
    if (found !== undefined) expect(patched(before, found)).toEqual(after);
  });

  it('shares with the value before it what did not change, and leaves that one alone', () => {
    const before = { same: { deep: [1] }, other: { n: 1 } };
    const after = patched(before, { other: { n: [2] } }) as typeof before;
    expect(after.same).toBe(before.same);
    expect(before.other.n).toBe(1);
    expect(after.other.n).toBe(2);
  });

  it('makes any value into any other', () => {
    const random = new SeededRandom(7);
    const below = (limit: number): number => random.below(limit);
    const value = (depth: number): Json => {
      switch (depth === 0 ? below(4) : below(6)) {
        case 0:
          return null;
        case 1:
          return below(3);
        case 2:
          return below(2) === 0;
        case 3:
          return 'abc'.slice(below(3));
        case 4:
          return Array.from({ length: below(4) }, () => value(depth - 1));
        default:
          return Object.fromEntries(Array.from({ length: below(4) }, () => ['xyz'[below(3)], value(depth - 1)]));
      }
    };
    for (let i = 0; i < 5000; i++) {
      const [before, after] = [value(4), value(4)];
      const found = difference(before, after);
      // As it is after the wire.
      const told = found === undefined ? undefined : JSON.parse(JSON.stringify(found));
      expect(told === undefined ? before : patched(before, told)).toEqual(after);
    }
  });
});
