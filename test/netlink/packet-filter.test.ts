/** What a packet filter does with an advert: certain only where the packet alone decides. */
import { describe, expect, it } from 'vitest';
import { parseIptablesSave } from '../../src/netlink/iptables-rules.ts';
import { parseNftRuleset } from '../../src/netlink/nft-ruleset.ts';
import { droppingChain, type FilteredPacket } from '../../src/netlink/packet-filter.ts';

const MULTICAST: FilteredPacket = {
  family: 4,
  device: 'eth0',
  source: null,
  destination: '224.0.0.18',
  multicast: true,
};
const UNICAST: FilteredPacket = { ...MULTICAST, source: '10.0.0.2', destination: '10.0.0.1', multicast: false };
const IPV6: FilteredPacket = { ...MULTICAST, family: 6, destination: 'ff02::12' };

describe('iptables', () => {
  const verdict = (policy: string, rules: readonly string[], packet: FilteredPacket, family: 4 | 6 = 4) => {
    const text = ['*filter', `:INPUT ${policy} [0:0]`, ':FORWARD DROP [0:0]', ':own - [0:0]', ...rules, 'COMMIT'];
    return droppingChain(parseIptablesSave(text.join('\n'), family), packet)?.title ?? null;
  };
  const DROPPED = 'iptables chain INPUT';
  const OURS = '-A INPUT -d 224.0.0.18/32 -i eth0 -p vrrp -j ACCEPT';

  it.each<[string, string, readonly string[], string | null]>([
    ['open', 'ACCEPT', [], null],
    ['closed', 'DROP', [], DROPPED],
    ['closed but for VRRP', 'DROP', [OURS], null],
    ['closed but for VRRP elsewhere', 'DROP', [OURS.replace('eth0', 'eth1')], DROPPED],
    ['closed but for another group', 'DROP', [OURS.replace('.18', '.19')], DROPPED],
    ['closed but for protocol 112', 'DROP', ['-A INPUT -p 112 -j ACCEPT'], null],
    ['closed but for interfaces eth+', 'DROP', ['-A INPUT -i eth+ -j ACCEPT'], null],
    ['answers to adverts do not exist', 'DROP', ['-A INPUT -m state --state RELATED,ESTABLISHED -j ACCEPT'], DROPPED],
    ['new ones are let in', 'DROP', ['-A INPUT -m conntrack --ctstate NEW -j ACCEPT'], null],
    ['refused at the end', 'ACCEPT', ['-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT', '-A INPUT -j REJECT'], DROPPED],
    ['a rate decides', 'DROP', ['-A INPUT -m limit --limit 5/min -j ACCEPT'], null],
    ['in a chain of its own', 'DROP', ['-A INPUT -j own', '-A own -p vrrp -j ACCEPT'], null],
    ['not in that chain', 'DROP', ['-A INPUT -j own', '-A own ! -p vrrp -j ACCEPT'], DROPPED],
    ['returned from that chain', 'ACCEPT', ['-A INPUT -j own', '-A own -p 112 -j RETURN', '-A own -j DROP'], null],
    ['perhaps returned', 'ACCEPT', ['-A INPUT -j own', '-A own -m mark --mark 1 -j RETURN', '-A own -j DROP'], null],
    ['logged, then dropped', 'DROP', ['-A INPUT -m comment --comment "a b" -j LOG --log-prefix "x "'], DROPPED],
    ['a loop', 'DROP', ['-A INPUT -j own', '-A own -j own'], null],
  ])('%s', (_, policy, rules, expected) => {
    expect(verdict(policy, rules, MULTICAST)).toBe(expected);
  });

  it('adverts to one box may have been answered', () => {
    expect(verdict('DROP', ['-A INPUT -m state --state ESTABLISHED -j ACCEPT'], UNICAST)).toBeNull();
    expect(verdict('DROP', ['-A INPUT -s 10.0.0.0/24 -p vrrp -j ACCEPT'], UNICAST)).toBeNull();
    expect(verdict('DROP', ['-A INPUT -s 10.0.1.0/24 -p vrrp -j ACCEPT'], UNICAST)).toBe(DROPPED);
  });

  it('rules for IPv4 are not for IPv6', () => {
    expect(verdict('ACCEPT', ['-A INPUT -j DROP'], IPV6)).toBeNull();
    expect(verdict('DROP', [], IPV6, 6)).toBe('ip6tables chain INPUT');
  });
});

