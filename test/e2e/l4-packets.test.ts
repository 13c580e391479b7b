/**
 * Packets through rulesets in namespaces: a client, a balancer, two servers. Everyone is told apart by name, not by address.
 *
 *   client 10.9.0.2 ── 10.9.0.1 balancer 10.9.1.1 ── 10.9.1.2 s1      virtual addresses: 192.0.2.1, 2001:db8::1, routed to the
 *          fd09::2     fd09::1           10.9.2.1 ── 10.9.2.2 s2      balancer, and at its loopback and those of the servers
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Ruleset, rulesetChange, rulesetOf, rulesetRemoval, rulesetText } from '../../src/l4/ruleset.ts';
import type { LinkId } from '../../src/l4/ruleset-direct.ts';
import type { Destination, L4Service } from '../../src/l4/service.ts';
import { TrafficSums, trafficComment, trafficKind } from '../../src/l4/traffic.ts';
import { destination, direct, link, place, service } from '../support/l4-services.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer } from '../support/peers.ts';

const PORT = 20_080;

/** Says its name to whatever comes. */
const SERVER = `
const name = process.argv[1];
require('net').createServer((s) => s.on('data', () => s.write(name + '\\n')).on('error', () => {})).listen(${PORT}, '::', () => {
  let open = 0;
  for (const ip of process.argv.slice(2)) {
    const u = require('dgram').createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    u.on('message', (_, from) => u.send(name, from.port, from.address));
    u.bind(${PORT}, ip, () => { if (++open === process.argv.length - 2) console.log('ready'); });
  }
});`;

/** A line on stdin: what to ask; a line on stdout: who answered. \`hold\` leaves its connection open, \`again\` uses it. */
const CLIENT = `
let held;
let port = 20_100; // never one that a connection tracker still knows
// Nothing is said of others: a held connection may break when its rules are gone.
let asking;
const say = (socket, who) => {
  if (socket !== asking) return;
  asking = undefined;
  console.log(who.toString().trim());
};
require('readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const [what, ip] = line.split(' ');
  if (what === 'again') {
    asking = held;
    held.write('?');
    return;
  }
  if (what === 'udp') {
    const u = require('dgram').createSocket(ip.includes(':') ? 'udp6' : 'udp4');
    asking = u;
    // A datagram may be lost, as on any network; the same socket asks again.
    let again;
    u.once('message', (who) => { clearInterval(again); say(u, who); u.close(); });
    u.bind(port++, () => {
      u.send('?', ${PORT}, ip);
      again = setInterval(() => u.send('?', ${PORT}, ip), 1000);
    });
    return;
  }
  const s = require('net').connect({ port: ${PORT}, host: ip, localPort: port++ }, () => s.write('?'));
  asking = s;
  if (what === 'hold') held = s;
  s.on('data', (who) => { say(s, who); if (s !== held) s.destroy(); });
  s.on('error', (e) => say(s, e.code));
});
console.log('ready');`;

