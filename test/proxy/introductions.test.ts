/** `bind … accept-proxy`: who a client is from its header on, and what becomes of those who have none. Headers: proxy-header-scan.test.ts. */
import { afterEach, describe, expect, it } from 'vitest';
import { endpointOf, writeProxyHeader } from '../../src/core/proxy-header.ts';
import { PROXY_TOTAL_CONNECTIONS } from '../../src/proxy/shared-state.ts';
import { LogReceiver } from '../support/log-receiver.ts';
import type { Peer } from '../support/simulated-network.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT } from '../support/web.ts';

const V1 = 'PROXY TCP4 198.51.100.7 203.0.113.1 4711 8080\r\n';

function binary(source: string, destination: string): string {
  const into = Buffer.alloc(256);
  const options = { version: 2, crc32c: true, uniqueId: null } as const;
  const end = writeProxyHeader(into, 0, options, endpointOf(source, 4711), endpointOf(destination, 8080));
  return into.toString('latin1', 0, end);
}

const receivers: LogReceiver[] = [];
afterEach(() => {
  for (const receiver of receivers.splice(0)) receiver.close();
});

interface Scene {
  readonly proxy: SimulatedProxy;
  readonly log: () => string[];
}

function scene(lines = '', mode = 'http', options = mode === 'http' ? 'option httplog' : 'option tcplog'): Scene {
  const receiver = new LogReceiver();
  receivers.push(receiver);
  const proxy = new SimulatedProxy(`
defaults
 mode ${mode}
 timeout connect 1s
 timeout client 3s
 timeout server 5s
frontend web
 bind 192.0.2.1:80 accept-proxy
 log 127.0.0.1:${receiver.port} format raw local0
 ${options}
 ${mode === 'http' ? 'option forwardfor' : ''}
 ${lines}
 default_backend app
backend app
 server s1 192.0.2.11:${PORT}
`);
  return { proxy, log: () => receiver.take() };
}

/** X-Forwarded-For of what the server got last. */
function forwardedFor(proxy: SimulatedProxy): string | undefined {
  return /^x-forwarded-for: (.*)\r$/im.exec(proxy.accepted(PORT).takeText())?.[1];
}

function answered(proxy: SimulatedProxy, client: Peer): string {
  proxy.accepted(PORT).send(ok());
  proxy.settle();
  return client.takeText().slice(0, 12);
}

