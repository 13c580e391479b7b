/**
 * A switch that snoops: adverts reach only those who have reported themselves as members, from the MAC that they hear with.
 * With use_vmac that is where it goes wrong (keepalived moves its reports by nft). Groups beyond 224.0.0.0/24, and all of
 * IPv6, are snooped.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { PairLab, type Program, routerText, VIP, VIP6 } from './pair/pair-lab.ts';

const GROUP = '239.1.1.18';
const IPV4 = (priority: number) =>
  `global_defs {\n  vrrp_mcast_group4 ${GROUP}\n}\n${routerText({ version: 3, interval: '0.1', lines: 'use_vmac' }, priority)}`;
const IPV6 = (priority: number) =>
  routerText({ version: 3, interval: '0.1', lines: 'use_vmac', addresses: ['fe80::100/64', `${VIP6}/64`] }, priority);

describeWithPeer(['root', 'netns', 'keepalived', 'nft'], 'VMACs on a switch that snoops', () => {
  const lab = new PairLab();

  beforeAll(async () => {
    await lab.up();
    const table =
      'table inet adverts { chain c { type filter hook prerouting priority 0; meta l4proto 112 counter; }; }';
    lab.run('client', 'nft', table);
    // Before it snoops, it floods.
    await lab.start('lb1', 'tandem', IPV4(150));
    await sleep(800);
    await lab.clear();
    expect(advertsAtClient()).toBeGreaterThan(2);
    await lab.snoop();
  });
  afterEach(() => lab.clear());
  afterAll(() => lab.down());

  const advertsAtClient = () => Number(/packets (\d+)/.exec(lab.run('client', 'nft', 'list', 'ruleset'))?.[1]);

  describe.each<[string, string, string, (priority: number) => string]>([
    ['IPv4', GROUP, VIP, IPV4],
    ['IPv6', 'ff02::12', VIP6, IPV6],
  ])('%s', (_, group, address, config) => {
    it.each<[Program, Program]>([
      ['tandem', 'tandem'],
      ['tandem', 'keepalived'],
      ['keepalived', 'tandem'],
    ])('%s is master, %s hears it, and takes over', async (first, second) => {
      await lab.start('lb1', first, config(150));
      await lab.owners(['lb1'], 5000, address);
      await lab.start('lb2', second, config(100));
      const before = advertsAtClient();
      // Long enough for five take-overs, if it did not hear.
      await sleep(1800);
      expect(lab.members(group)).toEqual(['lb1', 'lb2']);
      // Whoever is no member got none of eighteen.
      expect(advertsAtClient() - before).toBe(0);
      await lab.owners(['lb1'], 0, address);
      expect(lab.output('lb2')).not.toContain('MASTER STATE');
      expect(lab.output('lb1')).not.toContain('cannot send');
      lab.signal('lb1', 'SIGTERM');
      await lab.owners(['lb2'], 3000, address);
    });
  });
});
