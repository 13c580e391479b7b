/** Texts for people and nft, and that a change leads where the whole text does: the kernel's own listing is the judge. */
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { rulesetChange, rulesetOf, rulesetRemoval, rulesetText } from '../../src/l4/ruleset.ts';
import { HERE, type LinkId } from '../../src/l4/ruleset-direct.ts';
import { destination, direct, link, links, place, randomServices, service } from '../support/l4-services.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer } from '../support/peers.ts';
import { SeededRandom } from '../support/random.ts';

const WEB = service('web', {
  name: '[192.0.2.1]:tcp:80',
  places: [place('192.0.2.1', 80)],
  scheduler: 'wrr',
  destinations: [destination('10.0.0.71', 8080, { weight: 4 }), destination('10.0.0.72', 8080, { weight: 2 })],
});

it('writes a service with NAT as one rule, its place and its counters', () => {
  const text = rulesetText(rulesetOf([WEB], links()));
  expect(text).toContain('   192.0.2.1 . tcp . 80 comment "[192.0.2.1]:tcp:80" : goto vs_web\n');
  expect(text).toContain(' chain vs_web { comment "[192.0.2.1]:tcp:80"; }\n');
  expect(text).toContain(
    ' chain vs_web {\n  meta l4proto tcp dnat ip to numgen inc mod 3 map { 0 : 10.0.0.71 . 8080, 1 : 10.0.0.72 . 8080, 2 : 10.0.0.71 . 8080 }\n }\n',
  );
  expect(text).toContain('   192.0.2.1 . tcp . 10.0.0.71 . 8080 comment "web/10_0_0_71_8080"');
  expect(text).toContain('add table netdev tandem\ndelete table netdev tandem\n');
});

it('has packets ask what is there alone: no empty maps, no other family, marks only of services that have them', () => {
  const { nat } = rulesetOf([WEB], links());
  expect([...(nat?.sets.keys() ?? [])]).toEqual(['services4', 'connections4', 'requests4', 'replies4']);
  expect(nat?.chains.get('prerouting')?.rules).toEqual(['ip daddr . meta l4proto . th dport vmap @services4']);
  expect(nat?.chains.get('forward')?.rules).toEqual([
    'ct status ! dnat accept',
    'ct direction original ct original ip daddr . meta l4proto . ip daddr . th dport @requests4 accept',
    'ct direction reply ct original ip daddr . meta l4proto . ip saddr . th sport @replies4 accept',
  ]);
  const marked = rulesetOf([{ ...WEB, marks: [{ mark: 5, family: null }] }], links()).nat;
  expect(marked?.chains.get('prerouting')?.rules[0]).toBe(
    'meta protocol ip meta mark != 0 meta mark vmap @services4_marks',
  );
});

it.each([
  ['without servers', []],
  ['with servers of weight 0 alone', [direct('10.0.0.71', { weight: 0 })]],
])('refuses clients of a service %s, without tracking connections of others', (_, destinations) => {
  const { nat } = rulesetOf([{ ...WEB, destinations }], links());
  expect([...(nat?.sets.keys() ?? [])]).toEqual(['refused4']);
  expect([...(nat?.chains.keys() ?? [])]).toEqual(['seal', 'whole', 'refuse', 'input']);
  expect(rulesetText({ nat, direct: null })).not.toMatch(/\bct |type nat/);
  expect(rulesetOf([WEB], links()).nat?.chains.has('input')).toBe(false);
});

it('changes the rule and the counters of what went, and nothing else', () => {
  const left = { ...WEB, destinations: WEB.destinations.slice(0, 1) };
  expect(rulesetChange(rulesetOf([WEB], links()), rulesetOf([left], links()))).toBe(
    [
      ...['connections4', 'requests4', 'replies4'].map(
        (set) => `delete element inet tandem ${set} {\n  192.0.2.1 . tcp . 10.0.0.72 . 8080\n}`,
      ),
      'flush chain inet tandem vs_web',
      'add rule inet tandem vs_web meta l4proto tcp dnat ip to 10.0.0.71:8080\n',
    ].join('\n'),
  );
  expect(rulesetChange(rulesetOf([WEB], links()), rulesetOf([WEB], links()))).toBe('');
});

it('gives a server of weight 0 no turn, and leaves it its clients', () => {
  const [one = destination('::', 0), two = destination('::', 0)] = WEB.destinations;
  const resting = {
    ...WEB,
    persistence: { timeoutS: 360, prefixLength: 24 },
    destinations: [{ ...one, weight: 0 }, two],
  };
  const text = rulesetText(rulesetOf([resting], links()));
  expect(text).toMatch(/meta priority set ip saddr & 255\.255\.255\.0 \. numgen inc mod 1 offset \d+ map @clients4/);
  expect(text).toContain('  meta l4proto tcp dnat ip to meta priority map @servers4\n');
  expect(text).toMatch(/[0-9a-f:]+ comment "web\/10_0_0_71_8080" : 10\.0\.0\.71 \. 8080/);
  expect(text).not.toMatch(/numgen inc mod [2-9]/);
});

