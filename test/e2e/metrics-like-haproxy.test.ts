/**
 * A scrape of Tandem beside one of haproxy's own exporter: the same configuration and traffic, then the same families, types, help
 * texts, labels and numbers, and the same answers to the same questions.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReadFamily, readExposition } from '../support/exposition-format.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { ask } from '../support/stats-client.ts';
import { converse } from '../support/tcp-conversation.ts';

const TANDEM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');
const DEADLINE_MS = 30_000;
const folder = mkdtempSync(join(tmpdir(), 'tandem-metrics-'));

const ports = { good: 0, bad: 0, dead: 0 };
const servers: (Server | TcpServer)[] = [];

interface Ports {
  readonly stats: number;
  readonly web: number;
  readonly bad: number;
  readonly dead: number;
  readonly tcp: number;
  /** The own listener. */
  readonly own: number;
}

function configOf(name: string, { stats, web, bad, dead, tcp }: Ports): string {
  return `
global
  stats socket ${join(folder, name)}.sock level admin
  stats timeout 30s
  maxconn 200
  nbthread 1
defaults
  mode http
  timeout connect 200
  timeout client 5s
  timeout server 5s
  timeout check 20s
  retries 1
frontend stats
  bind 127.0.0.1:${stats}
  http-request use-service prometheus-exporter if { path /metrics }
frontend web
  bind 127.0.0.1:${web}
  maxconn 50
  default_backend app
backend app
  fullconn 7
  cookie SRV insert indirect nocache
  server s1 127.0.0.1:${ports.good} cookie a weight 10
  server s2 127.0.0.1:${ports.good} cookie b backup weight 5 maxconn 10 maxqueue 3
  server s3 127.0.0.1:${ports.dead} check inter 100 fall 1
  server s4 127.0.0.1:${ports.dead} check inter 100 disabled
  server s5 127.0.0.1:${ports.good} weight 0
listen checked
  bind 127.0.0.1:${dead}
  option httpchk GET /checked
  server c1 127.0.0.1:${ports.good} check inter 100 rise 1
  server c2 127.0.0.1:${ports.dead} backup
listen bad
  bind 127.0.0.1:${bad}
  server b1 127.0.0.1:${ports.bad} pool-max-conn 4
listen tcp
  mode tcp
  bind 127.0.0.1:${tcp}
  server t1 127.0.0.1:${ports.good}
backend lonely
`;
}

class Subject {
  readonly #name: string;
  readonly #ports: Ports;
  readonly #child: ChildProcess;
  #said = '';

