import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TrackedFile } from '../../../src/config/pair-model.ts';
import { FileTracker, trackedValue } from '../../../src/vrrp/tracking/file-tracker.ts';
import { FakeTime } from '../../support/fake-time.ts';

describe('the number in a file', () => {
  it.each([
    ['7\n', 7],
    ['  -12 because\n', -12],
    ['+3', 3],
    ['', 0],
    ['on', 0],
    ['99999999999999999999', 0],
    ['2147483648', 0],
    ['-2147483647', -2147483647],
  ])('%j is %i', (text, value) => {
    expect(trackedValue(text)).toBe(value);
  });
});

describe('a tracked file', () => {
  let folder: string;
  let time: FakeTime;
  let told: number[];
  let tracker: FileTracker | null = null;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tandem-file-'));
    time = new FakeTime();
    told = [];
  });

  afterEach(() => {
    tracker?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function track(change: Partial<TrackedFile> = {}): string {
    const path = join(folder, 'value');
    const file = {
      origin: { file: 'k', line: 1 },
      name: 'f',
      path,
      weight: 1,
      reverse: false,
      initial: null,
      ...change,
    };
    tracker = new FileTracker(file, time, { info: () => {}, warning: () => {} }, (value) => told.push(value));
    tracker.start();
    return path;
  }

  it('is 0 when it is not there, and read again when it is', async () => {
    const path = track();
    expect(told).toEqual([0]);
    writeFileSync(path, '5\n');
    await time.advance(1000);
    expect(told).toEqual([0, 5]);
    rmSync(path);
    await time.advance(1000);
    expect(told).toEqual([0, 5, 0]);
  });

  it('that is empty for a moment, because somebody writes it, is not 0', async () => {
    const path = track({ initial: { value: 5, overwrite: true } });
    writeFileSync(path, '');
    await time.advance(1000);
    writeFileSync(path, '6\n');
    await time.advance(1000);
    expect(told).toEqual([5, 6]);
    writeFileSync(path, '');
    await time.advance(2000);
    expect(told).toEqual([5, 6, 0]);
  });

  it('is made at the start, if wanted', () => {
    const path = track({ initial: { value: 9, overwrite: false } });
    expect([told, readFileSync(path, 'utf8')]).toEqual([[9], '9\n']);
  });

  it('keeps what it holds, unless that is to be overwritten', () => {
    writeFileSync(join(folder, 'value'), '3');
    track({ initial: { value: 9, overwrite: false } });
    tracker?.stop();
    track({ initial: { value: 9, overwrite: true } });
    expect(told).toEqual([3, 9]);
  });

  it('is not written through a link that somebody has put there', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, join(folder, 'value'));
    track({ initial: { value: 9, overwrite: true } });
    expect(readFileSync(victim, 'utf8')).toBe('precious');
  });
});
