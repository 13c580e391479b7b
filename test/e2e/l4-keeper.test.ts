/**
 * The keeper of rulesets with the real nft: what others do to its tables, interfaces that come and go, ends and new lives.
 *
 *   client 10.9.0.2 ── tc ─ 10.9.0.1 balancer 10.9.1.1 ── 10.9.1.2 server        virtual address: 192.0.2.1
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock, systemTimers } from '../../src/core/clock.ts';
import type { CommandOptions, CommandResult, CommandRunner, Stream, StreamEvents } from '../../src/core/command.ts';
import { directLinksOf } from '../../src/l4/direct-links.ts';
import { rulesetOf, rulesetText } from '../../src/l4/ruleset.ts';
import { type MemoryFile, RulesetKeeper } from '../../src/l4/ruleset-keeper.ts';
import type { L4Service } from '../../src/l4/service.ts';
import { Network } from '../../src/netlink/network.ts';
import { destination, direct, place, randomServices, service } from '../support/l4-services.ts';
import { NamespacedCommands } from '../support/namespaced-commands.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer } from '../support/peers.ts';
import { SeededRandom } from '../support/random.ts';

const PORT = 21_080;
const VIP = '192.0.2.1';

const SERVER = `require('net').createServer((s) => s.on('data', (b) => s.write(b)).on('error', () => {}))
  .listen(${PORT}, '0.0.0.0', () => console.log('ready'));`;

/** A line on stdin is said to the server over one connection; a line on stdout is what it answered. */
const CLIENT = `const s = require('net').connect(${PORT}, '${VIP}', () => console.log('ready'));
s.on('data', (b) => process.stdout.write(b)).on('error', (e) => console.log(e.code));
process.stdin.on('data', (b) => s.write(b));`;

/** Nothing is waited for longer than this; a machine that has nothing else to do needs a hundredth of it. */
const SOON_MS = 50_000;

