// Counting with perf: events of a proxy's processes while they work.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENVIRONMENT } from '../programs.mjs';

/** event → count, from what `perf stat -x,` wrote; events that were not counted are not there. */
export function parsePerf(text) {
  const counts = new Map();
  for (const line of text.split('\n')) {
    const [value = '', , event = ''] = line.split(',');
    if (/^\d+$/.test(value)) counts.set(event, Number(value));
  }
  return counts;
}

/** Whether this machine counts an event: many virtual machines have no counters, and containers no tracepoints. */
export function canCount(event) {
  const { stderr } = spawnSync('perf', ['stat', '-x,', '-e', event, 'true'], { encoding: 'utf8', env: ENVIRONMENT });
  return (parsePerf(stderr ?? '').get(event) ?? 0) > 0;
}

/**
 * How often `event` happened in `pids`, all their threads, per unit of work. `drive(context)` starts one program, under
 * perf: that attaches before the program begins and counts until it ends.
 */
export async function countEvent(context, event, pids, drive) {
  const file = join(context.folder, 'perf.txt');
  const perf = ['perf', 'stat', '-x,', '-o', file, '-e', event, '-p', pids.join(','), '--'];
  const programs = { run: (command, options) => context.programs.run([...perf, ...command], options) };
  const { units } = await drive({ ...context, programs });
  const count = parsePerf(readFileSync(file, 'utf8')).get(event);
  if (count === undefined) throw new Error(`perf did not count ${event}`);
  return count / units;
}
