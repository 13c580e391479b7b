/** What servers send: heads and bodies in any pieces, interim responses, nonsense, silence, and their end. */
import { describe, expect, it } from 'vitest';
import { PROXY_BAD_RESPONSES, SERVER_RESPONSE_ERRORS } from '../../src/proxy/shared-state.ts';
import type { Peer } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

const CHUNKED = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n';
const UNTIL_CLOSE = 'HTTP/1.1 200 OK\r\nServer: x\r\n\r\nuntil the end';

describe('a response in pieces', () => {
  const responses: [string, string, string][] = [
    ['with a length', ok('0123456789', 'X: y\r\n'), ok('0123456789', 'X: y\r\n')],
    ['in chunks', CHUNKED, CHUNKED],
    ['after 100 and 103', `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n${ok()}`, ''],
    ['without a body', 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n', ''],
  ];

  it.each(responses)('%s reaches the client the same, cut anywhere', (_, response, expected) => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const client = proxy.client();
    for (let cut = 1; cut < response.length; cut++) {
      client.send(get());
      proxy.settle();
      const server = proxy.accepted(PORT);
      server.send(response.slice(0, cut));
      proxy.settle();
      server.send(response.slice(cut));
      proxy.settle();
      expect(client.takeText(), `cut at ${cut}`).toBe(expected === '' ? response : expected);
    }
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });

  it.each(responses)('%s reaches the client the same, byte by byte', (_, response) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    for (const byte of response) proxy.accepted(PORT).send(byte);
    proxy.settle();
    expect(client.text).toBe(response);
    proxy.expectClean();
  });

  it('that lasts until the end of the connection ends the client’s too', () => {
    for (let cut = 1; cut < UNTIL_CLOSE.length; cut++) {
      const proxy = new SimulatedProxy(web());
      const client = proxy.ask(get());
      proxy.accepted(PORT).send(UNTIL_CLOSE.slice(0, cut));
      proxy.settle();
      proxy.accepted(PORT).send(UNTIL_CLOSE.slice(cut));
      proxy.accepted(PORT).close();
      proxy.settle();
      expect(client.text).toBe('HTTP/1.1 200 OK\r\nServer: x\r\nConnection: close\r\n\r\nuntil the end');
      expect([client.sawEnd, client.sawReset]).toEqual([true, false]);
      proxy.expectClean();
    }
  });

  it.each([1, 10, 1448, 8000])('may have a body of any length behind a head cut at %i', (cut) => {
    const proxy = new SimulatedProxy(web());
    const response = ok('b'.repeat(200_000), `X: ${'x'.repeat(8000)}\r\n`);
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(response.slice(0, cut));
    proxy.accepted(PORT).send(response.slice(cut));
    proxy.settle();
    expect(client.text === response).toBe(true);
    proxy.expectClean();
  });

  it('loses its chunks for an HTTP/1.0 client, wherever they are cut', () => {
    for (let cut = 1; cut < CHUNKED.length; cut++) {
      const proxy = new SimulatedProxy(web());
      const client = proxy.ask('GET / HTTP/1.0\r\n\r\n');
      proxy.accepted(PORT).send(CHUNKED.slice(0, cut));
      proxy.settle();
      proxy.accepted(PORT).send(CHUNKED.slice(cut));
      proxy.settle();
      expect(client.text.split('\r\n\r\n')[1]).toBe('helloabc');
      expect(client.text).not.toMatch(/transfer-encoding/i);
      expect(client.sawEnd).toBe(true);
      proxy.expectClean();
    }
  });
});

describe('an HTTP/1.0 client', () => {
  it.each([
    ['HEAD / HTTP/1.0\r\n\r\n', 'HTTP/1.1 200 OK'],
    ['GET / HTTP/1.0\r\n\r\n', 'HTTP/1.1 304 Not Modified'],
  ])('hears nothing of chunks that do not come, either: %j', (request, line) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(`${line}\r\nTransfer-Encoding: chunked\r\nA: b\r\n\r\n`);
    proxy.settle();
    expect(client.text).toBe(`${line}\r\nA: b\r\n\r\n`);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });
});

