import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { UdpReply } from '../../../src/config/l4-model.ts';
import { udpMethod } from '../../../src/l4/checks/udp-check.ts';
import { insideNamespace } from '../../support/inside-namespace.ts';
import { datagramServer, found, home, ORIGIN, SHORT_MS, services, timing, to } from '../../support/l4-checks.ts';
import { type Namespace, NamespaceLab } from '../../support/namespaces.ts';
import { describeWithPeer, programPath } from '../../support/peers.ts';
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

describeWithPeer(['netns', 'ip'], 'UDP_CHECK beyond a router', () => {
  const lab = new NamespaceLab();
  let box: Namespace;

  beforeAll(() => {
    box = lab.add('udp');
    const router = lab.add('router');
    lab.link(box, { address: '10.9.7.1/24' }, router, '10.9.7.2/24');
    for (const [kind, network] of [
      ['unreachable', '10.9.50.0/24'],
      ['prohibit', '10.9.51.0/24'],
    ] as const) {
      execFileSync(programPath('ip'), ['-n', router.name, 'route', 'add', kind, network]);
      execFileSync(programPath('ip'), ['-n', box.name, 'route', 'add', network, 'via', '10.9.7.2']);
    }
    insideNamespace(router.name, () => writeFileSync('/proc/sys/net/ipv4/ip_forward', '1'));
  });
  afterAll(() => lab.remove());

  it.each([
    ['10.9.50.1', 'No route to host'],
    ['10.9.51.1', 'No route to host'],
    ['192.0.2.1', 'Network is unreachable'],
  ])('what a router says of %s is a failure: %s', async (ip, why) => {
    const connection = to(53, { address: { family: 4, ip, port: 53 } });
    const asked = { kind: 'udp', origin: ORIGIN, payload: null, reply: null, connection, timing: timing() } as const;
    const method = udpMethod(asked, home(), services());
    const begin: typeof method.begin = (end) => insideNamespace(box.name, () => method.begin(end));
    expect(await found({ begin })).toBe(`${FAILED}: ${why}`);
  });
});
