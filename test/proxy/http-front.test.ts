/** What clients send: heads and bodies in any pieces, too much, too little, nothing, and their end. */
import { describe, expect, it } from 'vitest';
import type { Slab } from '../../src/sys/slabs.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

describe('a request in pieces', () => {
  const chunked =
    'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n';
  const requests = [get('/a', 'Accept: */*\r\n'), post('0123456789'), chunked];

  it.each(requests)('reaches the server the same, cut anywhere: %j', (request) => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    for (let cut = 1; cut < request.length; cut++) {
      const client = proxy.client();
      client.send(request.slice(0, cut));
      proxy.settle();
      client.send(request.slice(cut));
      proxy.settle();
      const server = proxy.accepted(PORT);
      expect(server.takeText(), `cut at ${cut}`).toBe(request);
      server.send(ok());
      proxy.settle();
      expect(client.takeText()).toBe(ok());
      client.end();
      proxy.settle();
      expect(client.sawEnd).toBe(true);
    }
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });

  it('reaches the server the same, byte by byte', () => {
    const proxy = new SimulatedProxy(web());
    for (const request of requests) {
      const client = proxy.client();
      for (const byte of request) client.send(byte);
      proxy.settle();
      expect(proxy.accepted(PORT).takeText()).toBe(request);
      proxy.accepted(PORT).send(ok());
      proxy.settle();
      expect(client.text).toBe(ok());
    }
    proxy.expectClean();
  });

  it.each([1, 15, 100, 1448, 5000])('may have a body of any length behind a head cut at %i', (cut) => {
    const proxy = new SimulatedProxy(web());
    const body = 'b'.repeat(100_000);
    const request = post(body, '/', `X: ${'x'.repeat(5000)}\r\n`);
    const client = proxy.client();
    client.send(request.slice(0, cut));
    client.send(request.slice(cut));
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe(request);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });
});

describe('pipelined requests', () => {
  it('are answered in order, one at a time, wherever they are cut', () => {
    const requests = [get('/1'), post('abc', '/2'), get('/3')].join('');
    for (let cut = 0; cut < requests.length; cut += 3) {
      const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
      const client = proxy.client();
      client.send(requests.slice(0, cut));
      proxy.settle();
      client.send(requests.slice(cut));
      proxy.settle();
      const seen: string[] = [];
      for (let i = 0; i < 3; i++) {
        const server = proxy.accepted(PORT);
        seen.push(server.takeText());
        server.send(ok(String(i)));
        proxy.settle();
      }
      expect(seen).toEqual([get('/1'), post('abc', '/2'), get('/3')]);
      expect(client.text).toBe(ok('0') + ok('1') + ok('2'));
      proxy.expectClean();
    }
  });

  it('are all answered after the client has sent FIN behind them', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    const client = proxy.client();
    client.send(get().repeat(5));
    client.end();
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 200, 200, 200, 200]);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('may have an empty line behind them: the next one is still read, and so is the end (found by fuzzing)', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(`${get('/1')}\r\n`);
    proxy.accepted(PORT).send(ok('1'));
    proxy.settle();
    expect(client.takeText()).toBe(ok('1'));
    client.send(`${get('/2')}\r\n\r\n`);
    proxy.settle();
    proxy.accepted(PORT).send(ok('2'));
    proxy.settle();
    expect(client.takeText()).toBe(ok('2'));
    client.end();
    proxy.settle();
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('wait while the client does not take its answers', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    let asked = 0;
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => {
        asked++;
        peer.send(ok('x'.repeat(1000)));
      };
    };
    const client = proxy.client();
    client.window = 500;
    client.send(get().repeat(20));
    proxy.settle();
    expect(asked).toBe(1);
    client.window = Number.POSITIVE_INFINITY;
    proxy.settle();
    expect(asked).toBe(20);
    expect(statuses(client.text).length).toBe(20);
    proxy.expectClean();
  });

  it('that are answered without a server stop as well when their answers are not taken', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    const client = proxy.client();
    client.window = 10;
    client.send(get().repeat(50));
    proxy.settle();
    expect(proxy.slabs.lent).toBeLessThanOrEqual(2);
    client.window = Number.POSITIVE_INFINITY;
    proxy.settle();
    expect(statuses(client.text).length).toBe(50);
    proxy.expectClean();
  });
});