describe('a client is who its header says', () => {
  it.each([
    ['version 1', V1, '198.51.100.7'],
    ['version 1, IPv6', 'PROXY TCP6 2001:db8::7 2001:db8::1 4711 8080\r\n', '2001:db8::7'],
    ['version 2', binary('198.51.100.7', '203.0.113.1'), '198.51.100.7'],
    ['version 2, IPv6', binary('2001:db8::7', '2001:db8::1'), '2001:db8::7'],
  ])('%s: to the server and in the log', (_name, header, ip) => {
    const { proxy, log } = scene();
    const client = proxy.ask(header + get());
    expect(forwardedFor(proxy)).toBe(ip);
    expect(answered(proxy, client)).toBe('HTTP/1.1 200');
    expect(log().map((line) => line.split(' ')[0])).toEqual([`${ip}:4711`]);
    client.send(get());
    proxy.settle();
    expect(forwardedFor(proxy)).toBe(ip);
    proxy.accepted(PORT).send(ok());
    proxy.expectClean();
  });

  it.each([
    ['UNKNOWN', 'PROXY UNKNOWN\r\n'],
    ['LOCAL', '\r\n\r\n\0\r\nQUIT\n\x20\0\0\0'],
  ])('or who it was: %s', (_name, header) => {
    const { proxy } = scene();
    const client = proxy.ask(header + get());
    expect(forwardedFor(proxy)).toMatch(/^10\.0\.1\.1$/);
    expect(answered(proxy, client)).toBe('HTTP/1.1 200');
    proxy.expectClean();
  });

  it('wherever header and request are cut', () => {
    for (const header of [V1, binary('198.51.100.7', '203.0.113.1')]) {
      const { proxy } = scene();
      const bytes = header + get();
      for (let cut = 1; cut < bytes.length; cut++) {
        const client = proxy.ask(bytes.slice(0, cut));
        client.send(bytes.slice(cut));
        proxy.settle();
        expect(forwardedFor(proxy), `cut at ${cut}`).toBe('198.51.100.7');
        expect(answered(proxy, client)).toBe('HTTP/1.1 200');
        client.end();
        proxy.settle();
      }
      proxy.expectClean();
    }
  });

  it('sent byte by byte', () => {
    const { proxy } = scene();
    const client = proxy.client();
    for (const byte of binary('2001:db8::7', '2001:db8::1') + get()) {
      client.send(byte);
      proxy.settle();
    }
    expect(forwardedFor(proxy)).toBe('2001:db8::7');
    expect(answered(proxy, client)).toBe('HTTP/1.1 200');
    proxy.expectClean();
  });

  it('with a header as long as there is room for, and a pipeline behind it', () => {
    const { proxy } = scene();
    const tlv = Buffer.alloc(3 + 16_000);
    tlv[0] = 4;
    tlv.writeUInt16BE(16_000, 1);
    const header = Buffer.from(binary('198.51.100.7', '203.0.113.1').slice(0, 28), 'latin1');
    header.writeUInt16BE(12 + tlv.length, 14);
    const client = proxy.client();
    client.send(Buffer.concat([header, tlv, Buffer.from(get() + get())]));
    proxy.settle();
    for (let i = 0; i < 2; i++) {
      expect(forwardedFor(proxy)).toBe('198.51.100.7');
      expect(answered(proxy, client)).toBe('HTTP/1.1 200');
    }
    proxy.expectClean();
  });

  it('in TCP mode, where the server gets what came behind the header', () => {
    const { proxy, log } = scene('', 'tcp');
    const client = proxy.ask(`${V1}hello`);
    client.send(' world');
    proxy.settle();
    expect(proxy.accepted(PORT).takeText()).toBe('hello world');
    proxy.accepted(PORT).send('bye');
    proxy.settle();
    expect(client.takeText()).toBe('bye');
    proxy.accepted(PORT).end();
    client.end();
    proxy.settle();
    expect(log().map((line) => line.split(' ')[0])).toEqual(['198.51.100.7:4711']);
    proxy.expectClean();
  });

  it('also for the line of the default format', () => {
    const { proxy, log } = scene('', 'tcp', '');
    proxy.ask(V1);
    expect(log()).toEqual(['Connect from 198.51.100.7:4711 to 203.0.113.1:8080 (web/TCP)']);
    proxy.expectClean();
  });

  it('for the port that servers without one take', () => {
    const { proxy } = scene('use_backend mapped\nbackend mapped\n server s 192.0.2.12:+100');
    proxy.ask(V1 + get());
    expect(proxy.accepted(8180).takeText()).toContain('GET /');
    proxy.expectClean();
  });
});

const LONG_LINE = `PROXY ${'x'.repeat(200)}`;