describe('nft', () => {
  const chain = (policy: string, extra: object = {}) => {
    const inet = { family: 'inet', table: 'filter' };
    return [
      { chain: { ...inet, name: 'input', type: 'filter', hook: 'input', prio: 0, policy, ...extra } },
      { chain: { ...inet, name: 'own' } },
    ];
  };
  const rule = (name: string, ...expr: object[]) => ({ rule: { family: 'inet', table: 'filter', chain: name, expr } });
  const match = (left: object, right: unknown, op = '==') => ({ match: { op, left, right } });
  const meta = (key: string) => ({ meta: { key } });
  const ip = (field: string) => ({ payload: { protocol: 'ip', field } });
  const ACCEPT = { accept: null };
  const verdict = (entries: readonly object[], packet = MULTICAST) => {
    const text = JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, ...entries] });
    return droppingChain(parseNftRuleset(text).chains, packet)?.title ?? null;
  };
  const DROPPED = 'table inet filter, chain input';

  it.each<[string, readonly object[], string | null]>([
    ['no rules at all', [], null],
    ['open', chain('accept'), null],
    ['closed', chain('drop'), DROPPED],
    ['what leaves is nobody’s business', chain('drop', { hook: 'output' }), null],
    [
      'let in by name',
      [...chain('drop'), rule('input', match(meta('l4proto'), 'vrrp'), { counter: {} }, ACCEPT)],
      null,
    ],
    ['by number', [...chain('drop'), rule('input', match(ip('protocol'), 112), ACCEPT)], null],
    [
      'by group',
      [...chain('drop'), rule('input', match(ip('daddr'), { prefix: { addr: '224.0.0.0', len: 4 } }), ACCEPT)],
      null,
    ],
    ['in a set', [...chain('drop'), rule('input', match(meta('l4proto'), { set: ['tcp', 'vrrp'] }), ACCEPT)], null],
    [
      'not in a set',
      [...chain('drop'), rule('input', match(meta('l4proto'), { set: ['tcp', 'udp'] }), ACCEPT)],
      DROPPED,
    ],
    ['in somebody’s set', [...chain('drop'), rule('input', match(ip('daddr'), '@groups'), ACCEPT)], null],
    [
      'a port is none of ours',
      [...chain('drop'), rule('input', match({ payload: { protocol: 'tcp', field: 'dport' } }, 22), ACCEPT)],
      DROPPED,
    ],
    [
      'established ones',
      [...chain('drop'), rule('input', match({ ct: { key: 'state' } }, ['established', 'related'], 'in'), ACCEPT)],
      DROPPED,
    ],
    [
      'invalid ones are dropped',
      [...chain('accept'), rule('input', match({ ct: { key: 'state' } }, 'invalid', 'in'), { drop: null })],
      null,
    ],
    ['refused at the end', [...chain('accept'), rule('input', { reject: { type: 'icmpx' } })], DROPPED],
    [
      'every other interface',
      [...chain('accept'), rule('input', match(meta('iifname'), 'eth0', '!='), { drop: null })],
      null,
    ],
    [
      'a chain that takes over',
      [
        ...chain('accept'),
        rule('input', match(meta('iifname'), 'eth*'), { goto: { target: 'own' } }),
        rule('own', { drop: null }),
      ],
      DROPPED,
    ],
    [
      'by a map of interfaces',
      [
        ...chain('drop'),
        rule('input', {
          vmap: {
            key: meta('iifname'),
            data: {
              set: [
                ['lo', ACCEPT],
                ['eth0', { jump: { target: 'own' } }],
              ],
            },
          },
        }),
        rule('own', match(meta('l4proto'), 'vrrp'), ACCEPT),
      ],
      null,
    ],
    ['a rate decides', [...chain('drop'), rule('input', { limit: { rate: 5, per: 'second' } }, ACCEPT)], null],
  ])('%s', (_, entries, expected) => {
    expect(verdict(entries)).toBe(expected);
  });

  it('tables of iptables are left to iptables', () => {
    const table = { family: 'ip', table: 'filter' };
    const text = JSON.stringify({
      nftables: [
        { chain: { ...table, name: 'INPUT', type: 'filter', hook: 'input', prio: 0, policy: 'drop' } },
        { rule: { ...table, chain: 'INPUT', expr: [{ xt: { type: 'match', name: 'conntrack' } }, ACCEPT] } },
      ],
    });
    expect(parseNftRuleset(text)).toEqual({ chains: [], hasIptables: true });
  });

  it('a statement that nft has no JSON for may be what stops the rule', () => {
    const update = 'update @clients4 { ip saddr timeout 1h : meta priority }';
    const rules = [{ rule: { family: 'inet', table: 'filter', chain: 'input', expr: [update, ACCEPT] } }];
    expect(verdict([...chain('drop'), ...rules])).toBeNull();
    expect(verdict([...chain('drop'), { rule: { ...rules[0]?.rule, expr: [update] } }])).toBe(DROPPED);
  });

  it('rules that make no sense decide nothing', () => {
    const odd = [null, 7, 'x', [], {}, { meta: 3 }, { payload: {} }, { concat: [] }];
    for (const left of odd) {
      for (const right of [null, 7, 'x', {}, { prefix: 1 }]) {
        expect(verdict([...chain('drop'), rule('input', { match: { op: '==', left, right } }, ACCEPT)])).toBeNull();
      }
    }
  });
});
