/**
 * Lines that a real haproxy writes, taken apart and written again by us, must be the same bytes; its headers must be
 * those that we write for the same target, second and pid.
 */
import { spawnSync } from 'node:child_process';
import { createSocket, type Socket as Datagrams } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LogHeader } from '../../../src/proxy/log/header.ts';
import { writeClfLine, writeDefaultLine, writeHttpLine, writeTcpLine } from '../../../src/proxy/log/line.ts';
import type { LogRecord } from '../../../src/proxy/log/record.ts';
import type { LogTargetPlan } from '../../../src/proxy/plan.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
import { parseClf, parseDefault, parseHttp, parseTcp } from './parse.ts';

/** Target's `format`, what HAProxy puts for the host name, and a pattern for a header of that format. */
const HEADERS: readonly [LogTargetPlan['format'], string, RegExp][] = [
  ['rfc3164', 'localhost', /^<\d+>\w{3} [ \d]\d \d\d:\d\d:\d\d \S+ \S+: /],
  ['rfc5424', '', /^<\d+>1 \S+ - \S+ \S+ - - /],
  ['raw', '', /^/],
  ['short', '', /^<\d>/],
  ['timed', '', /^<\d>\S+ /],
  ['iso', '', /^\S+ /],
  ['priority', '', /^<\d+>/],
];
const LOCAL = /^<\d+>\w{3} [ \d]\d \d\d:\d\d:\d\d \S+: /;

type Format = 'http' | 'tcp' | 'clf' | 'default';
const FORMATS: Record<
  Format,
  [(line: string) => LogRecord, (record: LogRecord, into: Uint8Array, at: number) => number]
> = {
  http: [parseHttp, writeHttpLine],
  tcp: [parseTcp, writeTcpLine],
  clf: [parseClf, writeClfLine],
  default: [parseDefault, writeDefaultLine],
};

function again(format: Format, line: string): string {
  const [parse, write] = FORMATS[format];
  const into = Buffer.alloc(8192);
  return into.toString('latin1', 0, write(parse(line), into, 0));
}

