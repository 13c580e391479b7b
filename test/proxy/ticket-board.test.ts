/** Who is next when several threads have somebody who waits for the same servers. */
import { describe, expect, it } from 'vitest';
import {
  HEADER_VERDICTS,
  layoutOf,
  PROXY_QUEUED,
  PROXY_TICKETS,
  SERVER_QUEUED,
  SERVER_SESSIONS,
  SERVER_STATE,
  SharedState,
  STATE_DOWN,
  STATE_DRAIN,
  STATE_UP,
} from '../../src/proxy/shared-state.ts';
import { isBefore, TicketBoard } from '../../src/proxy/ticket-board.ts';
import { SeededRandom } from '../support/random.ts';
import { ACCEPT, type Peer, REFUSE } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, statuses, web } from '../support/web.ts';

/** What the server's connections were asked for and have not answered, in the order in which they came. */
function open(proxy: SimulatedProxy, port = PORT): Peer[] {
  return proxy.server(port).peers.filter(({ closed, gone }) => !closed && !gone);
}

function served(proxy: SimulatedProxy, port = PORT): string[] {
  return proxy
    .server(port)
    .peers.flatMap(({ text }) => [...text.matchAll(/^GET (\S+)/gm)].map(([, path = '']) => path));
}

/** Every server connection answers what it was asked last, and ends. */
function answerAll(proxy: SimulatedProxy, port = PORT): void {
  for (const peer of open(proxy, port)) {
    peer.send(ok('hi', 'Connection: close\r\n'));
    peer.close();
  }
}

describe('tickets', () => {
  const board = (threads: number, woken: number[], own = 0) => {
    const layout = layoutOf({ threads, proxies: [], listeners: [] });
    const shared = new SharedState(new ArrayBuffer(layout.sizeBytes), layout);
    const boards = Array.from({ length: threads }, (_, i) => {
      return new TicketBoard(shared, threads, i, (thread) => woken.push(thread));
    });
    return { shared, boards, board: boards[own] as TicketBoard };
  };

  it('go on behind the greatest number, and none is 0', () => {
    const { shared, board: one } = board(1, []);
    shared.set(PROXY_TICKETS, 0x7fff_fffe);
    const drawn = [one.draw(PROXY_TICKETS), one.draw(PROXY_TICKETS), one.draw(PROXY_TICKETS)];
    expect(drawn).toEqual([0x7fff_ffff, -0x8000_0000, -0x7fff_ffff]);
    expect(isBefore(drawn[0] ?? 0, drawn[1] ?? 0) && isBefore(drawn[1] ?? 0, drawn[2] ?? 0)).toBe(true);
    shared.set(PROXY_TICKETS, -2);
    expect([one.draw(PROXY_TICKETS), one.draw(PROXY_TICKETS)]).toEqual([-1, 1]);
  });

  it('call the thread of the oldest in two lines, once until it has looked', () => {
    const woken: number[] = [];
    const { shared, boards } = board(3, woken);
    const [a, b, c] = boards as [TicketBoard, TicketBoard, TicketBoard];
    const line = shared.processLine;
    // Not a line of this layout, but the words are there: the process's only one is followed by the page's rest.
    const other = line + 16;
    expect(a.callFirst(line, other)).toBe(false);
    a.publish(line, 7);
    b.publish(other, 5);
    c.publish(line, 6);
    expect([a.isFirst(7, line, line), a.isFirst(6, line, line), a.isFirst(6, line, other)]).toEqual([
      false,
      true,
      false,
    ]);
    expect([a.callFirst(line, other), c.callFirst(line, other), b.callFirst(line, other)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(woken).toEqual([1]);
    b.awake();
    b.publish(other, 0);
    a.callFirst(line, other);
    expect(woken).toEqual([1, 2]);
    expect([a.isEmpty(line), a.isEmpty(other)]).toEqual([false, true]);
  });
});

describe.each([2, 3, 5])('with %i threads', (threads) => {
  it('those who wait are served in the order in which they came, whichever thread they came to', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }), { threads });
    const random = new SeededRandom(threads);
    const clients = Array.from({ length: 30 }, (_, i) => proxy.ask(get(`/${i}`), 0, random.below(threads)));
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(29);
    for (let i = 0; i < 30; i++) {
      expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(1);
      answerAll(proxy);
      proxy.settle();
    }
    expect(served(proxy)).toEqual(clients.map((_, i) => `/${i}`));
    expect(clients.flatMap(({ text }) => statuses(text))).toEqual(new Array(30).fill(200));
    proxy.expectClean();
  });

  it('those whose cookie names the server and those who take any are served by the time they came', () => {
    const proxy = new SimulatedProxy(web({ lines: 'cookie C insert', server: 'maxconn 1 cookie a' }), { threads });
    const random = new SeededRandom(threads);
    for (let i = 0; i < 20; i++) {
      proxy.ask(get(`/${i}`, random.below(2) === 0 ? 'Cookie: C=a\r\n' : ''), 0, random.below(threads));
    }
    for (let i = 0; i < 20; i++) {
      answerAll(proxy);
      proxy.settle();
    }
    expect(served(proxy)).toEqual(Array.from({ length: 20 }, (_, i) => `/${i}`));
    proxy.expectClean();
  });
});

