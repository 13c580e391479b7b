import { describe, expect, it } from 'vitest';
import { cpuQuota, defaultThreads } from '../../src/daemon/default-threads.ts';

const files =
  (content: Readonly<Record<string, string>>) =>
  (path: string): string | null =>
    content[path] ?? null;
const nothing = files({});

describe('without nbthread there is a thread', () => {
  it.each([
    ['for each core', 8, {}, 8],
    ['for each core that there may be at all', 128, {}, 64],
    [
      'for each core of the unit’s quota, rounded up',
      8,
      {
        '/proc/self/cgroup': '0::/system.slice/tandem.service\n',
        '/sys/fs/cgroup/system.slice/tandem.service/cpu.max': '250000 100000\n',
      },
      3,
    ],
    ['and one of less than one', 8, { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '20000 100000\n' }, 1],
    [
      'for no core that is not there',
      2,
      { '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': '400000 100000\n' },
      2,
    ],
  ])('%s', (_, cores, content, expected) => {
    expect(defaultThreads(cores, files(content))).toBe(expected);
  });

  it('on this machine, too', () => {
    expect(defaultThreads()).toBeGreaterThanOrEqual(1);
  });
});

describe('a quota', () => {
  it('of a parent counts when it is smaller', () => {
    const read = files({
      '/proc/self/cgroup': '0::/a/b\n',
      '/sys/fs/cgroup/a/b/cpu.max': '300000 100000\n',
      '/sys/fs/cgroup/a/cpu.max': '50000 50000\n',
      '/sys/fs/cgroup/cpu.max': 'max 100000\n',
    });
    expect(cpuQuota(read)).toBe(1);
  });

  it('of version 1 counts, also in a container that sees the host’s path', () => {
    const read = files({
      '/proc/self/cgroup': '5:memory:/docker/1234\n4:cpu,cpuacct:/docker/1234\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us': '150000\n',
      '/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us': '100000\n',
    });
    expect(cpuQuota(read)).toBe(1.5);
  });

  it.each([
    ['nowhere', nothing],
    ['without bound (version 2)', files({ '/proc/self/cgroup': '0::/\n', '/sys/fs/cgroup/cpu.max': 'max 100000\n' })],
    [
      'without bound (version 1)',
      files({
        '/proc/self/cgroup': '1:cpu:/\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
        '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
      }),
    ],
    ['that nobody can read', files({ '/proc/self/cgroup': 'nonsense', '/sys/fs/cgroup/cpu.max': '' })],
  ])('is none: %s', (_, read) => {
    expect(cpuQuota(read)).toBeNull();
  });
});
