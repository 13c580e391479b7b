/** What the master answers itself, in the order in which help lists it. */
import type { AdminLevel } from '../config/model.ts';
import type { Command } from './command.ts';
import { helpText } from './command-table.ts';
import { RELOAD } from './commands/reload.ts';
import { HELP, OPERATOR, PROMPT, QUIT, SHOW_CLI_LEVEL, SHOW_MASTER_SOCKETS, USER } from './commands/session.ts';
import { SHOW_PROC } from './commands/show-proc.ts';
import { SHOW_VERSION } from './commands/show-process.ts';

/** A prefix of commands, for help only: whoever writes it as a command has named nobody. */
function prefix(usage: string, about: string): Command {
  return { words: [usage], usage, about, level: 'user', run: () => '' };
}

export const MASTER_COMMANDS: readonly Command[] = [
  prefix('@!<pid>', 'send a command to the <pid> process'),
  prefix('@<relative pid>', 'send a command to the <relative pid> process'),
  prefix('@master', 'send a command to the master process'),
  OPERATOR,
  { ...RELOAD, about: 'reload haproxy', level: 'operator' },
  SHOW_CLI_LEVEL,
  SHOW_MASTER_SOCKETS,
  SHOW_PROC,
  SHOW_VERSION,
  USER,
  HELP,
  PROMPT,
  QUIT,
];

export function masterHelp(words: readonly string[], level: AdminLevel): string {
  return helpText(words, level, MASTER_COMMANDS);
}
