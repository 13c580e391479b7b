/** How many clients are let in. */
import { describe, expect, it } from 'vitest';
import {
  HEADER_CONNECTIONS,
  HEADER_TICKETS,
  PROXY_FRONTEND_SESSIONS,
  PROXY_TOTAL_CONNECTIONS,
} from '../../src/proxy/shared-state.ts';
import { SeededRandom } from '../support/random.ts';
import type { Peer } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

/** What the server was asked for, in the order in which it was. */
function asked(proxy: SimulatedProxy): string[] {
  return proxy
    .server(PORT)
    .peers.flatMap(({ text }) => [...text.matchAll(/^GET (\S+)/gm)].map(([, path = '']) => path));
}

const FULL = [
  ['its own maxconn', web({ lines: 'maxconn 2' }), {}],
  ['the listener’s maxconn', web().replace('bind :80', 'bind :80 maxconn 2'), {}],
  ['the process’s maxconn', web(), { maxconn: 2 }],
] as const;

describe.each([1, 2, 5])('with %i threads, who finds the frontend full', (threads) => {
  it.each(FULL)('waits until somebody leaves: %s', (_, text, options) => {
    const proxy = new SimulatedProxy(text, { ...options, threads });
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

describe('who waits to be let in', () => {
  it.each(FULL)('is let in in the order in which they came, whichever thread they came to: %s', (_, text, options) => {
    const proxy = new SimulatedProxy(text, { ...options, threads: 4 });
    const paths = Array.from({ length: 6 }, (_, i) => `/${i}`);
    // One of each thread waits accepted, so that it is known when it came; two are in, on thread 3.
    const clients = paths.map((path, i) => proxy.ask(get(path), 0, [3, 3, 2, 0, 1, 3][i]));
    for (const client of clients) {
      client.reset();
      proxy.settle();
    }
    expect(asked(proxy)).toEqual(paths);
    proxy.expectClean();
  });

  it('is not overtaken by newcomers of another thread while a place is on its way', () => {
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1' }), { threads: 3 });
    const first = proxy.ask(get('/0'), 0, 0);
    proxy.ask(get('/1'), 0, 1);
    first.reset();
    for (let i = 0; i < 3; i++) proxy.turn(0);
    expect(proxy.proxyGauge(0, PROXY_FRONTEND_SESSIONS)).toBe(0);
    proxy.client(0, 2).send(get('/2'));
    for (let i = 0; i < 3; i++) proxy.turn(2);
    expect(proxy.proxyGauge(0, PROXY_FRONTEND_SESSIONS)).toBe(0);
    proxy.settle();
    expect(asked(proxy)).toEqual(['/0', '/1']);
    proxy.expectClean();
  });

  it('is one for each thread and listener; the others wait in the kernel', () => {
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1' }), { threads: 2 });
    for (let i = 0; i < 20; i++) proxy.ask(get());
    expect(proxy.network.waiting.length).toBe(20 - 1 - 2);
    proxy.expectClean();
  });

  it('is found when a place gets free in the moment in which it begins to wait', () => {
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1' }), { threads: 2 });
    const { shared } = proxy;
    const sessions = shared.proxy(0) + PROXY_FRONTEND_SESSIONS;
    const add = shared.add.bind(shared);
    shared.add = (word, delta) => {
      // Another thread's client leaves before that thread could see that anybody waits.
      if (word === HEADER_TICKETS) shared.set(sessions, 0);
      return add(word, delta);
    };
    shared.set(sessions, 1);
    proxy.ask(get('/1'));
    expect(asked(proxy)).toEqual(['/1']);
    proxy.expectClean();
  });

  it('at several listeners of one thread goes by the time they came', () => {
    const others = ['b', 'c'].map((name) => web().replace('listen web', `listen ${name}`));
    const proxy = new SimulatedProxy(web() + others.join(''), { threads: 2, maxconn: 1 });
    const clients = [
      proxy.ask(get('/0'), 0, 0),
      proxy.ask(get('/1'), 2, 1),
      proxy.ask(get('/2'), 0, 0),
      proxy.ask(get('/3'), 1, 1),
      proxy.ask(get('/4'), 1, 0),
    ];
    for (const client of clients) {
      client.reset();
      proxy.settle();
    }
    expect(asked(proxy)).toEqual(['/0', '/1', '/2', '/3', '/4']);
    proxy.expectClean();
  });

  it('because of one frontend does not keep those of another out', () => {
    const other = web({ lines: 'maxconn 5' }).replace('listen web', 'listen other');
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1' }) + other, { threads: 2, maxconn: 4 });
    for (let i = 0; i < 4; i++) proxy.ask(get('/web'), 0);
    for (let i = 0; i < 5; i++) proxy.ask(get('/other'), 1);
    expect([0, 1].map((i) => proxy.proxyGauge(i, PROXY_FRONTEND_SESSIONS))).toEqual([1, 3]);
    proxy.expectClean();
  });

  it('is served before a soft stop ends', () => {
    const proxy = new SimulatedProxy(web({ lines: 'maxconn 1', servers: 0 }));
    const first = proxy.ask(get());
    const second = proxy.ask(get());
    proxy.loop.stop(true);
    proxy.settle();
    expect([proxy.loop.over, second.text]).toEqual([false, '']);
    first.reset();
    proxy.settle();
    expect(statuses(second.text)).toEqual([503]);
    proxy.advance(2000);
    expect(proxy.loop.over).toBe(true);
  });
});

/** Clients of two frontends that come and go, in turns of any order; gives the most that were in at a time. */
function rush(seed: number, threads: number): readonly number[] {
  const random = new SeededRandom(seed);
  const narrow = web({ lines: 'maxconn 4', servers: 0 }).replace('bind :80', 'bind :80 maxconn 3');
  const wide = web({ lines: 'maxconn 5', servers: 0 }).replace('listen web', 'listen other');
  const proxy = new SimulatedProxy(narrow + wide, { threads, maxconn: 6 });
  const clients: { readonly peer: Peer; readonly frontend: number }[] = [];
  const most = [0, 0, 0];
  for (let step = 0; step < 4000; step++) {
    const dice = random.below(100);
    if (dice < 40 && clients.length < 30) {
      const frontend = random.below(2);
      const peer = proxy.client(frontend, random.below(threads));
      peer.send(get());
      clients.push({ peer, frontend });
    } else if (dice < 75 && clients.length > 0) clients.splice(random.below(clients.length), 1)[0]?.peer.reset();
    for (let i = random.below(5); i > 0; i--) proxy.turn(random.below(threads));
    const inside = [0, 1].map((i) => proxy.proxyGauge(i, PROXY_FRONTEND_SESSIONS));
    inside.push(proxy.shared.get(HEADER_CONNECTIONS));
    for (const [i, count] of inside.entries()) most[i] = Math.max(most[i] ?? 0, count);
    if (step % 8 > 0) continue;
    proxy.settle();
    const [web0 = 0, web1 = 0] = [0, 1].map((i) => proxy.proxyGauge(i, PROXY_FRONTEND_SESSIONS));
    const isOut = (frontend: number) => clients.some((one) => one.frontend === frontend && one.peer.socket === null);
    const full = proxy.shared.get(HEADER_CONNECTIONS) >= 6;
    if (!full && ((isOut(0) && web0 < 3) || (isOut(1) && web1 < 5))) throw new Error(`step ${step}: a place is free`);
  }
  for (const { peer } of clients) peer.reset();
  proxy.expectClean();
  return most;
}

describe('in a rush', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 5],
  ])('no place is given twice, and none is forgotten (seed %i, %i threads)', (seed, threads) => {
    expect(rush(seed, threads)).toEqual([3, 5, 6]);
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
