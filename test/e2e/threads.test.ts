/**
 * Several data threads as one proxy: limits, order and counts hold over all of them, under load, and clients are
 * distributed. TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows what haproxy makes of the same (but for the shared memory).
 */
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { PROXY_QUEUED, SharedState, THREAD_CONNECTIONS } from '../../src/proxy/shared-state.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const REQUEST = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** Counts what it has to do at the same time, and answers when it is told to. */
class Origin {
  readonly paths: string[] = [];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How long a request takes; called for each. */
  thinkMs: () => number = () => 0;
  #held: (() => void)[] = [];
  holds = false;
  now = 0;
  most = 0;
  connections = 0;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<Origin> {
    const server = createServer();
    const origin = new Origin(server);
    server.on('connection', (socket) => origin.#serve(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return origin;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP address');
    return address.port;
  }

  release(): void {
    this.holds = false;
    for (const answer of this.#held.splice(0)) answer();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    this.connections++;
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      this.paths.push(/^\S+ (\S+)/.exec(text)?.[1] ?? '');
      this.now++;
      this.most = Math.max(this.most, this.now);
      const answer = (): void => {
        this.now--;
        // A TCP session lasts until this end ends it, so that it is this end that counts.
        if (text.startsWith('TCP')) socket.end(RESPONSE);
        else socket.write(RESPONSE);
      };
      if (this.holds) this.#held.push(answer);
      else setTimeout(answer, this.thinkMs());
    });
  }
}

/** One client connection: asks, waits for the whole answer, asks again. */
class Client {
  readonly socket: Socket;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<Client> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    return new Client(socket);
  }

  /** The status; 0: the connection ended before. */
  ask(text: string): Promise<number> {
    const { socket } = this;
    socket.write(text);
    return new Promise((resolve) => {
      let got = '';
      const onData = (chunk: Buffer): void => {
        got += chunk.toString('latin1');
        if (!got.endsWith('hi') && !/\r\n\r\n./.test(got)) return;
        finish(Number(got.slice(9, 12)));
      };
      const onClose = (): void => finish(0);
      const finish = (status: number): void => {
        socket.off('data', onData).off('close', onClose);
        resolve(status);
      };
      socket.on('data', onData).once('close', onClose);
    });
  }
}

const origins: Origin[] = [];
let proxy: ProxyProcess | null = null;
/** Its configuration. */
let written = '';
const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.destroy();
  await proxy?.stop();
  proxy = null;
  for (const origin of origins.splice(0)) await origin.stop();
});

async function newOrigin(): Promise<Origin> {
  const origin = await Origin.start();
  origins.push(origin);
  return origin;
}

async function start(threads: number, lines: string, global = ''): Promise<number> {
  const port = await freePort();
  const text = `
global
  nbthread ${threads}
  ${global}
defaults
  mode http
  timeout connect 2s
  timeout client 20s
  timeout server 20s
  timeout queue 5s
listen web
  bind 127.0.0.1:${port}
${lines}
`;
  written = text;
  proxy = await ProxyProcess.start(TANDEM_HAPROXY, text, port);
  return port;
}

async function open(port: number): Promise<Client> {
  const client = await Client.open(port);
  clients.push(client);
  return client;
}

function openMany(port: number, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => open(port)));
}

/** Numbers that look random and are the same every time. */
function spread(): () => number {
  let state = 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 0x1_0000_0000;
  };
}

