import { beforeEach, describe, expect, it } from 'vitest';
import type { NotifyScripts, ScriptCommand } from '../../src/config/pair-model.ts';
import { Notifier } from '../../src/vrrp/notifier.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { settle } from '../support/fake-time.ts';

const command = (...argv: string[]): ScriptCommand => ({
  origin: { file: 'k.conf', line: 1 },
  argv,
  user: argv.includes('nobody') ? 'nobody' : null,
  group: null,
});
const SCRIPTS: NotifyScripts = {
  master: command('/m', 'a b'),
  backup: command('/b'),
  fault: null,
  stop: null,
  deleted: null,
  general: command('/any', 'x'),
  masterHeardLower: null,
  onPriorityChange: false,
};
const SUBJECT = { kind: 'INSTANCE', name: 'VI_1', priority: 150 } as const;

let commands: FakeCommands;
let said: string[];
let notifier: Notifier;

beforeEach(() => {
  commands = new FakeCommands();
  said = [];
  const say = (text: string) => said.push(text);
  const users = (user: string | null) => (user === 'nobody' ? "there is no user 'nobody'" : { uid: 7, gid: 8 });
  notifier = new Notifier(commands, users, { info: say, warning: say });
});

const started = () => commands.runs.map(({ argv }) => argv.join(' '));

describe('notify scripts', () => {
  it('run one at a time, in order, with keepalived’s arguments and as the user', async () => {
    notifier.tell(SCRIPTS, SUBJECT, 'MASTER');
    notifier.tell(SCRIPTS, SUBJECT, 'FAULT');
    await settle();
    expect(started()).toEqual(['/m a b']);
    expect(commands.runs[0]?.argv).toEqual(['/m', 'a b']);
    expect(commands.runs[0]?.options).toMatchObject({ uid: 7, gid: 8, timeoutMs: 60_000 });
    commands.runs[0]?.end({});
    await settle();
    expect(started()).toEqual(['/m a b', '/any x INSTANCE VI_1 MASTER 150']);
    commands.runs[1]?.end({});
    await settle();
    expect(started()[2]).toBe('/any x INSTANCE VI_1 FAULT 150');
  });

  it('one that fails is said, and stops nobody', async () => {
    notifier.tell(SCRIPTS, SUBJECT, 'BACKUP');
    await settle();
    commands.runs[0]?.end({ exitCode: null, how: 'timed out after 60 s' });
    await settle();
    expect(started().length).toBe(2);
    expect(said).toEqual(['notify script /b: timed out after 60 s']);
  });

  it('a user that is not there is said', async () => {
    notifier.run(command('/x', 'nobody'));
    notifier.run(command('/y'));
    await settle();
    expect([started(), said]).toEqual([['/y'], ["notify script /x: there is no user 'nobody'"]]);
  });

  it('idle when all have ended', async () => {
    commands.answer = () => ({});
    notifier.tell(SCRIPTS, SUBJECT, 'MASTER');
    await notifier.idle();
    expect(started().length).toBe(2);
    await notifier.idle();
  });

  it('too many waiting: the oldest are dropped', async () => {
    for (let i = 0; i < 1100; i++) notifier.run(command(`/s${i}`));
    await settle();
    expect(said.length).toBe(100);
  });
});
