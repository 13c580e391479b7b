/**
 * Two thousand clients that are slow on purpose beside twenty good ones, on a real Tandem: the good ones get every answer,
 * the others what is documented for them, and neither memory nor descriptors stay behind. Nothing here is a matter of
 * speed; that is what `npm run bench:slow` is for, whose attackers these are (bench/slow/).
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { Agent, get as httpGet } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ok, RawServer, requests } from './hostile/raw-peers.ts';

const ATTACKERS = join(import.meta.dirname, '..', '..', 'bench', 'slow', 'attackers.mjs');
const GOOD_CLIENTS = 20;
const GOOD_REQUESTS = 25;
/** Long enough for all of them to be there at the same time, also on a slow machine. */
const TIMEOUT_S = 8;
const DEADLINE_MS = 30_000;
/** More than fits into all buffers on the way to a client with a tiny window. */
const LARGE_BYTES = 300_000;
/** Two buffers, and the objects of two connections, on the average. */
const MOST_BYTES_PER_ATTACKER = 2 * 16_384 + 8192;
const READERS = 300;
/** io_uring may have received all of it before its session could say stop, up to half of the slabs (src/sys/slabs.ts). */
const EARLY_BYTES = READERS * LARGE_BYTES;

interface Told {
  readonly standing: number;
  /** A status, or how else it was ended → how many. */
  readonly ended: Readonly<Record<string, number>>;
}

class Attackers {
  readonly count: number;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  private constructor(count: number, child: ChildProcess) {
    this.count = count;
    this.#child = child;
    if (child.stdout === null) throw new Error('no pipe');
    this.#lines = createInterface({ input: child.stdout });
  }

