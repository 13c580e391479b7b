/** Which programs run, from /proc, for `vrrp_track_process`. Pure but for the reading of one folder. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TrackedProcess } from '../../config/pair-model.ts';

export interface RunningProcess {
  /** The kernel's name for it, at most 15 bytes. */
  readonly name: string;
  readonly arguments: readonly string[];
}

const NAME_BYTES = 15;

export function readProcesses(folder = '/proc'): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const entry of readdirSync(folder)) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const name = readFileSync(`${folder}/${entry}/comm`, 'utf8').trimEnd();
      const line = readFileSync(`${folder}/${entry}/cmdline`, 'utf8');
      found.push({ name, arguments: line === '' ? [] : line.replace(/\0$/, '').split('\0') });
    } catch {
      // It ended while we read.
    }
  }
  return found;
}

export function matches(tracked: TrackedProcess, process: RunningProcess): boolean {
  const [program = '', ...parameters] = tracked.process;
  if (tracked.match === 'name') {
    const base = program.slice(program.lastIndexOf('/') + 1).slice(0, NAME_BYTES);
    if (process.name !== base) return false;
  } else if (process.arguments[0] !== program) return false;
  const given = process.arguments.slice(1);
  switch (tracked.parameterMatch) {
    case null:
      return true;
    case 'exact':
      return given.length === parameters.length && parameters.every((one, i) => given[i] === one);
    case 'initial':
      return parameters.every((one, i) => given[i] === one);
    case 'partial':
      return parameters.every((one, i) =>
        i === parameters.length - 1 ? (given[i]?.startsWith(one) ?? false) : given[i] === one,
      );
  }
}

export function isQuorate(tracked: TrackedProcess, running: readonly RunningProcess[]): boolean {
  const found = running.filter((process) => matches(tracked, process)).length;
  return found >= tracked.quorum && (tracked.quorumMax === null || found <= tracked.quorumMax);
}
