/** What streams took, as it is summed up for `show stat`; and the figures of connections and buffers beside it. */
import { describe, expect, it } from 'vitest';
import * as shared from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, web } from '../support/web.ts';

const WORDS = {
  streams: shared.SERVER_TIMED,
  queue: shared.SERVER_QUEUE_MS,
  connect: shared.SERVER_CONNECT_MS,
  response: shared.SERVER_RESPONSE_MS,
  total: shared.SERVER_TOTAL_MS_LOW,
  queueMax: shared.SERVER_QUEUE_MS_MAX,
  connectMax: shared.SERVER_CONNECT_MS_MAX,
  responseMax: shared.SERVER_RESPONSE_MS_MAX,
  totalMax: shared.SERVER_TOTAL_MS_MAX,
};

const timesOf = (proxy: SimulatedProxy) =>
  Object.fromEntries(Object.entries(WORDS).map(([name, word]) => [name, proxy.serverGauge(0, word)]));

const NOTHING = Object.fromEntries(Object.keys(WORDS).map((name) => [name, 0]));

describe('times of streams', () => {
  it('are those of the log: queue, connection, response, and all of it', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const first = proxy.ask(get());
    const second = proxy.ask(get());
    proxy.advance(30);
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
    proxy.advance(20);
    expect(timesOf(proxy)).toEqual(NOTHING);
    proxy.accepted(PORT).send('hi');
    proxy.settle();
    expect(timesOf(proxy)).toEqual({ ...NOTHING, streams: 1, response: 30, responseMax: 30, total: 50, totalMax: 50 });
    proxy.advance(5);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect([first.text, second.text].every((text) => text.endsWith('hi'))).toBe(true);
    expect(timesOf(proxy)).toMatchObject({ streams: 2, queue: 50, queueMax: 50, response: 35, responseMax: 30 });
    expect(timesOf(proxy)).toMatchObject({ total: 105, totalMax: 55 });
    proxy.expectClean();
  });

  it('begin, for a later request of a connection, where the one before ended', () => {
    const proxy = new SimulatedProxy(web());
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    const client = proxy.ask(get());
    proxy.advance(100);
    client.send(get());
    proxy.settle();
    expect(timesOf(proxy)).toEqual({ ...NOTHING, streams: 2, total: 100, totalMax: 100 });
    proxy.expectClean();
  });

  it('are not those of who has left, or was told off, before there was an answer', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const first = proxy.ask(get());
    const second = proxy.ask(get());
    proxy.advance(10);
    second.reset();
    proxy.settle();
    first.reset();
    proxy.settle();
    expect(timesOf(proxy)).toEqual(NOTHING);
    proxy.expectClean();
  });

  it('have no response in mode tcp', () => {
    const proxy = new SimulatedProxy(web().replace('mode http', 'mode tcp'));
    const client = proxy.ask('hello');
    proxy.advance(40);
    client.end();
    proxy.accepted(PORT).end();
    proxy.settle();
    expect(timesOf(proxy)).toEqual({ ...NOTHING, streams: 1, total: 40, totalMax: 40 });
    proxy.expectClean();
  });
});

describe('connections to a server', () => {
  const figures = (proxy: SimulatedProxy) => [
    proxy.serverGauge(0, shared.SERVER_IDLE),
    proxy.serverGauge(0, shared.SERVER_IDLE_FRESH),
    proxy.serverGauge(0, shared.SERVER_NEEDED),
  ];

  it('are counted apart while they have carried one exchange; how many were needed is forgotten with the last', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always', server: 'pool-purge-delay 3s' }));
    proxy.ask(get());
    proxy.ask(get());
    expect(figures(proxy)).toEqual([0, 0, 2]);
    for (const peer of proxy.server(PORT).peers) peer.send(ok());
    proxy.settle();
    expect(figures(proxy)).toEqual([2, 2, 2]);
    proxy.ask(get());
    expect(figures(proxy)).toEqual([1, 1, 2]);
    for (const peer of proxy.server(PORT).peers) if (!peer.gone) peer.send(ok());
    proxy.settle();
    proxy.advance(10_000);
    expect(figures(proxy)).toEqual([0, 0, 0]);
    proxy.expectClean();
  });

  it('that were used again are proven', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    proxy.ask(get());
    proxy.ask(get());
    expect(figures(proxy)).toEqual([1, 0, 1]);
    proxy.expectClean();
  });
});

describe('a thread', () => {
  it('says how many streams it has, and how many buffers there are', () => {
    const proxy = new SimulatedProxy(web());
    proxy.ask(get());
    proxy.ask(get());
    const row = proxy.shared.thread(0);
    expect(proxy.shared.get(row + shared.THREAD_STREAMS)).toBe(2);
    expect(proxy.shared.get(row + shared.THREAD_SLABS_MAPPED)).toBe(proxy.slabs.mapped);
    proxy.expectClean();
    expect(proxy.shared.get(row + shared.THREAD_STREAMS)).toBe(0);
  });
});

it('an answer that does not fit is an internal error of frontend and server', () => {
  const proxy = new SimulatedProxy(
    `global\n tune.bufsize 2048\n tune.maxrewrite 64\n${web({ lines: `cookie ${'C'.repeat(40)} insert`, server: `cookie ${'x'.repeat(300)}` })}`,
  );
  proxy.server(PORT).onPeer = (peer) => {
    peer.onReceived = () => peer.send(ok());
  };
  const client = proxy.ask(get());
  expect(client.text).toMatch(/^HTTP\/1.1 500 /);
  expect(proxy.proxyGauge(0, shared.PROXY_INTERNAL_ERRORS)).toBe(1);
  expect(proxy.serverGauge(0, shared.SERVER_INTERNAL_ERRORS)).toBe(1);
  expect(proxy.proxyGauge(0, shared.PROXY_OWN_INTERNAL_ERRORS)).toBe(0);
  proxy.expectClean();
});