describe('closed, counted and logged is who', () => {
  const date = '\\[[0-9]{2}/[A-Z][a-z]{2}/[0-9]{4}(?::[0-9]{2}){3}\\.[0-9]{3}\\]';

  it.each([
    ['speaks HTTP', get(), 'Received something which does not look like a PROXY protocol header'],
    ['says too little', 'GET', 'Truncated PROXY protocol header received'],
    ['says too much', LONG_LINE, 'Received an invalid PROXY protocol header'],
    ['speaks of another protocol', 'PROXY SCTP \r\n', 'Received an unhandled protocol in the PROXY protocol header'],
    ['lies about a checksum', binary('::1', '::2').replace(/.$/s, '\xff'), 'Received an invalid PROXY protocol header'],
  ])('%s', (_name, bytes, reason) => {
    const { proxy, log } = scene();
    const client = proxy.ask(bytes);
    expect([client.sawEnd, client.sawReset, client.text]).toEqual([true, true, '']);
    expect(proxy.server(PORT).peers).toHaveLength(0);
    expect(proxy.proxyGauge(0, PROXY_TOTAL_CONNECTIONS)).toBe(1);
    expect(log()).toEqual([expect.stringMatching(new RegExp(`^10\\.0\\.1\\.1:1025 ${date} web/1: ${reason}$`))]);
    proxy.expectClean();
  });

  it.each([
    ['ends before', '', 'Connection closed while waiting for PROXY protocol header'],
    ['ends in its midst', 'PROXY TCP4 1', 'Truncated PROXY protocol header received'],
  ])('%s', (_name, bytes, reason) => {
    const { proxy, log } = scene();
    const client = proxy.ask(bytes);
    client.end();
    proxy.settle();
    expect(client.sawEnd).toBe(true);
    expect(log()).toEqual([expect.stringContaining(reason)]);
    proxy.expectClean();
  });

  it('resets', () => {
    const { proxy, log } = scene();
    proxy.ask('PROXY TCP4 1').reset();
    proxy.settle();
    expect(log()).toEqual([expect.stringContaining('Connection error while waiting for PROXY protocol header')]);
    proxy.expectClean();
  });

  it.each(['', 'PROXY TCP4 1', '\r\n\r\n\0\r\nQUIT\n\x21'])('sends %j and no more, after timeout client', (bytes) => {
    const { proxy, log } = scene();
    const client = proxy.ask(bytes);
    proxy.advance(2900);
    expect(client.sawEnd).toBe(false);
    proxy.advance(200);
    expect(client.sawEnd).toBe(true);
    expect(log()).toEqual([expect.stringContaining('Timeout while waiting for PROXY protocol header')]);
    proxy.expectClean();
  });

  it('sends byte by byte, when the time is up', () => {
    const { proxy } = scene();
    const client = proxy.ask('PROXY TCP4 ');
    for (let i = 0; i < 40 && !client.sawEnd; i++) {
      client.send('1');
      proxy.advance(100);
    }
    expect(client.sawEnd).toBe(true);
    expect(proxy.clock.nowMs).toBeLessThan(1000 + 3200);
    proxy.expectClean();
  });

  it('but not logged, with `option dontlognull`, if nothing came; nor with the default format', () => {
    const quiet = scene('option dontlognull');
    quiet.proxy.ask('').end();
    quiet.proxy.ask('').reset();
    quiet.proxy.client();
    quiet.proxy.advance(4000);
    expect(quiet.log()).toEqual([]);
    quiet.proxy.ask(get());
    expect(quiet.log()).toHaveLength(1);
    quiet.proxy.expectClean();
    const plain = scene('', 'tcp', '');
    plain.proxy.ask(get());
    expect(plain.log()).toEqual([]);
    plain.proxy.expectClean();
  });
});

describe('with formats of its own', () => {
  it('error-log-format has the line, also where the default format has none', () => {
    const format = '"E %ci:%cp %ft %b/%s %ST %B %ts %r %fi:%fp"';
    for (const options of ['', 'option httplog']) {
      const { proxy, log } = scene(`error-log-format ${format}`, 'http', options);
      proxy.ask('GET / HTTP/1.1\r\n');
      expect(log()).toEqual(['E 10.0.1.1:1025 web web/<NOSRV> 0 0 PR <BADREQ> 192.0.2.1:80']);
      proxy.expectClean();
    }
  });

  it('JSON stays JSON', () => {
    const { proxy, log } = scene('', 'http', 'option tandem-jsonlog');
    proxy.ask('GET / HTTP/1.1\r\n');
    expect(log().map((line) => JSON.parse(line))).toMatchObject([{ msg: 'bad request', req: { remotePort: 1025 } }]);
    proxy.expectClean();
  });

  it('log-separate-errors makes it an error', () => {
    const { proxy, log } = scene('option log-separate-errors\n option dontlog-normal');
    proxy.ask('GET / HTTP/1.1\r\n');
    expect(log()).toEqual([expect.stringContaining('does not look like a PROXY protocol header')]);
    proxy.expectClean();
  });

  it('%Th says how long the header took, and the request is measured behind it', () => {
    const { proxy, log } = scene('log-format "%Th %Ti %TR"', 'http', '');
    const client = proxy.client();
    proxy.settle();
    proxy.advance(50);
    client.send(V1);
    proxy.advance(30);
    client.send(get());
    proxy.settle();
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    client.end();
    proxy.settle();
    expect(log()).toEqual(['50 30 0']);
    proxy.expectClean();
  });
});

it('who waits for its header holds one buffer, and nothing when it is let in', () => {
  const { proxy } = scene();
  const clients = Array.from({ length: 200 }, () => proxy.ask(V1.slice(0, 20)));
  expect(proxy.slabs.lent).toBe(200);
  for (const client of clients) client.send(V1.slice(20));
  proxy.settle();
  expect(proxy.slabs.lent).toBe(0);
  proxy.expectClean();
});
