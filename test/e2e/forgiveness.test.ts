/**
 * What is forgiven with accept-invalid-http-request and -response, asked of the real haproxy and of a real Tandem over
 * sockets: Tandem takes what haproxy takes, but for the differences that are listed here with their reason, and what leaves
 * Tandem is canonical, which cannot be said of haproxy. Likewise http-restrict-req-hdr-names and h1-case-adjust.
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer, findProgram, programPath } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { RawServer } from './hostile/raw-peers.ts';

const program = findProgram('haproxy');
const said = program === undefined ? '' : spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout;
/** Later versions judge some of it in another way: they drop fields with invalid names, too. The tables speak of 2.6 only. */
const isComparable = said === '' || /version 2\.6\./.test(said);
const of26 = <T>(rows: readonly T[]): readonly T[] => (isComparable ? rows : []);

/** Order of the listeners. */
const SECTIONS = [
  ['forgiving', 'option accept-invalid-http-request\n  option accept-invalid-http-response'],
  ['deleting', 'option http-restrict-req-hdr-names delete'],
  ['rejecting', 'option http-restrict-req-hdr-names reject'],
  ['adjusting', 'option h1-case-adjust-bogus-client\n  option h1-case-adjust-bogus-server\n  option forwardfor'],
] as const;
type Section = (typeof SECTIONS)[number][0];

const configuration = (ports: readonly number[], serverPort: number) => `
global
  nbthread 1
  h1-case-adjust host HOST
  h1-case-adjust x-forwarded-for X-fORWARDED-fOR
  h1-case-adjust content-length cONTENT-lENGTH
  h1-case-adjust connection cONNECTION
defaults
  mode http
  retries 0
  http-reuse never
  timeout connect 20s
  timeout client 20s
  timeout server 20s
${SECTIONS.map(
  ([name, lines], i) => `listen ${name}
  bind 127.0.0.1:${ports[i]}
  server s 127.0.0.1:${serverPort}
  ${lines}
`,
).join('')}`;

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A server that gives one answer to each head, and the two proxies before it. */
class Bench {
  readonly #server: RawServer;
  readonly #proxies: readonly ProxyProcess[];
  readonly #ports: readonly (readonly number[])[];
  static #answer = OK;
  static #seen = '';

  private constructor(server: RawServer, proxies: readonly ProxyProcess[], ports: readonly (readonly number[])[]) {
    this.#server = server;
    this.#proxies = proxies;
    this.#ports = ports;
  }

