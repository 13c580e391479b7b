import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { askFailure, chooseSocket } from '../../src/cli/admin-socket.ts';
import { FollowedFile } from '../../src/cli/log-source.ts';
import { withProgress } from '../../src/cli/progress.ts';
import { terminalOf } from '../../src/cli/terminal.ts';
import { readWatchArguments } from '../../src/cli/watch-arguments.ts';
import { FakeTime } from '../support/fake-time.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the command line', () => {
  it('is read', () => {
    expect(readWatchArguments('status', ['--watch', '-f', 'a', '-f', 'b', '--json'])).toMatchObject({
      ...{ files: ['a', 'b'], watch: true, json: true, socket: null, all: false },
    });
    expect(
      readWatchArguments('logs', ['--status', '5xx', '--slow', '1s', '--backend', 'app', '--follow']),
    ).toMatchObject({
      filter: { statuses: [[500, 599]], slowMs: 1000, backend: 'app' },
      follow: true,
    });
    expect(readWatchArguments('top', ['--help'])).toBe(null);
  });

  it.each<['status' | 'top' | 'logs', string[], RegExp]>([
    ['status', ['--follow'], /Unknown option '--follow'/],
    ['status', ['word'], /word/],
    ['top', ['--json'], /Unknown option/],
    ['logs', ['--status', '9xx'], /--status takes 5xx/],
    ['logs', ['--slow', 'long'], /--slow takes a time/],
  ])('%s %j is wrong', (command, words, message) => {
    expect(readWatchArguments(command, words)).toMatch(message);
  });
});

describe('the socket', () => {
  const write = (text: string) => {
    const path = join(folder, 'haproxy.cfg');
    writeFileSync(path, text);
    return path;
  };

  it('is the one that is named, before files', () => {
    expect(chooseSocket({ socket: '/s', files: ['/nosuch'] })).toEqual({ ok: true, path: '/s' });
  });

  it.each([
    ['stats socket ipv4@127.0.0.1:1 level admin\n stats socket /b\n stats socket /c level admin', '/c'],
    ['stats socket /b level user', '/b'],
  ])('is the first path of the files, for who may change things: %s', (lines, path) => {
    expect(chooseSocket({ socket: null, files: [write(`global\n ${lines}\n`)] })).toEqual({ ok: true, path });
  });

  it('of a keepalived.conf counts, too', () => {
    const path = join(folder, 'keepalived.conf');
    writeFileSync(
      path,
      'tandem {\n socket /run/x.sock mode 660\n}\nvrrp_instance V {\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {\n 10.0.0.1\n }\n}\n',
    );
    expect(chooseSocket({ socket: null, files: [path] })).toEqual({ ok: true, path: '/run/x.sock' });
  });

  it('is said where there is none', () => {
    expect(chooseSocket({ socket: null, files: [write('global\n maxconn 10\n')] })).toMatchObject({
      ok: false,
      message: expect.stringContaining("no 'stats socket PATH level admin' in these files"),
    });
    expect(chooseSocket({ socket: null, files: [write('nonsense\n')] })).toMatchObject({
      ok: false,
      problems: [expect.objectContaining({ severity: 'error' })],
    });
  });

  it('is looked for in the usual places', async () => {
    const path = join(folder, 'here.sock');
    const usual = [join(folder, 'nobody.sock'), path];
    expect(chooseSocket({ socket: null, files: [] }, usual)).toMatchObject({
      ok: false,
      message: `no stats socket at ${usual.join(', ')}: say which one with --socket PATH, or which files with -f FILE`,
    });
    const server: Server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    expect(chooseSocket({ socket: null, files: [] }, usual)).toEqual({ ok: true, path });
    await new Promise((resolve) => server.close(resolve));
  });

  it.each([
    ['EACCES', 'permission denied'],
    ['ENOENT', 'there is no such socket'],
    ['ECONNREFUSED', 'does not run any more'],
    ['EIO', 'io'],
  ])('%s is said in words', (code, words) => {
    expect(askFailure('/s', Object.assign(new Error('io'), { code }))).toContain(words);
  });
});

describe('a terminal', () => {
  const green = '\x1b[32mx\x1b[0m';
  it.each([
    [{ isTTY: true, columns: 60, rows: 20 }, {}, 60, green],
    [{ isTTY: true, columns: 60, rows: 20 }, { NO_COLOR: '' }, 60, green],
    [{ isTTY: true, columns: 60, rows: 20 }, { NO_COLOR: '1' }, 60, 'x'],
    [{ isTTY: true, columns: 60, rows: 20 }, { TERM: 'dumb' }, 60, 'x'],
    [{}, {}, 1_000_000, 'x'],
  ])('%j with %j', (output, env, width, painted) => {
    const terminal = terminalOf(output, env);
    expect([terminal.width, terminal.paint('good', 'x')]).toEqual([width, painted]);
  });
});

describe('a file that is read', () => {
  const path = () => join(folder, 'log');
  const lines: string[] = [];
  const take = async (line: string): Promise<void> => {
    lines.push(line);
  };
  const taken = () => lines.splice(0);

  it('is read to its end, with what has none, and on from there', async () => {
    writeFileSync(path(), 'one\r\ntwo\nthr');
    const file = new FollowedFile(path(), take, null);
    await file.readOn();
    expect(taken()).toEqual(['one', 'two']);
    writeFileSync(path(), 'ee\nfour', { flag: 'a' });
    await file.readOn();
    await file.finish();
    expect(taken()).toEqual(['three', 'four']);
    file.close();
  });

  it('begins at a line where only the end is wanted', async () => {
    writeFileSync(path(), Array.from({ length: 100 }, (_, i) => `line ${i}\n`).join(''));
    const file = new FollowedFile(path(), take, 20);
    await file.readOn();
    expect(taken()).toEqual(['line 98', 'line 99']);
    file.close();
  });

  it('is followed when it is cut, and when another one takes its place', async () => {
    const time = new FakeTime();
    writeFileSync(path(), 'a\nb\n');
    const file = new FollowedFile(path(), take, null);
    void file.follow(time);
    const until = async (expected: readonly string[]) => {
      const all: string[] = [];
      while (all.length < expected.length) {
        await time.advance(250);
        await new Promise((resolve) => setImmediate(resolve));
        all.push(...taken());
      }
      expect(all).toEqual(expected);
    };
    await until(['a', 'b']);
    writeFileSync(path(), 'c\n');
    await until(['c']);
    rmSync(path());
    writeFileSync(path(), 'new\n');
    await until(['new']);
  });
});

describe('progress', () => {
  it.each([true, false])('is for terminals (%j), and goes away', async (isTTY) => {
    const time = new FakeTime();
    const said: string[] = [];
    let finish: (value: number) => void = () => {};
    const work = new Promise<number>((resolve) => {
      finish = resolve;
    });
    const done = withProgress(
      'reloading',
      work,
      { isTTY, write: (text) => said.push(text) },
      { clock: time, timers: time },
    );
    await time.advance(600);
    finish(7);
    expect(await done).toBe(7);
    const shown = ['\rreloading … 0.3 s\x1b[K', '\rreloading … 0.5 s\x1b[K', '\r\x1b[K'];
    expect(said).toEqual(isTTY ? shown : []);
    expect(time.due).toEqual([]);
  });
});