describe('a slot on its way to another thread', () => {
  /** Thread 0 has given the only slot back for /1, which waits in thread 1, but that thread has not looked yet. */
  function onItsWay(lines = ''): { proxy: SimulatedProxy; waiting: Peer } {
    const proxy = new SimulatedProxy(web({ lines, server: 'maxconn 1 cookie a' }), { threads: 3 });
    proxy.ask(get('/0'), 0, 0);
    const waiting = proxy.ask(get('/1'), 0, 1);
    answerAll(proxy);
    for (let i = 0; i < 3; i++) proxy.turn(0);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    expect(served(proxy)).toEqual(['/0']);
    return { proxy, waiting };
  }

  it.each([
    ['', ''],
    ['balance leastconn', ''],
    ['cookie C insert', 'Cookie: C=a\r\n'],
  ])('is not taken by a newcomer of a third (%s)', (lines, cookie) => {
    const { proxy } = onItsWay(lines);
    const newcomer = proxy.client(0, 2);
    newcomer.send(get('/2', cookie));
    for (let i = 0; i < 3; i++) proxy.turn(2);
    const queued = [proxy.proxyGauge(0, PROXY_QUEUED), proxy.serverGauge(0, SERVER_QUEUED)];
    expect(queued).toEqual(cookie === '' ? [2, 0] : [1, 1]);
    proxy.settle();
    answerAll(proxy);
    proxy.settle();
    expect(served(proxy)).toEqual(['/0', '/1', '/2']);
    proxy.expectClean();
  });

  it('goes on to the next when the one it was for has left', () => {
    const { proxy, waiting } = onItsWay();
    const next = proxy.client(0, 2);
    next.send(get('/2'));
    for (let i = 0; i < 3; i++) proxy.turn(2);
    waiting.reset();
    proxy.settle();
    expect(served(proxy)).toEqual(['/0', '/2']);
    answerAll(proxy);
    proxy.settle();
    expect(statuses(next.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('goes on to the next when the one it was for has waited too long', () => {
    const { proxy } = onItsWay('timeout queue 1s');
    const next = proxy.client(0, 2);
    next.send(get('/2'));
    for (let i = 0; i < 3; i++) proxy.turn(2);
    proxy.clock.nowMs += 1000;
    for (let i = 0; i < 3; i++) proxy.turn(1);
    for (let i = 0; i < 3; i++) proxy.turn(2);
    expect(proxy.server(PORT).peers.length).toBe(2);
    answerAll(proxy);
    proxy.settle();
    proxy.expectClean();
  });

  it('is one of several, which one thread cannot use all', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 2' }), { threads: 3 });
    for (let i = 0; i < 2; i++) proxy.ask(get(`/${i}`), 0, 0);
    proxy.ask(get('/2'), 0, 1);
    proxy.ask(get('/3'), 0, 2);
    answerAll(proxy);
    // Both are given back before thread 1, whose turn it is, looks at them.
    for (let i = 0; i < 3; i++) proxy.turn(0);
    proxy.settle();
    expect(served(proxy)).toEqual(['/0', '/1', '/2', '/3']);
    answerAll(proxy);
    proxy.settle();
    proxy.expectClean();
  });
});

describe('a place on one of several servers', () => {
  it('goes on to another thread when the first has taken one elsewhere before it looked', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1', servers: 2 }), { threads: 2 });
    proxy.ask(get('/0'), 0, 0);
    proxy.ask(get('/1'), 0, 1);
    proxy.ask(get('/2'), 0, 0);
    proxy.ask(get('/3'), 0, 1);
    // The second server's is free first, for thread 0; but that gets the first server's in the same moment.
    answerAll(proxy, PORT + 1);
    for (let i = 0; i < 3; i++) proxy.turn(1);
    answerAll(proxy, PORT);
    proxy.settle();
    expect([served(proxy), served(proxy, PORT + 1)]).toEqual([
      ['/0', '/2'],
      ['/1', '/3'],
    ]);
    answerAll(proxy);
    answerAll(proxy, PORT + 1);
    proxy.settle();
    proxy.expectClean();
  });

  it('goes on to other threads when it is one of a server without a limit', () => {
    const lines = 'server limited 192.0.2.11:9001 maxconn 1';
    const proxy = new SimulatedProxy(web({ lines }), { threads: 2 });
    const [unlimited, limited] = proxy.plan.proxies[0]?.servers[0]?.maxconn === 0 ? [0, 1] : [1, 0];
    proxy.state(unlimited, STATE_DOWN);
    proxy.ask(get('/0'), 0, 0);
    const first = proxy.ask(get('/1'), 0, 0);
    const second = proxy.ask(get('/2'), 0, 1);
    expect(proxy.serverGauge(limited, SERVER_SESSIONS)).toBe(1);
    proxy.shared.set(proxy.shared.server(unlimited) + SERVER_STATE, STATE_UP);
    proxy.shared.add(HEADER_VERDICTS, 1);
    // Thread 1 learns of it before thread 0, whose turn it is.
    for (const thread of [1, 0, 1, 0]) proxy.turn(thread);
    proxy.settle();
    answerAll(proxy);
    proxy.settle();
    expect([...statuses(first.text), ...statuses(second.text)]).toEqual([200, 200]);
    answerAll(proxy, 9001);
    proxy.settle();
    proxy.expectClean();
  });
});

describe('a slot that is given back in the moment in which somebody begins to wait', () => {
  it('is found, though nobody was there to be woken', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }), { threads: 2 });
    const { shared } = proxy;
    const sessions = shared.server(0) + SERVER_SESSIONS;
    const add = shared.add.bind(shared);
    shared.add = (word, delta) => {
      // What another thread held, and gave back before it could see that anybody waits.
      if (word === shared.proxy(0) + PROXY_TICKETS) shared.set(sessions, 0);
      return add(word, delta);
    };
    shared.set(sessions, 1);
    const client = proxy.ask(get());
    answerAll(proxy);
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });
});

