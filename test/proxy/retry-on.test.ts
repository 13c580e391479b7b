/**
 * `retry-on`: which requests go out a second time, and which do not. What comes of each fault with each condition beside
 * haproxy: test/e2e/retries-like-haproxy.test.ts.
 */
import { describe, expect, it } from 'vitest';
import { SERVER_SESSIONS, STATE_DOWN } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, type Web, web } from '../support/web.ts';

const FAILED = 'HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy';

function retrying(conditions: string, settings: Web = {}): string {
  return web({ ...settings, lines: `retry-on ${conditions}\n ${settings.lines ?? ''}` });
}

/** How many connections the server has seen. */
function attempts(proxy: SimulatedProxy, port = PORT): number {
  return proxy.server(port).peers.length;
}

describe('a request that is retried', () => {
  it('goes out again byte for byte, with its body', () => {
    const proxy = new SimulatedProxy(retrying('503'));
    const request = post('x'.repeat(9000));
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    expect(attempts(proxy)).toBe(2);
    expect(proxy.accepted(PORT).text).toBe(request);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('holds one buffer until it is answered, and none afterwards', () => {
    const proxy = new SimulatedProxy(retrying('503'));
    proxy.ask(get());
    expect(proxy.slabs.lent).toBe(1);
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    expect(proxy.slabs.lent).toBe(1);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(proxy.slabs.lent).toBe(0);
    proxy.expectClean();
  });

  it('forgets the part of a head that had come', () => {
    const proxy = new SimulatedProxy(retrying('empty-response'));
    const client = proxy.ask(get());
    const first = proxy.accepted(PORT);
    first.send('HTTP/1.1 200 OK\r\nX-Lost: 1\r\n');
    proxy.settle();
    first.end();
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).not.toContain('X-Lost');
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('goes to another server when its own went down meanwhile, were it tied to it', () => {
    const text = retrying('503', { lines: 'cookie C insert\n option redispatch', server: 'cookie a' });
    const proxy = new SimulatedProxy(text.replace(/\n$/, '\n server t 192.0.2.11:8002 cookie b\n'));
    proxy.ask(get('/', 'Cookie: C=a\r\n'));
    proxy.state(0, STATE_DOWN);
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    proxy.accepted(PORT + 1).send(ok());
    proxy.settle();
    expect(proxy.serverGauge(0, SERVER_SESSIONS)).toBe(0);
    proxy.expectClean();
  });

  it('keeps its place in a server that takes one at a time', () => {
    const proxy = new SimulatedProxy(retrying('503', { server: 'maxconn 1' }));
    const first = proxy.ask(get('/first'));
    const second = proxy.ask(get('/second'));
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    expect(proxy.accepted(PORT).text).toContain('/first');
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(first.text)).toEqual([200]);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(second.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('is given up when its client leaves', () => {
    const proxy = new SimulatedProxy(retrying('503'));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    client.reset();
    proxy.settle();
    expect(proxy.accepted(PORT).gone).toBe(true);
    proxy.expectClean();
  });
});

describe('a request that is not retried', () => {
  it.each([
    ['whose retries are used up', 'all-retryable-errors', 'retries 0', FAILED, 503],
    ['whose status was not named', '500 502', '', FAILED, 503],
    ['that met junk where an end was named', 'empty-response', '', 'junk\r\n\r\n', 502],
  ])('is one %s', (_, conditions, lines, answer, status) => {
    const proxy = new SimulatedProxy(retrying(conditions, { lines }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(answer);
    proxy.settle();
    expect(statuses(client.text)).toEqual([status]);
    expect(attempts(proxy)).toBe(1);
    proxy.expectClean();
  });

  it('is one whose body had not come whole when it was sent', () => {
    const proxy = new SimulatedProxy(retrying('503'));
    const client = proxy.client();
    const request = post('hello');
    client.send(request.slice(0, -2));
    proxy.settle();
    client.send('lo');
    proxy.settle();
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    expect(statuses(client.text)).toEqual([503]);
    expect(attempts(proxy)).toBe(1);
    proxy.expectClean();
  });

  it('unless the whole of it was waited for', () => {
    const proxy = new SimulatedProxy(retrying('503', { lines: 'option http-buffer-request' }));
    const client = proxy.client();
    const request = post('hello');
    client.send(request.slice(0, -2));
    proxy.settle();
    client.send('lo');
    proxy.settle();
    proxy.accepted(PORT).send(FAILED);
    proxy.settle();
    expect(proxy.accepted(PORT).text).toBe(request);
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    proxy.expectClean();
  });

  it('is one whose client has seen an interim response', () => {
    const proxy = new SimulatedProxy(retrying('all-retryable-errors'));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(`HTTP/1.1 103 Early\r\n\r\n${FAILED}`);
    proxy.settle();
    expect(statuses(client.text)).toEqual([103, 503]);
    expect(attempts(proxy)).toBe(1);
    proxy.expectClean();
  });

  it('is a POST on a connection that was used before and dies, where only a status was named', () => {
    const proxy = new SimulatedProxy(retrying('503'));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    client.send(post('hello'));
    proxy.settle();
    expect(attempts(proxy)).toBe(1);
    proxy.accepted(PORT).end();
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 502]);
    expect(attempts(proxy)).toBe(1);
    proxy.expectClean();
  });
});
