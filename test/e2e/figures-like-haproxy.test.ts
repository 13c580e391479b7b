/**
 * `show stat` after the same traffic through haproxy and Tandem, column by column: answers of all classes, servers that
 * refuse, cut, or talk nonsense, retries and redispatches, queues, clients that leave, TCP. Counters are equal; times are told
 * where there was something to wait for.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STAT_COLUMNS } from '../../src/admin/stat-columns.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort, quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { SeededRandom } from '../support/random.ts';
import { ask } from '../support/stats-client.ts';
import { TalkingClient } from '../support/talking-client.ts';
import { converse } from '../support/tcp-conversation.ts';

type Row = Readonly<Record<string, string>>;

const SEED = 7;
const DEADLINE_MS = 30_000;
/** How long a server takes that is slow. */
const SLOW_MS = 40;
const folder = mkdtempSync(join(tmpdir(), 'tandem-figures-'));

/** A server that does what the path says. */
class Origin {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  /** Those who asked for `/hold` and have not been answered. */
  readonly held: Socket[] = [];
  port = 0;

  constructor() {
    this.#server = createServer((socket) => {
      this.#open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        this.#open.delete(socket);
        const at = this.held.indexOf(socket);
        if (at >= 0) this.held.splice(at, 1);
      });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
          this.#answer(socket, /^\S+ \/(\w+)/.exec(text)?.[1] ?? '');
          text = text.slice(end + 4);
        }
      });
    });
  }

  async listen(): Promise<void> {
    this.port = await freePort();
    await new Promise<void>((resolve) => this.#server.listen(this.port, '127.0.0.1', resolve));
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#open) socket.destroy();
  }

  #answer(socket: Socket, what: string): void {
    switch (what) {
      case 'nothing':
        socket.destroy();
        return;
      case 'junk':
        socket.end('HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n');
        return;
      case 'cut':
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.');
        return;
      case 'part':
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.');
        return;
      case 'hold':
        this.held.push(socket);
        return;
      case 'slow':
        setTimeout(() => socket.write(answer(200)), SLOW_MS);
        return;
      default:
        socket.write(answer(Number(what)));
    }
  }

  release(): void {
    for (const socket of this.held.splice(0)) socket.write(answer(200));
  }
}

const answer = (status: number) => `HTTP/1.1 ${status} X\r\nContent-Length: 5\r\n\r\nhello`;
const request = (path: string, fields = '') => `GET /${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const last = (path: string) => request(path, 'Connection: close\r\n');

const origin = new Origin();
let deadPort = 0;

type Entrance = 'web' | 'mended' | 'dead' | 'empty' | 'tight' | 'left' | 'tcp' | 'broken';
const ENTRANCES: readonly Entrance[] = ['web', 'mended', 'dead', 'empty', 'tight', 'left', 'tcp', 'broken'];

class Subject {
  readonly #path: string;
  readonly #ports: ReadonlyMap<Entrance, number>;
  readonly proxy: ProxyProcess;

  private constructor(path: string, ports: ReadonlyMap<Entrance, number>, proxy: ProxyProcess) {
    this.#path = path;
    this.#ports = ports;
    this.proxy = proxy;
  }

  static async start(name: string, program: string, globals: string): Promise<Subject> {
    const path = join(folder, `${name}.sock`);
    const ports = new Map<Entrance, number>();
    for (const entrance of ENTRANCES) ports.set(entrance, await quietPort());
    const bind = (entrance: Entrance) => `bind 127.0.0.1:${ports.get(entrance)}`;
    const config = `
global
  stats socket ${path} level admin
  nbthread 1
  maxconn 200
  ${globals}
defaults
  mode http
  timeout connect 250
  timeout client 20s
  timeout server 20s
  retries 1
  default-server pool-purge-delay 300s
frontend web
  ${bind('web')}
  maxconn 50
  default_backend app
backend app
  fullconn 9
  cookie SRV insert indirect nocache
  server s1 127.0.0.1:${origin.port} cookie a weight 10
  server s2 127.0.0.1:${origin.port} cookie b weight 20 backup
listen mended
  ${bind('mended')}
  balance roundrobin
  option redispatch
  server dead 127.0.0.1:${deadPort}
  server good 127.0.0.1:${origin.port}
listen dead
  ${bind('dead')}
  server d1 127.0.0.1:${deadPort}
listen empty
  ${bind('empty')}
  server e1 127.0.0.1:${origin.port} disabled
