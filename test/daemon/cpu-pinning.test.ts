import { describe, expect, it } from 'vitest';
import { pinnings } from '../../src/daemon/cpu-pinning.ts';
import { modelOf } from '../support/model.ts';

const TIMEOUTS = ' timeout connect 1s\n timeout client 1s\n timeout server 1s\n';
const pinned = (...lines: string[]) =>
  pinnings(modelOf(`global\n ${lines.join('\n ')}\ndefaults\n${TIMEOUTS}`).global.cpuMap, 4);

describe('cpu-map', () => {
  it.each([
    ['says nothing: no thread is pinned', [], [null, null, null, null]],
    [
      '1 is all threads',
      ['cpu-map 1 0-1'],
      [
        [0, 1],
        [0, 1],
        [0, 1],
        [0, 1],
      ],
    ],
    ['1/all, too', ['cpu-map 1/all 2'], [[2], [2], [2], [2]]],
    ['ranges and words', ['cpu-map 1/2- 0', 'cpu-map all/odd 1'], [[1], [0], [1], [0]]],
    ['the last one goes first', ['cpu-map 1/1-4 0', 'cpu-map 1/2-3 1'], [[0], [1], [1], [0]]],
    ['auto: one each, from the lowest, in whatever order', ['cpu-map auto:1/1-3 5 3-4'], [[3], [4], [5], null]],
    ['auto: for even threads', ['cpu-map auto:1/even 0-31'], [null, [0], null, [1]]],
    ['auto: over groups', ['cpu-map auto:1-2/2 6-7'], [null, [6], null, null]],
    ['what is said of all narrows', ['cpu-map 1 0-1', 'cpu-map 1/2 1-2'], [[0, 1], [1], [0, 1], [0, 1]]],
    ['and where nothing is left nothing is pinned', ['cpu-map 1 0', 'cpu-map 1/2 1'], [[0], null, [0], [0]]],
    ['another group does not exist', ['cpu-map 2 0', 'cpu-map even/1 0'], [null, null, null, null]],
    ['threads that are not there are ignored', ['cpu-map 1/5-9 0'], [null, null, null, null]],
  ])('%s', (_, lines, expected) => {
    expect(pinned(...lines)).toEqual(expected);
  });
});
