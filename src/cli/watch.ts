/** `tandem status`, `top` and `logs`: each is loaded when it is asked for. */
import { readWatchArguments, WATCH_USAGE, type WatchCommand } from './watch-arguments.ts';

const EXIT_FINE = 0;
const EXIT_USAGE = 2;

export async function watchCommand(command: WatchCommand, words: readonly string[]): Promise<number> {
  const options = readWatchArguments(command, words);
  if (options === null) {
    process.stdout.write(WATCH_USAGE);
    return EXIT_FINE;
  }
  if (typeof options === 'string') {
    process.stderr.write(`tandem: ${options}\n\n${WATCH_USAGE}`);
    return EXIT_USAGE;
  }
  switch (command) {
    case 'status':
      return (await import('./status.ts')).statusCommand(options);
    case 'top':
      return (await import('./top.ts')).topCommand(options);
    case 'logs':
      return (await import('./logs.ts')).logsCommand(options);
  }
}
