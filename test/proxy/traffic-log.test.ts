/** What a stream's log line says, read from the socket that it goes to. The formats have tests of their own (log/). */
import { afterEach, describe, expect, it } from 'vitest';
import { LogReceiver } from '../support/log-receiver.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post } from '../support/web.ts';

const receivers: LogReceiver[] = [];
afterEach(() => {
  for (const receiver of receivers.splice(0)) receiver.close();
});

/** A syslog server, and frontends that log to it, or do not. */
function logged(lines = ''): { proxy: SimulatedProxy; log: () => string[] } {
  const receiver = new LogReceiver();
  receivers.push(receiver);
  const proxy = new SimulatedProxy(`
defaults
 mode http
 timeout connect 1s
 timeout client 10s
 timeout server 5s
 ${lines}
frontend loud
 bind :80
 log 127.0.0.1:${receiver.port} format raw local0
 option httplog
 default_backend app
frontend quiet
 bind :81
 default_backend app
backend app
 server s1 192.0.2.11:${PORT}
`);
  return { proxy, log: () => receiver.take() };
}

/** Server, the five times, status, bytes, termination state, and the request. */
function parts(line: string | undefined): string[] {
  const match = /\] loud (\S+) (\S+) (\S+) (\S+) - - (\S+) \S+ \S+ "(.*)"$/.exec(line ?? '');
  return match?.slice(1) ?? [line ?? 'no line'];
}

describe('the line of a stream', () => {
  it('says how it went', () => {
    const { proxy, log } = logged();
    const client = proxy.client();
    client.send('GET /a HTTP/1.1\r\n');
    proxy.advance(20);
    client.send('Host: a\r\n\r\n');
    proxy.advance(30);
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nab');
    proxy.advance(40);
    expect(log()).toEqual([]);
    proxy.accepted(PORT).send('cd');
    proxy.settle();
    expect(log().map(parts)).toEqual([['app/s1', '20/0/0/30/90', '200', '53', '----', 'GET /a HTTP/1.1']]);
    proxy.expectClean();
  });

  it('has its request also when a frontend without a log used the stream before', () => {
    const { proxy, log } = logged();
    for (let i = 0; i < 3; i++) {
      for (const listener of [1, 0]) {
        proxy.ask(get(`/${i}`, 'Connection: close\r\n'), listener);
        proxy.accepted(PORT).send(ok());
        proxy.settle();
      }
    }
    expect(log().map((line) => parts(line).at(-1))).toEqual(['GET /0 HTTP/1.1', 'GET /1 HTTP/1.1', 'GET /2 HTTP/1.1']);
    proxy.expectClean();
  });

  it.each<[string, string, (proxy: SimulatedProxy) => void]>([
    ['502 SH--', get(), (proxy) => proxy.accepted(PORT).reset()],
    ['502 PH--', get(), (proxy) => proxy.accepted(PORT).send('nonsense\r\n\r\n')],
    ['504 sH--', get(), (proxy) => proxy.advance(5100)],
    [
      '200 SD--',
      get(),
      (proxy) => {
        proxy.accepted(PORT).send(ok('abc').slice(0, -1));
        proxy.accepted(PORT).close();
      },
    ],
    [
      '200 sD--',
      get(),
      (proxy) => {
        proxy.accepted(PORT).send(ok('abc').slice(0, -1));
        proxy.advance(5100);
      },
    ],
    ['400 PR--', 'GET / HTTP/1.1\r\n\r\n', () => undefined],
    ['400 PR--', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n', () => undefined],
    ['408 cR--', 'GET / HT', (proxy) => proxy.advance(10_100)],
  ])('ends with %s', (expected, request, happen) => {
    const { proxy, log } = logged();
    proxy.ask(request);
    happen(proxy);
    proxy.settle();
    const lines = log().map(parts);
    expect(lines.map(([, , status, , state]) => `${status} ${state}`)).toEqual([expected]);
    proxy.expectClean();
  });

  it.each([
    ['before the response', '-1 CH--', get(), ''],
    ['in the middle of it', '200 CD--', get(), ok('abc').slice(0, -1)],
    ['in the middle of its own body', '-1 CD--', post('abc').slice(0, -1), ''],
  ])('says that the client left %s', (_, expected, request, response) => {
    const { proxy, log } = logged();
    const client = proxy.ask(request);
    proxy.accepted(PORT).send(response);
    proxy.settle();
    client.reset();
    proxy.settle();
    expect(
      log()
        .map(parts)
        .map(([, , status, , state]) => `${status} ${state}`),
    ).toEqual([expected]);
    proxy.expectClean();
  });

  it('is not written for a connection on which nothing came, with option dontlognull', () => {
    const { proxy, log } = logged('option dontlognull');
    const client = proxy.client();
    proxy.settle();
    client.close();
    proxy.settle();
    expect(log()).toEqual([]);
    proxy.expectClean();
  });
});

describe('which lines there are', () => {
  function lines(options: string, requests: readonly string[], format = 'raw'): string[] {
    const receiver = new LogReceiver();
    receivers.push(receiver);
    const proxy = new SimulatedProxy(`
listen web
 mode http
 timeout connect 1s
 timeout client 10s
 timeout server 5s
 bind :80
 log 127.0.0.1:${receiver.port} format ${format} local0
 ${options}
`);
    for (const request of requests) {
      proxy.ask(request);
      proxy.settle();
    }
    proxy.advance(2000);
    proxy.expectClean();
    return receiver.take().map((line) => line.replace(/\d+\.\d+\.\d+\.\d+:\d+/, 'CLIENT').replace(/ to \S+/, ''));
  }

  // There is no server: 503.
  const good = get('/', 'Connection: close\r\n');
  const bad = 'GET\r\n\r\n';

  it('without a format: that somebody came with a request', () => {
    expect(lines('', [good, bad])).toEqual(['Connect from CLIENT (web/HTTP)']);
  });

  it('without a format, but with one for what is no request', () => {
    expect(lines("error-log-format 'bad %ST'", [good, bad])).toEqual(['Connect from CLIENT (web/HTTP)', 'bad 400']);
  });

  it('errors are louder, where that is asked for', () => {
    expect(lines("log-format '%ST'\n option log-separate-errors", [good, bad], 'short')).toEqual(['<3>503', '<3>400']);
    expect(lines("log-format '%ST'", [good, bad], 'short')).toEqual(['<6>503', '<6>400']);
  });
});
