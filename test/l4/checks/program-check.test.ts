import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemTimers } from '../../../src/core/clock.ts';
import type { CommandResult, ResolveUser } from '../../../src/core/command.ts';
import { SystemCommands } from '../../../src/daemon/commands.ts';
import { miscMethod } from '../../../src/l4/checks/program-check.ts';
import { FakeCommands } from '../../support/fake-commands.ts';
import { attempt, found, home, LONG_MS, ORIGIN, services, timing } from '../../support/l4-checks.ts';

const PROGRAM = '/usr/local/bin/look';
const NAME = `Misc check for [[10.0.0.71]:tcp:80 VS [192.0.2.1]:tcp:80] by [${PROGRAM}]`;

interface More {
  readonly commands?: FakeCommands | SystemCommands;
  readonly isDynamic?: boolean;
  readonly resolveUser?: ResolveUser;
  readonly argv?: readonly string[];
  readonly timeoutMs?: number;
}

function check({ commands = new FakeCommands(), isDynamic = false, resolveUser, argv, timeoutMs }: More) {
  const command = { argv: argv ?? [PROGRAM, 'here'], user: 'probe', group: null } as never;
  const asked = { kind: 'misc', command, timeoutMs: timeoutMs ?? 5000, isDynamic } as const;
  const whole = { ...asked, origin: ORIGIN, timing: timing() };
  return miscMethod(whole, home({ weight: 10 }), services({ commands, ...(resolveUser ? { resolveUser } : {}) }));
}

describe('MISC_CHECK', () => {
  it.each<[Partial<CommandResult>, boolean, string]>([
    [{ exitCode: 0, how: 'exit status 0' }, false, 'good: exit status 0'],
    [{ exitCode: 1, how: 'exit status 1' }, false, `${NAME} failed: exit status 1`],
    [{ exitCode: 7, how: 'exit status 7' }, false, `${NAME} failed: exit status 7`],
    [{ exitCode: 1, how: 'exit status 1' }, true, `${NAME} failed: exit status 1`],
    [{ exitCode: null, how: 'signal SIGKILL' }, true, `${NAME} failed: signal SIGKILL`],
    [{ exitCode: null, how: 'No such file or directory' }, false, `${NAME} failed: No such file or directory`],
    [{ exitCode: null, how: 'timed out after 5 s', timedOut: true }, false, `${NAME} timed out: timed out after 5 s`],
  ])('%j with misc_dynamic %s: %s', async (result, isDynamic, expected) => {
    const commands = new FakeCommands();
    commands.answer = () => result;
    expect(await found(check({ commands, isDynamic }))).toBe(expected);
  });

  it.each([
    [0, 0],
    [2, -10],
    [3, -9],
    [12, 0],
    [255, 243],
  ])('with misc_dynamic a status of %d changes a weight of 10 by %d', async (exitCode, expected) => {
    const commands = new FakeCommands();
    commands.answer = () => ({ exitCode });
    const outcome = await attempt(check({ commands, isDynamic: true }));
    expect([outcome.kind, outcome.kind === 'good' ? (outcome.weightChange ?? 0) : null]).toEqual(['good', expected]);
  });

  it('runs as the user who is named, for so long', async () => {
    const commands = new FakeCommands();
    commands.answer = () => ({});
    const asked: (string | null)[] = [];
    const resolveUser: ResolveUser = (user, group) => {
      asked.push(user, group);
      return { uid: 7, gid: 8 };
    };
    await attempt(check({ commands, resolveUser }));
    const [run] = commands.runs;
    expect([run?.argv, run?.options.timeoutMs, run?.options.uid, run?.options.gid, asked]).toEqual([
      [PROGRAM, 'here'],
      5000,
      7,
      8,
      ['probe', null],
    ]);
  });

  it('a user who is not there is a failure that says so', async () => {
    const commands = new FakeCommands();
    const resolveUser: ResolveUser = () => "there is no user 'probe'";
    expect(await found(check({ commands, resolveUser }))).toBe(`${NAME} failed: there is no user 'probe'`);
    expect(commands.runs).toEqual([]);
  });

  it('cancelled, the program is killed and says nothing', async () => {
    const commands = new FakeCommands();
    const said: unknown[] = [];
    check({ commands })
      .begin((outcome) => said.push(outcome))
      .cancel();
    const [run] = commands.runs;
    expect(run?.options.signal?.aborted).toBe(true);
    run?.end({ exitCode: 1 });
    await Promise.resolve();
    expect(said).toEqual([]);
  });
});

describe('MISC_CHECK with real programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-misc-'));
  const commands = new SystemCommands(systemTimers, {});
  const script = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    return path;
  };
  let stubborn = '';
  beforeAll(() => {
    stubborn = script('stubborn', `trap '' TERM\ntouch ${folder}/began\nwhile :; do sleep 1; done`);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const outcome = async (argv: string[], timeoutMs = LONG_MS, isDynamic = false) => {
    const result = await attempt(check({ commands, argv, timeoutMs, isDynamic }));
    return [result.kind, result.why];
  };

  it('their exit status, a signal, nothing to run', async () => {
    expect(await outcome([script('fine', 'exit 0')])).toEqual(['good', 'exit status 0']);
    expect(await outcome([script('ill', 'exit 3')])).toEqual(['bad', 'exit status 3']);
    expect(await outcome([script('heavy', 'exit 3')], LONG_MS, true)).toEqual(['good', 'exit status 3']);
    expect(await outcome([script('killed', 'kill -9 $$')])).toEqual(['bad', 'signal SIGKILL']);
    expect((await outcome([join(folder, 'nosuch')]))[0]).toBe('bad');
  });

  it('one that takes too long is ended, even if it does not want to', async () => {
    expect(await outcome([stubborn], 200)).toEqual(['bad', 'timed out after 0.2 s']);
  });

  it('a check that is stopped ends its program', async () => {
    rmSync(join(folder, 'began'), { force: true });
    let ended = false;
    const watched = {
      run: async (...given: Parameters<SystemCommands['run']>) => {
        const result = await commands.run(...given);
        ended = true;
        return result;
      },
    };
    const fake = Object.assign(new FakeCommands(), watched);
    const running = check({ commands: fake, argv: [stubborn], timeoutMs: LONG_MS }).begin(() => {});
    await expect.poll(() => existsSync(join(folder, 'began')), { timeout: 30_000 }).toBe(true);
    running.cancel();
    await expect.poll(() => ended, { timeout: 30_000 }).toBe(true);
  });
});
