/**
 * What a connection to a stats socket is told: a command's answer, and what ends it. Two speak: the program that runs (here),
 * and the master of its generations (master-speech.ts).
 */
import { type AdminContext, type Answer, mayRun, type Session } from './command.ts';
import { findCommand, unknownText } from './command-table.ts';

export interface Said {
  readonly answer: Answer;
  /** `line`: an empty line follows. `bare`: nothing does. `close`: the end of the connection. */
  readonly ends: 'line' | 'bare' | 'close';
}

export interface Speech {
  say(context: AdminContext, words: readonly string[], session: Session): Promise<Said>;
  /** In front of each command, after `prompt`. */
  prompt(context: AdminContext, session: Session): string;
}

export const STATS_SPEECH: Speech = {
  say: async (context, words, session) => ({ answer: await answerOf(context, words, session), ends: 'line' }),
  prompt: () => '> ',
};

export async function answerOf(context: AdminContext, words: readonly string[], session: Session): Promise<Answer> {
  const command = findCommand(words);
  if (command === null) return unknownText(words, session.level);
  if (!mayRun(session.level, command.level)) return 'Permission denied\n';
  return command.run(context, words.slice(command.words.length), session);
}