describe('when the last server goes down while some wait', () => {
  it('newcomers of other threads are told at once', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout queue 10s', server: 'maxconn 1' }), { threads: 2 });
    proxy.ask(get(), 0, 0);
    proxy.ask(get(), 0, 0);
    proxy.state(0, STATE_DOWN);
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(1);
    expect(statuses(proxy.ask(get(), 0, 1).text)).toEqual([503]);
    answerAll(proxy);
    proxy.settle();
    proxy.expectClean();
  });
});

describe('the time in queues', () => {
  it.each([1, 3])('is one time, also where a stream is sent to another queue (%i threads)', (threads) => {
    const text = web({ lines: 'option redispatch\n cookie C insert\n timeout queue 3s', server: 'maxconn 1 cookie a' });
    const proxy = new SimulatedProxy(text.replace(/\n$/, '\n server t 192.0.2.11:8002 cookie b maxconn 1\n'), {
      threads,
    });
    proxy.ask(get('/1', 'Cookie: C=a\r\n'));
    proxy.ask(get('/2', 'Cookie: C=b\r\n'));
    const waiting = proxy.ask(get('/3', 'Cookie: C=a\r\n'));
    proxy.advance(2000);
    proxy.state(0, STATE_DOWN);
    expect([proxy.serverGauge(0, SERVER_QUEUED), proxy.proxyGauge(0, PROXY_QUEUED)]).toEqual([0, 1]);
    proxy.advance(900);
    expect(waiting.text).toBe('');
    proxy.advance(200);
    expect(statuses(waiting.text)).toEqual([503]);
    answerAll(proxy);
    answerAll(proxy, PORT + 1);
    proxy.settle();
    proxy.expectClean();
  });
});

