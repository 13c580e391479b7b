/**
 * `server <name> <address> [parameter …]` and `default-server [parameter …]`, which sets what later servers start from.
 */
import { choiceArgument, integerArgument, nameArgument, timeArgument } from './arguments.ts';
import { newServerSettings, type ProxyTarget, type ServerDraft, type ServerTarget } from './drafts.ts';
import { copyServerSettings } from './inherit.ts';
import { applyParameter, findKeyword, ignored, keywordTable, supported, unsupported } from './keyword.ts';
import { SEND_PROXY_PARAMETERS } from './send-proxy.ts';
import { serverAddress } from './server-address.ts';
import { SERVER_TLS_PARAMETERS } from './server-later.ts';
import { SERVER_STATE_PARAMETERS } from './server-state-parameters.ts';
import { applyServerTemplate } from './server-template.ts';
import { SERVER_SOURCE_PARAMETERS } from './source.ts';
import type { Statement } from './statement.ts';

export const SERVER_PARAMETERS = keywordTable<ServerTarget>('`server <name> <address> …`', 'server parameter', [
  supported('weight', '<number>', '0 to 256', (s, at, { settings }) => {
    settings.weight = integerArgument(s, at + 1, { min: 0, max: 256 }) ?? settings.weight;
  }),
  supported('backup', '', '', (_s, _at, { settings }) => {
    settings.backup = true;
  }),
  supported('no-backup', '', '', (_s, _at, { settings }) => {
    settings.backup = false;
  }),
  supported('disabled', '', 'starts in maintenance', (_s, _at, { settings }) => {
    settings.disabled = true;
  }),
  supported('enabled', '', '', (_s, _at, { settings }) => {
    settings.disabled = false;
  }),
  supported('cookie', '<value>', '', (s, at, { settings }) => {
    settings.cookie = s.text(at + 1);
  }),
  supported('maxconn', '<number>', '0: no limit', (s, at, { settings }) => {
    settings.maxconn = integerArgument(s, at + 1, { min: 0 }) ?? 0;
  }),
  supported('on-marked-down', '<shutdown-sessions>', 'also when it goes to maintenance', (s, at, { settings }) => {
    settings.endsWhenDown ||= choiceArgument(s, at + 1, ['shutdown-sessions']) !== null;
  }),
  supported('on-marked-up', '<shutdown-backup-sessions>', '', (s, at, { settings }) => {
    settings.endsBackups ||= choiceArgument(s, at + 1, ['shutdown-backup-sessions']) !== null;
  }),
  supported('minconn', '<number>', 'the limit while the backend has less than `fullconn`', (s, at, { settings }) => {
    settings.minconn = integerArgument(s, at + 1, { min: 0 }) ?? 0;
  }),
  supported('maxqueue', '<number>', '0: no limit', (s, at, { settings }) => {
    settings.maxqueue = integerArgument(s, at + 1, { min: 0 }) ?? 0;
  }),
  supported('redir', '<prefix>', 'where GET and HEAD are sent to', (s, at, { settings }) => {
    settings.redirect = s.text(at + 1);
  }),
  supported('id', '<number>', '', applyId),
  supported('pool-max-conn', '<number>', 'idle connections kept; -1: no limit', (s, at, { settings }) => {
    settings.poolMaxConn = integerArgument(s, at + 1, { min: -1 }) ?? -1;
  }),
  supported('pool-purge-delay', '<time>', '', (s, at, { settings }) => {
    settings.poolPurgeDelayMs = timeArgument(s, at + 1) ?? settings.poolPurgeDelayMs;
  }),
  supported('tcp-ut', '<time>', 'TCP_USER_TIMEOUT', (s, at, { settings, server }) => {
    const value = timeArgument(s, at + 1);
    if (server !== null) settings.tcpUserTimeoutMs = value === 0 ? null : value;
    else
      s.warning(
        at,
        'no-effect',
        "'tcp-ut' has no effect in default-server, as in HAProxy",
        'write it on the server lines',
      );
  }),
  supported('check', '', '', (_s, _at, { settings }) => {
    settings.check.enabled = true;
  }),
  supported('no-check', '', '', (_s, _at, { settings }) => {
    settings.check.enabled = false;
  }),
  supported('inter', '<time>', 'between checks', (s, at, { settings }) => {
    settings.check.intervalMs = timeArgument(s, at + 1, 'ms', 1) ?? settings.check.intervalMs;
  }),
  supported('fastinter', '<time>', 'while changing state', (s, at, { settings }) => {
    settings.check.fastIntervalMs = timeArgument(s, at + 1, 'ms', 1);
  }),
  supported('downinter', '<time>', 'while down', (s, at, { settings }) => {
    settings.check.downIntervalMs = timeArgument(s, at + 1, 'ms', 1);
  }),
  supported('rise', '<number>', '', (s, at, { settings }) => {
    settings.check.rise = integerArgument(s, at + 1, { min: 1 }) ?? settings.check.rise;
  }),
  supported('fall', '<number>', '', (s, at, { settings }) => {
    settings.check.fall = integerArgument(s, at + 1, { min: 1 }) ?? settings.check.fall;
  }),
  supported('port', '<port>', 'of the check', (s, at, { settings }) => {
    settings.check.port = integerArgument(s, at + 1, { min: 0, max: 65535 }) || null;
  }),
  supported('addr', '<address>', 'of the check', applyCheckAddress),
  ignored('non-stick', '', 'there are no stick tables yet'),
  supported('check-send-proxy', '', 'checks begin with the PROXY protocol as well', (_s, _at, { settings }) => {
    settings.check.sendProxy = true;
  }),
  supported('no-check-send-proxy', '', '', (_s, _at, { settings }) => {
    settings.check.sendProxy = false;
  }),
  ignored('no-tfo', '', 'TCP fast open is not used'),
  ignored('tfo', '', 'TCP fast open is not used'),
  ignored('pool-low-conn', '<number>', 'what threads leave to each other follows from what they use'),
  ignored('stick', '', 'there are no stick tables yet'),
  ...SERVER_STATE_PARAMETERS,
  ...SEND_PROXY_PARAMETERS,
  ...SERVER_SOURCE_PARAMETERS,
  ...SERVER_TLS_PARAMETERS,
  ...unsupported<ServerTarget>('names are resolved at start, by the system', 'resolvers', 'resolve-opts'),
  ...unsupported<ServerTarget>('names are resolved at start, by the system', 'resolve-net', 'resolve-prefer'),
  ...unsupported<ServerTarget>('checks are in the clear, over HTTP/1', 'check-proto', 'check-via-socks4'),
  ...unsupported<ServerTarget>('connections are used as long as both sides keep them', 'max-reuse'),
  ...unsupported<ServerTarget>('start a Tandem in each namespace', 'namespace'),
  ...unsupported<ServerTarget>('only HTTP/1 and TCP so far', 'proto', 'ws', 'socks4', 'log-proto'),
]);

