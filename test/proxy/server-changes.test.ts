/** Servers that move, come or go while streams and connections are there. */
import { describe, expect, it } from 'vitest';
import type { ServerPlan } from '../../src/proxy/plan.ts';
import {
  SERVER_IDLE,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  STATE_MAINT,
  THREAD_SERVERS,
} from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

/** Servers that answer at once, on all ports. */
function answering(proxy: SimulatedProxy): SimulatedProxy {
  for (const port of [PORT, PORT + 1, PORT + 2]) {
    proxy.server(port).onPeer = (peer) => {
      peer.onReceived = () => peer.send(ok());
    };
  }
  return proxy;
}

function planOf(proxy: SimulatedProxy, server: number): ServerPlan {
  const plan = proxy.plan.proxies[0]?.servers[server];
  if (plan === undefined) throw new Error('no such server');
  return plan;
}

function to(plan: ServerPlan, port: number): ServerPlan {
  return { ...plan, address: { family: 4, ip: '192.0.2.11', port } };
}

const openAt = (proxy: SimulatedProxy, port: number): number =>
  proxy.server(port).peers.filter(({ gone }) => !gone).length;

describe('a server that moves', () => {
  it('gets new streams where it is now, and has no idle connection to where it was', () => {
    const proxy = answering(new SimulatedProxy(web({ lines: 'http-reuse always' })));
    expect(statuses(proxy.ask(get()).text)).toEqual([200]);
    expect([openAt(proxy, PORT), proxy.serverGauge(0, SERVER_IDLE)]).toEqual([1, 1]);
    proxy.changeServers({ kind: 'set', server: to(planOf(proxy, 0), PORT + 1) });
    expect([openAt(proxy, PORT), proxy.serverGauge(0, SERVER_IDLE)]).toEqual([0, 0]);
    expect(statuses(proxy.ask(get()).text)).toEqual([200]);
    expect([openAt(proxy, PORT), openAt(proxy, PORT + 1)]).toEqual([0, 1]);
  });

  it('finishes what is under way where it was, and keeps nothing of it', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always' }));
    const client = proxy.ask(get());
    proxy.changeServers({ kind: 'set', server: to(planOf(proxy, 0), PORT + 1) });
    expect(client.text).toBe('');
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    expect([openAt(proxy, PORT), proxy.serverGauge(0, SERVER_IDLE)]).toEqual([0, 0]);
    proxy.expectClean();
  });

  it('takes no connection from a thread that has not heard of it', () => {
    const proxy = answering(new SimulatedProxy(web({ lines: 'http-reuse always' }), { threads: 2 }));
    const many = (thread: number, count: number): void => {
      const clients = Array.from({ length: count }, () => proxy.client(0, thread));
      for (const client of clients) client.send(get());
      proxy.settle();
      for (const client of clients) expect(statuses(client.text)).toEqual([200]);
    };
    many(0, 3);
    many(1, 1);
    many(0, 1);
    // Thread 0 has left one to thread 1, and does not know of the change yet.
    proxy.changeServers({ kind: 'set', server: to(planOf(proxy, 0), PORT + 1) }, [1]);
    const before = openAt(proxy, PORT + 1);
    many(1, 3);
    expect(openAt(proxy, PORT + 1)).toBeGreaterThan(before);
    proxy.changeServers({ kind: 'set', server: to(planOf(proxy, 0), PORT + 1) }, [0]);
    expect(openAt(proxy, PORT)).toBe(0);
  });

  it('ends the connection that one client has for its own', () => {
    const proxy = answering(new SimulatedProxy(web({ lines: 'http-reuse never' })));
    const client = proxy.ask(get());
    expect(openAt(proxy, PORT)).toBe(1);
    proxy.changeServers({ kind: 'set', server: to(planOf(proxy, 0), PORT + 1) });
    expect(openAt(proxy, PORT)).toBe(0);
    client.send(get());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 200]);
    expect([openAt(proxy, PORT), openAt(proxy, PORT + 1)]).toEqual([0, 1]);
  });
});

