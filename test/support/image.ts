/**
 * Builds the Dockerfile without Docker: each stage is a folder, its base is Debian by debootstrap (kept for the next time) with
 * this machine's Node where the image has one, COPY copies, RUN runs in it by chroot. Needs root, and Debian's mirror.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { contextFiles, readDockerfile, type Stage, type Step } from './dockerfile.ts';
import { programPath } from './peers.ts';

const PROJECT = join(import.meta.dirname, '..', '..');
const SUITE = 'bookworm';
const MIRROR = 'http://deb.debian.org/debian';
const MINUTES_MS = 60_000;

/** In a mount namespace of its own: the layers of $1 as $2, and what a program needs around it. */
const ENTER = `set -e
mount --make-rprivate /
layers=$1; root=$2; upper=$3; shift 3
mount -t overlay overlay -o "lowerdir=$layers,upperdir=$upper/upper,workdir=$upper/work" "$root"
`;
const AROUND = `mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind /etc/resolv.conf "$root/etc/resolv.conf"
`;
const RUN = `${ENTER}${AROUND}mkdir -p "$root/root/.npm"
mount --bind "$1" "$root/root/.npm"
if [ -n "$NODE_EXTRA_CA_CERTS" ]; then
  folder=$(dirname "$NODE_EXTRA_CA_CERTS")
  mkdir -p "$root/$folder"
  mount --bind "$folder" "$root/$folder"
fi
export npm_config_audit=false npm_config_prefer_offline=true npm_config_update_notifier=false
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
exec chroot "$root" sh -c "mkdir -p '$2'; cd '$2'; $3"`;
/** From folders on this side. */
const COPY = `${ENTER}target=$1; shift
for source; do
  if [ -d "$source" ]; then mkdir -p "$root/$target"; cp -a "$source/." "$root/$target/"
  else case "$target" in */|*/.) mkdir -p "$root/$target";; *) mkdir -p "$(dirname "$root/$target")";; esac
    cp -a "$source" "$root/$target"
  fi
done`;

interface Built {
  readonly stage: Stage;
  readonly layers: readonly string[];
  readonly root: string;
  readonly folder: string;
  readonly environment: Map<string, string>;
}

export interface Image {
  /** For lowerdir=, the topmost first. */
  readonly layers: readonly string[];
  readonly environment: ReadonlyMap<string, string>;
  readonly settings: ReadonlyMap<string, string>;
}

export function buildImage(folder: string): Image {
  const base = debian();
  const node = nodeLayer(join(folder, 'node'));
  const context = join(folder, 'context');
  for (const name of contextFiles(readFileSync(join(PROJECT, '.dockerignore'), 'utf8'))) {
    cpSync(join(PROJECT, name), join(context, name), { recursive: true });
  }
  const done = new Map<string, Built>();
  let last: Built | null = null;
  for (const [i, stage] of readDockerfile(readFileSync(join(PROJECT, 'Dockerfile'), 'utf8')).entries()) {
    const own = join(folder, `stage${i}`);
    for (const name of ['root', 'upper', 'work']) mkdirSync(join(own, name), { recursive: true });
    const layers = stage.from.startsWith('node:') ? [node, base] : [base];
    last = { stage, layers, root: join(own, 'root'), folder: own, environment: new Map() };
    for (const step of stage.steps) carryOut(step, last, context, done);
    done.set(stage.name, last);
  }
  if (last === null) throw new Error('there is no stage');
  const { environment, stage } = last;
  return { layers: [join(last.folder, 'upper'), ...last.layers], environment, settings: stage.settings };
}

function carryOut(step: Step, built: Built, context: string, done: ReadonlyMap<string, Built>): void {
  const { layers, root, folder, environment } = built;
  const where = [layers.join(':'), root, folder];
  switch (step.kind) {
    case 'env':
      environment.set(step.name, step.value);
      return;
    case 'run':
      inMounts(RUN, [...where, npmCache(), step.folder, step.script]);
      return;
    case 'copy': {
      const from = step.stage === null ? null : done.get(step.stage);
      // What a stage has made is in its upper layer, but for the Node that it began with.
      const folders = from === null ? [context] : [join(from?.folder ?? '', 'upper'), ...(from?.layers ?? [])];
      const sources = step.sources.map((source) => {
        const found = folders.map((one) => join(one, source)).find((path) => existsSync(path));
        if (found === undefined) throw new Error(`COPY: there is no ${source}`);
        return found;
      });
      inMounts(COPY, [...where, step.target, ...sources]);
    }
  }
}

function inMounts(script: string, args: readonly string[]): void {
  must(['unshare', '-m', 'sh', '-c', script, 'sh', ...args], 5 * MINUTES_MS);
}

function must(command: readonly string[], timeout: number): string {
  const [program = '', ...args] = command;
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', timeout });
  if (status !== 0) throw new Error(`${command.join(' ')}: ${error?.message ?? status}\n${stdout}\n${stderr}`);
  return stdout;
}

/** Debian's minimal system; from the last time, if it was root's. */
function debian(): string {
  const kept = join(tmpdir(), `tandem-debian-${SUITE}`);
  if (existsSync(kept) && statSync(kept).uid === 0) return join(kept, 'root');
  const fresh = mkdtempSync(join(tmpdir(), 'tandem-debootstrap-'));
  chmodSync(fresh, 0o755);
  must([programPath('debootstrap'), '--variant=minbase', SUITE, join(fresh, 'root'), MIRROR], 10 * MINUTES_MS);
  renameSync(fresh, kept);
  return join(kept, 'root');
}

/** What node:22 has beyond Debian. */
function nodeLayer(layer: string): string {
  const npm = join(must(['npm', 'root', '--global'], MINUTES_MS).trim(), 'npm');
  mkdirSync(join(layer, 'usr/local/bin'), { recursive: true });
  cpSync(process.execPath, join(layer, 'usr/local/bin/node'), { dereference: true });
  cpSync(npm, join(layer, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(layer, 'usr/local/bin/npm'));
  return layer;
}

/** So that what was downloaded once is not asked for again. */
function npmCache(): string {
  const cache = resolve(must(['npm', 'config', 'get', 'cache'], MINUTES_MS).trim());
  mkdirSync(cache, { recursive: true });
  return cache;
}
