import { describe, expect, it } from 'vitest';
import type { TrackedProcess } from '../../../src/config/pair-model.ts';
import { isQuorate, matches, type RunningProcess, readProcesses } from '../../../src/vrrp/tracking/process-table.ts';
import { ProcessTracker } from '../../../src/vrrp/tracking/process-tracker.ts';
import { FakeTime } from '../../support/fake-time.ts';

const TRACKED: TrackedProcess = {
  origin: { file: 'k.conf', line: 1 },
  name: 'haproxy',
  process: ['/usr/sbin/haproxy'],
  match: 'name',
  parameterMatch: null,
  weight: 0,
  reverse: false,
  quorum: 1,
  quorumMax: null,
  riseDelayMs: 0,
  fallDelayMs: 0,
};
const HAPROXY: RunningProcess = { name: 'haproxy', arguments: ['/usr/sbin/haproxy', '-W', '-f', '/etc/h.cfg'] };

describe('a process', () => {
  it.each<[string, Partial<TrackedProcess>, RunningProcess, boolean]>([
    ['by name', {}, HAPROXY, true],
    ['of another name', {}, { ...HAPROXY, name: 'haproxyd' }, false],
    [
      'by the 15 bytes that the kernel keeps',
      { process: ['a-very-long-program-name'] },
      { name: 'a-very-long-pro', arguments: [] },
      true,
    ],
    ['by its path', { match: 'full-command' }, HAPROXY, true],
    ['by another path', { match: 'full-command', process: ['/opt/haproxy'] }, HAPROXY, false],
    [
      'parameters, all of them',
      { process: ['haproxy', '-W', '-f', '/etc/h.cfg'], parameterMatch: 'exact' },
      HAPROXY,
      true,
    ],
    ['parameters, not all', { process: ['haproxy', '-W'], parameterMatch: 'exact' }, HAPROXY, false],
    ['the first parameters', { process: ['haproxy', '-W'], parameterMatch: 'initial' }, HAPROXY, true],
    ['the last cut short', { process: ['haproxy', '-W', '-f', '/etc/'], parameterMatch: 'partial' }, HAPROXY, true],
    ['other parameters', { process: ['haproxy', '-D'], parameterMatch: 'initial' }, HAPROXY, false],
  ])('%s', (_, change, process, found) => {
    expect(matches({ ...TRACKED, ...change }, process)).toBe(found);
  });

  it('as often as wanted, and no more', () => {
    const many = (count: number) => Array.from({ length: count }, () => HAPROXY);
    const tracked = { ...TRACKED, quorum: 2, quorumMax: 3 };
    expect([1, 2, 3, 4].map((n) => isQuorate(tracked, many(n)))).toEqual([false, true, true, false]);
  });

  it('this one is found in /proc', () => {
    expect(
      readProcesses().some(({ arguments: [program] }) => program === process.argv0 || program === process.execPath),
    ).toBe(true);
  });
});

describe('tracking processes', () => {
  it('tells what runs, and waits as long as the file wants', async () => {
    const time = new FakeTime();
    const told: [number, boolean][] = [];
    let running: RunningProcess[] = [HAPROXY];
    const tracker = new ProcessTracker({
      tracked: [{ ...TRACKED, fallDelayMs: 2000 }],
      read: () => running,
      clock: time,
      timers: time,
      journal: { info: () => {}, warning: () => {} },
      changed: (_, up) => told.push([time.monotonicMs(), up]),
    });
    tracker.start();
    running = [];
    await time.advance(1000);
    running = [HAPROXY];
    await time.advance(1000);
    expect(told).toEqual([[0, true]]);
    running = [];
    await time.advance(3000);
    running = [HAPROXY];
    await time.advance(1000);
    expect(told).toEqual([
      [0, true],
      [4500, false],
      [5500, true],
    ]);
    tracker.stop();
    expect(time.due).toEqual([]);
  });
});
