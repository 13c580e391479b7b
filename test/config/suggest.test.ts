/** Mistyped words find the one that was meant, and nothing finds what was not. */
import { describe, expect, it } from 'vitest';
import { editDistance, nearestWord } from '../../src/config/suggest.ts';

const known = ['balance', 'bind', 'backend', 'backlog', 'mode', 'maxconn'];

describe('the nearest word', () => {
  it.each([
    ['blance', 'balance'],
    ['balacne', 'balance'],
    ['bnid', 'bind'],
    ['maxcon', 'maxconn'],
    ['backnd', 'backend'],
    ['mod', 'mode'],
    ['zzzzzz', null],
    ['x', null],
  ])('of %s is %s', (written, expected) => {
    expect(nearestWord(written, known)).toBe(expected);
  });
});

describe('the distance of two words', () => {
  it.each([
    ['', '', 0],
    ['abc', '', 3],
    ['abc', 'abc', 0],
    ['abc', 'abd', 1],
    ['abc', 'acb', 1],
    ['abc', 'bc', 1],
    ['kitten', 'sitting', 3],
  ])('%j and %j: %d', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });
});