describe('a server that is drained', () => {
  it.each([1, 3])('still serves those who came to wait for it by their cookie (%i threads)', (threads) => {
    const text = web({ lines: 'cookie C insert', server: 'maxconn 1 cookie a', servers: 1 });
    const proxy = new SimulatedProxy(text, { threads });
    proxy.state(0, STATE_DRAIN);
    const clients = Array.from({ length: 4 }, (_, i) => proxy.ask(get(`/${i}`, 'Cookie: C=a\r\n')));
    for (let i = 0; i < 4; i++) {
      answerAll(proxy);
      proxy.settle();
    }
    expect(clients.flatMap(({ text: got }) => statuses(got))).toEqual(new Array(4).fill(200));
    proxy.expectClean();
  });
});

/** Clients that come, leave and wait too long, servers that answer, refuse and go down, in turns of any order. */
function rush(seed: number, threads: number, lines: string, servers: number): number {
  const random = new SeededRandom(seed);
  const text = web({ lines, server: 'maxconn 2 cookie a', servers });
  const proxy = new SimulatedProxy(text, { threads });
  let clients: Peer[] = [];
  let busiest = 0;
  for (let i = 0; i < servers; i++) {
    proxy.server(PORT + i).answer = () => (random.below(20) === 0 ? REFUSE : ACCEPT);
  }
  for (let step = 0; step < 3000; step++) {
    const dice = random.below(100);
    if (dice < 45 && clients.length < 40) {
      const client = proxy.client(0, random.below(threads));
      client.send(get(`/${step}`, random.below(3) === 0 ? 'Cookie: C=a\r\n' : ''));
      clients.push(client);
    } else if (dice < 70) {
      const peers = open(proxy, PORT + random.below(servers));
      const peer = peers[random.below(peers.length)];
      if (peer?.text.includes('GET')) {
        peer.send(ok('hi', 'Connection: close\r\n'));
        peer.close();
      }
    } else if (dice < 80) clients[random.below(clients.length)]?.reset();
    else if (dice < 82) {
      const server = random.below(servers);
      proxy.shared.set(
        proxy.shared.server(server),
        random.pick([STATE_UP, STATE_UP, STATE_UP, STATE_DOWN, STATE_DRAIN]),
      );
      proxy.shared.add(2, 1);
    } else if (dice < 90) proxy.clock.nowMs += random.below(100);
    for (let i = random.below(4); i > 0; i--) proxy.turn(random.below(threads));
    for (let i = 0; i < servers; i++) {
      const held = proxy.serverGauge(i, SERVER_SESSIONS);
      if (held > 2) throw new Error(`step ${step}: ${held} slots of 2`);
      busiest = Math.max(busiest, held);
    }
    if (step % 10 === 0) expectNobodyForgotten(proxy, servers, step);
    clients = clients.filter(({ closed, gone, text: got }) => {
      if (got !== '' && !closed && !gone) return false;
      return !closed && !gone;
    });
  }
  for (let i = 0; i < servers; i++) proxy.state(i, STATE_UP);
  for (let rounds = 0; rounds < 100; rounds++) {
    for (let i = 0; i < servers; i++) answerAll(proxy, PORT + i);
    proxy.advance(20);
  }
  proxy.expectClean();
  return busiest;
}

/** At rest nobody waits while a slot is free that is for such as him. */
function expectNobodyForgotten(proxy: SimulatedProxy, servers: number, step: number): void {
  proxy.settle();
  const states = Array.from({ length: servers }, (_, i) => proxy.shared.get(proxy.shared.server(i)));
  for (let i = 0; i < servers; i++) {
    if (states[i] === STATE_DOWN || proxy.serverGauge(i, SERVER_SESSIONS) >= 2) continue;
    const waiting =
      proxy.serverGauge(i, SERVER_QUEUED) + (states[i] === STATE_UP ? proxy.proxyGauge(0, PROXY_QUEUED) : 0);
    if (waiting > 0) throw new Error(`step ${step}: ${waiting} wait, and server ${i} has a slot`);
  }
}

describe('in a rush', () => {
  it.each([
    [1, 2, 'cookie C insert\n timeout queue 500ms', 1],
    [2, 3, 'cookie C insert\n timeout queue 500ms\n option redispatch 1', 2],
    [3, 3, 'cookie C insert\n balance leastconn\n option abortonclose', 3],
    [4, 4, 'cookie C insert\n balance first\n retries 1', 2],
    [5, 1, 'cookie C insert\n timeout queue 500ms', 2],
  ])('no slot is given twice, and none is forgotten (seed %i, %i threads)', (seed, threads, lines, servers) => {
    expect(rush(seed, threads, lines, servers)).toBe(2);
  });
});
