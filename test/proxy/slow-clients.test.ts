/**
 * Clients that are slow on purpose, and many: what each may hold, for how long, and what it is told. Time is simulated.
 * Requests that wait in a buffer: test/proxy/request-buffer.test.ts. Over real sockets: test/e2e/slow-clients.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { PROXY_BAD_REQUESTS, PROXY_REQUESTS, SERVER_SESSIONS } from '../../src/proxy/shared-state.ts';
import type { Peer } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

const DAY_MS = 86_400_000;

/** Sends `text` again and again until the proxy says something or ends it; returns how long it took. */
function dribble(proxy: SimulatedProxy, client: Peer, text: string, everyMs: number): number {
  const from = proxy.clock.nowMs;
  while (client.text === '' && !client.gone) {
    client.send(text);
    proxy.advance(everyMs);
    if (proxy.clock.nowMs - from > DAY_MS) throw new Error('is let go on for a day');
  }
  return proxy.clock.nowMs - from;
}

describe('slowloris', () => {
  const lines = 'timeout http-request 3s\n timeout http-keep-alive 8s';

  it.each([
    ['one byte after the other', 'GET / HTTP/1.1\r\nHost: a\r\n', 'X'],
    ['one field after the other', 'GET / HTTP/1.1\r\nHost: a\r\n', 'X: y\r\n'],
    ['an endless target', 'GET /', 'x'],
    ['empty lines only', '', '\r\n'],
  ])('%s: 408 after timeout http-request, and nothing upstream', (_, first, then) => {
    const proxy = new SimulatedProxy(web({ lines }));
    const client = proxy.ask(first);
    const tookMs = dribble(proxy, client, then, 100);
    expect(tookMs).toBeGreaterThanOrEqual(2900);
    expect(tookMs).toBeLessThanOrEqual(3100);
    expect(statuses(client.text)).toEqual([408]);
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it.each([
    ['a head', 'G'],
    ['empty lines', '\r\n'],
  ])('with %s after a request is measured from its first byte as well', (_, bytes) => {
    const proxy = new SimulatedProxy(web({ lines }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.advance(1000);
    client.takeText();
    const tookMs = dribble(proxy, client, bytes, 100);
    expect(tookMs).toBeGreaterThanOrEqual(2900);
    expect(tookMs).toBeLessThanOrEqual(3100);
    proxy.expectClean();
  });

  it('holds one buffer a head, and none after', () => {
    const proxy = new SimulatedProxy(web({ lines }));
    const clients = Array.from({ length: 500 }, () => proxy.ask('GET / HTTP/1.1\r\n'));
    expect(proxy.slabs.lent).toBe(500);
    proxy.advance(3100);
    expect(clients.every((client) => client.text.startsWith('HTTP/1.1 408 '))).toBe(true);
    expect(proxy.slabs.lent).toBe(0);
    proxy.expectClean();
  });
});

describe('connections on which nothing comes', () => {
  const ends: [string, (proxy: SimulatedProxy, client: Peer) => void][] = [
    ['time out', (proxy) => proxy.advance(10_100)],
    ['end', (_proxy, client) => client.end()],
    ['are reset', (_proxy, client) => client.reset()],
  ];

  it.each(ends)('and %s are nobody’s business with option http-ignore-probes', (_, end) => {
    const proxy = new SimulatedProxy(web({ lines: 'option http-ignore-probes' }));
    const client = proxy.ask('');
    end(proxy, client);
    proxy.settle();
    expect(client.text).toBe('');
    expect(client.gone).toBe(true);
    expect(proxy.proxyGauge(0, PROXY_REQUESTS)).toBe(0);
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(0);
    proxy.expectClean();
  });

  it('but an empty line are answered all the same, as haproxy’s are', () => {
    const proxy = new SimulatedProxy(web({ lines: 'option http-ignore-probes' }));
    const client = proxy.ask('\r\n');
    proxy.advance(10_100);
    expect(statuses(client.text)).toEqual([408]);
    proxy.expectClean();
  });
});

describe('a body that dribbles (R.U.D.Y.)', () => {
  const MINUTE_MS = 60_000;

  it('holds a server for a minute, and is answered 408 then', () => {
    const proxy = new SimulatedProxy(
      web({ lines: 'timeout client 30s\n timeout server 1h\n timeout queue 5m', server: 'maxconn 1' }),
    );
    const client = proxy.ask(post('x'.repeat(100_000)).slice(0, -100_000));
    const waiting = proxy.ask(get());
    const tookMs = dribble(proxy, client, 'x', 10_000);
    expect(tookMs).toBeGreaterThanOrEqual(MINUTE_MS);
    expect(tookMs).toBeLessThanOrEqual(MINUTE_MS + 10_000);
    expect(statuses(client.text)).toEqual([408]);
    expect(proxy.accepted(PORT).text).toBe(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(waiting.text).toBe(ok());
    proxy.expectClean();
  });

  it('is not paid for by the size of its chunks, only by data', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 30s\n timeout server 1h' }));
    const client = proxy.ask('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    expect(dribble(proxy, client, `1;${'e'.repeat(100)}\r\nx\r\n`, 1000)).toBeLessThan(70_000);
    // Which comes first: the rate, or the limit on framing.
    expect([400, 408]).toContain(statuses(client.text)[0]);
    proxy.expectClean();
  });

  it('cannot be paid for in advance', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 30s\n timeout server 1h' }));
    const client = proxy.ask(post('x'.repeat(1_000_000)).slice(0, -1_000_000));
    client.send('x'.repeat(500_000));
    expect(dribble(proxy, client, 'x', 10_000)).toBeLessThanOrEqual(MINUTE_MS + 10_000);
    expect(statuses(client.text)).toEqual([408]);
    proxy.expectClean();
  });

  it.each([
    ['a steady 25 bytes a second', 25, 1000],
    ['a network that is away for most of a minute, then sends', 1500, 50_000],
  ])('may be as slow as %s', (_, size, everyMs) => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 2m\n timeout server 1h' }));
    const body = 'x'.repeat(size * 300);
    const client = proxy.ask(post(body).slice(0, -body.length));
    for (let i = 0; i < 300; i++) {
      proxy.advance(everyMs);
      client.send('x'.repeat(size));
    }
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe(post(body));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('is let go on while the response is under way: the two may be talking', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 30s\n timeout server 30s' }));
    const client = proxy.ask('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    proxy.advance(20_000);
    client.send('1\r\nx\r\n');
    proxy.settle();
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 0; i < 50; i++) {
      client.send('1\r\nx\r\n');
      proxy.advance(20_000);
      proxy.accepted(PORT).send('1\r\ny\r\n');
      proxy.settle();
    }
    client.send('0\r\n\r\n');
    proxy.accepted(PORT).send('0\r\n\r\n');
    proxy.settle();
    expect(client.text.match(/1\r\ny/g)?.length).toBe(50);
    expect(client.text.endsWith('0\r\n\r\n')).toBe(true);
    proxy.expectClean();
  });

  it('is let go on where the response began after a long silence', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 5m\n timeout server 5m' }));
    const client = proxy.ask('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    proxy.advance(50_000);
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
    proxy.advance(200_000);
    expect(client.gone).toBe(false);
    proxy.advance(60_000);
    expect(client.gone).toBe(true);
    proxy.expectClean();
  });

  it('is not let go on for ever when the response is complete', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 30s\n timeout server 1h' }));
    const client = proxy.ask(post('x'.repeat(1000)).slice(0, -1000));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    for (let waited = 0; waited < 70_000; waited += 10_000) {
      client.send('x');
      proxy.advance(10_000);
    }
    expect(client.text).toBe(ok());
    expect(client.gone).toBe(true);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    proxy.expectClean();
  });

  it('is not blamed for a server that takes it slowly', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 2m\n timeout server 10m' }));
    const body = 'x'.repeat(60_000);
    const client = proxy.ask(post(body).slice(0, -body.length));
    const server = proxy.accepted(PORT);
    server.window = 0;
    client.send(body);
    for (let i = 0; i < 6; i++) {
      proxy.advance(100_000);
      server.window = 12_000;
      proxy.settle();
    }
    server.send(ok());
    proxy.settle();
    expect(server.text === post(body)).toBe(true);
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('is not measured while the client waits to be told to go on', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 5m\n timeout server 5m' }));
    const client = proxy.ask(post('', '/', 'Expect: 100-continue\r\n').replace('Length: 0', 'Length: 3'));
    proxy.advance(200_000);
    proxy.accepted(PORT).send('HTTP/1.1 100 Continue\r\n\r\n');
    proxy.settle();
    client.send('ab');
    proxy.advance(40_000);
    client.send('c');
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(`HTTP/1.1 100 Continue\r\n\r\n${ok()}`);
    proxy.expectClean();
  });

  it('may be as slow as it likes with tune.tandem.min-body-rate 0', () => {
    const text = web({ lines: 'timeout client 30s\n timeout server 1h' });
    const proxy = new SimulatedProxy(`global\n tune.tandem.min-body-rate 0\n${text}`);
    const client = proxy.ask(post('x'.repeat(100)).slice(0, -100));
    for (let i = 0; i < 100; i++) {
      client.send('x');
      proxy.advance(20_000);
    }
    expect(client.text).toBe('');
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });
});

describe('a slow reader', () => {
  it('holds two buffers at most, with a pipeline behind it, on a connection that was used before', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always\n timeout client 1m\n timeout server 1m' }));
    const first = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    first.reset();
    proxy.settle();
    const client = proxy.client();
    client.window = 100;
    client.send(get().repeat(100));
    proxy.settle();
    const body = 'b'.repeat(1_000_000);
    proxy.accepted(PORT).send(ok(body));
    proxy.settle();
    expect(proxy.slabs.lent).toBeLessThanOrEqual(2);
    // The server is not read any further.
    expect(proxy.accepted(PORT).arrivedBytes).toBeGreaterThan(200_000);
    for (let i = 0; i < 20; i++) {
      client.window = 1000;
      proxy.advance(1000);
      expect(proxy.slabs.lent).toBeLessThanOrEqual(2);
    }
    client.reset();
    proxy.expectClean();
  });

  it('that stops altogether is let go after timeout client, and its server with it', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout server 1h' }));
    const client = proxy.client();
    client.window = 100;
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok('b'.repeat(1_000_000)));
    proxy.advance(9900);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(1);
    proxy.advance(200);
    expect(client.gone).toBe(true);
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });
});

