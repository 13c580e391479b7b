/**
 * What somebody who has broken into the data process could do next: seen from outside (/proc), and tried from inside by a file
 * that is loaded with it (confinement/look-around.mjs).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeAsRoot } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { processTree, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const HOOK = join(import.meta.dirname, 'confinement', 'look-around.mjs');
const KOFFI = import.meta.resolve('koffi');
const SECRET = 'canary-of-the-configuration';
const WITHIN_MS = 60_000;
/** A descriptor that the program gets and knows nothing of. */
const STRAY_FD = 19;

interface LookAround {
  readonly uid: number;
  readonly environment: readonly string[];
  readonly [question: string]: unknown;
}

class Confined {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-confined-'));
  output = '';
  dataPid = 0;
  port = 0;
  #child: ChildProcess | null = null;

  get controlPid(): number {
    return this.#child?.pid ?? 0;
  }

  async start(global: string, server = '127.0.0.1:9'): Promise<void> {
    const port = await freePort();
    this.port = port;
    const file = join(this.folder, 'haproxy.cfg');
    writeFileSync(
      file,
      `# ${SECRET}
global
  nbthread 2
  tune.tandem.spare-process off
${global}
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen web
  bind 127.0.0.1:${port}
  server s ${server}
`,
      { mode: 0o600 },
    );
    // The folder is nobody's to search either: only root's.
    chmodSync(this.folder, 0o700);
    const stray = openSync(file, 'r');
    const stdio: ('ignore' | 'pipe' | number)[] = ['ignore', 'pipe', 'pipe'];
    for (let fd = 3; fd <= STRAY_FD; fd++) stdio.push(stray);
    this.#child = spawn(TANDEM_HAPROXY, ['-db', '-f', file], {
      stdio,
      env: {
        ...process.env,
        NODE_OPTIONS: `--import ${HOOK}`,
        MAIL_PASSWORD: SECRET,
        LC_TANDEM_KOFFI: KOFFI,
        LC_TANDEM_SECRET: file,
        LC_TANDEM_OTHER: String(process.pid),
      },
    });
    closeSync(stray);
    const keep = (text: Buffer): void => {
      this.output += text.toString();
    };
    this.#child.stdout?.on('data', keep);
    this.#child.stderr?.on('data', keep);
    await this.eventually('serving', async () => (await connects(port)) && this.output.includes('limits:'));
    this.dataPid = processTree(this.controlPid)[1] ?? 0;
    // The last thread gives up its rights when the others serve already.
    await this.eventually('confined', () => this.threads().filter(({ CapBnd }) => CapBnd === 0n).length === 3);
  }

  async eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
    const untilMs = Date.now() + WITHIN_MS;
    while (!(await condition())) {
      if (Date.now() > untilMs || this.#child?.exitCode !== null) throw new Error(`not ${what}:\n${this.output}`);
      await sleep(20);
    }
  }

  /** `status` of each thread of the data process. */
  threads(pid = this.dataPid): { readonly [field: string]: bigint }[] {
    const statuses = readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
      present(() => readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1')),
    );
    return statuses.map((status) => {
      const field = (name: string): string => new RegExp(`^${name}:\\s*(\\S+)`, 'm').exec(status)?.[1] ?? '0';
      const masks = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map((name) => [
        name,
        BigInt(`0x${field(name)}`),
      ]);
      const numbers = ['Uid', 'Gid', 'NoNewPrivs', 'Seccomp'].map((name) => [name, BigInt(field(name))]);
      return Object.fromEntries([...masks, ...numbers]);
    });
  }

  /** Without the standard streams. */
  descriptors(pid: number): string[] {
    const fds = readdirSync(`/proc/${pid}/fd`).filter((fd) => Number(fd) > 2);
    return fds.flatMap((fd) => present(() => readlinkSync(`/proc/${pid}/fd/${fd}`)));
  }

  async lookAround(): Promise<LookAround> {
    process.kill(this.dataPid, 'SIGWINCH');
    let found: string | undefined;
    await this.eventually('looked around', () => {
      found = /look-around (\{.*\})\n/.exec(this.output)?.[1];
      return found !== undefined;
    });
    return JSON.parse(found ?? '') as LookAround;
  }

  async stop(): Promise<void> {
    if (this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null) {
      const gone = once(this.#child, 'close');
      this.#child.kill('SIGTERM');
      await gone;
    }
    rmSync(this.folder, { recursive: true });
  }
}

/** What may have gone between the listing and the reading. */
function present(read: () => string): string[] {
  try {
    return [read()];
  } catch {
    return [];
  }
}

