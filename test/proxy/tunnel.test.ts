/** Bytes that nobody looks at: TCP mode, and HTTP after a 101. */
import { describe, expect, it } from 'vitest';
import { PROXY_QUEUED, SERVER_SESSIONS } from '../../src/proxy/shared-state.ts';
import { ACCEPT, REFUSE } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, PORT, web } from '../support/web.ts';

function tcp(lines = '', server = ''): SimulatedProxy {
  return new SimulatedProxy(web({ lines, server }).replace('mode http', 'mode tcp'));
}

const LONG = Array.from({ length: 100_000 }, (_, i) => String.fromCharCode(33 + ((i * 7) % 90))).join('');

describe('mode tcp', () => {
  it('passes on what the client says before the server is there', () => {
    const proxy = tcp();
    const client = proxy.client();
    client.send('hello');
    client.end();
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe('hello');
    expect(proxy.accepted(PORT).sawEnd).toBe(true);
    proxy.accepted(PORT).send('bye');
    proxy.accepted(PORT).end();
    proxy.settle();
    expect(client.text).toBe('bye');
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it('lets the server speak first', () => {
    const proxy = tcp();
    const client = proxy.client();
    proxy.settle();
    proxy.accepted(PORT).send('220 hi');
    proxy.settle();
    expect(client.text).toBe('220 hi');
    proxy.expectClean();
  });

  it('with `option nolinger` takes the client’s end for the end, and resets the server', () => {
    const proxy = tcp('option nolinger');
    const client = proxy.client();
    client.send('last words');
    proxy.settle();
    client.end();
    proxy.settle();
    const server = proxy.accepted(PORT);
    expect([server.text, server.sawReset, client.sawEnd]).toEqual(['last words', true, true]);
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it.each(['client', 'server'] as const)('lets the %s end its half, and the other go on', (who) => {
    const proxy = tcp();
    const client = proxy.client();
    proxy.settle();
    const server = proxy.accepted(PORT);
    const [first, second] = who === 'client' ? [client, server] : [server, client];
    first.send('last words');
    first.end();
    proxy.settle();
    expect(second.text).toBe('last words');
    expect(second.sawEnd).toBe(true);
    expect(first.sawEnd).toBe(false);
    second.send(LONG);
    proxy.settle();
    expect(first.text === LONG).toBe(true);
    second.end();
    proxy.settle();
    expect(first.sawEnd).toBe(true);
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it.each(['client', 'server'] as const)('stops the other side while the %s is slow, and loses nothing', (who) => {
    const proxy = tcp();
    const client = proxy.client();
    proxy.settle();
    const server = proxy.accepted(PORT);
    const [slow, fast] = who === 'client' ? [client, server] : [server, client];
    slow.window = 100;
    for (let at = 0; at < LONG.length; at += 9000) fast.send(LONG.slice(at, at + 9000));
    fast.end();
    proxy.settle();
    expect(slow.receivedBytes).toBe(100);
    expect(proxy.slabs.lent).toBe(1);
    while (!slow.sawEnd) {
      slow.window = 7001;
      proxy.settle();
    }
    expect(slow.text === LONG).toBe(true);
    slow.end();
    proxy.settle();
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it.each(['client', 'server'] as const)('ends both sides when the %s resets', (who) => {
    const proxy = tcp();
    const client = proxy.client();
    proxy.settle();
    const server = proxy.accepted(PORT);
    const [broken, other] = who === 'client' ? [client, server] : [server, client];
    broken.send('before');
    broken.reset();
    proxy.settle();
    expect(other.text).toBe('before');
    expect(other.gone).toBe(true);
    // A client may read first what the server said before: RST would overtake it.
    if (who === 'server') expect(other.sawReset).toBe(false);
    proxy.advance(1100);
    expect(proxy.poller.openCount).toBe(0);
    proxy.expectClean();
  });

  it.each([
    ['timeout client 10s', 10],
    ['timeout client 1m\n timeout server 8s', 8],
    ['timeout client 1m\n timeout server 1m\n timeout tunnel 4s', 4],
  ])('ends after silence on both sides: %j', (lines, seconds) => {
    const proxy = tcp(`timeout server 1m\n ${lines}`);
    const client = proxy.client();
    proxy.settle();
    proxy.advance(seconds * 1000 - 100);
    expect(client.gone).toBe(false);
    client.send('x');
    proxy.advance(seconds * 1000 - 100);
    expect(client.gone).toBe(false);
    proxy.advance(200);
    expect(client.gone).toBe(true);
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });

  it('retries, and ends the client when nobody is there', () => {
    const proxy = tcp('retries 1');
    proxy.server(PORT).answer = () => REFUSE;
    const client = proxy.ask('hello');
    proxy.advance(500);
    expect(client.gone).toBe(false);
    proxy.advance(700);
    expect(client.gone).toBe(true);
    proxy.expectClean();
  });

  it('queues for a slot', () => {
    const proxy = tcp('', 'maxconn 1');
    const first = proxy.ask('1');
    const second = proxy.ask('2');
    expect(proxy.proxyGauge(0, PROXY_QUEUED)).toBe(1);
    first.reset();
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe('2');
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(1);
    second.reset();
    proxy.settle();
    proxy.expectClean();
  });

  it('keeps what came first while option abortonclose watches for the end', () => {
    const proxy = tcp('option abortonclose');
    proxy.server(PORT).answer = () => REFUSE;
    const client = proxy.ask('hello');
    proxy.server(PORT).answer = () => ACCEPT;
    proxy.advance(1100);
    expect(proxy.accepted(PORT).text).toBe('hello');
    client.send(' again');
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe('hello again');
    proxy.expectClean();
  });

  it('never loses a part of what was said for want of memory', () => {
    const proxy = tcp('option abortonclose');
    const taken = [];
    for (let slab = proxy.slabs.take(); slab !== null; slab = proxy.slabs.take()) taken.push(slab);
    proxy.server(PORT).answer = () => ({ kind: 'accept', afterMs: 10, early: false });
    const client = proxy.ask('hello');
    proxy.advance(20);
    client.send(' again');
    proxy.settle();
    for (const slab of taken) proxy.slabs.give(slab);
    const got = proxy.server(PORT).peers[0]?.text ?? '';
    expect('hello again'.startsWith(got), `the server got ${JSON.stringify(got)}`).toBe(true);
    proxy.expectClean();
  });
});

describe('after a 101', () => {
  const request = get('/ws', 'Connection: Upgrade\r\nUpgrade: raw\r\n');
  const response = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: raw\r\nConnection: upgrade\r\n\r\n';

  it('both sides speak on, from the bytes behind the heads, wherever they are cut', () => {
    const answer = `${response}from the server`;
    for (let cut = 1; cut < answer.length; cut += 5) {
      const proxy = new SimulatedProxy(web());
      const client = proxy.ask(`${request}too early`);
      const server = proxy.accepted(PORT);
      server.send(answer.slice(0, cut));
      proxy.settle();
      server.send(answer.slice(cut));
      proxy.settle();
      client.send(' and later');
      proxy.settle();
      expect(server.text.endsWith('\r\n\r\ntoo early and later')).toBe(true);
      expect(client.text.endsWith('\r\n\r\nfrom the server')).toBe(true);
      client.end();
      server.end();
      proxy.settle();
      expect(proxy.poller.openCount).toBe(0);
      proxy.expectClean();
    }
  });

  it('the silence that is allowed is timeout tunnel', () => {
    const proxy = new SimulatedProxy(web({ lines: 'timeout tunnel 1m' }));
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(response);
    proxy.advance(59_000);
    expect(client.gone).toBe(false);
    proxy.advance(1100);
    expect(client.gone).toBe(true);
    proxy.expectClean();
  });
});
