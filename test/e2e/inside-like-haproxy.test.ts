/**
 * What proxies answer by themselves, beside haproxy: the same requests to the stats page and to the exporter, then the same
 * answers, log lines and counters, and servers that were changed in the same way. Then what only strangers do.
 */
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, processTree, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ask } from '../support/stats-client.ts';

const folder = mkdtempSync(join(tmpdir(), 'tandem-inside-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Got {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

type Place = 'fe' | 'li' | 'only';

class Subject {
  readonly ports: Readonly<Record<Place, number>>;
  readonly proxy: ProxyProcess;
  readonly #socket: string;

  private constructor(ports: Subject['ports'], proxy: ProxyProcess, socket: string) {
    this.ports = ports;
    this.proxy = proxy;
    this.#socket = socket;
  }

  static async start(name: string, program: string): Promise<Subject> {
    const ports = { fe: await freePort(), li: await freePort(), only: await freePort() };
    const socket = join(folder, `${name}.sock`);
    const config = `
global
  log stdout format raw local0
  stats socket ${socket} level admin
  nbthread 2
defaults
  mode http
  log global
  option httplog
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend fe
  bind 127.0.0.1:${ports.fe}
  stats uri /stats
  stats auth admin:pass:word
  stats refresh 5s
  stats admin if TRUE
  http-request use-service prometheus-exporter if { path /metrics }
  default_backend be
backend be
  stats uri /own
  stats http-request auth realm Foo if { path_beg /own/auth }
  stats http-request deny if { path_beg /own/deny }
  stats hide-version
  cookie SRV insert
  server s1 127.0.0.1:1 cookie a
  server s2 127.0.0.1:1 cookie b disabled
listen li
  bind 127.0.0.1:${ports.li}
  stats enable
  stats scope .
  stats realm "Two words"
  stats admin if { src 192.0.2.0/24 }
  server s1 127.0.0.1:1
frontend only
  bind 127.0.0.1:${ports.only}
  http-request use-service prometheus-exporter
`;
    const proxy = await ProxyProcess.start(program, config, ports.only);
    return new Subject(ports, proxy, socket);
  }

  async ask(place: Place, path: string, { method = 'GET', headers = {}, body = '' }: Asked = {}): Promise<Got> {
    const sent = request({ port: this.ports[place], host: '127.0.0.1', path, method, headers, agent: false });
    sent.end(body);
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const piece of response) text += piece;
    return { status: response.statusCode, headers: response.headers, body: text };
  }

  /** Without the client, dates, times and sizes; `<STATS>` and `<PROMEX>` are the words that matter. */
  get lines(): string[] {
    const found = [...this.proxy.output.matchAll(/^127\.0\.0\.1:\d+ \[[^\]]*\] (.*)$/gm)].map(([, line = '']) => line);
    return found.map((line) => line.replace(/ [-\d]+\/[-\d]+\/[-\d]+\/[-\d]+\/\+?\d+ (\d+) \d+ /, ' $1 '));
  }

  async row(proxy: string, name: string): Promise<Readonly<Record<string, string>>> {
    const [head = '', ...rows] = (await ask(this.#socket, 'show stat\n')).split('\n');
    const names = head.replace('# ', '').split(',');
    const row = rows.find((line) => line.startsWith(`${proxy},${name},`)) ?? '';
    return Object.fromEntries(row.split(',').map((cell, i) => [names[i] ?? '', cell]));
  }

  tell(command: string): Promise<string> {
    return ask(this.#socket, `${command}\n`);
  }

  stop(): Promise<void> {
    return this.proxy.stop();
  }
}

const LOGIN = { Authorization: `Basic ${Buffer.from('admin:pass:word').toString('base64')}` };
const form = (body: string, headers: Record<string, string> = LOGIN): Asked => ({ method: 'POST', headers, body });

const CASES: readonly (readonly [Place, string, Asked?])[] = [
  ['fe', '/stats'],
  ['fe', '/stats', { headers: { Authorization: 'Basic bm9ib2R5OnB3' } }],
  ['fe', '/stats', { headers: LOGIN }],
  ['fe', '/stats;up;no-maint', { headers: LOGIN }],
  ['fe', '/stats', { method: 'HEAD', headers: LOGIN }],
  ['fe', '/stats;csv;norefresh', { headers: LOGIN }],
  ['fe', '/stats;csv;norefresh?scope=li', { headers: LOGIN }],
  ['fe', '/stats;typed', { headers: LOGIN }],
  ['fe', '/stats;json', { headers: LOGIN }],
  ['fe', '/stats;json-schema', { headers: LOGIN }],
  ['fe', '/statsandmore', { headers: LOGIN }],
  ['fe', '/stats', { method: 'PUT', headers: LOGIN }],
  ['fe', '/stats', form('s=s1&action=drain&b=be')],
  ['fe', '/stats;up;norefresh', form('s=s1&action=bogus&b=be')],
  ['fe', '/stats', form('s=s1&action=ready&b=nobody')],
  ['fe', '/stats', form('s=s1&s=s9&action=ready&b=%233')],
  ['fe', '/stats', form('action=ready&b=be')],
  ['fe', '/stats', form('s=s2&action=enable&b=be')],
  ['fe', '/stats', form('s=s1&action=maint&b=be')],
  ['fe', '/own'],
  ['fe', '/own/auth'],
  ['fe', '/own/deny'],
  ['fe', '/own', form('s=s1&action=ready&b=be', {})],
  ['li', '/haproxy?stats'],
  ['li', '/haproxy?stats;csv'],
  ['li', '/haproxy?stats', form('s=s1&action=maint&b=li', {})],
  ['fe', '/metrics'],
  ['fe', '/metrics', form('nothing', {})],
  ['only', '/any?scope=frontend'],
  ['only', '/any?scope=nothing'],
];

const SEEN = ['content-type', 'cache-control', 'refresh', 'location', 'www-authenticate'] as const;

function seen({ status, headers, body }: Got): Readonly<Record<string, unknown>> {
  const shown = Object.fromEntries(SEEN.map((name) => [name, headers[name] ?? '']));
  const isTable = body.startsWith('# pxname');
  const rows = body.trimEnd().split('\n');
  const names = rows[0]?.split(',-,')[0];
  const table = isTable ? [names, ...rows.slice(1).map((row) => row.split(',').slice(0, 2).join('/'))] : [];
  // What is wrong with a question is said in our words.
  if (status === 400) return { status };
  return { status, ...shown, table, page: status >= 400 ? body : '' };
}

/** haproxy says 400 in its log of whom it refuses in front of the page. */
const isRefused = (line: string): boolean => /<STATS> 40[013] /.test(line);
const isComparable = (line: string): boolean => line.includes('<STATS>') || line.includes('<PROMEX>');

describeWithPeer('haproxy', 'beside haproxy', () => {
  let real: Subject;
  let ours: Subject;
  beforeAll(async () => {
    real = await Subject.start('haproxy', programPath('haproxy'));
    ours = await Subject.start('tandem', TANDEM_HAPROXY);
  });
  afterAll(async () => {
    await real?.stop();
    await ours?.stop();
  });

  it('answers are the same: status, headers, the columns and rows of tables, pages of refusals', async () => {
    for (const [place, path, asked] of CASES) {
      const [theirs, own] = [await real.ask(place, path, asked), await ours.ask(place, path, asked)];
      expect({ path, ...seen(own) }).toEqual({ path, ...seen(theirs) });
    }
  });

  it('log lines are the same: who answered, and how it ended', async () => {
    const lines = (subject: Subject): string[] =>
      subject.lines.filter(isComparable).map((line) => (isRefused(line) ? line.replace(/> 40\d /, '> 4xx ') : line));
    await expect.poll(() => lines(ours).length, { timeout: 20_000 }).toBe(lines(real).length);
    expect(lines(ours)).toEqual(lines(real));
    expect(lines(ours).length).toBe(CASES.length - 1);
  });

  it('counters are the same', async () => {
    const columns = ['req_tot', 'intercepted', 'hrsp_2xx', 'hrsp_3xx', 'hrsp_4xx', 'hrsp_5xx', 'scur'];
    const rows = [
      ['fe', 'FRONTEND'],
      ['li', 'FRONTEND'],
      ['only', 'FRONTEND'],
    ] as const;
    for (const [proxy, name] of rows) {
      const pick = async (subject: Subject): Promise<unknown> => {
        const row = await subject.row(proxy, name);
        return columns.map((column) => [proxy, column, row[column]]);
      };
      const theirs = await pick(real);
      await expect.poll(() => pick(ours), { timeout: 20_000 }).toEqual(theirs);
    }
  });

  it('servers are what the forms have made of them', async () => {
    for (const name of ['s1', 's2']) {
      const { status } = await real.row('be', name);
      expect((await ours.row('be', name))['status']).toBe(status);
    }
    expect((await ours.row('be', 's1'))['status']).toBe('MAINT');
    expect((await ours.row('li', 's1'))['status']).toBe('no check');
  });
});

/** sockaddr_un, unix(7). */
const SUN_PATH_BYTES = 108;

describe('strangers', () => {
  let ours: Subject;
  beforeAll(async () => {
    ours = await Subject.start('strange', TANDEM_HAPROXY);
  });
  afterAll(() => ours?.stop());

  /** The name of the door, as everybody on this machine can see it. */
  function door(): string {
    const pids = processTree(ours.proxy.pid).join('|');
    // One that listens: connections have its name, too, also after a reload has closed it.
    const listens = new RegExp(` 00010000 0001 01 +\\d+ @(tandem-(?:${pids})-[0-9a-f-]+)`);
    const name = listens.exec(readFileSync('/proc/net/unix', 'latin1'))?.[1];
    if (name === undefined) throw new Error('there is no door');
    // Filled up, as HAProxy's are; Node 20 does that by itself.
    return `\0${name}`.padEnd(SUN_PATH_BYTES, '\0');
  }

  function knock(head: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = connect({ path: door() });
      let text = '';
      socket.on('data', (chunk) => {
        text += chunk;
      });
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
      socket.write(`${head}\r\n\r\n`);
    });
  }

  it('the field of data processes, from a client, is not theirs', async () => {
    const field = { 'X-Tandem-Inside': '00000000-0000-0000-0000-000000000000 0 stats -1 1 1' };
    expect((await ours.ask('fe', '/stats', { headers: field })).status).toBe(401);
    const denied = await ours.ask('li', '/haproxy?stats', form('s=s1&action=maint&b=li', field));
    expect(denied.headers['location']).toBe('/haproxy?stats;st=DENY');
    const twice = { 'x-tandem-inside': 'x', 'X-TANDEM-INSIDE': 'y' };
    expect((await ours.ask('fe', '/own', { headers: twice })).status).toBe(200);
  });

  it('who finds the door has no word for it', async () => {
    const said = await knock('GET /stats HTTP/1.1\r\nHost: a\r\nConnection: close');
    expect(said).toMatch(/^HTTP\/1\.1 403 /);
    const guess = 'X-Tandem-Inside: 00000000-0000-0000-0000-000000000000 0 stats -1 1 1';
    expect(await knock(`GET /stats HTTP/1.1\r\nHost: a\r\n${guess}\r\nConnection: close`)).toMatch(/^HTTP\/1\.1 403 /);
    expect(await knock('nonsense')).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('pages of others post nothing, whoever is logged in', async () => {
    const origins: readonly Record<string, string>[] = [
      { Origin: 'http://evil.example' },
      { Referer: 'http://evil.example/x' },
      { 'Sec-Fetch-Site': 'cross-site' },
    ];
    for (const origin of origins) {
      const { status } = await ours.ask('fe', '/stats', form('s=s1&action=maint&b=be', { ...LOGIN, ...origin }));
      expect(status).toBe(403);
    }
    expect((await ours.row('be', 's1'))['status']).toBe('no check');
  });

  it('a form that is too long changes nothing', async () => {
    const long = `s=s1&action=maint&b=be&x=${'x'.repeat(100_000)}`;
    const { status, headers } = await ours.ask('fe', '/stats', form(long));
    expect([status, headers['location']]).toEqual([303, '/stats;st=EXCD']);
    expect((await ours.row('be', 's1'))['status']).toBe('no check');
  });

  it('who does not read, and who does not go on, keep nobody else from it', async () => {
    const head = `Host: a\r\nAuthorization: ${LOGIN.Authorization}\r\n`;
    const slow = Array.from({ length: 40 }, (_, i) => {
      const socket = connect(ours.ports.fe, '127.0.0.1');
      socket.on('error', () => {});
      socket.pause();
      socket.write(
        i % 2 === 0
          ? `GET /stats HTTP/1.1\r\n${head}\r\n`.repeat(20)
          : `POST /stats HTTP/1.1\r\n${head}Content-Length: 50\r\n\r\ns=`,
      );
      return socket;
    });
    await Promise.all(slow.map((socket) => once(socket, 'connect')));
    // Those that stall in their body hold their place at the server, which has an end; traffic has none of it.
    expect((await ours.ask('li', '/haproxy?stats')).status).toBe(200);
    expect((await ours.ask('only', '/metrics')).status).toBe(200);
    for (const socket of slow) socket.destroy();
    await expect
      .poll(async () => (await ours.ask('fe', '/stats', { headers: LOGIN })).status, { timeout: 40_000 })
      .toBe(200);
  });

  it('a form that is sent over a reload is carried out; the page is there all the time', async () => {
    const body = 's=s1&action=drain&b=be';
    const socket = connect(ours.ports.fe, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    const head = `Host: a\r\nAuthorization: ${LOGIN.Authorization}\r\nContent-Length: ${body.length}\r\n`;
    socket.write(`POST /stats HTTP/1.1\r\n${head}\r\n${body.slice(0, 5)}`);
    await once(socket, 'connect');
    let reloading = true;
    const reloaded = ours.tell('reload').finally(() => {
      reloading = false;
    });
    while (reloading) expect((await ours.ask('fe', '/stats', { headers: LOGIN })).status).toBe(200);
    expect(await reloaded).toContain('Success=1');
    socket.write(body.slice(5));
    await once(socket, 'data');
    expect(text).toMatch(/^HTTP\/1\.1 303 .*\r\nlocation: \/stats;st=DONE\r\n/is);
    socket.destroy();
    expect((await ours.row('be', 's1'))['status']).toBe('DRAIN');
  });

  it('a control process that does not answer keeps nobody waiting for long; then all is as before', async () => {
    process.kill(ours.proxy.pid, 'SIGSTOP');
    try {
      const all = Array.from({ length: 17 }, () => ours.ask('li', '/haproxy?stats'));
      const first = await Promise.race(all);
      expect(first.status).toBe(503);
      expect(first.body).toContain('too busy');
      process.kill(ours.proxy.pid, 'SIGCONT');
      const statuses = (await Promise.all(all)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200).length).toBe(16);
    } finally {
      process.kill(ours.proxy.pid, 'SIGCONT');
    }
  });

  it('text of others stays text', async () => {
    const { body, headers } = await ours.ask('fe', '/stats;csv<script>?scope=%3Cscript%3E', { headers: LOGIN });
    expect(body).not.toContain('<script>');
    expect(headers['content-type']).toBe('text/plain');
    const page = await ours.ask('fe', '/stats;st=<b>;"><script>?scope="><script>', { headers: LOGIN });
    expect(page.body.match(/<script>/g)?.length).toBe(1);
    expect(page.headers['content-security-policy']).toMatch(/script-src 'sha256-[^']+'; /);
  });
});
