/**
 * Two boxes and a client on one switch, in namespaces: start keepalived or Tandem on the boxes, hurt them, and see what a
 * client loses.
 *
 *   lb1 10.77.0.1 ──┐
 *   lb2 10.77.0.2 ──┼── switch
 *   client .9 ──────┘            the virtual address is 10.77.0.100, and fd77::100
 *
 * With proxies (`tandem run` with PROXY_TEXT) the web server behind them is on the client's box.
 */
import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { programPath } from '../../support/peers.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const TANDEM_KEEPALIVED = join(root, 'dist', 'cli', 'tandem-keepalived.js');
const TANDEM = join(root, 'dist', 'cli', 'tandem.js');
const ECHO_PORT = '7007';
const WEB_PORT = '7080';
const PROXY_PORT = '80';

export const VIP = '10.77.0.100';
export const VIP6 = 'fd77::100';
export type Box = 'lb1' | 'lb2';
/** `proxies`: tandem run, both halves; the others are without proxies. */
export type Program = 'tandem' | 'keepalived' | 'proxies';

const PROXY_TEXT = `global
  maxconn 2000
defaults
  mode http
  timeout connect 5s
  timeout client 25s
  timeout server 25s
listen web
  bind ${VIP}:${PROXY_PORT}
  bind [${VIP6}]:${PROXY_PORT}
  server s 10.77.0.9:${WEB_PORT}
`;

/** Of one kind of client. */
interface Requests {
  readonly sent: number;
  readonly answered: number;
  readonly slowestMs: number;
  readonly failures: readonly string[];
  /** Through which boxes, in order. */
  readonly from: readonly string[];
}

export interface RequestsResult {
  readonly once: Requests & { readonly longestMs: number };
  readonly keep: Requests & { readonly connections: number };
}

export interface ProbeResult {
  readonly sent: number;
  readonly lost: number;
  readonly longestMs: number;
  /** At the end. */
  readonly unanswered: number;
  /** Who answered, in order. */
  readonly names: readonly string[];
  readonly holes: readonly { readonly atMs: number; readonly lengthMs: number; readonly missed: number }[];
}

interface Running {
  readonly child: ChildProcess;
  readonly file: string;
  output: string;
}

export class PairLab {
  readonly #lab = new NamespaceLab();
  /** For files of the test's; gone at the end. */
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-pair-'));
  readonly #spaces = new Map<string, Namespace>();
  readonly #ports = new Map<string, string>();
  readonly #running = new Map<Box, Running>();

  async up(): Promise<void> {
    const sw = this.#lab.add('sw');
    this.#spaces.set('sw', sw);
    this.#lab.run(sw, 'ip', 'link', 'add', 'br0', 'type', 'bridge', 'stp_state', '0', 'forward_delay', '0');
    this.#lab.run(sw, 'ip', 'link', 'set', 'br0', 'up');
    for (const [name, number] of [
      ['lb1', 1],
      ['lb2', 2],
      ['client', 9],
    ] as const) {
      const space = this.#lab.add(name);
      this.#spaces.set(name, space);
      this.#lab.run(space, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0');
      this.#ports.set(name, this.#lab.link(sw, { bridge: 'br0' }, space, `10.77.0.${number}/24`, 'eth0'));
      this.#lab.run(space, 'ip', '-6', 'addr', 'add', `fd77::${number}/64`, 'dev', 'eth0', 'nodad');
      if (name === 'client') {
        await this.#lab.start(space, [process.execPath, join(import.meta.dirname, 'web.mjs'), '10.77.0.9', WEB_PORT]);
        continue;
      }
      await this.#lab.start(space, [process.execPath, join(import.meta.dirname, 'echo.mjs'), name, ECHO_PORT]);
    }
  }

