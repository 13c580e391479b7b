import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemTimers } from '../../src/core/clock.ts';
import { SystemCommands } from '../../src/daemon/commands.ts';
import { FifoWriter } from '../../src/daemon/notify-fifo.ts';

const commands = new SystemCommands(systemTimers, { PATH: process.env['PATH'] ?? '' });
const said: string[] = [];
const journal = { info: (text: string) => said.push(text), warning: (text: string) => said.push(text) };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-fifo-'));
  said.length = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (path: string) =>
  FifoWriter.open(
    { origin: { file: 'k', line: 1 }, path, user: null, group: null, script: null },
    commands,
    () => ({}),
    journal,
  );

it('is made, written to whether anybody reads or not, and taken away', async () => {
  const path = join(folder, 'f');
  const fifo = await open(path);
  fifo?.write('INSTANCE', 'VI_1', 'MASTER', 150);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(256);
  expect(buffer.toString('utf8', 0, readSync(reader, buffer))).toBe('INSTANCE "VI_1" MASTER 150\n');
  // Nobody reads: what does not fit is dropped, nobody waits.
  for (let i = 0; i < 10_000; i++) fifo?.write('INSTANCE', 'VI_1', 'BACKUP', 150);
  closeSync(reader);
  fifo?.close();
  expect(existsSync(path)).toBe(false);
});

it('one that cannot be made is said', async () => {
  expect(await open(join(folder, 'no', 'f'))).toBeNull();
  expect(said.length).toBe(1);
});

it('is for its owner alone, and no link is followed to one', async () => {
  const path = join(folder, 'f');
  const fifo = await open(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  symlinkSync(path, join(folder, 'link'));
  expect(await open(join(folder, 'link'))).toBeNull();
  expect(said.length).toBe(1);
  fifo?.close();
});