  static async start(programs: readonly string[]): Promise<Bench> {
    const server = await RawServer.listen((socket) => {
      let got = '';
      socket.on('data', (chunk) => {
        got += chunk.toString('latin1');
        if (!got.includes('\r\n\r\n')) return;
        Bench.#seen = got;
        socket.end(Bench.#answer, 'latin1');
      });
    });
    const proxies: ProxyProcess[] = [];
    const ports: number[][] = [];
    for (const one of programs) {
      const own: number[] = [];
      for (const _ of SECTIONS) own.push(await freePort());
      proxies.push(await ProxyProcess.start(one, configuration(own, server.port), own[0] ?? 0));
      ports.push(own);
    }
    return new Bench(server, proxies, ports);
  }

  /** What becomes of a request, or of the answer to it, in one of the proxies. */
  async ask(proxy: number, section: Section, raw: string, answer = OK): Promise<{ client: string; server: string }> {
    Bench.#answer = answer;
    Bench.#seen = '';
    const port = this.#ports[proxy]?.[SECTIONS.findIndex(([name]) => name === section)] ?? 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let client = '';
    let over = false;
    let wake: () => void = () => undefined;
    socket.on('data', (chunk) => {
      client += chunk.toString('latin1');
      wake();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      over = true;
      wake();
    });
    await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
    socket.write(Buffer.from(raw, 'latin1'));
    while (!over && !/\r\n\r\n/.test(client)) await new Promise<void>((resolve) => (wake = resolve));
    socket.destroy();
    return { client, server: Bench.#seen };
  }

  async stop(): Promise<void> {
    for (const proxy of this.#proxies) await proxy.stop();
    await this.#server.close();
  }
}

const TANDEM = 0;
const HAPROXY = 1;
const statusOf = (client: string): number => Number(/^\S+ (\d+)/.exec(client)?.[1] ?? 0);
/** A head that everybody reads alike. */
const CANONICAL =
  /^(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+ [!-"$-~]+ HTTP\/1\.[01]|HTTP\/1\.[01] [1-9]\d\d [\t -~\x80-\xff]*)\r\n(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t -~\x80-\xff]*\r\n)*\r\n/;

const get = (fields: string, line = 'GET / HTTP/1.1') => `${line}\r\nHost: s\r\n${fields}\r\n`;
const ok = (fields: string, line = 'HTTP/1.1 200 OK') => `${line}\r\n${fields}Content-Length: 2\r\n\r\nok`;

describeWithPeer('haproxy', 'what is forgiven, beside the real haproxy', () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await Bench.start([TANDEM_HAPROXY, programPath('haproxy')]);
  });
  afterAll(() => bench.stop());

  /** Statuses of both; what leaves Tandem is looked at. */
  async function request(raw: string): Promise<{ tandem: number; haproxy: number }> {
    const tandem = await bench.ask(TANDEM, 'forgiving', raw);
    if (tandem.server !== '') expect(tandem.server).toMatch(CANONICAL);
    const haproxy = await bench.ask(HAPROXY, 'forgiving', raw);
    return { tandem: statusOf(tandem.client), haproxy: statusOf(haproxy.client) };
  }

  async function response(raw: string): Promise<{ tandem: number; haproxy: number }> {
    const tandem = await bench.ask(TANDEM, 'forgiving', get(''), raw);
    expect(tandem.client).toMatch(CANONICAL);
    const haproxy = await bench.ask(HAPROXY, 'forgiving', get(''), raw);
    return { tandem: statusOf(tandem.client), haproxy: statusOf(haproxy.client) };
  }

  it.each(
    of26([
      get('X-A: b\r\n'),
      get('X[]: a\r\nA: b\r\n'),
      get('X : a\r\nA: b\r\n'),
      get('X\xe9: a\r\n'),
      get('A: b\0c\r\n'),
      get('A: b\x01c\x7f\r\n'),
      get('A: b\r\n c\r\n'),
      get('A\r\n'),
      get(': a\r\n'),
      get('A: b\rc\r\n'),
      get('', 'GET /a#b HTTP/1.1'),
      get('', 'GET /\xe9 HTTP/1.1'),
      get('', 'GET /"<>\\^`{|} HTTP/1.1'),
      get('', 'GET /\x7f HTTP/1.1'),
      get('', 'GET /\x01 HTTP/1.1'),
      get('', 'GET / HTTP/1.10'),
      get('', 'GET / HTTP/11.1'),
      get('', 'GET / HTTP/2.0'),
      get('', 'GET / HTTP/1.1 '),
      get('', ' GET / HTTP/1.1'),
      get('', 'GET  /  HTTP/1.1'),
      get('', 'GET / http/1.1'),
      get('Host: s\r\n'),
      get('Host: t\r\n'),
      'GET / HTTP/1.1\nHost: s\n\n',
      `\n${get('')}`,
      'GET /x\r\n',
      'GET /x\r\nHost: s\r\n\r\n',
      'POST /x\r\n\r\n',
      get('Connection: Upgrade\r\nUpgrade: websocket\r\n'),
      get('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n'),
    ]),
  )('requests: both take it, or neither: %j', async (raw) => {
    const { tandem, haproxy } = await request(raw);
    expect([tandem, haproxy]).toEqual(haproxy === 200 ? [200, 200] : [400, 400]);
  });

  it.each(
    of26([
      ['a length that only some can see', get('Content-Length : 5\r\n')],
      ['a coding that only some can see', get('Transfer-Encoding\v: chunked\r\n')],
      ['a name that ends at a CR for some', get('X\rA: b\r\n')],
      ['another protocol, whose messages may end elsewhere', get('', 'GET / RTSP/1.0')],
      ['no Host (RFC 9112 3.2)', 'GET / HTTP/1.1\r\n\r\n'],
      ['an empty Host', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
      ['userinfo in Host', 'GET / HTTP/1.1\r\nHost: a@s\r\n\r\n'],
      ['a list in Host', 'GET / HTTP/1.1\r\nHost: s, t\r\n\r\n'],
    ]),
  )('requests: only haproxy takes %s', async (_why, raw) => {
    expect(await request(raw)).toEqual({ tandem: 400, haproxy: 200 });
  });

  /** Those of which the rules make a difference, and some of the others. */
  const BYTES = [...Array(0x30).keys(), ...'09:;<=>?@AZ[\\]^_`az{|}~'].map((one) =>
    typeof one === 'number' ? String.fromCharCode(one) : one,
  );
  BYTES.push('\x7f', '\x80', '\x81', '\xa0', '\xc3', '\xfe', '\xff');
  const swept: (readonly [string, (byte: string) => string])[] = [
    ['in a name', (byte) => get(`X${byte}A: b\r\n`)],
    ['in a value', (byte) => get(`A: b${byte}c\r\n`)],
    ['in the target', (byte) => get('', `GET /a${byte}b HTTP/1.1`)],
    ['after the version', (byte) => get('', `GET /a HTTP/1.1${byte}`)],
  ];
  it.each(of26(swept))('requests: both take the same bytes %s', async (place, text) => {
    const differences: string[] = [];
    for (const byte of BYTES) {
      const { tandem, haproxy } = await request(text(byte));
      if ((tandem === 200) !== (haproxy === 200)) differences.push(JSON.stringify(byte));
    }
    const known: Readonly<Record<string, readonly string[]>> = {
      // The end of a line for some.
      'in a name': ['\r'],
      // haproxy does not see it between others; at the beginning it does.
      'in the target': ['\x7f'],
      // LF ends the head, which has no Host then; the others make another protocol of it.
      'after the version': ['\n', '.', '/', 'A', 'Z'],
    };
    expect(differences).toEqual((known[place] ?? []).map((byte) => JSON.stringify(byte)));
  });

  it.each(
    of26([
      ok(''),
      ok('X[]: a\r\n'),
      ok('X : a\r\n'),
      ok('A: b\0c\r\n'),
      ok('A: b\x01c\r\n'),
      ok('A: b\r\n c\r\n'),
      ok('A: b\rc\r\n'),
      ok('A\r\n'),
      ok(': a\r\n'),
      ok('', 'HTTP/1.1 200 O\x01K'),
      ok('', 'HTTP/1.10 200 OK'),
      ok('', 'HTTP/2.0 200 OK'),
      ok('', 'HTTP/1.1  200   OK'),
      ok('', 'HTTP/1.1 abc OK'),
      `\r\n${ok('')}`,
      'HTTP/1.1 200 OK\nContent-Length: 2\n\nok',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok',
    ]),
  )('responses: both take it, or neither: %j', async (raw) => {
    const { tandem, haproxy } = await response(raw);
    expect([tandem, haproxy]).toEqual(haproxy === 502 ? [502, 502] : [200, 200]);
  });

  it.each(
    of26([
      ['four digits', ok('', 'HTTP/1.1 2000 OK')],
      ['another protocol', ok('', 'RTSP/1.0 200 OK')],
      ['a coding of nothing', ok('Transfer-Encoding:\r\n')],
      [
        'chunks from a server that does not know them',
        `HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
    ]),
  )('responses: only haproxy passes on %s', async (_why, raw) => {
    const { tandem, haproxy } = await response(raw);
    expect([tandem, haproxy === 502]).toEqual([502, false]);
  });

  describe('http-restrict-req-hdr-names', () => {
    const fields = (server: string) => server.toLowerCase().split('\r\n').slice(1).join('\n').replaceAll(': ', ':');

    it.each(of26(['X-A1: b\r\n', 'X_A: b\r\n', 'X.A: b\r\nX-B: c\r\n', "X'A: b\r\nx_b: c\r\nX-C: d\r\n"]))(
      'leaves what haproxy leaves of %j',
      async (lines) => {
        for (const section of ['deleting', 'rejecting'] as const) {
          const tandem = await bench.ask(TANDEM, section, get(lines));
          const haproxy = await bench.ask(HAPROXY, section, get(lines));
          expect(statusOf(tandem.client)).toBe(statusOf(haproxy.client));
          expect(fields(tandem.server)).toBe(fields(haproxy.server));
        }
      },
    );
  });

  it('h1-case-adjust writes the names that are listed as haproxy does', async () => {
    const names = (head: string) =>
      [...head.matchAll(/\n([!#-'*+.^_`|~0-9A-Za-z-]+):/g)].map(([, name]) => name ?? '').sort();
    const raw = 'GET / HTTP/1.0\r\nHost: s\r\nX-Other: a\r\n\r\n';
    const tandem = await bench.ask(TANDEM, 'adjusting', raw);
    const haproxy = await bench.ask(HAPROXY, 'adjusting', raw);
    // haproxy writes all others in lower case.
    const listed = (head: string) =>
      names(head).filter((name) => /^(?:host|x-forwarded-for|content-length|connection)$/i.test(name));
    expect(listed(tandem.server)).toEqual(['HOST', 'X-fORWARDED-fOR', 'cONNECTION']);
    expect(listed(tandem.server)).toEqual(listed(haproxy.server));
    expect(listed(tandem.client)).toContain('cONTENT-lENGTH');
    expect(listed(tandem.client).filter((name) => /length/i.test(name))).toEqual(
      listed(haproxy.client).filter((name) => /length/i.test(name)),
    );
  });
});