/** HAProxy refuses `id` for all servers at once. */
function applyId(s: Statement, at: number, { server, siblings }: ServerTarget): void {
  if (server === null) {
    s.warning(at, 'no-effect', "'id' is not possible in default-server and is ignored");
    return;
  }
  const id = integerArgument(s, at + 1, { min: 1 });
  const taken = siblings.find((other) => other.id === id && id !== null);
  if (taken !== undefined) s.error(at + 1, 'duplicate', `the id ${id} is already used by server '${taken.name}'`);
  server.id = id;
}

function applyCheckAddress(s: Statement, at: number, { settings, env }: ServerTarget): void {
  const address = serverAddress(s, at + 1, env);
  if (address === null) return;
  settings.check.address = address.host;
  settings.checkAddressPort = address.portFromClient || address.port === 0 ? null : address.port;
}

export function applyServer(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  const name = nameArgument(s, 1, 'server');
  const address = serverAddress(s, 2, loading.env);
  const settings = newServerSettings();
  copyServerSettings(settings, proxy.defaultServer);
  const server: ServerDraft = {
    statement: s,
    name: name ?? '',
    id: null,
    address: address ?? { host: '0.0.0.0', kind: 'ip4', port: 0, portFromClient: false },
    settings,
  };
  applyParameters(s, 3, { settings, server, siblings: proxy.servers, env: loading.env });
  // A server whose name or address is wrong is not kept: what is checked later would only repeat the error.
  if (name !== null && address !== null) proxy.servers.push(server);
}

export function applyTemplate(s: Statement, _at: number, target: ProxyTarget): void {
  applyServerTemplate(s, target, (statement, start, server, { proxy, loading }) => {
    const { settings } = server;
    applyParameters(statement, start, { settings, server, siblings: proxy.servers, env: loading.env });
  });
}

export function applyDefaultServer(s: Statement, _at: number, { proxy, loading }: ProxyTarget): void {
  applyParameters(s, 1, { settings: proxy.defaultServer, server: null, siblings: [], env: loading.env });
}

export function applyParameters(s: Statement, start: number, target: ServerTarget): void {
  for (let at = start; s.has(at); ) {
    const keyword = findKeyword(SERVER_PARAMETERS, s, at);
    // What follows an unknown parameter may be its value: one error is enough.
    if (keyword === null) return;
    at = applyParameter(SERVER_PARAMETERS, keyword, s, at, target);
  }
}
