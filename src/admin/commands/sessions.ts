/** `show sess`, `shutdown session`, `shutdown sessions server`: what clients and servers are doing now, and its end. */
import type { Silence } from '../../daemon/inquiries.ts';
import { sessionPlace } from '../../daemon/session-name.ts';
import type { AdminContext, Command } from '../command.ts';
import { sessionLine, sessionText } from '../session-text.ts';
import { serverAt } from './server-at.ts';

export const SHOW_SESS: Command = {
  words: ['show', 'sess'],
  usage: 'show sess [id]',
  about: 'report the list of current sessions or dump this exact session',
  level: 'operator',
  run: async (context, [which]) => {
    if (which === 'all') return list(context, true);
    const place = sessionPlace(which ?? '');
    // As in HAProxy, where what is no number is 0, and 0 no session.
    if (place === null) return list(context, false);
    const view = await context.questions.session(place);
    return view === null ? 'Session not found.\n' : sessionText(view);
  },
};

export const SHUTDOWN_SESSION: Command = {
  words: ['shutdown', 'session'],
  usage: 'shutdown session [id]',
  about: 'kill a specific session',
  level: 'admin',
  run: async ({ questions }, [which]) => {
    const place = sessionPlace(which ?? '');
    if (place === null) return "Session pointer expected (use 'show sess').\n";
    return (await questions.endSession(place)) ? '' : "No such session (use 'show sess').\n";
  },
};

export const SHUTDOWN_SESSIONS: Command = {
  words: ['shutdown', 'sessions', 'server'],
  usage: 'shutdown sessions server <bk>/<srv>',
  about: 'kill sessions on a server',
  level: 'admin',
  run: async (context, [path]) => {
    const record = serverAt(context, path);
    if (typeof record === 'string') return record;
    const slash = record.path.indexOf('/');
    await context.questions.endSessionsOf(record.path.slice(0, slash), record.model.name);
    return '';
  },
};

async function* list({ questions }: AdminContext, whole: boolean): AsyncIterable<string> {
  for await (const one of questions.sessions(whole)) {
    if ('silent' in one) yield silenceText(one);
    else yield whole ? sessionText(one) : sessionLine(one);
  }
}

/** Nobody shall take what is missing for nothing. */
export function silenceText({ thread, pid }: Silence): string {
  return `# thread ${thread + 1} of process ${pid} does not answer\n`;
}
