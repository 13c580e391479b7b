import { describe, expect, it } from 'vitest';
import type { CommandResult } from '../../src/core/command.ts';
import { type ExternalQuestion, probeByProgram } from '../../src/health/external-probe.ts';
import type { Finding } from '../../src/health/result.ts';
import { FakeCommands } from '../support/fake-commands.ts';
import { FakeTime, settle } from '../support/fake-time.ts';

const QUESTION: ExternalQuestion = {
  command: '/bin/look',
  path: '/bin',
  proxyName: 'web',
  proxyId: 3,
  proxyAddress: '192.0.2.1',
  proxyPort: 80,
  serverName: 's',
  serverId: 2,
  serverAddress: '192.0.2.9',
  serverPort: 8080,
  maxconn: 5,
  sessions: 1,
  isHttp: true,
};

function scene(question: Partial<ExternalQuestion> = {}) {
  const time = new FakeTime();
  const commands = new FakeCommands();
  const probe = probeByProgram({ ...QUESTION, ...question }, 700, { commands, timers: time, uid: 65_534, gid: 65_533 });
  const found: Finding[] = [];
  void probe.finding.then((finding) => found.push(finding));
  return { time, commands, probe, found };
}

describe('a program that looks at a server', () => {
  it('runs as another user, is told whom to look at, and nothing else', () => {
    const [run] = scene().commands.runs;
    expect(run?.argv).toEqual(['/bin/look', '192.0.2.1', '80', '192.0.2.9', '8080']);
    expect(run?.options).toMatchObject({ timeoutMs: 700, uid: 65_534, gid: 65_533 });
    expect(Object.entries(run?.options.env ?? {}).map(([name, value]) => `${name}=${value}`)).toEqual([
      'PATH=/bin',
      'HAPROXY_PROXY_NAME=web',
      'HAPROXY_PROXY_ID=3',
      'HAPROXY_PROXY_ADDR=192.0.2.1',
      'HAPROXY_PROXY_PORT=80',
      'HAPROXY_SERVER_NAME=s',
      'HAPROXY_SERVER_ID=2',
      'HAPROXY_SERVER_ADDR=192.0.2.9',
      'HAPROXY_SERVER_PORT=8080',
      'HAPROXY_SERVER_MAXCONN=5',
      'HAPROXY_SERVER_CURCONN=1',
      'HAPROXY_SERVER_SSL=0',
      'HAPROXY_SERVER_PROTO=h1',
    ]);
  });

  it('is told NOT_USED where there is nothing to tell', () => {
    const nowhere = {
      proxyAddress: null,
      proxyPort: null,
      serverAddress: '/run/s.sock',
      serverPort: null,
      isHttp: false,
    };
    const [run] = scene(nowhere).commands.runs;
    expect(run?.argv.slice(1)).toEqual(['NOT_USED', 'NOT_USED', '/run/s.sock', 'NOT_USED']);
    expect(run?.options.env).toMatchObject({
      HAPROXY_PROXY_ADDR: '',
      HAPROXY_SERVER_PORT: '',
      HAPROXY_SERVER_PROTO: 'tcp',
    });
  });

  it.each<[Partial<CommandResult>, string, number]>([
    [{ exitCode: 0 }, 'PROCOK', 0],
    [{ exitCode: 7 }, 'PROCERR', 7],
    [{ exitCode: null, how: 'signal SIGKILL' }, 'PROCERR', -1],
    [{ exitCode: null, how: 'spawn /bin/look ENOENT' }, 'PROCERR', 255],
    [{ exitCode: null, timedOut: true }, 'PROCTOUT', 0],
  ])('%j is %s', async (result, code, status) => {
    const { commands, found } = scene();
    commands.runs[0]?.end(result);
    await settle();
    expect(found).toEqual([{ result: code, status, info: '' }]);
  });

  it('has a time limit, whenever it dies', async () => {
    const { time, commands, found } = scene();
    await time.advance(699);
    expect(found).toEqual([]);
    await time.advance(1);
    expect(found.map(({ result }) => result)).toEqual(['PROCTOUT']);
    commands.runs[0]?.end({ exitCode: 0 });
    await settle();
    expect(found.length).toBe(1);
  });

  it('is killed when nobody wants to know any more', () => {
    const { commands, probe } = scene();
    expect(commands.runs[0]?.options.signal?.aborted).toBe(false);
    probe.cancel();
    expect(commands.runs[0]?.options.signal?.aborted).toBe(true);
  });
});
