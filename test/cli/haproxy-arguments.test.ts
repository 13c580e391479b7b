import { describe, expect, it } from 'vitest';
import { parseHaproxyArguments } from '../../src/cli/haproxy-arguments.ts';

const parse = (line: string) => parseHaproxyArguments(line.split(' ').filter((word) => word !== ''));

describe("HAProxy's command line", () => {
  it.each([
    ['-f a.cfg', { action: 'run', files: ['a.cfg'], background: 'configured', masterWorker: false, reusePort: true }],
    ['-f a.cfg -f b -- c d', { files: ['a.cfg', 'b', 'c', 'd'] }],
    ['-- c d', { files: ['c', 'd'] }],
    ['-c -q -f a', { action: 'check', quiet: true }],
    ['-D -p /run/x.pid -f a', { background: 'always', pidFile: '/run/x.pid' }],
    ['-D -db -f a', { background: 'never' }],
    ['-db -D -f a', { background: 'never' }],
    ['-d -f a', { background: 'never', debug: true }],
    ['-W -f a', { masterWorker: true, notify: false, background: 'configured' }],
    ['-Ws -f a', { masterWorker: true, notify: true, background: 'never' }],
    ['-f a -sf 12 34', { oldPids: [12, 34], oldSignal: 'SIGUSR1' }],
    ['-f a -st 12 -V', { oldPids: [12], oldSignal: 'SIGTERM', verbose: true }],
    ['-f a -sf', { oldPids: [] }],
    ['-sf 1 2 -f a', { oldPids: [1, 2], files: ['a'] }],
    ['-n 10 -N 20 -m 30 -f a', { maxconn: 10, proxyMaxconn: 20, memoryMib: 30 }],
    ['-n 0 -f a', { maxconn: null }],
    ['-C /tmp -L me -f a', { folder: '/tmp', localPeer: 'me' }],
    ['-dr -dR -dW -dD -f a', { tolerateUnknownHosts: true, reusePort: false, zeroWarnings: true, diagnostics: true }],
    ['-v', { action: 'version' }],
    ['-vv', { action: 'build' }],
    ['-cc 1', { action: 'condition', condition: '1' }],
  ])('%s', (line, expected) => {
    expect(parse(line)).toMatchObject(expected);
  });

  it.each(['-dM', '-dMno-merge', '-dI', '-de', '-dp', '-dS', '-dG', '-dL', '-dKall', '-dV', '-dC', '-dF', '-dZ'])(
    'takes %s and says that it means nothing',
    (tuning) => {
      expect(parse(`${tuning} -f a`)?.ignored).toEqual([expect.stringContaining(`${tuning} is ignored: `)]);
    },
  );

  it('takes every -S, and says that -x means nothing', () => {
    const parsed = parse('-S /run/m.sock,mode,660 -x /run/s.sock -S 127.0.0.1:99 -f a');
    expect(parsed?.masterSockets).toEqual(['/run/m.sock,mode,660', '127.0.0.1:99']);
    expect(parsed?.ignored).toHaveLength(1);
  });

  it.each(['', '-f', '-zz', '-f a -p', 'a.cfg', '-n x -f a', '-c', '-dQ -f a', '-f a extra', '-cc'])(
    'does not take %j',
    (line) => {
      expect(parse(line)).toBeNull();
    },
  );
});