describe('what is no request', () => {
  it.each([
    ['no version', 400, 'GET /\r\n\r\n'],
    ['no Host', 400, 'GET / HTTP/1.1\r\n\r\n'],
    ['HTTP/2.0', 505, 'GET / HTTP/2.0\r\nHost: a\r\n\r\n'],
    ['a long target', 414, `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: a\r\n\r\n`],
    ['a long field', 431, get('/', `X: ${'x'.repeat(20_000)}\r\n`)],
    ['a bad chunk', 400, 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
    ['CONNECT', 405, 'CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n'],
  ])('%s: is answered %i and the end of the connection', (_, status, request) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(request);
    proxy.advance(2000);
    expect(statuses(client.text)).toEqual([status]);
    expect(client.text).toContain('Connection: close');
    expect(client.sawEnd).toBe(true);
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it('is refused the same byte by byte', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    for (const byte of get('/', `X: ${'x'.repeat(16_000)}\r\n`)) client.send(byte);
    proxy.settle();
    expect(statuses(client.text)).toEqual([431]);
    proxy.expectClean();
  });

  it('does not become one by empty lines before it', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    for (const part of ['\r\n', '\r', '\n', '\r\n\r\n', get()]) {
      client.send(part);
      proxy.settle();
    }
    expect(proxy.accepted(PORT).text).toBe(get());
    proxy.expectClean();
  });
});

describe('a client that is silent', () => {
  it.each([
    ['before its first byte', '', 408],
    ['in the middle of its head', 'GET / HT', 408],
  ])('%s is told so after timeout http-request', (_, sent, status) => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout http-request 3s' }));
    const client = proxy.ask(sent);
    proxy.advance(2900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([status]);
    proxy.expectClean();
  });

  it('is not saved by sending a byte now and then', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout http-request 3s' }));
    const client = proxy.client();
    for (let i = 0; i < 30; i++) {
      client.send('G');
      proxy.advance(90);
    }
    expect(client.text).toBe('');
    proxy.advance(400);
    expect(statuses(client.text)).toEqual([408]);
    proxy.expectClean();
  });

  it('between two requests is let go without a word', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout http-keep-alive 2s' }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.advance(1900);
    expect(client.sawEnd).toBe(false);
    proxy.advance(200);
    expect(client.text).toBe(ok());
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('in the middle of a body is answered 408 after timeout client', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout server 1m' }));
    const client = proxy.ask(post('0123456789').slice(0, -4));
    proxy.advance(9900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([408]);
    proxy.expectClean();
  });
});

