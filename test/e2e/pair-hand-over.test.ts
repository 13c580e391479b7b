/**
 * Two Tandems with proxies, and HTTP clients: nobody loses a request when the address moves on purpose, whoever leaves or
 * comes back. Of everybody it is the kernel that says so: what fails here is a connection that was reset, or had no answer.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeAsRoot } from '../support/peers.ts';
import { PairLab, type RequestsResult, routerText, VIP, VIP6 } from './pair/pair-lab.ts';

const FAST = (priority: number) => routerText({ version: 3, interval: '0.1' }, priority);
const CLASSIC = (priority: number) => routerText({ version: 2, interval: '1' }, priority);
const SIX = (priority: number) =>
  routerText({ version: 3, interval: '0.1', addresses: ['fe80::77:100/64', `${VIP6}/64`] }, priority);
/** What a stop may take: last answers, skew, what is open, the tail. */
const MOVED_MS = 9000;
const FINISHES = 'those that are open are finished here';

describeAsRoot('a hand-over with proxies, in namespaces', () => {
  const lab = new PairLab();

  beforeAll(() => lab.up());
  afterEach(() => lab.clear());
  afterAll(() => lab.down());

  /** The master leaves and comes back as the better one: two hand-overs. */
  async function thereAndBack(config: (priority: number) => string, address = VIP): Promise<void> {
    lab.signal('lb1', 'SIGTERM');
    await lab.ended('lb1');
    await lab.owners(['lb2'], 100, address);
    expect(lab.output('lb1')).toContain(FINISHES);
    await sleep(100);
    await lab.start('lb1', 'proxies', config(150));
    await lab.says('lb1', 'MASTER STATE', 15_000);
    await lab.owners(['lb1'], MOVED_MS, address);
    await sleep(100);
  }

  function expectNothingLost({ once: each, keep }: RequestsResult, leastRequests: number): void {
    expect([each.failures, keep.failures]).toEqual([[], []]);
    expect(Math.min(each.answered, keep.answered)).toBeGreaterThan(leastRequests);
    expect([each.sent, keep.sent]).toEqual([each.answered, keep.answered]);
  }

  it('ten of them, by SIGTERM and by coming back: no request fails, with a connection each or with one that is kept', async () => {
    await lab.startBoth('proxies', 'proxies', FAST);
    const result = await lab.requests(async () => {
      for (let round = 0; round < 5; round++) await thereAndBack(FAST);
    });
    expectNothingLost(result, 500);
    expect(result.once.from.slice(0, 2)).toEqual(['10.77.0.1', '10.77.0.2']);
    // Asked to come anew, not left to find out: 4 connections, ten hand-overs, and what was idle meanwhile.
    expect(result.keep.connections).toBeLessThan(result.keep.sent);
  }, 120_000);

  it('version 2 with its second, and IPv6', async () => {
    await lab.startBoth('proxies', 'proxies', CLASSIC);
    expectNothingLost(await lab.requests(() => thereAndBack(CLASSIC)), 100);
    await lab.clear();
    await lab.start('lb1', 'proxies', SIX(150));
    await lab.start('lb2', 'proxies', SIX(100));
    await lab.owners(['lb1'], 10_000, VIP6);
    expectNothingLost(await lab.requests(() => thereAndBack(SIX, VIP6), VIP6), 100);
  }, 120_000);

  it('what does not come to an end is reset, and the others lose nothing', async () => {
    await lab.startBoth('proxies', 'proxies', FAST);
    const endless = lab.spawn('client', 'curl', '-sS', '-o', '/dev/null', '-m', '30', `http://${VIP}/endless`);
    let said = '';
    endless.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    const gone = once(endless, 'exit');
    const result = await lab.requests(async () => {
      lab.signal('lb1', 'SIGTERM');
      await lab.says('lb1', 'were not finished in time and are reset', MOVED_MS);
      await gone;
      await lab.ended('lb1');
    });
    expect(said).toContain('reset by peer');
    expectNothingLost(result, 300);
  });

  it('killed in the middle of it: the other box announces, and the killed one comes back as if nothing had been', async () => {
    await lab.startBoth('proxies', 'proxies', FAST);
    const endless = lab.spawn('client', 'curl', '-s', '-o', '/dev/null', '-m', '30', `http://${VIP}/endless`);
    const result = await lab.requests(async () => {
      lab.signal('lb1', 'SIGTERM');
      await lab.says('lb1', FINISHES, MOVED_MS);
      // Its slowest request is over: what dies with it is the endless one.
      await sleep(800);
      lab.signal('lb1', 'SIGKILL');
      await lab.owners(['lb2'], 4500);
      await lab.start('lb1', 'proxies', FAST(150));
      await lab.says('lb1', 'MASTER STATE', 5000);
      await lab.owners(['lb1'], MOVED_MS);
      await sleep(500);
    });
    endless.kill('SIGKILL');
    expectNothingLost(result, 300);
  });

  it('a switch that lets a port send from its own addresses only: nobody waits for what cannot arrive', async () => {
    await lab.startBoth('proxies', 'proxies', FAST);
    const own = '{ 10.77.0.1, 10.77.0.100 }';
    lab.run(
      'sw',
      'nft',
      `table bridge t { chain c { type filter hook forward priority 0; iifname ${lab.port('lb1')} ip saddr != ${own} drop; }; }`,
    );
    const endless = lab.spawn('client', 'curl', '-s', '-o', '/dev/null', '-m', '30', `http://${VIP}/endless`);
    const result = await lab.requests(async () => {
      lab.signal('lb1', 'SIGTERM');
      await lab.says('lb1', 'what is passed on does not arrive', MOVED_MS);
      await lab.ended('lb1');
      await sleep(1500);
    });
    lab.run('sw', 'nft', 'delete', 'table', 'bridge', 't');
    endless.kill('SIGKILL');
    // A SYN that was lost is sent again after a second.
    expect(result.once.failures).toEqual([]);
    expect(result.once.slowestMs).toBeLessThan(3500);
  });

  it('two virtual routers that move as one: both hand over', async () => {
    const second = (priority: number) =>
      routerText({ version: 3, interval: '0.1', addresses: ['10.77.0.101/24'] }, priority)
        .replace('VI_1', 'VI_2')
        .replace('virtual_router_id 51', 'virtual_router_id 52');
    const both = (priority: number) =>
      `vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n}\n${FAST(priority)}${second(priority)}`;
    await lab.startBoth('proxies', 'proxies', both);
    const result = await lab.requests(async () => {
      lab.signal('lb1', 'SIGTERM');
      await lab.ended('lb1');
      await lab.owners(['lb2'], 100, '10.77.0.101');
      await sleep(100);
    });
    expectNothingLost(result, 30);
  });

  it('keepalived follows as ever: nothing is waited for', async () => {
    await lab.startBoth('proxies', 'keepalived', FAST);
    const result = await lab.probe(3, () => lab.signal('lb1', 'SIGTERM'));
    expect([result.names, result.longestMs < 60]).toEqual([['lb1', 'lb2'], true]);
    await lab.owners(['lb2'], 1000);
    const back = await lab.probe(3, () => lab.start('lb1', 'proxies', FAST(150)));
    expect([back.names, back.longestMs < 60]).toEqual([['lb2', 'lb1'], true]);
    await lab.owners(['lb1'], 1000);
  });
}, ['netns', 'ip', 'nft', 'keepalived', 'curl']);
