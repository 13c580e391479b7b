/** Changing servers: what the threads see, what is said in the log, and HAProxy's words for what is wrong. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { STATE_DOWN, STATE_DRAIN, STATE_MAINT, STATE_UP } from '../../../src/proxy/shared-state.ts';
import { AdminScene } from '../../support/admin-scene.ts';

let scene: AdminScene;
beforeEach(() => {
  scene = new AdminScene();
});
afterEach(() => scene.close());

const COUNTS = '0 sessions active, 0 requeued, 0 remaining in queue.';
const QUEUED = '0 sessions requeued, 0 total in queue.';

describe('state', () => {
  it.each<[string, readonly [string, number, readonly string[]][]]>([
    [
      'maintenance and back',
      [
        [
          'set server app/s1 state maint',
          STATE_MAINT,
          [
            `Server app/s1 is going DOWN for maintenance. 0 active and 1 backup servers left. Running on backup. ${COUNTS}`,
          ],
        ],
        ['set server app/s1 state maint', STATE_MAINT, []],
        ['set server app/s1 state ready', STATE_UP, ['Server app/s1 is UP/READY (leaving forced maintenance).']],
        ['set server app/s1 state ready', STATE_UP, []],
      ],
    ],
    [
      'drain and back',
      [
        [
          'set server app/s1 state drain',
          STATE_DRAIN,
          [`Server app/s1 enters drain state. 0 active and 1 backup servers online. Running on backup. ${QUEUED}`],
        ],
        ['set server app/s1 state ready', STATE_UP, ['Server app/s1 is UP (leaving forced drain).']],
      ],
    ],
    [
      'from maintenance to drain',
      [
        ['disable server app/s1', STATE_MAINT, [expect.stringContaining('going DOWN for maintenance')]],
        [
          'set server app/s1 state drain',
          STATE_DRAIN,
          ['Server app/s1 is UP/DRAIN (leaving forced maintenance).', 'Server app/s1 remains in forced drain mode.'],
        ],
      ],
    ],
    [
      'the last server',
      [
        ['disable server app/s2', STATE_UP, [expect.stringContaining('Backup Server app/s2 is going DOWN')]],
        [
          'set server app/s1 state drain',
          STATE_DRAIN,
          [expect.stringContaining('enters drain state'), "backend 'app' has no server available!"],
        ],
      ],
    ],
    [
      'maintenance ends drain',
      [
        ['set server app/s1 state drain', STATE_DRAIN, [expect.any(String)]],
        ['disable server app/s1', STATE_MAINT, [expect.any(String)]],
        ['enable server app/s1', STATE_UP, ['Server app/s1 is UP/READY (leaving forced maintenance).']],
      ],
    ],
  ])('%s', async (_, steps) => {
    for (const [command, state, lines] of steps) {
      scene.side.said.length = 0;
      expect(await scene.ask(command)).toBe('\n');
      expect(scene.side.stateOf(0), command).toBe(state);
      expect(scene.side.said, command).toEqual(lines);
    }
  });

  it('of a server that is disabled in the configuration can be made ready', async () => {
    expect(scene.side.stateOf(2)).toBe(STATE_MAINT);
    expect(await scene.ask('show servers state app')).toContain(' s3 2001:db8::1 0 5 1 1 ');
    await scene.ask('set server app/s3 state ready');
    expect(scene.side.stateOf(2)).toBe(STATE_UP);
  });

  it('tells the threads', async () => {
    const before = scene.side.wakes;
    await scene.ask('set server app/s1 state drain');
    expect(scene.side.wakes).toBe(before + 1);
    await scene.ask('set server app/s1 state drain');
    expect(scene.side.wakes).toBe(before + 1);
  });
});

describe('health', () => {
  it('is what an operator says, in HAProxy’s words', async () => {
    await scene.ask('set server app/s2 health down');
    expect(scene.side.stateOf(1)).toBe(STATE_DOWN);
    await scene.ask('set server app/s2 health up;set server app/s2 health stopping;set server app/s2 health up');
    expect(scene.side.stateOf(1)).toBe(STATE_UP);
    expect(scene.side.said.map((line) => line.replace(/\. .*/, ''))).toEqual([
      'Backup Server app/s2 is DOWN, changed from CLI',
      'Backup Server app/s2 is UP, changed from CLI',
      'Backup Server app/s2 is stopping, changed from CLI',
      'Backup Server app/s2 is UP, changed from CLI',
    ]);
  });

  it('goes behind maintenance', async () => {
    await scene.ask('disable server app/s2;set server app/s2 health up');
    expect(scene.side.stateOf(1)).toBe(STATE_MAINT);
  });
});

