/**
 * A machine to install on: its /etc is this machine's with a layer of its own, /run and /var/lib are empty, all else is as here; in it the project
 * is at /etc/tandem-lb and Node at /etc/node. Programs in its first folder of PATH are written by the test; each call of one is
 * kept. Needs root and mount namespaces.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..', '..');
const MOUNT = `set -e
mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/etc,workdir=$1/work" /etc
mount --bind "$2" /etc/node
mount --bind "$3" /etc/tandem-lb
mount --bind "$1/run" /run
mount --bind "$1/varlib" /var/lib
shift 3
exec "$@"`;

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-sandbox-'));
  readonly #prefix: readonly string[];

  /** `prefix`: of every command, such as `ip netns exec NAME`. */
  constructor(prefix: readonly string[]) {
    this.#prefix = prefix;
    for (const name of ['work', 'etc/tandem-lb', 'etc/fake', 'run/systemd/system', 'varlib']) {
      mkdirSync(join(this.folder, name), { recursive: true });
    }
    writeFileSync(join(this.folder, 'etc/node'), '');
  }

  /** A file of its own layer, by its path inside. */
  real(path: string): string {
    return join(this.folder, path.replace(/^\/var\/lib\//, '/varlib/'));
  }

  put(path: string, text: string): void {
    mkdirSync(join(this.real(path), '..'), { recursive: true });
    writeFileSync(this.real(path), text);
  }

  has(path: string): boolean {
    return existsSync(this.real(path));
  }

  /** A program that writes down its call and then does this. */
  fake(name: string, body = ''): void {
    this.put(`/etc/fake/${name}`, `#!/bin/sh\necho "${name} $*" >> /etc/fake/log\n${body}\n`);
    chmodSync(this.real(`/etc/fake/${name}`), 0o755);
  }

  /** What was called since the last time. */
  calls(): readonly string[] {
    const log = this.real('/etc/fake/log');
    if (!existsSync(log)) return [];
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    rmSync(log);
    return lines;
  }

  run(...command: readonly string[]): Outcome {
    const mounted = ['unshare', '-m', 'sh', '-c', MOUNT, 'sh', this.folder, process.execPath, PROJECT, ...command];
    const [program = '', ...args] = [...this.#prefix, ...mounted];
    const env = { ...process.env, PATH: `/etc/fake:${process.env['PATH'] ?? '/usr/bin'}` };
    return spawnSync(program, args, { encoding: 'utf8', env });
  }

  tandem(...args: readonly string[]): Outcome {
    return this.run('/etc/node', '/etc/tandem-lb/dist/cli/tandem.js', ...args);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
