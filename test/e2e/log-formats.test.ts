/**
 * Log lines beside a real haproxy: the same requests, hostile ones too, through both, each on a listener of its own for every
 * format; the lines are the same but for ports, times and process numbers.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { EXCHANGES, type Exchange, type FormatCase, HTTP_FORMATS, TCP_FORMATS } from './logs/formats.ts';

/** A word of a configuration: nothing in it is special. */
const quoted = (format: string): string => `'${format.replaceAll("'", "'\\''")}'`;

const CAPTURES = [
  'capture request header User-Agent len 40',
  'capture request header X-Two len 3',
  'capture request header Missing len 3',
  'capture response header X-Answer len 40',
  'capture response header Set-Cookie len 12',
  'capture cookie track len 20',
  "unique-id-format '%{+X}o%ci:%fi_%rt-%[req.hdr(user-agent)]'",
  'unique-id-header X-Unique-ID',
];

/** Beside the formats: what is said when, and how loud. */
const WHEN: readonly (readonly string[])[] = [
  ['mode http', 'option httplog', ...CAPTURES],
  ['mode http', 'option httplog clf', ...CAPTURES],
  ['mode http', 'option httplog', 'option logasap'],
  ['mode http', 'option httplog clf', 'option logasap', ...CAPTURES],
  ['mode http', 'option httplog', 'option log-separate-errors'],
  ['mode http', "log-format '%ST %r'", 'option log-separate-errors'],
  ['mode http', "log-format '%ci %ST %s %r %hr'", ...CAPTURES],
  [
    'mode http',
    "log-format '%ci %B %ST'",
    "error-log-format 'error %ci %ST %ts %tsc %r %hr %ID %B %U %si %bi'",
    ...CAPTURES,
  ],
  ['mode http', 'option httplog', "error-log-format 'only errors %ST %{+Q}r'"],
  ['mode http', "log-format '%ST %r'", 'log-format-sd \'[a@1 id=%{+Q,+E}ID h=%{+Q,+E}hr u="%{+E}HU"]\'', ...CAPTURES],
  ['mode http', 'option httplog', "log-format-sd '  - %ST  '"],
  [
    'mode http',
    "log-format '%ST %[status] %s %b %bi %si %ts %tsc %B %hr %hs %r %ID %Tr %Td'",
    'no server',
    ...CAPTURES,
  ],
  ['mode http', 'option httplog', 'option dontlog-normal', 'option log-separate-errors', 'no server'],
  ['mode http', "log-format '%[status]'"],
];

/** Numbers go; what is hexadecimal because of `+X` looks different with each number. */
function compared(line: string, { compares }: Pick<FormatCase, 'compares'>): string {
  // Only Tandem's count leaves out requests of listeners that do not say it.
  if (compares === 'exact') return line.replace(/_[0-9A-F]+-/, '_N-');
  return line
    .replace(/_[0-9A-F]+-/, '_N-')
    .replace(/\b[0-9A-F]{2,8}\b/g, 'N')
    .replace(/\d+/g, 'N');
}

/** The kernel's and the clock's: process, times, the client's port. */
function withoutChance(line: string): string {
  return (
    line
      .replace(/^(<\d+>1) \S+ (\S+) (\S+) \d+/, '$1 DATE $2 $3 PID')
      .replace(/\[\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d[^\]]*\]/, '[DATE]')
      .replace(/^(<\d+>[^:]*127\.0\.0\.1):\d+/, '$1:PORT')
      .replace(/"" "" \d+ \d{3} /, '"" "" PORT MS ')
      .replace(/(-?\d+\/){4}\+?-?\d+ (?=-?\d+ \+?\d)/, 'TIMERS ')
      .replace(/("(?:origin|<NOSRV>)") (-?\d+ ){4}\+?-?\d+ /, '$1 TIMERS ')
      // Whether the connection before has gone is chance, too.
      .replace(/ (\d+\/){4}(\+?\d+) /, ' COUNTS/$2 ')
      .replace(/ ([-A-Za-z]{4}) (\d+ ){4}(\+?\d+) /, ' $1 COUNTS $3 ')
      .replace(/_[0-9A-F]+-/, '_N-')
  );
}

/** An address of this process alone: ports of other tests are none of ours. */
const ADDRESS = `127.30.${(process.pid >> 8) & 255}.${process.pid & 255 || 1}`;

/** Held all at the same time, so that each is another one: both proxies would share a port without a word. */
async function freePorts(count: number): Promise<number[]> {
  const held = Array.from({ length: count }, () => createServer().listen(0, ADDRESS));
  await Promise.all(held.map((server) => once(server, 'listening')));
  const ports = held.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(held.map((server) => once(server.close(), 'close')));
  return ports;
}

function origin(): Server {
  return createServer((socket: Socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        text = text.slice(end + 4 + Number(/content-length: (\d+)/i.exec(text.slice(0, end))?.[1] ?? 0));
        socket.write(
          'HTTP/1.1 200 OK\r\nX-Answer: no\r\nX-Answer: "a|b{#}]\\\xff\r\nSet-Cookie: other=1\r\nSet-Cookie: track=served; Path=/\r\n' +
            'Content-Length: 5\r\n\r\nhello',
        );
      }
    });
  });
}

