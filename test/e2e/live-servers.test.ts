/**
 * Servers that come, move and go while clients ask: the same commands to haproxy and to Tandem, the same answers, and the same
 * servers for the clients; and whatever is done in whatever order, no request fails.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { SeededRandom } from '../support/random.ts';
import { ask } from '../support/stats-client.ts';
import { SteadyClient } from '../support/steady-client.ts';
import { converse } from '../support/tcp-conversation.ts';
import { type Twin, Twins } from '../support/twins.ts';

const PATIENCE_MS = 60_000;
const ENGINES = ['epoll', 'io_uring'] as const;

/** Servers that say who they are, and the path that they were asked for. */
const webs: Server[] = [];
let ports: readonly number[] = [];

beforeAll(async () => {
  for (const name of ['A', 'B', 'C', 'D']) {
    const web = createServer((request, response) => response.end(`${name} ${request.url}`));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    webs.push(web);
  }
  ports = webs.map((web) => (web.address() as AddressInfo).port);
});
afterAll(() => {
  for (const web of webs) {
    web.closeAllConnections();
    web.close();
  }
});

function nameOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    // Gone meanwhile.
    return '';
  }
}

async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await sleep(10);
  }
}

/** Who answers so many requests, one after the other. */
async function whoAnswers(port: number, count: number, path = '/'): Promise<string> {
  let names = '';
  for (let i = 0; i < count; i++) {
    const answer = await converse(port, `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    names += answer.startsWith('HTTP/1.1 200 ') ? (answer.split('\r\n\r\n')[1] ?? '?')[0] : answer.slice(9, 12);
  }
  return names;
}

/** Without the times of changes. */
async function stateLines(twin: Twin): Promise<string[]> {
  const lines = (await twin.ask('show servers state')).trim().split('\n').slice(2);
  return lines.map((line) => line.split(' ').toSpliced(9, 1).join(' '));
}

function twinConfiguration(engine: string): (socket: string, port: number, name: string) => string {
  return (socket, port, name) => `global
  stats socket ${socket} level admin
  nbthread 1
  ${name === 'tandem' ? `tune.tandem.poller ${engine}` : ''}
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend f
  bind 127.0.0.1:${port}
  use_backend least if { path_beg /least }
  use_backend ring if { path_beg /ring }
  use_backend named if { path_beg /named }
  default_backend round
backend round
  server a 127.0.0.1:${ports[0]} weight 2
  server b 127.0.0.1:${ports[1]}
backend least
  balance leastconn
  server a 127.0.0.1:${ports[0]}
  server b 127.0.0.1:${ports[1]}
backend ring
  balance hdr(host)
  hash-type consistent
  server a 127.0.0.1:${ports[0]}
  server b 127.0.0.1:${ports[1]}
backend named
  balance first
  use-server b if { path_end b }
  server a 127.0.0.1:${ports[0]} check inter 200ms
  server b 127.0.0.1:${ports[1]}
`;
}

/**
 * Each with what is asked afterwards: how often, and for what. HAProxy shows servers that were added as `enabled` to be up, and
 * sends nothing to them: here they are enabled apart.
 */
function steps(): readonly (readonly [command: string, count?: number, path?: string])[] {
  const [a, b, c, d] = ports;
  return [
    ['get weight round/a', 6],
    [`add server round/c 127.0.0.1:${c} weight 3`, 6],
    ['enable server round/c', 12],
    [`add server round/d 127.0.0.1:${d}`],
    ['enable server round/d', 7],
    ['set server round/d weight 4', 11],
    ['set server round/b state maint', 7],
    ['del server round/b', 7],
    [`add server round/b 127.0.0.1:${b} id 99`],
    ['enable server round/b', 9],
    ['add server round/b 127.0.0.1:1'],
    [`set server round/a addr 127.0.0.1 port ${d}`, 9],
    [`set server round/a addr 127.0.0.1 port ${d}`],
    [`set server round/a addr 127.0.0.1 port ${a}`, 9],
    ['disable server round/d', 4],
    ['del server round/d', 4],
    ['del server round/c'],
    [`add server least/c 127.0.0.1:${c}`],
    ['enable server least/c', 5, '/least'],
    ['disable server least/a', 4, '/least'],
    ['del server least/a', 4, '/least'],
    [`add server least/e 127.0.0.1:${a} track named/a`],
    ['enable server least/e', 6, '/least'],
    ['set maxconn server least/b 1', 3, '/least'],
    [`add server ring/c 127.0.0.1:${c} id 50`],
    ['enable server ring/c', 2, '/ring'],
    [`add server ring/d 127.0.0.1:${d} id 51`],
    ['enable server ring/d', 2, '/ring'],
    ['disable server ring/c', 2, '/ring'],
    ['del server ring/c', 2, '/ring'],
    ['disable server named/b', 1, '/named/b'],
    ['del server named/b'],
    ['enable server named/b', 1, '/named/b'],
    [`set server named/b addr 127.0.0.1 port ${c}`, 2, '/named/b'],
    ['disable server named/a'],
    ['del server named/a'],
    ['show servers conn nope'],
  ];
}

/** What comes of the checks of a server that was added. */
function checkedSteps(): readonly (readonly [command: string, status: string])[] {
  return [
    [`add server named/k 127.0.0.1:${ports[2]} check inter 100ms rise 1 fall 1`, ''],
    ['enable health named/k', 'L4OK'],
    ['enable server named/k', 'L4OK'],
    ['set server named/k addr 127.0.0.1 port 1', 'L4CON'],
    [`set server named/k check-port ${ports[3]}`, 'L4OK'],
    ['set server named/k check-addr 127.0.0.9 port 1', 'L4CON'],
  ];
}

for (const engine of ENGINES) {
  describeWithPeer(engine === 'epoll' ? 'haproxy' : ['haproxy', 'io_uring'], `servers with ${engine}`, () => {
    it('come, move and go as in haproxy', async () => {
      const twins = await Twins.start(twinConfiguration(engine));
      try {
        await twins.agree(
          async (twin) => (await twin.servers(['check_status']))['named/a'],
          (seen) => seen?.['check_status'] === 'L4OK',
        );
        for (const [command, count = 0, path] of steps()) {
          expect(await twins.ours.ask(command), command).toBe(await twins.theirs.ask(command));
          const [ours, theirs] = [
            await whoAnswers(twins.ours.port, count, path),
            await whoAnswers(twins.theirs.port, count, path),
          ];
          expect(ours, `${count} × ${path ?? '/'} after ${command}`).toBe(theirs);
          await twins.agree(stateLines);
        }
        for (const [command, status] of checkedSteps()) {
          expect(await twins.ours.ask(command), command).toBe(await twins.theirs.ask(command));
          await twins.agree(
            async (twin) => (await twin.servers(['status', 'check_status', 'check_health']))['named/k'],
            (seen) => seen?.['check_status'] === status,
          );
        }
      } finally {
        await twins.stop();
      }
    }, 240_000);
  });
}

describe('no request fails', () => {
  let folder: string;
  let socket: string;
  let port: number;
  let proxy: ProxyProcess;

  async function start(engine: string, spare: 'on' | 'off' = 'off'): Promise<void> {
    folder = mkdtempSync(join(tmpdir(), 'tandem-live-'));
    socket = join(folder, 's.sock');
    port = await freePort();
    const text = `global
  stats socket ${socket} level admin
  nbthread 2
  tune.tandem.poller ${engine}
  tune.tandem.spare-process ${spare}
defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
  timeout queue 60s
  option redispatch
frontend f
  bind 127.0.0.1:${port}
  default_backend b
backend b
  balance ${engine === 'epoll' ? 'roundrobin' : 'leastconn'}
  server base 127.0.0.1:${ports[0]}
  server old 127.0.0.1:${ports[1]}
`;
    proxy = await ProxyProcess.start(TANDEM_HAPROXY, text, port);
    await until('there is a stats socket', () => existsSync(socket));
  }

  async function end(): Promise<void> {
    await proxy.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  it.each([
    ['epoll', 1],
    ['io_uring', 2],
  ] as const)(
    'whatever is done to servers, in whatever order (%s, seed %i)',
    async (engine, seed) => {
      await start(engine);
      const random = new SeededRandom(seed);
      const names = ['base', 'old', 'n0', 'n1', 'n2', 'n3'] as const;
      const command = (): string => {
        const name = names[1 + random.below(5)] ?? 'old';
        const to = ports[random.below(4)];
        switch (random.below(8)) {
          case 0:
          case 1:
            return `add server b/${name} 127.0.0.1:${to} weight ${1 + random.below(9)} maxconn ${random.below(3)} enabled`;
          case 2:
            return `disable server b/${name};del server b/${name}`;
          case 3:
            return `set server b/${names[random.below(6)]} addr 127.0.0.1 port ${to}`;
          case 4:
            return `set server b/${name} state ${random.pick(['ready', 'drain', 'maint'])}`;
          case 5:
            return `set maxconn server b/${names[random.below(6)]} ${random.below(4)}`;
          case 6:
            return `set server b/${name} weight ${random.below(20)}`;
          default:
            return `del server b/${name}`;
        }
      };
      try {
        const clients = Array.from({ length: 12 }, (_, i) => new SteadyClient(port, i % 2 === 0));
        const said = new Set<string>();
        for (let i = 0; i < 100; i++) {
          for (const line of (await ask(socket, `${command()}\n`)).split('\n')) said.add(line);
          if (i === 50) {
            const words = 'serves; the one before finishes';
            proxy.signal('SIGUSR2');
            await until('it has reloaded', () => proxy.output.includes(words));
          }
          if (i % 10 !== 0) continue;
          const had = clients.map(({ answers }) => answers);
          await until('everybody is answered again', () => clients.every(({ answers }, k) => answers > (had[k] ?? 0)));
        }
        for (const client of clients) await client.stop();
        expect(clients.flatMap(({ broken }) => broken)).toEqual([]);
        expect(said).toContain('New server registered.');
        expect(said).toContain('Server deleted.');
      } finally {
        await end();
      }
    },
    240_000,
  );

  /** The process that serves; a spare one has another name. */
  function serving(): number | undefined {
    return proxy.pids().find((pid) => pid !== proxy.pid && nameOf(pid) === 'haproxy');
  }

  it.each([
    ['starts', 'off', 2],
    ['was waiting', 'on', 3],
  ] as const)(
    'because a data process has died: one that %s knows where servers are, and who is there',
    async (_, spare, count) => {
      await start('epoll', spare);
      try {
        await until('all processes', () => proxy.pids().length === count);
        const [, , c, d] = ports;
        await ask(socket, `add server b/new 127.0.0.1:${c} enabled\n`);
        await ask(socket, `set server b/base addr 127.0.0.1 port ${d}\n`);
        await ask(socket, 'disable server b/old;del server b/old\n');
        expect([...(await whoAnswers(port, 4))].sort().join('')).toBe('CCDD');
        const dead = serving();
        if (dead === undefined) throw new Error('nobody serves');
        process.kill(dead, 'SIGKILL');
        await until('another one', () => ![dead, undefined].includes(serving()));
        expect([...(await whoAnswers(port, 4))].sort().join('')).toBe('CCDD');
        // A reload keeps the address, and forgets who is not in the file.
        proxy.signal('SIGUSR2');
        await until('it has reloaded', () => proxy.output.includes('serves; the one before finishes'));
        await until('only the file counts', async () => [...(await whoAnswers(port, 4))].sort().join('') === 'BBDD');
      } finally {
        await end();
      }
    },
    240_000,
  );
});
