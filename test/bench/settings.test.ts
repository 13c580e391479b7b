import { describe, expect, it } from 'vitest';
import { assignCores, coresInOrder, parseCoreList } from '../../bench/cores.mjs';
import { idleCount } from '../../bench/descriptors.mjs';
import { BOUNDS } from '../../bench/guard/bounds.mjs';
import { parseGuardOptions } from '../../bench/guard/options.mjs';
import { parseOptions } from '../../bench/options.mjs';
import { haproxyConfiguration } from '../../bench/peers/haproxy-configuration.mjs';
import { baseOf, cannot, DEFAULT_PEERS, engineIn, parseVariant, peersOf } from '../../bench/peers/peers.mjs';
import { turned } from '../../bench/rounds.mjs';
import { stages, WORKS } from '../../bench/works.mjs';

describe('the command line', () => {
  it('without options measures every peer but the engine that tandem would choose itself', () => {
    expect(parseOptions([])).toMatchObject({ rounds: 5, seconds: 4, threads: [1], peers: DEFAULT_PEERS });
    expect(DEFAULT_PEERS).not.toContain('tandem');
  });

  it('takes fractions of a second, several numbers of threads, variants as peers', () => {
    const options = parseOptions(['--secs', '0.3', '--threads', '1,2', '--variant', 'mine=nbthread 3']);
    expect(options).toMatchObject({ seconds: 0.3, threads: [1, 2] });
    expect(options.peers).toContain('mine');
  });

  it.each([
    [['--rounds', '0']],
    [['--rounds', '1.5']],
    [['--secs', 'x']],
    [['--threads', '1,']],
    [['--peers', 'apache']],
    [['--variant', 'haproxy=line']],
    [['--variant', 'noline']],
    [['--only', '(']],
    [['--unknown']],
  ])('refuses %j', (args) => {
    expect(parseOptions(args)).toHaveProperty('error');
  });

  it('of the guard takes whole seconds only', () => {
    expect(parseGuardOptions([])).toMatchObject({ by: 'auto', guarded: ['tandem-io_uring', 'tandem-epoll'] });
    for (const args of [
      ['--secs', '0.5'],
      ['--by', 'eye'],
      ['--peers', 'nginx'],
      ['--rounds', '0'],
    ]) {
      expect(parseGuardOptions(args)).toBeUndefined();
    }
  });
});

describe('peers', () => {
  it('a variant differs in one line, in the section that line belongs to, or in one variable', () => {
    expect(parseVariant('a=tune.bufsize 32768')).toMatchObject({
      program: 'tandem',
      lines: { global: ['tune.bufsize 32768'], defaults: [] },
    });
    expect(parseVariant('b=haproxy: option splice-auto')).toMatchObject({
      program: 'haproxy',
      lines: { global: [], defaults: ['option splice-auto'] },
    });
    expect(parseVariant('c=env UV_X=1')).toMatchObject({ environment: { UV_X: '1' } });
  });

  it('each has its numbers of threads and is compared with the haproxy that has as many', () => {
    const peers = peersOf(['tandem', 'haproxy', 'direct'], [], [1, 2]);
    expect(peers.map((peer) => peer.name)).toEqual(['tandem', 'tandem ×2', 'haproxy', 'haproxy ×2', 'direct']);
    expect(peers.map((peer) => baseOf(peer, peers))).toEqual([
      'haproxy',
      'haproxy ×2',
      'haproxy',
      'haproxy ×2',
      'haproxy',
    ]);
    expect(baseOf(peers[0], [])).toBeUndefined();
  });

  it('are asked for nothing that they cannot do', () => {
    const [splice, three] = peersOf(['haproxy-splice', 'http-proxy-3'], [], [1]);
    expect(cannot(splice, { mode: 'http', per: 'MiB' })).toBeUndefined();
    expect(cannot(splice, { mode: 'http', per: 'request' })).toBe('');
    expect(cannot(three, { mode: 'tcp', per: 'request' })).toContain('TCP');
  });

  it('say which engine they run', () => {
    expect(engineIn('limits: maxconn 5, 20 descriptors, 1 thread, io_uring\n')).toBe('io_uring');
    expect(engineIn('[NOTICE] haproxy version is 2.6.12')).toBeUndefined();
  });

  it('have the same configuration but for their lines', () => {
    const context = { port: 1, servers: [2, 3], sinkPort: 4, maxConnections: 5, threads: 1 };
    const stage = { mode: 'http', log: true };
    const plain = haproxyConfiguration(stage, { ...context, lines: { global: [], defaults: [] } });
    const other = haproxyConfiguration(stage, { ...context, lines: { global: ['one'], defaults: ['two'] } });
    expect(other.split('\n').filter((line) => !plain.split('\n').includes(line))).toEqual(['  one', '  two']);
    for (const part of ['cookie SRV insert', 'option forwardfor', 'check', 'option httplog', 'log 127.0.0.1:4']) {
      expect(plain).toContain(part);
    }
  });
});

describe('cores', () => {
  it('are read as the kernel lists them', () => {
    expect(parseCoreList('0-2,5,7-8\n')).toEqual([0, 1, 2, 5, 7, 8]);
  });

  it('of their own come before hyperthreads', () => {
    const siblings = (core: number) => [core % 2, (core % 2) + 2];
    expect(coresInOrder([0, 1, 2, 3], siblings)).toEqual([0, 1, 2, 3]);
    expect(coresInOrder([0, 1, 2, 3], (core: number) => (core < 2 ? [0, 1] : [2, 3]))).toEqual([0, 2, 1, 3]);
  });

  it.each([
    { count: 1, threads: 1, proxy: [0], load: [0], servers: [0], shared: true },
    { count: 2, threads: 1, proxy: [0], load: [1], servers: [1], shared: false },
    { count: 2, threads: 2, proxy: [0, 1], load: [0, 1], servers: [0, 1], shared: true },
    { count: 4, threads: 1, proxy: [0], load: [1], servers: [2], shared: false },
    { count: 16, threads: 2, proxy: [0, 1], load: [2, 3, 4, 5], servers: [6, 7, 8, 9], shared: false },
  ])('$count for $threads threads', ({ count, threads, ...expected }) => {
    const cores = Array.from({ length: count }, (_, core) => core);
    expect(assignCores(cores, threads)).toEqual(expected);
  });
});

describe('works', () => {
  it('have names of their own, and the guard knows some of them', () => {
    const names = WORKS.map((work) => work.name);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.keys(BOUNDS).filter((name) => !names.includes(name))).toEqual([]);
  });

  it('share the processes of a stage', () => {
    const found = stages(WORKS);
    expect(found.flatMap(({ works }) => works)).toHaveLength(WORKS.length);
    for (const { stage, works } of found) {
      for (const work of works) {
        expect(work).toMatchObject({ mode: stage.mode, servers: stage.servers });
        expect(work.log === true).toBe(stage.log);
      }
    }
  });

  it('turn the order of the peers, round by round', () => {
    expect([0, 1, 2, 3].map((round) => turned(['a', 'b', 'c'], round).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  });

  it('have fewer idle connections where descriptors are short', () => {
    expect(idleCount(10_000, 256, 100_000)).toBe(10_000);
    expect(idleCount(10_000, 256, 20_000)).toBe(9444);
  });
});
