/**
 * In steady state a request allocates nothing: what the data process allocates is counted over TANDEM_ALLOCATION_REQUESTS
 * (1,000,000 for a proof; 100,000 otherwise, after as many to warm up), with either engine.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const REQUESTS = Number(process.env['TANDEM_ALLOCATION_REQUESTS'] ?? 100_000);
const CONNECTIONS = 32;
const REQUEST = 'GET /page?x=1 HTTP/1.1\r\nHost: www.example\r\nUser-Agent: test\r\nAccept: */*\r\nCookie: a=b\r\n\r\n';
const RESPONSE = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello';
const NURSERY_BYTES = 1024 * 1024;
/**
 * A turn of the loop tells the time, in doubles of 16 bytes each, and with a client as slow as this one a request takes two
 * turns: 42 to 52 bytes were measured (9 to 17 with wrk, where a turn serves several). The smallest object would add 24.
 */
const MOST_BYTES_PER_REQUEST = 64;
const WITHIN_MS = 60_000 + REQUESTS;

const configuration = (poller: string, port: number, origin: number): string => `
global
  nbthread 1
  tune.tandem.poller ${poller}
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
`;

/** Answers as often as it is asked. */
async function originPort(sockets: Set<Socket>): Promise<{ port: number; close: () => void }> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (let at = chunk.indexOf('\r\n\r\n'); at >= 0; at = chunk.indexOf('\r\n\r\n', at + 4)) socket.write(RESPONSE);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

/** Sends `count` requests, one after the other on each connection, and reads every answer to its end. */
async function ask(sockets: Set<Socket>, port: number, count: number): Promise<void> {
  let left = count;
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      const socket = connect(port, '127.0.0.1');
      sockets.add(socket);
      socket.setNoDelay(true);
      await new Promise<void>((resolve, reject) => {
        const next = (): void => {
          if (left-- <= 0) resolve();
          else socket.write(REQUEST);
        };
        socket.on('error', reject);
        socket.on('close', () => reject(new Error('closed')));
        socket.on('data', (chunk) => {
          if (chunk.toString('latin1').endsWith('hello')) next();
        });
        socket.once('connect', next);
      });
      socket.removeAllListeners('close');
      socket.destroy();
    }),
  );
}

function collections(proxy: ProxyProcess): number {
  const data = proxy.pids().slice(1);
  const lines = proxy.output.split('\n').filter((line) => / ms: Scavenge /.test(line));
  return lines.filter((line) => data.some((pid) => line.startsWith(`[${pid}:`))).length;
}

async function bytesPerRequest(poller: string): Promise<number> {
  const sockets = new Set<Socket>();
  const origin = await originPort(sockets);
  const port = await freePort();
  const hook = join(import.meta.dirname, 'allocation', 'tell-collections.mjs');
  const command = ['env', `NODE_OPTIONS=--import ${hook}`, TANDEM_HAPROXY];
  const proxy = await ProxyProcess.startAs(command, configuration(poller, port, origin.port), () => connects(port));
  try {
    await ask(sockets, port, REQUESTS);
    const before = collections(proxy);
    await ask(sockets, port, REQUESTS);
    const bytes = ((collections(proxy) - before) * NURSERY_BYTES) / REQUESTS;
    if (process.env['TANDEM_ALLOCATION_REQUESTS'] !== undefined) console.log(`${poller}: ${bytes} bytes a request`);
    return bytes;
  } finally {
    for (const socket of sockets) socket.destroy();
    origin.close();
    await proxy.stop();
  }
}

const title = 'a request allocates nothing';

describe(`with epoll ${title}`, () => {
  it(
    'but for the time of each turn',
    async () => expect(await bytesPerRequest('epoll')).toBeLessThanOrEqual(MOST_BYTES_PER_REQUEST),
    WITHIN_MS,
  );
});

describeWithPeer('io_uring', `with io_uring ${title}`, () => {
  it(
    'but for the time of each turn',
    async () => expect(await bytesPerRequest('io_uring')).toBeLessThanOrEqual(MOST_BYTES_PER_REQUEST),
    WITHIN_MS,
  );
});
