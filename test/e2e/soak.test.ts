/**
 * Mixed traffic through Tandem for TANDEM_SOAK_SECONDS (20 in CI, 10 otherwise): not one byte wrong in either direction,
 * nothing left behind. TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows what the traffic itself is worth.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { SeededRandom } from '../support/random.ts';
import { Origin } from './soak/origin.ts';
import { pipeliningClient } from './soak/pipeline.ts';
import {
  breakingClient,
  closingClient,
  keepAliveClient,
  largeClient,
  slowClient,
  type Traffic,
} from './soak/traffic.ts';

const seconds = Number(process.env['TANDEM_SOAK_SECONDS'] ?? (process.env['CI'] === 'true' ? 20 : 10));
const SEED = Number(process.env['TANDEM_SOAK_SEED'] ?? 20_261);

/** A run may end with this much more memory than a third of it had needed, and with this much in all. */
const MAX_GROWTH_MIB = 48;
const MAX_RESIDENT_MIB = 400;

const configuration = (http: number, tcp: number, origin: number) => `
global
  tune.tandem.spare-process off
  maxconn 2000
  nbthread 2
defaults
  mode http
  timeout connect 5s
  timeout client 20s
  timeout server 20s
  option http-keep-alive
listen http
  bind 127.0.0.1:${http}
  balance roundrobin
  option forwardfor
  cookie SRV insert indirect nocache
  server a 127.0.0.1:${origin} cookie a
  server b 127.0.0.1:${origin} cookie b
listen tcp
  mode tcp
  bind 127.0.0.1:${tcp}
  server a 127.0.0.1:${origin}
`;

/** Sockets only: a process opens files and timers as it likes. */
function socketsOf(pids: readonly number[]): number {
  let count = 0;
  for (const pid of pids) count += readdirSync(`/proc/${pid}/fd`).length;
  return count;
}

function residentMib(pids: readonly number[]): number {
  let kib = 0;
  for (const pid of pids) kib += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
  return kib / 1024;
}

describe('soak', () => {
  it(
    `${seconds} s of mixed traffic: every byte right, no descriptor, memory or session left`,
    async () => {
      const { origin, port: originPort } = await Origin.listen();
      const port = await freePort();
      const tcpPort = await freePort();
      const proxy = await ProxyProcess.start(TANDEM_HAPROXY, configuration(port, tcpPort, originPort), port);
      const faults: string[] = [];
      const counts = { exchanges: 0, broken: 0, bytes: 0 };
      try {
        let running = true;
        const traffic = (index: number, to: number): Traffic => ({
          port: to,
          random: new SeededRandom(SEED + index),
          running: () => running,
          faults,
          counts,
        });
        // Everything that is opened once is open after the first exchanges.
        let warm = true;
        const first = keepAliveClient({ ...traffic(99, port), running: () => warm });
        // Clients can connect long before anybody serves.
        while (counts.exchanges === 0 && faults.length === 0) await sleep(20);
        await sleep(300);
        warm = false;
        await first;
        await sleep(200);
        origin.closeConnections();
        await sleep(300);
        const pids = proxy.pids();
        const descriptorsBefore = socketsOf(pids);

        const clients = [
          ...[1, 2, 3, 4, 5, 6].map((index) => keepAliveClient(traffic(index, port))),
          ...[11, 12].map((index) => closingClient(traffic(index, port))),
          ...[21, 22].map((index) => pipeliningClient(traffic(index, port))),
          ...[31, 32].map((index) => slowClient(traffic(index, port))),
          ...[41, 42].map((index) => breakingClient(traffic(index, port))),
          largeClient(traffic(51, port)),
          keepAliveClient(traffic(61, tcpPort)),
          breakingClient(traffic(62, tcpPort)),
          closingClient(traffic(63, tcpPort)),
        ];
        await sleep((seconds * 1000) / 3);
        const memoryThird = residentMib(pids);
        await sleep((seconds * 2000) / 3);
        running = false;
        await Promise.all(clients);
        const memoryEnd = residentMib(pids);

        expect([...faults, ...origin.faults]).toEqual([]);
        expect(counts.exchanges).toBeGreaterThan(50 * seconds);
        expect(counts.broken).toBeGreaterThan(seconds);
        expect(counts.bytes).toBeGreaterThan(100 * 1024 * 1024);

        // Sessions end with their clients, pooled connections with their server.
        origin.closeConnections();
        let descriptors = socketsOf(pids);
        for (let tries = 0; descriptors > descriptorsBefore && tries < 50; tries++) {
          await sleep(100);
          descriptors = socketsOf(pids);
        }
        expect(proxy.pids()).toEqual(pids);
        expect(descriptors).toBeLessThanOrEqual(descriptorsBefore);
        expect(memoryEnd - memoryThird).toBeLessThan(MAX_GROWTH_MIB);
        expect(memoryEnd).toBeLessThan(MAX_RESIDENT_MIB);
        const mib = Math.round(counts.bytes / 1024 / 1024);
        console.log(
          `soak: ${counts.exchanges} exchanges, ${counts.broken} broken on purpose, ${mib} MiB,` +
            ` memory ${memoryThird.toFixed(0)} -> ${memoryEnd.toFixed(0)} MiB, descriptors ${descriptorsBefore} -> ${descriptors}`,
        );
      } finally {
        await proxy.stop();
        await origin.close();
      }
    },
    (seconds + 60) * 1000,
  );
});
