/**
 * The PROXY protocol between Tandem and its neighbours, over real sockets: whatever haproxy or another Tandem sends is
 * understood, whatever Tandem sends haproxy and nginx understand, and at the end of the chain the client is who it was.
 *
 *   client 127.0.0.N ─▶ sender: one frontend a variant ─▶ receiver: accept-proxy ─▶ origin, which tells X-Forwarded-For
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const VARIANTS = [
  ['version 1', 'send-proxy'],
  ['version 2', 'send-proxy-v2'],
  ['version 2 with a checksum', 'send-proxy-v2 proxy-v2-options crc32c'],
] as const;
const MODES = ['http', 'tcp'] as const;
const PROGRAMS = ['haproxy', 'epoll', 'io_uring'] as const;
type Program = (typeof PROGRAMS)[number];

interface Running {
  readonly process: ProxyProcess;
  /** By variant, mode and where they lead to. */
  readonly senders: ReadonlyMap<string, number>;
}

/** The client's own address and port, as the origin tells them; `family` 6 comes from ::1. */
function ask(port: number, localAddress: string): Promise<{ readonly text: string; readonly own: string }> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: localAddress === '::1' ? '::1' : '127.0.0.1', localAddress });
    let text = '';
    let own = '';
    socket.on('connect', () => {
      own = `${socket.localAddress} ${socket.localPort}`;
      socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve({ text, own }));
  });
}

describeWithPeer(['haproxy', 'nginx'], 'the PROXY protocol', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-proxy-protocol-'));
  const running = new Map<Program, Running>();
  const accepts = new Map<Program, number>();
  const pathOf = (program: Program): string => join(folder, `${program}.sock`);
  let origin: Server;
  let nginxPort: number;
  let nginx: ReturnType<typeof spawn>;

  /** Receiver and senders of one program; senders lead to all programs, and to nginx. */
  async function start(program: Program): Promise<Running> {
    const senders = new Map<string, number>();
    const sections: string[] = [];
    const send = async (key: string, mode: string, server: string): Promise<void> => {
      const port = await quietPort();
      senders.set(key, port);
      const ends = mode === 'http' ? 'option httpclose' : '';
      sections.push(
        `listen s${port}\n mode ${mode}\n ${ends}\n bind 127.0.0.1:${port}\n bind [::1]:${port}\n server s ${server}`,
      );
    };
    for (const [variant, words] of VARIANTS) {
      for (const mode of MODES) {
        for (const to of PROGRAMS) {
          if (to === program && to === 'haproxy') continue;
          await send(`${variant} ${mode} ${to}`, mode, `127.0.0.1:${accepts.get(to)} ${words}`);
        }
        await send(`${variant} ${mode} nginx`, mode, `127.0.0.1:${nginxPort} ${words}`);
      }
    }
    for (const to of PROGRAMS) await send(`path ${to}`, 'tcp', `unix@${pathOf(to)} send-proxy-v2`);
    const accept = accepts.get(program) ?? 0;
    const { port } = origin.address() as AddressInfo;
    const config = `
global
  ${program === 'haproxy' ? '' : `tune.tandem.poller ${program}\n nbthread 1\n user root`}
defaults
  timeout connect 20s
  timeout client 20s
  timeout server 20s
frontend accepts
  mode http
  option forwardfor
  bind 127.0.0.1:${accept} accept-proxy
  bind unix@${pathOf(program)} accept-proxy mode 666
  default_backend origin
backend origin
  mode http
  option httpclose
  server o 127.0.0.1:${port}
${sections.join('\n')}
`;
    const command = program === 'haproxy' ? programPath('haproxy') : TANDEM_HAPROXY;
    return { process: await ProxyProcess.start(command, config, [...senders.values()].at(-1) ?? 0), senders };
  }

  beforeAll(async () => {
    origin = createServer((request, response) => {
      response.end(`client ${request.headers['x-forwarded-for']}\n`);
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    nginxPort = await quietPort();
    const file = join(folder, 'nginx.conf');
    // It gives its folders to its own user.
    const own = join(folder, 'nginx');
    mkdirSync(own);
    writeFileSync(
      file,
      `daemon off; master_process off; pid ${folder}/nginx.pid; error_log stderr;
events {}
http { access_log off; client_body_temp_path ${own}; proxy_temp_path ${own}; fastcgi_temp_path ${own};
  uwsgi_temp_path ${own}; scgi_temp_path ${own};
  server { listen 127.0.0.1:${nginxPort} proxy_protocol; keepalive_timeout 0;
    location / { return 200 "client $proxy_protocol_addr $proxy_protocol_port\\n"; } } }`,
    );
    nginx = spawn(programPath('nginx'), ['-c', file, '-p', folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    while (!(await connects(nginxPort))) await sleep(50);
    for (const program of PROGRAMS) accepts.set(program, await quietPort());
    for (const program of PROGRAMS) running.set(program, await start(program));
  }, 90_000);

  afterAll(async () => {
    for (const { process } of running.values()) await process.stop();
    nginx?.kill('SIGKILL');
    origin?.closeAllConnections();
    origin?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function tell(from: Program, key: string, localAddress: string): Promise<[told: string, own: string]> {
    const port = running.get(from)?.senders.get(key) ?? 0;
    const { text, own } = await ask(port, localAddress);
    return [/^client (.*)$/m.exec(text)?.[1] ?? text, own];
  }

  const pairs = PROGRAMS.flatMap((from) => PROGRAMS.map((to) => [from, to] as const)).filter(
    ([from, to]) => from !== 'haproxy' || to !== 'haproxy',
  );

  it.each(pairs)('from %s to %s', async (from, to) => {
    for (const [variant] of VARIANTS) {
      for (const mode of MODES) {
        for (const address of ['127.0.0.77', '::1']) {
          // Where client and listener are IPv6, so is what is told of them.
          const [told] = await tell(from, `${variant} ${mode} ${to}`, address);
          expect(told, `${variant} ${mode}`).toBe(address);
        }
      }
    }
  });

  it.each(['epoll', 'io_uring'] as const)('from %s to nginx, ports too', async (from) => {
    for (const [variant] of VARIANTS) {
      // Version 2 with a TLV and both families.
      for (const mode of MODES) {
        for (const address of ['127.0.0.77', '::1']) {
          const [told, own] = await tell(from, `${variant} ${mode} nginx`, address);
          expect(told, `${variant} ${mode}`).toBe(own);
        }
      }
    }
  });

  it.each(pairs)('from %s to %s through a unix socket', async (from, to) => {
    const [told] = await tell(from, `path ${to}`, '127.0.0.78');
    expect(told).toBe('127.0.0.78');
  });

  it.each(['epoll', 'io_uring'] as const)('many at a time to %s, each as itself', async (to) => {
    const asked = Array.from({ length: 100 }, (_, i) => `127.0.${i}.9`);
    const told = await Promise.all(asked.map((address) => tell('haproxy', `version 2 http ${to}`, address)));
    expect(told.map(([ip]) => ip)).toEqual(asked);
    const back = await Promise.all(asked.map((address) => tell(to, 'version 1 http haproxy', address)));
    expect(back.map(([ip]) => ip)).toEqual(asked);
  });
});
