/** `option http-buffer-request`: no server is troubled with a request whose body is still on its way. */
import { describe, expect, it } from 'vitest';
import { SERVER_SESSIONS } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

const BUFFER = 'option http-buffer-request\n http-reuse always\n timeout http-request 3s';
const CHUNKED = 'POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

function buffering(lines = BUFFER, server = ''): SimulatedProxy {
  return new SimulatedProxy(web({ lines, server }));
}

describe('a body that is buffered', () => {
  it.each([
    ['with a length', post('0123456789')],
    ['in chunks', `${CHUNKED}5\r\nhello\r\n3\r\nabc\r\n0\r\n\r\n`],
  ])('%s reaches the server whole and the same, wherever it is cut', (_, request) => {
    const proxy = buffering();
    for (let cut = 1; cut < request.length; cut++) {
      const client = proxy.ask(request.slice(0, cut));
      expect(proxy.server(PORT).peers.at(-1)?.text ?? '').toBe('');
      expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
      client.send(request.slice(cut));
      proxy.settle();
      expect(proxy.accepted(PORT).takeText()).toBe(request);
      proxy.accepted(PORT).send(ok());
      proxy.settle();
      expect(client.text).toBe(ok());
      client.end();
      proxy.settle();
    }
    proxy.expectClean();
  });

  it('byte by byte costs the server nothing until its last byte', () => {
    const proxy = buffering();
    const request = post('0123456789');
    const client = proxy.client();
    for (const byte of request) {
      expect(proxy.server(PORT).peers.length).toBe(0);
      client.send(byte);
      proxy.settle();
    }
    expect(proxy.accepted(PORT).text).toBe(request);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('is forwarded as soon as a buffer is full, and the rest as it comes', () => {
    const proxy = buffering();
    const body = 'b'.repeat(50_000);
    const request = post(body);
    const client = proxy.client();
    let sent = 0;
    for (; proxy.server(PORT).peers.length === 0; sent += 500) {
      expect(sent).toBeLessThan(17_000);
      client.send(request.slice(sent, sent + 500));
      proxy.settle();
    }
    expect(sent).toBeGreaterThan(15_000);
    expect(proxy.accepted(PORT).receivedBytes).toBeGreaterThan(15_000);
    client.send(request.slice(sent));
    proxy.settle();
    expect(proxy.accepted(PORT).text === request).toBe(true);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    proxy.expectClean();
  });

  it('may be followed by the next request', () => {
    const proxy = buffering();
    const client = proxy.ask(post('0123456789').slice(0, -3));
    client.send(`789${get('/next')}`);
    proxy.settle();
    expect(proxy.accepted(PORT).takeText()).toBe(post('0123456789'));
    proxy.accepted(PORT).send(ok('1'));
    proxy.settle();
    expect(proxy.accepted(PORT).takeText()).toBe(get('/next'));
    proxy.accepted(PORT).send(ok('2'));
    proxy.settle();
    expect(client.text).toBe(ok('1') + ok('2'));
    proxy.expectClean();
  });

  it('that stands there already is not waited for', () => {
    const proxy = buffering();
    const client = proxy.ask(post('abc', '/', 'Expect: 100-continue\r\n'));
    expect(proxy.accepted(PORT).text).toBe(post('abc', '/', 'Expect: 100-continue\r\n'));
    expect(client.text).toBe('');
    proxy.expectClean();
  });

  it('is asked for by us where the client waits to be told, and the server hears nothing of it', () => {
    const proxy = buffering();
    const client = proxy.ask(post('', '/', 'Expect: 100-continue\r\n').replace('Length: 0', 'Length: 3'));
    expect(client.takeText()).toBe('HTTP/1.1 100 Continue\r\n\r\n');
    expect(proxy.server(PORT).peers.length).toBe(0);
    client.send('abc');
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe(post('abc'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(ok());
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 200]);
    proxy.expectClean();
  });

  it('keeps to the server of its cookie', () => {
    const text = web({ lines: `${BUFFER}\n cookie S insert`, servers: 0 });
    const proxy = new SimulatedProxy(`${text} server a 192.0.2.1:8001 cookie a\n server b 192.0.2.1:8002 cookie b\n`);
    for (let round = 0; round < 3; round++) {
      const client = proxy.ask(post('abc', '/', 'Cookie: S=b\r\n').slice(0, -3));
      client.send('abc');
      proxy.settle();
      proxy.accepted(PORT + 1).send(ok());
      proxy.settle();
      expect(statuses(client.text)).toEqual([200]);
    }
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it('leaves the only slot of a server to those who have said all', () => {
    const proxy = buffering(BUFFER, 'maxconn 1');
    for (let i = 0; i < 50; i++) proxy.ask(post('0123456789').slice(0, -1));
    const good = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(good.text).toBe(ok());
    expect(proxy.slabs.lent).toBe(50);
    proxy.expectClean();
  });
});

describe('a body that does not become complete', () => {
  it.each([
    ['stalls', 0],
    ['dribbles', 100],
  ])('and %s is given up after timeout http-request, and no server has heard of it', (_, everyMs) => {
    const proxy = buffering();
    const client = proxy.ask(post('x'.repeat(1000)).slice(0, -1000));
    for (let waited = 0; waited < 2900; waited += 100) {
      if (everyMs > 0) client.send('x');
      proxy.advance(100);
    }
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([408]);
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it('is given up after timeout client where that is all there is', () => {
    const proxy = buffering('option http-buffer-request');
    const client = proxy.ask(post('0123456789').slice(0, -5));
    proxy.advance(9900);
    client.send('5');
    proxy.advance(9900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(statuses(client.text)).toEqual([408]);
    proxy.expectClean();
  });

  it('takes the timeout of the frontend, or of the backend if only that has the option', () => {
    const text = (front: string, back: string): string => `
frontend f
 mode http
 timeout client 10s
 timeout http-request 1s
 ${front}
 bind :80
 default_backend b
backend b
 mode http
 timeout connect 1s
 timeout server 5s
 timeout http-request 4s
 ${back}
 server s 192.0.2.11:8001
`;
    const option = 'option http-buffer-request';
    for (const [front, back, waitedMs] of [
      [option, '', 1000],
      ['', option, 4000],
      [option, option, 1000],
    ] as const) {
      const proxy = new SimulatedProxy(text(front, back));
      const client = proxy.ask(post('abc').slice(0, -1));
      proxy.advance(waitedMs - 100);
      expect(client.text).toBe('');
      proxy.advance(200);
      expect(statuses(client.text)).toEqual([408]);
      proxy.expectClean();
    }
  });

  it.each(['end', 'reset'] as const)('because of its %s leaves nothing behind', (way) => {
    const proxy = buffering();
    const client = proxy.ask(post('0123456789').slice(0, -5));
    client[way]();
    proxy.settle();
    if (way === 'end') expect(statuses(client.text)).toEqual([400]);
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it('because its chunks are none is answered 400', () => {
    const proxy = buffering();
    const client = proxy.ask(`${CHUNKED}3\r\nabc\r\n`);
    client.send('zz\r\n');
    proxy.settle();
    expect(statuses(client.text)).toEqual([400]);
    expect(proxy.server(PORT).peers.length).toBe(0);
    proxy.expectClean();
  });

  it('for lack of memory is answered 503', () => {
    const proxy = buffering();
    const taken = [];
    for (let slab = proxy.slabs.take(); slab !== null; slab = proxy.slabs.take()) taken.push(slab);
    const client = proxy.ask(post('0123456789').slice(0, -5));
    expect(statuses(client.text)).toEqual([503]);
    for (const slab of taken) proxy.slabs.give(slab);
    proxy.expectClean();
  });
});
