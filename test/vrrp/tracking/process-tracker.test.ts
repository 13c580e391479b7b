/** When the quorum of a tracked process is told of: keepalived's delays, by what happened. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { TrackedProcess } from '../../../src/config/pair-model.ts';
import type { RunningProcess } from '../../../src/vrrp/tracking/process-table.ts';
import { ProcessTracker } from '../../../src/vrrp/tracking/process-tracker.ts';
import { FakeTime } from '../../support/fake-time.ts';

const TRACKED: TrackedProcess = {
  origin: { file: 'k.conf', line: 1 },
  name: 'web',
  process: ['web'],
  match: 'name',
  parameterMatch: null,
  weight: 0,
  reverse: false,
  quorum: 1,
  quorumMax: null,
  riseDelayMs: 3000,
  fallDelayMs: 2000,
};
const web = (pid: number, parent = 1): RunningProcess => ({ pid, parent, name: 'web', arguments: [] });
/** A look may be so much later than what happened. */
const LOOK_MS = 250;

let time: FakeTime;
let running: RunningProcess[];
let told: [number, boolean][];
beforeEach(() => {
  time = new FakeTime();
  told = [];
});

function track(change: Partial<TrackedProcess>, first: RunningProcess[]): ProcessTracker {
  running = first;
  const tracker = new ProcessTracker({
    tracked: { ...TRACKED, ...change },
    read: () => running,
    clock: time,
    timers: time,
    journal: { info: () => {}, warning: () => {} },
    changed: (up) => told.push([time.monotonicMs(), up]),
  });
  tracker.start();
  return tracker;
}

describe('a quorum', () => {
  it.each<[string, Partial<TrackedProcess>, RunningProcess[], RunningProcess[], number | null, boolean]>([
    ['lost by an end: after terminate_delay', {}, [web(7)], [], 2000, false],
    ['lost at once without one', { fallDelayMs: 0 }, [web(7)], [], 0, false],
    ['lost because it became another program: at once', {}, [web(7)], [{ ...web(7), name: 'other' }], 0, false],
    ['gained by a start: at once', {}, [], [web(7)], 0, true],
    ['gained by a fork: after fork_delay', { quorum: 2 }, [web(7)], [web(7), web(8, 7)], 3000, true],
    ['gained by a fork of a fork', { quorum: 3 }, [web(7)], [web(7), web(8, 7), web(9, 8)], 3000, true],
    ['gained by a fork and a start: at once', { quorum: 3 }, [web(7)], [web(7), web(8, 7), web(9)], 0, true],
    ['exceeded by a fork: after fork_delay', { quorumMax: 1 }, [web(7)], [web(7), web(8, 7)], 3000, false],
    ['kept again by an end: after terminate_delay', { quorumMax: 1 }, [web(7), web(8, 7)], [web(7)], 2000, true],
    ['kept all the same', { quorum: 1 }, [web(7), web(8, 7)], [web(8)], null, true],
  ])('%s', async (_, change, before, after, delayMs, up) => {
    const tracker = track(change, before);
    expect(told).toHaveLength(1);
    running = after;
    await time.advance(10_000);
    expect(told.slice(1)).toEqual(delayMs === null ? [] : [[LOOK_MS + delayMs, up]]);
    tracker.stop();
    expect(time.due).toEqual([]);
  });

  it('lost and gained again meanwhile: nothing is told, and the next loss waits as long again', async () => {
    track({}, [web(7)]);
    running = [];
    await time.advance(2000);
    running = [web(8)];
    await time.advance(1000);
    expect(told).toEqual([[0, true]]);
    running = [];
    await time.advance(2249);
    expect(told).toHaveLength(1);
    await time.advance(1);
    expect(told.slice(1)).toEqual([[5250, false]]);
  });

  it('a delay ends to the millisecond, not with the next look', async () => {
    track({ fallDelayMs: 1111 }, [web(7)]);
    running = [];
    await time.advance(5000);
    expect(told.slice(1)).toEqual([[LOOK_MS + 1111, false]]);
  });
});