describe('weight', () => {
  it.each([
    ['5', 5],
    ['0', 0],
    ['256', 256],
    ['50%', 5],
    ['0%', 0],
    ['100%', 10],
    ['15%', 1],
    ['2000%', 200],
    ['5000%', 256],
  ])('%s', async (text, weight) => {
    expect(await scene.ask(`set weight app/s1 ${text}`)).toBe('\n');
    expect(scene.side.weightOf(0)).toBe(weight);
    expect(await scene.ask('get weight app/s1')).toBe(`${weight} (initial 10)\n\n`);
    await scene.ask('set server app/s1 weight 100%');
    expect(scene.side.weightOf(0)).toBe(10);
  });

  it.each([
    ['', 'Require <weight> or <weight%>.\n\n'],
    ['257', 'Absolute weight can only be between 0 and 256 inclusive.\n\n'],
    ['-1', 'Absolute weight can only be between 0 and 256 inclusive.\n\n'],
    ['x', 'Empty weight string empty or preceded by garbage\n'],
    ['5x', 'Trailing garbage in weight string\n'],
    ['5%x', 'Trailing garbage in weight string\n'],
    ['-5%', 'Relative weight must be positive.\n\n'],
  ])('not %j', async (text, answer) => {
    expect(await scene.ask(`set weight app/s1 ${text}`)).toBe(answer);
    expect(scene.side.weightOf(0)).toBe(10);
  });

  it('0 of the last server leaves none', async () => {
    await scene.ask('disable server app/s2;set weight app/s1 0');
    expect(scene.side.said.at(-1)).toBe("backend 'app' has no server available!");
  });

  it('of a static algorithm is all or nothing', async () => {
    scene.close();
    scene = new AdminScene('level admin', '', 'backend b\n balance static-rr\n server s 192.0.2.1:80 weight 10\n');
    expect(await scene.ask('set weight b/s 5')).toMatch(/^Backend is using a static LB algorithm/);
    expect(await scene.ask('set weight b/s 0;set weight b/s 100%')).toBe('\n\n');
  });
});

describe('a server', () => {
  it.each([
    ['app/s1', '10 (initial 10)\n\n'],
    ['app/#1', '10 (initial 10)\n\n'],
    ['#3/#7', '1 (initial 1)\n\n'],
    ['app/nope', 'No such server.\n\n'],
    ['app/s1/x', 'No such server.\n\n'],
    ['nope/s1', 'No such backend.\n\n'],
    ['web/s1', 'No such backend.\n\n'],
    ['3/1', 'No such backend.\n\n'],
    ['/s1', 'No such backend.\n\n'],
    ['app', "Require 'backend/server'.\n\n"],
    ['', "Require 'backend/server'.\n\n"],
  ])('is found as %j', async (path, answer) => {
    expect(await scene.ask(`get weight ${path}`)).toBe(answer);
  });

  it.each([
    ['state', "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"],
    ['state up', "'set server <srv> state' expects 'ready', 'drain' and 'maint'.\n\n"],
    ['health', "'set server <srv> health' expects 'up', 'stopping', or 'down'.\n\n"],
    ['weight', 'Require <weight> or <weight%>.\n\n'],
    ['fqdn', 'set server <b>/<s> fqdn requires a FQDN.\n\n'],
    ['fqdn x', 'set server <b>/<s> fqdn failed because no resolution is configured.\n\n'],
    ['ssl on', "'set server <srv> ssl' cannot be set.  default-server should define ssl settings\n\n"],
    ['bogus', expect.stringMatching(/^usage: set server <backend>\/<server> addr \|/)],
    ['', expect.stringMatching(/^usage: set server/)],
  ])('is not changed by %j', async (what, answer) => {
    expect(await scene.ask(`set server app/s1 ${what}`)).toEqual(answer);
    expect(scene.side.stateOf(0)).toBe(STATE_UP);
  });
});
