import { readdirSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { UdpReply } from '../../../src/config/l4-model.ts';
import { udpMethod } from '../../../src/l4/checks/udp-check.ts';
import { datagramServer, found, home, ORIGIN, SHORT_MS, services, timing, to } from '../../support/l4-checks.ts';
import { freePort } from '../../support/ports.ts';

const toStop: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of toStop.splice(0)) await one.stop();
});

async function server(answer: (bytes: Buffer) => Buffer | null) {
  const one = await datagramServer(answer);
  toStop.push(one);
  return one;
}

interface More {
  readonly payload?: string;
  readonly reply?: Partial<UdpReply>;
  readonly connectTimeoutMs?: number;
}

function check(port: number, { payload, reply, connectTimeoutMs }: More = {}) {
  const rules = timing(connectTimeoutMs === undefined ? {} : { connectTimeoutMs });
  const asked = {
    kind: 'udp',
    ...{ connection: to(port), origin: ORIGIN, timing: rules },
    payload: payload === undefined ? null : Buffer.from(payload),
    reply: reply === undefined ? null : { leastBytes: 0, mostBytes: 255, pattern: '', ...reply },
  } as const;
  return udpMethod(asked, home(), services());
}

const FAILED = 'UDP connection to [10.0.0.71]:tcp:80 failed';
const MISMATCH = 'UDP check to [10.0.0.71]:tcp:80 reply data mismatch';

describe('UDP_CHECK', () => {
  it('silence is well where no reply is required, and the payload has arrived', async () => {
    const one = await server(() => null);
    const asked = check(one.port, { payload: 'who are you?', connectTimeoutMs: SHORT_MS });
    expect(await found(asked)).toBe('good: nobody says that it is not there');
    await expect.poll(() => one.heard.map(String), { timeout: 30_000 }).toEqual(['who are you?']);
  });

  it('any reply is well, too', async () => {
    const one = await server((bytes) => bytes);
    expect(await found(check(one.port))).toBe('good: a reply of 32 bytes');
    expect(await found(check(one.port, { reply: { mostBytes: 65_535 } }))).toBe('good: a reply of 32 bytes');
  });

  it('a port that nobody has is a failure: ICMP says so', async () => {
    expect(await found(check(await freePort()))).toBe(`${FAILED}: Connection refused`);
  });

  it('silence is a failure where a reply is required', async () => {
    const one = await server(() => null);
    const asked = check(one.port, { reply: {}, connectTimeoutMs: SHORT_MS });
    expect(await found(asked)).toBe(`${FAILED}: no answer within ${SHORT_MS / 1000} s`);
  });

  it.each<[Partial<UdpReply>, string]>([
    [{ pattern: '6f6b' }, 'good: a reply of 4 bytes'],
    [{ pattern: '6fxx0A'.toLowerCase() }, 'good: a reply of 4 bytes'],
    [{ pattern: 'xf6x' }, 'good: a reply of 4 bytes'],
    [{ pattern: '6f6b0aff99' }, 'good: a reply of 4 bytes'],
    [{ pattern: '6f6c' }, `${MISMATCH}: byte 1 of the reply is 6b, 6c expected`],
    [{ pattern: '7xxx' }, `${MISMATCH}: byte 0 of the reply is 6f, 7x expected`],
    [{ leastBytes: 5 }, `${MISMATCH}: a reply of 4 bytes, at least 5 expected`],
    [{ mostBytes: 3 }, `${MISMATCH}: a reply of 4 bytes, at most 3 expected`],
    [{ leastBytes: 4, mostBytes: 4 }, 'good: a reply of 4 bytes'],
  ])('a reply `6f6b0aff` where %j is required: %s', async (reply, expected) => {
    const one = await server(() => Buffer.from('6f6b0aff', 'hex'));
    expect(await found(check(one.port, { reply }))).toBe(expected);
  });

  it('leaves nothing open, whether it ends or is cancelled', async () => {
    const one = await server(() => null);
    const before = readdirSync('/proc/self/fd').length;
    const said: unknown[] = [];
    for (let i = 0; i < 50; i++)
      check(one.port)
        .begin((outcome) => said.push(outcome))
        .cancel();
    await found(check(one.port, { connectTimeoutMs: SHORT_MS }));
    await expect.poll(() => readdirSync('/proc/self/fd').length, { timeout: 30_000 }).toBeLessThanOrEqual(before);
    expect(said).toEqual([]);
  });
});
