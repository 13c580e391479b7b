/** minconn: a server's limit follows the load of its backend. */
import { describe, expect, it } from 'vitest';
import {
  PROXY_BACKEND_SESSIONS,
  SERVER_MAXCONN,
  SERVER_SESSIONS,
  SERVER_THROTTLE,
} from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, web } from '../support/web.ts';

describe('minconn', () => {
  // Streams of the backend, and how many of them the only server takes: HAProxy's formula.
  it.each([
    [1, 1],
    [4, 2],
    [5, 2],
    [6, 3],
    [10, 5],
    [19, 9],
    [20, 10],
    [40, 10],
  ])('with %i streams %i are served', (streams, served) => {
    const proxy = new SimulatedProxy(web({ lines: 'fullconn 20', server: 'minconn 2 maxconn 10' }));
    for (let i = 0; i < streams; i++) proxy.ask(get(`/${i}`));
    // A place that has grown is taken when somebody goes, who is not counted any more then.
    proxy.ask(get('/last'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(proxy.proxyGauge(0, PROXY_BACKEND_SESSIONS)).toBe(streams);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(served);
    for (const peer of proxy.server(PORT).peers) peer.onReceived = () => peer.send(ok());
    proxy.server(PORT).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
    for (const peer of proxy.server(PORT).peers) if (!peer.gone) peer.send(ok());
    proxy.settle();
    proxy.expectClean();
  });

  it('without maxconn is the limit', () => {
    const proxy = new SimulatedProxy(web({ server: 'minconn 3' }));
    for (let i = 0; i < 9; i++) proxy.ask(get());
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(3);
  });

  it('of a backend without fullconn counts from a tenth of what frontends let in', () => {
    const text = web({ lines: 'maxconn 100', server: 'minconn 1 maxconn 10' });
    expect(new SimulatedProxy(text).plan.proxies[0]?.fullconn).toBe(10);
  });
});

describe('a limit that control changes', () => {
  it.each<[string, Readonly<Record<number, number>>, number]>([
    ['not at all', {}, 10],
    ['30 % of a server that warms up', { [SERVER_THROTTLE]: 31 }, 3],
    ['one at least', { [SERVER_THROTTLE]: 1 }, 1],
    ['an agent’s word', { [SERVER_MAXCONN]: 5 }, 4],
    ['an agent’s word, and half of it', { [SERVER_MAXCONN]: 5, [SERVER_THROTTLE]: 51 }, 2],
    ['no limit at all', { [SERVER_MAXCONN]: 1 }, 20],
  ])('is %s', (_, words, served) => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 10 slowstart 10s' }));
    const row = proxy.shared.server(0);
    for (const [word, value] of Object.entries(words)) proxy.shared.set(row + Number(word), value);
    for (let i = 0; i < 20; i++) proxy.ask(get());
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(served);
  });

  it('is not looked for where nobody does', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 10' }));
    proxy.shared.set(proxy.shared.server(0) + SERVER_MAXCONN, 5);
    for (let i = 0; i < 20; i++) proxy.ask(get());
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(10);
  });
});
