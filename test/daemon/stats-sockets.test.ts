/** Opening and closing stats sockets: who may come in, whose file it is, and what is wrong with a line. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { AccountFiles } from '../../src/daemon/accounts.ts';
import { preflight } from '../../src/daemon/preflight.ts';
import { StatsSockets } from '../../src/daemon/stats-sockets.ts';
import { modelOf } from '../support/model.ts';
import { freePort } from '../support/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-stats-sockets-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const uid = process.getuid?.() ?? 0;
const accounts: AccountFiles = { passwd: `me:x:${uid}:0:::\n`, group: 'ours:x:0:\n' };

const open = (lines: string) => new StatsSockets(modelOf(`global\n${lines}\n`), accounts, false, []);

function closeAll(opened: ReturnType<typeof open>): void {
  for (const listener of opened.listeners) listener.close();
}

describe('a stats socket', () => {
  const path = join(folder, 'a.sock');

  it.each([
    ['', 0o600, 'operator'],
    [' mode 660 level admin', 0o660, 'admin'],
    [' level user user me group ours', 0o600, 'user'],
  ])('%s', (parameters, mode, level) => {
    const opened = open(` stats socket ${path}${parameters}`);
    expect(opened.problems).toEqual([]);
    expect(opened.listeners.map(({ name, level: own }) => [name, own])).toEqual([[`unix@${path}`, level]]);
    expect(statSync(path).mode & 0o777).toBe(mode);
    expect(readdirSync(folder)).toEqual(['a.sock']);
    closeAll(opened);
    closeAll(opened);
    expect(existsSync(path)).toBe(false);
  });

  it('that a successor has made its own stays', () => {
    const first = open(` stats socket ${path}`);
    const second = open(` stats socket ${path}`);
    closeAll(first);
    expect(existsSync(path)).toBe(true);
    closeAll(second);
    expect(existsSync(path)).toBe(false);
  });

  it('may listen at several addresses', async () => {
    const port = await freePort();
    const opened = open(` stats socket ${path},127.0.0.1:${port}\n stats socket abns@tandem-test-${process.pid}`);
    expect(opened.listeners.map(({ name }) => name)).toEqual([
      `unix@${path}`,
      `ipv4@127.0.0.1:${port}`,
      `abns@tandem-test-${process.pid}`,
    ]);
    closeAll(opened);
  });

  it('does not take the place of a file', () => {
    const file = join(folder, 'precious');
    writeFileSync(file, 'x');
    const { problems } = open(` stats socket ${file}`);
    expect(problems.map(({ message }) => message)).toEqual([
      `stats socket: a file that is not a socket has this name for [${file}]`,
    ]);
    rmSync(file);
  });

  it.each([
    ['user nobody-knows', "stats socket: there is no user 'nobody-knows'"],
    ['group nobody-knows', "stats socket: there is no group 'nobody-knows'"],
  ])('%s is refused, by a check as well', async (parameters, message) => {
    const lines = ` stats socket ${path} ${parameters}`;
    expect(open(lines).problems.map((problem) => [problem.line, problem.message])).toEqual([[2, message]]);
    const checked = await preflight(modelOf(`global\n${lines}\n`), false);
    expect(checked.ok ? [] : checked.problems.map((problem) => problem.message)).toEqual([message]);
    expect(existsSync(path)).toBe(false);
  });

  it('in a folder that is not there is refused, and the others are closed by who opened them', () => {
    const opened = open(` stats socket ${path}\n stats socket ${folder}/none/b.sock`);
    expect(opened.problems.map(({ line }) => line)).toEqual([3]);
    closeAll(opened);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('leaves the mode of its folder alone', () => {
    chmodSync(folder, 0o750);
    closeAll(open(` stats socket ${path}`));
    expect(statSync(folder).mode & 0o777).toBe(0o750);
  });
});
