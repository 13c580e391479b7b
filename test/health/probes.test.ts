/** Lists of rules against real sockets: what each kind of server is found to be. More beside haproxy: test/e2e/check-rules. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { PLAIN_CHECK, type RuleCheck } from '../../src/config/check-model.ts';
import { loadHaproxyConfig } from '../../src/config/haproxy/load.ts';
import { systemClock, systemTimers } from '../../src/core/clock.ts';
import { PLAIN_SCENE, type ProbeTarget } from '../../src/health/probe.ts';
import type { Finding } from '../../src/health/result.ts';
import { systemProbe } from '../../src/health/system-probe.ts';
import { Blackhole } from '../support/blackhole.ts';
import { freePort } from '../support/ports.ts';
import { type Script, ScriptedServer } from '../support/scripted-server.ts';

const probe = systemProbe(systemTimers, systemClock);
let server: ScriptedServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

/** The list that these lines of a backend mean. */
function list(lines: string): RuleCheck {
  const text = `backend b\n mode http\n timeout connect 1s\n timeout server 1s\n ${lines.replaceAll('\n', '\n ')}\n`;
  const { model, problems } = loadHaproxyConfig([{ name: 'b.cfg', text }], {
    env: {},
    readFile: () => Buffer.alloc(0),
  });
  const method = model?.proxies[0]?.checkMethod;
  if (method === undefined) throw new Error(problems.map(({ message }) => message).join('\n'));
  return method;
}

function find(method: RuleCheck, port: number, changes: Partial<ProbeTarget> = {}): Promise<Finding> {
  const address = { family: 4, ip: '127.0.0.1', port } as const;
  return probe({ address, method, connectTimeoutMs: 20_000, answerTimeoutMs: 20_000, ...changes }).finding;
}

describe('a check without rules', () => {
  it('is content with a connection', async () => {
    server = await ScriptedServer.start({});
    expect(await find(PLAIN_CHECK, server.port)).toEqual({ result: 'L4OK', status: 0, info: '' });
  });

  it('says that a connection was refused', async () => {
    const finding = await find(PLAIN_CHECK, await freePort());
    expect(finding).toEqual({ result: 'L4CON', status: 0, info: 'Connection refused' });
  });

  it('gives up on a server that does not take the connection', async () => {
    const blackhole = await Blackhole.open();
    const finding = await find(PLAIN_CHECK, blackhole.port, { connectTimeoutMs: 50 });
    expect(finding).toEqual({ result: 'L4TOUT', status: 0, info: '' });
    await blackhole.close();
  });

  it.each([
    ['with a path', (folder: string) => ({ listen: join(folder, 's'), path: join(folder, 's') })],
    ['without one', () => ({ listen: `\0tandem-${process.pid}`.padEnd(108, '\0'), path: `@tandem-${process.pid}` })],
  ])('reaches unix sockets %s', async (_, places) => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-probe-'));
    const { listen, path } = places(folder);
    const listening = createServer((socket) => socket.destroy()).listen(listen);
    await once(listening, 'listening');
    expect((await find(PLAIN_CHECK, 0, { address: { family: 'unix', path } })).result).toBe('L4OK');
    listening.close();
    rmSync(folder, { recursive: true });
  });
});

