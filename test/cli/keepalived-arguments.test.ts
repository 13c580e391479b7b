/** keepalived's command line, as unit files and people write it. */
import { describe, expect, it } from 'vitest';
import { type KeepalivedArguments, parseKeepalivedArguments } from '../../src/cli/keepalived-arguments.ts';

function parse(line: string): KeepalivedArguments {
  const parsed = parseKeepalivedArguments(line.split(' ').filter((word) => word !== ''));
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.args;
}

describe('what is asked for', () => {
  it('without any word: run what is in /etc, in the background, with syslog', () => {
    expect(parse('')).toEqual({
      action: 'run',
      file: '/etc/keepalived/keepalived.conf',
      foreground: false,
      dump: false,
      logDetail: 0,
      logConsole: false,
      syslog: true,
      facility: 'daemon',
      pidFile: null,
      vrrpPidFile: null,
      checkersPidFile: null,
      vrrp: true,
      checkers: true,
      releaseAddresses: true,
      releaseVirtualServers: true,
      configId: null,
      strictIncludes: false,
      testLog: null,
      signal: null,
      ignored: [],
    });
  });

  it.each<[string, Partial<KeepalivedArguments>]>([
    ['-f a.conf', { file: 'a.conf' }],
    ['-fa.conf', { file: 'a.conf' }],
    ['--use-file=a.conf', { file: 'a.conf' }],
    ['--use-file a.conf', { file: 'a.conf' }],
    ['--use a.conf', { file: 'a.conf' }],
    ['-nlD', { foreground: true, logConsole: true, logDetail: 1 }],
    ['-D -D', { logDetail: 2 }],
    ['-ndf a.conf', { foreground: true, dump: true, file: 'a.conf' }],
    ['--dont-fork --log-console', { foreground: true, logConsole: true }],
    ['-G', { syslog: false }],
    ['-S 3', { facility: 'local3' }],
    ['-S local7', { facility: 'local7' }],
    ['-S user', { facility: 'user' }],
    ['-p /run/k.pid -r /run/v.pid', { pidFile: '/run/k.pid', vrrpPidFile: '/run/v.pid' }],
    ['-c /run/c.pid', { checkersPidFile: '/run/c.pid' }],
    ['-C', { vrrp: false, checkers: true }],
    ['-P', { vrrp: true, checkers: false }],
    ['-V', { releaseAddresses: false, releaseVirtualServers: true }],
    ['-I', { releaseAddresses: true, releaseVirtualServers: false }],
    ['-i high', { configId: 'high' }],
    ['-e', { strictIncludes: true }],
    ['-t', { action: 'test', testLog: null }],
    ['-t -f a.conf', { action: 'test', file: 'a.conf' }],
    ['-t/tmp/log', { action: 'test', testLog: '/tmp/log' }],
    ['--config-test=/tmp/log', { action: 'test', testLog: '/tmp/log' }],
    ['--signum=RELOAD', { action: 'signum', signal: 'RELOAD' }],
    ['-v -nonsense', { action: 'version' }],
    ['-h', { action: 'help' }],
  ])('%s', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });
});

it.each(['-B', '--all', '-g', '-glog', '-u 022', '-X', '-R', '-a', '-b x', '-x', '-A x', '-m', '-M'])(
  '%s is accepted and said to be without effect',
  (line) => {
    expect(parse(line).ignored).toHaveLength(1);
  },
);

it.each<[string, string]>([
  ['-z', 'unknown option -z'],
  ['--nonsense', 'unknown option --nonsense'],
  ['--dont', 'unknown option --dont'],
  ['-f', '-f lacks its value'],
  ['--use-file=', '--use-file lacks its value'],
  ['--dont-fork=yes', '--dont-fork takes no value'],
  ['-S mail', "there is no log facility 'mail'"],
  ['-T', '-T is not supported: there is no genhash'],
  ['-s blue', '-s is not supported'],
  ['a.conf', "'a.conf' belongs to no option"],
])('%s is none: %s', (line, message) => {
  const parsed = parseKeepalivedArguments(line.split(' '));
  expect(parsed.ok ? '' : parsed.message).toContain(message);
});