describe('chunks', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

  it('of one byte with long extensions are refused when the framing is too much', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(head);
    let sentBytes = 0;
    for (; client.text === ''; sentBytes += 1007) {
      expect(sentBytes).toBeLessThan(30_000);
      client.send(`1;${'e'.repeat(1000)}\r\nx\r\n`);
      proxy.settle();
    }
    expect(statuses(client.text)).toEqual([400]);
    proxy.expectClean();
  });

  it('of one byte without any are nobody’s fault', () => {
    const proxy = new SimulatedProxy(web());
    const body = `${'1\r\nx\r\n'.repeat(20_000)}0\r\n\r\n`;
    const client = proxy.ask(head + body);
    expect(proxy.accepted(PORT).text === head + body).toBe(true);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });
});

describe('a flood of pipelined requests', () => {
  it('is served one in a turn, so that others are served meanwhile', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const flood = proxy.client();
    flood.send(get().repeat(500));
    const others = Array.from({ length: 20 }, () => proxy.client());
    for (const other of others) other.send(get());
    let before = 0;
    for (let turns = 0; turns < 100; turns++) {
      proxy.poller.untilMs = 0;
      proxy.turn(0);
      const served = statuses(flood.text).length;
      // One from what was read, and the next one from what is kept.
      expect(served - before).toBeLessThanOrEqual(2);
      before = served;
    }
    expect(before).toBeLessThan(500);
    expect(others.every((other) => statuses(other.text).length === 1)).toBe(true);
    proxy.settle();
    expect(statuses(flood.text).length).toBe(500);
    proxy.expectClean();
  });
});