/** A copy of the memory that the data process shares with control, of a configuration with one listener and one server. */
function sharedMemory(threads: number): SharedState {
  for (const pid of proxy?.pids() ?? []) {
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${fd}`;
      if (!readlinkSync(path).startsWith('/memfd:tandem')) continue;
      const bytes = readFileSync(path);
      const memory = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
      return new SharedState(memory, {
        threads,
        servers: 1,
        proxies: 1,
        listeners: 1,
        capturesAt: 0,
        sizeBytes: bytes.length,
      });
    }
  }
  throw new Error('no shared memory');
}

function clientsOfThreads(threads: number): number[] {
  const shared = sharedMemory(threads);
  return Array.from({ length: threads }, (_, i) => shared.get(shared.thread(i) + THREAD_CONNECTIONS));
}

describe("a server's maxconn", () => {
  it.each([
    [2, 1],
    [3, 1],
    [3, 4],
  ])('with %i threads: of %i, not one more; and no slot is forgotten in 3000 requests', async (threads, maxconn) => {
    const origin = await newOrigin();
    const random = spread();
    origin.thinkMs = () => (random() < 0.1 ? 2 : 0);
    const port = await start(threads, `  server s 127.0.0.1:${origin.port} maxconn ${maxconn}`);
    const many = await openMany(port, 24);
    const statuses = new Map<number, number>();
    const count = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const loop = async (client: Client): Promise<void> => {
      for (let i = 0; i < 75; i++) count(await client.ask(REQUEST(`/${i}`)));
    };
    await Promise.all(many.map(loop));
    // A slot that is forgotten is found by the next request, unless there is none: so the rush ends 200 times.
    for (let i = 0; i < 200; i++) {
      const from = Math.floor(random() * 18);
      const answers = await Promise.all(many.slice(from, from + 6).map((client) => client.ask(REQUEST('/'))));
      for (const status of answers) count(status);
    }
    expect([...statuses]).toEqual([[200, 24 * 75 + 200 * 6]]);
    expect(origin.most).toBe(maxconn);
  });

  it('holds for TCP sessions, too', async () => {
    const origin = await newOrigin();
    const random = spread();
    origin.thinkMs = () => random() * 3;
    const port = await start(3, `  mode tcp\n  server s 127.0.0.1:${origin.port} maxconn 2`);
    const loop = async (): Promise<number> => {
      let good = 0;
      for (let i = 0; i < 40; i++) {
        const client = await Client.open(port);
        if ((await client.ask('TCP / ')) === 200) good++;
        client.socket.destroy();
      }
      return good;
    };
    const good = await Promise.all(Array.from({ length: 12 }, loop));
    expect(good).toEqual(new Array(12).fill(40));
    expect(origin.most).toBe(2);
  });

  it('is waited for in one line, whichever thread a client came to', async () => {
    const origin = await newOrigin();
    origin.holds = true;
    const port = await start(3, `  server s 127.0.0.1:${origin.port} maxconn 1`);
    const many = await openMany(port, 40);
    const queued = (): number => {
      const shared = sharedMemory(3);
      return shared.get(shared.proxy(0) + PROXY_QUEUED);
    };
    const answers: Promise<number>[] = [];
    for (const [i, client] of many.entries()) {
      answers.push(client.ask(REQUEST(`/${i}`)));
      const arrived = () => (i === 0 ? origin.now === 1 : queued() === i);
      for (let tries = 0; !arrived() && tries < 200; tries++) await sleep(5);
    }
    origin.release();
    expect(await Promise.all(answers)).toEqual(new Array(40).fill(200));
    expect(origin.paths).toEqual(many.map((_, i) => `/${i}`));
  });
});

describe('maxconn', () => {
  it.each([
    ['of the process', 'maxconn 6', ''],
    ['of the frontend', '', '  maxconn 6\n'],
  ])(
    '%s is not exceeded by clients that come and go at three threads, and all are served',
    async (_, global, lines) => {
      const origin = await newOrigin();
      const random = spread();
      origin.thinkMs = () => random() * 3;
      const port = await start(3, `${lines}  server s 127.0.0.1:${origin.port}`, global);
      const loop = async (): Promise<number> => {
        let good = 0;
        for (let i = 0; i < 25; i++) {
          const client = await Client.open(port);
          if ((await client.ask(REQUEST('/'))) === 200) good++;
          client.socket.destroy();
        }
        return good;
      };
      const good = await Promise.all(Array.from({ length: 30 }, loop));
      expect(good).toEqual(new Array(30).fill(25));
      expect(origin.most).toBe(6);
    },
  );
});

describe('roundrobin', () => {
  it('is one sequence, whichever thread a client comes to', async () => {
    const three = [await newOrigin(), await newOrigin(), await newOrigin()];
    const servers = three.map(({ port }, i) => `  server s${i} 127.0.0.1:${port}`).join('\n');
    const port = await start(3, servers);
    const order: number[] = [];
    for (let i = 0; i < 60; i++) {
      const before = three.map(({ paths }) => paths.length);
      expect(await (await open(port)).ask(REQUEST('/'))).toBe(200);
      order.push(three.findIndex(({ paths }, n) => paths.length > (before[n] ?? 0)));
    }
    expect(order).toEqual(order.map((_, i) => ((order[0] ?? 0) + i) % 3));
  });
});

describe('leastconn', () => {
  it('counts what all threads have', async () => {
    const four = [await newOrigin(), await newOrigin(), await newOrigin(), await newOrigin()];
    const servers = four.map(({ port }, i) => `  server s${i} 127.0.0.1:${port}`).join('\n');
    const port = await start(2, `  mode tcp\n  balance leastconn\n${servers}`);
    for (let i = 0; i < 20; i++) {
      const some = await openMany(port, 10);
      for (const client of some) client.socket.write('TCP');
    }
    for (let tries = 0; four.reduce((sum, one) => sum + one.connections, 0) < 200 && tries < 100; tries++)
      await sleep(20);
    for (const { connections } of four) expect(Math.abs(connections - 50)).toBeLessThanOrEqual(4);
  });
});

describe('cpu-map', () => {
  it('pins the threads that it names', async () => {
    const cpusOf = (path: string) => /Cpus_allowed_list:\s*(\S+)/.exec(readFileSync(path, 'latin1'))?.[1] ?? '';
    const all = cpusOf('/proc/self/status');
    const one = /\d+$/.exec(all)?.[0] ?? '';
    const origin = await newOrigin();
    await start(3, `  server s 127.0.0.1:${origin.port}`, `cpu-map 1/2-3 ${one}\n  cpu-map 1/1 1023`);
    const pinned = (): number =>
      (proxy?.pids() ?? [])
        .flatMap((pid) => readdirSync(`/proc/${pid}/task`).map((task) => cpusOf(`/proc/${pid}/task/${task}/status`)))
        .filter((cpus) => cpus !== all).length;
    const expected = all === one ? 0 : 2;
    const done = () => proxy?.output.includes('cpu-map') === true && pinned() === expected;
    for (let tries = 0; !done() && tries < 100; tries++) await sleep(50);
    expect(pinned()).toBe(expected);
    expect(proxy?.output).toContain('cpu-map: thread 1 cannot run on CPU 1023, so it is not pinned');
  });
});

describe('bind … thread', () => {
  it('lets only that thread accept', async () => {
    const origin = await newOrigin();
    const port = await start(3, `  bind 127.0.0.1:${await freePort()} thread 2\n  server s 127.0.0.1:${origin.port}`);
    expect(port).toBeGreaterThan(0);
    const other = Number(/bind 127.0.0.1:(\d+) thread/.exec(written)?.[1]);
    await openMany(other, 30);
    for (let tries = 0; clientsOfThreads(3)[1] !== 30 && tries < 50; tries++) await sleep(50);
    expect(clientsOfThreads(3)).toEqual([0, 30, 0]);
  });
});

describe('a thousand clients', () => {
  it.each([2, 4])('are distributed: none of %i threads has less than half of its share', async (threads) => {
    const origin = await newOrigin();
    const port = await start(threads, `  server s 127.0.0.1:${origin.port}`);
    for (let i = 0; i < 10; i++) await openMany(port, 100);
    let counts: number[] = [];
    // The threads write their counts once a turn, which is at least twice a second.
    for (let tries = 0; counts.reduce((sum, n) => sum + n, 0) !== 1000 && tries < 50; tries++) {
      await sleep(50);
      counts = clientsOfThreads(threads);
    }
    expect(counts.reduce((sum, n) => sum + n, 0)).toBe(1000);
    for (const count of counts) expect(count).toBeGreaterThanOrEqual(500 / threads);
  });
});
