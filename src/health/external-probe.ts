/**
 * A program that says whether a server is well, by its exit status: without a shell, as another user, in an environment of
 * its own, for a limited time.
 *
 *   argv   command proxy-address proxy-port server-address server-port
 *
 * Where there is nothing to say, an argument is NOT_USED, a variable empty, as in HAProxy.
 */
import type { Timers } from '../core/clock.ts';
import type { CommandResult, CommandRunner } from '../core/command.ts';
import type { RunningProbe } from './probe.ts';
import type { Finding } from './result.ts';

export interface ExternalQuestion {
  readonly command: string;
  readonly path: string;
  readonly proxyName: string;
  readonly proxyId: number;
  /** Where it listens; null: nowhere. */
  readonly proxyAddress: string | null;
  readonly proxyPort: number | null;
  readonly serverName: string;
  readonly serverId: number;
  readonly serverAddress: string;
  /** null: a unix socket. */
  readonly serverPort: number | null;
  readonly maxconn: number;
  readonly sessions: number;
  readonly isHttp: boolean;
}

export interface ExternalTools {
  readonly commands: CommandRunner;
  readonly timers: Timers;
  readonly uid: number | null;
  readonly gid: number | null;
}

const NOT_USED = 'NOT_USED';
/** Of a program that cannot be started. */
const CANNOT_START = 255;
const KILLED = -1;

export function probeByProgram(question: ExternalQuestion, timeoutMs: number, tools: ExternalTools): RunningProbe {
  const { commands, timers, uid, gid } = tools;
  const given = new AbortController();
  const finding = new Promise<Finding>((resolve) => {
    // The verdict does not wait for a program that takes its time to die.
    const deadline = timers.after(timeoutMs, () => resolve({ result: 'PROCTOUT', status: 0, info: '' }));
    const options = {
      timeoutMs,
      env: environmentOf(question),
      signal: given.signal,
      ...(uid === null ? {} : { uid }),
      ...(gid === null ? {} : { gid }),
    };
    void commands.run(argumentsOf(question), options).then((result) => {
      deadline.cancel();
      resolve(findingOf(result));
    });
  });
  return { finding, cancel: () => given.abort() };
}

function findingOf({ exitCode, timedOut, how }: CommandResult): Finding {
  if (timedOut) return { result: 'PROCTOUT', status: 0, info: '' };
  if (exitCode === 0) return { result: 'PROCOK', status: 0, info: '' };
  const status = exitCode ?? (how.startsWith('signal') ? KILLED : CANNOT_START);
  return { result: 'PROCERR', status, info: '' };
}

function argumentsOf(question: ExternalQuestion): string[] {
  const { command, proxyAddress, proxyPort, serverAddress, serverPort } = question;
  return [
    command,
    proxyAddress ?? NOT_USED,
    proxyPort === null ? NOT_USED : String(proxyPort),
    serverAddress,
    serverPort === null ? NOT_USED : String(serverPort),
  ];
}

function environmentOf(question: ExternalQuestion): Readonly<Record<string, string>> {
  return {
    PATH: question.path,
    HAPROXY_PROXY_NAME: question.proxyName,
    HAPROXY_PROXY_ID: String(question.proxyId),
    HAPROXY_PROXY_ADDR: question.proxyAddress ?? '',
    HAPROXY_PROXY_PORT: question.proxyPort === null ? '' : String(question.proxyPort),
    HAPROXY_SERVER_NAME: question.serverName,
    HAPROXY_SERVER_ID: String(question.serverId),
    HAPROXY_SERVER_ADDR: question.serverAddress,
    HAPROXY_SERVER_PORT: question.serverPort === null ? '' : String(question.serverPort),
    HAPROXY_SERVER_MAXCONN: String(question.maxconn),
    HAPROXY_SERVER_CURCONN: String(question.sessions),
    HAPROXY_SERVER_SSL: '0',
    HAPROXY_SERVER_PROTO: question.isHttp ? 'h1' : 'tcp',
  };
}
