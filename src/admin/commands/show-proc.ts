/** `show proc` of the master: itself, its worker, and those that still finish what an older configuration began. */
import type { Worker } from '../../daemon/workers.ts';
import type { Command } from '../command.ts';

const WIDTH = 15;
const HEADER = `#${'<PID>'.padEnd(WIDTH - 1)} ${row('<type>', '<reloads>', '<uptime>', '<version>')}`;

export const SHOW_PROC: Command = {
  words: ['show', 'proc'],
  usage: 'show proc',
  about: 'show processes status',
  level: 'user',
  run: ({ workers, program, statistics, version }) => {
    const { done, failed, failedInARow } = program().reloads;
    const { pid, uptimeMs } = statistics.process();
    const master = row(`${pid}`, 'master', `${done + failed} [failed: ${failedInARow}]`, uptime(uptimeMs), version);
    const all = workers();
    const old = all.filter(({ isOld }) => isOld);
    const linesOf = (some: readonly Worker[]): string =>
      some.map((one) => row(`${one.pid}`, 'worker', `${one.reloads}`, uptime(one.upMs), version)).join('');
    const older = old.length === 0 ? '' : `# old workers\n${linesOf(old)}`;
    return `${HEADER}${master}# workers\n${linesOf(all.filter(({ isOld }) => !isOld))}${older}# programs\n`;
  },
};

function row(...cells: readonly string[]): string {
  return `${cells.map((cell) => cell.padEnd(WIDTH)).join(' ')}\n`;
}

/** `0d00h00m01s`. */
function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  return `${Math.floor(seconds / 86_400)}d${two(hours)}h${two(minutes)}m${two(seconds % 60)}s`;
}