  async down(): Promise<void> {
    await this.#lab.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async start(box: Box, program: Program, config: string): Promise<void> {
    const file = this.write(box, config);
    const child = this.spawn(box, ...this.#command(box, program, file));
    const running: Running = { child, file, output: '' };
    this.#running.set(box, running);
    const keep = (chunk: Buffer): void => {
      running.output += chunk.toString();
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    await this.eventually(`${box} starts`, () => running.output.includes('BACKUP STATE'), 15_000);
  }

  /** Another program on a box. Whoever starts it ends it, at the latest the end of the lab. */
  spawn(where: Box | 'client', ...command: string[]): ChildProcessByStdio<null, Readable, Readable> {
    const [first = '', ...rest] = [...this.#space(where).exec, ...command];
    const child = spawn(first, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#lab.adopt(child);
    return child;
  }

  #command(box: Box, program: Program, file: string): string[] {
    if (program === 'proxies') {
      this.writeFile('haproxy.cfg', PROXY_TEXT);
      return [process.execPath, TANDEM, 'run', '-f', join(this.folder, 'haproxy.cfg'), '-f', file];
    }
    const paths = ['p', 'r', 'c'].flatMap((letter) => [`-${letter}`, join(this.folder, `${box}.${letter}.pid`)]);
    const command = program === 'tandem' ? [process.execPath, TANDEM_KEEPALIVED] : [programPath('keepalived')];
    return [...command, '-n', '-l', '-G', '-f', file, ...paths];
  }

  /** Both, and the first is master. */
  async startBoth(first: Program, second: Program, config: (priority: number) => string): Promise<void> {
    await this.start('lb1', first, config(150));
    await this.start('lb2', second, config(100));
    await this.owners(['lb1'], 10_000);
  }

  write(box: Box, config: string): string {
    const file = join(this.folder, `${box}.conf`);
    writeFileSync(file, config);
    return file;
  }

  writeFile(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  readFile(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  output(box: Box): string {
    return this.#running.get(box)?.output ?? '';
  }

  async says(box: Box, text: string, withinMs: number): Promise<void> {
    await this.eventually(`${box} says ${text}`, () => this.output(box).includes(text), withinMs);
  }

  /** It was told to end. */
  async ended(box: Box): Promise<void> {
    const child = this.#running.get(box)?.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    await once(child, 'exit');
  }

  signal(box: Box, signal: NodeJS.Signals): void {
    this.#running.get(box)?.child.kill(signal);
  }

  /** Of what was started there. */
  pid(box: Box): number {
    return this.#running.get(box)?.child.pid ?? -1;
  }

  /** Everything that runs on the boxes ends, and what is left of addresses goes. */
  async clear(): Promise<void> {
    for (const [box, { child }] of this.#running) {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGCONT');
        child.kill('SIGTERM');
        const late = await Promise.race([once(child, 'exit').then(() => false), sleep(9000, true)]);
        if (late) child.kill('SIGKILL');
      }
      for (const address of [`${VIP}/24`, `${VIP6}/64`]) {
        try {
          this.#lab.run(this.#space(box), 'ip', 'addr', 'del', address, 'dev', 'eth0');
        } catch {
          // Not there.
        }
      }
    }
    this.#running.clear();
  }

  cut(box: Box): void {
    this.#lab.run(this.#space('sw'), 'ip', 'link', 'set', this.port(box), 'down');
  }

  mend(box: Box): void {
    this.#lab.run(this.#space('sw'), 'ip', 'link', 'set', this.port(box), 'up');
  }

  /** From now on the switch sends multicast only where a member has reported itself. */
  async snoop(): Promise<void> {
    const times = ['mcast_query_response_interval', '20', 'mcast_startup_query_interval', '50'];
    this.#lab.run(this.#space('sw'), 'ip', 'addr', 'add', '10.77.0.254/24', 'dev', 'br0');
    this.#lab.run(this.#space('sw'), 'ip', 'link', 'set', 'br0', 'type', 'bridge', ...times);
    this.#lab.run(
      this.#space('sw'),
      'ip',
      'link',
      'set',
      'br0',
      'type',
      'bridge',
      'mcast_snooping',
      '1',
      'mcast_querier',
      '1',
    );
    // It floods until its first query has had time to be answered.
    await sleep(1000);
  }

  /** Boxes whose ports are members of a group. */
  members(group: string): readonly Box[] {
    const lines = this.#lab.run(this.#space('sw'), 'bridge', 'mdb', 'show', 'dev', 'br0').split('\n');
    const all: readonly Box[] = ['lb1', 'lb2'];
    return all.filter((box) => lines.some((line) => line.includes(` port ${this.port(box)} grp ${group} `)));
  }

  /** Carrier stays; nothing passes. */
  part(box: Box): void {
    this.#lab.run(this.#space('sw'), 'bridge', 'link', 'set', 'dev', this.port(box), 'state', '0');
  }

  heal(box: Box): void {
    this.#lab.run(this.#space('sw'), 'bridge', 'link', 'set', 'dev', this.port(box), 'state', '3');
  }

  run(where: Box | 'client' | 'sw', ...command: string[]): string {
    return this.#lab.run(this.#space(where), ...command);
  }

  has(box: Box, address = VIP): boolean {
    return this.run(box, 'ip', '-o', 'addr', 'show', 'to', address).includes(address);
  }

  /** Exactly these, within that time; resolves with how long it took. */
  async owners(boxes: readonly Box[], withinMs: number, address = VIP): Promise<number> {
    const all: readonly Box[] = ['lb1', 'lb2'];
    const state = () => all.filter((box) => this.has(box, address));
    const started = performance.now();
    await this.eventually(`owners are ${boxes.join(' ') || 'nobody'}`, () => state().join() === boxes.join(), withinMs);
    return performance.now() - started;
  }

  /** A client's losses during `action` and after it, for so long. */
  async probe(seconds: number, action: () => void | Promise<void>, address = VIP): Promise<ProbeResult> {
    const script = join(import.meta.dirname, 'probe.mjs');
    const [program = '', ...rest] = [...this.#space('client').exec, process.execPath, script];
    const child = spawn(program, [...rest, address, ECHO_PORT, String(seconds)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#lab.adopt(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    await sleep(600);
    await action();
    await ended;
    return JSON.parse(output.split('\n')[1] ?? '{}') as ProbeResult;
  }

  /** HTTP clients at work, through `address`, until `action` is over. */
  async requests(action: () => Promise<void>, address = VIP): Promise<RequestsResult> {
    const script = join(import.meta.dirname, 'requests.mjs');
    const [program = '', ...rest] = [...this.#space('client').exec, process.execPath, script, address, PROXY_PORT];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#lab.adopt(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child.stdout, 'data');
    const ended = once(child, 'exit');
    await sleep(300);
    await action();
    child.stdin.end();
    await ended;
    return JSON.parse(output.split('\n')[1] ?? '{}') as RequestsResult;
  }

  /** Polls; throws with what the boxes have said. */
  async eventually(what: string, happened: () => boolean, withinMs: number): Promise<void> {
    const limit = performance.now() + withinMs;
    while (!happened()) {
      if (performance.now() > limit) {
        throw new Error(`not within ${withinMs} ms: ${what}\nlb1:\n${this.output('lb1')}\nlb2:\n${this.output('lb2')}`);
      }
      await sleep(20);
    }
  }

  #space(name: string): Namespace {
    const space = this.#spaces.get(name);
    if (space === undefined) throw new Error(`there is no ${name}`);
    return space;
  }

  /** At the switch. */
  port(box: Box): string {
    return this.#ports.get(box) ?? '';
  }
}

export interface RouterText {
  readonly version: 2 | 3;
  readonly interval: string;
  readonly lines?: string;
  readonly addresses?: readonly string[];
}

export function routerText({ version, interval, lines = '', addresses = [`${VIP}/24`] }: RouterText, priority: number) {
  return `vrrp_instance VI_1 {
  interface eth0
  version ${version}
  virtual_router_id 51
  priority ${priority}
  advert_int ${interval}
  ${lines}
  virtual_ipaddress {
    ${addresses.join('\n    ')}
  }
}
`;
}
