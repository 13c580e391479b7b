/**
 * Network namespaces for tests that need addresses of their own. Every name carries the pid of the test process, so two
 * runs do not meet; `remove` ends what was started inside and deletes all of it.
 *
 * Needs root: suites ask for it by describeWithPeer(['netns', 'ip'], …).
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { programPath } from './peers.ts';

const UP_WITHIN_MS = 60_000;

export interface Namespace {
  readonly name: string;
  /** Prefix of a command that runs inside. */
  readonly exec: readonly string[];
}

export class NamespaceLab {
  readonly #prefix = `tdm${process.pid}`;
  readonly #names: string[] = [];
  readonly #processes = new Set<ChildProcess>();
  #links = 0;

  /**
   * A namespace whose loopback is up. `hasDad`: for its first seconds an interface has no link-local address, and without one
   * the kernel asks for no neighbour's MAC address on behalf of what it forwards.
   */
  add(label: string, { hasDad = true } = {}): Namespace {
    const name = `${this.#prefix}-${label}`;
    // Of a test that was killed, and whose pid came again.
    if (existsSync(`/run/netns/${name}`)) this.#ip('netns', 'delete', name);
    this.#ip('netns', 'add', name);
    this.#names.push(name);
    this.#ip('-n', name, 'link', 'set', 'lo', 'up');
    const space = { name, exec: [programPath('ip'), 'netns', 'exec', name] };
    if (!hasDad)
      this.run(space, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.all.accept_dad=0');
    return space;
  }

  /**
   * A cable between two namespaces; an address such as `10.0.0.10/24`, or a bridge to plug that end into. Returns the name
   * of the interface at `a`.
   */
  link(
    a: Namespace,
    aEnd: { address?: string; bridge?: string },
    b: Namespace,
    bAddress: string,
    bName = `tb${this.#links}`,
  ): string {
    const aName = `ta${this.#links++}`;
    this.#ip('-n', a.name, 'link', 'add', aName, 'type', 'veth', 'peer', 'name', bName, 'netns', b.name);
    if (aEnd.address !== undefined) this.#ip('-n', a.name, 'addr', 'add', aEnd.address, 'dev', aName);
    if (aEnd.bridge !== undefined) this.#ip('-n', a.name, 'link', 'set', aName, 'master', aEnd.bridge);
    this.#ip('-n', b.name, 'addr', 'add', bAddress, 'dev', bName);
    this.#ip('-n', a.name, 'link', 'set', aName, 'up');
    this.#ip('-n', b.name, 'link', 'set', bName, 'up');
    this.#untilUp(a, aName);
    this.#untilUp(b, bName);
    return aName;
  }

  bridge(inside: Namespace, name: string, address: string): void {
    this.#ip('-n', inside.name, 'link', 'add', name, 'type', 'bridge');
    this.#ip('-n', inside.name, 'addr', 'add', address, 'dev', name);
    this.#ip('-n', inside.name, 'link', 'set', name, 'up');
  }

  /** Runs a command inside, to its end. */
  run(inside: Namespace, ...command: string[]): string {
    const [program = '', ...rest] = [...inside.exec, ...command];
    return execFileSync(program, rest, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }

  /** Will be ended with the lab, if it has not ended by then. */
  adopt(child: ChildProcess): void {
    this.#processes.add(child);
  }

  /** Starts a command inside; resolves with its first output, rejects if it ends without any. */
  async start(inside: Namespace, command: readonly string[]): Promise<ChildProcess> {
    const [program = '', ...rest] = [...inside.exec, ...command];
    const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.add(child);
    const said = await Promise.race([once(child.stdout, 'data'), once(child, 'exit').then(() => null)]);
    if (said === null) throw new Error(`it ended at once: ${command.join(' ')}`);
    return child;
  }

  async end(child: ChildProcess): Promise<void> {
    this.#processes.delete(child);
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    for (const child of [...this.#processes]) await this.end(child);
    for (const name of this.#names.splice(0)) {
      endAll(name);
      this.#ip('netns', 'delete', name);
    }
  }

  /** Until then it drops what is sent; the kernel takes seconds where many interfaces come and go. */
  #untilUp({ name }: Namespace, device: string): void {
    const endMs = performance.now() + UP_WITHIN_MS;
    while (!this.#ip('-n', name, '-oneline', 'link', 'show', 'dev', device).includes(' state UP '))
      if (performance.now() > endMs) throw new Error(`${device} of ${name} does not come up`);
  }

  #ip(...args: string[]): string {
    return execFileSync(programPath('ip'), args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
}

/** Everything that runs in a namespace: a program that was killed may have left others, with which the namespace would stay. */
function endAll(name: string): void {
  const pids = execFileSync(programPath('ip'), ['netns', 'pids', name], { encoding: 'utf8' });
  for (const pid of pids.split('\n').filter(Boolean)) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
}
