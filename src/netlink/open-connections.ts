/** TCP connections of this box at given addresses, of whatever program, by `ss`. */
import type { CommandRunner } from '../core/command.ts';

const SS_TIMEOUT_MS = 1000;
/** Not who has got everything and only does not hang up, and what is over. */
const STATES = ['state', 'connected', 'exclude', 'time-wait', 'exclude', 'fin-wait-2'];

/**
 * Those where somebody waits for something. `reset`: and both sides are told that they are over. null: it cannot be told.
 */
export async function countConnections(
  commands: CommandRunner,
  addresses: readonly { readonly family: 4 | 6; readonly ip: string }[],
  reset: boolean,
): Promise<number | null> {
  const from = addresses.flatMap(({ family, ip }, i) => {
    return [...(i === 0 ? [] : ['or']), 'src', family === 6 ? `[${ip}]` : ip];
  });
  const argv = ['ss', '-H', '-t', '-n', ...(reset ? ['-K'] : []), ...STATES, '(', ...from, ')'];
  const { exitCode, stdout } = await commands.run(argv, { timeoutMs: SS_TIMEOUT_MS });
  return exitCode === 0 ? stdout.split('\n').filter((line) => line !== '').length : null;
}
