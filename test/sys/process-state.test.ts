import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { isStopped, isTraced } from '../../src/sys/process-state.ts';

it('a process is stopped from SIGSTOP to SIGCONT', async () => {
  const child = spawn('sleep', ['100']);
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  expect([isStopped(pid), isTraced(pid)]).toEqual([false, false]);
  child.kill('SIGSTOP');
  while (!isStopped(pid)) await sleep(1);
  child.kill('SIGCONT');
  while (isStopped(pid)) await sleep(1);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect([isStopped(pid), isTraced(pid)]).toEqual([false, false]);
});
