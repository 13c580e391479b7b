/**
 * Heads that are made to be dear: the work that they cost grows with their bytes and no faster, whatever is in them. Work is
 * counted, not timed (test/support/work.ts), over the whole way through the proxy.
 */
import { afterAll, describe, expect, it } from 'vitest';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';
import { WorkMeter } from '../support/work.ts';

const LINES = 'cookie SRV insert indirect nocache\n option forwardfor\n http-reuse always';
const SMALL = 3500;
const LARGE = 14_000;
/** Blocks run and bytes moved, for each byte of a message; what is in it may make it a few times as dear. */
const PER_BYTE = 30;

const meter = new WorkMeter();
afterAll(() => meter.close());

/** `unit` again and again, up to so many bytes. */
function fill(bytes: number, unit: (i: number) => string): string {
  let text = '';
  for (let i = 0; ; i++) {
    const next = unit(i);
    if (text.length + next.length > bytes) return text;
    text += next;
  }
}

/** As many fields as are allowed, and a list with the rest of the bytes. */
function fieldsAnd(bytes: number, field: (i: number) => string, list: (bytes: number) => string): string {
  let text = '';
  for (let i = 0; i < 90 && text.length < bytes / 2; i++) text += field(i);
  return text + list(bytes - text.length);
}

const CONNECTION = 'Connection: ';

const requests: [string, (bytes: number) => string][] = [
  ['one long target', (bytes) => get(`/${'a'.repeat(bytes)}`)],
  ['one long field', (bytes) => get('/', `X: ${'x'.repeat(bytes)}\r\n`)],
  ['one long name', (bytes) => get('/', `${'x'.repeat(bytes)}: x\r\n`)],
  ['blanks', (bytes) => get('/', `X:${' '.repeat(bytes)}\r\n`)],
  [
    '100 fields',
    (bytes) =>
      get(
        '/',
        fill(bytes, (i) => (i < 98 ? `X-${i}: ${'x'.repeat(bytes / 120)}\r\n` : ' '.repeat(99_999))),
      ),
  ],
  ['Connection tokens', (bytes) => get('/', `${CONNECTION}${fill(bytes, (i) => `t${i},`)}\r\n`)],
  ['empty Connection tokens', (bytes) => get('/', `${CONNECTION}${','.repeat(bytes)}\r\n`)],
  [
    'Connection lines',
    (bytes) =>
      get(
        '/',
        fill(bytes, (i) => (i < 98 ? `${CONNECTION}x${i},${'y,'.repeat(bytes / 300)}\r\n` : ' '.repeat(99_999))),
      ),
  ],
  [
    'Connection tokens that are all fields',
    (bytes) =>
      get(
        '/',
        fieldsAnd(
          bytes,
          (i) => `X${i % 10}: y\r\n`,
          (rest) => `${CONNECTION}${fill(rest, (i) => `X${i % 10},`)}\r\n`,
        ),
      ),
  ],
  [
    'Connection tokens that all name many fields which must stay',
    (bytes) =>
      get(
        '/',
        fieldsAnd(
          bytes,
          () => 'Via: y\r\n',
          (rest) => `${CONNECTION}${fill(rest, () => 'via,')}\r\n`,
        ),
      ),
  ],
  ['cookies', (bytes) => get('/', `Cookie: ${fill(bytes, (i) => `c${i}=v; `)}\r\n`)],
  ['empty cookies', (bytes) => get('/', `Cookie: ${';'.repeat(bytes)}\r\n`)],
  ['cookies that are taken out', (bytes) => get('/', `Cookie: ${fill(bytes, () => 'SRV=x;')}y=z\r\n`)],
  [
    'cookies of which every second one is taken out',
    (bytes) => get('/', `Cookie: ${fill(bytes, () => 'SRV=x;y=z;')}\r\n`),
  ],
  ['cookies that are almost the one', (bytes) => get('/', `Cookie: ${fill(bytes, () => 'SR=x;')}\r\n`)],
  ['ranges', (bytes) => get('/', `Range: bytes=${fill(bytes, (i) => `${i}-${i},`)}9-\r\n`)],
  ['Accept-Encoding', (bytes) => get('/', `Accept-Encoding: ${fill(bytes, () => 'gzip;q=0.1,')}br\r\n`)],
  [
    'X-Forwarded-For',
    (bytes) =>
      get(
        '/',
        fill(bytes, (i) => (i < 95 ? `X-Forwarded-For: ${'1.2.3.4,'.repeat(bytes / 1000)}\r\n` : ' '.repeat(99_999))),
      ),
  ],
  ['TE', (bytes) => get('/', `TE: ${fill(bytes, () => 'trailers,')}\r\n`)],
  ['transfer codings', (bytes) => get('/', `Transfer-Encoding: ${fill(bytes, () => 'gzip,')}chunked\r\n`)],
  ['one length again and again', (bytes) => get('/', `Content-Length: ${fill(bytes, () => '0, ')}0\r\n`)],
  ['upgrades', (bytes) => get('/', `Connection: upgrade\r\nUpgrade: ${fill(bytes, () => 'x,')}y\r\n`)],
  ['empty lines', (bytes) => '\r\n'.repeat(bytes / 2) + get()],
  ['a long host', (bytes) => `GET / HTTP/1.1\r\nHost: ${'a.'.repeat(bytes / 2)}\r\n\r\n`],
  ['a pipeline', (bytes) => fill(bytes, () => get())],
  [
    'chunks of one byte',
    (bytes) =>
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${fill(bytes, () => '1\r\nx\r\n')}0\r\n\r\n`,
  ],
  [
    'chunk extensions',
    (bytes) =>
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1${fill(bytes, () => ';a=b')}\r\nx\r\n0\r\n\r\n`,
  ],
  [
    'trailers',
    (bytes) =>
      `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${fill(bytes / 2, () => 'host: x\r\n')}\r\n`,
  ],
];

