/** How many clients are let in. */
import { describe, expect, it } from 'vitest';
import { HEADER_CONNECTIONS, PROXY_FRONTEND_SESSIONS, PROXY_TOTAL_CONNECTIONS } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

describe('who finds the frontend full', () => {
  it.each([
    ['its own maxconn', web({ lines: 'maxconn 2' }), {}],
    ['the process’s maxconn', web(), { maxconn: 2 }],
  ])('waits until somebody leaves: %s', (_, text, options) => {
    const proxy = new SimulatedProxy(text, options);
    const clients = Array.from({ length: 5 }, () => proxy.ask(get()));
    expect(proxy.proxyGauge(0, PROXY_FRONTEND_SESSIONS)).toBe(2);
    expect(proxy.shared.get(HEADER_CONNECTIONS)).toBe(2);
    expect(proxy.server(PORT).peers.length).toBe(2);
    for (const client of clients) {
      client.reset();
      proxy.settle();
    }
    expect(proxy.proxyGauge(0, PROXY_TOTAL_CONNECTIONS)).toBe(5);
    proxy.expectClean();
  });
});

describe('without descriptors', () => {
  it('the listener is left alone for a while, not asked in a loop', () => {
    const proxy = new SimulatedProxy(web());
    proxy.poller.descriptors = 0;
    const client = proxy.client();
    client.send(get());
    proxy.advance(1000);
    expect(proxy.poller.acceptFailures).toBeGreaterThan(5);
    expect(proxy.poller.acceptFailures).toBeLessThan(25);
    proxy.poller.descriptors = 10;
    proxy.advance(100);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('a client that leaves makes room at once', () => {
    const proxy = new SimulatedProxy(web({ servers: 0 }));
    proxy.poller.descriptors = 1;
    const first = proxy.ask(get());
    const second = proxy.ask(get());
    expect([first.text !== '', second.text]).toEqual([true, '']);
    first.reset();
    proxy.settle();
    expect(statuses(second.text)).toEqual([503]);
    proxy.expectClean();
  });
});
