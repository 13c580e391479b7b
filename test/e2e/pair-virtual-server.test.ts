/**
 * A keepalived.conf with a virtual server, as a program: its whole life, as a client, the kernel's tables and the stats socket see it.
 *
 *   client 10.9.0.2 ── 10.9.0.1 balancer 10.9.1.1 ── 10.9.1.2, 10.9.1.3: two web servers      virtual address 10.9.0.100
 *
 * Not here: two balancers, DR, persistence, other protocols (test/e2e/namespaces).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { VirtualServerStatus } from '../../src/l4/status.ts';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { ask as say } from '../support/stats-client.ts';

const dist = join(import.meta.dirname, '..', '..', 'dist', 'cli');
const TANDEM = join(dist, 'tandem.js');
const TANDEM_KEEPALIVED = join(dist, 'tandem-keepalived.js');
const DEADLINE_MS = 60_000;
const SERVERS = ['10.9.1.2', '10.9.1.3'] as const;

const SERVER = `const [ip] = process.argv.slice(1);
require('http').createServer((_, answer) => answer.end(ip)).listen(8080, ip, () => console.log('ready'));`;

const VRRP = `vrrp_instance VI_1 {
  interface eth0
  virtual_router_id 51
  priority 255
  virtual_ipaddress {
    10.9.0.100/24
  }
}
`;
const web = (lines = '') => `virtual_server 10.9.0.100 80 {
  delay_loop 1
  delay_before_retry 1
  warmup 0
  protocol TCP
  lb_algo rr
  lb_kind NAT
  ${lines}
${SERVERS.map(
  (ip) => `  real_server ${ip} 8080 {
    TCP_CHECK {
      connect_timeout 2
    }
  }
`,
).join('')}}
`;

describeWithPeer(['netns', 'ip', 'nft', 'curl'], 'a virtual server', () => {
  const lab = new NamespaceLab();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-virtual-'));
  const file = join(folder, 'keepalived.conf');
  const servers = new Map<string, ChildProcess>();
  let client: Namespace;
  let balancer: Namespace;
  let farm: Namespace;
  let child: ChildProcess | null = null;
  let output = '';
  /** All answers since the start. */
  let answers: string[] = [];

  beforeAll(async () => {
    client = lab.add('vc');
    balancer = lab.add('vb');
    farm = lab.add('vs');
    lab.link(client, { address: '10.9.0.2/24' }, balancer, '10.9.0.1/24', 'eth0');
    const device = lab.link(farm, { address: `${SERVERS[0]}/24` }, balancer, '10.9.1.1/24', 'eth1');
    lab.run(farm, 'ip', 'addr', 'add', `${SERVERS[1]}/24`, 'dev', device);
    lab.run(farm, 'ip', 'route', 'add', 'default', 'via', '10.9.1.1');
    for (const ip of SERVERS) await serve(ip);
  });
  afterEach(async () => {
    if (child !== null) await lab.end(child);
    child = null;
  });
  afterAll(async () => {
    await lab.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function serve(ip: string): Promise<void> {
    servers.set(ip, await lab.start(farm, [process.execPath, '-e', SERVER, ip]));
  }

  async function start(conf: string, program = [TANDEM, 'run'], env: NodeJS.ProcessEnv = {}): Promise<ChildProcess> {
    writeFileSync(file, conf);
    output = '';
    answers = [];
    const [exec = '', ...rest] = [...balancer.exec, process.execPath, ...program, '-f', file];
    const started = spawn(exec, rest, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    lab.adopt(started);
    for (const stream of [started.stdout, started.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    return started;
  }

  async function until(what: string, holds: () => boolean): Promise<void> {
    const endMs = Date.now() + DEADLINE_MS;
    while (!holds()) {
      if (Date.now() > endMs) throw new Error(`${what}: not within ${DEADLINE_MS} ms\n${output}\n${tables()}`);
      await sleep(50);
    }
  }

  /** '' : nobody. */
  function ask(): string {
    try {
      return lab.run(client, 'curl', '-s', '-m', '10', 'http://10.9.0.100/');
    } catch {
      return '';
    }
  }

  function answersOf(count: number): string {
    const these = Array.from({ length: count }, ask);
    answers.push(...these);
    return [...new Set(these)].sort().join(' ');
  }

  /** Whether each server had as many connections: one for each of its answers, and those that the client gave up. */
  function mayBe(counts: readonly number[]): boolean {
    const givenUp = answers.filter((answer) => answer === '').length;
    return counts.every((count, i) => {
      const least = answers.filter((answer) => answer === SERVERS[i]).length;
      return count >= least && count <= least + givenUp;
    });
  }

  function tables(): string {
    return lab.run(balancer, 'nft', 'list', 'ruleset');
  }

  function hasAddress(): boolean {
    return lab.run(balancer, 'ip', 'addr', 'show', 'dev', 'eth0').includes('10.9.0.100');
  }

  async function stop(): Promise<number | null> {
    if (child === null) throw new Error('nothing runs');
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    const [code] = (await ended) as [number | null];
    return code;
  }

  it('lives: turns, a server that fails and comes back, reloads, its end', async () => {
    const socket = join(folder, 'admin.sock');
    const tandem = (more = '') => `tandem {\n ip_forward on\n socket ${socket}\n ${more}\n}\n`;
    const running = await start(tandem() + VRRP + web());
    await until('both answer', () => answersOf(4) === SERVERS.join(' '));
    expect(lab.run(balancer, 'sysctl', '-n', 'net.ipv4.ip_forward').trim()).toBe('1');

    const [, second] = SERVERS;
    const failing = servers.get(second);
    if (failing !== undefined) await lab.end(failing);
    await until('the other alone', () => tables().includes('10.9.1.2') && !tables().includes('to 10.9.1.3'));
    await until('the other answers alone', () => answersOf(4) === SERVERS[0]);
    await serve(second);
    await until('both answer again', () => answersOf(4) === SERVERS.join(' '));

    writeFileSync(file, `${tandem() + VRRP + web()}virtual_server nonsense 80 {\n}\n`);
    running.kill('SIGHUP');
    await until('the refusal is said', () => output.includes('nothing was changed'));
    expect(answersOf(4)).toBe(SERVERS.join(' '));

    writeFileSync(file, tandem() + VRRP + web().replace(/ {2}real_server 10\.9\.1\.3[^}]*}\n {2}}\n/, ''));
    running.kill('SIGHUP');
    await until('one is gone from the file', () => answersOf(4) === SERVERS[0]);
    writeFileSync(file, tandem() + VRRP);
    running.kill('SIGHUP');
    await until('the tables go with the last one', () => !tables().includes('tandem'));
    writeFileSync(file, tandem() + VRRP + web());
    running.kill('SIGHUP');
    await until('they come back', () => answersOf(4) === SERVERS.join(' '));

    expect(await stop()).toBe(0);
    expect([tables(), hasAddress()]).toEqual(['', false]);
  });

  it('is seen: what the kernel has counted, in the status and in metrics, and servers that are changed by hand', async () => {
    const socket = join(folder, 'admin.sock');
    const tandem = `tandem {\n ip_forward on\n socket ${socket}\n http 127.0.0.1:8405\n}\n`;
    const running = await start(tandem + VRRP + web());
    await until('both answer', () => answersOf(8) === SERVERS.join(' '));
    const connections = async (): Promise<readonly number[]> => {
      const [one] = JSON.parse(await say(socket, 'show lvs json\n')) as VirtualServerStatus[];
      return one?.servers.map(({ figures }) => figures.connections) ?? [];
    };
    await expect.poll(async () => mayBe(await connections()), { timeout: DEADLINE_MS, interval: 200 }).toBe(true);
    const counted = (name: string): readonly number[] => {
      const lines = lab.run(balancer, 'curl', '-s', 'http://127.0.0.1:8405/metrics?scope=keepalived').split('\n');
      return SERVERS.map((server) => {
        const line = `${name}{vip="10.9.0.100:80",addr="${server}:8080",proto="6"} `;
        return Number(lines.find((one) => one.startsWith(line))?.slice(line.length));
      });
    };
    await until('connections in metrics', () => mayBe(counted('keepalived_lvs_rs_conn')));
    // Of each connection there and back at least: SYN, ACK, request, ACK, FIN. They may have been read amidst the last one.
    await until('packets', () => counted('keepalived_lvs_rs_in_packets').every((count) => count > 4 * 4));
    await until('bytes', () => counted('keepalived_lvs_rs_out_bytes').every((count) => count > 4 * 200));

    const [first, second] = SERVERS;
    const set = (server: string, what: string): Promise<string> =>
      say(socket, `set lvs 10.9.0.100 ${server} ${what}\n`);
    expect(await set(first, 'down')).toContain('DOWN, weight 1; held down by hand');
    await until('the other answers alone', () => answersOf(4) === second);
    running.kill('SIGHUP');
    await until('the file was read again', () => output.includes('eload'));
    expect(answersOf(4)).not.toContain(first);
    await set(first, 'release');
    await until('both answer again', () => answersOf(4) === SERVERS.join(' '));
    await set(second, 'drain');
    await until('the first one answers alone', () => answersOf(4) === first);
    expect(lab.run(balancer, process.execPath, TANDEM, 'status', '--socket', socket)).toMatch(
      /10\.9\.1\.3:8080 +UP +0 of 1 .*weight 0 by hand/,
    );
    expect(await stop()).toBe(0);
  });

  it('told to keep the tables, it does, and takes over what is there', async () => {
    await start(`tandem {\n virtual_servers_at_stop keep\n}\n${VRRP}${web()}`);
    await until('both answer', () => answersOf(4) === SERVERS.join(' '));
    expect(await stop()).toBe(0);
    expect([tables().includes('10.9.1.2'), hasAddress()]).toEqual([true, false]);
    const killed = await start(VRRP + web());
    await until('its address', hasAddress);
    expect(answersOf(4)).toBe(SERVERS.join(' '));
    await lab.end(killed);
    expect(tables()).toContain('10.9.1.2');
    // Nobody has told the next one, but that one looks.
    await start(VRRP);
    await until('what was left is gone', () => tables() === '');
    await until('its address', hasAddress);
    expect(await stop()).toBe(0);
  });

  it('tandem-keepalived: -C without addresses, its dump; -P without tables', async () => {
    const keepalived = (half: string) => [TANDEM_KEEPALIVED, half, '-n', '-l', '-G', '-p', join(folder, 'pid')];
    await start(VRRP + web(), [...keepalived('-C'), '-c', join(folder, 'check.pid')], { TMPDIR: folder });
    await until('its tables', () => tables().includes('10.9.1.2'));
    await until('it is ready', () => output.includes('Startup complete'));
    expect([hasAddress(), existsSync(join(folder, 'check.pid'))]).toEqual([false, true]);
    child?.kill('SIGUSR1');
    const dump = join(folder, 'keepalived_check.data');
    await until('the dump', () => existsSync(dump));
    expect(readFileSync(dump, 'utf8')).toContain(' VS VIP = 10.9.0.100, VPORT = 80');
    expect(existsSync(join(folder, 'keepalived.data'))).toBe(false);
    expect(await stop()).toBe(0);

    await start(VRRP + web(), keepalived('-P'));
    await until('its address', hasAddress);
    expect(tables()).toBe('');
    expect(await stop()).toBe(0);
  });

  it('without nft: ends at once, says what to install, and has touched nothing', async () => {
    const bin = join(folder, 'bin');
    mkdirSync(bin);
    symlinkSync(programPath('ip'), join(bin, 'ip'));
    const started = await start(VRRP + web(), [TANDEM, 'run'], { PATH: bin });
    const [code] = (await once(started, 'exit')) as [number | null];
    expect([code, hasAddress()]).toEqual([1, false]);
    expect(output).toContain('package nftables');
  });
});
