/**
 * Configurations that two articles publish, with the addresses that they name, and the sessions that they print or promise:
 * "Configuring HAProxy for Session Persistence" (Oracle Linux 7), whose files today's haproxy refuses, and "HAProxy With
 * Keepalived For Fail Over", of which haproxy says the same. One namespace has all of the addresses.
 *
 * Not here: balancing without cookies and a server that stops (two-web-servers.test.ts).
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../../support/proxy-process.ts';

const run = promisify(execFile);
const HERE = import.meta.dirname;

const SERVERS = [
  'websvr1=192.168.1.71:80',
  'websvr2=192.168.1.72:80',
  'websvr1=10.0.0.11:8080',
  'websvr2=10.0.0.12:8080',
  'foo1=192.168.1.5:80',
  'foo2=192.168.1.6:8080',
  'bar1=192.168.2.5:80',
  'bar2=192.168.2.6:80',
  'baz1=192.168.3.5:8080',
  'baz2=192.168.3.6:8080',
];
const BALANCERS = ['10.0.0.1', '10.0.0.2', '10.0.0.10'];
const ONE = 'This is HTTP server websvr1 (192.168.1.71).\n';
const TWO = 'This is HTTP server websvr2 (192.168.1.72).\n';

const inserting = readFileSync(join(HERE, 'persistence.cfg'), 'utf8');
const prefixing = inserting.replace('cookie WEBSVR insert', 'cookie SESSIONID prefix');
const integrated = inserting
  .replace(/ *cookie WEBSVR insert\n/, '')
  .replace('192.168.1.71:80 weight 1 maxconn 512 cookie 1', '10.0.0.11:8080 weight 1 maxconn 512')
  .replace('192.168.1.72:80 weight 1 maxconn 512 cookie 2', '10.0.0.12:8080 weight 1 maxconn 512');
const threeServices = readFileSync(join(HERE, 'three-services.cfg'), 'utf8');

describeWithPeer(['netns', 'ip', 'curl', 'haproxy'], 'sessions that articles print', () => {
  const lab = new NamespaceLab();
  let world: Namespace;
  let proxy: ProxyProcess | undefined;

  const curl = async (...options: string[]): Promise<string> => {
    const [program = '', ...rest] = [...world.exec, programPath('curl'), '-s', '-m', '20', ...options];
    return (await run(program, rest)).stdout;
  };

  async function times(count: number, ...options: string[]): Promise<string[]> {
    const answers: string[] = [];
    for (let i = 0; i < count; i++) answers.push(await curl(...options));
    return answers;
  }

  /** The next lines of the log that say this. */
  async function logged(pattern: RegExp): Promise<string> {
    for (;;) {
      const line = (await curl('http://192.168.2.5/log')).split('\n').find((text) => pattern.test(text));
      if (line !== undefined) return line;
    }
  }

  async function start(program: string, config: string, address: string): Promise<void> {
    proxy = await ProxyProcess.startAs([...world.exec, program], config, () =>
      curl('-o', '/dev/null', `http://${address}`).then(
        () => true,
        () => false,
      ),
    );
  }

  beforeAll(async () => {
    world = lab.add('articles');
    const hosts = new Set([...BALANCERS, ...SERVERS.map((server) => server.replace(/.*=|:.*/g, ''))]);
    for (const host of hosts) lab.run(world, programPath('ip'), 'addr', 'add', `${host}/32`, 'dev', 'lo');
    await lab.start(world, [process.execPath, join(HERE, 'article-servers.mjs'), ...SERVERS]);
  });

  afterAll(async () => {
    await proxy?.stop();
    await lab.remove();
  });

  it('a cookie is inserted, and whoever brings it stays where he was', async () => {
    await start(TANDEM_HAPROXY, inserting, '10.0.0.10');
    const answers = await times(4, 'http://10.0.0.10');
    expect([...answers].sort()).toEqual([ONE, ONE, TWO, TWO]);
    expect(answers[0]).toBe(answers[2]);
    const heads = await times(2, 'http://10.0.0.10', '-D', '-');
    for (const [server, text] of [['1', ONE] as const, ['2', TWO] as const]) {
      const answer = heads.find((head) => head.endsWith(text)) ?? '';
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
      expect(answer).toMatch(new RegExp(`^set-cookie: WEBSVR=${server}; path=/\r$`, 'im'));
    }
    expect(await times(3, 'http://10.0.0.10', '--cookie', 'WEBSVR=2;')).toEqual([TWO, TWO, TWO]);
    expect(await times(3, 'http://10.0.0.10', '--cookie', 'WEBSVR=1;')).toEqual([ONE, ONE, ONE]);
    await proxy?.stop();
  });

  it("a session's cookie is prefixed, and the server never sees that", async () => {
    await start(TANDEM_HAPROXY, prefixing, '10.0.0.10');
    expect(await times(3, 'http://10.0.0.10', '--cookie', 'SESSIONID=1~1234;')).toEqual([ONE, ONE, ONE]);
    expect(await times(3, 'http://10.0.0.10', '--cookie', 'SESSIONID=2~1234;')).toEqual([TWO, TWO, TWO]);
    const seen = await curl('http://10.0.0.10', '-D', '-', '--cookie', 'SESSIONID=2~1234;');
    expect(seen).toMatch(/^x-cookie: SESSIONID=1234;?\r$/im);
    // "A real web application would usually set the session ID on the server side."
    const set = await curl('http://10.0.0.10', '-D', '-', '-d', 'SESSIONID=5678; path=/');
    const server = set.endsWith(ONE) ? '1' : '2';
    expect(set).toMatch(new RegExp(`^set-cookie: SESSIONID=${server}~5678; path=/\r$`, 'im'));
    await proxy?.stop();
  });

  it('servers on the balancers themselves take turns', async () => {
    await start(TANDEM_HAPROXY, integrated, '10.0.0.10');
    const answers = await times(4, 'http://10.0.0.10');
    expect(new Set(answers.slice(0, 2))).toEqual(
      new Set([1, 2].map((n) => `This is HTTP server websvr${n} (10.0.0.1${n}).\n`)),
    );
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
    await proxy?.stop();
  });

  describe.each([
    ['haproxy', () => programPath('haproxy')],
    ['tandem', () => TANDEM_HAPROXY],
  ] as const)('three services, by %s', (name, program) => {
    it('each has its servers, its cookie with dates, its lines in the log', async () => {
      // A folder to be locked into, of the test's own.
      const folder = mkdtempSync(join(tmpdir(), 'tandem-services-'));
      mkdirSync(join(folder, 'jail'));
      await start(
        program(),
        threeServices.replaceAll('/var/lib/haproxy', join(folder, 'jail')).replace('/var/run', folder),
        '10.0.0.1',
      );
      const answers = await times(4, 'http://10.0.0.1');
      expect(new Set(answers)).toEqual(
        new Set(['This is HTTP server foo1 (192.168.1.5).\n', 'This is HTTP server foo2 (192.168.1.6).\n']),
      );
      const head = await curl('http://10.0.0.1/first', '-D', '-');
      const cookie =
        /^set-cookie: (foo-server-id=(foo[12])\|[\w+/]{5}\|[\w+/]{5}); path=\/; domain=\.foo\.example\.com\r$/im;
      const [, pair = '', server = ''] = cookie.exec(head) ?? [];
      expect(head).toMatch(cookie);
      expect(head).toMatch(/^x-client: 10\.0\.0\.1\r$/im);
      expect(head).toMatch(/^connection: close\r$/im);
      for (const answer of await times(2, `http://10.0.0.1/again-${name}`, '-D', '-', '--cookie', pair)) {
        expect(answer).toContain(`This is HTTP server ${server} (`);
        expect(answer).toMatch(/^x-cookie: none\r$/im);
        expect(answer).not.toMatch(/^set-cookie:/im);
      }
      const line = await logged(new RegExp(`again-${name}`));
      expect(line).toMatch(
        new RegExp(
          `foo-http foo-http/${server}-http \\d+/0/\\d+/\\d+/\\d+ 200 \\d+ - - --VN 1/1/0/0/0 0/0 "GET /again-${name} HTTP/1.1"$`,
        ),
      );
      // Two proxies have the same address, as in the article: either may answer.
      for (const answer of await times(4, 'http://10.0.0.2')) expect(answer).toMatch(/server (bar|baz)[12] /);
      await proxy?.stop();
      rmSync(folder, { recursive: true });
    });
  });
});
