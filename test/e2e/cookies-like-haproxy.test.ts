/**
 * The same requests through a real haproxy and through Tandem, in every mode of `cookie`: servers see the same cookies,
 * clients get the same ones, with the same dates, and the logs have the same letters. So clients keep their sessions when one
 * takes the place of the other.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { dateOf, readDate, writeDate } from '../../src/proxy/cookie-date.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { SeededRandom } from '../support/random.ts';

const REQUESTS = 80;
const MODES = [
  'insert',
  'insert indirect nocache',
  'insert indirect postonly',
  'insert preserve',
  'insert indirect maxidle 30m maxlife 8h',
  'insert maxidle 1h',
  'insert indirect maxlife 1d',
  'rewrite',
  'rewrite nocache',
  'prefix',
  'prefix indirect',
  'indirect preserve',
  'insert httponly secure domain .example.com domain .example.org attr SameSite=Strict attr X=y',
  'insert dynamic',
];

const random = new SeededRandom(7);

function dateAgo(seconds: number): string {
  const bytes = Buffer.alloc(5);
  writeDate(bytes, 0, dateOf(Date.now() - seconds * 1000));
  return bytes.toString('latin1');
}

/** A value as a client may bring it; dates are far from every limit, so that a slow run changes nothing. */
function value(): string {
  const server = random.pick(['a', 'a', 'b', 'b', 'down', 'nobody', '', 'shared']);
  const date = (): string => random.pick([dateAgo(600), dateAgo(7200), dateAgo(200_000), dateAgo(-300_000), 'x!', '']);
  const tail = random.pick(['', '', `|${date()}`, `|${date()}|${date()}`, '~value', '~', '~a~b']);
  return `${server}${tail}`;
}

function cookies(): string {
  const pair = (): string =>
    random.pick([
      `SRV=${value()}`,
      `SRV=${value()}`,
      'x=1',
      'srv=a',
      'SRV2=b',
      'flag',
      '$Path=/',
      `q="SRV=${value()}; y"`,
      ` SRV = ${value()} `,
      'z=1, SRV=b',
      '"n; SRV=b',
      'q="\\"; SRV=a"',
    ]);
  return Array.from({ length: 1 + random.below(4) }, pair).join(random.pick(['; ', ';']));
}

/** What the server answers with is asked for by the path. */
const ANSWERS = [
  '',
  'Set-Cookie: SRV=own; Path=/\r\n',
  'Set-Cookie: other=1; Path=/\r\nSet-Cookie: SRV=own\r\n',
  'Set-Cookie: SRV = "own; x" ; Secure\r\n',
  'Set-Cookie: SRV=\r\n',
  'Set-Cookie: SRV=own, x; Path=/\r\n',
  'Set-Cookie: SRV="own\\"; x" , y; Secure\r\n',
  'Cache-Control: max-age=60\r\n',
  'Cache-Control: no-store\r\nSet-Cookie: SRV=own; HttpOnly\r\n',
] as const;

function request(): string {
  const lines = Array.from({ length: random.below(3) }, () => `Cookie: ${cookies()}\r\n`).join('');
  const method = random.pick(['GET', 'GET', 'POST']);
  const length = method === 'POST' ? 'Content-Length: 0\r\n' : '';
  return `${method} /${random.below(ANSWERS.length)} HTTP/1.1\r\nHost: x\r\n${lines}${length}Connection: close\r\n\r\n`;
}

/** Answers with what it was asked. */
function origin(): Server {
  return createServer((socket: Socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        text = text.slice(end + 4);
        const seen = [...head.matchAll(/^cookie:[ \t]*(.*)$/gim)].map((match) => (match[1] ?? '').trim());
        const body = JSON.stringify(seen);
        const fields = ANSWERS[Number(/^\S+ \/(\d+)/.exec(head)?.[1])] ?? '';
        socket.write(`HTTP/1.1 200 OK\r\nETag: "1"\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`);
      }
    });
  });
}