const responses: [string, (bytes: number) => string][] = [
  ['one long field', (bytes) => ok('hi', `X: ${'x'.repeat(bytes)}\r\n`)],
  ['folded lines', (bytes) => ok('hi', `X: x\r\n${fill(bytes, () => ' y\r\n')}`)],
  ['folded lines of blanks', (bytes) => ok('hi', `X: x\r\n${fill(bytes, () => ' \r\n')}`)],
  ['folded lines of blanks below nothing', (bytes) => ok('hi', `X:\r\n${fill(bytes, () => '  \r\n')}`)],
  ['Connection tokens', (bytes) => ok('hi', `${CONNECTION}${fill(bytes, (i) => `t${i},`)}\r\n`)],
  [
    'cookies',
    (bytes) =>
      ok(
        'hi',
        fill(bytes, (i) => (i < 95 ? `Set-Cookie: SRV=${'x'.repeat(bytes / 120)}\r\n` : ' '.repeat(99_999))),
      ),
  ],
  ['Cache-Control', (bytes) => ok('hi', `Cache-Control: ${fill(bytes, () => 'no-transform, ')}public\r\n`)],
  ['interim responses', (bytes) => fill(bytes, () => 'HTTP/1.1 103 Early Hints\r\n\r\n') + ok()],
];

function answering(): SimulatedProxy {
  const proxy = new SimulatedProxy(web({ lines: LINES, server: 'cookie a' }));
  proxy.server(PORT).onPeer = (peer) => {
    peer.onReceived = () => peer.send(ok());
  };
  return proxy;
}

function expectLinear(cost: (bytes: number) => number): void {
  // Once for what is made at the first of its kind.
  cost(SMALL);
  const [small, large] = [cost(SMALL), cost(LARGE)];
  expect(large / small).toBeLessThanOrEqual((1.15 * LARGE) / SMALL);
  expect(large / LARGE).toBeLessThanOrEqual(PER_BYTE);
}

describe('the work for a request', () => {
  it.each(requests)('grows with its bytes: %s', (_, request) => {
    const proxy = answering();
    const cost = (bytes: number): number => {
      const text = request(bytes);
      const client = proxy.client();
      const work = meter.measure(() => {
        client.send(text);
        proxy.settle();
      });
      expect(statuses(client.text).length).toBeGreaterThan(0);
      client.reset();
      proxy.settle();
      return work;
    };
    expectLinear(cost);
    proxy.expectClean();
  });

  it('that comes byte by byte grows with its bytes and its lines', () => {
    const proxy = answering();
    const request = get('/', `X: ${'x'.repeat(10_000)}\r\n`);
    const client = proxy.client();
    const work = meter.measure(() => {
      for (const byte of request) {
        client.send(byte);
        proxy.settle();
      }
    });
    expect(statuses(client.text)).toEqual([200]);
    // A few hundred blocks an arrival; scanned anew for each byte it would be ten times as much.
    expect(work / request.length).toBeLessThanOrEqual(500);
    proxy.expectClean();
  });
});

describe('the work for a response', () => {
  it.each(responses)('grows with its bytes: %s', (_, response) => {
    const proxy = new SimulatedProxy(web({ lines: LINES, server: 'cookie a' }));
    const cost = (bytes: number): number => {
      const text = response(bytes);
      const client = proxy.ask(get());
      const work = meter.measure(() => {
        proxy.accepted(PORT).send(text);
        proxy.settle();
      });
      expect(client.text).toMatch(/HTTP\/1.1 [25]0[02] /);
      client.reset();
      proxy.settle();
      return work;
    };
    expectLinear(cost);
    proxy.expectClean();
  });

  it('that comes byte by byte grows with its bytes and its lines', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    const response = ok('hi', `X: ${'x'.repeat(10_000)}\r\n`);
    const server = proxy.accepted(PORT);
    const work = meter.measure(() => {
      for (const byte of response) {
        server.send(byte);
        proxy.settle();
      }
    });
    expect(client.text).toBe(response);
    expect(work / response.length).toBeLessThanOrEqual(500);
    proxy.expectClean();
  });
});
