/**
 * Servers whose timing is hostile: what a client is told, when, and that nothing stays behind. Time is simulated. What they
 * say: test/proxy/http-back.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

describe('a server that dribbles', () => {
  it('its head has timeout server for all of it', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    const server = proxy.accepted(PORT);
    let sentMs = 0;
    server.send('HTTP/1.1 200 OK\r\n');
    for (; client.text === ''; sentMs += 100) {
      expect(sentMs).toBeLessThan(6000);
      server.send(sentMs % 1000 === 0 ? 'X: y\r\n' : '');
      proxy.advance(100);
    }
    expect(sentMs).toBeGreaterThanOrEqual(4900);
    expect(statuses(client.text)).toEqual([504]);
    expect(server.gone).toBe(true);
    proxy.expectClean();
  });

  it('its body is passed on as it comes, for as long as both sides like', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.ask(get());
    const server = proxy.accepted(PORT);
    server.send('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n');
    for (let i = 1; i <= 100; i++) {
      server.send('1\r\nx\r\n');
      proxy.advance(4000);
      expect(client.text.match(/1\r\nx\r\n/g)?.length).toBe(i);
      expect(proxy.slabs.lent).toBe(0);
    }
    proxy.advance(1100);
    expect(client.gone).toBe(true);
    proxy.expectClean();
  });
});

describe('a server that stalls', () => {
  it('in the middle of taking an upload is given up after timeout server', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout client 1m' }));
    const body = 'x'.repeat(1_000_000);
    const client = proxy.client();
    proxy.server(PORT).onPeer = (peer) => {
      peer.window = 10_000;
    };
    client.send(post(body));
    proxy.settle();
    expect(proxy.slabs.lent).toBeLessThanOrEqual(2);
    proxy.advance(4900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([504]);
    proxy.expectClean();
  });

  it('behind a handshake that it does not answer, again and again, is given up after the retries', () => {
    const proxy = new SimulatedProxy(web({ lines: 'retries 2' }));
    proxy.server(PORT).answer = () => ({ kind: 'silence' });
    const client = proxy.ask(get());
    proxy.advance(2900);
    expect(client.text).toBe('');
    proxy.advance(300);
    expect(statuses(client.text)).toEqual([503]);
    proxy.expectClean();
  });
});

describe('interim responses without end', () => {
  const HINT = 'HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n';

  it('to a client that does not read them hold no more than two buffers', () => {
    const proxy = new SimulatedProxy(web());
    const client = proxy.client();
    client.window = 100;
    client.send(get());
    proxy.settle();
    const server = proxy.accepted(PORT);
    for (let i = 0; i < 2000 && !server.gone; i++) {
      server.send(HINT);
      proxy.settle();
      expect(proxy.slabs.lent).toBeLessThanOrEqual(2);
    }
    proxy.advance(20_000);
    expect(client.gone).toBe(true);
    proxy.expectClean();
  });
});

describe('what a server sends when nobody asked it to', () => {
  it('in any quantity, on a connection that is idle, ends that connection and reaches nobody', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const client = proxy.ask(get());
    const server = proxy.accepted(PORT);
    server.send(ok());
    proxy.settle();
    server.send(ok('poison').repeat(10_000));
    proxy.settle();
    expect(server.gone).toBe(true);
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok() + ok());
    expect(proxy.slabs.lent).toBe(0);
    proxy.expectClean();
  });
});
