/**
 * The stats socket of the real program beside haproxy's: the same configuration and traffic, then the same answers, field by
 * field; and what operators do there has its effect on traffic, and survives what data processes do not.
 */
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ask } from '../support/stats-client.ts';
import { converse, leave } from '../support/tcp-conversation.ts';

type Row = Readonly<Record<string, string>>;

const folder = mkdtempSync(join(tmpdir(), 'tandem-stats-'));
const DEADLINE_MS = 20_000;

/** Ports that nobody listens on, of servers that are there, and of one that talks nonsense. */
const servers = { dead: 0, good: 0, other: 0, bad: 0 };
const listening: Server[] = [];

/** A server that answers whatever it is asked. */
async function answering(answer: string): Promise<number> {
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  listening.push(server);
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const ok = (name: string) => `HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n${name}`;
const BAD_RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nBad Header: x\r\n\r\nabc';
const BAD_REQUEST = 'GET /foo HTTP/1.1\r\nHost: a\r\nBad Header: x\r\n\r\n';
const request = (path = '/') => `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`;

class Subject {
  readonly path: string;
  readonly ports: Readonly<Record<'web' | 'bad' | 'dead' | 'tcp' | 'quiet' | 'probed', number>>;
  readonly proxy: ProxyProcess;

  private constructor(path: string, ports: Subject['ports'], proxy: ProxyProcess) {
    this.path = path;
    this.ports = ports;
    this.proxy = proxy;
  }

  static async start(name: string, program: string): Promise<Subject> {
    const path = join(folder, `${name}.sock`);
    const ports = {
      web: await freePort(),
      bad: await freePort(),
      dead: await freePort(),
      tcp: await freePort(),
      quiet: await freePort(),
      probed: await freePort(),
    };
    const config = `
global
  stats socket ${path} level admin
  stats timeout 30s
  maxconn 200
  nbthread 1
defaults
  mode http
  timeout connect 100
  timeout client 5s
  timeout server 5s
  retries 1
frontend web
  bind 127.0.0.1:${ports.web}
  maxconn 50
  default_backend app
backend app
  fullconn 7
  cookie SRV insert indirect nocache
  server s1 127.0.0.1:${servers.good} cookie a weight 10
  server s2 127.0.0.1:${servers.other} cookie b backup weight 5 maxconn 10 maxqueue 3 id 9
  server s3 127.0.0.1:${servers.dead} check inter 100 fall 1
  server s4 127.0.0.1:${servers.dead} check inter 100 disabled
listen bad
  bind 127.0.0.1:${ports.bad}
  id 20
  server b1 127.0.0.1:${servers.bad} pool-max-conn 4
listen tcp
  mode tcp
  balance leastconn
  bind 127.0.0.1:${ports.tcp}
  server t1 127.0.0.1:${servers.good}
listen dead
  bind 127.0.0.1:${ports.dead}
  server d1 127.0.0.1:${servers.dead}
backend lonely
listen quiet
  bind 127.0.0.1:${ports.quiet}
  timeout client 200ms
  server s 127.0.0.1:${servers.good}
listen probed
  option http-ignore-probes
  option dontlognull
  bind 127.0.0.1:${ports.probed}
  timeout client 200ms
  server s 127.0.0.1:${servers.good}
`;
    return new Subject(path, ports, await ProxyProcess.start(program, config, ports.web));
  }

  ask(command: string): Promise<string> {
    return ask(this.path, `${command}\n`);
  }

  async rows(command = 'show stat'): Promise<readonly Row[]> {
    const [header = '', ...lines] = (await this.ask(command)).trimEnd().split('\n');
    const names = header.slice(2).split(',');
    return lines.map((line) => Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell])));
  }

  async row(proxy: string, server: string): Promise<Row> {
    const found = (await this.rows()).find(({ pxname, svname }) => pxname === proxy && svname === server);
    if (found === undefined) throw new Error(`no row of ${proxy}/${server}`);
    return found;
  }

  /** Until nobody is connected and the checked server is known to be down; then everything counts from nothing. */
  async settle(): Promise<void> {
    await until(async () => {
      const rows = await this.rows();
      return rows.every(({ scur }) => scur === '0') && rows.some(({ status }) => status === 'DOWN');
    });
    await this.ask('clear counters all');
  }

  /** One connection after the other. */
  async traffic(): Promise<void> {
    const { web, bad, dead, tcp, quiet, probed } = this.ports;
    for (let i = 0; i < 3; i++) await converse(web, request());
    await converse(web, BAD_REQUEST);
    await converse(bad, request());
    await converse(dead, request());
    await converse(tcp, request(), ok('g'));
    // Too little: with an end, and with silence.
    for (const port of [quiet, probed]) {
      for (const text of ['', '\r\n', 'GET / HT']) {
        await leave(port, text);
        await converse(port, text);
      }
    }
  }
}