describeWithPeer(['netns', 'ip', 'nft'], 'keeping rules', () => {
  let lab: NamespaceLab;
  let client: Namespace;
  let balancer: Namespace;
  let server: Namespace;
  let outside = '';
  let inside = '';
  let network: Network;
  let keeper: RulesetKeeper;
  let commands: CommandRunner;
  const said: string[] = [];
  const keepers: RulesetKeeper[] = [];

  beforeEach(async () => {
    lab = new NamespaceLab();
    client = lab.add('client');
    balancer = lab.add('balancer');
    server = lab.add('server');
    outside = lab.link(balancer, { address: '10.9.0.1/24' }, client, '10.9.0.2/24', 'tc');
    inside = lab.link(balancer, { address: '10.9.1.1/24' }, server, '10.9.1.2/24', 'ts');
    lab.run(client, 'ip', 'route', 'add', 'default', 'via', '10.9.0.1');
    lab.run(server, 'ip', 'route', 'add', 'default', 'via', '10.9.1.1');
    lab.run(server, 'ip', 'addr', 'add', `${VIP}/32`, 'dev', 'lo');
    lab.run(balancer, 'ip', 'addr', 'add', `${VIP}/32`, 'dev', 'lo');
    lab.run(balancer, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv4.conf.all.accept_local=1');
    await lab.start(server, [process.execPath, '-e', SERVER]);
    commands = new NamespacedCommands(balancer);
    network = new Network(commands, systemTimers, () => {});
    await network.start();
    said.length = 0;
    keeper = begin();
  });
  afterEach(async () => {
    for (const one of keepers.splice(0)) await one.stop(false);
    network.stop();
    await lab.remove();
  });

  function begin(memory: MemoryFile | null = null, own: CommandRunner = commands): RulesetKeeper {
    const say = (text: string): void => void said.push(text);
    const journal = { info: say, warning: say };
    const one = new RulesetKeeper({
      ...{ commands: own, network, clock: systemClock, timers: systemTimers, journal, memory },
    });
    keepers.push(one);
    return one;
  }

  const NAT = service('web', { places: [place(VIP, PORT)], destinations: [destination('10.9.1.2', PORT)] });
  const DR = { ...NAT, destinations: [direct('10.9.1.2')] };
  const KINDS = [
    ['NAT', NAT],
    ['DR', DR],
  ] as const;

  function nft(...command: readonly string[]): string {
    return lab.run(balancer, 'nft', ...command);
  }

  async function until(condition: () => boolean): Promise<void> {
    const endMs = systemClock.monotonicMs() + SOON_MS;
    while (!condition()) {
      if (systemClock.monotonicMs() > endMs) throw new Error(`not within ${SOON_MS} ms; said: ${said.join('; ')}`);
      await sleep(20);
    }
  }

  async function connection(): Promise<(text: string) => Promise<string>> {
    const [program = '', ...rest] = [...client.exec, process.execPath, '-e', CLIENT];
    const child: ChildProcess = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    lab.adopt(child);
    if (child.stdout === null) throw new Error('no stdout');
    const lines: Interface = createInterface({ input: child.stdout });
    const next = async (): Promise<string> => ((await once(lines, 'line')) as [string])[0];
    expect(await next()).toBe('ready');
    return async (text) => {
      const answer = next();
      child.stdin?.write(`${text}\n`);
      return answer;
    };
  }

  function hasRules(): boolean {
    const text = nft('list', 'ruleset');
    return /goto vs_web/.test(text) && /jump seal/.test(text);
  }

  it.each(KINDS)('%s: a ruleset that somebody flushes is there again, and connections live', async (_, web) => {
    expect(await keeper.start([web])).toEqual([]);
    const say = await connection();
    expect(await say('before')).toBe('before');
    for (const command of ['flush ruleset', `delete table ${web === NAT ? 'inet' : 'netdev'} tandem`]) {
      nft(...command.split(' '));
      await until(hasRules);
      expect(await say(command)).toBe(command);
    }
    nft('flush', 'table', web === NAT ? 'inet' : 'netdev', 'tandem');
    await until(hasRules);
    expect(await say('after')).toBe('after');
    expect(said.filter((text) => text.includes('somebody removed our rules'))).toHaveLength(3);
  });

  it('takes over what a predecessor left: counters and clients stay, what it no longer has goes', async () => {
    const persistence = { timeoutS: 3600, prefixLength: 32 };
    const former = service('former', { places: [place('192.0.2.2', 80)], destinations: [destination('10.9.1.2', 80)] });
    const web = { ...NAT, persistence };
    expect(await keeper.start([web, former])).toEqual([]);
    const say = await connection();
    expect(await say('one')).toBe('one');
    await keeper.stop(true);
    const heir = begin();
    expect(await heir.start([web])).toEqual([]);
    expect(await say('two')).toBe('two');
    expect(nft('list', 'map', 'inet', 'tandem', 'clients4')).toContain('10.9.0.2 . ');
    expect(nft('list', 'set', 'inet', 'tandem', 'connections4')).toMatch(/packets 1 /);
    expect(nft('list', 'table', 'inet', 'tandem')).not.toContain('former');
    const { interfaces, deviceOf } = directLinksOf(network.links, null);
    expect(listing()).toBe(freshly(rulesetText(rulesetOf([web], { interfaces, deviceOf }))));
    expect(said).toEqual([]);
  });

  /** Without what packets have put into it. */
  function listing(): string {
    return nft('-s', 'list', 'ruleset')
      .replace(/(map (?:clients|flows)\w+ \{\n(?:\t\t(?!elements).*\n)*)\t\telements = \{[^}]*\}\n/g, '$1')
      .split('\n')
      .map((line) => line.split(/,\s*/).sort().join(', '))
      .sort()
      .join('\n');
  }

  /** The listing that this makes in place of all there is. */
  function freshly(text: string): string {
    lab.run(balancer, 'sh', '-c', `nft flush ruleset; nft -f - <<'END'\n${text}\nEND`);
    return listing();
  }

  it('remembers clients and connections over a restart for which the tables do not stay', async () => {
    let kept: string | null = null;
    const memory: MemoryFile = {
      read: () => kept,
      write: (text) => {
        kept = text === '' ? null : text;
        return null;
      },
    };
    const first = begin(memory);
    const web = { ...DR, persistence: { timeoutS: 3600, prefixLength: 24 } };
    expect(await first.start([web])).toEqual([]);
    const say = await connection();
    expect(await say('one')).toBe('one');
    await first.stop(false);
    expect(nft('list', 'ruleset')).toBe('');
    expect(kept).toMatch(/netdev tandem clients4\n10\.9\.0\.0 \. \d+ 3\d+ /);
    expect(await begin(memory).start([web])).toEqual([]);
    expect(kept).toBeNull();
    expect(nft('list', 'map', 'netdev', 'tandem', 'clients4')).toContain('10.9.0.0 . ');
    expect(nft('list', 'map', 'netdev', 'tandem', 'flows4_tcp')).toContain('10.9.0.2 . ');
    expect(await say('two')).toBe('two');
  });

  it('DR follows interfaces that go and come again', async () => {
    expect(await keeper.start([DR])).toEqual([]);
    const index = (): number => network.link(outside)?.index ?? 0;
    expect(nft('list', 'chains', 'netdev')).toContain(`device "${outside}"`);
    const before = index();
    lab.run(balancer, 'ip', 'link', 'del', outside);
    lab.run(balancer, 'ip', 'link', 'add', outside, 'type', 'veth', 'peer', 'name', 'tc', 'netns', client.name);
    lab.run(balancer, 'ip', 'addr', 'add', '10.9.0.1/24', 'dev', outside);
    lab.run(balancer, 'ip', 'link', 'set', outside, 'up');
    lab.run(client, 'ip', 'addr', 'add', '10.9.0.2/24', 'dev', 'tc');
    lab.run(client, 'ip', 'link', 'set', 'tc', 'up');
    lab.run(client, 'ip', 'route', 'replace', 'default', 'via', '10.9.0.1');
    await until(() => index() !== before && index() !== 0);
    const chain = (): string => `in_${outside}_${index()} {`;
    await until(() => nft('list', 'chains', 'netdev').includes(chain()));
    expect(nft('list', 'chains', 'netdev')).not.toContain(`in_${outside}_${before} {`);
    expect(said).toEqual([]);
    expect(await (await connection())('hello')).toBe('hello');
    lab.run(balancer, 'ip', 'link', 'set', inside, 'down');
    await until(() => !nft('list', 'table', 'netdev', 'tandem').includes('fwd'));
  });

  it('DR sends on what is for this box alone, though a promiscuous interface sees more', async () => {
    expect(await keeper.start([DR])).toEqual([]);
    lab.run(balancer, 'ip', 'link', 'set', outside, 'promisc', 'on');
    lab.run(client, 'ip', 'neigh', 'replace', '10.9.0.1', 'lladdr', '02:00:00:00:00:99', 'dev', 'tc');
    const sent = `require('net').connect(${PORT}, '${VIP}').on('error', () => {}); setTimeout(() => process.exit(), 300)`;
    lab.run(client, process.execPath, '-e', sent);
    const requests = (): string => nft('list', 'set', 'netdev', 'tandem', 'requests');
    expect(requests()).toContain('packets 0 ');
    lab.run(client, 'ip', 'neigh', 'del', '10.9.0.1', 'dev', 'tc');
    expect(await (await connection())('hello')).toBe('hello');
    expect(requests()).not.toContain('packets 0 ');
  });

  it('DR takes what comes for a virtual MAC address, once', async () => {
    lab.run(balancer, 'sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1');
    lab.run(balancer, 'ip', 'link', 'add', 'link', outside, 'name', 'vrrp.51', 'type', 'macvlan', 'mode', 'private');
    lab.run(balancer, 'ip', 'addr', 'add', '10.9.0.9/24', 'dev', 'vrrp.51');
    lab.run(balancer, 'ip', 'link', 'set', 'vrrp.51', 'up');
    expect(await keeper.start([DR])).toEqual([]);
    await until(() => /in_vrrp_46_51_\d+ \{/.test(nft('list', 'chains', 'netdev')));
    lab.run(client, 'ip', 'route', 'replace', 'default', 'via', '10.9.0.9');
    expect(await (await connection())('hello')).toBe('hello');
    expect(nft('list', 'set', 'netdev', 'tandem', 'connections')).toContain('packets 1 ');
  });

  it('counts what servers got and have', async () => {
    for (const [kind, web] of KINDS) {
      const own = begin();
      expect(await own.start([web])).toEqual([]);
      const say = await connection();
      expect(await say('hello')).toBe('hello');
      const key = `web/${web.destinations[0]?.key}`;
      // SYN, ACK and what was said; the first figures may be from before that.
      await until(() => own.figures.get(key)?.active === 1 && (own.figures.get(key)?.requestPackets ?? 0) > 2);
      const figures = own.figures.get(key);
      expect(figures).toMatchObject({ connections: 1, active: 1, isFull: false });
      expect((figures?.replyPackets ?? 0) > 0).toBe(kind === 'NAT');
      await own.stop(false);
    }
  });

  it('a server with as many connections as it may have gets no others', async () => {
    const full = destination('10.9.1.2', PORT, { upperThreshold: 1, lowerThreshold: 1 });
    const web = { ...NAT, destinations: [full] };
    expect(await keeper.start([web])).toEqual([]);
    expect(await (await connection())('hello')).toBe('hello');
    await until(() => keeper.figures.get(`web/${full.key}`)?.isFull === true);
    await until(() => !nft('list', 'chain', 'inet', 'tandem', 'vs_web').includes('dnat'));
  });

  it('leaves tables of others as they are', async () => {
    nft(
      'add table inet theirs { chain c { type filter hook input priority 0; policy accept; counter; } ; set tandem { type mark; }; }',
    );
    const theirs = (): string => nft('-s', 'list', 'table', 'inet', 'theirs');
    const before = theirs();
    expect(await keeper.start([NAT, { ...DR, key: 'other', places: [place('192.0.2.9', 80)] }])).toEqual([]);
    nft('delete', 'table', 'inet', 'tandem');
    await until(hasRules);
    keeper.follow([]);
    await keeper.settled();
    await keeper.stop(false);
    expect(theirs()).toBe(before);
    expect(nft('list', 'tables').trim()).toBe('table inet theirs');
  });

  it.each([1, 2])('comes to what is wanted, whatever fails meanwhile (seed %i)', async (seed) => {
    const random = new SeededRandom(seed);
    const faults = new FaultyCommands(commands, random, (command) => lab.run(balancer, ...command));
    const own = begin(null, faults);
    expect(await own.start([])).toEqual([]);
    faults.refusesAll = true;
    own.follow([NAT]);
    await until(() => own.trouble !== null);
    faults.refusesAll = false;
    await until(() => own.trouble === null);
    faults.isOn = true;
    let services: readonly L4Service[] = [];
    for (let round = 0; round < 8; round++) {
      // Not by counts: there are none.
      services = randomServices(random).map((one) => (one.scheduler === 'wlc' ? { ...one, scheduler: 'wrr' } : one));
      own.follow(services);
      if (random.below(3) === 0) await own.settled();
      if (random.below(4) === 0) {
        lab.run(balancer, 'ip', 'link', 'add', `d${round}`, 'type', 'veth', 'peer', 'name', `e${round}`);
        lab.run(balancer, 'ip', 'link', 'set', `d${round}`, 'up');
      }
    }
    faults.isOn = false;
    own.follow(services);
    const wanted = (): string => {
      const { interfaces, deviceOf } = directLinksOf(network.links, null);
      const text = rulesetText(rulesetOf(services, { interfaces, deviceOf }));
      const judge = lab.add('judge');
      const pairs = interfaces.map(
        ({ name, index }) => `ip link add ${name} index ${index} type veth peer name p${index} index ${index + 1000}`,
      );
      lab.run(judge, 'sh', '-c', `${pairs.join('; ')}; nft -f - <<'END'\n${text}\nEND`);
      return lab.run(judge, 'nft', '-s', 'list', 'ruleset');
    };
    const lines = (text: string): string =>
      text
        .split(/[\n,]|elements = \{|\}/)
        .map((line) => line.trim())
        .sort()
        .join('\n')
        .trim();
    await own.settled();
    const expected = lines(wanted());
    await until(() => lines(nft('-s', 'list', 'ruleset')) === expected);
  });
});

/** Now and then a command fails, or somebody flushes everything before it. */
class FaultyCommands implements CommandRunner {
  isOn = false;
  refusesAll = false;
  readonly #commands: CommandRunner;
  readonly #random: SeededRandom;
  readonly #run: (command: readonly string[]) => void;

  constructor(commands: CommandRunner, random: SeededRandom, run: (command: readonly string[]) => void) {
    this.#commands = commands;
    this.#random = random;
    this.#run = run;
  }

  run(argv: readonly string[], options: CommandOptions): Promise<CommandResult> {
    if ((this.isOn || this.refusesAll) && argv.includes('-f')) {
      const fault = this.refusesAll ? 0 : this.#random.below(5);
      if (fault === 0) return Promise.resolve({ exitCode: 1, how: 'exit status 1', timedOut: false, stdout: '' });
      if (fault === 1) this.#run(['nft', 'flush', 'ruleset']);
    }
    return this.#commands.run(argv, options);
  }

  stream(argv: readonly string[], events: StreamEvents): Stream {
    return this.#commands.stream(argv, events);
  }
}
