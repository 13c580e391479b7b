// What the guard measures, as far as this machine can: instructions in user space, system calls, CPU time.
import { missingPrograms } from '../machine.mjs';
import { processTree } from '../process-tree.mjs';
import { sample } from '../sample.mjs';
import { countInstructions, underCallgrind } from './callgrind.mjs';
import { canCount, countEvent } from './perf.mjs';
import { counted, timed } from './repeat.mjs';

const USER_INSTRUCTIONS = 'instructions:u';
const SYSTEM_CALLS = 'raw_syscalls:sys_enter';

/** `auto` made definite, and why. */
export function methodOf(wanted) {
  if (wanted !== 'auto') return { method: wanted, why: '' };
  if (canCount(USER_INSTRUCTIONS)) return { method: 'perf', why: '' };
  if (missingPrograms({ valgrind: 'valgrind', callgrind_control: 'valgrind' }).length === 0) {
    return { method: 'callgrind', why: 'no hardware counters here: callgrind counts the instructions' };
  }
  return { method: 'cpu', why: 'neither hardware counters nor valgrind here: instructions are not counted' };
}

/**
 * `count(context, target, drive)` is one measurement per unit of work, `repeat` how to come to a number; `wrap` goes
 * before the command of a proxy.
 */
export function measures(method) {
  const byPerf = (name, event) => ({
    name,
    repeat: counted,
    count: (context, target, drive) => countEvent(context, event, processTree(target.pid), drive),
  });
  const cpu = {
    name: 'CPU',
    repeat: timed,
    count: async (context, target, drive) => (await sample(context, target, () => drive(context))).cpu,
  };
  const callgrind = {
    name: 'instructions',
    repeat: counted,
    wrap: (context) => underCallgrind(context.folder),
    count: (context, target, drive) => countInstructions(context, target.pid, drive),
  };
  return [
    ...(method === 'perf' ? [byPerf('instructions', USER_INSTRUCTIONS)] : []),
    ...(canCount(SYSTEM_CALLS) ? [byPerf('system calls', SYSTEM_CALLS)] : []),
    cpu,
    ...(method === 'callgrind' ? [callgrind] : []),
  ];
}