describe('a slow reader', () => {
  it('stops the server, and gets every byte', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 1m\n timeout server 1m' }));
    const body = 'b'.repeat(2_000_000);
    const client = proxy.client();
    client.window = 1000;
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok(body));
    proxy.settle();
    expect(client.receivedBytes).toBe(1000);
    expect(proxy.slabs.lent).toBe(1);
    while (client.receivedBytes < body.length) {
      client.window = 100_000;
      proxy.settle();
    }
    client.window = 1000;
    proxy.settle();
    expect(client.text === ok(body)).toBe(true);
    proxy.expectClean();
  });

  it('that stops for good is left after timeout client', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    client.window = 100;
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok('b'.repeat(100_000)));
    proxy.advance(9900);
    expect(client.sawEnd).toBe(false);
    proxy.advance(200);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('that stops for good sees that an answer without a length was cut off, though all of it was here', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    client.window = 30;
    client.send('GET / HTTP/1.0\r\n\r\n');
    proxy.settle();
    const server = proxy.accepted(PORT);
    server.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n${'b'.repeat(1000)}\r\n0\r\n\r\n`);
    proxy.advance(15_000);
    expect([client.text.length, client.sawReset]).toEqual([30, true]);
    proxy.expectClean();
  });

  it('for whom there is no memory sees that an answer without a length was cut off, though all of it was here', () => {
    const proxy = new SimulatedProxy(web(), { maxconn: 1 });
    const client = proxy.client();
    client.window = 30;
    client.send('GET / HTTP/1.0\r\n\r\n');
    proxy.settle();
    const taken = [];
    for (let slab = proxy.slabs.take(); slab !== null; slab = proxy.slabs.take()) taken.push(slab);
    const body = `3e8\r\n${'b'.repeat(1000)}\r\n0\r\n\r\n`;
    proxy.accepted(PORT).send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
    proxy.settle();
    expect([client.text.length, client.sawReset]).toEqual([30, true]);
    for (const slab of taken) proxy.slabs.give(slab);
    proxy.expectClean();
  });

  it('does not keep the server, once the response is here', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always', server: 'maxconn 1' }));
    const client = proxy.client();
    client.window = 20;
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok('b'.repeat(5000)));
    proxy.settle();
    const other = proxy.ask(get('/other'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(other.text)).toEqual([200]);
    client.window = Number.POSITIVE_INFINITY;
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });
});

describe('a response that comes before its request is complete', () => {
  it('is passed on, and the rest of the request goes to the server', () => {
    const proxy = new SimulatedProxy(web());
    const request = post('0123456789');
    const client = proxy.ask(request.slice(0, -5));
    const server = proxy.accepted(PORT);
    server.send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    client.send(request.slice(-5));
    proxy.settle();
    expect(server.text).toBe(request);
    proxy.expectClean();
  });

  it('survives a client that sends on while it takes nothing', () => {
    const proxy = new SimulatedProxy(web());
    const request = post('x'.repeat(50_000));
    const client = proxy.client();
    client.window = 10;
    client.send(request.slice(0, 100));
    proxy.settle();
    proxy.accepted(PORT).send(ok('y'.repeat(5000)));
    proxy.settle();
    for (let at = 100; at < request.length; at += 10_000) {
      client.send(request.slice(at, at + 10_000));
      proxy.settle();
    }
    client.window = Number.POSITIVE_INFINITY;
    proxy.advance(3000);
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it.each(['close', 'reset'] as const)(
    'survives a server that ends then (%s), and a client that sends on while it takes nothing',
    (way) => {
      const proxy = new SimulatedProxy(web());
      const request = post('x'.repeat(5000));
      const client = proxy.client();
      client.window = 10;
      client.send(request.slice(0, 100));
      proxy.settle();
      const server = proxy.accepted(PORT);
      server.send(ok('y'.repeat(1000)));
      proxy.settle();
      server[way]();
      proxy.settle();
      client.send(request.slice(100, 1000));
      proxy.settle();
      client.window = Number.POSITIVE_INFINITY;
      proxy.advance(3000);
      expect(statuses(client.text)).toEqual([200]);
      proxy.expectClean();
    },
  );

  it.each(['close', 'reset'] as const)(
    'survives a server that ends then (%s), whatever the client still sends',
    (way) => {
      const proxy = new SimulatedProxy(web());
      const request = post('x'.repeat(50_000));
      const client = proxy.ask(request.slice(0, 100));
      const server = proxy.accepted(PORT);
      server.send('HTTP/1.1 413 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno');
      server[way]();
      proxy.settle();
      for (let at = 100; at < request.length; at += 10_000) {
        client.send(request.slice(at, at + 10_000));
        proxy.settle();
      }
      expect(statuses(client.text)).toEqual([413]);
      expect(client.sawReset).toBe(false);
      proxy.advance(3000);
      expect(client.sawEnd).toBe(true);
      proxy.expectClean();
    },
  );
});

const UPGRADE = get('/', 'Connection: upgrade\r\nUpgrade: x\r\n');

describe('what is no response', () => {
  it.each<[what: string, response: string, request?: string]>([
    ['no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['another protocol', 'SSH-2.0-x\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a long field', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['101 unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['101 without Upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\n\r\n', UPGRADE],
    ['101 that Connection does not speak of', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n', UPGRADE],
    ['101 to what was not offered', 'HTTP/1.1 101 S\r\nUpgrade: y\r\nConnection: upgrade\r\n\r\n', UPGRADE],
    ['101 to more than was offered', 'HTTP/1.1 101 S\r\nUpgrade: x, y\r\nConnection: upgrade\r\n\r\n', UPGRADE],
    ['101 to h2c', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n', UPGRADE],
  ])('%s: becomes 502', (_, response, request = get()) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(response);
    proxy.settle();
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.accepted(PORT).gone).toBe(true);
    expect(proxy.proxyGauge(0, PROXY_BAD_RESPONSES)).toBe(1);
    expect(proxy.serverGauge(0, SERVER_RESPONSE_ERRORS)).toBe(1);
    proxy.expectClean();
  });

  const ends: [string, (server: Peer) => void][] = [
    ['FIN', (server) => server.close()],
    ['RST', (server) => server.reset()],
  ];

  it.each(ends)('%s instead of a response becomes 502, and the client may go on', (_, end) => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    end(proxy.accepted(PORT));
    proxy.settle();
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([502, 200]);
    proxy.expectClean();
  });

  it.each(ends)('%s in the middle of a head becomes 502, wherever', (_, end) => {
    const head = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n';
    for (let cut = 1; cut < head.length; cut++) {
      const proxy = new SimulatedProxy(web());
      const client = proxy.ask(get());
      proxy.accepted(PORT).send(head.slice(0, cut));
      end(proxy.accepted(PORT));
      proxy.settle();
      expect(statuses(client.text)).toEqual([502]);
      proxy.expectClean();
    }
  });

  it.each(ends)('%s in the middle of a body cuts the client off', (_, end) => {
    for (const response of [ok('0123456789'), CHUNKED]) {
      const head = response.indexOf('\r\n\r\n') + 4;
      for (let cut = head; cut < response.length; cut++) {
        const proxy = new SimulatedProxy(web());
        const client = proxy.ask(get());
        proxy.accepted(PORT).send(response.slice(0, cut));
        end(proxy.accepted(PORT));
        proxy.settle();
        expect(client.text).toBe(response.slice(0, cut));
        expect(client.sawEnd).toBe(true);
        proxy.expectClean();
      }
    }
  });

  it('that was to last until the end cannot be taken for whole after an RST', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(UNTIL_CLOSE);
    proxy.settle();
    proxy.accepted(PORT).reset();
    proxy.settle();
    expect(client.sawReset).toBe(true);
    proxy.expectClean();
  });

  it('behind a response is nobody’s, and its connection is used no more', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const first = proxy.ask(get());
    proxy.accepted(PORT).send(ok() + ok('for somebody else'));
    proxy.settle();
    expect(first.text).toBe(ok());
    const second = proxy.ask(get());
    proxy.accepted(PORT).send(ok('own'));
    proxy.settle();
    expect(second.text).toBe(ok('own'));
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.expectClean();
  });

  it('on an idle connection reaches nobody', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    proxy.ask(get());
    const server = proxy.accepted(PORT);
    server.send(ok());
    proxy.settle();
    server.send(ok('unasked'));
    proxy.settle();
    const second = proxy.ask(get());
    expect(second.text).toBe('');
    proxy.accepted(PORT).send(ok('own'));
    proxy.settle();
    expect(second.text).toBe(ok('own'));
    proxy.expectClean();
  });
});

describe('a server that is silent', () => {
  it('is given up after timeout server', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.advance(4900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([504]);
    proxy.expectClean();
  });

  it('in the middle of a body cuts the client off', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok('0123456789').slice(0, -1));
    proxy.advance(4900);
    expect(client.sawEnd).toBe(false);
    proxy.advance(200);
    expect(client.sawEnd).toBe(true);
    proxy.expectClean();
  });

  it('but for 100 is given up as well', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(post('', '/', 'Expect: 100-continue\r\n').replace('Length: 0', 'Length: 3'));
    proxy.accepted(PORT).send('HTTP/1.1 100 Continue\r\n\r\n');
    proxy.settle();
    expect(client.takeText()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('abc');
    proxy.advance(5100);
    expect(statuses(client.text)).toEqual([504]);
    proxy.expectClean();
  });
});

describe('HEAD', () => {
  it('has no body, whatever the response says', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const client = proxy.ask(get().replace('GET', 'HEAD') + get());
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n');
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(`HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n${ok()}`);
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });
});
