/**
 * A box in a network namespace with an /etc, a /run and a /var/log of its own, so that what is written there is gone with it,
 * and the built programs in its PATH.
 */
import { type ChildProcess, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { delimiter, dirname, join } from 'node:path';
import type { Namespace, NamespaceLab } from './namespaces.ts';

const programs = join(import.meta.dirname, '..', '..', 'dist', 'cli');
const COMMAND_MS = 30_000;
const OWN_FOLDERS = `set -e
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

export class OwnBox {
  readonly space: Namespace;
  /** Its first process. */
  readonly #holder: ChildProcess;

  private constructor(space: Namespace, holder: ChildProcess) {
    this.space = space;
    this.#holder = holder;
  }

  static async open(lab: NamespaceLab, space: Namespace): Promise<OwnBox> {
    const own = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', OWN_FOLDERS];
    const [program = '', ...rest] = [...space.exec, ...own];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    lab.adopt(child);
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const [first] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    if (String(first).trim() !== 'ready') throw new Error(`a box of its own: ${said}`);
    return new OwnBox(space, child);
  }

  /** Prefix of a command that runs inside; a process that is started by it has that command's pid. */
  get exec(): readonly string[] {
    return ['nsenter', '-t', String(this.#holder.pid), '--mount', '--net'];
  }

  get env(): NodeJS.ProcessEnv {
    const path = ['/usr/local/bin', dirname(process.execPath), process.env['PATH'] ?? '', '/usr/sbin', '/sbin'];
    return { PATH: path.join(delimiter), HOME: '/root', TERM: 'dumb', NO_COLOR: '1', LANG: 'C.UTF-8' };
  }

  /** A line of the shell, to its end. What it says is in the order in which a terminal would show it. */
  run(command: string, input = ''): SpawnSyncReturns<string> {
    const [program = '', ...rest] = [...this.exec, 'bash', '-c', `exec 2>&1\n${command}`];
    return spawnSync(program, rest, { input, encoding: 'utf8', timeout: COMMAND_MS, env: this.env, cwd: '/' });
  }

  write(path: string, text: string): void {
    const { status, stdout } = this.run(`mkdir -p '${dirname(path)}' && cat > '${path}'`, text);
    if (status !== 0) throw new Error(`${path}: ${stdout}`);
  }
}
