// wrk on the load core: how many requests, how fast, what went wrong.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cpuMicroseconds, processTree } from './process-tree.mjs';

const run = promisify(execFile);

const MILLISECONDS = { us: 0.001, ms: 1, s: 1000, m: 60_000 };

function milliseconds(text) {
  const match = /^([\d.]+)(us|ms|s|m)$/.exec(text ?? '');
  return match === null ? Number.NaN : Number(match[1]) * MILLISECONDS[match[2]];
}

/** One measurement of one peer. */
export async function measure(scenario, port, pid, seconds, core) {
  const pids = processTree(pid);
  const before = cpuMicroseconds(pids);
  const { stdout } = await run('taskset', [
    ...['-c', core, 'wrk', '-t1', `-c${scenario.connections}`, `-d${seconds}s`, '--latency'],
    ...(scenario.close ? ['-H', 'Connection: close'] : []),
    `http://127.0.0.1:${port}${scenario.path}`,
  ]);
  const after = cpuMicroseconds(pids);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0);
  return {
    requestsPerSecond: requests / seconds,
    cpuPerRequest: (after.total - before.total) / requests,
    userPerRequest: (after.user - before.user) / requests,
    p50Ms: milliseconds(/\n\s+50%\s+(\S+)/.exec(stdout)?.[1]),
    p99Ms: milliseconds(/\n\s+99%\s+(\S+)/.exec(stdout)?.[1]),
    trouble: /Non-2xx.*|Socket errors.*/.exec(stdout)?.[0] ?? '',
  };
}
