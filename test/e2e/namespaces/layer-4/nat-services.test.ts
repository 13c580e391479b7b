/** Services of every sort on the article's NAT network (nat-services.conf), and what a box and its servers can go through. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../../../support/peers.ts';
import { type Balancer, KEEPALIVED_CONF } from './balancer.ts';
import { eventually } from './network.ts';
import { OracleNetwork, WEB_ADDRESS } from './oracle-networks.ts';

const CONF = readFileSync(join(import.meta.dirname, 'nat-services.conf'), 'utf8');
const CONNTRACKD = readFileSync(join(import.meta.dirname, 'conntrackd.conf'), 'utf8');
const VIP = '192.168.1.1';
const ALL = [`enp0s8 ${VIP}/24`, 'enp0s9 10.0.0.100/24'];
const MARKS = `table ip marks {
  chain prerouting {
    type filter hook prerouting priority mangle; policy accept;
    ip daddr 192.168.1.2 tcp dport { 80, 443 } meta mark set 123
  }
}
`;

describeWithPeer(['netns', 'ip', 'nft', 'conntrack', 'conntrackd'], 'virtual servers with NAT', () => {
  let oracle: OracleNetwork;
  let lb1: Balancer;
  let lb2: Balancer;

  beforeAll(async () => {
    oracle = await OracleNetwork.nat();
    ({ lb1, lb2 } = oracle);
    await oracle.serve('websvr1', 'websvr2');
    for (const { box } of [lb1, lb2]) {
      box.run('touch /run/both /run/first /run/second');
      box.run('nft -f -', MARKS);
    }
    lb1.configure(CONF.replaceAll('PRIORITY', '200'));
    lb2.configure(CONF.replaceAll('PRIORITY', '100'));
    lb1.start();
    await isMaster(lb1);
    for (const ip of [VIP, '2001:db8:1::1']) await serves(ip);
  });
  afterAll(() => oracle?.remove());

  const said = (): string => `lb1:\n${lb1.output}\nlb2:\n${lb2.output}`;
  const client = (n: number): string => `192.168.1.${n}`;

  async function isMaster(one: Balancer): Promise<void> {
    await one.says('(external) Entering MASTER STATE');
    await eventually('the addresses are there', () => one.has(...ALL), Boolean, said);
  }

  async function serves(ip: string, port = 80): Promise<void> {
    await eventually(`${ip} ${port} is served`, () => oracle.clients.get({ ip, port }), isWeb, said);
  }

  function isWeb(who: string): boolean {
    return who.startsWith('websvr');
  }

  /** Who answers `count` connections, sorted. */
  async function answers(count: number, ip: string, port = 80): Promise<readonly string[]> {
    const all: string[] = [];
    for (let n = 0; n < count; n++) all.push(await oracle.clients.get({ ip, port }));
    return all.sort();
  }

  const times = (first: number, second: number) => [
    ...Array<string>(first).fill('websvr1'),
    ...Array<string>(second).fill('websvr2'),
  ];

  async function settle(ip: string, port: number, wanted: readonly string[]): Promise<void> {
    const isSo = (seen: readonly string[]): boolean => seen.join() === wanted.join();
    await eventually(`${ip} ${port} has ${wanted}`, () => answers(wanted.length, ip, port), isSo, said);
  }

  /** A client, from 50 on, whose server this is by its first connection. */
  async function clientOf(web: string, port: number, from: readonly number[]): Promise<number> {
    for (const n of from) if ((await oracle.clients.get({ ip: VIP, port, from: client(n) })) === web) return n;
    throw new Error(`no client at ${web}`);
  }

  it('tandem check has nothing against the box that runs', () => {
    const { status, stdout } = lb1.box.run(`tandem check -f ${KEEPALIVED_CONF}`);
    expect(stdout).not.toContain('Error');
    expect(status).toBe(0);
  });

  it('weights', () => settle(VIP, 81, times(6, 2)));

  it('IPv6', () => settle('2001:db8:1::1', 80, times(2, 2)));

  it('a group: two addresses of a range, and one with another port', async () => {
    await settle('192.168.1.201', 80, times(2, 2));
    await settle('192.168.1.203', 80, times(2, 2));
    await settle('192.168.1.2', 81, times(2, 2));
  });

  it('a mark of the firewall: two ports of a client have one server', async () => {
    const seen = new Set<string>();
    for (const n of [51, 52, 53, 54]) {
      const who = await oracle.clients.get({ ip: '192.168.1.2', port: 80, from: client(n) });
      expect(await oracle.clients.get({ ip: '192.168.1.2', port: 443, from: client(n) })).toBe(who);
      seen.add(who);
    }
    expect([...seen].sort()).toEqual(['websvr1', 'websvr2']);
  });

  it('UDP: names are asked of both servers by turns', async () => {
    const seen: string[] = [];
    for (let n = 0; n < 4; n++) seen.push(await oracle.clients.dns({ ip: VIP }));
    expect(seen.sort()).toEqual(['10.0.0.71', '10.0.0.71', '10.0.0.72', '10.0.0.72']);
  });

  it('SCTP: associations begin at both servers by turns, and their answers come back', async () => {
    const script = join(import.meta.dirname, 'sctp.mjs');
    const { lab } = oracle.network;
    for (const [name, ip] of Object.entries(WEB_ADDRESS))
      await lab.start(oracle.network.box(name).space, [process.execPath, script, 'serve', ip]);
    const answered = oracle.network.run('client', `${process.execPath} ${script} ask ${client(50)} ${VIP} 2905 4`);
    expect(answered.trim().split(' ').sort()).toEqual(['71', '71', '72', '72']);
  });

  it('a quorum that is lost: the sorry server alone, until it is there again', async () => {
    await settle(VIP, 443, times(1, 1));
    lb1.box.run('rm /run/both');
    const port = async (): Promise<string> =>
      (await oracle.clients.ask({ what: 'get', ip: VIP, port: 443 })).port ?? 'none';
    await eventually('the sorry server', port, (one) => one === '8080', said);
    await settle(VIP, 443, times(0, 4));
    lb1.box.run('touch /run/both');
    await settle(VIP, 443, times(2, 2));
    expect(await port()).toBe('443');
  });

  it('inhibit_on_failure: clients stay with a server that fails, others go elsewhere', async () => {
    await serves(VIP, 8080);
    const own = await clientOf('websvr1', 8080, [51, 52]);
    expect(await oracle.clients.hold('inhibited', { ip: VIP, port: 8080, from: client(own) })).toBe('websvr1');
    lb1.box.run('rm /run/first');
    const chain = () => lb1.box.run('nft list chain inet tandem vs_192_168_1_1_tcp_8080').stdout;
    await eventually('it gets no turn any more', chain, (seen) => seen !== '' && !seen.includes('mod 2'), said);
    for (const n of [61, 62, 63])
      expect(await oracle.clients.get({ ip: VIP, port: 8080, from: client(n) })).toBe('websvr2');
    expect(await oracle.clients.again('inhibited')).toBe('websvr1');
    expect(await oracle.clients.get({ ip: VIP, port: 8080, from: client(own) })).toBe('websvr1');
    lb1.box.run('touch /run/first');
  });

  it('a server that dies is taken out and comes back; its clients have another one from then on', async () => {
    const own = await clientOf('websvr1', 80, [51, 52, 53, 54]);
    const other = await clientOf('websvr2', 80, [51, 52, 53, 54]);
    let fixed = 40_000;
    while ((await oracle.clients.dns({ ip: VIP, fromPort: fixed })) !== '10.0.0.71') fixed++;
    const resting: string[] = [];
    for (const name of ['a', 'b', 'c', 'd'])
      if ((await oracle.clients.hold(name, { ip: VIP, port: 81 })) === 'websvr2') resting.push(name);
    expect(resting.length).toBe(1);
    await oracle.end('websvr1');
    await eventually(
      'its client goes to the other one',
      () => oracle.clients.get({ ip: VIP, from: client(own) }),
      (who) => who === 'websvr2',
      said,
    );
    await eventually(
      'a socket that has asked it goes to the other one',
      () => oracle.clients.dns({ ip: VIP, fromPort: fixed }),
      (who) => who === '10.0.0.72',
      said,
    );
    await settle(VIP, 81, times(0, 4));
    await settle('2001:db8:1::1', 80, times(0, 4));
    await settle(VIP, 80, times(0, 1));
    for (const name of resting) expect(await oracle.clients.again(name)).toBe('websvr2');
    await oracle.serve('websvr1');
    await settle(VIP, 81, times(6, 2));
    await settle('2001:db8:1::1', 80, times(2, 2));
    for (const name of resting) expect(await oracle.clients.again(name)).toBe('websvr2');
    for (const n of [own, other]) expect(await oracle.clients.get({ ip: VIP, from: client(n) })).toBe('websvr2');
  });

  describe('a connection and the memory of a client outlive', () => {
    let session = '';
    beforeAll(async () => {
      session = await oracle.clients.hold('long', { ip: VIP, from: client(68) });
      expect(session).toMatch(/^websvr/);
    });

    async function isThere(): Promise<void> {
      expect(await oracle.clients.again('long')).toBe(session);
      for (let n = 0; n < 3; n++) expect(await oracle.clients.get({ ip: VIP, from: client(68) })).toBe(session);
    }

    it('a reload that changes weights', async () => {
      lb1.configure(CONF.replaceAll('PRIORITY', '200').replace('weight 3', 'weight 1'));
      lb1.signal('SIGHUP');
      await settle(VIP, 81, times(4, 4));
      await isThere();
      lb1.configure(CONF.replaceAll('PRIORITY', '200'));
      lb1.signal('SIGHUP');
      await settle(VIP, 81, times(6, 2));
      await isThere();
    });

    it('`nft flush ruleset` of somebody: the rules come back', async () => {
      lb1.box.run('nft flush ruleset');
      const tables = () => lb1.box.run('nft list tables').stdout;
      await eventually('the table is there again', tables, (seen) => seen.includes('table inet tandem'), said);
      lb1.box.run('nft -f -', MARKS);
      await settle(VIP, 81, times(6, 2));
      expect(await oracle.clients.again('long')).toBe(session);
    });

    it('kill -9 and a start', async () => {
      session = await oracle.clients.get({ ip: VIP, from: client(68) });
      expect(await oracle.clients.hold('long', { ip: VIP, from: client(68) })).toBe(session);
      lb1.signal('SIGKILL');
      await lb1.ended();
      await isThere();
      lb1.start();
      await isMaster(lb1);
      await serves(VIP);
      await isThere();
    });

    it('a stop and a start', async () => {
      await lb1.stop();
      expect(lb1.box.run('nft list tables').stdout).toBe('table ip marks\n');
      lb1.start();
      await isMaster(lb1);
      await serves(VIP);
      await isThere();
    });
  });

  it('virtual_servers_at_stop keep: the rules stay as they are', async () => {
    lb1.configure(`${CONF.replaceAll('PRIORITY', '200')}tandem {\n  virtual_servers_at_stop keep\n}\n`);
    const from = lb1.output.length;
    lb1.signal('SIGHUP');
    await lb1.says('Reloaded: ', from);
    await lb1.stop();
    expect(lb1.box.run('nft list tables').stdout).toContain('table inet tandem');
    lb1.start();
    await isMaster(lb1);
    await serves(VIP);
  });

  it('ha_suspend: the box without the address does not check', async () => {
    lb2.start();
    await lb2.says('BACKUP STATE');
    for (const { box } of [lb1, lb2]) box.run('rm -f /run/checked');
    const checks = (one: Balancer) => () => one.box.run('test -e /run/checked').status === 0;
    await eventually('lb1 checks', checks(lb1), Boolean, said);
    // Twice as long as from one check to the next.
    lb1.box.run('rm /run/checked');
    await eventually('lb1 checks again', checks(lb1), Boolean, said);
    lb1.box.run('rm /run/checked');
    await eventually('lb1 checks again', checks(lb1), Boolean, said);
    expect(checks(lb2)()).toBe(false);
  });

  it('with conntrackd, connections outlive a move of the address, there and back', async () => {
    for (const [{ box }, own, peer] of [
      [lb1, '10.0.0.10', '10.0.0.11'],
      [lb2, '10.0.0.11', '10.0.0.10'],
    ] as const) {
      const text = CONNTRACKD.replaceAll('OWN', own).replaceAll('PEER', peer).replaceAll('DEVICE', 'enp0s9');
      box.write('/etc/conntrackd/conntrackd.conf', text);
      expect(box.run('conntrackd -d').status).toBe(0);
      // What a box has not seen of a connection, while the other one had it, is no fault.
      box.run('sysctl -w net.netfilter.nf_conntrack_tcp_be_liberal=1');
    }
    const names = Array.from({ length: 8 }, (_, i) => `moved${i}`);
    const web: string[] = [];
    // A client that has no others.
    for (const name of names) web.push(await oracle.clients.hold(name, { ip: VIP, port: 81, from: client(69) }));
    expect(new Set(web).size).toBe(2);
    // Both are up there, and conntrackd has told all of them.
    await lb2.says('TCP connection to [10.0.0.72]:tcp:81 success');
    const established = () =>
      lb2.box.run(`grep -c "ESTABLISHED src=${client(69)} dst=${VIP} sport=[0-9]* dport=81 " /proc/net/nf_conntrack`)
        .stdout;
    await eventually('lb2 knows all of them', established, (seen) => Number(seen) >= 8, said);
    const areThere = async (): Promise<void> => {
      expect(await Promise.all(names.map((name) => oracle.clients.again(name)))).toEqual(web);
    };
    await lb1.stop();
    await isMaster(lb2);
    await areThere();
    lb1.start();
    await isMaster(lb1);
    await eventually('lb2 has left', () => lb2.hasNone(...ALL), Boolean, said);
    await areThere();
  });
});
