// Counting instructions where the machine has no counters: valgrind's callgrind, user space only. Programs start
// uncounted, at a third of their speed; counting is switched on for the measurement alone.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { processTree } from '../process-tree.mjs';
import { ENVIRONMENT } from '../programs.mjs';

const OUT = 'callgrind';
const CONTROL_MS = 30_000;
/** Units of work of one measurement: a proxy that has just begun to be counted translates its code first. */
const ENOUGH = 200;
const TRIES = 20;

/** What goes before a proxy's command. */
export function underCallgrind(folder) {
  return [
    ...['valgrind', '--quiet', '--tool=callgrind', '--instr-atstart=no', '--trace-children=yes'],
    ...[`--callgrind-out-file=${join(folder, `${OUT}.%p`)}`, `--vgdb-prefix=${join(folder, 'vgdb')}`],
  ];
}

/** Instructions in one of callgrind's files. */
export function instructionsIn(text) {
  return Number(/^(?:summary|totals): (\d+)/m.exec(text)?.[1] ?? Number.NaN);
}

function control(folder, pid, ...what) {
  execFileSync('callgrind_control', [`--vgdb-prefix=${join(folder, 'vgdb')}`, ...what, String(pid)], {
    env: ENVIRONMENT,
    timeout: CONTROL_MS,
    stdio: 'ignore',
  });
}

/** callgrind.PID.1, .2, …: the last one. */
function lastDump(folder, pid) {
  const dumps = readdirSync(folder)
    .map((name) => new RegExp(`^${OUT}\\.${pid}\\.(\\d+)$`).exec(name))
    .filter((match) => match !== null)
    .sort((a, b) => Number(a[1]) - Number(b[1]));
  const last = dumps.at(-1);
  if (last === undefined) throw new Error(`callgrind wrote nothing for process ${pid}`);
  return readFileSync(join(folder, last[0]), 'utf8');
}

/** Instructions per unit of work, in user space, of a proxy that was started with `underCallgrind`. */
export async function countInstructions(context, rootPid, drive) {
  const { folder } = context;
  const pids = processTree(rootPid);
  for (const pid of pids) {
    control(folder, pid, '-i', 'on');
    control(folder, pid, '-z');
  }
  let units = 0;
  for (let tries = 0; units < ENOUGH && tries < TRIES; tries++) units += (await drive(context)).units;
  if (units < ENOUGH) throw new Error(`under callgrind only ${units} units of work in ${TRIES} tries`);
  let instructions = 0;
  for (const pid of pids) {
    control(folder, pid, '-d');
    control(folder, pid, '-i', 'off');
    instructions += instructionsIn(lastDump(folder, pid));
  }
  return instructions / units;
}
