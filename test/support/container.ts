/**
 * Runs an image (image.ts) as Docker would: process, mount and network namespaces, a root that is read only, so much memory, no
 * capability but those named, no new privileges, and io_uring refused by seccomp.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './image.ts';
import { processTree } from './proxy-process.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** io_uring_setup, _enter, _register have these numbers on every machine; 1: EPERM. prctl(PR_SET_SECCOMP) has not. */
const REFUSE_IO_URING = `
my @lines = ([0x20,0,0,0],[0x15,3,0,425],[0x15,2,0,426],[0x15,1,0,427],[0x06,0,0,0x7fff0000],[0x06,0,0,0x00050001]);
my $filter = join '', map { pack 'SCCL', @$_ } @lines;
my $program = pack 'S x6 P', scalar @lines, $filter;
syscall(${process.arch === 'arm64' ? 167 : 157}, 22, 2, $program) == 0 or die "seccomp: $!";
exec @ARGV or die "exec: $!";`;
const START = `set -e
layers=$1; own=$2; group=$3; caps=$4; command=$5; shift 5
[ -z "$group" ] || echo 0 > "$group"
mount --make-rprivate /
root=$own/root
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$own/upper,workdir=$own/work" "$root"
mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
while [ "$1" != -- ]; do
  touch "$root/$2"
  mount --bind "$1" "$root/$2"
  shift 2
done
shift
for folder in /run /tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
mount -o remount,ro "$root"
exec chroot "$root" setpriv --bounding-set "$caps" --no-new-privs env -i "$@" sh -c "$command"`;

export interface ContainerOptions {
  readonly image: Image;
  /** Of its own. */
  readonly folder: string;
  /** Prefix that enters its network. */
  readonly network: readonly string[];
  /** As Docker names them: `NET_ADMIN`. */
  readonly capabilities: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Ours → theirs, read only. */
  readonly volumes: readonly (readonly [string, string])[];
  readonly memoryBytes: number;
}

export class Container {
  readonly #child: ChildProcess;
  readonly #options: ContainerOptions;
  readonly #group: string | null;
  output = '';

  constructor(options: ContainerOptions) {
    this.#options = options;
    const { image, folder, network, capabilities, volumes, memoryBytes } = options;
    for (const name of ['root', 'upper', 'work']) mkdirSync(join(folder, name), { recursive: true });
    this.#group = memoryGroup(`tandem-${process.pid}-${folder.replaceAll('/', '-')}`, memoryBytes);
    const caps = ['-all', ...capabilities.map((name) => `+${name.toLowerCase()}`)].join(',');
    const procs = this.#group === null ? '' : join(this.#group, 'cgroup.procs');
    const started = [image.layers.join(':'), folder, procs, caps, image.settings.get('CMD') ?? ''];
    const script = ['sh', '-c', START, 'sh', ...started, ...volumes.flat(), '--', ...this.#environment()];
    const confined = ['perl', '-e', REFUSE_IO_URING, 'unshare', '-m', '-p', '-f', '--kill-child', ...script];
    const [program = '', ...args] = [...network, ...confined];
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
  }

  get hasMemoryLimit(): boolean {
    return this.#group !== null;
  }

  get runs(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Its processes, process 1 first; -1: it has not come so far. */
  get pids(): readonly number[] {
    const tree = processTree(this.#child.pid ?? 0);
    const first = tree.findIndex((pid) => /^NSpid:\t\d+\t1$/m.test(status(pid)));
    return first < 0 ? [-1] : tree.slice(first);
  }

  status(pid: number): string {
    return status(pid);
  }

  /** Another command inside, to its end. */
  run(command: string): { readonly status: number | null; readonly output: string } {
    const enter = ['--target', String(this.pids[0]), '--mount', '--pid', '--net', '--root', '--wd'];
    const all = [...enter, 'env', '-i', ...this.#environment(), 'sh', '-c', command];
    const { status: code, stdout, stderr } = spawnSync('nsenter', all, { encoding: 'utf8' });
    return { status: code, output: `${stdout}${stderr}` };
  }

  /** How it ends after this signal: an exit code, or the name of a signal. */
  async stop(signal: NodeJS.Signals): Promise<number | string | null> {
    const gone = once(this.#child, 'exit');
    if (this.runs) {
      const [first = -1] = this.pids;
      if (first > 0 && signal !== 'SIGKILL') process.kill(first, signal);
      else this.#child.kill('SIGKILL');
      await gone;
    }
    if (this.#group !== null && existsSync(this.#group)) this.#removeGroup(this.#group);
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** Its last processes may be on their way out. */
  #removeGroup(group: string): void {
    try {
      rmdirSync(group);
    } catch {
      // An empty group that is left behind costs nothing.
    }
  }

  #environment(): string[] {
    const { image, environment } = this.#options;
    return [
      `PATH=${PATH}`,
      ...Object.entries({ ...Object.fromEntries(image.environment), ...environment }).map((one) => one.join('=')),
    ];
  }
}

function status(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'latin1');
  } catch {
    return '';
  }
}

/** null: groups cannot be made here. */
function memoryGroup(name: string, bytes: number): string | null {
  for (const [folder, limit] of [
    ['/sys/fs/cgroup', 'memory.max'],
    ['/sys/fs/cgroup/memory', 'memory.limit_in_bytes'],
  ] as const) {
    const group = join(folder, name.slice(0, 200));
    try {
      mkdirSync(group);
      if (!existsSync(join(group, limit))) throw new Error('another version');
      writeFileSync(join(group, limit), String(bytes));
      return group;
    } catch {
      if (existsSync(group)) rmdirSync(group);
    }
  }
  return null;
}
