/** Files in folders where anybody may write. */
import {
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { writePrivateFile } from '../../src/daemon/private-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-private-'));
  path = join(folder, 'keepalived.data');
});
afterEach(() => rmSync(folder, { recursive: true }));

it('is for its owner alone, whatever umask says', () => {
  const before = process.umask(0);
  try {
    expect(writePrivateFile(path, 'text')).toBeNull();
  } finally {
    process.umask(before);
  }
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['text', 0o600]);
  expect(readdirSync(folder)).toEqual(['keepalived.data']);
});

it('a link that somebody put there is replaced, and what it leads to is left alone', () => {
  const victim = join(folder, 'victim');
  writeFileSync(victim, 'precious');
  symlinkSync(victim, path);
  expect(writePrivateFile(path, 'text')).toBeNull();
  expect([readFileSync(victim, 'utf8'), readFileSync(path, 'utf8')]).toEqual(['precious', 'text']);
});

it('who has the old one open reads nothing of the new one', () => {
  writeFileSync(path, 'old', { mode: 0o644 });
  const fd = openSync(path, 'r');
  writePrivateFile(path, 'new');
  const bytes = Buffer.alloc(10);
  expect(bytes.toString('latin1', 0, readSync(fd, bytes, 0, 10, 0))).toBe('old');
  closeSync(fd);
});

it('a name that is taken is not used, not even a link into nowhere', () => {
  const chances = [0, 0, 0.5];
  symlinkSync(join(folder, 'elsewhere'), `${path}.0`);
  expect(writePrivateFile(path, 'text', { next: () => chances.shift() ?? 0 })).toBeNull();
  expect(readdirSync(folder).sort()).toEqual(['keepalived.data', 'keepalived.data.0']);
  expect(writePrivateFile(path, 'text', { next: () => 0 })).toContain('EEXIST');
  expect(readdirSync(folder)).toHaveLength(2);
});

it('says why not', () => {
  expect(writePrivateFile(join(folder, 'no', 'such'), '')).toMatch(/^Can't open .*such: ENOENT/);
});
