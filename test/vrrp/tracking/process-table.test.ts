import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TrackedProcess } from '../../../src/config/pair-model.ts';
import { isQuorate, matches, type RunningProcess, readProcesses } from '../../../src/vrrp/tracking/process-table.ts';

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
const HAPROXY: RunningProcess = {
  pid: 100,
  parent: 1,
  name: 'haproxy',
  arguments: ['/usr/sbin/haproxy', '-W', '-f', '/etc/h.cfg'],
};

describe('a process', () => {
  it.each<[string, Partial<TrackedProcess>, RunningProcess, boolean]>([
    ['by name', {}, HAPROXY, true],
    ['of another name', {}, { ...HAPROXY, name: 'haproxyd' }, false],
    [
      'by the 15 bytes that the kernel keeps',
      { process: ['a-very-long-program-name'] },
      { ...HAPROXY, name: 'a-very-long-pro', arguments: [] },
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
    ['the first parameters', { process: ['haproxy', '-W', '-f'], parameterMatch: 'partial' }, HAPROXY, true],
    [
      'the first ones, cut short',
      { process: ['haproxy', '-W', '-f', '/etc/'], parameterMatch: 'partial' },
      HAPROXY,
      false,
    ],
    ['the last cut short', { process: ['haproxy', '-W', '-f', '/etc/'], parameterMatch: 'initial' }, HAPROXY, true],
    ['the first cut short', { process: ['haproxy', '-', '-f', '/etc/'], parameterMatch: 'initial' }, HAPROXY, false],
    ['other parameters', { process: ['haproxy', '-D'], parameterMatch: 'initial' }, HAPROXY, false],
  ])('%s', (_, change, process, found) => {
    expect(matches({ ...TRACKED, ...change }, process)).toBe(found);
  });

  it('as often as wanted, and no more', () => {
    const tracked = { ...TRACKED, quorum: 2, quorumMax: 3 };
    expect([1, 2, 3, 4].map((count) => isQuorate(tracked, count))).toEqual([false, true, true, false]);
  });

  it('this one is found in /proc', () => {
    const own = readProcesses().find(({ pid }) => pid === process.pid);
    expect([own?.parent, own?.arguments[0]]).toEqual([process.ppid, process.argv0]);
    expect(readProcesses(false).find(({ pid }) => pid === process.pid)).toEqual({ ...own, arguments: [] });
  });

  it('whatever its name is; one that waits to be buried is none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-proc-'));
    const stats = { 7: '7 (a) (b) S 3 1', 8: '8 (gone) Z 3 1', 9: '9 (x', 10: '10 () R 1 1', notes: 'x' };
    for (const [name, stat] of Object.entries(stats)) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, 'stat'), stat);
    }
    expect(readProcesses(false, folder).sort((a, b) => a.pid - b.pid)).toEqual([
      { pid: 7, parent: 3, name: 'a) (b', arguments: [] },
      { pid: 10, parent: 1, name: '', arguments: [] },
    ]);
    rmSync(folder, { recursive: true });
  });
});
