/**
 * The hostile cases of test/e2e/hostile/cases through a real Tandem on loopback, with both engines; `npm run hostile` puts
 * haproxy and nginx beside it. TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows here where haproxy stands.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { describeWithPeer } from '../support/peers.ts';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import type { RequestCase } from './hostile/case.ts';
import { REQUEST_GROUPS } from './hostile/cases/request-cases.ts';
import { RESPONSE_CASES } from './hostile/cases/response-cases.ts';
import { NaiveProxy } from './hostile/naive-proxy.ts';
import { haproxyConfiguration } from './hostile/proxies.ts';
import { Stand } from './hostile/stand.ts';

const LANES = 8;
/** A machine under load may stumble for seconds; cases of silence have to wait so long. */
const TIMEOUT_S = 6;
const GIVE_UP_MS = 60_000;
const TEST_MS = 180_000;

const isTandem = TANDEM_HAPROXY.endsWith('tandem-haproxy.js');
const requestCases = REQUEST_GROUPS.flatMap(({ cases }) => cases);
const waits = ({ id }: RequestCase): boolean => id.startsWith('I-silence');
const isShort = ({ id, steps }: RequestCase): boolean =>
  !id.startsWith('S-') && steps.length === 1 && (steps[0]?.send.length ?? 0) < 300;

/** The sweep is about bytes, not about engines: one of them does it. */
function itGetsAllRight(poller: 'epoll' | 'io_uring', { sweeps }: { sweeps: boolean }): void {
  const groups = REQUEST_GROUPS.filter(({ letter }) => sweeps || letter !== 'S');
  let stand: Stand;
  let proxy: ProxyProcess;
  let wrong: string[];
  beforeAll(async () => {
    stand = await Stand.of(LANES, () => freePort(), GIVE_UP_MS);
    const lines = isTandem ? [`tune.tandem.poller ${poller}`] : [];
    const [lastPort = 0] = stand.layout.ports.at(-1) ?? [];
    proxy = await ProxyProcess.start(TANDEM_HAPROXY, haproxyConfiguration(stand.layout, lines, TIMEOUT_S), lastPort);
    // Those that wait for timeouts first: the others are done meanwhile.
    const cases = groups.flatMap((group) => group.cases);
    wrong = await stand.requests([...cases.filter(waits), ...cases.filter((one) => !waits(one))]);
  }, TEST_MS);
  afterAll(async () => {
    await proxy.stop();
    await stand.close();
  });

  it.each(groups)('$letter $title', ({ letter }) => {
    expect(wrong.filter((each) => each.startsWith(`${letter}-`))).toEqual([]);
  });

  it(
    'J bad servers',
    async () => {
      expect(await stand.responses()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'requests that come byte by byte',
    async () => {
      const cases = requestCases.filter((one) => isShort(one) && !waits(one));
      expect(await stand.requests(cases, 1)).toEqual([]);
    },
    TEST_MS,
  );
}

describe('hostile cases through Tandem on epoll', () => itGetsAllRight('epoll', { sweeps: true }));
if (isTandem) {
  describeWithPeer('io_uring', 'hostile cases through Tandem on io_uring', () =>
    itGetsAllRight('io_uring', { sweeps: false }),
  );
}

describe('the judge', () => {
  let proxies: NaiveProxy[];
  let stand: Stand;
  // A new one each time: it keeps what it should not.
  beforeEach(async () => {
    proxies = [];
    const portFor = async (originPort: number): Promise<number> => {
      const proxy = await NaiveProxy.listen(originPort);
      proxies.push(proxy);
      return proxy.port;
    };
    stand = await Stand.of(1, portFor, GIVE_UP_MS);
  });
  afterEach(async () => {
    for (const proxy of proxies) await proxy.close();
    await stand.close();
  });
  const requestCase = (id: string) => requestCases.filter((one) => one.id === id);
  const responseCase = (id: string) => RESPONSE_CASES.filter((one) => one.id === id);

  it.each([
    ['A-space-in-target', 'the server got what is not HTTP'],
    ['B-two-differ', 'the server got what is not HTTP: not one Host'],
    ['C-lf-one-line', 'the server got what is not HTTP'],
    ['D-suffix', 'the server got what is not HTTP: content-length'],
    ['D-two-differ', 'the server got what is not HTTP: a framing field twice'],
    ['E-cl-te', 'the server got what is not HTTP: both framing fields'],
    ['E-xchunked-cl', 'the server got what is not HTTP: both framing fields'],
    ['F-lf-after-size', 'the server got what is not HTTP'],
    ['G-content-length', 'a trailer has'],
    ['H-nominated', 'the server got "x-drop"'],
    ['H-h2c', 'the server got "h2c"'],
    ['B-asterisk-path', 'got through'],
  ])('finds in %s through a naive proxy: %s', async (id, fault) => {
    const wrong = await stand.requests(requestCase(id));
    expect(wrong).toEqual([expect.stringContaining(fault)]);
  });

  it.each([
    ['J-length-suffix', 'the client got what is not HTTP'],
    ['J-two-lengths', 'the client got'],
    ['J-after-length-kept', 'got "HTTP/1.1 200 OK\\r\\nContent-Length: 6\\r\\n\\r\\nhidden'],
    ['J-after-length-later-kept', 'another client got'],
    ['J-chunk-lf', 'the client got what is not HTTP'],
  ])('finds in %s through a naive proxy: %s', async (id, fault) => {
    const wrong = await stand.responses(responseCase(id));
    expect(wrong).toEqual([expect.stringContaining(fault)]);
  });

  it('finds nothing in what a naive proxy does right', async () => {
    const right = ['A-plain', 'A-lowercase-method', 'D-request-inside', 'H-three', 'T-byte-by-byte'];
    expect(await stand.requests(right.flatMap(requestCase))).toEqual([]);
    expect(await stand.responses(['J-plain-kept', 'J-chunked-kept'].flatMap(responseCase))).toEqual([]);
  });
});

describe('the cases', () => {
  const all = [...requestCases, ...RESPONSE_CASES];

  it('have an id of their own each, which begins with the letter of the group', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const { letter, cases } of REQUEST_GROUPS) {
      expect(cases.filter(({ id }) => !id.startsWith(`${letter}-`))).toEqual([]);
    }
  });

  it('have a reason and a section each', () => {
    expect(all.filter(({ why, rfc }) => !/[.?]$/.test(why) || !/^\d{4} \d/.test(rfc)).map(({ id }) => id)).toEqual([]);
  });
});
