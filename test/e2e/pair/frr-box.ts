/**
 * FRR on a box of the lab: vrrpd, the routers, which the tests start and end; and zebra, which carries out what they want.
 *
 * vrrpd always speaks from the virtual MAC, on macvlans that somebody else has to make. It takes their carrier away while it
 * is backup (protodown), the addresses stay on them. Who answers for an address is therefore a question about carrier.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { programPath } from '../../support/peers.ts';
import type { Box, PairLab } from './pair-lab.ts';

/** FRR tells the families of one VRID apart by itself. */
export interface FrrRouter {
  readonly vrid: number;
  readonly version: 2 | 3;
  readonly intervalMs: number;
  /** With its mask. */
  readonly address: string;
}

/** Without them the base interface answers ARP for addresses that rest on a macvlan without carrier. */
const SETTINGS = ['eth0.arp_ignore=1', 'eth0.arp_filter=1', 'all.rp_filter=0', 'eth0.rp_filter=0'];

export class FrrBox {
  readonly #lab: PairLab;
  readonly #box: Box;
  readonly #folder: string;
  #links: readonly string[] = [];
  #vrrpd: ChildProcess | null = null;
  #output = '';

  constructor(lab: PairLab, box: Box) {
    this.#lab = lab;
    this.#box = box;
    this.#folder = join(lab.folder, `frr-${box}`);
  }

  /** `routers`: all that will ever run there. */
  async prepare(routers: readonly FrrRouter[]): Promise<void> {
    // Its daemons give up root, and then want to write here.
    mkdirSync(this.#folder);
    for (const folder of [this.#lab.folder, this.#folder]) chmodSync(folder, 0o777);
    this.#run('sysctl', '-qw', ...SETTINGS.map((setting) => `net.ipv4.conf.${setting}`));
    for (const router of routers) this.#addLink(router);
    this.#links = routers.map(linkOf);
    let said = '';
    const zebra = this.#start('zebra', 'hostname zebra\n', (text) => {
      said += text;
    });
    await this.#lab.eventually('zebra starts', () => said.includes(' starting') || zebra.exitCode !== null, 5000);
    if (zebra.exitCode !== null) throw new Error(`zebra ended: ${said}`);
  }

  /** Resolves when they all listen. */
  async start(routers: readonly FrrRouter[], priority: number): Promise<void> {
    const lines = routers.flatMap(({ vrid, version, intervalMs, address }) => [
      ` vrrp ${vrid} version ${version}`,
      ` vrrp ${vrid} priority ${priority}`,
      ` vrrp ${vrid} advertisement-interval ${intervalMs}`,
      ` vrrp ${vrid} ${address.includes(':') ? 'ipv6' : 'ip'} ${ipOf(address)}`,
    ]);
    const text = ['hostname vrrpd', 'debug vrrp', 'interface eth0', ...lines, ''].join('\n');
    this.#output = '';
    this.#vrrpd = this.#start('vrrpd', text, (said) => {
      this.#output += said;
    });
    const listen = () => routers.every((router) => this.states(router)[0] === 'Backup');
    await this.#lab.eventually('vrrpd starts', listen, 5000);
  }

  signal(signal: NodeJS.Signals): void {
    this.#vrrpd?.kill(signal);
  }

  /** Ended, and none of its addresses answers. */
  async stop(): Promise<void> {
    const vrrpd = this.#vrrpd;
    this.#vrrpd = null;
    if (vrrpd !== null && vrrpd.exitCode === null && vrrpd.signalCode === null) {
      vrrpd.kill('SIGTERM');
      await once(vrrpd, 'exit');
    }
    for (const link of this.#links) this.#run('ip', 'link', 'set', link, 'protodown', 'on');
  }

  /** As it has gone through them: `Backup`, `Master`, `Initialize`. */
  states({ vrid, address }: FrrRouter): readonly string[] {
    const pattern = new RegExp(`\\[VRID ${vrid}\\] \\[IPv${address.includes(':') ? 6 : 4}\\] \\w+ -> (\\w+)$`, 'gm');
    return [...this.#output.matchAll(pattern)].map(([, state = '']) => state);
  }

  /** What it did not take of us. */
  get complaints(): readonly string[] {
    return this.#output.split('\n').filter((line) => /Datagram invalid|Bad /.test(line));
  }

  /** Whether its box answers for the address, whatever vrrpd thinks. */
  holds(router: FrrRouter): boolean {
    return this.#run('ip', '-o', 'link', 'show', linkOf(router)).includes('LOWER_UP');
  }

  #addLink(router: FrrRouter): void {
    const { vrid, address } = router;
    const link = linkOf(router);
    const six = address.includes(':');
    const mac = `00:00:5e:00:0${six ? 2 : 1}:${vrid.toString(16).padStart(2, '0')}`;
    this.#run('ip', 'link', 'add', link, 'link', 'eth0', 'address', mac, 'type', 'macvlan', 'mode', 'bridge');
    this.#run('ip', 'addr', 'add', address, 'dev', link, ...(six ? ['nodad'] : []));
    this.#run('ip', 'link', 'set', link, 'protodown', 'on');
    this.#run('ip', 'link', 'set', link, 'up');
  }

  #start(program: 'zebra' | 'vrrpd', config: string, say: (text: string) => void): ChildProcess {
    const path = (name: string) => join(this.#folder, name);
    const file = path(`${program}.conf`);
    rmSync(file, { force: true });
    writeFileSync(file, config, { mode: 0o644 });
    const sockets = ['--vty_socket', this.#folder, '-P', '0', '-z', path('zserv.api')];
    const logs = ['--log', 'stdout', '--log-level', 'debug'];
    const daemon = join(dirname(programPath('vrrpd')), program);
    const child = this.#lab.spawn(this.#box, daemon, ...sockets, '-i', path(`${program}.pid`), '-f', file, ...logs);
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => say(chunk.toString()));
    return child;
  }

  #run(...command: string[]): string {
    return this.#lab.run(this.#box, ...command);
  }
}

function linkOf({ vrid, address }: FrrRouter): string {
  return `vrrp${address.includes(':') ? 6 : 4}-${vrid}`;
}

function ipOf(address: string): string {
  return address.split('/')[0] ?? '';
}
