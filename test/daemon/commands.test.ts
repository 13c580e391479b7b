import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemTimers } from '../../src/core/clock.ts';
import { SystemCommands } from '../../src/daemon/commands.ts';

const commands = new SystemCommands(systemTimers, { PATH: process.env['PATH'] ?? '' });
const TIME = { timeoutMs: 10_000 };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-commands-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('running a command', () => {
  it('gives its exit code and what it wrote', async () => {
    const result = await commands.run(['sh', '-c', 'echo one; echo two >&2; echo three >&2; exit 3'], TIME);
    expect(result).toEqual({ exitCode: 3, how: 'exit status 3', timedOut: false, stdout: 'one\n', complaint: 'two' });
  });

  it('hands its arguments over as they are: there is no shell', async () => {
    const { stdout } = await commands.run(['printf', '%s', '$HOME; `id` "x"'], TIME);
    expect(stdout).toBe('$HOME; `id` "x"');
  });

  it('gives it its input', async () => {
    expect((await commands.run(['cat'], { ...TIME, stdin: 'a\nb' })).stdout).toBe('a\nb');
  });

  it('says by which signal it ended', async () => {
    expect(await commands.run(['sh', '-c', 'kill -9 $$'], TIME)).toMatchObject({
      exitCode: null,
      how: 'signal SIGKILL',
    });
  });

  it('one that is not there is a result like any other', async () => {
    const { exitCode, how } = await commands.run([join(folder, 'none')], TIME);
    expect([exitCode, how.includes('ENOENT')]).toEqual([null, true]);
  });

  it('at the end of its time it ends, with all that it started', async () => {
    const pidFile = join(folder, 'pid');
    const script = `sleep 100 & echo $! > ${pidFile}; wait`;
    const result = await commands.run(['sh', '-c', script], { timeoutMs: 300 });
    expect(result).toMatchObject({ exitCode: null, timedOut: true, how: 'timed out after 0.3 s' });
    const pid = readFileSync(pidFile, 'utf8').trim();
    const gone = () => !existsSync(`/proc/${pid}`) || readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z');
    for (let tries = 0; !gone() && tries < 5000; tries++) await new Promise((resolve) => setImmediate(resolve));
    expect(gone()).toBe(true);
  });

  it('who leaves somebody behind with the output has ended all the same', async () => {
    const started = performance.now();
    const result = await commands.run(['sh', '-c', 'sleep 3 & exit 0'], TIME);
    expect([result.exitCode, performance.now() - started < 2500]).toEqual([0, true]);
  });
});

describe('a command that stays', () => {
  it('takes lines, gives lines, and ends when there are no more', async () => {
    const lines: string[] = [];
    const how = await new Promise<string>((resolve) => {
      const stream = commands.stream(['sh', '-c', 'while read x; do echo "got $x"; echo "err $x" >&2; done; exit 4'], {
        line: (text) => lines.push(text),
        errorLine: (text) => lines.push(text),
        exit: resolve,
      });
      stream.write('a\nb\n');
      stream.finish();
    });
    expect(how).toBe('exit status 4');
    expect(lines.sort()).toEqual(['err a', 'err b', 'got a', 'got b']);
  });

  it('one that is not there says so', async () => {
    const how = await new Promise<string>((resolve) => {
      commands.stream([join(folder, 'none')], { line: () => {}, errorLine: () => {}, exit: resolve });
    });
    expect(how).toContain('ENOENT');
  });
});
