/** `tandem logs`: log lines for people. What is shown of a line is log-view.ts, where they come from log-source.ts. */
import { existsSync } from 'node:fs';
import { systemTimers } from '../core/clock.ts';
import { SystemCommands } from '../daemon/commands.ts';
import { environment, environmentWith } from './environment.ts';
import { FollowedFile, readJournal, readPipe, type TakeLine } from './log-source.ts';
import { type LogFilter, shownLogLine } from './log-view.ts';
import { EXIT_FAILED, EXIT_FINE } from './run.ts';
import { terminalOf } from './terminal.ts';

export interface LogsOptions {
  /** `-` is the standard input; empty: that, if it is a pipe, else the journal. */
  readonly files: readonly string[];
  readonly follow: boolean;
  readonly filter: LogFilter;
}

/** Who follows a file wants to see what is new, and a little before. */
const TAIL_BYTES = 4096;
const JOURNALCTL: readonly string[] = ['/usr/bin/journalctl', '/bin/journalctl'];

export async function logsCommand({ files, follow, filter }: LogsOptions): Promise<number> {
  const { stdin, stdout } = process;
  // Whoever reads has seen enough.
  stdout.on('error', () => process.exit(EXIT_FINE));
  const take: TakeLine = async (line) => {
    const { width, paint } = terminalOf(stdout, environment);
    const shown = shownLogLine(line, filter, width, paint);
    if (shown === null || stdout.write(`${shown}\n`)) return;
    await new Promise<void>((resolve) => stdout.once('drain', resolve));
  };
  try {
    if (files.length > 0) await readFiles(files, follow, take);
    else if (!stdin.isTTY) await readPipe(stdin, take);
    else if (JOURNALCTL.some((path) => existsSync(path))) {
      const commands = new SystemCommands(systemTimers, environmentWith({}));
      await readJournal(commands, systemTimers, follow, take);
    } else {
      process.stderr.write('tandem: which log? Name a file with -f FILE, or pipe one in\n');
      return EXIT_FAILED;
    }
  } catch (error) {
    process.stderr.write(`tandem: ${error instanceof Error ? error.message : error}\n`);
    return EXIT_FAILED;
  }
  return EXIT_FINE;
}

async function readFiles(files: readonly string[], follow: boolean, take: TakeLine): Promise<void> {
  const following: Promise<void>[] = [];
  for (const path of files) {
    if (path === '-') {
      await readPipe(process.stdin, take);
      continue;
    }
    const file = new FollowedFile(path, take, follow ? TAIL_BYTES : null);
    if (follow) following.push(file.follow(systemTimers));
    else {
      await file.readOn();
      await file.finish();
      file.close();
    }
  }
  await Promise.all(following);
}
