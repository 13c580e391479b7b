/** The real probes against real sockets: what each kind of server is found to be. */
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { CheckMethod, HttpCheckExpect, HttpCheckRequest } from '../../src/config/model.ts';
import { systemTimers } from '../../src/core/clock.ts';
import type { Finding } from '../../src/health/result.ts';
import { systemProbe } from '../../src/health/system-probe.ts';
import { freePort } from '../support/ports.ts';
import { type Script, ScriptedServer } from '../support/scripted-server.ts';

let server: ScriptedServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const HOST = { name: 'Host', value: 'www' };
/** By undici, and by own bytes: the same findings. */
const SPEAKERS: readonly (readonly [string, HttpCheckRequest])[] = [
  ['undici', { method: 'GET', uri: '/', version: 'HTTP/1.1', headers: [HOST], body: null }],
  ['own bytes', { method: 'GET', uri: '/', version: 'HTTP/1.0', headers: [HOST], body: null }],
];

async function find(method: CheckMethod, port: number, answerTimeoutMs = 5000): Promise<Finding> {
  const probe = await systemProbe([method], systemTimers);
  const address = { family: 4, ip: '127.0.0.1', port } as const;
  return probe({ address, method, connectTimeoutMs: 5000, answerTimeoutMs }).finding;
}

const http = (request: HttpCheckRequest, expectation: HttpCheckExpect | null = null): CheckMethod => {
  return { kind: 'http', request, expect: expectation };
};

describe('a TCP check', () => {
  it('is content with a connection', async () => {
    server = await ScriptedServer.start({});
    expect(await find({ kind: 'tcp' }, server.port)).toEqual({ result: 'L4OK', status: 0, info: '' });
  });

  it('says that a connection was refused', async () => {
    const finding = await find({ kind: 'tcp' }, await freePort());
    expect(finding).toEqual({ result: 'L4CON', status: 0, info: 'Connection refused' });
  });

  it('reaches unix sockets', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-probe-'));
    const path = join(folder, 's');
    const listening = createServer((socket) => socket.destroy()).listen(path);
    await once(listening, 'listening');
    const probe = await systemProbe([], systemTimers);
    const target = { address: { family: 'unix', path }, method: { kind: 'tcp' } } as const;
    const { finding } = probe({ ...target, connectTimeoutMs: 5000, answerTimeoutMs: null });
    expect((await finding).result).toBe('L4OK');
    listening.close();
    rmSync(folder, { recursive: true });
  });
});

describe.each(SPEAKERS)('an HTTP check through %s', (_, request) => {
  it.each([
    ['a good answer', { bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi' }, 'L7OK', 200, ''],
    [
      'an answer before its body is complete',
      { bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhi' },
      'L7OK',
      200,
      '',
    ],
    [
      'a redirect, not followed',
      { bytes: 'HTTP/1.1 302 Go\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n' },
      'L7OK',
      302,
      '',
    ],
    ['a bad status', { bytes: 'HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n' }, 'L7STS', 404, 'Not Found'],
    ['no HTTP', { bytes: 'blah blah\r\n\r\n' }, 'L7RSP', 0, ''],
    ['a close without an answer', { ending: 'close' }, 'L7RSP', 0, ''],
    ['half an answer', { bytes: 'HTTP/1.1 200 O', ending: 'close' }, 'L7RSP', 0, ''],
    ['a reset', { ending: 'reset' }, 'SOCKERR', 0, 'Connection reset by peer'],
  ] as readonly (readonly [string, Script, string, number, string])[])(
    '%s',
    async (_case, script, result, status, info) => {
      server = await ScriptedServer.start(script);
      expect(await find(http(request), server.port)).toEqual({ result, status, info });
      expect(server.requests).toHaveLength(1);
    },
  );

  it('gives up on a server that says nothing', async () => {
    server = await ScriptedServer.start({});
    expect(await find(http(request), server.port, 50)).toEqual({ result: 'L7TOUT', status: 0, info: '' });
  });

  it('without a deadline for the answer has one for all of it', async () => {
    server = await ScriptedServer.start({});
    const probe = await systemProbe([http(request)], systemTimers);
    const address = { family: 4, ip: '127.0.0.1', port: server.port } as const;
    const running = probe({ address, method: http(request), connectTimeoutMs: 50, answerTimeoutMs: null });
    expect(await running.finding).toEqual({ result: 'L7TOUT', status: 0, info: '' });
  });

  it('says that a connection was refused', async () => {
    const finding = await find(http(request), await freePort());
    expect(finding).toEqual({ result: 'L4CON', status: 0, info: 'Connection refused' });
  });

  it('reads chunked bodies', async () => {
    server = await ScriptedServer.start({
      bytes: 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n',
    });
    const finding = await find(http(request, { kind: 'string', negate: false, pattern: 'hello' }), server.port);
    expect(finding.result).toBe('L7OK');
  });
});

describe('what is sent', () => {
  it('through undici is what was configured', async () => {
    server = await ScriptedServer.start({ bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n' });
    const headers = [HOST, { name: 'X-Foo', value: 'bar' }];
    await find(http({ method: 'POST', uri: '/a?b=c', version: 'HTTP/1.1', headers, body: 'hello' }), server.port);
    const [head = '', body] = (server.requests[0] ?? '').split('\r\n\r\n');
    const [start, ...fields] = head.split('\r\n');
    expect(start).toBe('POST /a?b=c HTTP/1.1');
    expect(fields.sort()).toEqual(['connection: close', 'content-length: 5', 'host: www', 'x-foo: bar']);
    expect(body).toBe('hello');
  });

  it('can be what undici cannot say', async () => {
    server = await ScriptedServer.start({ bytes: 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n' });
    await find(http({ method: 'OPTIONS', uri: '*', version: 'HTTP/1.1', headers: [HOST], body: null }), server.port);
    expect(server.requests).toEqual(['OPTIONS * HTTP/1.1\r\nhost: www\r\nconnection: close\r\n\r\n']);
  });
});

it('a cancelled check leaves nothing behind', async () => {
  server = await ScriptedServer.start({});
  const method = http({ method: 'GET', uri: '/', version: 'HTTP/1.0', headers: [], body: null });
  const probe = await systemProbe([method], systemTimers);
  const address = { family: 4, ip: '127.0.0.1', port: server.port } as const;
  const running = probe({ address, method, connectTimeoutMs: 60_000, answerTimeoutMs: 60_000 });
  running.cancel();
  const ended = await Promise.race([running.finding, new Promise((resolve) => setImmediate(() => resolve('open')))]);
  expect(ended).toBe('open');
});
