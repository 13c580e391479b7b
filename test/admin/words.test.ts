import { expect, it } from 'vitest';
import { splitLine } from '../../src/admin/words.ts';

it.each([
  ['show stat', [['show', 'stat']]],
  ['  show\t stat  \r', [['show', 'stat']]],
  [
    'show stat;show info',
    [
      ['show', 'stat'],
      ['show', 'info'],
    ],
  ],
  ['a;;b', [['a'], [], ['b']]],
  ['', [[]]],
  [';', [[], []]],
  ['a\\ b c', [['a b', 'c']]],
  ['a\\;b', [['a;b']]],
  ['a\\\\b', [['a\\b']]],
  ['a\\', [['a\\']]],
])('%j is %j', (line, commands) => {
  expect(splitLine(line)).toEqual(commands);
});
