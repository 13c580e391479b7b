/** `send-proxy`: what servers are told before anything else, and whose their connections are. Headers: test/core/proxy-header.test.ts. */
import { describe, expect, it } from 'vitest';
import { SERVER_CONNECT_ERRORS, SERVER_IDLE } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post } from '../support/web.ts';

const LINE = 'PROXY TCP4 10.0.1.1 192.0.2.1 1025 80\r\n';

function proxied(server: string, lines = '', bind = ''): SimulatedProxy {
  return new SimulatedProxy(`
defaults
 mode http
 timeout connect 1s
 timeout client 10s
 timeout server 5s
 ${lines}
frontend web
 bind 192.0.2.1:80 ${bind}
 default_backend app
backend app
 server s1 192.0.2.11:${PORT} ${server}
`);
}

describe('a server is told who its client is', () => {
  it('before the request, in the same breath', () => {
    const proxy = proxied('send-proxy');
    const client = proxy.ask(get());
    expect(proxy.accepted(PORT).takeText()).toMatch(new RegExp(`^${LINE}GET / HTTP/1.1\r\n`));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.takeText()).toMatch(/^HTTP\/1.1 200/);
    proxy.expectClean();
  });

  it('in version 2', () => {
    const proxy = proxied('send-proxy-v2');
    proxy.ask(get());
    const text = Buffer.from(proxy.accepted(PORT).takeText(), 'latin1');
    expect(text.toString('hex', 0, 28)).toBe('0d0a0d0a000d0a515549540a2111000c0a000101c000020104010050');
    expect(text.toString('latin1', 28)).toMatch(/^GET /);
    proxy.expectClean();
  });

  it('which may be the client of somebody else’s header', () => {
    const proxy = proxied('send-proxy', '', 'accept-proxy');
    proxy.ask(`PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\n${get()}`);
    expect(proxy.accepted(PORT).takeText()).toMatch(/^PROXY TCP6 2001:db8::1 2001:db8::2 1 2\r\nGET /);
    proxy.ask(`PROXY UNKNOWN\r\n${get()}`);
    expect(proxy.accepted(PORT).takeText()).toMatch(/^PROXY TCP4 10\.0\.2\.1 192\.0\.2\.1 1026 80\r\nGET /);
    proxy.expectClean();
  });

  it('when the connection stands at once, or later', () => {
    for (const early of [true, false]) {
      const proxy = proxied('send-proxy');
      proxy.server(PORT).answer = () => ({ kind: 'accept', early, afterMs: early ? 0 : 300 });
      proxy.ask(post('hello'));
      proxy.advance(400);
      expect(proxy.accepted(PORT).takeText()).toMatch(new RegExp(`^${LINE}POST (.|\r\n)*hello$`));
      proxy.expectClean();
    }
  });

  it('in parts, if the server takes it so', () => {
    const proxy = proxied('send-proxy');
    proxy.server(PORT).onPeer = (peer) => {
      peer.window = 7;
    };
    const client = proxy.ask(get());
    const server = proxy.accepted(PORT);
    let text = server.takeText();
    expect(text).toBe('PROXY T');
    for (let i = 0; i < 100; i++) {
      server.window += 5;
      proxy.settle();
      text += server.takeText();
    }
    expect(text).toMatch(new RegExp(`^${LINE}GET (.|\r\n)*\r\n\r\n$`));
    server.send(ok());
    proxy.settle();
    expect(client.takeText()).toMatch(/^HTTP\/1.1 200/);
    proxy.expectClean();
  });

  it('in mode tcp before it or the client has said anything', () => {
    const proxy = proxied('send-proxy', 'mode tcp');
    const client = proxy.client();
    proxy.settle();
    const server = proxy.accepted(PORT);
    expect(server.takeText()).toBe(LINE);
    server.send('220 welcome');
    proxy.settle();
    expect(client.takeText()).toBe('220 welcome');
    client.send('EHLO');
    proxy.settle();
    expect(server.takeText()).toBe('EHLO');
    server.end();
    client.end();
    proxy.settle();
    proxy.expectClean();
  });

  it('and not told again on the same connection', () => {
    const proxy = proxied('send-proxy');
    const client = proxy.ask(get());
    for (let i = 0; i < 3; i++) {
      proxy.accepted(PORT).takeText();
      proxy.accepted(PORT).send(ok());
      proxy.settle();
      client.send(get('/next'));
      proxy.settle();
      expect(proxy.accepted(PORT).takeText()).toMatch(/^GET \/next/);
    }
    expect(proxy.server(PORT).peers).toHaveLength(1);
    proxy.expectClean();
  });
});

