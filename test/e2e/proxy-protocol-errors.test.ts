/**
 * What becomes of clients of `accept-proxy` that send something else than a header, beside haproxy: how their connections
 * end, and what the log says; and what is judged in another way on purpose.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const PROGRAMS = ['haproxy', 'epoll', 'io_uring'] as const;
type Program = (typeof PROGRAMS)[number];

const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';
const V4 = '\x7f\0\0\x01\x7f\0\0\x02\x12\x34\x00\x50';
const REQUEST = 'GET / HTTP/1.0\r\n\r\n';

function binary(command: string, family: string, rest: string): string {
  return `${SIGNATURE}${command}${family}${String.fromCharCode(rest.length >> 8, rest.length & 255)}${rest}`;
}

/** Each with a request behind it, which must not be answered where the header is not right. */
const SAME: readonly (readonly [name: string, bytes: string])[] = [
  ['version 1', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
  ['version 1, IPv6', 'PROXY TCP6 2001:db8::1 ::1 65535 0\r\n'],
  ['version 1, unknown', 'PROXY UNKNOWN\r\n'],
  ['version 2', binary('\x21', '\x11', V4)],
  ['version 2, a TLV', binary('\x21', '\x11', `${V4}\x04\0\x02ab`)],
  ['version 2, LOCAL', binary('\x20', '\0', '')],
  ['no header', ''],
  ['another word', 'HELLO TCP4 192.0.2.1 192.0.2.2 1 2\r\n'],
  ['another protocol', 'PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n'],
  ['another family', 'PROXY TCP4 2001:db8::1 ::1 1 2\r\n'],
  ['names', 'PROXY TCP4 localhost localhost 1 2\r\n'],
  ['two blanks', 'PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n'],
  ['no carriage return', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 2 \n'],
  ['version 3', binary('\x31', '\x11', V4)],
  ['an unknown command', binary('\x22', '\x11', V4)],
  ['addresses that are too short', binary('\x21', '\x11', V4.slice(1))],
  ['half a TLV', binary('\x21', '\x11', `${V4}\x04\0`)],
  ['a TLV that is too long', binary('\x21', '\x11', `${V4}\x04\0\x09ab`)],
  ['a wrong checksum', binary('\x21', '\x11', `${V4}\x03\0\x04abcd`)],
  ['a short checksum', binary('\x21', '\x11', `${V4}\x03\0\x03abc`)],
  ['a name that is too long', binary('\x21', '\x11', `${V4}\x02\x01\0${'a'.repeat(256)}`)],
];

/** haproxy's verdict, and ours. */
const OTHERWISE: readonly (readonly [name: string, bytes: string, haproxy: string, tandem: string])[] = [
  ['UNKNOWN with addresses, which a receiver has to skip', 'PROXY UNKNOWN ::1 ::2 1 2\r\n', 'reset', 'served'],
  ['version 2, unspecified', binary('\x21', '\0', ''), 'reset', 'served'],
  ['version 2, unix', binary('\x21', '\x31', 'x'.repeat(216)), 'reset', 'served'],
  ['ports with zeros before them', 'PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n', 'served', 'reset'],
  ['ports that are none', 'PROXY TCP4 192.0.2.1 192.0.2.2 1 65537\r\n', 'served', 'reset'],
  ['ports that are missing', 'PROXY TCP4 192.0.2.1 192.0.2.2  2\r\n', 'served', 'reset'],
  ['octal addresses', 'PROXY TCP4 192.0.2.010 192.0.2.2 1 2\r\n', 'served', 'reset'],
];

function ask(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text, 'latin1'));
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {
      if (received === '') resolve('reset');
    });
    socket.on('close', () => resolve(received === '' ? 'closed' : 'served'));
  });
}

describeWithPeer('haproxy', 'clients without a PROXY header that is right', () => {
  const proxies = new Map<Program, { process: ProxyProcess; port: number; log: Datagrams; lines: string[] }>();

  beforeAll(async () => {
    for (const program of PROGRAMS) {
      const log = createSocket('udp4');
      log.bind(0, '127.0.0.1');
      await once(log, 'listening');
      const lines: string[] = [];
      log.on('message', (line) => lines.push(line.toString('latin1').trim()));
      const port = await quietPort();
      const other = await quietPort();
      const config = `
global
  ${program === 'haproxy' ? '' : `tune.tandem.poller ${program}\n  nbthread 1`}
defaults
  mode http
  timeout connect 20s
  timeout client 20s
  timeout server 20s
frontend f
  log 127.0.0.1:${log.address().port} format raw local0
  option httplog
  bind 127.0.0.1:${port} accept-proxy name door
frontend g
  bind 127.0.0.1:${other}
`;
      const command = program === 'haproxy' ? programPath('haproxy') : TANDEM_HAPROXY;
      proxies.set(program, { process: await ProxyProcess.start(command, config, other), port, log, lines });
    }
  }, 90_000);

  afterAll(async () => {
    for (const { process, log } of proxies.values()) {
      log.close();
      await process.stop();
    }
  });

  /** How it ended, and what was logged, without what is another client's. */
  async function judged(program: Program, bytes: string): Promise<string> {
    const proxy = proxies.get(program);
    if (proxy === undefined) throw new Error('not started');
    const before = proxy.lines.length;
    const end = await ask(proxy.port, bytes + REQUEST);
    while (proxy.lines.length === before) await once(proxy.log, 'message');
    const line = proxy.lines.at(-1) ?? '';
    const alike = line
      .replace(/\[[^\]]*\]/, '[…]')
      .replace(/127\.0\.0\.1:\d+/, '127.0.0.1:…')
      // Timers, and how many others were there.
      .replace(/ [-\d]+(?:\/[-\d]+){4} /g, ' … ');
    return `${end}: ${alike}`;
  }

  it.each(SAME)('%s', async (_name, bytes) => {
    const expected = await judged('haproxy', bytes);
    expect(await judged('epoll', bytes)).toBe(expected);
    expect(await judged('io_uring', bytes)).toBe(expected);
  });

  it.each(OTHERWISE)('otherwise: %s', async (_name, bytes, haproxy, tandem) => {
    expect(await judged('haproxy', bytes)).toMatch(new RegExp(`^${haproxy}: `));
    expect(await judged('epoll', bytes)).toMatch(new RegExp(`^${tandem}: `));
    expect(await judged('io_uring', bytes)).toMatch(new RegExp(`^${tandem}: `));
  });
});
