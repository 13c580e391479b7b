/** Commands about the connection itself: its level, its prompt, its timeout, its end. */
import { parseTime } from '../../config/haproxy/units.ts';
import type { StatsListener } from '../../daemon/stats-sockets.ts';
import type { AdminContext, Command, Session } from '../command.ts';

export const HELP: Command = {
  words: ['help'],
  usage: 'help [<command>]',
  about: 'list matching or all commands',
  level: 'user',
  run: (context, args, session) => context.help(args, session.level),
};

export const PROMPT: Command = {
  words: ['prompt'],
  usage: 'prompt',
  about: 'toggle interactive mode with prompt',
  level: 'user',
  run: (_context, _args, session) => {
    session.interactive = !session.interactive;
    return '';
  },
};

export const QUIT: Command = {
  words: ['quit'],
  usage: 'quit',
  about: 'disconnect',
  level: 'user',
  run: (_context, _args, session) => {
    session.over = true;
    return '';
  },
};

export const USER: Command = {
  words: ['user'],
  usage: 'user',
  about: 'lower the level of the current CLI session to user',
  level: 'user',
  run: (_context, _args, session) => {
    session.level = 'user';
    return '';
  },
};

export const OPERATOR: Command = {
  words: ['operator'],
  usage: 'operator',
  about: 'lower the level of the current CLI session to operator',
  level: 'operator',
  run: (_context, _args, session) => {
    session.level = 'operator';
    return '';
  },
};

export const SHOW_CLI_LEVEL: Command = {
  words: ['show', 'cli', 'level'],
  usage: 'show cli level',
  about: 'display the level of the current CLI session',
  level: 'user',
  run: (_context, _args, session) => `${session.level}\n`,
};

export const SHOW_CLI_SOCKETS: Command = {
  words: ['show', 'cli', 'sockets'],
  usage: 'show cli sockets',
  about: 'dump list of cli sockets',
  level: 'operator',
  run: ({ listeners }) => socketsText(listeners.filter(({ isMaster }) => !isMaster)),
};

export const SHOW_MASTER_SOCKETS: Command = {
  ...SHOW_CLI_SOCKETS,
  run: ({ listeners }) => socketsText(listeners.filter(({ isMaster }) => isMaster)),
};

function socketsText(listeners: readonly StatsListener[]): string {
  const lines = listeners.map(({ name, level }) => `${name} ${level} all\n`);
  return `# socket lvl processes\n${lines.join('')}`;
}

export const SET_TIMEOUT: Command = {
  words: ['set', 'timeout'],
  usage: 'set timeout [cli] <delay>',
  about: 'change a timeout setting',
  level: 'user',
  run: setTimeoutOf,
};

/** In seconds, if there is no unit. */
function setTimeoutOf(_context: AdminContext, [what, delay]: readonly string[], session: Session): string {
  if (what !== 'cli') return "'set timeout' only supports 'cli'.\n";
  if (delay === undefined) return 'Expects an integer value.\n';
  const time = parseTime(delay, 's');
  if (time.error !== null || time.value < 1 || time.trailing !== undefined) return 'Invalid timeout value.\n';
  // Timers hold no longer ones.
  session.timeoutMs = Math.min(time.value * 1000, 0x7fffffff);
  return '';
}

export const EXPERT_MODE: Command = modeCommand('expert-mode', 'expert');
export const EXPERIMENTAL_MODE: Command = modeCommand('experimental-mode', 'experimental');

/** In no help, as in HAProxy's. */
function modeCommand(word: string, mode: 'expert' | 'experimental'): Command {
  return {
    words: [word],
    usage: '',
    about: '',
    level: 'admin',
    run: (_context, [value], session) => {
      if (value === undefined) return `${word} is ${session[mode] ? 'ON' : 'OFF'}\n`;
      session[mode] = value === 'on';
      return '';
    },
  };
}
