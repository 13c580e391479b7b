/** What is said about a pair: elections by the sums of keepalived, differences between two nodes, firewall rules. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compareNodes, type NodeFile } from '../../../src/config/keepalived/compare-nodes.ts';
import { influences, priorityWith, skewMs, takeOverMs } from '../../../src/config/keepalived/election-forecast.ts';
import { explainPair } from '../../../src/config/keepalived/explain.ts';
import { firewallRules } from '../../../src/config/keepalived/firewall.ts';
import { countVirtualServers, explainVirtualServers } from '../../../src/config/keepalived/l4/explain.ts';
import { loadKeepalivedConfig } from '../../../src/config/keepalived/load.ts';
import type { PairModel, VrrpInstance } from '../../../src/config/pair-model.ts';

function pairModelOf(text: string): PairModel {
  const readFile = () => Buffer.from('');
  const context = { env: {}, readFile, listFolder: () => [], hostname: 'node1' };
  const { model, problems } = loadKeepalivedConfig([{ name: 'test.conf', text }], context);
  if (model === null) throw new Error(problems.map(({ line, message }) => `${line}: ${message}`).join('\n'));
  return model;
}

const folder = join(import.meta.dirname, '../golden/keepalived');
const fileOf = (name: string): NodeFile => {
  return { label: name, model: pairModelOf(readFileSync(join(folder, `${name}.conf`), 'utf8')) };
};

function node(label: string, lines: string, before = ''): NodeFile {
  const address = lines.includes('virtual_ipaddress') ? '' : 'virtual_ipaddress { 10.0.0.10/24 }';
  const text = `${before}\nvrrp_instance VI_1 {\ninterface eth0\nvirtual_router_id 51\n${lines}\n${address}\n}\n`;
  return { label, model: pairModelOf(text) };
}

function instanceOf({ model }: NodeFile): VrrpInstance {
  const [instance] = model.instances;
  if (instance === undefined) throw new Error('no instance');
  return instance;
}

describe('the whole text', () => {
  it.each<[string, string | null]>([
    ['oracle-ha-master', 'oracle-ha-backup'],
    ['oracle-track-script', null],
  ])('%s beside %s', async (own, other) => {
    const text = explainPair(fileOf(own), other === null ? null : fileOf(other));
    await expect(text).toMatchFileSnapshot(join(folder, `${own}.explained.txt`));
  });
});

describe('virtual servers', () => {
  it.each(['virtual-servers', 'oracle-nat-master'])('%s', async (name) => {
    const { virtualServers } = fileOf(name).model;
    await expect(explainVirtualServers(virtualServers)).toMatchFileSnapshot(
      join(folder, `${name}.virtual-servers.txt`),
    );
  });

  it('are counted for who does not ask for each', () => {
    expect(countVirtualServers(fileOf('virtual-servers').model.virtualServers)).toContain('2, with 4 real servers');
  });
});

describe('the priority while something has failed', () => {
  const scripts = 'vrrp_script up {\nscript /bin/a\nweight 20\n}\nvrrp_script down {\nscript /bin/b\nweight -30\n}';
  const one = node('a', 'priority 100\ntrack_script {\nup\ndown\n}\ntrack_interface {\neth1\n}', scripts);
  const instance = instanceOf(one);
  const all = influences(instance, one.model);
  const named = (what: string) => all.filter((influence) => influence.what === what);

  it.each<[string, number | null]>([
    ['nothing', 120],
    ['script up', 100],
    ['script down', 90],
    ['interface eth0', null],
    ['interface eth1', null],
    ['data process', null],
  ])('%s: %s', (what, priority) => {
    expect(priorityWith(instance, all, named(what))).toBe(priority);
  });

  it('stays between 1 and 254', () => {
    const high = node('b', 'priority 250\ntrack_script {\nup\n}', scripts);
    expect(priorityWith(instanceOf(high), influences(instanceOf(high), high.model), [])).toBe(254);
  });

  it('of an owner does not move', () => {
    const owner = node('c', 'priority 255');
    expect(priorityWith(instanceOf(owner), influences(instanceOf(owner), owner.model), [])).toBe(255);
  });
});

it.each<[string, number, number, number]>([
  ['priority 100', 100, 609.375, 3609.375],
  ['priority 254', 254, 7.8125, 3007.8125],
  ['version 3\nadvert_int 0.1', 100, 60.9375, 360.9375],
  ['version 3\nadvert_int 0.1\ndown_timer_adverts 2', 100, 60.9375, 260.9375],
])('waits as the RFC says: %j', (lines, priority, skew, wait) => {
  const instance = instanceOf(node('a', lines));
  expect(skewMs(instance, priority)).toBe(skew);
  expect(takeOverMs(instance, priority)).toBe(wait);
});

describe('two nodes', () => {
  const base = 'priority 150';
  it.each<[string, string, readonly string[]]>([
    [base, 'priority 100', []],
    [base, 'priority 150', ['both nodes have priority 150']],
    [base, 'priority 100\nadvert_int 2', ['advert_int differs, 1 in a and 2 in b: two masters']],
    [base, 'priority 100\nversion 3', ['the VRRP version differs, 2 in a and 3 in b: two masters']],
    [
      base,
      'priority 100\nauthentication {\nauth_type PASS\nauth_pass x\n}',
      ['authentication differs, none in a and PASS in b'],
    ],
    [
      `${base}\nauthentication {\nauth_type PASS\nauth_pass y\n}`,
      'priority 100\nauthentication {\nauth_type PASS\nauth_pass x\n}',
      ['the passwords differ'],
    ],
    [base, 'priority 100\nvirtual_ipaddress {\n10.0.0.11/24\n}', ['the list of addresses differs']],
    [
      base,
      'priority 100\nunicast_peer {\n10.0.0.1\n}',
      ['the way of adverts differs, multicast in a and unicast in b'],
    ],
    [
      `${base}\nunicast_src_ip 10.0.0.1\nunicast_peer {\n10.0.0.2\n}`,
      'priority 100\nunicast_src_ip 10.0.0.3\nunicast_peer {\n10.0.0.1\n}',
      ['b sends from 10.0.0.3, which is no unicast_peer in a'],
    ],
  ])('%j beside %j', (a, b, sentences) => {
    const found = compareNodes(node('a', a), node('b', b));
    expect(found).toHaveLength(sentences.length);
    for (const [index, sentence] of sentences.entries()) expect(found[index]).toContain(sentence);
  });

  it('say when the failure of a check moves nothing', () => {
    const script = 'vrrp_script chk {\nscript /bin/a\nweight -2\n}';
    const found = compareNodes(node('a', `${base}\ntrack_script {\nchk\n}`, script), node('b', 'priority 100'));
    expect(found).toEqual([
      'VI_1: when script chk fails in a, nothing moves: 148 is still more than 100 of the other node',
    ]);
  });

  it('say which instance the other one lacks', () => {
    const other = {
      label: 'b',
      model: pairModelOf(
        'vrrp_instance X {\ninterface eth0\nvirtual_router_id 9\nvirtual_ipaddress { 10.0.0.9/24 }\n}',
      ),
    };
    expect(compareNodes(node('a', ''), other)).toEqual([
      'VI_1 (VRID 51) of a is not in b',
      'X (VRID 9) of b is not in a',
    ]);
  });
});

describe('firewall rules', () => {
  it('let the group in, on the interface of the instance', () => {
    expect(firewallRules(node('a', '').model)).toEqual({
      firewalld: [
        `firewall-cmd --permanent --add-rich-rule='rule family="ipv4" destination address="224.0.0.18" protocol value="vrrp" accept'`,
        'firewall-cmd --reload',
      ],
      nftables: ['nft insert rule inet filter input iifname "eth0" ip daddr 224.0.0.18 meta l4proto 112 accept'],
      iptables: ['iptables -I INPUT -i eth0 -d 224.0.0.18 -p 112 -j ACCEPT'],
    });
  });

  it.each<[string, readonly string[]]>([
    [
      'unicast_peer {\n10.0.0.2\n10.0.0.3\n}',
      [
        'iptables -I INPUT -i eth0 -s 10.0.0.2 -p 112 -j ACCEPT',
        'iptables -I INPUT -i eth0 -s 10.0.0.3 -p 112 -j ACCEPT',
      ],
    ],
    ['virtual_ipaddress {\nfe80::1/64\n}', ['ip6tables -I INPUT -i eth0 -d ff02::12 -p 112 -j ACCEPT']],
    ['use_vmac', ['iptables -I INPUT -i eth0 -d 224.0.0.18 -p 112 -j ACCEPT']],
    ['use_vmac\nvmac_xmit_base', ['iptables -I INPUT -i eth0 -d 224.0.0.18 -p 112 -j ACCEPT']],
    ['mcast_dst_ip 224.0.0.99', ['iptables -I INPUT -i eth0 -d 224.0.0.99 -p 112 -j ACCEPT']],
  ])('%j', (lines, rules) => {
    expect(firewallRules(node('a', lines).model).iptables).toEqual(rules);
  });
});