class Side {
  readonly ports: readonly number[];
  readonly #datagrams: Datagrams;
  readonly #lines: string[];
  readonly #process: ProxyProcess;

  constructor(ports: readonly number[], datagrams: Datagrams, lines: string[], process: ProxyProcess) {
    this.ports = ports;
    this.#datagrams = datagrams;
    this.#lines = lines;
    this.#process = process;
  }

  static async start(
    program: string,
    sections: readonly (readonly string[])[],
    server: number,
    free: readonly number[],
  ): Promise<Side> {
    const datagrams = createSocket('udp4');
    const lines: string[] = [];
    datagrams.on('message', (message) => lines.push(message.toString('latin1')));
    datagrams.bind(0, '127.0.0.1');
    await once(datagrams, 'listening');
    const [ready = 0, ...ports] = free;
    const config = [
      'global',
      '  nbthread 1',
      'defaults',
      '  timeout connect 5s',
      '  timeout client 30s',
      '  timeout server 30s',
      '  http-reuse never',
      // It logs nothing.
      'listen ready',
      `  bind ${ADDRESS}:${ready}`,
      ...sections.flatMap((section, i) => [
        `listen p${i}`,
        `  bind ${ADDRESS}:${ports[i]}`,
        `  log 127.0.0.1:${datagrams.address().port} len 4096 format ${section.some((line) => line.startsWith('log-format-sd')) ? 'rfc5424' : 'short'} local0`,
        ...section.map((line) => `  ${line}`),
        ...(section.includes('no server') ? [] : [`  server origin 127.0.0.1:${server}`]),
      ]),
    ].filter((line) => line.trim() !== 'no server');
    const started = await ProxyProcess.startAs([program], `${config.join('\n')}\n`, () => connects(ready, ADDRESS));
    return new Side(ports, datagrams, lines, started);
  }

  /** The lines that come of it. */
  async linesOf(section: number, { bytes, ends, lines }: Exchange): Promise<string[]> {
    // Whatever went wrong before is not this one's.
    this.#lines.length = 0;
    const socket = connect(this.ports[section] ?? 0, ADDRESS);
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(Buffer.from(bytes, 'latin1'));
    if (ends === true) socket.end();
    await once(socket, 'close');
    while (this.#lines.length < lines) await once(this.#datagrams, 'message');
    return this.#lines.splice(0).map((line) => line.trimEnd());
  }

  get output(): string {
    return this.#process.output;
  }

  async stop(): Promise<void> {
    await this.#process.stop();
    this.#datagrams.close();
  }
}

const http = HTTP_FORMATS.map(({ format }) => ['mode http', `log-format ${quoted(format)}`, ...CAPTURES]);
const tcp = TCP_FORMATS.map(({ format }) => ['mode tcp', `log-format ${quoted(format)}`]);
const SECTIONS = [...http, ...tcp, ...WHEN];

describeWithPeer('haproxy', 'log formats like haproxy', () => {
  const server = origin();
  let theirs: Side;
  let ours: Side;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const each = SECTIONS.length + 1;
    const ports = await freePorts(2 * each);
    [theirs, ours] = await Promise.all([
      Side.start(programPath('haproxy'), SECTIONS, port, ports.slice(0, each)),
      Side.start(TANDEM_HAPROXY, SECTIONS, port, ports.slice(each)),
    ]);
  });

  afterAll(async () => {
    await Promise.all([theirs?.stop(), ours?.stop()]);
    server.close();
  });

  async function both(section: number, exchange: Exchange): Promise<[string[], string[]]> {
    return Promise.all([theirs.linesOf(section, exchange), ours.linesOf(section, exchange)]);
  }

  describe.each(EXCHANGES)('$title', (exchange) => {
    it.each(HTTP_FORMATS.map((one, i) => [one.format, i] as const))('%s', async (_, i) => {
      const format = HTTP_FORMATS[i] as FormatCase;
      const [expected, got] = await both(i, exchange);
      expect(got.map((line) => compared(line, format))).toEqual(expected.map((line) => compared(line, format)));
    });

    it.each(WHEN.map((section, i) => [section.slice(1, 3).join('; '), i] as const))('%s', async (_, i) => {
      const [expected, got] = await both(http.length + tcp.length + i, exchange);
      expect(got.map(withoutChance)).toEqual(expected.map(withoutChance));
    });
  });

  it.each(TCP_FORMATS.map((one, i) => [one.format, i] as const))('mode tcp: %s', async (_, i) => {
    const format = TCP_FORMATS[i] as FormatCase;
    const exchange = { title: '', bytes: 'GET / HTTP/1.1\r\n\r\n', ends: true, lines: 1 };
    const [expected, got] = await both(http.length + i, exchange);
    expect(got.map((line) => compared(line, format))).toEqual(expected.map((line) => compared(line, format)));
  });
});