describeWithPeer(['netns', 'ip', 'nft'], 'balancing in the kernel', () => {
  const lab = new NamespaceLab();
  let balancer: Namespace;
  let inside = '';
  let asked: ChildProcess;
  let answers: Interface;
  let current: Ruleset;
  const devices: string[] = [];

  beforeAll(async () => {
    const client = lab.add('client', { hasDad: false });
    balancer = lab.add('balancer', { hasDad: false });
    inside = lab.link(balancer, { address: '10.9.0.1/24' }, client, '10.9.0.2/24', 'tc');
    lab.run(balancer, 'ip', 'addr', 'add', 'fd09::1/64', 'dev', inside, 'nodad');
    lab.run(client, 'ip', 'addr', 'add', 'fd09::2/64', 'dev', 'tc', 'nodad');
    lab.run(client, 'ip', 'route', 'add', 'default', 'via', '10.9.0.1');
    lab.run(client, 'ip', '-6', 'route', 'add', 'default', 'via', 'fd09::1');
    lab.run(balancer, 'sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    lab.run(balancer, 'ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
    lab.run(balancer, 'ip', 'addr', 'add', '2001:db8::1/128', 'dev', 'lo', 'nodad');
    // Servers with DR answer by way of the balancer here, in the name of its own address.
    lab.run(balancer, 'sysctl', '-qw', 'net.ipv4.conf.all.accept_local=1');
    for (const n of [1, 2]) {
      const one = lab.add(`s${n}`, { hasDad: false });
      const device = lab.link(balancer, { address: `10.9.${n}.1/24` }, one, `10.9.${n}.2/24`, 'ts');
      devices.push(device);
      lab.run(balancer, 'ip', 'addr', 'add', `fd09:${n}::1/64`, 'dev', device, 'nodad');
      lab.run(one, 'ip', 'addr', 'add', `fd09:${n}::2/64`, 'dev', 'ts', 'nodad');
      lab.run(one, 'ip', 'route', 'add', 'default', 'via', `10.9.${n}.1`);
      lab.run(one, 'ip', '-6', 'route', 'add', 'default', 'via', `fd09:${n}::1`);
      lab.run(one, 'ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
      lab.run(one, 'ip', 'addr', 'add', '2001:db8::1/128', 'dev', 'lo', 'nodad');
      const ips = [`10.9.${n}.2`, `fd09:${n}::2`, '192.0.2.1', '2001:db8::1'];
      await lab.start(one, [process.execPath, '-e', SERVER, `s${n}`, ...ips]);
    }
    const [program = '', ...rest] = [...client.exec, process.execPath, '-e', CLIENT];
    asked = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    lab.adopt(asked);
    if (asked.stdout === null) throw new Error('no stdout');
    answers = createInterface({ input: asked.stdout });
    await once(answers, 'line');
  }, 60_000);
  afterEach(() => nft(rulesetRemoval()));
  afterAll(() => lab.remove());

  function nft(text: string): void {
    const [program = '', ...rest] = [...balancer.exec, 'nft', '-f', '-'];
    execFileSync(program, rest, { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
  }

  /** 10.9.N.2 and fd09:N::2 are behind the Nth. */
  function deviceOf(ip: string): LinkId | null {
    const name = devices[Number(/^(?:10\.9\.|fd09:)(\d)/.exec(ip)?.[1]) - 1];
    return name === undefined ? null : link(name);
  }

  function load(...services: readonly L4Service[]): void {
    current = rulesetOf(services, { interfaces: [link(inside)], deviceOf });
    nft(rulesetText(current));
  }

  function change(...services: readonly L4Service[]): void {
    const next = rulesetOf(services, { interfaces: [link(inside)], deviceOf });
    nft(rulesetChange(current, next));
    current = next;
  }

  async function ask(question: string): Promise<string> {
    const answer = once(answers, 'line') as Promise<[string]>;
    asked.stdin?.write(`${question}\n`);
    return (await answer)[0];
  }

  function traffic(...sets: readonly string[]) {
    const read = new TrafficSums();
    for (const set of sets) {
      const kind = trafficKind(set.split(' ').at(-1) ?? '');
      if (kind !== null) read.add(kind, lab.run(balancer, 'nft', 'list', 'set', ...set.split(' ')));
    }
    return read.sums;
  }

  const VIPS = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
  type Kind = 'NAT' | 'DR';

  function server(kind: Kind, family: 4 | 6, n: 1 | 2, more: Partial<Destination> = {}): Destination {
    const ip = family === 4 ? `10.9.${n}.2` : `fd09:${n}::2`;
    const common = { key: `s${n}`, ...more };
    return kind === 'NAT' ? destination(ip, PORT, common) : direct(ip, common);
  }

  function both(kind: Kind, family: 4 | 6, protocol: 'TCP' | 'UDP', more: Partial<L4Service> = {}): L4Service {
    const destinations = [server(kind, family, 1), server(kind, family, 2)];
    return service('web', { family, protocol, places: [place(VIPS[family], PORT)], destinations, ...more });
  }

  describe.each(['NAT', 'DR'] as const)('%s', (kind) => {
    it.each([
      ['TCP', 4],
      ['TCP', 6],
      ['UDP', 4],
      ['UDP', 6],
    ] as const)('%s over IPv%i: servers by turns, counted', async (protocol, family) => {
      load(both(kind, family, protocol));
      const question = `${protocol.toLowerCase()} ${VIPS[family]}`;
      const seen = [await ask(question), await ask(question), await ask(question), await ask(question)];
      expect([...seen].sort()).toEqual(['s1', 's1', 's2', 's2']);
      const tables = {
        NAT: [`inet tandem connections${family}`, `inet tandem requests${family}`, `inet tandem replies${family}`],
        DR: ['netdev tandem connections', 'netdev tandem requests'],
      };
      const counted = traffic(...tables[kind]);
      for (const name of ['s1', 's2']) {
        const {
          connections = 0,
          requestPackets = 0,
          replyPackets = 0,
        } = counted.get(trafficComment('web', name)) ?? {};
        expect(connections).toBe(2);
        expect(requestPackets).toBeGreaterThanOrEqual(2);
        expect(replyPackets > 0).toBe(kind === 'NAT');
      }
    });

    it.each([4, 6] as const)('IPv%i: a connection stays with its server when the set changes', async (family) => {
      const whole = both(kind, family, 'TCP');
      load(whole);
      const first = await ask(`hold ${VIPS[family]}`);
      const resting = whole.destinations.map((one) => ({ ...one, weight: one.key === first ? 0 : 1 }));
      const added = server(kind, family, 1, { key: 's3', weight: 0 });
      change({ ...whole, destinations: [...resting, added] });
      expect(await ask('again')).toBe(first);
      expect(await ask(`tcp ${VIPS[family]}`)).not.toBe(first);
      expect(await ask('again')).toBe(first);
    });

    it.each([4, 6] as const)('IPv%i: a client stays with its server, until that goes', async (family) => {
      const persistence = { timeoutS: 3600, prefixLength: family === 4 ? 24 : 64 };
      const whole = both(kind, family, 'TCP', { persistence });
      load(whole);
      const question = `tcp ${VIPS[family]}`;
      const first = await ask(question);
      expect([await ask(question), await ask(question)]).toEqual([first, first]);
      change({
        ...whole,
        destinations: whole.destinations.map((one) => ({ ...one, weight: one.key === first ? 0 : 1 })),
      });
      expect(await ask(question)).toBe(first);
      change({ ...whole, destinations: whole.destinations.filter(({ key }) => key !== first) });
      const second = await ask(question);
      expect(second).not.toBe(first);
      change(whole);
      expect([await ask(question), await ask(question)]).toEqual([second, second]);
    });
  });

  describe('a service with nobody left', () => {
    let box: ChildProcess;

    // On the balancer itself, at the same port.
    beforeAll(async () => {
      box = await lab.start(balancer, [process.execPath, '-e', SERVER, 'box', VIPS[4], VIPS[6]]);
    });
    afterAll(() => box.kill());

    it.each([
      ['NAT', 4],
      ['NAT', 6],
      ['DR', 4],
      ['DR', 6],
    ] as const)('%s over IPv%i: is refused, whatever of the box listens there', async (kind, family) => {
      const whole = both(kind, family, 'TCP');
      const resting = { ...whole, destinations: whole.destinations.map((one) => ({ ...one, weight: 0 })) };
      const question = `tcp ${VIPS[family]}`;
      load(whole);
      expect(await ask(question)).toMatch(/^s[12]$/);
      const first = await ask(`hold ${VIPS[family]}`);
      change(resting);
      expect(await ask(question)).toBe('ECONNREFUSED');
      expect(await ask('again')).toBe(first);
      change({ ...whole, destinations: [] });
      expect(await ask(question)).toBe('ECONNREFUSED');
      change(whole);
      expect(await ask(question)).toMatch(/^s[12]$/);
      change();
      expect(await ask(question)).toBe('box');
    });
  });

  it('DR leaves what is for others alone', async () => {
    load(both('DR', 4, 'TCP'));
    expect(await ask('tcp 192.0.2.1')).toMatch(/^s[12]$/);
    lab.run(balancer, 'ip', 'addr', 'del', '192.0.2.1/32', 'dev', 'lo');
    try {
      expect(await ask('tcp 192.0.2.1')).toMatch(/UNREACH/);
    } finally {
      lab.run(balancer, 'ip', 'addr', 'add', '192.0.2.1/32', 'dev', 'lo');
    }
  });

  it.each([4, 6] as const)('DR, IPv%i: a connection that has ended is remembered for a short time', async (family) => {
    load(both('DR', family, 'TCP'));
    const flows = `flows${family}_tcp`;
    const elements = (name: string): number =>
      lab.run(balancer, 'nft', 'list', 'map', 'netdev', 'tandem', name).match(/ expires /g)?.length ?? 0;
    await ask(`hold ${VIPS[family]}`);
    for (let n = 0; n < 4; n++) expect(await ask(`tcp ${VIPS[family]}`)).toMatch(/^s[12]$/);
    const endMs = performance.now() + 60_000;
    while (elements(flows) > 1 && performance.now() < endMs) await sleep(20);
    expect(elements(flows)).toBe(1);
    // One more may be what another test held.
    expect(elements(`${flows}_closing`)).toBeGreaterThanOrEqual(4);
  });

  it('any port, a range of addresses and a hash: the port is the client’s, the server always the same', async () => {
    const places = [place('192.0.2.0', 0, '192.0.2.7')];
    const destinations = [server('NAT', 4, 1), server('NAT', 4, 2)].map((one) => ({
      ...one,
      address: { ...one.address, port: 0 },
    }));
    load(service('all', { places, scheduler: 'mh', destinations }));
    const first = await ask('tcp 192.0.2.1');
    expect(['s1', 's2']).toContain(first);
    expect(await ask('tcp 192.0.2.6')).toBe(first);
    const counted = traffic('inet tandem connections4_ranges');
    expect(counted.get(trafficComment('all', first))?.connections).toBe(2);
  });

  it('a mark of packets is a service', async () => {
    nft(
      'table ip marks {\n chain c {\n type filter hook prerouting priority mangle;\n ip daddr 192.0.2.1 meta mark set 7\n }\n}\n',
    );
    load(both('NAT', 4, 'TCP', { places: [], marks: [{ mark: 7, family: 4 }] }));
    const seen = [await ask('tcp 192.0.2.1'), await ask('udp 192.0.2.1')];
    expect(seen.sort()).toEqual(['s1', 's2']);
    nft('delete table ip marks\n');
  });

  it('a service with servers of both kinds balances over both', async () => {
    const destinations = [server('NAT', 4, 1), server('DR', 4, 2)];
    load(both('NAT', 4, 'TCP', { destinations }));
    const seen = [await ask('tcp 192.0.2.1'), await ask('tcp 192.0.2.1')];
    expect(seen.sort()).toEqual(['s1', 's2']);
  });
});