listen tight
  ${bind('tight')}
  timeout queue 15s
  server t1 127.0.0.1:${origin.port} maxconn 1
listen left
  ${bind('left')}
  option abortonclose
  server l1 127.0.0.1:${origin.port}
listen tcp
  mode tcp
  ${bind('tcp')}
  server c1 127.0.0.1:${origin.port}
listen broken
  mode tcp
  ${bind('broken')}
  server b1 127.0.0.1:${deadPort}
`;
    return new Subject(path, ports, await ProxyProcess.start(program, config, ports.get('web') ?? 0));
  }

  port(entrance: Entrance): number {
    return this.#ports.get(entrance) ?? 0;
  }

  ask(command: string): Promise<string> {
    return ask(this.#path, `${command}\n`);
  }

  async rows(command = 'show stat'): Promise<readonly Row[]> {
    const [header = '', ...lines] = (await this.ask(command)).trimEnd().split('\n');
    const names = header.slice(2).split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
  }

  async until(what: string, holds: (rows: readonly Row[]) => boolean): Promise<void> {
    for (const end = performance.now() + DEADLINE_MS; !holds(await this.rows()); await sleep(10)) {
      if (performance.now() > end) throw new Error(`${what}: never came true`);
    }
  }

  quiet(): Promise<void> {
    return this.until('nobody is connected', (rows) =>
      rows.every(({ scur, qcur }) => scur === '0' && Number(qcur) === 0),
    );
  }

  /** Whoever looked whether it listens is counted, too. */
  async settle(): Promise<void> {
    await this.quiet();
    await this.ask('clear counters all');
  }
}

type Step = (subject: Subject) => Promise<void>;

const exchange =
  (entrance: Entrance, ...paths: readonly string[]): Step =>
  async (subject) => {
    const client = await TalkingClient.connect(subject.port(entrance));
    for (const path of paths) {
      client.say(request(path));
      await client.hear(/hello$/);
      client.forget();
    }
    client.end();
    await client.ended;
  };

const single =
  (entrance: Entrance, text: string): Step =>
  async (subject) => {
    await converse(subject.port(entrance), text);
  };

/** The second waits until the first has been answered. */
const queued: Step = async (subject) => {
  const first = await TalkingClient.connect(subject.port('tight'));
  first.say(last('hold'));
  await subject.until('the server is taken', () => origin.held.length === 1);
  const second = await TalkingClient.connect(subject.port('tight'));
  second.say(last('200'));
  await subject.until('one waits', (rows) => rows.some(({ pxname, qcur }) => pxname === 'tight' && qcur === '1'));
  await sleep(SLOW_MS);
  origin.release();
  await first.hear(/hello$/);
  await second.hear(/hello$/);
  await Promise.all([first.ended, second.ended]);
};

/** While the server has not answered, and in the middle of its answer. */
const leavesWaiting: Step = async (subject) => {
  const client = await TalkingClient.connect(subject.port('left'));
  client.say(request('hold'));
  await subject.until('the server was asked', () => origin.held.length === 1);
  client.reset();
  await subject.until('it has left', () => origin.held.length === 0);
};

const leavesReading: Step = async (subject) => {
  const client = await TalkingClient.connect(subject.port('left'));
  client.say(request('part'));
  await client.hear(/bytes\.$/);
  client.reset();
  await subject.quiet();
};

const STEPS: readonly [Step, ...Step[]] = [
  single('web', last('200')),
  single('web', last('301')),
  single('web', last('404')),
  single('web', last('503')),
  single('web', last('slow')),
  single('web', last('nothing')),
  single('web', last('junk')),
  single('web', last('cut')),
  single('web', 'GET / HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n'),
  single('web', request('200', 'Cookie: SRV=b\r\nConnection: close\r\n')),
  exchange('web', '200', '404', '200'),
  exchange('mended', '200', '200'),
  single('mended', last('200')),
  single('dead', last('200')),
  single('empty', last('200')),
  exchange('tcp', '200'),
  exchange('tcp', 'slow', '404'),
  single('broken', ''),
  queued,
  leavesWaiting,
  leavesReading,
];

async function traffic(subject: Subject): Promise<void> {
  const random = new SeededRandom(SEED);
  for (const step of STEPS) {
    await step(subject);
    await subject.quiet();
  }
  for (let i = 0; i < 30; i++) {
    await random.pick(STEPS)(subject);
    await subject.quiet();
  }
}

/** Of the moment. */
const PASSING = new Set(['rate', 'req_rate', 'conn_rate', 'lastchg', 'downtime', 'lastsess', 'need_conn_est']);
/** Of the second in which most happened. */
const GREATEST_RATES = new Set(['rate_max', 'req_rate_max', 'conn_rate_max']);
const TIMES = ['qtime', 'ctime', 'rtime', 'ttime'];

/** A line for each column that is not the same. */
function differences(ours: readonly Row[], theirs: readonly Row[]): readonly string[] {
  const name = (row: Row) => `${row['pxname']}/${row['svname']}`;
  expect(ours.map(name)).toEqual(theirs.map(name));
  return ours.flatMap((row, i) => {
    const [here, there] = [comparable(row), comparable(theirs[i] ?? {})];
    const columns = Object.keys(here).filter((column) => here[column] !== there[column]);
    return columns.map((column) => `${name(row)} ${column}: ${here[column]}, haproxy ${there[column]}`);
  });
}

function comparable(row: Row): Row {
  const kept = STAT_COLUMNS.flatMap(({ name }): [string, string][] => {
    const value = row[name] ?? '';
    if (PASSING.has(name) || TIMES.includes(name.replace(/_max$/, ''))) return [[name, value === '' ? '' : 'n']];
    if (GREATEST_RATES.has(name)) return [[name, value === '' || value === '0' ? value : '>0']];
    return [[name, value]];
  });
  return Object.fromEntries(kept);
}

beforeAll(async () => {
  deadPort = await quietPort();
  await origin.listen();
});
afterAll(() => {
  origin.close();
  rmSync(folder, { recursive: true, force: true });
});

describeWithPeer('haproxy', 'figures after the same traffic', () => {
  let haproxy: Subject;
  let tandem: Subject;
  let theirs: readonly Row[] = [];
  let ours: readonly Row[] = [];

  beforeAll(async () => {
    haproxy = await Subject.start('haproxy', programPath('haproxy'), '');
    // A client's first request is sent on a new connection, as there.
    tandem = await Subject.start('tandem', TANDEM_HAPROXY, 'tune.tandem.reuse-first off');
    for (const subject of [haproxy, tandem]) {
      await subject.settle();
      await traffic(subject);
    }
    theirs = await haproxy.rows();
    ours = await tandem.rows();
  });
  afterAll(async () => {
    await haproxy?.proxy.stop();
    await tandem?.proxy.stop();
  });

  it('are haproxy’s', () => {
    expect(differences(ours, theirs)).toEqual([]);
  });

  describe('times', () => {
    const rowOf = (rows: readonly Row[], name: string) =>
      rows.find(({ pxname, svname }) => `${pxname}/${svname}` === name) ?? {};

    it.each([
      ['app/s1', 'rtime'],
      ['app/BACKEND', 'ttime'],
      ['tight/t1', 'qtime'],
      ['tight/BACKEND', 'qtime'],
      ['tight/t1', 'rtime'],
      ['tcp/c1', 'ttime'],
    ])('of %s: both have %s, and the longest', (name, column) => {
      for (const rows of [theirs, ours]) {
        const row = rowOf(rows, name);
        expect(Number(row[column])).toBeGreaterThan(0);
        expect(Number(row[`${column}_max`])).toBeGreaterThanOrEqual(Number(row[column]));
      }
    });

    it('are 0 where nothing was to be had', () => {
      for (const name of ['dead/d1', 'dead/BACKEND', 'empty/e1', 'empty/BACKEND', 'broken/b1', 'broken/BACKEND']) {
        for (const rows of [theirs, ours]) {
          const row = rowOf(rows, name);
          expect(TIMES.flatMap((time) => [row[time], row[`${time}_max`]])).toEqual(Array(8).fill('0'));
        }
      }
      expect(rowOf(ours, 'tcp/c1')['rtime']).toBe('0');
    });
  });

  it('begin anew with clear counters', async () => {
    for (const subject of [haproxy, tandem]) await subject.ask('clear counters all');
    const [there, here] = [await haproxy.rows(), await tandem.rows()];
    expect(differences(here, there)).toEqual([]);
    const times = (rows: readonly Row[]) => rows.map((row) => TIMES.map((time) => [row[time], row[`${time}_max`]]));
    expect(times(here)).toEqual(times(there));
  });
});