const NOTHING = { CapInh: 0n, CapPrm: 0n, CapEff: 0n, CapAmb: 0n };
const CLOSED = {
  config: 'EPERM',
  passwd: 'EPERM',
  status: 'EPERM',
  memory: 'EPERM',
  folder: 'EPERM',
  written: 'EPERM',
  program: 'EPERM',
  libc: -1,
  netlink: -1,
  signalled: 'EPERM',
  listened: 'EPERM',
};

const CASES = [
  { name: 'nobody configured a user', global: '', server: '127.0.0.1:9', uid: 65_534 },
  {
    name: 'in a chroot, with epoll',
    global: '  uid 65530\n  gid 65530\n  chroot /usr\n  tune.tandem.poller epoll',
    server: '127.0.0.1:9',
    uid: 65_530,
  },
  { name: 'root on purpose', global: '  user root', server: '127.0.0.1:9', uid: 0 },
  { name: 'root, as a server is a unix socket', global: '', server: '/nonexistent/app.sock', uid: 0 },
] as const;

for (const { name, global, server, uid } of CASES) {
  describeAsRoot(`a data process (${name})`, () => {
    const confined = new Confined();
    beforeAll(() => confined.start(global, server), 2 * WITHIN_MS);
    afterAll(() => confined.stop(), WITHIN_MS);

    it('has no capability, gains none, and its calls are filtered, in every thread', () => {
      const threads = confined.threads();
      expect(threads.length).toBeGreaterThan(3);
      for (const thread of threads) expect(thread).toMatchObject({ Uid: BigInt(uid), NoNewPrivs: 1n, Seccomp: 2n });
      // The main thread and the two that serve; those of Node keep root's capabilities if they stay root, and the filter.
      const own = threads.filter(({ CapBnd }) => CapBnd === 0n);
      expect(own).toHaveLength(3);
      for (const thread of uid === 0 ? own : threads) expect(thread).toMatchObject(NOTHING);
    });

    it('has the descriptors that it needs and no others', async () => {
      // Whoever asked whether it serves has left.
      const sockets = (): string[] =>
        confined.descriptors(confined.dataPid).filter((target) => target.startsWith('socket:'));
      await confined.eventually('without clients', () => sockets().length <= 3);
      const listening = new Set(
        confined.descriptors(confined.controlPid).filter((target) => target.startsWith('socket:')),
      );
      const found = confined.descriptors(confined.dataPid);
      expect(found.filter((target) => target.startsWith('/') && target !== '/dev/null')).toEqual([
        '/memfd:tandem (deleted)',
      ]);
      // A listening socket for each thread, which control has, too, and the channel to control.
      expect(found.filter((target) => listening.has(target))).toHaveLength(2);
      expect(sockets()).toHaveLength(3);
      expect(found.join()).not.toContain(confined.folder);
    });

    it('leaves listening to control, which listens where the file says and nowhere else', () => {
      const inodes = new Set(
        confined.descriptors(confined.controlPid).map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1]),
      );
      const listening = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((table) =>
        readFileSync(`/proc/net/${table}`, 'latin1')
          .split('\n')
          .slice(1)
          .map((line) => line.trim().split(/\s+/))
          .filter(
            ([, , , state = '', , , , , , inode]) =>
              state !== '' && inodes.has(inode) && (state === '0A' || table.startsWith('udp')),
          )
          .map(([, address = '']) => `${table} ${Number.parseInt(address.split(':')[1] ?? '', 16)}`),
      );
      expect(new Set(listening)).toEqual(new Set([`tcp ${confined.port}`]));
    });

    it('reaches no file, no program, no other process and no new socket to listen on, from inside', async () => {
      const found = await confined.lookAround();
      expect(found).toMatchObject({ ...CLOSED, uid });
      expect(found['unix'] === -1).toBe(server.startsWith('127'));
      if (uid !== 0) expect(found['root']).toBe('EPERM');
      expect(JSON.stringify(found)).not.toContain(SECRET);
    });

    it('has an environment without passwords', () => {
      const environment = readFileSync(`/proc/${confined.dataPid}/environ`, 'latin1');
      expect(environment).toContain('NODE_OPTIONS');
      expect(environment).not.toContain(SECRET);
      expect(environment).not.toContain('PATH=');
    });

    it('is not to be looked into by others of its user, and stands in the root folder', () => {
      expect(readlinkSync(`/proc/${confined.dataPid}/cwd`)).toBe(global.includes('chroot') ? '/usr' : '/');
      expect(statSync(`/proc/${confined.dataPid}/environ`).uid).toBe(0);
    });
  });
}