it('gives an address that two services have to the first of them, and a range to one that has the port before any', () => {
  const first = service('first', { places: [place('192.0.2.1', 80, '192.0.2.9')], destinations: WEB.destinations });
  const second = service('second', { places: [place('192.0.2.5', 80, '192.0.2.20'), place('192.0.2.5', 0)] });
  const { nat } = rulesetOf([first, { ...second, destinations: WEB.destinations }], links());
  const keys = (set: string) =>
    [...(nat?.sets.get(set)?.elements.values() ?? [])].flatMap((group) => [...group.keys()]);
  expect(keys('services4_ranges')).toEqual(['192.0.2.1-192.0.2.9 . tcp . 80']);
  expect(keys('services4_any_port')).toEqual(['192.0.2.5 . tcp']);
});

it('keeps packets of a server whose interface is not known from going elsewhere', () => {
  const servers = [direct('10.0.0.71'), direct('10.0.0.72')];
  const deviceOf = (ip: string): LinkId | null => (ip === '10.0.0.71' ? link('eth1') : null);
  const text = rulesetText(rulesetOf([{ ...WEB, destinations: servers }], { interfaces: [link('eth0')], deviceOf }));
  expect(text).toMatch(
    /add element netdev tandem servers4_eth1_7 \{\n +[0-9a-f:]+ comment "web\/\w+" : 10\.0\.0\.71\n\}/,
  );
  expect(text).toContain('  fwd ip to meta priority map @servers4_eth1_7 device "eth1"\n  drop\n');
  expect(text).toContain('hook ingress device "eth0"');
});

it('leaves packets to the box itself where it is a server', () => {
  const servers = [direct('10.0.0.71'), direct('127.0.0.1')];
  const deviceOf = (ip: string): LinkId => (ip === '127.0.0.1' ? HERE : link('eth1'));
  const text = rulesetText(rulesetOf([{ ...WEB, destinations: servers }], { interfaces: [link('eth0')], deviceOf }));
  expect(text).toMatch(/add element netdev tandem elsewhere \{\n +[0-9a-f:]+ comment "web\/127_0_0_1_0"\n\}/);
  expect(text).toContain('  meta priority @elsewhere meta priority set 0 accept\n  fwd ip to');
});

describeWithPeer(['netns', 'ip', 'nft'], 'in the kernel', () => {
  const lab = new NamespaceLab();
  let home: Namespace;
  beforeAll(() => {
    home = lab.add('rules');
  });
  afterAll(() => lab.remove());

  function nft(text: string): void {
    const [program = '', ...rest] = [...home.exec, 'nft', '-f', '-'];
    execFileSync(program, rest, { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  function listing(): unknown {
    const { nftables } = JSON.parse(lab.run(home, 'nft', '-j', 'list', 'ruleset')) as { readonly nftables: unknown[] };
    const chains = new Map<string, unknown[]>();
    const rest: string[] = [];
    for (const one of nftables as readonly Record<string, { chain?: string; family?: string }>[]) {
      const rule = one['rule'];
      const chain = `${rule?.family} ${rule?.chain}`;
      if (rule === undefined) rest.push(JSON.stringify(canonical(one)));
      else chains.set(chain, [...(chains.get(chain) ?? []), canonical(rule)]);
    }
    return { rest: rest.sort(), chains: [...chains].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  it.each([1, 2, 3])('reaches by changes what the whole text makes (seed %i)', (seed) => {
    const random = new SeededRandom(seed);
    let before = rulesetOf([], links(['lo'], 'lo'));
    nft(rulesetText(before));
    for (let round = 0; round < 6; round++) {
      const after = rulesetOf(randomServices(random), links(['lo'], 'lo'));
      const change = rulesetChange(before, after);
      if (change !== '') nft(change);
      const changed = listing();
      nft(rulesetText(after));
      expect(changed).toEqual(listing());
      before = after;
    }
  });

  it('leaves tables of others alone, and nothing of its own', () => {
    nft(rulesetRemoval());
    nft('table inet theirs {\n chain c { type filter hook input priority 0; policy accept; }\n}\n');
    const theirs = listing();
    nft(rulesetText(rulesetOf([WEB], links())));
    nft(rulesetRemoval());
    expect(listing()).toEqual(theirs);
  });
});

/** Without handles; what has no order is sorted. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== 'handle')
      .map(([key, item]) => {
        const own = canonical(item);
        const isUnordered = (key === 'elem' || key === 'set') && Array.isArray(own);
        return [key, isUnordered ? own.map((one) => JSON.stringify(one)).sort() : own];
      }),
  );
}
