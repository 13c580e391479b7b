import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckedUrl, HttpCheck } from '../../../src/config/l4-model.ts';
import { systemTimers, type Timer, type Timers } from '../../../src/core/clock.ts';
import { httpMethod } from '../../../src/l4/checks/http-check.ts';
import { requestText } from '../../../src/l4/checks/page-fetch.ts';
import {
  attempt,
  CheckedServer,
  found,
  foundLate,
  home,
  ORIGIN,
  reset,
  SHORT_MS,
  services,
  timing,
  to,
} from '../../support/l4-checks.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { freePort } from '../../support/ports.ts';
import { TLS_IDENTITY } from '../../support/tls-identity.ts';

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0)) await one.stop();
});

const BODY = `${'all is well '.repeat(1000)}\n`;
const LONG_BODY = 'x'.repeat(4_000_000);
const PAGE = `HTTP/1.0 200 OK\r\nServer: test\r\n\r\n${BODY}`;

async function server(serve: (socket: Socket) => void): Promise<CheckedServer> {
  const one = await CheckedServer.start(serve);
  toStop.push(one);
  return one;
}

/** Says this to whoever asks, and closes. */
const saying = (text: string) => server((socket) => socket.once('data', () => socket.end(text, 'latin1')));

/** How often others had their turn: timers that are due at once. */
class Turns implements Timers {
  count = 0;

  after(delayMs: number, action: () => void): Timer {
    if (delayMs === 0) this.count++;
    return systemTimers.after(delayMs, action);
  }
}

/** The loop is that of the check, too: it has read by then. Else libuv takes RST behind bytes for an end. */
function afterTurns(turns: number, action: () => void): void {
  setImmediate(() => (turns === 0 ? action() : afterTurns(turns - 1, action)));
}

function url(more: Partial<CheckedUrl> = {}): CheckedUrl {
  const statuses = [{ from: 200, to: 299 }];
  return { path: '/health', host: null, serverName: null, statuses, digest: null, pattern: null, ...more };
}

function check(port: number, more: Partial<HttpCheck> = {}, connectTimeoutMs?: number, timers: Timers = systemTimers) {
  const rules = timing(connectTimeoutMs === undefined ? {} : { connectTimeoutMs });
  const plain = { kind: 'http', version: '1.0', urls: [url()], fastRecovery: false } as const;
  const whole = { ...plain, connection: to(port), ...more, origin: ORIGIN, timing: rules };
  return httpMethod(whole, home(), services({ timers }));
}

const SERVER = 'server [10.0.0.71]:tcp:80';

