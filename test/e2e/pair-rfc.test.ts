/** What the RFCs ask of a router, seen from the link: who answers, from which hardware address, and who takes over when. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { describeAsRoot } from '../support/peers.ts';
import { type Box, PairLab, routerText, VIP, VIP6 } from './pair/pair-lab.ts';

const FAST = (priority: number, lines = '') => routerText({ version: 3, interval: '0.1', lines }, priority);
const SIX = (priority: number) =>
  routerText({ version: 3, interval: '0.1', addresses: ['fe80::77:100/64', `${VIP6}/64`] }, priority);
const VIRTUAL_MAC = '00:00:5e:00:01:33';

describeAsRoot('on the link', () => {
  const lab = new PairLab();

  beforeAll(() => lab.up());
  afterEach(() => lab.clear());
  afterAll(() => lab.down());

  const macOf = (box: Box | 'client') =>
    /link\/ether (\S+)/.exec(lab.run(box, 'ip', 'link', 'show', 'eth0'))?.[1] ?? 'none';
  const neighbour = (address: string) => lab.run('client', 'ip', 'neigh', 'show', address);

  it('the owner answers for the address, nobody else: three questions have three answers', async () => {
    await lab.startBoth('tandem', 'tandem', (priority) => FAST(priority));
    const nft = (words: string) => lab.run('client', 'nft', ...words.split(' '));
    nft('add table arp heard');
    nft('add chain arp heard c { type filter hook input priority 0 ; }');
    nft(`add rule arp heard c arp operation reply arp saddr ip ${VIP} arp daddr ether ${macOf('client')} counter`);
    for (let question = 0; question < 3; question++) {
      lab.run('client', 'ip', 'neigh', 'flush', 'to', VIP);
      lab.run('client', 'bash', '-c', `echo 0 > /dev/udp/${VIP}/7007`);
      await lab.eventually('an answer', () => neighbour(VIP).includes(macOf('lb1')), 1000);
    }
    await sleep(100);
    const heard = /counter packets (\d+)/.exec(nft('list table arp heard'))?.[1];
    nft('delete table arp heard');
    expect(heard).toBe('3');
  });

  it('a backup does not take what is sent to the address', async () => {
    await lab.startBoth('tandem', 'tandem', (priority) => FAST(priority));
    const sendTo = (box: Box) =>
      lab.run('client', 'ip', 'neigh', 'replace', VIP, 'lladdr', macOf(box), 'dev', 'eth0', 'nud', 'permanent');
    sendTo('lb1');
    expect((await lab.probe(0.8, () => {})).lost).toBe(0);
    sendTo('lb2');
    const wrong = await lab.probe(0.8, () => {});
    expect([wrong.sent > 0, wrong.lost]).toEqual([true, wrong.sent]);
    lab.run('client', 'ip', 'neigh', 'del', VIP, 'dev', 'eth0');
  });

  it('use_vmac: adverts and answers come from the virtual MAC, and the switch learns where it is', async () => {
    await lab.startBoth('tandem', 'tandem', (priority) => FAST(priority, 'use_vmac'));
    const portOf = (mac: string) =>
      new RegExp(`^${mac} dev (\\S+) master br0 $`, 'm').exec(lab.run('sw', 'bridge', 'fdb', 'show', 'br', 'br0'))?.[1];
    const sentFromIt = () => {
      const statistics = lab.run('lb1', 'ip', '-j', '-s', 'link', 'show', 'vrrp.51');
      return (JSON.parse(statistics) as { stats64: { tx: { packets: number } } }[])[0]?.stats64.tx.packets ?? 0;
    };
    await lab.probe(0.2, () => {});
    expect(neighbour(VIP)).toContain(VIRTUAL_MAC);
    expect(portOf(VIRTUAL_MAC)).toBe(portOf(macOf('lb1')));
    // Ten adverts a second; announcements are two frames.
    const before = sentFromIt();
    await sleep(1000);
    expect(sentFromIt() - before).toBeGreaterThan(8);
    // What comes from that MAC may come from a peer.
    expect(lab.output('lb2')).not.toContain('MASTER');
    lab.signal('lb1', 'SIGTERM');
    await lab.owners(['lb2'], 1000);
    await lab.eventually('the switch sends to lb2', () => portOf(VIRTUAL_MAC) === portOf(macOf('lb2')), 200);
    expect(neighbour(VIP)).toContain(VIRTUAL_MAC);
  });

  it.each([
    ['tandem', 'keepalived'],
    ['keepalived', 'tandem'],
  ] as const)('use_vmac, %s and %s: they hear each other though they have one MAC', async (first, second) => {
    const text = (priority: number) => FAST(priority, 'use_vmac');
    if (second === 'tandem') {
      // As keepalived leaves it when it is killed.
      const link = ['link', 'eth0', 'address', VIRTUAL_MAC, 'type', 'macvlan', 'mode', 'private'];
      lab.run('lb2', 'ip', 'link', 'add', 'vrrp.51', ...link);
    }
    await lab.start('lb1', first, text(150));
    await lab.owners(['lb1'], 3000);
    await lab.start('lb2', second, text(100));
    await sleep(600);
    expect(lab.output('lb2')).not.toContain('MASTER');
    lab.signal('lb1', 'SIGTERM');
    await lab.owners(['lb2'], 1000);
  });

  it('IPv6: the solicited-node group is joined, and the address is a router’s if the box forwards', async () => {
    await lab.start('lb1', 'tandem', SIX(150));
    await lab.owners(['lb1'], 3000, VIP6);
    expect(lab.run('lb1', 'ip', '-6', 'maddr', 'show', 'dev', 'eth0')).toContain('ff02::1:ff00:100');
    await lab.probe(0.3, () => {}, VIP6);
    expect(neighbour(VIP6)).not.toContain('router');
    // Answers to questions are the kernel's; ours come unasked, every second.
    lab.run('lb1', 'sysctl', '-qw', 'net.ipv6.conf.eth0.forwarding=1');
    await lab.eventually('an announcement as a router', () => neighbour(VIP6).includes('router'), 2500);
    await sleep(1500);
    expect(neighbour(VIP6)).toContain('router');
    lab.run('lb1', 'sysctl', '-qw', 'net.ipv6.conf.eth0.forwarding=0');
    await lab.eventually('an announcement as a host', () => !neighbour(VIP6).includes('router'), 2500);
  });

  it('the interface is set down: FAULT, the other takes over; up again: it comes back', async () => {
    await lab.startBoth('tandem', 'tandem', (priority) => FAST(priority));
    lab.run('lb1', 'ip', 'link', 'set', 'eth0', 'down');
    await lab.owners(['lb2'], 1000);
    expect(lab.output('lb1')).toContain('(VI_1) Entering FAULT STATE');
    lab.run('lb1', 'ip', 'link', 'set', 'eth0', 'up');
    await lab.owners(['lb1'], 4000);
    lab.run('lb1', 'ip', '-6', 'addr', 'add', 'fd77::1/64', 'dev', 'eth0', 'nodad');
  });

  it('nopreempt: the better one that comes later waits until the other leaves', async () => {
    await lab.start('lb2', 'tandem', FAST(100));
    await lab.owners(['lb2'], 3000);
    await lab.start('lb1', 'tandem', FAST(150, 'nopreempt'));
    await sleep(1000);
    await lab.owners(['lb2'], 100);
    lab.signal('lb2', 'SIGTERM');
    await lab.owners(['lb1'], 1000);
  });
}, ['netns', 'ip', 'nft', 'keepalived']);
