/**
 * The master socket (`-S`): what HAProxy's master says. Its workers are the data processes of the generations.
 *
 *   show proc             the master answers
 *   @1 show info          the current worker does, `@!<pid>` that one, whichever generation it belongs to
 *   @1                    from here on, until `@master`
 *
 * An older generation can be asked, but not changed: what is decided about servers is decided in the current one.
 */
import type { Worker } from '../daemon/workers.ts';
import { type AdminContext, type Answer, mayRun, type Session } from './command.ts';
import { findCommand, unknownText } from './command-table.ts';
import { MASTER_COMMANDS, masterHelp } from './master-commands.ts';
import { answerOf, type Said, type Speech } from './speech.ts';

const MASTER = 0;
const NOBODY = -1;
/** What only asks. */
const ASKING: ReadonlySet<string> = new Set(['show', 'get', 'help']);
const DONE: Said = { answer: '', ends: 'bare' };
const DENIED: Said = { answer: 'Permission denied!\n', ends: 'close' };

export class MasterSpeech implements Speech {
  /** Whom commands without a prefix are for. */
  #target = MASTER;

  async say(context: AdminContext, words: readonly string[], session: Session): Promise<Said> {
    const [first = ''] = words;
    if (!first.startsWith('@')) {
      const own = this.#own(words, session);
      return own ?? this.#tell(context, this.#target, words, session);
    }
    const target = pidOf(first.slice(1), context.workers());
    if (target === NOBODY) {
      return { answer: `Can't find the target PID matching the prefix '${first}'\n`, ends: 'close' };
    }
    if (words.length > 1) return this.#tell(context, target, words.slice(1), session);
    this.#target = target;
    return DONE;
  }

  prompt(context: AdminContext, session: Session): string {
    const { failedInARow } = context.program().reloads;
    const name = this.#target === MASTER ? `master${failedInARow > 0 ? '[ReloadFailed]' : ''}` : `${this.#target}`;
    const modes = `${session.experimental ? 'x' : ''}${session.expert ? 'e' : ''}`;
    return `${name}${modes === '' ? '' : `(${modes})`}> `;
  }

  /** What is about the connection, whoever its commands are for. */
  #own([word, value]: readonly string[], session: Session): Said | null {
    switch (word) {
      case 'prompt':
        session.interactive = !session.interactive;
        return DONE;
      case 'quit':
        session.over = true;
        return DONE;
      case 'user':
      case 'operator':
        if (!mayRun(session.level, word)) return DENIED;
        session.level = word;
        return DONE;
      case 'expert-mode':
      case 'experimental-mode':
        if (!mayRun(session.level, 'admin')) return DENIED;
        session[word === 'expert-mode' ? 'expert' : 'experimental'] = value === 'on';
        return DONE;
      default:
        return null;
    }
  }

  async #tell(context: AdminContext, target: number, words: readonly string[], session: Session): Promise<Said> {
    if (target === MASTER) return { answer: await masterAnswer(context, words, session), ends: 'line' };
    const worker = context.workers().find(({ pid }) => pid === target);
    if (worker === undefined) return { answer: "Can't connect to the target CLI!\n", ends: 'close' };
    // The worker's own connection: what is changed there ends with the command.
    const theirs = { ...session, interactive: false };
    const answer = await workerAnswer({ ...context, ...worker.side() }, worker, words, theirs);
    if (theirs.over) session.over = true;
    return { answer, ends: 'line' };
  }
}

function masterAnswer(context: AdminContext, words: readonly string[], session: Session): Answer | Promise<Answer> {
  if (words[0] === 'help') return masterHelp(words.slice(1), session.level);
  const command = findCommand(words, MASTER_COMMANDS);
  if (command === null) return unknownText(words, session.level, MASTER_COMMANDS);
  if (!mayRun(session.level, command.level)) return 'Permission denied\n';
  return command.run(context, words.slice(command.words.length), session);
}

async function workerAnswer(
  context: AdminContext,
  { isOld }: Worker,
  words: readonly string[],
  session: Session,
): Promise<Answer> {
  if (!isOld) return answerOf(context, words, session);
  if (!ASKING.has(words[0] ?? '')) return 'It only finishes what it has begun: change the current one.\n';
  const answer = await answerOf(context, words, session);
  // It may end at any time, and its memory is another one's then.
  return typeof answer === 'string' || Symbol.asyncIterator in answer ? answer : [...answer].join('');
}

/** Of a prefix without its `@`: `!<pid>`, 1 (HAProxy counts workers, and there is one: the current one), `master` or nothing. */
function pidOf(prefix: string, workers: readonly Worker[]): number {
  if (prefix === '' || prefix === 'master') return MASTER;
  const [, absolute, digits = ''] = /^(!?)(\d{1,9})$/.exec(prefix) ?? [];
  if (digits === '') return NOBODY;
  const pid = Number(digits);
  if (absolute === '!') return workers.some((worker) => worker.pid === pid) ? pid : NOBODY;
  if (pid === 0) return MASTER;
  return (pid === 1 ? workers.find(({ isOld }) => !isOld)?.pid : undefined) ?? NOBODY;
}