/** Waits for a condition. */
async function until(holds: () => Promise<boolean>, say: () => string = () => ''): Promise<void> {
  for (const end = performance.now() + DEADLINE_MS; !(await holds()); await sleep(20)) {
    if (performance.now() > end) throw new Error(`never came true ${say()}`);
  }
}

/** Times, rates and what only one of the two measures; `smax`: whether the last connection has ended is a race. */
const NOT_COMPARED = new Set([
  ...['bin', 'bout', 'smax', 'rate', 'rate_max', 'req_rate', 'req_rate_max', 'conn_rate', 'conn_rate_max'],
  ...['lastchg', 'downtime', 'check_duration', 'lastsess', 'qtime', 'ctime', 'rtime', 'ttime'],
  ...['qtime_max', 'ctime_max', 'rtime_max', 'ttime_max', 'need_conn_est', 'srv_icur', 'idle_conn_cur'],
  ...['safe_conn_cur', 'used_conn_cur', 'addr'],
  // A client's first request may use an idle connection here (tune.tandem.reuse-first).
  ...['connect', 'reuse'],
]);
const COLUMNS = 103;

function comparable(row: Row): Row {
  const columns = Object.entries(row).slice(0, COLUMNS);
  const kept = columns.filter(([name]) => !NOT_COMPARED.has(name));
  // A star: a check is under way.
  return Object.fromEntries(kept.map(([name, value]) => [name, value.replace(/^\* /, '')]));
}

beforeAll(async () => {
  servers.dead = await freePort();
  servers.good = await answering(ok('g'));
  servers.other = await answering(ok('o'));
  servers.bad = await answering(BAD_RESPONSE);
});
afterAll(() => {
  for (const server of listening) server.close();
  rmSync(folder, { recursive: true, force: true });
});

