/**
 * How many data threads there are when `nbthread` is not configured: as many as the process may use cores, which its
 * affinity says (taskset, cpuset), and the CPU quota of its container or unit (CPUQuota=, docker --cpus).
 *
 *   quota of a cgroup: quota ÷ period, rounded up; of nested ones the smallest counts
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** As many as `nbthread` takes. */
const MOST_THREADS = 64;
const V2 = '/sys/fs/cgroup';
/** Where the `cpu` controller of version 1 is mounted. */
const V1 = ['/sys/fs/cgroup/cpu', '/sys/fs/cgroup/cpu,cpuacct'];

export type ReadText = (path: string) => string | null;

export function defaultThreads(cores = availableParallelism(), read: ReadText = readText): number {
  const quota = cpuQuota(read);
  const usable = quota === null ? cores : Math.min(cores, Math.ceil(quota));
  return Math.max(1, Math.min(usable, MOST_THREADS));
}

/** In cores; null: none. */
export function cpuQuota(read: ReadText): number | null {
  let least: number | null = null;
  const take = (quota: number, period: number): void => {
    if (quota > 0 && period > 0) least = Math.min(least ?? Number.POSITIVE_INFINITY, quota / period);
  };
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers = '', path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    for (const folder of ancestors(path)) {
      if (controllers === '') {
        const [quota, period] = (read(`${V2}${folder}/cpu.max`) ?? '').split(/\s/);
        take(Number(quota), Number(period));
      } else if (controllers.split(',').includes('cpu')) {
        for (const mount of V1) {
          const period = read(`${mount}${folder}/cpu.cfs_period_us`);
          take(Number(read(`${mount}${folder}/cpu.cfs_quota_us`)), Number(period));
        }
      }
    }
  }
  return least;
}

/** `/a/b` → `/a/b`, `/a`, and the root, which in a container is its own folder whatever the path says. */
function ancestors(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  return [...parts.keys(), parts.length].map((count) =>
    parts
      .slice(0, count)
      .map((part) => `/${part}`)
      .join(''),
  );
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