function configuration(ports: readonly number[], servers: number): string {
  const section = (mode: string, i: number): string => {
    // Servers with cookies of their own have no dynamic ones.
    const own = (name: string): string => (mode.includes('dynamic') ? '' : `cookie ${name}`);
    return `
listen web${i}
  bind 127.0.0.1:${ports[i]}
  cookie SRV ${mode}
  dynamic-cookie-key secret
  ${i % 2 === 0 ? '' : 'option persist'}
  server a 127.0.0.1:${servers} ${own('a')}
  server b 127.0.0.1:${servers} ${own('b')}
  server off 127.0.0.1:${servers} ${own('down')} disabled
  server first 127.0.0.1:${servers} ${own('shared')} disabled
  server second 127.0.0.1:${servers} ${own('shared')}
  server none 127.0.0.1:${servers} backup
`;
  };
  return `
global
  log stdout format raw local0
defaults
  mode http
  log global
  option httplog
  balance first
  timeout connect 10s
  timeout client 60s
  timeout server 60s
${MODES.map(section).join('')}`;
}

class Side {
  readonly ports: number[] = [];
  #process: ProxyProcess | null = null;

  async start(program: string, servers: number): Promise<void> {
    for (const _ of MODES) this.ports.push(await freePort());
    const last = this.ports.at(-1) ?? 0;
    this.#process = await ProxyProcess.startAs([program], configuration(this.ports, servers), () => connects(last));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** What a client sees of cookies, and what the log says of them. */
  async ask(mode: number, text: string): Promise<unknown> {
    const socket = connect(this.ports[mode] ?? 0, '127.0.0.1');
    const lines = this.#letters(mode).length;
    socket.end(text, 'latin1');
    let answer = '';
    for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
    const [head = '', body = ''] = answer.split('\r\n\r\n');
    const told = [...head.matchAll(/^(set-cookie|cache-control):[ \t]*(.*)$/gim)].map((match) =>
      withDates(`${match[1]?.toLowerCase()}: ${withoutBlanks(match[2] ?? '')}`),
    );
    while (this.#letters(mode).length === lines) await new Promise((resolve) => setTimeout(resolve, 2));
    return {
      told: told.sort(),
      seen: (JSON.parse(body) as string[]).map(withoutBlanks),
      log: this.#letters(mode).at(-1),
    };
  }

  #letters(mode: number): string[] {
    const found = (this.#process?.output ?? '').matchAll(
      new RegExp(` web${mode} web${mode}/(\\S+) .*? (--[A-Z]{2}) `, 'g'),
    );
    return [...found].map((match) => `${match[1]} ${match[2]}`);
  }
}

/** Dates of now are all the same; others stay. */
function withDates(text: string): string {
  return text.replaceAll(/\|([A-Za-z0-9+/]{5})/g, (whole, digits: string) => {
    const seconds = readDate(Buffer.from(digits, 'latin1'), 0) * 4 - Date.now() / 1000;
    return Math.abs(seconds) < 60 ? '|now' : whole;
  });
}

/** haproxy takes blanks around `=` out, of all cookies; here they stay where they are. */
function withoutBlanks(text: string): string {
  return text.replaceAll(/ *([=;,]) */g, '$1').trim();
}

describeWithPeer('haproxy', 'cookies like haproxy', () => {
  const servers = origin();
  const tandem = new Side();
  const haproxy = new Side();

  beforeAll(async () => {
    servers.listen(0, '127.0.0.1');
    await once(servers, 'listening');
    const { port } = servers.address() as AddressInfo;
    await tandem.start(TANDEM_HAPROXY, port);
    await haproxy.start(programPath('haproxy'), port);
  });

  afterAll(async () => {
    await tandem.stop();
    await haproxy.stop();
    servers.close();
  });

  it.each(MODES.map((mode, i) => [mode, i] as const))('cookie SRV %s', async (_, mode) => {
    for (let i = 0; i < REQUESTS; i++) {
      const text = request();
      const [ours, theirs] = await Promise.all([tandem.ask(mode, text), haproxy.ask(mode, text)]);
      expect(ours, text).toEqual(theirs);
    }
  });
});
