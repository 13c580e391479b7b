/**
 * The network that the manual speaks of: two boxes, two web servers, a client, on one switch. Each box has an /etc, a /run and a
 * /var/log of its own, so that what a page writes there is gone with it, and `tandem` in its PATH.
 *
 *   client 192.0.2.1 ──┬── lb1 192.0.2.11 ──┬── web1 192.0.2.21:80
 *                      └── lb2 192.0.2.12 ──┴── web2 192.0.2.22:80       (all on eth0 of 192.0.2.0/24)
 */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { programPath } from '../../support/peers.ts';
import type { CommandStep, FileStep } from './page.ts';
import { matches } from './page.ts';

const programs = join(import.meta.dirname, '..', '..', '..', 'dist', 'cli');
const HOSTS: readonly (readonly [string, number])[] = [
  ['client', 1],
  ['lb1', 11],
  ['lb2', 12],
  ['web1', 21],
  ['web2', 22],
];
/** For what takes its time: a start, an election, a check. */
const WITHIN_MS = 30_000;
const COMMAND_MS = 30_000;
const WEB = `const [name] = process.argv.slice(1);
const answer = ({ socket }, a) => a.setHeader('X-Served-At', socket.localAddress.replace('::ffff:', '') + ':' + socket.localPort).end(name + '\\n');
const { createServer } = require('node:http');
createServer(answer).listen(8080, () => createServer(answer).listen(80, () => console.log('ready')));`;
const OWN_FOLDERS = (programs: string) => `set -e
mount -t tmpfs tmpfs /run
mkdir /run/haproxy /run/tandem /run/etc /run/work /run/bin /run/binwork
mount -t overlay overlay -o lowerdir=/etc,upperdir=/run/etc,workdir=/run/work /etc
mkdir -p /etc/haproxy /etc/keepalived
rm -f /etc/haproxy/* /etc/keepalived/* 2>/dev/null || true
mount -t tmpfs tmpfs /var/log
mount -t overlay overlay -o lowerdir=/usr/local/bin,upperdir=/run/bin,workdir=/run/binwork /usr/local/bin
for name in tandem tandem-haproxy tandem-keepalived; do ln -sf ${programs}/$name.js /usr/local/bin/$name; done
mkdir -p /var/lib/haproxy
mount -t tmpfs tmpfs /var/lib/haproxy
echo ready
exec sleep infinity`;

export class ManualBoxes {
  readonly #lab = new NamespaceLab();
  /** The first process of each box. */
  readonly #holders = new Map<string, ChildProcess>();
  readonly #spaces: Namespace[] = [];

  /** `more`: addresses that `web1` has, too; `routes`: networks that are on the same switch. */
  async start({
    more = [],
    routes = [],
  }: {
    more?: readonly string[];
    routes?: readonly string[];
  } = {}): Promise<void> {
    const lab = this.#lab;
    const network = lab.add('switch');
    lab.bridge(network, 'br0', '192.0.2.254/24');
    for (const [name, number] of HOSTS) {
      const box = lab.add(name);
      this.#spaces.push(box);
      lab.link(network, { bridge: 'br0' }, box, `192.0.2.${number}/24`, 'eth0');
      for (const network of routes) lab.run(box, 'ip', 'route', 'add', network, 'dev', 'eth0');
      if (name === 'web1') for (const address of more) lab.run(box, 'ip', 'address', 'add', address, 'dev', 'eth0');
      if (name.startsWith('web')) await lab.start(box, [process.execPath, '-e', WEB, name]);
      else this.#holders.set(name, await this.#holder(box));
    }
  }

  async #holder(box: Namespace): Promise<ChildProcess> {
    const [program = '', ...rest] = [
      ...box.exec,
      'unshare',
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      OWN_FOLDERS(programs),
    ];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#lab.adopt(child);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (String(first).trim() !== 'ready') throw new Error(`a box of its own: ${said}`);
    return child;
  }

  write({ boxes, path, text }: FileStep): void {
    for (const box of boxes) {
      const { status, stdout } = this.#run(box, `mkdir -p '${dirname(path)}' && cat > '${path}'`, text);
      if (status !== 0) throw new Error(`${box}: ${path}: ${stdout}`);
    }
  }

  /** What it says; asked again until that is what the page promises. Without a promise it must succeed. */
  async run(step: CommandStep): Promise<string> {
    const { box, command, expected } = step;
    const endMs = performance.now() + WITHIN_MS;
    for (;;) {
      const { status, stdout: seen } = this.#run(box, command, '');
      if (expected.length === 0 ? status === 0 : matches(expected, seen)) return seen;
      if (expected.length === 0 || performance.now() > endMs)
        throw new Error(
          `line ${step.line}: ${box}: ${command}\n--- promised\n${expected.join('\n')}\n--- seen\n${seen}`,
        );
      await sleep(300);
    }
  }

  #run(box: string, command: string, input: string) {
    const holder = this.#holders.get(box);
    if (holder === undefined) throw new Error(`there is no box '${box}'`);
    const path = ['/usr/local/bin', dirname(process.execPath), process.env['PATH'] ?? '', '/usr/sbin', '/sbin'];
    // In the order in which a terminal would show it.
    return spawnSync('nsenter', ['-t', String(holder.pid), '--mount', '--net', 'bash', '-c', `exec 2>&1\n${command}`], {
      input,
      encoding: 'utf8',
      timeout: COMMAND_MS,
      env: { PATH: path.join(delimiter), HOME: '/root', TERM: 'dumb', NO_COLOR: '1', LANG: 'C.UTF-8' },
      cwd: '/',
    });
  }

  async remove(): Promise<void> {
    for (const box of this.#spaces) endAll(box);
    await this.#lab.remove();
  }
}

/** Everything that a page left running. */
function endAll({ name }: Namespace): void {
  const pids = execFileSync(programPath('ip'), ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
