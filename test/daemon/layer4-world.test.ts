/** The file that a program leaves for the one after it. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { memoryFile } from '../../src/daemon/layer4-world.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-memory-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);

it('is for its owner alone, in a folder where others may have theirs', () => {
  const before = process.umask(0o077);
  try {
    const path = join(folder, 'run', 'clients');
    const file = memoryFile(path);
    expect(file?.read()).toBeNull();
    expect(file?.write('who is where')).toBeNull();
    expect([file?.read(), modeOf(path), modeOf(join(folder, 'run'))]).toEqual(['who is where', '600', '755']);
  } finally {
    process.umask(before);
  }
});

it('leaves a folder that is there as it is', () => {
  const own = join(folder, 'run');
  mkdirSync(own);
  chmodSync(own, 0o700);
  expect(memoryFile(join(own, 'clients'))?.write('x')).toBeNull();
  expect(modeOf(own)).toBe('700');
});

it('is gone when there is nothing to say', () => {
  const file = memoryFile(join(folder, 'clients'));
  file?.write('who is where');
  expect(file?.write('')).toBeNull();
  expect(file?.write('')).toBeNull();
  expect([file?.read(), readdirSync(folder)]).toEqual([null, []]);
});

it('is not written where a link leads', () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, join(folder, 'clients'));
  expect(memoryFile(join(folder, 'clients'))?.write('who is where')).toBeNull();
  expect(memoryFile(victim)?.read()).toBe('precious');
});

it('that cannot be written is said', () => {
  writeFileSync(join(folder, 'file'), '');
  expect(memoryFile(join(folder, 'file', 'clients'))?.write('x')).toMatch(/ENOTDIR|EEXIST/);
  expect(memoryFile(null)).toBeNull();
});