describe('a server that comes', () => {
  it('gets its turns as soon as it is up', () => {
    const proxy = answering(new SimulatedProxy(web({ servers: 2 })));
    proxy.changeServers({ kind: 'gone', index: 1 });
    for (let i = 0; i < 3; i++) proxy.ask(get());
    expect(openAt(proxy, PORT + 1)).toBe(0);
    proxy.changeServers({ kind: 'set', server: to({ ...planOf(proxy, 1), name: 'other' }, PORT + 2) });
    for (let i = 0; i < 3; i++) expect(statuses(proxy.ask(get()).text)).toEqual([200]);
    expect(openAt(proxy, PORT + 2)).toBeGreaterThan(0);
  });

  it('lets those go on who waited for any', () => {
    const proxy = new SimulatedProxy(web({ servers: 2, server: 'maxconn 1' }));
    proxy.changeServers({ kind: 'gone', index: 1 });
    proxy.ask(get());
    const waits = proxy.ask(get());
    proxy.changeServers({ kind: 'set', server: planOf(proxy, 1) });
    proxy.accepted(PORT + 1).send(ok());
    proxy.settle();
    expect(statuses(waits.text)).toEqual([200]);
  });
});

describe('a limit that is another', () => {
  it('lets more streams go, and fewer', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    for (let i = 0; i < 4; i++) proxy.ask(get());
    expect(openAt(proxy, PORT)).toBe(1);
    proxy.changeServers({ kind: 'set', server: { ...planOf(proxy, 0), maxconn: 3 } });
    expect(openAt(proxy, PORT)).toBe(3);
    proxy.changeServers({ kind: 'set', server: { ...planOf(proxy, 0), maxconn: 1 } });
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(2);
    proxy.changeServers({ kind: 'set', server: { ...planOf(proxy, 0), maxconn: 0 } });
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(3);
  });
});

describe('a server that is gone', () => {
  it('finishes what it has, and is asked nothing more', () => {
    const proxy = new SimulatedProxy(web({ lines: 'http-reuse always', servers: 2 }));
    const client = proxy.ask(get());
    const on = openAt(proxy, PORT) === 1 ? 0 : 1;
    proxy.changeServers({ kind: 'gone', index: on });
    proxy.accepted(PORT + on).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    expect([openAt(proxy, PORT + on), proxy.serverGauge(on, SERVER_IDLE)]).toEqual([0, 0]);
    for (let i = 0; i < 3; i++) proxy.ask(get());
    expect(openAt(proxy, PORT + on)).toBe(0);
    expect(openAt(proxy, PORT + 1 - on)).toBe(3);
  });

  it('leaves those who wait for it to the others', () => {
    const lines = 'cookie S insert\n balance first';
    const proxy = new SimulatedProxy(
      `${web({ lines, server: 'maxconn 1 cookie a' })} server s2 192.0.2.11:${PORT + 1} cookie b\n`,
    );
    proxy.ask(get());
    const waits = proxy.ask(get('/', 'Cookie: S=a\r\n'));
    expect(proxy.serverGauge(0, SERVER_QUEUED)).toBe(1);
    proxy.state(0, STATE_MAINT);
    proxy.changeServers({ kind: 'gone', index: 0 });
    expect(proxy.serverGauge(0, SERVER_QUEUED)).toBe(0);
    proxy.accepted(PORT + 1).send(ok());
    proxy.settle();
    expect(statuses(waits.text)).toEqual([200]);
  });

  it('is known to be gone when the thread says so', () => {
    const proxy = new SimulatedProxy(web({ servers: 2 }), { threads: 2 });
    const known = (thread: number): number => proxy.shared.get(proxy.shared.thread(thread) + THREAD_SERVERS);
    proxy.changeServers({ kind: 'gone', index: 1 }, [1]);
    expect([known(0), known(1)]).toEqual([0, 1]);
  });
});
