/**
 * In steady state a request allocates nothing: what the data process allocates is counted while wrk asks all the time, with
 * either engine. TANDEM_ALLOCATION_SECONDS is the length of a round (30 for a proof over 1,000,000 requests).
 *
 * How soon V8 has compiled everything for good depends on the machine and its load: until then there are rounds that
 * allocate more, and more than one may be needed. What a request allocates for ever is in every one of them.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const SECONDS = Number(process.env['TANDEM_ALLOCATION_SECONDS'] ?? 2);
const ROUNDS = 30;
const CONNECTIONS = 64;
const NURSERY_BYTES = 1024 * 1024;
/**
 * A turn of the loop tells the time, in doubles of 16 bytes each; a busy one serves several requests: 3 to 17 bytes a request
 * were measured. On a machine with other work V8 sometimes ends with code that takes 38 to 46, for as long as the process lives.
 */
const MOST_BYTES_PER_REQUEST = 64;
/**
 * A line tells the time as well: 26 to 44 bytes with `option httplog`, JSON 32; with all of this 31 to 34, or 98 for as long as the
 * process lives, as V8 happens to compile it.
 */
const MOST_BYTES_PER_LINE = 160;
/** Fewer than these say nothing about bytes per request: a round on a machine that does something else. */
const FEWEST_REQUESTS = 2000;
const WITHIN_MS = 120_000 + ROUNDS * SECONDS * 1000;

const run = promisify(execFile);

const LOG_FORMAT = `
  acl page path_beg -i /PAGE /other
  acl page url_param(x) 1 2
  acl mine src 10.0.0.0/8 127.0.0.0/8
  force-persist if mine { hdr(host) -m found }
  use-server b if !page or { hdr(user-agent) x } or { path,field(2,/),lower nothing }
  balance hash path,lower,word(1,/)
  capture request header User-Agent len 64
  capture request header Host len 64
  capture response header Content-Type len 32
  capture cookie SRV len 32
  unique-id-format %{+X}o%ci:%cp_%fi:%fp_%Ts_%rt:%pid
  unique-id-header X-Unique-ID
  log-format '%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %CC %CS %tsc %sc/%rc %hr %hs %{+Q}r %{+Q,+E}HU %si:%sp %U %lc %ID'
`;

const proxyConfiguration = (poller: string, port: number, origin: number, logging: string): string => `
global
  nbthread 1
  tune.tandem.poller ${poller}
  tune.tandem.spare-process off
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
listen web
  bind 127.0.0.1:${port}
  option forwardfor
  cookie SRV insert indirect nocache
  server a 127.0.0.1:${origin} cookie a
  server b 127.0.0.1:${origin} cookie b
${logging}`;

const originConfiguration = (folder: string, port: number): string => `
daemon off;
worker_processes 1;
pid ${folder}/pid;
error_log ${folder}/errors;
events { worker_connections 1024; }
http {
  access_log off;
  keepalive_requests 100000000;
  client_body_temp_path ${folder}/a; proxy_temp_path ${folder}/b; fastcgi_temp_path ${folder}/c;
  uwsgi_temp_path ${folder}/d; scgi_temp_path ${folder}/e;
  server { listen 127.0.0.1:${port}; location / { return 200 "hello"; } }
}
`;

async function startOrigin(folder: string, port: number): Promise<ChildProcess> {
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, originConfiguration(folder, port));
  const nginx = spawn(programPath('nginx'), ['-c', file, '-e', join(folder, 'errors')], { stdio: 'ignore' });
  for (let tries = 0; !(await connects(port)); tries++) {
    if (tries > 200) throw new Error('nginx does not listen');
    await sleep(50);
  }
  return nginx;
}

/** How many requests were answered in a round. */
async function ask(port: number): Promise<number> {
  const options = ['-t1', `-c${CONNECTIONS}`, `-d${SECONDS}s`, `http://127.0.0.1:${port}/page?x=1`];
  const { stdout } = await run(programPath('wrk'), options);
  const requests = /(\d+) requests in/.exec(stdout)?.[1];
  if (requests === undefined || /Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return Number(requests);
}

function collections(proxy: ProxyProcess): number {
  const data = proxy.pids().slice(1);
  const lines = proxy.output.split('\n').filter((line) => / ms: Scavenge /.test(line));
  return lines.filter((line) => data.some((pid) => line.startsWith(`[${pid}:`))).length;
}

/** Of the first round that is quiet enough, or else of the quietest. */
async function bytesPerRequest(poller: string, logging = ''): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'tandem-allocation-'));
  const originPort = await freePort();
  const origin = await startOrigin(folder, originPort);
  const port = await freePort();
  const hook = join(import.meta.dirname, 'allocation', 'tell-collections.mjs');
  const command = ['env', `NODE_OPTIONS=--import ${hook}`, TANDEM_HAPROXY];
  // Where nobody listens lines would be lost, which is said.
  const sink = createSocket('udp4').bind(0, '127.0.0.1');
  await once(sink, 'listening');
  const log = logging === '' ? '' : `  log 127.0.0.1:${sink.address().port} local0\n${logging}`;
  const text = proxyConfiguration(poller, port, originPort, log);
  const proxy = await ProxyProcess.startAs(command, text, () => connects(port));
  try {
    let least = Number.POSITIVE_INFINITY;
    for (
      let round = 0;
      round < ROUNDS && least > (logging === '' ? MOST_BYTES_PER_REQUEST : MOST_BYTES_PER_LINE);
      round++
    ) {
      const before = collections(proxy);
      const requests = await ask(port);
      const bytes = ((collections(proxy) - before) * NURSERY_BYTES) / requests;
      if (requests >= FEWEST_REQUESTS) least = Math.min(least, bytes);
      if (process.env['TANDEM_ALLOCATION_SECONDS'] !== undefined)
        console.log(`${poller}: ${requests}, ${bytes} bytes each`);
    }
    return least;
  } finally {
    await proxy.stop();
    sink.close();
    const ended = once(origin, 'exit');
    origin.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

const title = 'a request allocates nothing';
const but = 'but for the time of each turn';

describeWithPeer(['nginx', 'wrk'], `with epoll ${title}`, () => {
  it(but, async () => expect(await bytesPerRequest('epoll')).toBeLessThanOrEqual(MOST_BYTES_PER_REQUEST), WITHIN_MS);
});

describeWithPeer(['nginx', 'wrk'], `with conditions, log-format, captures and unique IDs ${title}`, () => {
  const asMuch = 'but for the time of each turn and of each line';
  it(
    asMuch,
    async () => expect(await bytesPerRequest('epoll', LOG_FORMAT)).toBeLessThanOrEqual(MOST_BYTES_PER_LINE),
    WITHIN_MS,
  );
});

describeWithPeer(['nginx', 'wrk', 'io_uring'], `with io_uring ${title}`, () => {
  it(but, async () => expect(await bytesPerRequest('io_uring')).toBeLessThanOrEqual(MOST_BYTES_PER_REQUEST), WITHIN_MS);
});
