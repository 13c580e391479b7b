/** "Configuring Load Balancing Using Keepalived in NAT Mode": the article's two files as they are, on its network. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../support/peers.ts';
import { AS_TANDEM, type Balancer } from './balancer.ts';
import { eventually } from './network.ts';
import { OracleNetwork } from './oracle-networks.ts';

const conf = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const VIP = '192.168.1.1';
const BOTH = [`enp0s8 ${VIP}/24`, 'enp0s9 10.0.0.100/24'];
const THEIRS = 'table ip theirs {\n  chain c {\n    type filter hook input priority 0; policy accept;\n  }\n}\n';

describeWithPeer(['netns', 'ip', 'nft'], 'the NAT network of an article', () => {
  let oracle: OracleNetwork;
  let lb1: Balancer;
  let lb2: Balancer;

  beforeAll(async () => {
    oracle = await OracleNetwork.nat();
    ({ lb1, lb2 } = oracle);
    await oracle.serve('websvr1', 'websvr2');
    lb1.configure(conf('oracle-nat-master.conf'));
    lb2.configure(conf('oracle-nat-backup.conf'));
    lb2.box.run('nft -f -', THEIRS);
    lb1.start();
    lb2.start(AS_TANDEM);
    await moved(lb1, lb2);
  });
  afterAll(() => oracle?.remove());

  const said = (): string => `lb1:\n${lb1.output}\nlb2:\n${lb2.output}`;

  /** All of the addresses are here, and what is there has none. */
  async function moved(here: Balancer, there: Balancer): Promise<void> {
    const isSo = () => here.has(...BOTH) && there.hasNone(...BOTH);
    await eventually('both addresses moved', isSo, Boolean, said);
    await eventually('clients are served', () => oracle.clients.get({ ip: VIP }), isWeb, said);
    const { stdout: own } = here.box.run('cat /sys/class/net/enp0s8/address');
    expect(oracle.network.run('client', `ip neigh show ${VIP}`)).toContain(own.trim());
  }

  function isWeb(who: string): boolean {
    return who.startsWith('websvr');
  }

  it('gives clients servers by turns, and each client its own from then on', async () => {
    const seen: string[] = [];
    for (let n = 51; n < 57; n++) {
      const { who, client = '' } = await oracle.clients.ask({
        what: 'get',
        ip: VIP,
        port: 80,
        from: `192.168.1.${n}`,
      });
      expect(client).toContain(`192.168.1.${n} `);
      seen.push(who);
    }
    expect([...seen].sort()).toEqual([...Array(3).fill('websvr1'), ...Array(3).fill('websvr2')]);
    for (const [i, who] of seen.entries())
      expect(await oracle.clients.get({ ip: VIP, from: `192.168.1.${51 + i}` })).toBe(who);
  });

  it('takes a server out that does not answer, and its clients go to the other one', async () => {
    const from = '192.168.1.57';
    const first = await oracle.clients.get({ ip: VIP, from });
    const [gone, left] = first === 'websvr1' ? (['websvr1', 'websvr2'] as const) : (['websvr2', 'websvr1'] as const);
    await oracle.end(gone);
    await eventually(
      'the other one answers',
      () => oracle.clients.get({ ip: VIP, from }),
      (who) => who === left,
      said,
    );
    await oracle.serve(gone);
  });

  it('moves both addresses together: kill -9, a cut of one interface, SIGTERM', { timeout: 180_000 }, async () => {
    lb1.signal('SIGKILL');
    await lb1.ended();
    await moved(lb2, lb1);
    lb1.start();
    await moved(lb1, lb2);
    oracle.network.cut('lb1', 'enp0s9');
    const before = lb1.output.length;
    await moved(lb2, lb1);
    oracle.network.mend('lb1', 'enp0s9');
    await lb1.says('(internal) Entering BACKUP STATE', before);
    await lb2.stop();
    await moved(lb1, lb2);
  });

  it('moves them to a box that reaches the servers, and back, where the file says so', async () => {
    const tracking = (name: string) =>
      `${conf(name).replace('delay_loop 10', 'delay_loop 1')}\ntandem {\n  track_virtual_server ${VIP} 80 weight -110\n}\n`;
    lb1.configure(tracking('oracle-nat-master.conf'));
    lb2.configure(tracking('oracle-nat-backup.conf'));
    lb2.start(AS_TANDEM);
    await lb2.says('(internal) Entering BACKUP STATE');
    const before = lb1.output.length;
    lb1.signal('SIGHUP');
    await lb1.says('Reloaded: 2 of 2 instances', before);
    // Its links are up, and adverts come and go.
    lb1.box.run('ip route add unreachable 10.0.0.71/32; ip route add unreachable 10.0.0.72/32');
    await moved(lb2, lb1);
    expect(lb1.output.slice(before)).not.toContain('FAULT');
    lb1.box.run('ip route del unreachable 10.0.0.71/32; ip route del unreachable 10.0.0.72/32');
    await moved(lb1, lb2);
    await lb2.stop();
  });

  it('leaves nothing of its own in the kernel at the end, and what is of others as it was', () => {
    expect(lb2.box.run('nft list ruleset').stdout.replace(/\s+/g, ' ')).toMatch(/^table ip theirs \{ [^}]* \} \} $/);
    expect(lb1.box.run('nft list tables').stdout).toContain('table inet tandem');
  });
});