describe('with all places taken by clients that say nothing', () => {
  it('those who are in are served on, and the next one when one of the others is let go', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }), { maxconn: 100 });
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    const good = Array.from({ length: 10 }, () => proxy.ask(get()));
    for (let i = 0; i < 90; i++) proxy.ask('');
    const late = proxy.ask(get());
    for (let round = 0; round < 9; round++) {
      for (const client of good) client.send(get());
      proxy.advance(1000);
    }
    expect(good.map((client) => statuses(client.text).length)).toEqual(good.map(() => 10));
    expect(late.text).toBe('');
    // They are told 408, and given a second to read it.
    proxy.advance(2100);
    expect(late.text).toBe(ok());
    proxy.expectClean();
  });

  it('and no descriptor left, those who are in are served on over the connections that there are', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    const good = Array.from({ length: 5 }, () => proxy.ask(get()));
    for (let i = 0; i < 50; i++) proxy.ask('');
    proxy.poller.descriptors = proxy.poller.openCount;
    const late = Array.from({ length: 5 }, () => proxy.ask(get()));
    for (let round = 0; round < 9; round++) {
      for (const client of good) {
        client.send(get());
        proxy.settle();
      }
      proxy.advance(1000);
    }
    expect(proxy.poller.acceptFailures).toBeGreaterThan(0);
    expect(good.map((client) => statuses(client.text).length)).toEqual(good.map(() => 10));
    proxy.advance(2100);
    expect(late.every((client) => client.text === ok())).toBe(true);
    proxy.expectClean();
  });
});
