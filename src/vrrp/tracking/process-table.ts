/** Which programs run, from /proc, for `vrrp_track_process`. Pure but for the reading of one folder. */
import { readdirSync, readFileSync } from 'node:fs';
import type { TrackedProcess } from '../../config/pair-model.ts';

export interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  /** The kernel's name for it, at most 15 bytes. */
  readonly name: string;
  readonly arguments: readonly string[];
}

const NAME_BYTES = 15;

/** `withArguments`: they cost another file each, and somebody else's memory. Those that only wait to be buried are left out. */
export function readProcesses(withArguments = true, folder = '/proc'): RunningProcess[] {
  const found: RunningProcess[] = [];
  for (const entry of readdirSync(folder)) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = parseStat(readFileSync(`${folder}/${entry}/stat`, 'latin1'));
      if (stat === null || stat.state === 'Z' || stat.state === 'X') continue;
      const line = withArguments ? readFileSync(`${folder}/${entry}/cmdline`, 'utf8') : '';
      const { name, parent } = stat;
      const words = line === '' ? [] : line.replace(/\0$/, '').split('\0');
      found.push({ pid: Number(entry), parent, name, arguments: words });
    } catch {
      // It ended while we read.
    }
  }
  return found;
}

/** `123 (a name) S 1 …`; the name may hold anything, brackets too. */
function parseStat(text: string): { readonly name: string; readonly state: string; readonly parent: number } | null {
  const open = text.indexOf('(');
  const close = text.lastIndexOf(')');
  const [state, parent] = text.slice(close + 2).split(' ');
  if (open < 0 || close < open || state === undefined || parent === undefined) return null;
  const name = Buffer.from(text.slice(open + 1, close), 'latin1').toString('utf8');
  return { name, state, parent: Number(parent) };
}

/** Whether their arguments have to be known. */
export function comparesArguments({ match, parameterMatch }: TrackedProcess): boolean {
  return match === 'full-command' || parameterMatch !== null;
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
    // keepalived's words: a part of them, whole ones; and the beginning of the last one.
    case 'partial':
      return parameters.every((one, i) => given[i] === one);
    case 'initial':
      return parameters.every((one, i) =>
        i === parameters.length - 1 ? (given[i]?.startsWith(one) ?? false) : given[i] === one,
      );
  }
}

export function isQuorate({ quorum, quorumMax }: TrackedProcess, count: number): boolean {
  return count >= quorum && (quorumMax === null || count <= quorumMax);
}
