import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { removePidFile, writePidFile } from '../../src/daemon/pid-file.ts';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-pid-'));
  path = join(folder, 'pid');
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('a pid file', () => {
  it('holds the pid in a line, for all to read and its owner to write, and goes', () => {
    expect(writePidFile(path, 4711)).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe('4711\n');
    expect(statSync(path).mode & 0o777 & ~0o644).toBe(0);
    expect(writePidFile(path, 4712)).toBeNull();
    expect(readFileSync(path, 'utf8')).toBe('4712\n');
    removePidFile(path);
    removePidFile(path);
    expect(existsSync(path)).toBe(false);
  });

  it('takes the place of a link, and what that led to stays as it was', () => {
    const victim = join(folder, 'victim');
    writeFileSync(victim, 'precious');
    symlinkSync(victim, path);
    expect(writePidFile(path, 4711)).toBeNull();
    expect(readFileSync(victim, 'utf8')).toBe('precious');
    expect(readFileSync(path, 'utf8')).toBe('4711\n');
  });

  it('that cannot be made is said, with its path', () => {
    expect(writePidFile(join(folder, 'no', 'pid'), 1)).toContain(`Cannot create pidfile ${join(folder, 'no', 'pid')}`);
  });
});