async function freePort(ip: string): Promise<number> {
  const server = createServer();
  server.listen(0, ip);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describeWithPeer('haproxy', 'log lines like haproxy', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-log-'));
  let syslog: Datagrams;
  let pid = 0;
  let port4 = 0;
  let port6 = 0;
  const lines: string[] = [];

  beforeAll(async () => {
    syslog = createSocket('udp4');
    syslog.on('message', (message) => lines.push(message.toString('latin1')));
    syslog.bind(0, '127.0.0.1');
    await once(syslog, 'listening');
    port4 = await freePort('127.0.0.1');
    port6 = await freePort('::1');
    const log = (options: string) => `  log 127.0.0.1:${syslog.address().port} ${options}`;
    const proxies = [
      ['http', 'option httplog'],
      ['clf', 'option httplog clf'],
      ['default', ''],
      ['tcp', 'option tcplog'],
    ].flatMap(([name, option]) => [
      `listen ${name}`,
      `  mode ${name === 'tcp' ? 'tcp' : 'http'}`,
      log('local0'),
      `  bind unix@${folder}/${name}.sock`,
      name === 'http' ? `  bind 127.0.0.1:${port4}` : '',
      name === 'default' ? `  bind ::1:${port6}` : '',
      name === 'http' ? '  cookie SRV insert indirect nocache' : '',
      `  ${option}`,
      `  server up unix@${folder}/server.sock maxconn 1 cookie up`,
      '  http-request deny if { path /deny }',
      '  use_backend nobody if { path /nobody }',
      '  use_backend gone if { path /gone }',
    ]);
    const config = [
      'global',
      '  nbthread 1',
      'defaults',
      '  timeout connect 1s',
      '  timeout client 200',
      '  timeout server 5s',
      ...proxies.filter((line) => line.trim() !== ''),
      'backend nobody',
      '  mode http',
      'backend gone',
      '  mode http',
      '  retries 2',
      '  option redispatch 1',
      '  timeout connect 10',
      `  server gone unix@${folder}/gone.sock`,
      `  server up unix@${folder}/server.sock weight 0`,
      'frontend server',
      '  mode http',
      `  bind unix@${folder}/server.sock`,
      '  http-request return status 200 content-type text/plain string hello',
      'listen headers',
      '  mode http',
      ...HEADERS.map(([format]) => log(`len 4096 format ${format} local1 debug`)),
      log('len 90 local2'),
      log('format raw local2 notice'),
      `  bind unix@${folder}/headers.sock`,
      '  option httplog',
      '  http-request return status 204',
    ];
    // In tcp mode there is nothing to say about paths.
    const file = join(folder, 'haproxy.cfg');
    const tcpAt = config.indexOf('listen tcp');
    writeFileSync(
      file,
      `${config.filter((line, i) => i < tcpAt || !/^ {2}(http-request|use_backend).*if/.test(line)).join('\n')}\n`,
    );
    const started = spawnSync(programPath('haproxy'), ['-D', '-p', join(folder, 'pid'), '-f', file], {
      encoding: 'utf8',
    });
    if (started.status !== 0) throw new Error(started.stderr);
    pid = Number(readFileSync(join(folder, 'pid'), 'latin1'));
  });

  afterAll(() => {
    if (pid > 0) process.kill(pid);
    syslog.close();
    rmSync(folder, { recursive: true });
  });

  /** Sends bytes, reads until the other end closes, and returns the log lines that came of it. */
  async function linesOf(path: string | { port: number; host: string }, bytes: string, count = 1): Promise<string[]> {
    lines.length = 0;
    const socket = typeof path === 'string' ? connect(join(folder, `${path}.sock`)) : connect(path);
    socket.on('error', () => {});
    socket.resume();
    socket.write(Buffer.from(bytes, 'latin1'));
    await once(socket, 'close');
    while (lines.length < count) await once(syslog, 'message');
    return lines.splice(0);
  }

  const request = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const requests = [
    ['an answer', request('/a?b=c')],
    ['odd bytes in the target', request('/"#{|}~\\^`')],
    ['an HTTP/1.0 request', 'GET / HTTP/1.0\r\n\r\n'],
    ['a refusal', request('/deny')],
    ['a cookie of nobody', 'GET / HTTP/1.1\r\nHost: x\r\nCookie: SRV=other\r\nConnection: close\r\n\r\n'],
    ['a cookie that is known', 'GET / HTTP/1.1\r\nHost: x\r\nCookie: SRV=up\r\nConnection: close\r\n\r\n'],
    ['a backend without servers', request('/nobody')],
    ['a server that does not answer', request('/gone')],
    ['a bad request', 'GET\r\n\r\n'],
    ['a client that says nothing more', 'GET / HT'],
  ] as const;

  it.each(requests)('httplog of %s', async (_, bytes) => {
    const [line = ''] = await linesOf({ port: port4, host: '127.0.0.1' }, bytes);
    const text = line.replace(LOCAL, '').trimEnd();
    expect(again('http', text)).toBe(text);
  });

  it.each(requests)('clf of %s', async (_, bytes) => {
    const [line = ''] = await linesOf('clf', bytes);
    const text = line.replace(LOCAL, '').slice(0, -1);
    expect(again('clf', text)).toBe(text);
  });

  it('tcplog', async () => {
    const [line = ''] = await linesOf('tcp', request('/'));
    const text = line.replace(LOCAL, '').trimEnd();
    expect(again('tcp', text)).toBe(text);
  });

  it.each(['unix', 'IPv6'])('the line of a connection over %s without option httplog', async (family) => {
    const where = family === 'unix' ? 'default' : { port: port6, host: '::1' };
    const [line = ''] = await linesOf(where, request('/'));
    const text = line.replace(LOCAL, '').trimEnd();
    expect(again('default', text)).toBe(text);
  });

  it('headers of every format', async () => {
    const got = await linesOf('headers', request('/'), HEADERS.length + 1);
    HEADERS.forEach(([format, hostname, pattern], i) => {
      const header = pattern.exec(got[i] ?? '')?.[0];
      expect(header, got[i]).toBeDefined();
      // The second is in the header, in one form or the other; the fraction in some of them.
      const stamp = /\d{4}-\d\d-\d\dT[\d:.]+/.exec(header ?? '')?.[0];
      const second = /\[(\d\d)\/(\w{3})\/(\d{4}):(\d\d:\d\d:\d\d)/.exec(got[i] ?? '');
      const wallMs = Date.parse(stamp ?? `${second?.[1]} ${second?.[2]} ${second?.[3]} ${second?.[4]}`);
      const micros = Number(/\.\d{3}(\d{3})$/.exec(stamp ?? '')?.[1] ?? 0) / 1000;
      const ours = new LogHeader(
        {
          sink: { kind: 'fd', fd: 1 },
          format,
          facility: 17,
          maxLevel: 7,
          minLevel: 0,
          maxLengthBytes: 4096,
          tag: 'haproxy',
          hostname,
        },
        pid,
      );
      ours.update(6, wallMs + micros);
      expect(Buffer.from(ours.bytes).toString('latin1')).toBe(header);
    });
    // The last target's len is 90, the line end comes on top; the one that wants no info got nothing.
    expect(got).toHaveLength(HEADERS.length + 1);
    expect(got.at(-1)).toHaveLength(91);
  });
});
