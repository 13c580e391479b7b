/** Who gets which server: slots, queues and their order, retries, redispatch, verdicts. */
import { describe, expect, it } from 'vitest';
import {
  PROXY_QUEUED,
  SERVER_CONNECT_ERRORS,
  SERVER_QUEUED,
  SERVER_REDISPATCHES,
  SERVER_RETRIES,
  SERVER_SESSIONS,
  STATE_DOWN,
  STATE_UP,
} from '../../src/proxy/shared-state.ts';
import { ACCEPT, type Answer, type Peer, REFUSE, REFUSE_AT_ONCE, SILENCE } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { web as anyWeb, get, ok, PORT, statuses, type Web } from '../support/web.ts';

/** Each client's first request has a connection of its own, so that the newest one belongs to the newest request. */
function web(settings: Web = {}): string {
  return `global\n tune.tandem.reuse-first off\n${anyWeb(settings)}`;
}

/** The path that the server's newest connection was asked for. */
function asked(proxy: SimulatedProxy, port = PORT): string {
  return /^GET (\S+)/.exec(proxy.accepted(port).text)?.[1] ?? '';
}

function answer(proxy: SimulatedProxy, port = PORT): void {
  proxy.accepted(port).send(ok());
  proxy.settle();
}

describe('a server with maxconn 1', () => {
  it('serves those who wait in the order in which they came', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const clients = Array.from({ length: 20 }, (_, i) => proxy.ask(get(`/${i}`)));
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(1);
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(19);
    const order: string[] = [];
    for (let i = 0; i < 20; i++) {
      order.push(asked(proxy));
      answer(proxy);
    }
    expect(order).toEqual(clients.map((_, i) => `/${i}`));
    expect(clients.flatMap(({ text }) => statuses(text))).toEqual(new Array(20).fill(200));
    proxy.expectClean();
  });

  it('serves those whose cookie names it and those who take any by the time they came', () => {
    const proxy = new SimulatedProxy(web({ lines: 'cookie C insert', server: 'maxconn 1 cookie a' }));
    const kinds = ['', 'Cookie: C=a\r\n', '', 'Cookie: C=a\r\n', 'Cookie: C=a\r\n', ''];
    for (const [i, cookie] of kinds.entries()) proxy.ask(get(`/${i}`, cookie));
    const order = kinds.map(() => {
      const path = asked(proxy);
      answer(proxy);
      return path;
    });
    expect(order).toEqual(kinds.map((_, i) => `/${i}`));
    proxy.expectClean();
  });

  it('lets those go who wait longer than timeout queue', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout queue 2s\n timeout server 1m', server: 'maxconn 1' }));
    proxy.ask(get());
    const waiting = proxy.ask(get());
    proxy.advance(1900);
    expect(waiting.text).toBe('');
    proxy.advance(200);
    expect(statuses(waiting.text)).toEqual([503]);
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(0);
    answer(proxy);
    proxy.expectClean();
  });

  it.each(['first', 'middle', 'last'])('forgets the %s of those who wait when its client leaves', (which) => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const clients = Array.from({ length: 4 }, (_, i) => proxy.ask(get(`/${i}`)));
    const gone = { first: 1, middle: 2, last: 3 }[which] ?? 0;
    clients[gone]?.reset();
    proxy.settle();
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(2);
    const order = [0, 1, 2].map(() => {
      const path = asked(proxy);
      answer(proxy);
      return path;
    });
    expect(order).toEqual(['/0', '/1', '/2', '/3'].filter((path) => path !== `/${gone}`));
    proxy.expectClean();
  });

  it('gives its slot on when its client leaves in the middle', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const first = proxy.ask(get('/1'));
    const second = proxy.ask(get('/2'));
    first.reset();
    proxy.settle();
    expect(asked(proxy)).toBe('/2');
    answer(proxy);
    expect(statuses(second.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('gives its slot on when the client of a stream that pauses before a retry leaves', () => {
    const proxy = new SimulatedProxy(web({ server: 'maxconn 1' }));
    const server = proxy.server(PORT);
    server.answer = () => REFUSE;
    const first = proxy.ask(get('/1'));
    const second = proxy.ask(get('/2'));
    server.answer = () => ACCEPT;
    expect(server.peers.length).toBe(0);
    first.reset();
    proxy.settle();
    expect(asked(proxy)).toBe('/2');
    answer(proxy);
    expect(statuses(second.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('fails thousands who wait one after the other, not one inside the other', () => {
    const proxy = new SimulatedProxy(web({ lines: 'retries 0', server: 'maxconn 1' }), { maxconn: 5000 });
    const clients: Peer[] = [];
    for (let i = 0; i < 4000; i++) clients.push(proxy.client());
    for (const client of clients) client.send(get());
    proxy.settle();
    proxy.server(PORT).answer = () => REFUSE_AT_ONCE;
    proxy.accepted(PORT).reset();
    proxy.settle();
    const got = clients.map(({ text }) => statuses(text)[0]);
    expect(got.filter((status) => status === 503).length).toBe(3999);
    proxy.expectClean();
  });
});

describe('backup servers', () => {
  it('serve those who wait for any server, when all of them are in use', () => {
    const proxy = new SimulatedProxy(web({ lines: 'option allbackups', server: 'maxconn 1 backup', servers: 2 }));
    const clients = Array.from({ length: 6 }, (_, i) => proxy.ask(get(`/${i}`)));
    for (let i = 0; i < 3; i++) {
      answer(proxy, PORT);
      answer(proxy, PORT + 1);
    }
    expect(clients.flatMap(({ text }) => statuses(text))).toEqual(new Array(6).fill(200));
    proxy.expectClean();
  });

  it('do not take those who wait for active servers', () => {
    const text = web({ server: 'maxconn 1' }).replace(/\n$/, '\n server b 192.0.2.11:8002 cookie b backup maxconn 1\n');
    const proxy = new SimulatedProxy(text.replace('bind', 'cookie C insert\n bind'));
    proxy.ask(get('/1'));
    proxy.ask(get('/b', 'Cookie: C=b\r\n'));
    proxy.ask(get('/2'));
    answer(proxy, PORT + 1);
    expect(proxy.server(PORT + 1).peers.length).toBe(1);
    answer(proxy);
    expect(asked(proxy)).toBe('/2');
    answer(proxy);
    proxy.expectClean();
  });

  it('take over those who wait when the active servers go down', () => {
    const text = web({ server: 'maxconn 1' }).replace(/\n$/, '\n server b 192.0.2.11:8002 backup maxconn 1\n');
    const proxy = new SimulatedProxy(text);
    const clients = Array.from({ length: 4 }, (_, i) => proxy.ask(get(`/${i}`)));
    proxy.state(0, STATE_DOWN);
    for (let i = 0; i < 3; i++) answer(proxy, PORT + 1);
    answer(proxy);
    expect(clients.flatMap(({ text: got }) => statuses(got))).toEqual(new Array(4).fill(200));
    proxy.expectClean();
  });
});

describe('a connection that fails', () => {
  it.each([
    ['is refused', 'a second apart', REFUSE, 1000],
    ['fails in the call', 'at once', REFUSE_AT_ONCE, 0],
  ] as const)('and %s is tried `retries` times more, %s', (_, _when, how: Answer, pauseMs) => {
    const proxy = new SimulatedProxy(web({ lines: 'retries 2' }));
    const attempts: number[] = [];
    proxy.server(PORT).answer = () => {
      attempts.push(proxy.clock.nowMs);
      return how;
    };
    const client = proxy.ask(get());
    proxy.advance(2 * pauseMs + 100);
    expect(statuses(client.text)).toEqual([503]);
    const waits = attempts.slice(1).map((at, i) => at - (attempts[i] ?? 0));
    expect(waits.length).toBe(2);
    for (const wait of waits) expect(Math.abs(wait - pauseMs)).toBeLessThanOrEqual(8);
    expect(proxy.serverGauge(0, SERVER_CONNECT_ERRORS)).toBe(1);
    expect(proxy.serverGauge(0, SERVER_RETRIES)).toBe(2);
    proxy.expectClean();
  });

  it('with silence is tried again at once after timeout connect', () => {
    const proxy = new SimulatedProxy(web({ lines: 'retries 1' }));
    let attempts = 0;
    proxy.server(PORT).answer = () => {
      attempts++;
      return SILENCE;
    };
    const client = proxy.ask(get());
    proxy.advance(1100);
    expect(attempts).toBe(2);
    proxy.advance(1000);
    expect(statuses(client.text)).toEqual([503]);
    proxy.expectClean();
  });

  it('is made good by the next, with the same request', () => {
    const proxy = new SimulatedProxy(web());
    let attempts = 0;
    proxy.server(PORT).answer = () => {
      attempts++;
      return attempts < 3 ? REFUSE : ACCEPT;
    };
    const request = `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n${'x'.repeat(5000)}`;
    const client = proxy.ask(request);
    proxy.advance(2100);
    expect(proxy.accepted(PORT).text).toBe(request);
    answer(proxy);
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('sends the stream to another server with option redispatch', () => {
    const proxy = new SimulatedProxy(web({ lines: 'option redispatch 1\n retries 3', servers: 2 }));
    proxy.server(PORT).answer = () => REFUSE;
    const client = proxy.ask(get());
    answer(proxy, PORT + 1);
    expect(statuses(client.text)).toEqual([200]);
    expect(proxy.serverGauge(0, SERVER_REDISPATCHES)).toBe(1);
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    proxy.expectClean();
  });

  it('is given up when the client leaves in the pause', () => {
    const proxy = new SimulatedProxy(web());
    proxy.server(PORT).answer = () => REFUSE;
    const client = proxy.ask(get());
    client.reset();
    proxy.settle();
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it('for want of descriptors is one like any other', () => {
    const proxy = new SimulatedProxy(web({ lines: 'retries 1' }));
    proxy.poller.descriptors = 1;
    const client = proxy.ask(get());
    proxy.advance(1100);
    expect(statuses(client.text)).toEqual([503]);
    proxy.expectClean();
  });
});

describe('the pause before a retry', () => {
  /** The times between the attempts on both servers, in all, and which of them had the last. */
  function attemptsOf(lines: string, how: Answer): { waits: number[]; last: number } {
    const proxy = new SimulatedProxy(web({ lines, servers: 2 }));
    const times: number[] = [];
    let last = 0;
    for (const port of [PORT, PORT + 1]) {
      proxy.server(port).answer = () => {
        times.push(proxy.clock.nowMs);
        last = port - PORT;
        return how;
      };
    }
    const client = proxy.ask(get());
    proxy.advance(8000);
    expect(statuses(client.text)).toEqual([503]);
    proxy.expectClean();
    return { waits: times.slice(1).map((at, i) => Math.round((at - (times[i] ?? 0)) / 100) * 100), last };
  }

  it.each([
    ['is not made on the way to another server', 'option redispatch 1', [0, 0], 0],
    ['is made by who stays', 'no option redispatch', [1000, 1000], 0],
    ['is as short as timeout connect', 'timeout connect 400ms', [400, 400], 0],
    ['is made until the last retry, where a hash names the server', 'balance source\n option redispatch', [1000, 0], 1],
  ])('%s', (_, lines, waits, last) => {
    expect(attemptsOf(`retries 2\n ${lines}`, REFUSE)).toEqual({ waits, last });
  });

  it('is not made after timeout connect', () => {
    expect(attemptsOf('retries 1\n timeout connect 2s', SILENCE).waits).toEqual([2000]);
  });
});

describe('a server that goes down', () => {
  it('keeps those who wait for it without option redispatch, until its slot is free', () => {
    const text = web({ lines: 'cookie C insert', server: 'maxconn 1 cookie a' });
    const proxy = new SimulatedProxy(text.replace(/\n$/, '\n server t 192.0.2.11:8002 cookie b\n'));
    proxy.ask(get('/1', 'Cookie: C=a\r\n'));
    proxy.ask(get('/2', 'Cookie: C=a\r\n'));
    proxy.state(0, STATE_DOWN);
    expect(proxy.serverGauge(0, SERVER_QUEUED)).toBe(1);
    answer(proxy);
    expect(asked(proxy)).toBe('/2');
    answer(proxy);
    proxy.expectClean();
  });

  it('leaves those who wait for it to the others with option redispatch', () => {
    const text = web({ lines: 'cookie C insert\n option redispatch', server: 'maxconn 1 cookie a' });
    const proxy = new SimulatedProxy(text.replace(/\n$/, '\n server t 192.0.2.11:8002 cookie b\n'));
    proxy.ask(get('/1', 'Cookie: C=a\r\n'));
    proxy.ask(get('/2', 'Cookie: C=a\r\n'));
    expect(proxy.serverGauge(0, SERVER_QUEUED)).toBe(1);
    proxy.state(0, STATE_DOWN);
    expect(proxy.serverGauge(0, SERVER_QUEUED)).toBe(0);
    expect(asked(proxy, PORT + 1)).toBe('/2');
    answer(proxy, PORT + 1);
    answer(proxy);
    proxy.expectClean();
  });

  it('and was the last one leaves 503', () => {
    const proxy = new SimulatedProxy(web());
    proxy.state(0, STATE_DOWN);
    const client = proxy.ask(get());
    expect(statuses(client.text)).toEqual([503]);
    proxy.state(0, STATE_UP);
    client.send(get());
    proxy.settle();
    answer(proxy);
    expect(statuses(client.text)).toEqual([503, 200]);
    proxy.expectClean();
  });

  it('and up again takes those who wait for any', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout queue 1m', server: 'maxconn 1', servers: 2 }));
    proxy.state(1, STATE_DOWN);
    proxy.ask(get('/1'));
    proxy.ask(get('/2'));
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(1);
    proxy.state(1, STATE_UP);
    expect(asked(proxy, PORT + 1)).toBe('/2');
    answer(proxy, PORT + 1);
    answer(proxy);
    proxy.expectClean();
  });
});

describe('option prefer-last-server', () => {
  const kept = (lines: string, server = ''): SimulatedProxy =>
    new SimulatedProxy(web({ lines: `http-reuse never\n ${lines}`, servers: 2, server }));

  /** Which servers have the client's requests, one after the other. */
  function servedBy(proxy: SimulatedProxy, requests: number): number[] {
    const client = proxy.client();
    const had: number[] = [];
    for (let i = 0; i < requests; i++) {
      client.send(get(`/${i}`));
      proxy.settle();
      const port = [PORT, PORT + 1].find((one) => proxy.server(one).peers.at(-1)?.text.includes(`GET /${i} `));
      had.push((port ?? 0) - PORT);
      answer(proxy, port);
    }
    return had;
  }

  it('keeps a client with the server that it has a connection to', () => {
    expect(servedBy(kept('option prefer-last-server'), 4)).toEqual([0, 0, 0, 0]);
    expect(servedBy(kept(''), 4)).toEqual([0, 1, 0, 1]);
  });

  it('leaves it to a hash', () => {
    const proxy = kept('option prefer-last-server\n balance uri');
    expect(new Set(servedBy(proxy, 20)).size).toBe(2);
  });

  it('goes elsewhere when the server is down, or drained', () => {
    const proxy = kept('option prefer-last-server');
    const client = proxy.ask(get('/1'));
    answer(proxy);
    proxy.state(0, STATE_DOWN);
    client.send(get('/2'));
    proxy.settle();
    expect(asked(proxy, PORT + 1)).toBe('/2');
    answer(proxy, PORT + 1);
    proxy.expectClean();
  });

  it.each([
    ['', 0],
    ['max-keep-alive-queue 1', 0],
    ['max-keep-alive-queue 0', 1],
  ])('waits for it, %s', (lines, server) => {
    const proxy = kept(`option prefer-last-server\n balance first\n ${lines}`, 'maxconn 1');
    const client = proxy.ask(get('/1'));
    answer(proxy);
    const other = proxy.ask(get('/other'));
    client.send(get('/2'));
    proxy.settle();
    expect(proxy.serverGauge(server, SERVER_SESSIONS) + proxy.serverGauge(server, SERVER_QUEUED)).toBe(
      server === 0 ? 2 : 1,
    );
    answer(proxy);
    proxy.settle();
    expect(statuses(other.text)).toEqual([200]);
    const ports = server === 0 ? [PORT] : [PORT + 1];
    for (const port of ports)
      for (const peer of proxy.server(port).peers) if (peer.text.endsWith(get('/2'))) peer.send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 200]);
    proxy.expectClean();
  });
});

describe('maxqueue', () => {
  const named = (path: string): string => get(path, 'Cookie: C=a\r\n');

  it('is the end for those whose server follows from a hash', () => {
    const proxy = new SimulatedProxy(web({ lines: 'balance uri', server: 'maxconn 1 maxqueue 1', servers: 2 }));
    const clients = Array.from({ length: 3 }, () => proxy.ask(get('/same')));
    expect(statuses(clients[2]?.text ?? '')).toEqual([503]);
    const had = proxy.server(PORT).peers.length > 0 ? 0 : 1;
    expect(proxy.serverGauge(had, SERVER_CONNECT_ERRORS)).toBe(1);
    for (let i = 0; i < 2; i++) answer(proxy, PORT + had);
    proxy.expectClean();
  });

  it('is the end for those whose cookie names the server, without option redispatch', () => {
    const proxy = new SimulatedProxy(web({ lines: 'cookie C insert', server: 'maxconn 1 maxqueue 1 cookie a' }));
    const clients = Array.from({ length: 3 }, (_, i) => proxy.ask(named(`/${i}`)));
    expect(statuses(clients[2]?.text ?? '')).toEqual([503]);
    for (let i = 0; i < 2; i++) answer(proxy);
    proxy.expectClean();
  });

  it('sends them to another server that is free with option redispatch', () => {
    const text = web({
      lines: 'option redispatch\n cookie C insert\n server b 192.0.2.11:9001 cookie b',
      server: 'maxconn 1 maxqueue 1 cookie a',
    });
    const proxy = new SimulatedProxy(text);
    for (let i = 0; i < 3; i++) proxy.ask(named(`/${i}`));
    expect(asked(proxy, 9001)).toBe('/2');
    // The other server is the first of the two.
    expect(proxy.serverGauge(1, SERVER_REDISPATCHES)).toBe(1);
    answer(proxy, 9001);
    for (let i = 0; i < 2; i++) answer(proxy);
    proxy.expectClean();
  });

  it('sends them to the backend’s queue where no other is free', () => {
    const text = web({ lines: 'option redispatch\n cookie C insert', server: 'maxconn 1 maxqueue 1 cookie a' });
    const proxy = new SimulatedProxy(text);
    for (let i = 0; i < 4; i++) proxy.ask(named(`/${i}`));
    expect([proxy.serverGauge(0, SERVER_QUEUED), proxy.proxyGauge(0, PROXY_QUEUED)]).toEqual([1, 2]);
    for (let i = 0; i < 4; i++) answer(proxy);
    proxy.expectClean();
  });
});