describe('a server is told the unique ID', () => {
  const tlv = (text: string): string => `\x05${String.fromCharCode(0, text.length)}${text}`;

  it('of each request, so none shares a connection with another', () => {
    const proxy = proxied('send-proxy-v2 proxy-v2-options unique-id', 'http-reuse always\n unique-id-format id-%rt');
    const client = proxy.client();
    for (let i = 0; i < 3; i++) {
      client.send(get());
      proxy.settle();
      const text = proxy.accepted(PORT).takeText();
      expect(text.slice(28)).toMatch(new RegExp(`^${tlv(`id-${i}`)}GET /`));
      proxy.accepted(PORT).send(ok());
      proxy.settle();
    }
    expect(proxy.server(PORT).peers).toHaveLength(3);
    proxy.expectClean();
  });

  it('of a connection in mode tcp', () => {
    const proxy = proxied('send-proxy-v2 proxy-v2-options unique-id', 'mode tcp\n unique-id-format tcp-%cp');
    proxy.ask('x');
    expect(proxy.accepted(PORT).takeText().slice(28)).toBe(`${tlv('tcp-1025')}x`);
    proxy.expectClean();
  });

  it('which is empty where there is no format', () => {
    const proxy = proxied('send-proxy-v2 proxy-v2-options unique-id');
    proxy.ask(get());
    expect(proxy.accepted(PORT).takeText().slice(28)).toMatch(new RegExp(`^${tlv('')}GET /`));
    proxy.expectClean();
  });
});

describe('a connection that was introduced is for nobody else', () => {
  it.each(['safe', 'aggressive', 'always', 'never'])('http-reuse %s', (mode) => {
    const proxy = proxied('send-proxy', `http-reuse ${mode}`);
    for (let i = 0; i < 3; i++) {
      const client = proxy.ask(get());
      expect(proxy.accepted(PORT).takeText()).toMatch(new RegExp(`^PROXY TCP4 10.0.${i + 1}.1 `));
      proxy.accepted(PORT).send(ok());
      proxy.settle();
      expect(proxy.serverGauge(0, SERVER_IDLE)).toBe(0);
      if (i === 0) {
        // It ends with its client.
        client.end();
        proxy.settle();
        expect(proxy.accepted(PORT).sawEnd).toBe(true);
      }
    }
    expect(proxy.server(PORT).peers).toHaveLength(3);
    proxy.expectClean();
  });
});

describe('a server that does not take it', () => {
  it('has failed to connect, and is tried again', () => {
    const proxy = proxied('send-proxy', 'retries 1');
    let tries = 0;
    proxy.server(PORT).answer = () => {
      tries++;
      return tries === 1 ? { kind: 'refuse', errno: 111, afterMs: 0 } : { kind: 'accept', early: false, afterMs: 0 };
    };
    const client = proxy.ask(get());
    proxy.advance(1100);
    expect(proxy.accepted(PORT).takeText()).toMatch(new RegExp(`^${LINE}GET /`));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.takeText()).toMatch(/^HTTP\/1.1 200/);
    proxy.expectClean();
  });

  it('is given timeout connect for it', () => {
    const proxy = proxied('send-proxy', 'retries 0');
    proxy.server(PORT).onPeer = (peer) => {
      peer.window = 3;
    };
    const client = proxy.ask(get());
    proxy.advance(900);
    expect(client.text).toBe('');
    proxy.advance(200);
    expect(client.takeText()).toMatch(/^HTTP\/1.1 503/);
    expect(proxy.serverGauge(0, SERVER_CONNECT_ERRORS)).toBe(1);
    proxy.expectClean();
  });

  it('but ends is one that has not answered', () => {
    const proxy = proxied('send-proxy', 'retries 0');
    const client = proxy.ask(get());
    proxy.accepted(PORT).end();
    proxy.settle();
    expect(client.takeText()).toMatch(/^HTTP\/1.1 502/);
    proxy.expectClean();
  });

  it('and a client that leaves meanwhile leaves nothing', () => {
    const proxy = proxied('send-proxy', 'option abortonclose');
    proxy.server(PORT).answer = () => ({ kind: 'silence' });
    const client = proxy.ask(get());
    client.end();
    proxy.settle();
    proxy.expectClean();
  });
});
