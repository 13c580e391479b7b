/**
 * Keywords of `global` about the process: who it runs as, where, how many connections, and what it is called.
 *
 * HAProxy keeps the first value of some of these and says so; others are overwritten silently. Not here: threads
 * (global-threads.ts), tuning knobs (global-tuning.ts), the environment (global-environment.ts).
 */
import { integerArgument, timeArgument } from './arguments.ts';
import type { GlobalDraft, Loading } from './drafts.ts';
import { ignored, type Keyword, removed, supported, unsupported } from './keyword.ts';
import { applyLog } from './log-target.ts';
import { NAME_CASES } from './name-cases.ts';
import type { Statement } from './statement.ts';
import { applyStats } from './stats-socket.ts';

export const GLOBAL_PROCESS: readonly Keyword<Loading>[] = [
  supported('daemon', '', 'goes to the background', (_s, _at, { global }) => {
    global.daemon = true;
  }),
  supported('master-worker', '[no-exit-on-failure]', 'the control process is the master', (s, _at, { global }) => {
    if (s.has(1) && s.text(1) !== 'no-exit-on-failure') {
      s.error(1, 'bad-value', "'master-worker' only takes 'no-exit-on-failure'");
    }
    global.masterWorker = true;
  }),
  supported('quiet', '', 'says nothing at start', (_s, _at, { global }) => {
    global.quiet = true;
  }),
  ignored('debug', '', 'it belongs to the command line (-d)'),
  supported('pidfile', '<file>', '', (s, _at, { global }) => keepFirst(s, global, () => (global.pidFile = s.text(1)))),
  supported('chroot', '<directory>', 'of the data process', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.chroot = s.text(1))),
  ),
  supported('user', '<name>', 'of the data process', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.user = s.text(1)), 'user/uid'),
  ),
  supported('uid', '<number>', 'of the data process', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.uid = integerArgument(s, 1, { min: 0 })), 'user/uid'),
  ),
  supported('group', '<name>', 'of the data process', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.group = s.text(1)), 'group/gid'),
  ),
  supported('gid', '<number>', 'of the data process', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.gid = integerArgument(s, 1, { min: 0 })), 'group/gid'),
  ),
  supported('maxconn', '<number>', 'connections of clients, all frontends together', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.maxconn = integerArgument(s, 1, { min: 0 }) || null)),
  ),
  supported('ulimit-n', '<number>', '', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.ulimitN = integerArgument(s, 1, { min: 0 }) || null)),
  ),
  supported('nbproc', '<number>', '1 is accepted with a warning; HAProxy 2.5 removed the keyword', applyProcesses),
  supported('hard-stop-after', '<time>', 'bounds a soft stop', (s, _at, { global }) => {
    global.hardStopAfterMs = timeArgument(s, 1);
  }),
  supported('node', '<name>', '', (s, _at, { global }) => {
    if (/^[A-Za-z0-9._-]+$/.test(s.text(1))) global.node = s.text(1);
    else s.error(1, 'bad-name', `'${s.text(1)}' is no node name`, "letters, digits, '.', '-' and '_'");
  }),
  supported('description', '<text> ...', '', (s, _at, { global }) => {
    global.description = s.textFrom(1);
  }),
  supported(
    'log',
    '...',
    '`<address> [len <bytes>] [format <name>] <facility> [<level> [<minlevel>]]`; UDP, unix socket, stdout, stderr, `fd@N`',
    (s, _at, loading) => applyLog(s, loading.global.logs, null, loading.env),
  ),
  supported('log-tag', '<tag>', '', (s, _at, { global }) => {
    global.logTag = s.text(1);
  }),
  supported('log-send-hostname', '[name]', '', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.logSendHostname = s.text(1))),
  ),
  supported('spread-checks', '<percent>', '0 to 50', (s, _at, { global }) =>
    keepFirst(s, global, () => (global.spreadChecksPercent = integerArgument(s, 1, { min: 0, max: 50 }) ?? 0)),
  ),
  supported('max-spread-checks', '<time>', '', (s, _at, { global }) => {
    global.maxSpreadChecksMs = timeArgument(s, 1);
  }),
  supported('unix-bind', '...', 'only `prefix` so far', applyUnixBind),
  supported(
    'stats',
    '<socket|timeout|maxconn|bind-process> ...',
    '`socket <address> [parameter …]`: commands are taken there, see stats-socket.md; `timeout <time>`; `maxconn <number>`',
    (s, _at, loading) => applyStats(s, loading),
  ),
  supported(
    'h1-accept-payload-with-any-method',
    '',
    'content in GET, HEAD and DELETE of HTTP/1.0, which is 413 otherwise',
    (_s, _at, { global }) => {
      global.acceptsAnyPayload = true;
    },
  ),
  supported(
    'external-check',
    '',
    'programs may judge servers; they run as the data process’s user',
    (_s, _at, { global }) => {
      global.externalChecks = true;
    },
  ),
  ignored('strict-limits', '', 'limits that cannot be had always stop the start'),
  ignored('localpeer', '<name>', 'there are no peers yet'),
  ignored('zero-warning', '', 'start with -dW instead'),
  ignored('expose-experimental-directives', '', 'there are none'),
  removed('grace', 'HAProxy 2.5 replaced it by hard-stop-after'),
  removed('tune.chksize', 'write tune.bufsize instead'),
  ...unsupported<Loading>(
    'a limit that would be silently missing is worse than an error',
    'maxconnrate',
    'maxsessrate',
    'fd-hard-limit',
    'close-spread-time',
    'default-path',
  ),
  ...unsupported<Loading>('processes are not started from here', 'set-dumpable', 'mworker-max-reloads'),
  ...unsupported<Loading>(
    'not planned for this version',
    'cluster-secret',
    'pp2-never-send-local',
    'set-var',
    'set-var-fmt',
  ),
  ...unsupported<Loading>('server states are not kept over a restart yet', 'server-state-base', 'server-state-file'),
  ...NAME_CASES,
  ...unsupported<Loading>('there is no Lua here', 'lua-load', 'lua-load-per-thread', 'lua-prepend-path'),
];

/** HAProxy ignores a second value of these, with a message that does not stop it. */
function keepFirst(s: Statement, global: GlobalDraft, set: () => void, group = s.text(0)): void {
  if (global.given.has(group)) {
    s.warning(0, 'already-specified', `'${group}' was already specified, the first one stays`);
    return;
  }
  global.given.add(group);
  set();
}

function applyProcesses(s: Statement): void {
  if (s.text(1) === '1') {
    s.warning(
      0,
      'deprecated-keyword',
      "'nbproc' does not exist any more since HAProxy 2.5",
      'remove the line, 1 is what you get',
    );
    return;
  }
  s.error(
    1,
    'removed-keyword',
    'more than one process is not possible since HAProxy 2.5',
    'use nbthread instead of nbproc',
  );
}

function applyUnixBind(s: Statement, _at: number, { global }: Loading): void {
  for (let at = 1; s.has(at); at += 2) {
    const word = s.text(at);
    if (word === 'prefix' && s.has(at + 1)) global.unixBindPrefix = s.text(at + 1);
    else if (['mode', 'user', 'uid', 'group', 'gid'].includes(word)) {
      s.error(at, 'unsupported-keyword', `'unix-bind ${word}' is not supported yet`, 'write it on the bind lines');
    } else s.error(at, 'bad-value', `'unix-bind' does not take '${word}'`);
  }
}