describe('a check by HTTP', () => {
  const get = list('option httpchk GET / HTTP/1.1\nhttp-check send hdr Host www');
  it.each([
    ['a good answer', { bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi' }, 'L7OK', 200, ''],
    ['one before its body is complete', { bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi' }, 'L7OK', 200, ''],
    ['a redirect, not followed', { bytes: 'HTTP/1.1 302 Go\r\nlocation: /x\r\n\r\n' }, 'L7OK', 302, ''],
    ['a bad status', { bytes: 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n' }, 'L7STS', 404, 'Not Found'],
    ['no HTTP', { bytes: 'blah blah\r\n\r\n' }, 'L7RSP', 0, ''],
    ['a close without an answer', { ending: 'close' }, 'L7RSP', 0, ''],
    ['half an answer', { bytes: 'HTTP/1.1 200 O', ending: 'close' }, 'L7RSP', 0, ''],
    ['a reset', { ending: 'reset' }, 'SOCKERR', 0, 'Connection reset by peer'],
  ] as readonly (readonly [string, Script, string, number, string])[])(
    'finds %s',
    async (_, script, result, status, info) => {
      server = await ScriptedServer.start(script);
      expect(await find(get, server.port)).toEqual({ result, status, info });
      expect(server.requests).toEqual(['GET / HTTP/1.1\r\nhost: www\r\nconnection: close\r\n\r\n']);
    },
  );

  it('gives up on a server that says nothing', async () => {
    server = await ScriptedServer.start({});
    const finding = await find(get, server.port, { answerTimeoutMs: 50 });
    expect(finding).toEqual({ result: 'L7TOUT', status: 0, info: '' });
  });

  it('without a deadline for the answer has one for all of it', async () => {
    server = await ScriptedServer.start({});
    const finding = await find(get, server.port, { connectTimeoutMs: 200, answerTimeoutMs: null });
    expect(finding).toEqual({ result: 'L7TOUT', status: 0, info: '' });
  });

  it('is content with a 404 as long as somebody says so', async () => {
    server = await ScriptedServer.start({ bytes: 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n' });
    const strict = list('option httpchk\nhttp-check expect status 200\nhttp-check expect string hello');
    expect(await find(strict, server.port, { accepts404: () => true })).toMatchObject({ result: 'L7OKC', status: 404 });
    expect(await find(strict, server.port, { accepts404: () => false })).toMatchObject({
      result: 'L7STS',
      status: 404,
    });
  });

  it('tells the server how it is seen', async () => {
    server = await ScriptedServer.start({ bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n' });
    await find(get, server.port, { stateText: () => 'UP 1/3; name=b/s' });
    expect(server.requests).toEqual([
      'GET / HTTP/1.1\r\nhost: www\r\nx-haproxy-server-state: UP 1/3; name=b/s\r\nconnection: close\r\n\r\n',
    ]);
  });
});

describe('a list of rules', () => {
  it('asks and listens in turns, with variables of its own', async () => {
    server = await ScriptedServer.start({ bytes: '+PONG\r\n' });
    const rules = list(`option tcp-check
tcp-check set-var(check.word) str(ping),upper
tcp-check send-lf "%[var(check.word)]\\r\\n"
tcp-check expect string +PONG
tcp-check unset-var(check.word)
tcp-check send-lf "QUIT%[var(check.word)]\\r\\n"
tcp-check expect rstring ^[+] on-success "%[be_name]/%[srv_name] says %[res.payload(0,0),cut_crlf]"`);
    const scene = { ...PLAIN_SCENE, backend: 'b', server: 's' };
    expect(await find(rules, server.port, { scene })).toEqual({ result: 'L7OK', status: 0, info: 'b/s says +PONG' });
    expect(server.requests).toEqual(['PING\r\n', 'QUIT\r\n']);
  });

  it('goes where a rule says, and back', async () => {
    server = await ScriptedServer.start({ bytes: '+PONG\r\n' });
    const other = await ScriptedServer.start({ bytes: 'other\r\n' });
    const rules = list(`option tcp-check
tcp-check set-var(check.port) int(${other.port})
tcp-check connect port var(check.port)
tcp-check send x
tcp-check expect string other
tcp-check connect
tcp-check send y
tcp-check expect string +PONG`);
    expect(await find(rules, server.port)).toEqual({ result: 'L7OK', status: 0, info: '(tcp-check)' });
    expect([other.requests, server.requests]).toEqual([['x'], ['y']]);
    await other.stop();
  });

  it('says where it was when the time was over', async () => {
    server = await ScriptedServer.start({});
    const rules = list(
      'option tcp-check\ntcp-check send x\ntcp-check comment "who is there"\ntcp-check expect string y',
    );
    const finding = await find(rules, server.port, { answerTimeoutMs: 50 });
    const info = " at step 3 of tcp-check (expect string 'y') comment: 'who is there'";
    expect(finding).toEqual({ result: 'L7TOUT', status: 0, info });
  });

  it('says so at most in 127 characters', async () => {
    server = await ScriptedServer.start({ bytes: 'x'.repeat(1000) });
    const rules = list(
      'option tcp-check\ntcp-check send x\ntcp-check expect min-recv 1 string y on-error %[res.payload(0,0)]',
    );
    expect(await find(rules, server.port)).toEqual({ result: 'L7RSP', status: 0, info: 'x'.repeat(127) });
  });

  it('looks at no more than a buffer, and leaves the rest where it is', async () => {
    server = await ScriptedServer.start({ bytes: `${'x'.repeat(1_000_000)}y` });
    const rules = list('option tcp-check\ntcp-check send x\ntcp-check expect string y on-error %[res.len]');
    const scene = { ...PLAIN_SCENE, bufferBytes: 1024 };
    expect(await find(rules, server.port, { scene })).toEqual({ result: 'L7RSP', status: 0, info: '1024' });
  });

  it('does not send more than a buffer', async () => {
    server = await ScriptedServer.start({});
    const rules = list(`option tcp-check\ntcp-check send ${'x'.repeat(2000)}`);
    const info = 'tcp-check send : string too large (2000) for buffer size (1024) at step 1';
    expect(await find(rules, server.port, { scene: { ...PLAIN_SCENE, bufferBytes: 1024 } })).toEqual({
      result: 'L7RSP',
      status: 0,
      info,
    });
  });
});

describe('the PROXY protocol of checks', () => {
  it.each([
    [
      '1, with both ends',
      { version: 1, crc32c: false, uniqueId: null } as const,
      /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ \d+\r\nx$/,
    ],
    ['2, of nobody', { version: 2, crc32c: false, uniqueId: null } as const, /^\r\n\r\n\0\r\nQUIT\n \0\0\0x$/],
  ])('is version %s', async (_, proxyHeader, expected) => {
    // One server for all that arrives: header and text may come in pieces.
    let text = '';
    const sockets = new Set<Socket>();
    const listening = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
        if (text.endsWith('x')) socket.write('y');
      });
    }).listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const address = listening.address();
    const port = address === null || typeof address === 'string' ? 0 : address.port;
    const rules = list('option tcp-check\ntcp-check send x\ntcp-check expect string y');
    const scene = { ...PLAIN_SCENE, proxyHeader, sendsProxyHeader: true };
    expect(await find(rules, port, { scene })).toMatchObject({ result: 'L7OK' });
    expect(text).toMatch(expected);
    for (const socket of sockets) socket.destroy();
    listening.close();
  });
});

it('a cancelled check leaves nothing behind', async () => {
  server = await ScriptedServer.start({});
  const address = { family: 4, ip: '127.0.0.1', port: server.port } as const;
  const method = list('option httpchk');
  const running = probe({ address, method, connectTimeoutMs: 60_000, answerTimeoutMs: 60_000 });
  running.cancel();
  const ended = await Promise.race([running.finding, new Promise((resolve) => setImmediate(() => resolve('open')))]);
  expect(ended).toBe('open');
});
