import { beforeEach, describe, expect, it } from 'vitest';
import type { VrrpScript } from '../../../src/config/pair-model.ts';
import { count } from '../../../src/vrrp/tracking/rise-fall.ts';
import { ScriptTracker } from '../../../src/vrrp/tracking/script-tracker.ts';
import { FakeCommands } from '../../support/fake-commands.ts';
import { FakeTime, settle } from '../../support/fake-time.ts';

const SCRIPT: VrrpScript = {
  origin: { file: 'k.conf', line: 1 },
  name: 'chk',
  command: { origin: { file: 'k.conf', line: 1 }, argv: ['/chk', 'a'], user: null, group: null },
  intervalMs: 1000,
  timeoutMs: 700,
  weight: 0,
  reverse: false,
  rise: 2,
  fall: 3,
  initFail: false,
};

let commands: FakeCommands;
let time: FakeTime;
let changes: boolean[];
let said: string[];

beforeEach(() => {
  commands = new FakeCommands();
  time = new FakeTime();
  changes = [];
  said = [];
});

function track(
  change: Partial<VrrpScript> = {},
  user: () => object | string = () => ({ uid: 5, gid: 6 }),
): ScriptTracker {
  const say = (text: string) => said.push(text);
  const tracker = new ScriptTracker({
    script: { ...SCRIPT, ...change },
    runner: commands,
    resolveUser: user,
    clock: time,
    timers: time,
    journal: { info: say, warning: say },
    changed: (up) => changes.push(up),
    runs: () => {},
  });
  tracker.start();
  return tracker;
}

/** The run that goes on ends so; then the next interval comes. */
async function result(exitCode: number): Promise<void> {
  commands.runs.at(-1)?.end({ exitCode, how: `exit status ${exitCode}` });
  await settle();
  await time.advance(1000);
}

describe('a tracked script', () => {
  it('runs without a shell, as its user, within its time', () => {
    track();
    expect(commands.runs[0]).toMatchObject({ argv: ['/chk', 'a'], options: { uid: 5, gid: 6, timeoutMs: 700 } });
  });

  it('is down after `fall` failures in a row, up after `rise` successes', async () => {
    track();
    for (const code of [0, 1, 1, 0, 1, 1, 1, 0, 1, 0, 0]) await result(code);
    expect(changes).toEqual([false, true]);
    expect(said).toEqual(['VRRP_Script(chk) failed (exit status 1)', 'VRRP_Script(chk) succeeded']);
  });

  it('the first result counts by itself', async () => {
    track();
    await result(1);
    expect(changes).toEqual([false]);
  });

  it('init_fail: down until it has succeeded', async () => {
    const tracker = track({ initFail: true });
    expect(tracker.up).toBe(false);
    await result(0);
    expect(changes).toEqual([true]);
  });

  it('is never started while it runs; one that took long is followed at once', async () => {
    track();
    await time.advance(2500);
    expect(commands.runs.length).toBe(1);
    commands.runs[0]?.end({ exitCode: null, timedOut: true, how: 'timed out after 0.7 s' });
    await settle();
    await time.advance(0);
    expect(commands.runs.length).toBe(2);
    expect(said).toEqual(['VRRP_Script(chk) failed (timed out after 0.7 s)']);
  });

  it('without its user fails, and says why', async () => {
    track({}, () => "there is no user 'x'");
    await settle();
    expect([commands.runs.length, said]).toEqual([0, ["VRRP_Script(chk) failed (there is no user 'x')"]]);
  });

  it('stops', async () => {
    const tracker = track();
    tracker.stop();
    await result(1);
    expect([changes, commands.runs.length]).toEqual([[], 1]);
  });
});

describe('counting', () => {
  it('starts over when the row is broken', () => {
    let state = { up: true, against: 0 };
    for (const good of [false, false, true, false, false]) state = count(state, good, 1, 3);
    expect(state).toEqual({ up: true, against: 2 });
  });
});
