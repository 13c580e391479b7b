import { describe, expect, it } from 'vitest';
import type { CheckState } from '../../../src/l4/check.ts';
import { FileWatch, weightOf } from '../../../src/l4/checks/file-check.ts';
import { home, Lines, ORIGIN, services, timing } from '../../support/l4-checks.ts';

describe('what the number of a file does to a weight', () => {
  it.each<[number, number, boolean, number | null]>([
    [0, 1, false, 0],
    [5, 1, false, 5],
    [5, -2, false, -10],
    [5, 2, true, -10],
    [-5, 2, true, 10],
    [0, 0, false, 0],
    [1, 0, false, null],
    [-1, 0, false, null],
    [0, 0, true, null],
    [1, 0, true, 0],
    [2_147_483_647, 1, false, 2_147_483_647],
    [2_147_483_647, 100, false, 2_147_483_647],
    [-2_147_483_647, 1, false, -2_147_483_647],
    [-2_147_483_647, 2, false, null],
    [2_147_483_647, 2, true, null],
    [-1_073_741_824, 2, false, null],
  ])('%d with weight %d (reverse %s): %s', (value, weight, reverse, expected) => {
    expect(weightOf({ weight, reverse }, value)).toBe(expected);
  });
});

class FakeFile {
  tell: (value: number) => void = () => {};
  stopped = false;
  readonly watched: string[] = [];
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  readonly watch = (name: string, changed: (value: number) => void) => {
    this.watched.push(name);
    this.tell = changed;
    return {
      value: this.value,
      stop: () => {
        this.stopped = true;
      },
    };
  };
}

function scene(value: number, weight = 1) {
  const file = new FakeFile(value);
  const journal = new Lines();
  const told: CheckState[] = [];
  const check = { kind: 'file', file: 'load', weight, reverse: false, origin: ORIGIN, timing: timing() } as const;
  const around = home({ changed: (state) => told.push(state) });
  const watch = new FileWatch(check, around, services({ files: file, journal }));
  return { file, journal, told, watch };
}

describe('FILE_CHECK', () => {
  it('knows from the start what the file says', () => {
    const { watch, told, file } = scene(3);
    const { isUp, weightChange, why, checkedWallMs } = watch.state;
    expect([isUp, weightChange, why, checkedWallMs !== null]).toEqual([true, 3, 'load says 3', true]);
    expect([told, file.watched]).toEqual([[], ['load']]);
    expect(scene(1, 0).watch.state.isUp).toBe(false);
  });

  it('tells what changes, and nothing else', () => {
    const { told, file, watch } = scene(0, 0);
    file.tell(1);
    file.tell(2);
    file.tell(0);
    expect(told.map(({ isUp, why }) => [isUp, why])).toEqual([
      [false, 'load says 1'],
      [true, 'load says 0'],
    ]);
    expect(watch.state).toBe(told[1]);
  });

  it('says when it is a failure, and when it is none any more', () => {
    const { file, journal } = scene(0, 0);
    file.tell(1);
    file.tell(0);
    expect(journal.lines).toEqual([
      '([10.0.0.71]:tcp:80 of [192.0.2.1]:tcp:80): tracked file load now FAULT state',
      '([10.0.0.71]:tcp:80 of [192.0.2.1]:tcp:80): tracked file load leaving FAULT state',
    ]);
  });

  it('lets go of the file when it stops; suspended it goes on', () => {
    const { file, watch, told } = scene(0);
    watch.suspend();
    file.tell(4);
    expect(told).toHaveLength(1);
    watch.stop();
    expect(file.stopped).toBe(true);
  });
});