describe('HTTP_GET', () => {
  it.each<[HttpCheck['version'], string | null, string]>([
    ['1.0', null, 'GET /health HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nHost: 127.0.0.1:8080\r\n\r\n'],
    ['1.0C', 'www', 'GET /health HTTP/1.0\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www\r\n\r\n'],
    ['1.1', 'www', 'GET /health HTTP/1.1\r\nUser-Agent: KeepAliveClient\r\nConnection: close\r\nHost: www\r\n\r\n'],
  ])('asks in version %s for host %s as keepalived does', (version, host, expected) => {
    const whole = { kind: 'http', version, urls: [], fastRecovery: false, connection: to(8080) } as const;
    expect(requestText(whole, url({ host }))).toBe(expected);
  });

  it('an IPv6 address is in brackets', () => {
    const connection = to(80, { address: { family: 6, ip: '2001:db8::1', port: 80 } });
    const whole = { kind: 'http', version: '1.0', urls: [], fastRecovery: false, connection } as const;
    expect(requestText(whole, url())).toContain('\r\nHost: [2001:db8::1]:80\r\n');
  });

  it('a page with its digest', async () => {
    const one = await saying(PAGE);
    const digest = createHash('md5').update(BODY).digest('hex');
    expect(await found(check(one.port, { urls: [url({ digest })] }))).toBe('good: status 200');
    expect(one.heard).toContain('GET /health HTTP/1.0\r\n');
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('reads a long page whole, and others have their turn in between', async () => {
    const one = await saying(`HTTP/1.0 200 OK\r\n\r\n${LONG_BODY}`);
    const digest = createHash('md5').update(LONG_BODY).digest('hex');
    const turns = new Turns();
    expect(await found(check(one.port, { urls: [url({ digest })] }, undefined, turns))).toBe('good: status 200');
    expect(turns.count).toBeGreaterThan(20);
  });

  it('does not wait for a server that keeps its connections, when it has said how much there is', async () => {
    const one = await server((socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')),
    );
    expect(await found(check(one.port))).toBe('good: status 200');
  });

  it('asks for its pages in turn', async () => {
    const one = await saying(PAGE);
    const method = check(one.port, { urls: [url({ path: '/a' }), url({ path: '/b' })] });
    let standing = { isUp: true, hasRun: true, tries: 0 };
    for (let i = 0; i < 3; i++) {
      const { kind } = await attempt(method);
      ({ standing } = method.judge(timing(), standing, kind === 'good'));
    }
    expect([...one.heard.matchAll(/GET (\S+)/g)].map(([, path]) => path)).toEqual(['/a', '/b', '/a']);
  });

  it.each<[string, (socket: Socket) => void, string]>([
    [
      'another status',
      (socket) => socket.once('data', () => socket.end('HTTP/1.0 503 Sorry\r\n\r\n')),
      `HTTP status code error to ${SERVER}: status 503, expected 200-299`,
    ],
    [
      'no answer',
      (socket) => socket.once('data', () => socket.end()),
      `Read, no data received from ${SERVER}: it closed the connection without an answer`,
    ],
    [
      'a reset',
      (socket) => socket.once('data', () => reset(socket)),
      `Read error with ${SERVER}: Connection reset by peer`,
    ],
    [
      'a reset in the middle of the answer',
      (socket) =>
        socket.once('data', () => socket.write('HTTP/1.0 200 OK\r\n\r\nhel', () => afterTurns(3, () => reset(socket)))),
      `Read error with ${SERVER}: Connection reset by peer`,
    ],
  ])('%s is a failure', async (_, serve, expected) => {
    const one = await server(serve);
    expect(await found(check(one.port))).toBe(expected);
  });

  it('another digest, a pattern that is not there', async () => {
    const one = await saying(PAGE);
    const digest = createHash('md5').update('another').digest('hex');
    const pattern = { source: 'ill', flags: '', mustMatch: true, fromByte: 0, toByte: null };
    expect(await found(check(one.port, { urls: [url({ digest })] }))).toMatch(/^MD5 digest error to server/);
    expect(await found(check(one.port, { urls: [url({ pattern })] }))).toBe(
      `Regex match failed ${SERVER}: the body does not match 'ill'`,
    );
  });

  it('nobody listens, nobody answers', async () => {
    expect(await found(check(await freePort()))).toBe(`Connection failed ${SERVER}: Connection refused`);
    const silent = await server(() => {});
    expect(await foundLate((timeoutMs) => check(silent.port, {}, timeoutMs), /WEB read/)).toBe(
      `Timeout WEB read ${SERVER}: the answer took longer than N s`,
    );
    await expect.poll(() => silent.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('an answer that comes drop by drop ends after ten times the time of a step', async () => {
    let timer: NodeJS.Timeout | undefined;
    const one = await server((socket) => {
      socket.once('data', () => {
        socket.write('HTTP/1.0 200 OK\r\n\r\n');
        timer = setInterval(() => socket.write('.'), 5);
      });
      socket.once('close', () => clearInterval(timer));
    });
    // A machine that stands still for a step ends it by the other clock.
    expect(await foundLate((timeoutMs) => check(one.port, {}, timeoutMs), /WEB read/)).toMatch(
      /^Timeout WEB read .*: (all of )?the answer took longer/,
    );
  });
});

class TlsServer {
  readonly names: string[] = [];
  port = 0;
  readonly #server = createTlsServer(
    {
      ...TLS_IDENTITY,
      SNICallback: (name, done) => {
        this.names.push(name);
        done(null);
      },
    },
    (socket) => this.#serve(socket),
  );
  readonly #serve: (socket: TLSSocket) => void;
  readonly #sockets = new Set<Socket>();

  constructor(serve: (socket: TLSSocket) => void) {
    this.#serve = (socket) => {
      socket.on('error', () => {});
      serve(socket);
    };
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    this.#server.on('tlsClientError', () => {});
    toStop.push(this);
  }

  get open(): number {
    return this.#sockets.size;
  }

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    this.port = address !== null && typeof address === 'object' ? address.port : 0;
    return this;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}

const answering = (text: string) => (socket: TLSSocket) => void socket.once('data', () => socket.end(text));

describe('SSL_GET', () => {
  const secure = { kind: 'https' } as const;
  const HANDSHAKE = `SSL handshake/communication error connecting to ${SERVER}`;

  it('a page from a server whose certificate nobody trusts', async () => {
    const one = await new TlsServer(answering(PAGE)).start();
    const digest = createHash('md5').update(BODY).digest('hex');
    expect(await found(check(one.port, { ...secure, urls: [url({ digest })] }))).toBe('good: status 200');
    expect(one.names).toEqual([]);
    await expect.poll(() => one.open, { timeout: 30_000 }).toBe(0);
  });

  it('reads a long page whole', async () => {
    const one = await new TlsServer(answering(`HTTP/1.0 200 OK\r\n\r\n${LONG_BODY}`)).start();
    const digest = createHash('md5').update(LONG_BODY).digest('hex');
    expect(await found(check(one.port, { ...secure, urls: [url({ digest })] }))).toBe('good: status 200');
  });

  it('tells the name in the handshake, if it has one', async () => {
    const one = await new TlsServer(answering(PAGE)).start();
    expect(await found(check(one.port, { ...secure, urls: [url({ serverName: 'www.example' })] }))).toBe(
      'good: status 200',
    );
    expect(one.names).toEqual(['www.example']);
  });

  it('leaves from a port of its own again and again', async () => {
    const one = await new TlsServer(answering(PAGE)).start();
    const from = { ip: '127.0.0.9', port: await freePort() };
    for (let i = 0; i < 3; i++) {
      const method = check(one.port, { ...secure, connection: to(one.port, { from }) });
      expect(await found(method)).toBe('good: status 200');
    }
  });

  it('an end of the connection without the end of TLS is an end, too', async () => {
    const one = await new TlsServer((socket) => {
      socket.once('data', () => socket.write('HTTP/1.0 200 OK\r\n\r\nhello', () => socket.destroy()));
    }).start();
    expect(await found(check(one.port, secure))).toBe('good: status 200');
  });

  it('a server that speaks no TLS', async () => {
    const one = await server((socket) => socket.write('220 mail.example ESMTP\r\n'));
    expect(await found(check(one.port, secure))).toBe(`${HANDSHAKE}: wrong version number`);
  });

  it('a server that closes, or resets, instead of a handshake', async () => {
    const closing = await server((socket) => socket.once('data', () => socket.end()));
    expect(await found(check(closing.port, secure))).toContain(HANDSHAKE);
    const resetting = await server((socket) => socket.once('data', () => reset(socket)));
    expect((await attempt(check(resetting.port, secure))).kind).toBe('bad');
  });

  it('a handshake that stops half-way', async () => {
    const one = await server(() => {});
    expect(await found(check(one.port, secure, SHORT_MS))).toBe(
      `Timeout connecting ${SERVER}: the connection took longer than ${SHORT_MS / 1000} s`,
    );
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
  });

  it('no answer over TLS', async () => {
    const one = await new TlsServer((socket) => void socket.resume()).start();
    // Long enough for a handshake on any machine; the other end of it is a failure as well.
    const outcome = await found(check(one.port, secure, 20 * SHORT_MS));
    expect(outcome).toMatch(/^Timeout (WEB read|connecting) server/);
    await expect.poll(() => one.open, { timeout: 30_000 }).toBe(0);
  });
});

/** What the program says of the page. */
async function genhash(...words: string[]): Promise<string> {
  const child = spawn(programPath('genhash'), words, { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  await once(child, 'close');
  return text.trim().split(/\s+/).at(-1) ?? '';
}

describeWithPeer('genhash', 'digests', () => {
  it.each([
    ['a page', PAGE],
    ['with its length', `HTTP/1.1 200 OK\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`],
    ['with less than there is', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, world'],
    ['in chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n'],
    ['with bytes of all kinds', `HTTP/1.0 200 OK\r\n\r\n${String.fromCharCode(...Array(256).keys())}`],
  ])('are those that genhash says: %s', async (_, text) => {
    const one = await saying(text);
    const digest = await genhash('-s', '127.0.0.1', '-p', String(one.port), '-u', '/health');
    expect(digest).toMatch(/^[0-9a-f]{32}$/);
    expect(await found(check(one.port, { urls: [url({ digest })] }))).toBe('good: status 200');
  });

  it('and over TLS', async () => {
    const one = await new TlsServer(answering(PAGE)).start();
    const digest = await genhash('-S', '-s', '127.0.0.1', '-p', String(one.port), '-u', '/health');
    expect(await found(check(one.port, { kind: 'https', urls: [url({ digest })] }))).toBe('good: status 200');
  });
});