  private constructor(name: string, own: Ports, child: ChildProcess) {
    this.#name = name;
    this.#ports = own;
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
    }
  }

  static async start(name: 'haproxy' | 'tandem'): Promise<Subject> {
    const free = await Promise.all(Array.from({ length: 6 }, () => freePort()));
    const [stats = 0, web = 0, bad = 0, dead = 0, tcp = 0, own = 0] = free;
    const all = { stats, web, bad, dead, tcp, own };
    const file = join(folder, `${name}.cfg`);
    writeFileSync(file, configOf(name, all));
    const isTandem = name === 'tandem';
    const command = isTandem
      ? [process.execPath, TANDEM, 'run', '-f', file, '--http', `127.0.0.1:${own}`]
      : [programPath('haproxy'), '-db', '-f', file];
    const [program = '', ...args] = command;
    const subject = new Subject(name, all, spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    await until(
      async () => (await connects(isTandem ? own : stats)) && (await connects(web)),
      () => subject.#said,
    );
    return subject;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await gone;
  }

  ask(command: string): Promise<string> {
    return ask(`${join(folder, this.#name)}.sock`, `${command}\n`);
  }

  /** Until what is checked is known, and everything counts from nothing; then one connection after the other. */
  async traffic(): Promise<void> {
    const state = async (server: string): Promise<string> => {
      const rows = (await this.ask('show stat')).split('\n').map((line) => line.split(','));
      return rows.find(([, svname]) => svname === server)?.[17] ?? '';
    };
    await until(
      async () => (await state('s3')) === 'DOWN' && (await state('c1')).startsWith('UP'),
      () => this.#said,
    );
    await this.ask('set server app/s5 state drain');
    await this.ask('set server app/s4 state maint');
    await this.ask('clear counters all');
    const { web, bad, dead, tcp } = this.#ports;
    const get = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;
    for (const path of ['/', '/', '/missing', '/broken']) await converse(web, get(path));
    await converse(web, 'GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n');
    await converse(bad, get('/'));
    await converse(dead, get('/'));
    await converse(tcp, get('/'));
  }

  async get(
    query: string,
    port = this.#ports.stats,
  ): Promise<{ readonly status: number; readonly type: string; readonly text: string }> {
    const target = { host: '127.0.0.1', port, path: `/metrics${query}`, agent: false };
    return new Promise((resolve, reject) => {
      const request = httpRequest(target, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        const type = response.headers['content-type'] ?? '';
        response.on('end', () => resolve({ status: response.statusCode ?? 0, type, text }));
        response.on('error', reject);
      });
      request.on('error', reject);
      request.end();
    });
  }

  async own(query: string): Promise<ReadonlyMap<string, ReadFamily>> {
    return readExposition((await this.get(query, this.#ports.own)).text);
  }

  /** `more`: at the end of the file. */
  reload(more = ''): void {
    appendFileSync(join(folder, `${this.#name}.cfg`), more);
    this.#child.kill('SIGHUP');
  }

  /** HAProxy's families of a scrape; what the scrape itself counts is not among their samples. */
  async families(query = ''): Promise<ReadonlyMap<string, ReadFamily>> {
    const { status, text } = await this.get(query);
    expect(status).toBe(200);
    const all = [...readExposition(text).values()].filter(({ name }) => name.startsWith('haproxy_'));
    const others = ({ samples }: ReadFamily) => samples.filter(({ labels }) => labels['proxy'] !== 'stats');
    return new Map(all.map((family) => [family.name, { ...family, samples: others(family) }]));
  }
}

/** Waits for a condition. */
async function until(holds: () => Promise<boolean>, say: () => string = () => ''): Promise<void> {
  for (const end = performance.now() + DEADLINE_MS; !(await holds()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`never came true ${say()}`);
  }
}

/** `haproxy_x{proxy=a,server=b}`, and its value as it is written. */
function numbers(families: ReadonlyMap<string, ReadFamily>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, samples } of families.values()) {
    for (const { labels, text } of samples) {
      const words = Object.entries(labels).map(([label, value]) => `${label}=${label === 'version' ? '*' : value}`);
      found[`${name}{${words.join(',')}}`] = text;
    }
  }
  return found;
}

/**
 * Times, rates, and what only one of the two measures. Whether one connection has ended when the next one comes is a race; a
 * client's first request may use an idle connection here.
 */
