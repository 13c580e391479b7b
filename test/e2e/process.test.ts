/** tandem-haproxy as a process: pids, files, signals, exits, crashes. What haproxy 2.6 does is in the expectations. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { processTree, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ScriptedServer } from '../support/scripted-server.ts';

let folder: string;
let port: number;
let config: string;
let server: ScriptedServer;
const started: ChildProcess[] = [];
/** Background processes are nobody's children. */
const adopted: number[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-process-'));
  port = await freePort();
  server = await ScriptedServer.start({ bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi' });
  config = join(folder, 'haproxy.cfg');
  writeConfig('');
});
afterEach(async () => {
  for (const child of started.splice(0))
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  for (const pid of adopted.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  await server.stop();
  rmSync(folder, { recursive: true });
});

function writeConfig(global: string): void {
  writeFileSync(
    config,
    `global
${global}
defaults
  mode http
  timeout connect 1s
  timeout client 10s
  timeout server 10s
listen web
  bind 127.0.0.1:${port}
  bind ${folder}/web.sock
  server s 127.0.0.1:${server.port}
`,
  );
}

const isAlive = (pid: number): boolean => {
  try {
    // A zombie has ended; somebody has yet to look.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
};

/** The inodes of the sockets that listen on the port; one that several processes have is there once. */
function listeningInodes(): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readFileSync('/proc/net/tcp', 'latin1')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1] === `0100007F:${hexPort}` && fields[3] === '0A')
    .map((fields) => fields[9] ?? '');
}

async function eventually(what: string, condition: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const untilMs = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > untilMs) throw new Error(`not within ${withinMs} ms: ${what}`);
    await sleep(20);
  }
}

