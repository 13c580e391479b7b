import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { L4Check } from '../../../src/config/l4-model.ts';
import { systemTimers, type Timers } from '../../../src/core/clock.ts';
import type { CheckState, RunningCheck } from '../../../src/l4/check.ts';
import { beginChecks } from '../../../src/l4/checks/begin-check.ts';
import { FakeCommands } from '../../support/fake-commands.ts';
import { FakeTime } from '../../support/fake-time.ts';
import { CheckedServer, home, LONG_MS, ORIGIN, services, timing, to } from '../../support/l4-checks.ts';

const toStop: { stop(): unknown }[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0).reverse()) await one.stop();
});

async function server(serve: (socket: Socket) => void): Promise<CheckedServer> {
  const one = await CheckedServer.start(serve);
  toStop.push(one);
  return one;
}

/** What lasts seconds lasts milliseconds; nothing waits for what takes an hour. */
const hasty: Timers = { after: (delayMs, action) => systemTimers.after(delayMs / 1000, action) };

function tcp(port: number, more: Parameters<typeof timing>[0] = {}): L4Check {
  return {
    kind: 'tcp',
    origin: ORIGIN,
    connection: to(port),
    timing: timing({ connectTimeoutMs: LONG_MS * 10, ...more }),
  };
}

/** Sockets of this process. */
function sockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    const path = `/proc/self/fd/${fd}`;
    return existsSync(path) || isSocket(path);
  }).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith('socket:');
  } catch {
    return false;
  }
}

describe('checks of real servers', () => {
  it('go on and on, down and up with their server', async () => {
    const told: boolean[] = [];
    const begin = beginChecks(services({ timers: hasty }));
    const changed = ({ isUp }: CheckState): void => void told.push(isUp);
    const one = await CheckedServer.start(() => {});
    const check = begin(tcp(one.port), home({ changed }), null);
    toStop.push(check);
    await expect.poll(() => told, { timeout: 30_000 }).toEqual([true]);
    await one.stop();
    await expect.poll(() => told, { timeout: 30_000 }).toEqual([true, false]);
    expect(check.state.why).toBe('Connection refused');
  });

  it('hundreds of them leave nothing behind', async () => {
    const one = await server((socket) => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\nok')));
    const before = sockets();
    const begin = beginChecks(services({ timers: hasty }));
    const page = {
      path: '/',
      host: null,
      serverName: null,
      statuses: [{ from: 200, to: 299 }],
      digest: null,
      pattern: null,
    };
    const http: L4Check = {
      ...tcp(one.port),
      kind: 'http',
      version: '1.0',
      urls: [page],
      fastRecovery: false,
    } as L4Check;
    const looked = new Set<number>();
    const checks: RunningCheck[] = [];
    for (let i = 0; i < 200; i++) {
      const changed = (): void => void looked.add(i);
      checks.push(begin(i % 2 === 0 ? tcp(one.port) : http, home({ changed }), null));
    }
    await expect.poll(() => looked.size, { timeout: 60_000 }).toBe(200);
    for (const check of checks) check.stop();
    await expect.poll(() => one.sockets.size, { timeout: 30_000 }).toBe(0);
    await expect.poll(sockets, { timeout: 30_000 }).toBeLessThanOrEqual(before);
  });

  it('ten thousand begin spread over their warmup, and each has one timer', async () => {
    const time = new FakeTime();
    const commands = new FakeCommands();
    let seed = 1;
    const random = {
      next: () => {
        seed = (seed * 48_271) % 2_147_483_647;
        return seed / 2_147_483_647;
      },
    };
    const begin = beginChecks(services({ clock: time, timers: time, commands, random }));
    const command = { argv: ['/bin/true'], user: null, group: null } as never;
    const rules = timing({ warmupMs: 60_000 });
    const misc: L4Check = { kind: 'misc', command, timeoutMs: 1, isDynamic: false, origin: ORIGIN, timing: rules };
    for (let i = 0; i < 10_000; i++) begin(misc, home(), null);
    const { due } = time;
    expect(due).toHaveLength(10_000);
    const perSecond = Array.from({ length: 61 }, (_, s) => due.filter((ms) => Math.floor(ms / 1000) === s).length);
    expect(perSecond[0]).toBe(0);
    for (const count of perSecond.slice(1)) {
      expect(count).toBeGreaterThan(100);
      expect(count).toBeLessThan(240);
    }
  });
});
