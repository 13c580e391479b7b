/** Connections to servers: who may reuse which, how long they are kept, and what happens when one was dead. */
import { describe, expect, it } from 'vitest';
import { SERVER_CONNECTS, SERVER_IDLE, SERVER_REUSED } from '../../src/proxy/shared-state.ts';
import type { Peer } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

function answering(mode: string, server = '', threads = 1): SimulatedProxy {
  const proxy = new SimulatedProxy(web({ lines: `http-reuse ${mode}`, server }), { threads });
  proxy.server(PORT).onPeer = (peer) => {
    peer.onReceived = () => peer.send(ok());
  };
  return proxy;
}

describe('http-reuse', () => {
  // Connections that exist after: a client's first and second request, another client's first, and its second.
  it.each([
    ['never', 'POST', [1, 1, 2, 2]],
    ['never', 'GET', [1, 1, 2, 2]],
    ['safe', 'POST', [1, 1, 2, 2]],
    // It would be sent again, should the connection be dead.
    ['safe', 'GET', [1, 1, 1, 1]],
    ['aggressive', 'POST', [1, 1, 1, 1]],
    ['aggressive', 'GET', [1, 1, 1, 1]],
    ['always', 'POST', [1, 1, 1, 1]],
    ['always', 'GET', [1, 1, 1, 1]],
  ])('%s, %s', (mode, method, expected) => {
    const proxy = answering(mode);
    const connections: number[] = [];
    for (const client of [proxy.client(), proxy.client()]) {
      for (let i = 0; i < 2; i++) {
        client.send(method === 'GET' ? get() : post('abc'));
        proxy.settle();
        connections.push(proxy.server(PORT).peers.length);
      }
      expect(statuses(client.text)).toEqual([200, 200]);
    }
    expect(connections).toEqual(expected);
    expect(proxy.serverGauge(0, SERVER_CONNECTS)).toBe(expected.at(-1));
    expect(proxy.serverGauge(0, SERVER_REUSED)).toBe(4 - (expected.at(-1) ?? 0));
    proxy.expectClean();
  });

  it('safe is as in haproxy with tune.tandem.reuse-first off', () => {
    const text = `global\n tune.tandem.reuse-first off\n${web({ lines: 'http-reuse safe' })}`;
    const proxy = new SimulatedProxy(text);
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    proxy.ask(get());
    proxy.ask(get());
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.expectClean();
  });

  it('aggressive does not give a first request what only one has used', () => {
    const proxy = answering('aggressive');
    proxy.ask(post('a'));
    proxy.ask(post('a'));
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.expectClean();
  });

  it('never ends the server connection with its client', () => {
    const proxy = answering('never');
    const client = proxy.ask(get());
    expect(proxy.accepted(PORT).gone).toBe(false);
    client.end();
    proxy.settle();
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });
});

describe('an idle connection', () => {
  it('is ended after pool-purge-delay', () => {
    const proxy = answering('always', 'pool-purge-delay 3s');
    proxy.ask(get());
    expect(proxy.serverGauge(0, SERVER_IDLE)).toBe(1);
    proxy.advance(2900);
    expect(proxy.accepted(PORT).gone).toBe(false);
    proxy.advance(200);
    expect(proxy.accepted(PORT).gone).toBe(true);
    expect(proxy.serverGauge(0, SERVER_IDLE)).toBe(0);
    proxy.expectClean();
  });

  it.each([1, 2, 3])('is not kept beyond pool-max-conn of all threads together: %i threads', (threads) => {
    const proxy = answering('always', 'pool-max-conn 2', threads);
    const clients = Array.from({ length: 12 }, () => proxy.client());
    // All at once, so that each has a connection of its own.
    for (const client of clients) client.send(get());
    proxy.settle();
    expect(proxy.server(PORT).peers.length).toBe(12);
    expect(proxy.server(PORT).peers.filter(({ gone }) => !gone).length).toBe(2);
    expect(proxy.serverGauge(0, SERVER_IDLE)).toBe(2);
    proxy.expectClean();
  });

  it('is not kept at all with pool-max-conn 0', () => {
    const proxy = answering('always', 'pool-max-conn 0');
    proxy.ask(get());
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });

  it.each(['close', 'reset'] as const)('leaves the pool when the server ends it (%s)', (way) => {
    const proxy = answering('always');
    proxy.ask(get());
    proxy.accepted(PORT)[way]();
    proxy.settle();
    expect(proxy.serverGauge(0, SERVER_IDLE)).toBe(0);
    const client = proxy.ask(get());
    expect(statuses(client.text)).toEqual([200]);
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.expectClean();
  });

  it('is not one when FIN came with the response', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always', server: 'maxconn 1' }));
    const first = proxy.ask(get());
    // Waits for the slot, and would get the connection in the very moment in which it becomes free.
    const second = proxy.ask(post('abc'));
    proxy.accepted(PORT).send(ok());
    proxy.accepted(PORT).close();
    proxy.settle();
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect([statuses(first.text), statuses(second.text)]).toEqual([[200], [200]]);
    proxy.expectClean();
  });
});

describe('a reused connection that the server ends in the very moment', () => {
  /** The server closes without our knowing: what we send meets a closed socket. */
  function stale(request: string, mode = 'always'): { proxy: SimulatedProxy; client: Peer } {
    const proxy = new SimulatedProxy(web({ lines: `http-reuse ${mode}\n retries 3` }));
    proxy.ask(get('/first'));
    const server = proxy.accepted(PORT);
    server.send(ok());
    proxy.settle();
    server.closed = true;
    return { proxy, client: proxy.ask(request) };
  }

  it.each(['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE'])('is replaced once for %s', (method) => {
    const { proxy, client } = stale(get('/again').replace('GET', method));
    expect(proxy.server(PORT).peers.length).toBe(2);
    expect(proxy.accepted(PORT).text).toBe(get('/again').replace('GET', method));
    proxy.accepted(PORT).send('HTTP/1.1 204 No\r\n\r\n');
    proxy.settle();
    expect(statuses(client.text)).toEqual([204]);
    proxy.expectClean();
  });

  it("is replaced for a client's first request with http-reuse safe: it does not notice", () => {
    const { proxy, client } = stale(get('/again'), 'safe');
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('is replaced once, not again', () => {
    const { proxy, client } = stale(get('/again'));
    proxy.accepted(PORT).close();
    proxy.settle();
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.server(PORT).peers.length).toBe(2);
    proxy.expectClean();
  });

  it('is replaced for a PUT whose body came whole, body and all', () => {
    const { proxy, client } = stale(post('0123456789').replace('POST', 'PUT'));
    expect(proxy.accepted(PORT).text).toBe(post('0123456789').replace('POST', 'PUT'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it.each(['POST', 'PATCH'])('is not for %s: it may have been carried out', (method) => {
    const { proxy, client } = stale(post('abc').replace('POST', method));
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });

  it('is not for a PUT of which only a part had come', () => {
    const { proxy, client } = stale(post('0123456789').replace('POST', 'PUT').slice(0, -3));
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });

  it('is not after the response has begun', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    client.takeText();
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send('HTTP/1.1 2');
    proxy.accepted(PORT).reset();
    proxy.settle();
    expect(statuses(client.text)).toEqual([502]);
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });
});