  /** Returns when all of them have connected and said their first words. */
  static async start(kind: string, port: number, count: number, everyMs: number): Promise<Attackers> {
    const child = spawn(process.execPath, [ATTACKERS, kind, `${port}`, `${count}`, `${everyMs}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const attackers = new Attackers(count, child);
    expect(await attackers.#line()).toBe('ready');
    return attackers;
  }

  async told(): Promise<Told> {
    this.#child.stdin?.write('\n');
    return JSON.parse(await this.#line());
  }

  /** How they were ended, when none of them is left. */
  async allEnded(): Promise<Told['ended']> {
    for (const untilMs = Date.now() + DEADLINE_MS; ; await sleep(100)) {
      const { standing, ended } = await this.told();
      if (standing === 0 || Date.now() > untilMs) return standing === 0 ? ended : { ...ended, standing };
    }
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await gone;
  }

  async #line(): Promise<string> {
    const [line] = await once(this.#lines, 'line');
    return String(line);
  }
}

const open: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

function descriptors(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

function ask(agent: Agent, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpGet({ agent, port, host: '127.0.0.1', path }, (response) => {
      let text = `${response.statusCode} `;
      response.on('data', (chunk) => (text += chunk));
      response.on('end', () => resolve(text));
      response.on('error', reject);
    });
    request.on('error', reject);
  });
}

/** Each of the good clients asks for something of its own, again and again on one connection. */
async function serveGoodOnes(agents: readonly Agent[], port: number): Promise<void> {
  const run = async (agent: Agent, client: number): Promise<void> => {
    for (let i = 0; i < GOOD_REQUESTS; i++) {
      const path = `/good/${client}/${i}`;
      expect(await ask(agent, port, path)).toBe(`200 ${path}`);
    }
  };
  await Promise.all(agents.map(run));
}

async function becomes(condition: () => boolean): Promise<boolean> {
  for (const untilMs = Date.now() + DEADLINE_MS; !condition(); await sleep(50)) if (Date.now() > untilMs) return false;
  return true;
}

/** A command of the stats socket, and its answer. */
async function stats(path: string, command: string): Promise<string> {
  const socket = connect(path);
  socket.write(`${command}\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
}

/** `show stat`: a field of a row. */
async function stat(path: string, proxy: string, side: string, field: string): Promise<number> {
  const [names = '', ...rows] = (await stats(path, 'show stat')).split('\n');
  const at = names.replace('# ', '').split(',').indexOf(field);
  const row = rows.map((line) => line.split(',')).find(([pxname, svname]) => pxname === proxy && svname === side);
  return Number(row?.[at]);
}

describe.each(['epoll', 'auto'])('two thousand slow clients (%s)', (engine) => {
  it('get what they deserve, and the good ones all that they ask for', { timeout: 150_000 }, async () => {
    let bodies = 0;
    const server = await RawServer.listen(
      requests((socket, head) => {
        const [method, path = ''] = head.split(' ');
        if (method === 'POST') {
          // Their bodies never end.
          if (/content-length/i.test(head)) bodies++;
          return;
        }
        socket.write(ok(path.startsWith('/files/') ? 'x'.repeat(LARGE_BYTES) : path));
      }),
    );
    open.push(server);
    const [port, bufferPort] = [await freePort(), await freePort()];
    const socket = join('/tmp', `tandem-slow-${process.pid}-${port}.sock`);
    const isTandem = !TANDEM_HAPROXY.endsWith('sbin/haproxy');
    const proxy = await ProxyProcess.start(
      TANDEM_HAPROXY,
      `global
  nbthread 1
  maxconn 6000
  stats socket ${socket}
  ${isTandem ? `tune.tandem.poller ${engine}` : ''}
defaults
  mode http
  timeout connect 5s
  timeout server 60s
  timeout client ${TIMEOUT_S}s
  timeout http-request ${TIMEOUT_S}s
  default-server pool-purge-delay 1s
listen web
  bind 127.0.0.1:${port} backlog 4096
  timeout http-keep-alive 60s
  server s 127.0.0.1:${server.port}
listen buffered
  bind 127.0.0.1:${bufferPort} backlog 4096
  option http-buffer-request
  server s 127.0.0.1:${server.port}
`,
      port,
    );
    open.push({ close: () => proxy.stop() });
    const agents = Array.from({ length: GOOD_CLIENTS }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    open.push({ close: async () => void agents.map((agent) => agent.destroy()) });
    await serveGoodOnes(agents, port);
    // The process that serves is the one that has connections.
    const [pid = proxy.pid] = proxy.pids().sort((a, b) => descriptors(b) - descriptors(a));
    const descriptorsBefore = descriptors(pid);
    const residentBefore = residentBytes(pid);
    const refusedBefore = await stat(socket, 'web', 'FRONTEND', 'hrsp_4xx');

    const start = async (kind: string, to: number, count: number, everyMs: number): Promise<Attackers> => {
      const attackers = await Attackers.start(kind, to, count, everyMs);
      open.push(attackers);
      return attackers;
    };
    const [idle, slowloris, headers, buffered, extensions, readers, dribblers] = await Promise.all([
      start('idle connect', port, 400, 1000),
      start('slowloris', port, 400, 1000),
      start('header dribble', port, 200, 500),
      start('slow body', bufferPort, 400, 1000),
      start('chunk extensions', port, 100, 200),
      start('slow reader', port, READERS, 1000),
      start('chunk dribble', port, 200, 1000),
    ]);

    await serveGoodOnes(agents, port);
    expect(await stats(socket, 'show info')).toContain('CurrConns');
    const growth = residentBytes(pid) - residentBefore - (engine === 'epoll' ? 0 : EARLY_BYTES);
    expect(growth / 2000).toBeLessThanOrEqual(MOST_BYTES_PER_ATTACKER);

    expect(await idle.allEnded()).toEqual({ 408: 400 });
    expect(await slowloris.allEnded()).toEqual({ 408: 400 });
    expect(await headers.allEnded()).toEqual({ 408: 200 });
    expect(await buffered.allEnded()).toEqual({ 408: 400 });
    expect(await extensions.allEnded()).toEqual({ 400: 100 });
    // Whose body comes without a buffer has a minute; but on a machine that stands still its next byte may come too late.
    const dribbling = await dribblers.told();
    const { 408: late = 0 } = dribbling.ended;
    expect(dribbling.standing + late).toBe(200);
    await serveGoodOnes(agents, port);
    await readers.close();
    await dribblers.close();
    expect(bodies).toBe(0);

    for (const agent of agents) agent.destroy();
    // Of those from before, the good clients' and their servers' are gone by then, too.
    expect(await becomes(() => descriptors(pid) <= descriptorsBefore - GOOD_CLIENTS)).toBe(true);
    for (const [name, side] of [
      ['web', 'FRONTEND'],
      ['web', 'BACKEND'],
      ['web', 's'],
      ['buffered', 'FRONTEND'],
      ['buffered', 'BACKEND'],
    ] as const) {
      expect(await stat(socket, name, side, 'scur')).toBe(0);
    }
    expect(await stat(socket, 'buffered', 's', 'stot')).toBe(0);
    expect(await stat(socket, 'buffered', 'FRONTEND', 'hrsp_4xx')).toBe(400);
    expect(await stat(socket, 'web', 'FRONTEND', 'hrsp_4xx')).toBe(refusedBefore + 1100 + late);
    expect(await stat(socket, 'web', 'FRONTEND', 'hrsp_2xx')).toBe(3 * GOOD_CLIENTS * GOOD_REQUESTS + READERS);
  });
});

describe('clients that say nothing and have all places', () => {
  it('do not disturb those who are in, nor the stats socket, and are followed by those who wait', async () => {
    const server = await RawServer.listen(requests((socket, head) => socket.write(ok(head.split(' ')[1] ?? ''))));
    open.push(server);
    const port = await freePort();
    const socket = join('/tmp', `tandem-slow-${process.pid}-${port}.sock`);
    const proxy = await ProxyProcess.start(
      TANDEM_HAPROXY,
      `global
  maxconn ${GOOD_CLIENTS + 40}
  stats socket ${socket}
defaults
  mode http
  timeout connect 5s
  timeout server 60s
  timeout client 60s
  timeout http-request 2s
  timeout http-keep-alive 60s
listen web
  bind 127.0.0.1:${port}
  server s 127.0.0.1:${server.port}
`,
      port,
    );
    open.push({ close: () => proxy.stop() });
    const agents = Array.from({ length: GOOD_CLIENTS + 1 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    open.push({ close: async () => void agents.map((agent) => agent.destroy()) });
    const [latecomer = new Agent(), ...good] = agents;
    await serveGoodOnes(good, port);
    const idle = await Attackers.start('idle connect', port, 80, 1000);
    open.push(idle);
    const late = ask(latecomer, port, '/late');
    await serveGoodOnes(good, port);
    expect(await stats(socket, 'show info')).toContain('CurrConns');
    // Forty are in, and forty come after them; behind them all comes the one that has something to say.
    expect(await idle.allEnded()).toEqual({ 408: 80 });
    expect(await late).toBe('200 /late');
    await serveGoodOnes(good, port);
  });
});