describe('a slow upload', () => {
  it('outlasts timeout connect, and the server that waits for it', () => {
    const proxy = new SimulatedProxy(web());
    const body = 'x'.repeat(40);
    const client = proxy.ask(post(body).slice(0, -40));
    for (let i = 0; i < 40; i++) {
      client.send('x');
      proxy.advance(500);
    }
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe(post(body));
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('outlasts the purge delay of a connection that was idle', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always\n timeout server 1m' }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    client.takeText();
    proxy.accepted(PORT).takeText();
    client.send(post('x'.repeat(40)).slice(0, -40));
    for (let i = 0; i < 40; i++) {
      client.send('x');
      proxy.advance(500);
    }
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('goes on after the server has stalled once', () => {
    const proxy = new SimulatedProxy(web());
    const body = 'x'.repeat(30_000);
    const client = proxy.ask(post(body).slice(0, -30_000));
    const server = proxy.accepted(PORT);
    server.window = 5000;
    client.send(body.slice(0, 10_000));
    proxy.advance(1000);
    server.window = Number.POSITIVE_INFINITY;
    for (let sent = 10_000; sent < 30_000; sent += 1000) {
      client.send(body.slice(sent, sent + 1000));
      proxy.advance(1000);
    }
    server.send(ok());
    proxy.settle();
    expect(server.text).toBe(post(body));
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });
});

describe('a client that goes away', () => {
  const states: [string, (proxy: SimulatedProxy) => void][] = [
    ['before the server is connected', () => undefined],
    ['before the response', (proxy) => proxy.settle()],
    ['in the middle of the response head', (proxy) => proxy.accepted(PORT).send('HTTP/1.1 2')],
    ['in the middle of the response body', (proxy) => proxy.accepted(PORT).send(ok('0123456789').slice(0, -3))],
    [
      'in the middle of a chunk',
      (proxy) => proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhe'),
    ],
  ];
  const requests: [string, string][] = [
    ['GET', get()],
    ['half a POST', post('0123456789').slice(0, -5)],
    ['a pipeline', get() + get()],
  ];
  const cases = states.flatMap(([state, bring]) =>
    requests.map(([name, request]) => [state, name, bring, request] as const),
  );

  it.each(cases)('%s leaves nothing behind (%s)', (_state, _name, bring, request) => {
    for (const way of ['reset', 'close'] as const) {
      const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
      const client = proxy.client();
      client.send(request);
      proxy.settle();
      bring(proxy);
      proxy.settle();
      client[way]();
      proxy.settle();
      proxy.accepted(PORT).reset();
      proxy.advance(20_000);
      expect(proxy.poller.openCount, way).toBe(0);
      proxy.expectClean();
    }
  });

  it('while its server does not answer the handshake', () => {
    const proxy = new SimulatedProxy(web());
    proxy.server(PORT).answer = () => ({ kind: 'silence' });
    const client = proxy.ask(get());
    client.reset();
    proxy.settle();
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it('with half a request is told 400 when it only stopped sending', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask('GET / HTT');
    client.end();
    proxy.settle();
    expect(statuses(client.text)).toEqual([400]);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('still gets its answer when it only stopped sending', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    client.end();
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('is noticed at once with option abortonclose', () => {
    const proxy = new SimulatedProxy(web({ lines: 'option abortonclose' }));
    const client = proxy.ask(get());
    client.end();
    proxy.settle();
    expect(statuses(client.text)).toEqual([400]);
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });
});

describe('without memory', () => {
  function exhaust(proxy: SimulatedProxy): () => void {
    const taken: Slab[] = [];
    for (let slab = proxy.slabs.take(); slab !== null; slab = proxy.slabs.take()) taken.push(slab);
    return () => {
      for (const slab of taken) proxy.slabs.give(slab);
    };
  }

  it('a POST that the server took in part is not sent again', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always', server: 'maxconn 1' }));
    proxy.ask(get());
    const waiting = proxy.ask(post('0123456789'.repeat(100)));
    const giveBack = exhaust(proxy);
    const server = proxy.accepted(PORT);
    server.takeText();
    server.window = 50;
    server.send(ok());
    proxy.settle();
    expect(server.receivedBytes).toBeGreaterThan(50);
    proxy.advance(3000);
    expect(proxy.server(PORT).peers.length).toBe(1);
    expect(statuses(waiting.text)).toEqual([503]);
    giveBack();
    proxy.expectClean();
  });

  it('an upload that would have to wait is answered at once', () => {
    const proxy = new SimulatedProxy(web());
    const body = 'x'.repeat(5000);
    const client = proxy.ask(post(body).slice(0, -5000));
    proxy.accepted(PORT).window = 50;
    const giveBack = exhaust(proxy);
    client.send(body);
    proxy.settle();
    expect(statuses(client.text)).toEqual([503]);
    giveBack();
    proxy.expectClean();
  });

  it('a request that would have to wait is answered 503', () => {
    const proxy = new SimulatedProxy(web());
    const [client, half] = [proxy.client(), proxy.client()];
    proxy.settle();
    const giveBack = exhaust(proxy);
    client.send(get());
    half.send('GET / HT');
    proxy.settle();
    expect(statuses(client.text)).toEqual([503]);
    expect(half.sawEnd).toBe(true);
    giveBack();
    proxy.expectClean();
  });

  it('new clients wait in the accept queue until there is some', () => {
    const proxy = new SimulatedProxy(web());
    const giveBack = exhaust(proxy);
    // The first one is let in all the same: by then it has been accepted.
    proxy.ask('');
    const waiting = proxy.ask(get());
    proxy.advance(1000);
    expect([waiting.text, waiting.sawEnd]).toEqual(['', false]);
    giveBack();
    proxy.advance(100);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(waiting.text)).toEqual([200]);
    proxy.expectClean();
  });
});
