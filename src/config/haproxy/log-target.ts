/**
 * `log <address> [len <bytes>] [format <name>] [sample <ranges>:<size>] <facility> [<level> [<minlevel>]]`, `log global`, `no log`.
 */
import type { LogSampling } from '../log-model.ts';
import type { LogFormat, LogSink, LogTarget } from '../model.ts';
import { parseAddress } from './addresses.ts';
import { choiceArgument, integerArgument } from './arguments.ts';
import { parseSampling } from './log-sampling.ts';
import type { Statement } from './statement.ts';
import type { Environment } from './tokenizer.ts';

const SYSLOG_PORT = 514;
const FORMATS: readonly LogFormat[] = ['local', 'rfc3164', 'rfc5424', 'raw', 'short', 'timed', 'iso', 'priority'];
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'];

/** In the order of their numbers (RFC 5424 table 1, with HAProxy's names). */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news'],
  ...['uucp', 'cron', 'auth2', 'ftp', 'ntp', 'audit', 'alert', 'cron2'],
  ...['local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
];

/** Applies one `log` line to a list; `globalLogs` is null in the global section itself. */
export function applyLog(
  s: Statement,
  logs: LogTarget[],
  globalLogs: readonly LogTarget[] | null,
  env: Environment,
): void {
  if (s.negation === 'no') {
    if (s.has(1)) s.error(1, 'extra-argument', "'no log' takes no arguments");
    else logs.length = 0;
    return;
  }
  if (s.text(1) === 'global' && !s.has(2)) {
    if (globalLogs === null) s.error(1, 'bad-value', "'log global' makes no sense in the global section");
    // The same target is taken once, even when defaults and proxy both ask for it.
    else for (const target of globalLogs) if (!logs.includes(target)) logs.push(target);
    return;
  }
  const target = parseTarget(s, env);
  if (target !== null) logs.push(target);
}

function parseTarget(s: Statement, env: Environment): LogTarget | null {
  if (!s.has(2)) {
    s.error(
      s.words.length,
      'missing-argument',
      "'log' expects <address> <facility>",
      'for example: log 127.0.0.1 local0',
    );
    return null;
  }
  let at = 2;
  let maxLengthBytes = 1024;
  if (s.text(at) === 'len') {
    const length = integerArgument(s, at + 1, { min: 80, max: 65535 });
    if (length === null) return null;
    maxLengthBytes = length;
    at += 2;
  }
  let format: LogFormat = 'local';
  if (s.text(at) === 'format') {
    const chosen = choiceArgument(s, at + 1, FORMATS);
    if (chosen === null) return null;
    format = chosen;
    at += 2;
  }
  let sampling: LogSampling | null = null;
  if (s.text(at) === 'sample') {
    sampling = parseSampling(s, at + 1);
    if (sampling === null) return null;
    at += 2;
  }
  const facility = FACILITIES.indexOf(s.text(at));
  if (facility < 0) {
    s.error(at, 'bad-value', `unknown log facility '${s.text(at)}'`, `one of ${FACILITIES.join(', ')}`);
    return null;
  }
  const maxLevel = parseLevel(s, at + 1, LEVELS.length - 1);
  const minLevel = parseLevel(s, at + 2, 0);
  if (s.has(at + 3)) s.error(at + 3, 'extra-argument', `'log' does not take the argument '${s.text(at + 3)}'`);
  const sink = parseSink(s, env);
  if (maxLevel === null || minLevel === null || sink === null) return null;
  return { origin: s.origin, sink, format, facility, maxLevel, minLevel, maxLengthBytes, sampling };
}

function parseLevel(s: Statement, at: number, fallback: number): number | null {
  if (!s.has(at)) return fallback;
  const level = LEVELS.indexOf(s.text(at));
  if (level >= 0) return level;
  s.error(at, 'bad-value', `unknown log level '${s.text(at)}'`, `one of ${LEVELS.join(', ')}`);
  return null;
}

function parseSink(s: Statement, env: Environment): LogSink | null {
  const written = s.text(1);
  if (written === 'stdout') return { kind: 'fd', fd: 1 };
  if (written === 'stderr') return { kind: 'fd', fd: 2 };
  if (written.startsWith('ring@')) {
    s.error(1, 'unsupported-keyword', 'log rings are not supported yet');
    return null;
  }
  const { address, error } = parseAddress(written, env);
  if (error !== null) {
    s.error(1, 'bad-address', error);
    return null;
  }
  if (address.kind === 'fd') return address;
  if (address.transport === 'stream' || address.transport === 'quic') {
    s.error(
      1,
      'unsupported-keyword',
      'logging over a stream is not supported yet',
      'use UDP or a unix datagram socket',
    );
    return null;
  }
  if (address.kind === 'unix') return { kind: 'unix', address: { family: 'unix', path: address.path } };
  const { host, port } = address;
  if (port.kind === 'offset' || (port.kind === 'fixed' && port.first !== port.last)) {
    s.error(1, 'bad-address', `'${written}' must have one port`);
    return null;
  }
  const portNumber = port.kind === 'fixed' && port.first !== 0 ? port.first : SYSLOG_PORT;
  switch (host.kind) {
    case 'ip4':
      return { kind: 'udp', address: { family: 4, ip: host.ip, port: portNumber } };
    case 'ip6':
      return { kind: 'udp', address: { family: 6, ip: host.ip, port: portNumber } };
    case 'any':
      return {
        kind: 'udp',
        address: { family: host.family, ip: host.family === 4 ? '0.0.0.0' : '::', port: portNumber },
      };
    case 'name':
      if (host.name === 'localhost') return { kind: 'udp', address: { family: 4, ip: '127.0.0.1', port: portNumber } };
      s.error(1, 'host-name', `log servers must be given by address, '${host.name}' is a name`, 'write its IP address');
      return null;
  }
}
