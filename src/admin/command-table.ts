/**
 * All commands: found by their first words, listed by `help`. Those that HAProxy has and Tandem has not are known too, so
 * that who asks for one is told so, rather than that there is no such thing.
 */
import type { AdminLevel } from '../config/model.ts';
import { type Command, mayRun } from './command.ts';
import {
  DISABLE_FRONTEND,
  ENABLE_FRONTEND,
  SET_MAXCONN_FRONTEND,
  SET_MAXCONN_GLOBAL,
  SHUTDOWN_FRONTEND,
} from './commands/frontends.ts';
import { ADD_SERVER, DEL_SERVER } from './commands/live-servers.ts';
import { SET_LVS, SHOW_LVS } from './commands/lvs.ts';
import { RELOAD } from './commands/reload.ts';
import {
  DISABLE_DYNAMIC_COOKIE,
  ENABLE_DYNAMIC_COOKIE,
  SET_DYNAMIC_COOKIE_KEY,
  SET_MAXCONN_SERVER,
} from './commands/server-settings.ts';
import {
  EXPERIMENTAL_MODE,
  EXPERT_MODE,
  HELP,
  OPERATOR,
  PROMPT,
  QUIT,
  SET_TIMEOUT,
  SHOW_CLI_LEVEL,
  SHOW_CLI_SOCKETS,
  USER,
} from './commands/session.ts';
import { SHOW_SESS, SHUTDOWN_SESSION, SHUTDOWN_SESSIONS } from './commands/sessions.ts';
import {
  DISABLE_AGENT,
  DISABLE_HEALTH,
  DISABLE_SERVER,
  ENABLE_AGENT,
  ENABLE_HEALTH,
  ENABLE_SERVER,
  GET_WEIGHT,
  SET_SERVER,
  SET_WEIGHT,
} from './commands/set-server.ts';
import { SHOW_ERRORS } from './commands/show-errors.ts';
import { SHOW_FD, SHOW_LIBS } from './commands/show-fd.ts';
import { SHOW_INFO } from './commands/show-info.ts';
import { CLEAR_COUNTERS, SHOW_ENV, SHOW_SCHEMA, SHOW_VERSION } from './commands/show-process.ts';
import { SHOW_BACKEND, SHOW_SERVERS_CONN, SHOW_SERVERS_STATE } from './commands/show-servers.ts';
import { SHOW_STAT } from './commands/show-stat.ts';
import { SHOW_STATUS } from './commands/show-status.ts';
import { SHOW_ACTIVITY, SHOW_POOLS, SHOW_THREADS } from './commands/show-threads.ts';
import { SET_VRRP, SHOW_PAIR, SHOW_VRRP } from './commands/vrrp.ts';

/** In the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  ADD_SERVER,
  CLEAR_COUNTERS,
  DEL_SERVER,
  DISABLE_AGENT,
  DISABLE_DYNAMIC_COOKIE,
  DISABLE_FRONTEND,
  DISABLE_HEALTH,
  DISABLE_SERVER,
  ENABLE_AGENT,
  ENABLE_DYNAMIC_COOKIE,
  ENABLE_FRONTEND,
  ENABLE_HEALTH,
  ENABLE_SERVER,
  EXPERIMENTAL_MODE,
  EXPERT_MODE,
  GET_WEIGHT,
  OPERATOR,
  RELOAD,
  SET_DYNAMIC_COOKIE_KEY,
  SET_LVS,
  SET_MAXCONN_FRONTEND,
  SET_MAXCONN_GLOBAL,
  SET_MAXCONN_SERVER,
  SET_SERVER,
  SET_TIMEOUT,
  SET_VRRP,
  SET_WEIGHT,
  SHOW_ACTIVITY,
  SHOW_BACKEND,
  SHOW_CLI_LEVEL,
  SHOW_CLI_SOCKETS,
  SHOW_ENV,
  SHOW_ERRORS,
  SHOW_FD,
  SHOW_INFO,
  SHOW_LIBS,
  SHOW_LVS,
  SHOW_PAIR,
  SHOW_POOLS,
  SHOW_SCHEMA,
  SHOW_SERVERS_CONN,
  SHOW_SERVERS_STATE,
  SHOW_SESS,
  SHOW_STAT,
  SHOW_STATUS,
  SHOW_THREADS,
  SHOW_VERSION,
  SHOW_VRRP,
  SHUTDOWN_FRONTEND,
  SHUTDOWN_SESSION,
  SHUTDOWN_SESSIONS,
  USER,
  HELP,
  PROMPT,
  QUIT,
];

/** They are offered with whatever was looked for. */
const ALWAYS: readonly Command[] = [HELP, PROMPT, QUIT];