describeWithPeer('haproxy', 'the stats socket beside haproxy’s', () => {
  let haproxy: Subject;
  let tandem: Subject;

  beforeAll(async () => {
    haproxy = await Subject.start('haproxy', programPath('haproxy'));
    tandem = await Subject.start('tandem', TANDEM_HAPROXY);
    for (const subject of [haproxy, tandem]) {
      await subject.settle();
      await subject.traffic();
    }
  });
  afterAll(async () => {
    await haproxy?.proxy.stop();
    await tandem?.proxy.stop();
  });

  async function both<T>(look: (subject: Subject) => Promise<T>): Promise<{ readonly haproxy: T; readonly tandem: T }> {
    return { haproxy: await look(haproxy), tandem: await look(tandem) };
  }

  /** The same from both, as soon as both have counted the end of everything. */
  async function same<T>(look: (subject: Subject) => Promise<T>): Promise<void> {
    let last = await both(look);
    await until(
      async () => {
        last = await both(look);
        return JSON.stringify(last.tandem) === JSON.stringify(last.haproxy);
      },
      () => '',
    ).catch(() => {});
    expect(last.tandem).toEqual(last.haproxy);
  }

  describe('show stat', () => {
    it('has the same first 103 columns', async () => {
      const headers = await both(async (subject) => (await subject.ask('show stat')).split('\n')[0]?.split(','));
      expect(headers.tandem?.slice(0, COLUMNS + 1)).toEqual(headers.haproxy?.slice(0, COLUMNS + 1));
    });

    it('has the same rows, and the same in them', () =>
      same(async (subject) => (await subject.rows()).map(comparable)));

    it.each(['-1 4 -1', 'app 7 9', '3 2 -1', 'no-maint', 'up', 'app 6 -1 no-maint'])('%s: the same rows', (filter) =>
      same(async (subject) =>
        (await subject.rows(`show stat ${filter}`)).map(({ pxname, svname, status }) => [pxname, svname, status]),
      ),
    );

    it('has addresses, sessions and bytes', async () => {
      const s1 = await tandem.row('app', 's1');
      expect(s1['addr']).toBe(`127.0.0.1:${servers.good}`);
      const web = await tandem.row('web', 'FRONTEND');
      expect(Number(web['bin'])).toBeGreaterThan(0);
      expect(Number(web['bout'])).toBeGreaterThan(0);
      expect(Number(web['smax'])).toBeGreaterThan(0);
      expect(Number(web['rate_max'])).toBeGreaterThan(0);
    });

    it('typed: the same fields with the same tags', () =>
      same(async (subject) => {
        const lines = (await subject.ask('show stat typed')).split('\n');
        const promised = lines.filter((line) => Number(line.split('.')[3]) < COLUMNS);
        return promised.map((line) => /^[^:]+:[^:]+:[^:]+/.exec(line)?.[0]);
      }));
  });

  describe('show info', () => {
    it.each(['', ' typed', ' desc', ' typed desc', ' float', ' typed float'])(
      '%s: the same fields in the same order',
      async (flags) => {
        const fields = await both(async (subject) => {
          const lines = (await subject.ask(`show info${flags}`)).split('\n');
          // With `typed` also what kind of number each is.
          const kind = (line: string) => /:([A-Za-z]{3}:[a-z0-9]{3}):/.exec(line)?.[1];
          return lines.map((line) => [/^[^:]+/.exec(line)?.[0], kind(line), /"[^"]*"$/.exec(line)?.[0]]);
        });
        expect(fields.tandem).toEqual(fields.haproxy);
      },
    );

    it('json: the same fields', async () => {
      const fields = await both(async (subject) => {
        const all = JSON.parse(await subject.ask('show info json')) as { value: { value?: unknown } }[];
        return all.map(({ value: { value: _value, ...type }, ...rest }) => ({ ...rest, type }));
      });
      expect(fields.tandem).toEqual(fields.haproxy);
    });
  });

  it('show servers state: the same but for times and ports', () =>
    same(async (subject) => {
      const lines = (await subject.ask('show servers state')).split('\n');
      return lines.map((line) => line.split(' ').filter((_, i) => i !== 9 || line.startsWith('#')));
    }));

  it('show servers conn: the same servers and limits', () =>
    same(async (subject) => {
      const lines = (await subject.ask('show servers conn')).split('\n').slice(1);
      return lines.map((line) => line.split(' ').filter((_, i) => [0, 1, 2, 3, 4, 5, 11].includes(i)));
    }));

  it.each(['show backend', 'show schema json', 'show cli level', 'show env PATH', 'show env NOBODY'])(
    '%s: the same',
    async (command) => {
      const answers = await both((subject) => subject.ask(command));
      expect(answers.tandem).toBe(answers.haproxy);
    },
  );

  it.each(['', ' web', ' web request', ' -1 response', ' 20', ' nope'])('show errors%s: the same', async (args) => {
    const answers = await both(async (subject) => {
      const lines = (await subject.ask(`show errors${args}`)).split('\n');
      const own = /^ {2}(H1 |reason: )/;
      return lines
        .filter((line) => !own.test(line))
        .map((line) =>
          line
            .replace(/\[[^\]]+\]/, '[TIME]')
            .replace(/:\d+$/, ':PORT')
            .replace(/wraps at \d+/, 'wraps'),
        );
    });
    expect(answers.tandem).toEqual(answers.haproxy);
    if (args === '') expect(answers.tandem.join('\n')).toContain('error at position 31');
  });

  it.each([
    ...['get weight app/s1', 'get weight app/nope', 'get weight nope/s1', 'get weight app', 'get weight'],
    ...[
      'get weight #3/#9',
      'set weight app/s1',
      'set weight app/s1 300',
      'set weight app/s1 x',
      'set weight app/s1 5x',
    ],
    ...['set server app/s1 state', 'set server app/s1 state x', 'set server app/s1 health x', 'set server app/s1'],
    ...['set server nope/x state ready', 'set timeout cli', 'set timeout cli x', 'set timeout x', 'disable server'],
    ...['user;set weight app/s1 1;show errors;clear counters;show cli level', 'operator;clear counters all'],
    ...['show servers state nope', 'show servers conn nope', 'show stat nope 1 1', 'prompt;get weight app/s1;quit'],
  ])('%s: the same answer', async (command) => {
    const answers = await both((subject) => subject.ask(command));
    expect(answers.tandem).toBe(answers.haproxy);
  });

  it.each([
    ['set server app/s1 state drain', 'app', 's1'],
    ['set server app/s1 state maint', 'app', 's1'],
    ['set server app/s1 state ready', 'app', 's1'],
    ['disable server app/s2', 'app', 's2'],
    ['enable server app/s2', 'app', 's2'],
    ['set server app/s2 health down', 'app', 's2'],
    ['set server app/s2 health stopping', 'app', 's2'],
    ['set server app/s2 health up', 'app', 's2'],
    ['set weight app/s1 30%', 'app', 's1'],
    ['set server app/s1 weight 100%', 'app', 's1'],
  ])('%s: the same state of the server and its backend', async (command, proxy, server) => {
    const changed = await both((subject) => subject.ask(command));
    expect(changed.tandem).toBe(changed.haproxy);
    const figures = ['status', 'weight', 'act', 'bck', 'uweight'] as const;
    await same(async (subject) => {
      const rows = [await subject.row(proxy, server), await subject.row(proxy, 'BACKEND')];
      const state = (await subject.ask(`show servers state ${proxy}`))
        .split('\n')
        .find((line) => line.includes(server));
      return [rows.map((row) => figures.map((figure) => row[figure])), state?.split(' ').slice(3, 9)];
    });
  });
});