const NOT_COMPARED = [
  /_seconds(_total)?\{/,
  /_rate(_max)?\{/,
  /_max_(sessions|queue)\{/,
  /_connection_(attempts|reuses)_total\{/,
  /_(idle|used|need|unsafe|safe)_(idle_)?connections_current\{/,
  // Processes differ, and the one that is asked in itself has more to count.
  /^haproxy_process_(max_fds|max_sockets|current_|connections_total|requests_total|jobs|listeners|idle|bytes|pool)/,
  /^haproxy_process_(max_connection|max_session)_rate|^haproxy_process_max_pipes/,
];

beforeAll(async () => {
  const good = createServer((request, response) => {
    response.statusCode = request.url === '/missing' ? 404 : request.url === '/broken' ? 500 : 200;
    response.end('good');
  });
  const bad = createTcpServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 3\r\nBad Header: x\r\n\r\nabc'));
  });
  servers.push(good, bad);
  for (const server of servers) {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  }
  const [first = 0, second = 0] = servers.map((server) => {
    const address = server.address();
    return address === null || typeof address === 'string' ? 0 : address.port;
  });
  ports.good = first;
  ports.bad = second;
  ports.dead = await freePort();
});

afterAll(() => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
});

describeWithPeer('haproxy', 'metrics beside haproxy’s', () => {
  let haproxy: Subject;
  let tandem: Subject;

  beforeAll(async () => {
    [haproxy, tandem] = await Promise.all([Subject.start('haproxy'), Subject.start('tandem')]);
    await Promise.all([haproxy.traffic(), tandem.traffic()]);
  }, 2 * DEADLINE_MS);
  afterAll(async () => {
    await haproxy?.stop();
    await tandem?.stop();
  });

  async function both<T>(look: (subject: Subject) => Promise<T>): Promise<{ readonly haproxy: T; readonly tandem: T }> {
    return { haproxy: await look(haproxy), tandem: await look(tandem) };
  }

  /** The same from both, as soon as both have counted the end of everything. */
  async function same<T>(look: (subject: Subject) => Promise<T>): Promise<void> {
    let last = await both(look);
    await until(async () => {
      last = await both(look);
      return JSON.stringify(last.tandem) === JSON.stringify(last.haproxy);
    }).catch(() => {});
    expect(last.tandem).toEqual(last.haproxy);
  }

  it('have the same type of document', async () => {
    const types = await both(async (subject) => (await subject.get('')).type);
    expect(types.tandem).toBe(types.haproxy);
  });

  it('have the same 187 families, in the same order, with the same types and help texts', async () => {
    const headers = await both(async (subject) =>
      [...(await subject.families()).values()].map(({ name, type, help }) => [name, type, help]),
    );
    expect(headers.tandem).toEqual(headers.haproxy);
    expect(headers.tandem).toHaveLength(187);
  });

  it('have the same series', () => same(async (subject) => Object.keys(numbers(await subject.families())).sort()));

  it('have the same numbers', () =>
    same(async (subject) => {
      const all = Object.entries(numbers(await subject.families())).sort(([a], [b]) => (a < b ? -1 : 1));
      return Object.fromEntries(all.filter(([series]) => !NOT_COMPARED.some((pattern) => pattern.test(series))));
    }));

  it('compare most of them, and some that are not 0', async () => {
    const compared = Object.entries(numbers(await tandem.families())).filter(
      ([series]) => !NOT_COMPARED.some((pattern) => pattern.test(series)),
    );
    const [all, some] = [compared.length, compared.filter(([, value]) => !/^(0|NaN)$/.test(value)).length];
    expect(all).toBeGreaterThan(600);
    expect(some).toBeGreaterThan(90);
  });

  it.each([
    '?scope=global',
    '?scope=server&scope=frontend',
    '?scope=backend&no-maint',
    '?scope=server&no-maint',
    '?scope=server&no-maint=1',
    '?scope=*&scope=',
    '?scope=',
    '?scope=&scope=frontend',
    '?scope=listener',
    '?scope=sticktable',
    '?scope=*',
    '?scope=*frontend',
    '?sc%6Fpe=frontend',
    '?scope=frontend+',
    '?scope=frontend#&scope=backend',
    '?unknown=1&x',
    '?',
    '?&&scope=global&',
    '?scope',
    '?scope=x',
    '?scope=Global',
    '?scope=a=b',
    '?x=1=2',
    '?scope=%zz',
    '?%z=1',
    '?no-maint&scope=global,server',
  ])('answer %s alike', async (query) => {
    const answers = await both(async (subject) => {
      const { status, text } = await subject.get(query);
      if (status !== 200) return { status };
      const families = [...readExposition(text).values()].filter(({ name }) => name.startsWith('haproxy_'));
      const samples = families.filter(({ name }) => name === 'haproxy_server_weight').flatMap((one) => one.samples);
      return { status, names: families.map(({ name }) => name), servers: samples.map(({ labels }) => labels) };
    });
    expect(answers.tandem).toEqual(answers.haproxy);
  });
});

describe('metrics', () => {
  let tandem: Subject;

  beforeAll(async () => {
    tandem = await Subject.start('tandem');
  }, DEADLINE_MS);
  afterAll(() => tandem?.stop());

  it('are the same on the own listener and in a proxy', async () => {
    const [own, inside] = [await tandem.own(''), readExposition((await tandem.get('')).text)];
    expect([...own.keys()].sort()).toEqual([...inside.keys()].sort());
    expect([...own.keys()].some((name) => name.startsWith('tandem_'))).toBe(true);
    expect([...own.keys()].some((name) => name.startsWith('haproxy_server_'))).toBe(true);
  });

  it('tell of the program: its generation, its threads, how late it is', async () => {
    const one = async (name: string) => (await tandem.own('?scope=tandem')).get(name)?.samples.at(-1)?.value ?? -1;
    expect(await one('tandem_generation')).toBe(1);
    expect(await one('tandem_data_process_up')).toBe(1);
    expect(await one('tandem_thread_turns_total')).toBeGreaterThan(0);
    await until(async () => (await one('tandem_control_loop_lag_seconds')) > 3);
  });

  it('tell of reloads, good and bad ones, and count on', async () => {
    const reloads = async () => {
      const all = await tandem.own('?metrics=tandem_reloads_total,tandem_generation');
      return [...all.values()].flatMap(({ samples }) => samples.map(({ value }) => value));
    };
    expect(await reloads()).toEqual([1, 0, 0]);
    tandem.reload();
    await until(async () => (await reloads()).join() === '2,1,0');
    tandem.reload('nonsense\n');
    await until(async () => (await reloads()).join() === '2,1,1');
  });
});