const NOT_YET: readonly string[] = `
abort ssl
add acl
add map
add ssl
clear acl
clear map
clear table
commit acl
commit map
commit ssl
del acl
del map
del ssl
get acl
get map
get var
new ssl
prepare acl
prepare map
set map
set severity-output
set ssl
set table
show acl
show cache
show map
show peers
show resolvers
show ssl
show startup-logs
show table
show tls-keys
show trace
trace
`
  .trim()
  .split('\n');

/** Those that ask about what there is not, in whatever version. */
const MEANINGLESS: Readonly<Record<string, string>> = {
  'set profiling': 'there are no tasks that could be profiled',
  'set rate-limit': 'there are no rate limits',
  'show events': 'there are no event sinks',
  'show profiling': 'there are no tasks that could be profiled',
  'show tasks': 'connections are not tasks here; see show threads',
};

/** Help has a column for what a command takes. */
const USAGE_WIDTH = 40;

/** The command that the words begin with; its own words are the longest that fit. */
export function findCommand(words: readonly string[], commands = COMMANDS): Command | null {
  return commands.find((command) => command.words.every((word, i) => words[i] === word)) ?? null;
}

/** What is said instead of an answer when there is no such command. */
export function unknownText(words: readonly string[], level: AdminLevel, commands = COMMANDS): string {
  const line = words.join(' ');
  const later = NOT_YET.find((known) => line === known || line.startsWith(`${known} `));
  if (later !== undefined && commands === COMMANDS) return `'${later}' is not supported yet.\n`;
  const never = Object.keys(MEANINGLESS).find((known) => line === known || line.startsWith(`${known} `));
  if (never !== undefined && commands === COMMANDS) return `'${never}' is not supported: ${MEANINGLESS[never]}.\n`;
  const near = matching(words, level, commands);
  if (near.length === 0)
    return listing('Unknown command. Please enter one of the following commands only:', commands, level);
  const heading = 'Unknown command, but maybe one of the following ones is a better match:';
  return listing(heading, [...near, ...ALWAYS], level);
}

export function helpText(words: readonly string[], level: AdminLevel, commands = COMMANDS): string {
  const near = matching(words, level, commands);
  const listed = near.length === 0 ? commands : [...near, ...ALWAYS];
  return listing('The following commands are valid at this level:', listed, level);
}

/** Those that begin with as many of the words as the best have, or whose name has the word in it. */
function matching(words: readonly string[], level: AdminLevel, commands: readonly Command[]): readonly Command[] {
  const candidates = commands.filter((command) => !ALWAYS.includes(command) && mayRun(level, command.level));
  const scores = candidates.map((command) => {
    let shared = 0;
    while (shared < words.length && command.words[shared] === words[shared]) shared++;
    return shared;
  });
  const best = Math.max(0, ...scores);
  if (best > 0) return candidates.filter((_, i) => scores[i] === best);
  const [word = ''] = words;
  return word.length < 2 ? [] : candidates.filter((command) => command.words.some((own) => own.startsWith(word)));
}

function listing(heading: string, commands: readonly Command[], level: AdminLevel): string {
  const lines = commands
    .filter((command) => command.usage !== '' && mayRun(level, command.level))
    .map(({ usage, about }) => `  ${usage.padEnd(USAGE_WIDTH)}: ${about}\n`);
  return `${heading}\n${lines.join('')}`;
}
