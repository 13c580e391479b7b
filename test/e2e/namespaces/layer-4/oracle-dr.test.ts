/** "Configuring Load Balancing Using Keepalived in DR Mode": the article's two files as they are, on its network. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer } from '../../../support/peers.ts';
import { AS_TANDEM, type Balancer } from './balancer.ts';
import { eventually } from './network.ts';
import { OracleNetwork } from './oracle-networks.ts';

const conf = (name: string) => readFileSync(join(import.meta.dirname, name), 'utf8');
const master = conf('oracle-dr-master.conf');
const backup = conf('oracle-dr-backup.conf');
const VIP = '10.0.0.1';

describeWithPeer(['netns', 'ip', 'nft'], 'the DR network of an article', () => {
  let oracle: OracleNetwork;
  let lb1: Balancer;
  let lb2: Balancer;

  beforeAll(async () => {
    oracle = await OracleNetwork.direct();
    ({ lb1, lb2 } = oracle);
    await oracle.serve('websvr1', 'websvr2');
    lb1.configure(master);
    lb2.configure(backup);
    lb1.start(AS_TANDEM);
    lb2.start();
    await moved(lb1, lb2);
  });
  afterAll(() => oracle?.remove());

  const said = (): string => `lb1:\n${lb1.output}\nlb2:\n${lb2.output}`;

  async function moved(here: Balancer, there: Balancer, device = 'enp0s8'): Promise<void> {
    const isSo = () => here.has(`${device} ${VIP}/24`) && there.hasNone(`${device} ${VIP}/24`);
    await eventually('the address moved', isSo, Boolean, said);
    await eventually('clients are served', () => oracle.clients.get({ ip: VIP }), isWeb, said);
    const { stdout: own } = here.box.run(`cat /sys/class/net/${device}/address`);
    expect(oracle.network.run('client', `ip neigh show ${VIP}`)).toContain(own.trim());
  }

  function isWeb(who: string): boolean {
    return who.startsWith('websvr');
  }

  /** Of clients that were not there before. */
  async function byTurns(ip: string, from: readonly string[]): Promise<void> {
    const seen: string[] = [];
    for (const client of from) {
      const answer = await oracle.clients.ask({ what: 'get', ip, port: 80, from: client });
      expect(answer.client).toContain(`${client} `);
      seen.push(answer.who);
    }
    const half = from.length / 2;
    expect([...seen].sort()).toEqual([...Array(half).fill('websvr1'), ...Array(half).fill('websvr2')]);
    for (const [i, client] of from.entries()) expect(await oracle.clients.get({ ip, from: client })).toBe(seen[i]);
  }

  const clients = (from: number, to: number, net = '10.0.0.') =>
    Array.from({ length: to - from + 1 }, (_, i) => `${net}${from + i}`);

  it('gives clients servers by turns, each client its own from then on, and servers answer them directly', async () => {
    const received = () => Number(lb1.box.run('cat /sys/class/net/enp0s8/statistics/rx_packets').stdout);
    await byTurns(VIP, clients(51, 56));
    // 10 MB of answers do not pass by.
    const before = received();
    const { bytes } = await oracle.clients.ask({ what: 'large', ip: VIP, port: 80, from: '10.0.0.51' });
    expect(bytes).toBe(10_000_000);
    expect((received() - before) * 1500).toBeLessThan(10_000_000);
  });

  it('moves the address: SIGTERM, kill -9; a connection that rests meanwhile goes on when the box is back', {
    timeout: 180_000,
  }, async () => {
    const from = '10.0.0.64';
    const web = await oracle.clients.hold('long', { ip: VIP, from });
    const isThere = async (): Promise<void> => {
      expect(await oracle.clients.again('long')).toBe(web);
      expect(await oracle.clients.get({ ip: VIP, from })).toBe(web);
    };
    lb1.configure(master.replace('weight 1', 'weight 5'));
    lb1.signal('SIGHUP');
    await lb1.says('Changing weight from 1 to 5');
    await isThere();

    await lb1.stop();
    await moved(lb2, lb1);
    expect(lb1.box.run('nft list tables').stdout).toBe('');
    lb1.start();
    await moved(lb1, lb2);
    await isThere();

    lb1.signal('SIGKILL');
    await lb1.ended();
    await moved(lb2, lb1);
    lb1.start(AS_TANDEM);
    await moved(lb1, lb2);
    await isThere();
  });

  it('balances once what a switch sends to everybody', async () => {
    oracle.network.floods('lan');
    const count = () =>
      Number(/counter packets (\d+)/.exec(oracle.network.run('websvr1', 'nft list ruleset'))?.[1] ?? '-1');
    for (const web of ['websvr1', 'websvr2'] as const)
      oracle.network
        .box(web)
        .run(
          'nft -f -',
          `table ip t {\n chain c {\n type filter hook input priority 0;\n tcp flags syn tcp dport 80 ip daddr ${VIP} counter\n }\n}\n`,
        );
    for (const from of clients(58, 63)) expect(await oracle.clients.get({ ip: VIP, from })).toMatch(/^websvr/);
    expect(count()).toBe(3);
  });

  it('balances for an address of a virtual MAC address, and over IPv6', async () => {
    const text = (file: string) =>
      `${file.replaceAll(/real_server 10\.0\.0\.(7.) 80/g, 'real_server 10.0.0.$1 80').replace('interface enp0s8', 'interface enp0s8\n    use_vmac')}
vrrp_instance external6 {
    interface enp0s8
    version 3
    virtual_router_id 92
    priority ${file === master ? 200 : 100}
    advert_int 1
    virtual_ipaddress {
        fe80::92/64
        fd00::1/64
    }
}
virtual_server fd00::1 80 {
    delay_loop 1
    protocol TCP
    lb_algo rr
    lb_kind DR
    persistence_timeout 7200
    real_server fd00::71 80 {
        TCP_CHECK {
        }
    }
    real_server fd00::72 80 {
        TCP_CHECK {
        }
    }
}
`;
    lb1.configure(text(master));
    lb2.configure(text(backup));
    for (const balancer of [lb1, lb2]) {
      const from = balancer.output.length;
      balancer.signal('SIGHUP');
      await balancer.says('Reloaded', from);
    }
    await moved(lb1, lb2, 'vrrp.91');
    await byTurns(VIP, clients(65, 68));
    await eventually('IPv6', () => oracle.clients.get({ ip: 'fd00::1', from: 'fd00::50' }), isWeb, said);
    await byTurns('fd00::1', clients(51, 56, 'fd00::'));
  });
});