describe('the stats socket', () => {
  let subject: Subject;
  beforeAll(async () => {
    subject = await Subject.start('alone', TANDEM_HAPROXY);
  });
  afterAll(async () => {
    await subject?.proxy.stop();
  });
  const body = async () => (await converse(subject.ports.web, request())).slice(-1);

  it('is for its owner alone', async () => {
    // Clients may be served a moment before.
    await until(async () => existsSync(subject.path));
    expect(statSync(subject.path).mode & 0o777).toBe(0o600);
  });

  it('takes a server out of the traffic and puts it back', async () => {
    expect(await body()).toBe('g');
    await subject.ask('set server app/s1 state maint');
    await until(async () => (await body()) === 'o');
    await subject.ask('set server app/s1 state ready');
    await until(async () => (await body()) === 'g');
    await subject.ask('set weight app/s1 0');
    await until(async () => (await body()) === 'o');
    await subject.ask('set weight app/s1 100%');
    await until(async () => (await body()) === 'g');
  });

  it('leaves clients of a draining server where they are', async () => {
    await subject.ask('set server app/s1 state drain');
    await until(async () => (await body()) === 'o');
    const kept = 'GET / HTTP/1.1\r\nHost: a\r\nCookie: SRV=a\r\nConnection: close\r\n\r\n';
    expect((await converse(subject.ports.web, kept)).slice(-1)).toBe('g');
    await subject.ask('set server app/s1 state ready');
    await until(async () => (await body()) === 'g');
  });

  it('keeps counters, states and bad messages when a data process dies', async () => {
    await converse(subject.ports.web, BAD_REQUEST);
    await subject.ask('set server app/s1 state drain');
    const before = await subject.row('web', 'FRONTEND');
    // The first child; a spare one comes after it.
    const pid = subject.proxy.pids()[1] ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(async () => subject.proxy.output.includes(`data process ${pid} died`));
    await until(async () => (await body().catch(() => '')) === 'o');
    const after = await subject.row('web', 'FRONTEND');
    expect(Number(after['stot'])).toBeGreaterThan(Number(before['stot']));
    expect(Number(after['ereq'])).toBeGreaterThanOrEqual(1);
    expect(await subject.ask('show errors')).toContain('Bad Header: x');
    expect((await subject.row('app', 's1'))['status']).toBe('DRAIN');
    await converse(subject.ports.web, 'GET /again\x01 HTTP/1.1\r\n\r\n');
    expect(await subject.ask('show errors')).toContain('/again');
    await subject.ask('set server app/s1 state ready');
  });

  it('is not held up by a flood of bad requests', async () => {
    const total = async () => Number(/: (\d+)$/m.exec(await subject.ask('show errors'))?.[1]);
    const before = await total();
    const clients = Array.from({ length: 200 }, () => converse(subject.ports.web, BAD_REQUEST));
    const shown = await subject.ask('show errors');
    expect(shown).toMatch(/^Total events captured/);
    const answers = await Promise.all(clients);
    expect(answers.every((answer) => answer.startsWith('HTTP/1.1 400'))).toBe(true);
    await until(async () => (await total()) > before);
  });

  it('leaves no file behind', async () => {
    await subject.proxy.stop();
    expect(readdirSync(folder).filter((name) => name.startsWith('alone'))).toEqual([]);
  });
});
