/** Tandem started by systemd on the first connection to a socket that systemd listens on (systemd-socket-activate). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { processTree } from '../support/proxy-process.ts';

const PROGRAMS = join(import.meta.dirname, '..', '..', 'dist', 'cli');
const PATIENCE_MS = 60_000;
vi.setConfig({ testTimeout: 3 * PATIENCE_MS });

let folder: string;
let config: string;
let web: number;
let server: Server;
const started: ChildProcess[] = [];
let said = '';
const lab = new NamespaceLab();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-activation-'));
  config = join(folder, 'haproxy.cfg');
  web = await freePort();
  said = '';
  server = createServer((_request, response) => response.end('hi'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    const below = processTree(child.pid ?? 0);
    if (child.exitCode === null && child.signalCode === null) {
      const gone = once(child, 'exit');
      child.kill('SIGTERM');
      await gone;
    }
    await until('nobody is left', () => below.every((pid) => !existsSync(`/proc/${pid}/exe`)));
  }
  server.close();
  await lab.remove();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}\n${said}`);
    await sleep(10);
  }
}

function writeConfig(bind: string, global = ''): void {
  const backend = (server.address() as AddressInfo).port;
  writeFileSync(
    config,
    `global
 ${global}
defaults
 mode http
 timeout connect 60s
 timeout client 60s
 timeout server 60s
listen web
 bind ${bind}
 server s 127.0.0.1:${backend}
`,
  );
}

/** Listens at all of these, and starts the command when somebody comes; returns when it listens. */
async function activate(
  addresses: readonly string[],
  command: readonly string[],
  inside: readonly string[] = [],
): Promise<ChildProcess> {
  const listen = addresses.flatMap((address) => ['-l', address]);
  const names = addresses.map((_, i) => `socket${i}`).join(':');
  const activator = [programPath('systemd-socket-activate'), ...listen, `--fdname=${names}`];
  const [program = '', ...args] = [...inside, ...activator, process.execPath, ...command];
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  await until('it listens', () => said.split('Listening on').length > addresses.length);
  return child;
}

async function ask(): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${web}/`, { headers: { connection: 'close' } });
  return answer.text();
}

async function tell(path: string, command: string): Promise<string> {
  const socket = connect(path);
  socket.end(`${command}\n`);
  let answer = '';
  for await (const chunk of socket) answer += chunk;
  return answer;
}

/** The sockets of a process that listen on the port of the web. */
function socketsAtWeb(): string[] {
  const port = `:${web.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .filter((line) => line.includes(`${port} 00000000:0000 0A`));
}

describeWithPeer('systemd-socket-activate', 'socket activation', () => {
  it('the client who made it start is answered; a reload keeps the sockets; what is not wanted is closed', async () => {
    const [stats, unwanted] = [join(folder, 'stats.sock'), join(folder, 'unwanted.sock')];
    writeConfig(`127.0.0.1:${web}`, `nbthread 2\n stats socket ${stats} level admin`);
    await activate([`127.0.0.1:${web}`, stats, unwanted], [join(PROGRAMS, 'tandem.js'), 'run', '-f', config]);
    expect(await ask()).toBe('hi');
    await until('it speaks of the third', () =>
      said.includes(`descriptor 5 (socket2, ${unwanted}) was passed to this process, but no 'bind'`),
    );
    expect(socketsAtWeb().length).toBe(1);
    expect(await tell(stats, 'show version')).toMatch(/tandem/);
    writeConfig(`127.0.0.1:${web}`, `stats socket ${stats} level operator\n stats timeout 20s`);
    expect(await tell(stats, 'reload')).not.toContain('error');
    expect(await ask()).toBe('hi');
    // It is another socket for us, with other rights, on the same descriptor.
    await until('the new one answers', async () => /Permission denied/.test(await tell(stats, 'reload')));
    expect(socketsAtWeb().length).toBe(1);
    expect(existsSync(stats)).toBe(true);
  });

  it('tandem-haproxy takes them by number, in the background too', async () => {
    const [pidFile, stats] = [join(folder, 'pid'), join(folder, 'stats.sock')];
    writeConfig('fd@3', `daemon\n pidfile ${pidFile}\n stats socket fd@4`);
    const child = await activate([`127.0.0.1:${web}`, stats], [join(PROGRAMS, 'tandem-haproxy.js'), '-f', config]);
    const gone = once(child, 'exit');
    expect(await ask()).toBe('hi');
    expect((await gone)[0]).toBe(0);
    expect(await tell(stats, 'show info')).toMatch(/^Name: /);
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const tree = processTree(pid);
    process.kill(pid, 'SIGTERM');
    await until('nobody is left', () => tree.every((one) => !existsSync(`/proc/${one}/exe`)));
    expect(existsSync(stats)).toBe(true);
  });
});

describeWithPeer(['systemd-socket-activate', 'root', 'netns', 'ip'], 'socket activation', () => {
  it('a pair alone takes those of its stats sockets, and has no use for others', async () => {
    const [path, stats] = [join(folder, 'some.sock'), join(folder, 'stats.sock')];
    const conf = join(folder, 'keepalived.conf');
    const box = lab.add('box');
    lab.bridge(box, 'eth7', '10.9.8.1/24');
    writeFileSync(
      conf,
      'vrrp_instance V {\n interface eth7\n virtual_router_id 1\n virtual_ipaddress {\n 10.9.8.7/24\n }\n}\n'.concat(
        `tandem {\n socket ${stats}\n}\n`,
      ),
    );
    const command = [join(PROGRAMS, 'tandem-keepalived.js'), '-n', '-l', '-f', conf, '-p', join(folder, 'pid')];
    const child = await activate([path, stats], command, box.exec);
    connect(path).on('error', () => {});
    await until('it says so', () => said.includes(`descriptor 3 (socket0, ${path}) was passed to this process`));
    expect(await tell(stats, 'show version')).toMatch(/tandem/);
    expect(said).not.toContain('descriptor 4');
    expect(child.exitCode).toBe(null);
  });
});