async function start(...args: string[]): Promise<ChildProcess> {
  const child = spawn(TANDEM_HAPROXY, [...args, '-f', config], { stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  await eventually('serving', () => connects(port));
  // The pid file comes after the listeners.
  await eventually('ready', () => processTree(child.pid ?? 0).length > 1 && existsSync(join(folder, 'web.sock')));
  await eventually('answering', async () => (await fetchStatus()) === 200);
  return child;
}

/** On a connection of its own. */
function fetchStatus(path = '/'): Promise<number> {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', () => resolve(0));
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<{ how: string; tookMs: number }> {
  const beganMs = Date.now();
  // 'close': nobody holds its stdout any more.
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
  return { how: child.signalCode ?? String(child.exitCode), tookMs: Date.now() - beganMs };
}

describe('signals', () => {
  it.each([
    ['-db', 'SIGTERM', 'SIGTERM'],
    ['-db', 'SIGINT', 'SIGINT'],
    ['-d', 'SIGINT', 'SIGINT'],
    ['-W', 'SIGTERM', '0'],
    ['-W', 'SIGINT', '130'],
    ['-db', 'SIGUSR1', '0'],
    ['-W', 'SIGUSR1', '0'],
  ] as const)('%s, %s: ends with %s, within a second, with every child', async (mode, signal, how) => {
    const child = await start(mode);
    const tree = processTree(child.pid ?? 0);
    expect(tree.length).toBeGreaterThan(1);
    const ended = await end(child, signal);
    expect(ended.how).toBe(how);
    expect(ended.tookMs).toBeLessThan(1000);
    expect(tree.filter(isAlive)).toEqual([]);
    expect(existsSync(join(folder, 'web.sock'))).toBe(false);
  });

  it('a soft stop finishes what is under way and takes nothing new', async () => {
    const child = await start('-db');
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\n');
    await sleep(100);
    child.kill('SIGUSR1');
    await eventually('refusing', async () => !(await connects(port)));
    socket.write('Host: x\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toContain('200 OK');
    socket.destroy();
    await eventually('ended', () => child.exitCode !== null);
    expect(child.exitCode).toBe(0);
  });

  it('hard-stop-after bounds a soft stop', async () => {
    writeConfig('  hard-stop-after 300ms');
    const child = await start('-db');
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    await once(socket, 'connect');
    socket.write('GET / HTTP/1.1\r\n');
    await sleep(100);
    const ended = await end(child, 'SIGUSR1');
    expect(ended.tookMs).toBeGreaterThan(250);
    expect(ended.tookMs).toBeLessThan(1500);
    socket.destroy();
  });
});

describe('a crash of the data process', () => {
  it('is answered by a new one on the same sockets; a client in between only waits', async () => {
    const child = await start('-db');
    const [, first = 0] = processTree(child.pid ?? 0);
    process.kill(first, 'SIGKILL');
    expect(await fetchStatus()).toBe(200);
    const [, second = 0] = processTree(child.pid ?? 0);
    expect(second).not.toBe(first);
    expect(child.exitCode).toBeNull();
  });

  it('control that dies takes the data process with it', async () => {
    const child = await start('-db');
    const [, data = 0] = processTree(child.pid ?? 0);
    child.kill('SIGKILL');
    await eventually('the data process has ended', () => !isAlive(data), 3000);
  });
});

describe('the background', () => {
  const pidFile = () => join(folder, 'pid');
  const backgroundPid = () => {
    const pid = Number(readFileSync(pidFile(), 'latin1'));
    adopted.push(pid);
    return pid;
  };

  it('-D returns when it serves; the pid file holds the pid, and its output is let go', async () => {
    const { status, stderr } = spawnSync(TANDEM_HAPROXY, ['-D', '-p', pidFile(), '-f', config], { encoding: 'utf8' });
    expect([status, stderr.includes('ALERT')]).toEqual([0, false]);
    const pid = backgroundPid();
    expect(await fetchStatus()).toBe(200);
    process.kill(pid, 'SIGTERM');
    await eventually('ended', () => !isAlive(pid), 1000);
  });

  it('`daemon` in the configuration does the same', async () => {
    writeConfig(`  daemon\n  pidfile ${pidFile()}`);
    expect(spawnSync(TANDEM_HAPROXY, ['-f', config]).status).toBe(0);
    process.kill(backgroundPid(), 'SIGTERM');
  });

  it('a start that fails says why and leaves nothing', async () => {
    const other = await ScriptedServer.start({}, port);
    const { status, stderr } = spawnSync(TANDEM_HAPROXY, ['-D', '-p', pidFile(), '-f', config], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain(`cannot bind socket (Address already in use) for [127.0.0.1:${port}], in use by`);
    expect(existsSync(pidFile())).toBe(false);
    await other.stop();
  });

  it.each([
    [1, 1],
    [2, 2],
    [2, 1],
    [1, 2],
    [3, 2],
  ])('-sf hands over, from %i threads to %i: the old one ends, nobody is refused', async (had, threads) => {
    writeConfig(`  nbthread ${had}`);
    spawnSync(TANDEM_HAPROXY, ['-D', '-p', pidFile(), '-f', config]);
    const old = backgroundPid();
    const sockets = listeningInodes();
    writeConfig(`  nbthread ${threads}`);
    const next = spawn(TANDEM_HAPROXY, ['-D', '-p', pidFile(), '-f', config, '-sf', String(old)], { stdio: 'ignore' });
    const statuses = new Set<number>();
    while (next.exitCode === null || isAlive(old)) {
      for (const status of await Promise.all([fetchStatus(), fetchStatus(), fetchStatus()])) statuses.add(status);
      await sleep(5);
    }
    for (let i = 0; i < 50; i++) statuses.add(await fetchStatus());
    expect(backgroundPid()).not.toBe(old);
    expect([...statuses]).toEqual([200]);
    // The same sockets with the same accept queues, so there was no moment at which a client could be reset.
    expect(sockets).toHaveLength(had);
    expect(listeningInodes()).toHaveLength(Math.max(had, threads));
    expect(listeningInodes()).toEqual(expect.arrayContaining(sockets));
    expect(existsSync(join(folder, 'web.sock'))).toBe(true);
  });
});

describe('checking', () => {
  it('says what users look for', () => {
    const fine = spawnSync(TANDEM_HAPROXY, ['-c', '-f', config], { encoding: 'utf8' });
    expect([fine.status, fine.stdout, fine.stderr]).toEqual([0, 'Configuration file is valid\n', '']);
    const quiet = spawnSync(TANDEM_HAPROXY, ['-c', '-q', '-f', config], { encoding: 'utf8' });
    expect([quiet.status, quiet.stdout]).toEqual([0, '']);
  });

  it('finds what only this machine can tell', () => {
    writeConfig('  user nobody-of-this-name');
    const { status, stderr } = spawnSync(TANDEM_HAPROXY, ['-c', '-f', config], { encoding: 'utf8' });
    expect(status).toBe(1);
    expect(stderr).toContain("cannot find user id for 'nobody-of-this-name'");
    expect(stderr).toContain('Fatal errors found in configuration.');
  });

  it('-dW makes an error of a warning', () => {
    writeConfig('  nbproc 1');
    expect(spawnSync(TANDEM_HAPROXY, ['-c', '-f', config]).status).toBe(0);
    expect(spawnSync(TANDEM_HAPROXY, ['-c', '-dW', '-f', config]).status).toBe(1);
  });
});

describeWithPeer('socat', 'systemd', () => {
  it('-Ws says READY=1 when it serves', async () => {
    const notify = join(folder, 'notify');
    const systemd = spawn('socat', ['-u', `UNIX-RECV:${notify}`, '-'], { stdio: ['ignore', 'pipe', 'inherit'] });
    started.push(systemd);
    await eventually('listening', () => existsSync(notify));
    const heard = once(systemd.stdout, 'data') as Promise<[Buffer]>;
    const child = spawn(TANDEM_HAPROXY, ['-Ws', '-f', config], {
      stdio: 'ignore',
      env: { ...process.env, NOTIFY_SOCKET: notify },
    });
    started.push(child);
    const [message] = await heard;
    expect(message.toString().split('\n')).toEqual(expect.arrayContaining(['READY=1', `MAINPID=${child.pid}`]));
    expect(await fetchStatus()).toBe(200);
    child.kill('SIGTERM');
    await once(child, 'close');
  });
});
