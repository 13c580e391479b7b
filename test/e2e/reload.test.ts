/** A reload: nobody is refused, nothing in progress is cut off, and what was known stays known. */

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { connects, freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ask } from '../support/stats-client.ts';
import { Conversation, SteadyClient } from '../support/steady-client.ts';

const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');
const PATIENCE_MS = 60_000;

let folder: string;
let stats: string;
let port: number;
let server: Server;
let serverPort: number;
let proxy: ProxyProcess;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tandem-reload-'));
  stats = join(folder, 's.sock');
  port = await freePort();
  server = createServer((request, response) => response.end(`you asked for ${request.url}`));
  // A tunnel that says everything twice.
  server.on('upgrade', (_request, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.on('data', (chunk: Buffer) => socket.write(chunk));
    socket.on('end', () => socket.end());
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  serverPort = (server.address() as AddressInfo).port;
});
afterEach(async () => {
  await proxy.stop();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const configuration = (
  more = '',
  servers = 'server s1 127.0.0.1:%\n server s2 127.0.0.1:% weight 10',
): string => `global
 stats socket ${stats} level admin
 tune.tandem.spare-process off
defaults
 mode http
 timeout connect 10s
 timeout client 60s
 timeout server 60s
frontend f
 bind 127.0.0.1:${port}
 default_backend b
backend b
 ${servers.replaceAll('%', String(serverPort))}
${more}`;

const start = async (): Promise<void> => {
  proxy = await ProxyProcess.start(TANDEM_HAPROXY, configuration(), port);
  // It comes after the listeners.
  await until('there is a stats socket', () => existsSync(stats));
};

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}\n${proxy.output}`);
    await sleep(10);
  }
}

const count = (text: string): number => proxy.output.split(text).length - 1;

async function reload(words = 'serves; the one before finishes'): Promise<void> {
  const before = count(words);
  proxy.signal('SIGUSR2');
  await until(`"${words}" once more`, () => count(words) > before);
}

const field = async (proxyName: string, name: string, column: string): Promise<string> => {
  const [header = '', ...rows] = (await ask(stats, 'show stat\n')).split('\n');
  const at = header.slice(2).split(',').indexOf(column);
  return rows.find((row) => row.startsWith(`${proxyName},${name},`))?.split(',')[at] ?? '';
};

it('costs no request and no tunnel, however often it comes', async () => {
  await start();
  const requests = async () => Number(await field('f', 'FRONTEND', 'req_tot'));
  // Who looked whether it listens has said nothing, and is counted.
  const before = await requests();
  const tunnel = new Conversation(port);
  expect(await tunnel.ask('GET /t HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n')).toContain(
    ' 101 ',
  );
  const clients = Array.from({ length: 16 }, (_, i) => new SteadyClient(port, i % 2 === 0));
  await until('everybody was answered', () => clients.every(({ answers }) => answers > 2));
  for (let i = 0; i < 6; i++) {
    await reload();
    const had = clients.map(({ answers }) => answers);
    await until('everybody is answered again', () => clients.every(({ answers }, k) => answers > (had[k] ?? 0)));
  }
  for (const client of clients) await client.stop();
  expect(clients.flatMap(({ broken }) => broken)).toEqual([]);
  // Its generation is the only one of the older ones that is left.
  await until('two data processes', () => proxy.pids().length === 3);
  tunnel.write('still there');
  expect(await tunnel.read((text) => text.length >= 11)).toBe('still there');
  tunnel.end();
  await until('one data process', () => proxy.pids().length === 2);
  const answers = clients.reduce((sum, client) => sum + client.answers, 0);
  // The tunnel is a request, too; who was cut off while idle asked once more.
  await until('all are counted', async () => (await requests()) === before + answers + 1);
}, 120_000);

it('keeps what an operator has said, and what was counted', async () => {
  await start();
  await ask(stats, 'disable server b/s1\nset weight b/s2 3\n');
  await ask(stats, 'set weight b/s2 3\n');
  const client = new SteadyClient(port, true);
  await until('answered', () => client.answers >= 5);
  await client.stop();
  const before = await field('b', 's2', 'stot');
  await reload();
  expect(await field('b', 's1', 'status')).toBe('MAINT');
  expect(await field('b', 's2', 'weight')).toBe('3');
  expect(await field('b', 's2', 'stot')).toBe(before);
  proxy.rewrite(configuration('', 'server s1 127.0.0.1:%\n server s2 127.0.0.1:% weight 20'));
  await reload();
  // The file has changed its mind.
  expect(await field('b', 's2', 'weight')).toBe('20');
  expect(await field('b', 's1', 'status')).toBe('MAINT');
});

it('with a bad file changes nothing, and says why', async () => {
  await start();
  proxy.rewrite(`${configuration()}\n banlance roundrobin\n`);
  await reload('banlance');
  const taken = await freePort();
  const other = createServer().listen(taken, '127.0.0.1');
  proxy.rewrite(configuration(`listen other\n bind 127.0.0.1:${taken}\n server s 127.0.0.1:1\n`));
  await reload('Address already in use');
  other.close();
  expect(proxy.pids().length).toBe(2);
  const client = new SteadyClient(port, false);
  await until('answered', () => client.answers > 0);
  await client.stop();
  expect(client.broken).toEqual([]);
});

it('is asked for on a stats socket, too, and says how it went', async () => {
  await start();
  expect(await ask(stats, 'reload\n')).toMatch(/^Success=1\n--\nReloading\n.*configuration 2 serves/s);
  const tandem = (...args: string[]) => spawnSync(process.execPath, [TANDEM, 'reload', ...args], { encoding: 'utf8' });
  const good = tandem('--socket', stats);
  expect([good.status, good.stdout]).toEqual([0, expect.stringContaining('configuration 3 serves')]);
  proxy.rewrite(`${configuration()}\n banlance roundrobin\n`);
  const bad = tandem('--socket', stats);
  expect([bad.status, bad.stdout]).toEqual([1, expect.stringContaining("unknown keyword 'banlance'")]);
  expect(proxy.pids().length).toBe(2);
});

it('brings listeners and stats sockets, and takes others away', async () => {
  await start();
  const added = await freePort();
  const path = `${stats}.2`;
  const moved = configuration(`listen other\n bind 127.0.0.1:${added}\n server s 127.0.0.1:${serverPort}\n`);
  proxy.rewrite(moved.replace(`socket ${stats}`, `socket ${path}`));
  await reload();
  expect(await connects(added)).toBe(true);
  expect(await ask(path, 'show info\n')).toContain('Name: ');
  await expect(ask(stats, 'show info\n')).rejects.toThrow('ENOENT');
  proxy.rewrite(configuration());
  await reload();
  await until('the port is free', async () => !(await connects(added)));
  expect(await ask(stats, 'show info\n')).toContain('Name: ');
});

it('leaves a data process that is replaced when it dies', async () => {
  await start();
  await reload();
  await until('one data process', () => proxy.pids().length === 2);
  const [, data] = proxy.pids();
  process.kill(data ?? 0, 'SIGKILL');
  await until('another one', () => {
    const [, now] = proxy.pids();
    return now !== undefined && now !== data;
  });
  const client = new SteadyClient(port, false);
  await until('answered', () => client.answers > 0);
  await client.stop();
  expect(client.broken).toEqual([]);
});

it.each(['SIGTERM', 'SIGUSR1'] as const)('under way is no reason not to obey %s', async (signal) => {
  await start();
  const tree = proxy.pids();
  proxy.signal('SIGUSR2');
  await until('it has begun', () => count(': Reloading') > 0);
  proxy.signal(signal);
  const isLeft = (pid: number): boolean => existsSync(`/proc/${pid}/exe`);
  await until('nobody is left', () => [...tree, ...proxy.pids()].every((pid) => !isLeft(pid)));
  expect(existsSync(stats)).toBe(false);
});
