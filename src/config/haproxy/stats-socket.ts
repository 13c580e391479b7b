/**
 * `stats socket <address>[,…] [parameter …]`, `stats timeout`, `stats maxconn` of the global section: where commands are
 * taken. The parameters are those of `bind`, and a few of their own.
 */
import type { AdminLevel, StatsSocket } from '../model.ts';
import { choiceArgument, integerArgument, timeArgument } from './arguments.ts';
import { BIND_PARAMETERS, type BindDraft, newBind, parseListenAddresses } from './bind.ts';
import type { Loading, Mutable } from './drafts.ts';
import { applyParameter, findKeyword, ignored, type Keyword, keywordTable, supported } from './keyword.ts';
import type { Statement } from './statement.ts';

interface SocketDraft extends BindDraft {
  level: AdminLevel;
}

const LEVELS: readonly AdminLevel[] = ['user', 'operator', 'admin'];
const SEVERITIES = ['none', 'number', 'string'];

const OWN: readonly Keyword<SocketDraft>[] = [
  supported('level', '<user|operator|admin>', 'what may be done there; operator by default', (s, at, socket) => {
    socket.level = choiceArgument(s, at + 1, LEVELS) ?? socket.level;
  }),
  supported('mode', '<octal>', 'of a unix socket; 600 by default, whatever the umask is', (s, at, socket) => {
    if (/^[0-7]{1,4}$/.test(s.text(at + 1))) socket.mode = Number.parseInt(s.text(at + 1), 8);
    else s.error(at + 1, 'bad-value', `'mode' expects octal digits, not '${s.text(at + 1)}'`, 'like 660');
  }),
  supported('process', '<set>', 'one process takes all commands', () => {}),
  supported('thread', '<set>', 'no data thread has to do with it', () => {}),
  ignored('severity-output', '<none|number|string>', 'answers have no severity in front of them', (s, at) => {
    choiceArgument(s, at + 1, SEVERITIES);
  }),
  ignored('expose-fd', '<listeners>', 'a new program takes the sockets over by itself (-sf)', (s, at) => {
    choiceArgument(s, at + 1, ['listeners']);
  }),
];

const ownWords = new Set(OWN.map(({ word }) => word));

export const STATS_SOCKET_PARAMETERS = keywordTable<SocketDraft>(
  '`stats socket <address> …`, beside those of `bind`',
  'stats socket parameter',
  OWN,
);

const ALL_PARAMETERS = keywordTable<SocketDraft>('', 'stats socket parameter', [
  ...OWN,
  ...[...BIND_PARAMETERS.keywords.values()].filter(({ word }) => !ownWords.has(word)),
]);

export function applyStats(s: Statement, loading: Loading): void {
  const { stats } = loading.global;
  switch (s.text(1)) {
    case 'socket':
      if (s.has(2)) stats.sockets.push(...socketsOf(s, loading));
      else
        s.error(2, 'missing-argument', "'stats socket' expects an address or a path", 'like /run/haproxy/admin.sock');
      return;
    case 'timeout':
      stats.timeoutMs = timeArgument(s, 2, 'ms', 1) ?? stats.timeoutMs;
      return;
    case 'maxconn':
      stats.maxconn = integerArgument(s, 2, { min: 1 }) ?? stats.maxconn;
      return;
    case 'bind-process':
      if (!['', '1', '1-', '1-1', 'all', 'odd', 'even'].includes(s.text(2))) {
        s.error(2, 'bad-value', `'stats bind-process ${s.text(2)}': there is only process 1`, 'remove the line');
      }
      return;
    default:
      s.error(
        1,
        'bad-value',
        `'stats' does not take '${s.text(1)}' in the global section`,
        "'socket', 'timeout' or 'maxconn'",
      );
  }
}

function socketsOf(s: Statement, loading: Loading): readonly StatsSocket[] {
  const addresses = parseListenAddresses(s, 2, loading);
  if (addresses === null) return [];
  const socket: Mutable<SocketDraft> = { ...newBind(s, addresses), level: 'operator', mode: 0o600 };
  for (let at = 3; s.has(at); ) {
    const keyword = findKeyword(ALL_PARAMETERS, s, at);
    if (keyword === null) return [];
    at = applyParameter(ALL_PARAMETERS, keyword, s, at, socket);
  }
  const { level, ...bind } = socket;
  return [{ bind, level }];
}
