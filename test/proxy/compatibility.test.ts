/** Options for those who do not keep to the rules: what is forgiven, restricted, and written in another case. */
import { describe, expect, it } from 'vitest';
import { PROXY_BAD_REQUESTS, PROXY_BAD_RESPONSES } from '../../src/proxy/shared-state.ts';
import { SimulatedProxy } from '../support/simulated-proxy.ts';
import { get, ok, PORT, post, statuses, web } from '../support/web.ts';

const FORGIVES = ['accept-invalid-http-request', 'accept-unsafe-violations-in-http-request'];
const FORGIVES_SERVERS = ['accept-invalid-http-response', 'accept-unsafe-violations-in-http-response'];

/** A frontend and a backend, each with lines of its own. */
const pair = (frontend: string, backend: string, global = '') => `
global
 ${global}
defaults
 mode http
 timeout connect 1s
 timeout client 10s
 timeout server 5s
frontend f
 bind :80
 default_backend b
 ${frontend}
backend b
 server s1 192.0.2.11:${PORT}
 ${backend}
`;

describe.each(FORGIVES)('option %s', (option) => {
  const lines = `option ${option}\n option forwardfor\n cookie C insert`;
  const came = 'GET  /\xe9#x HTTP/1.1\nHost: a\nX[]: b\nA: c\0d\n\n';
  const leaves = 'GET /%E9 HTTP/1.1\r\nHost: a\r\nA: c d\r\nX-Forwarded-For: 10.0.1.1\r\n\r\n';

  it.each([came, came.replaceAll('\n', '\r\n')])('repairs a request, cut anywhere: %j', (text) => {
    const proxy = new SimulatedProxy(web({ lines }));
    for (let cut = 1; cut <= text.length; cut++) {
      const client = proxy.client();
      client.send(text.slice(0, cut));
      proxy.settle();
      client.send(text.slice(cut));
      proxy.settle();
      expect([
        cut,
        proxy
          .accepted(PORT)
          .takeText()
          .replace(/10\.0\.\d+\.\d+/, '10.0.1.1'),
      ]).toEqual([cut, leaves]);
      proxy.accepted(PORT).send(ok());
      proxy.settle();
      expect(statuses(client.text)).toEqual([200]);
      client.end();
      proxy.settle();
    }
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(0);
    proxy.expectClean();
  });

  it('refuses it without, and with `no option`', () => {
    for (const without of ['', `option ${option}\n no option ${option}`]) {
      const proxy = new SimulatedProxy(web({ lines: without }));
      expect(statuses(proxy.ask(came).text)).toEqual([400]);
      expect(proxy.server(PORT).peers).toEqual([]);
      proxy.expectClean();
    }
  });

  it('is about requests of its frontend alone', () => {
    const proxy = new SimulatedProxy(pair(`option ${option}`, ''));
    proxy.ask(came);
    proxy.accepted(PORT).send('HTTP/1.1 200 OK\r\nX[]: a\r\nContent-Length: 0\r\n\r\n');
    proxy.settle();
    expect(proxy.proxyGauge(1, PROXY_BAD_RESPONSES)).toBe(1);
    proxy.expectClean();
  });

  it('keeps the content and the requests behind it where they are', () => {
    const proxy = new SimulatedProxy(web({ lines: `option ${option}` }));
    const broken = post('hello').replace('\r\n', '\r\nX[]: 1\r\n');
    const client = proxy.ask(broken + get('/second') + broken);
    for (let n = 0; n < 3; n++) {
      proxy.accepted(PORT).send(ok());
      proxy.settle();
    }
    const seen = proxy
      .server(PORT)
      .peers.map(({ text }) => text)
      .join('');
    expect(seen).toBe(post('hello') + get('/second') + post('hello'));
    expect(statuses(client.text)).toEqual([200, 200, 200]);
    proxy.expectClean();
  });

  it('does not let a request through that frames its content in an odd way', () => {
    for (const field of [
      'Content-Length : 5',
      'Content-Length\0: 5',
      'Transfer-Encoding\v: chunked',
      'Content-Length: +5',
    ]) {
      const proxy = new SimulatedProxy(web({ lines }));
      expect(statuses(proxy.ask(`POST / HTTP/1.1\r\nHost: a\r\nX[]: a\r\n${field}\r\n\r\nhello`).text)).toEqual([400]);
      expect(proxy.server(PORT).peers).toEqual([]);
      proxy.expectClean();
    }
  });

  it('answers HTTP/0.9, and closes', () => {
    const proxy = new SimulatedProxy(web({ lines: `option ${option}` }));
    const client = proxy.ask('GET /old\r\nGET /more\r\n');
    expect(proxy.accepted(PORT).text).toBe('GET /old HTTP/1.0\r\nConnection: keep-alive\r\n\r\n');
    proxy.accepted(PORT).send(ok());
    proxy.advance(2000);
    expect(statuses(client.text)).toEqual([200]);
    expect(client.sawEnd).toBe(true);
    expect(proxy.server(PORT).peers.length).toBe(1);
    proxy.expectClean();
  });

  it('repairs what is longer than its room not at all', () => {
    const proxy = new SimulatedProxy(web({ lines: `option ${option}` }));
    // 512 bytes of the headroom are for this.
    expect(proxy.ask(get(`/${'\xe9'.repeat(256)}`)).text).toBe('');
    expect(proxy.accepted(PORT).text).toBe(get(`/${'%E9'.repeat(256)}`));
    expect(statuses(proxy.ask(get(`/${'\xe9'.repeat(257)}`)).text)).toEqual([431]);
    proxy.expectClean();
  });
});

describe.each(FORGIVES_SERVERS)('option %s', (option) => {
  const came = 'HTTP/1.1 200 OK\nX[]: a\nA: b\0c\nContent-Length: 2\n\nhi';
  const leaves = 'HTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 2\r\nSet-Cookie: C=s; path=/\r\n\r\nhi';

  it.each([came, came.replaceAll('\n', '\r\n')])('repairs a response, cut anywhere: %j', (text) => {
    const proxy = new SimulatedProxy(web({ lines: `option ${option}\n cookie C insert`, server: 'cookie s' }));
    for (let cut = 1; cut <= text.length; cut++) {
      const client = proxy.ask(get());
      const server = proxy.accepted(PORT);
      server.send(text.slice(0, cut));
      proxy.settle();
      server.send(text.slice(cut));
      proxy.settle();
      expect([cut, client.text]).toEqual([cut, leaves]);
      expect(server.gone).toBe(true);
      client.end();
      proxy.settle();
    }
    proxy.expectClean();
  });

  it('refuses it without, and with `no option`', () => {
    for (const without of ['', `option ${option}\n no option ${option}`]) {
      const proxy = new SimulatedProxy(web({ lines: without }));
      const client = proxy.ask(get());
      proxy.accepted(PORT).send(came);
      proxy.settle();
      expect(statuses(client.text)).toEqual([502]);
      proxy.expectClean();
    }
  });

  it('repairs interim responses, too', () => {
    const proxy = new SimulatedProxy(web({ lines: `option ${option}` }));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(`HTTP/1.1 103 Hints\nX[]: a\nLink: b\n\n${came}`);
    proxy.settle();
    expect(client.text).toBe(
      'HTTP/1.1 103 Hints\r\nLink: b\r\n\r\nHTTP/1.1 200 OK\r\nA: b c\r\nContent-Length: 2\r\n\r\nhi',
    );
    proxy.expectClean();
  });

  it('is about responses of its backend alone', () => {
    const proxy = new SimulatedProxy(pair('', `option ${option}`));
    const client = proxy.ask(get());
    proxy.accepted(PORT).send(came);
    proxy.settle();
    expect(statuses(client.text)).toEqual([200]);
    client.send('GET / HTTP/1.1\r\nHost: a\r\nX[]: b\r\n\r\n');
    proxy.settle();
    expect(statuses(client.text)).toEqual([200, 400]);
    proxy.expectClean();
  });
});

describe('WebSocket without keys', () => {
  const handshake = get('/', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');
  const accepted = 'HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n';
  const options = (which: string) => `option accept-${which}-http-request\n option accept-${which}-http-response`;

  it('passes where unsafe violations are accepted', () => {
    const proxy = new SimulatedProxy(web({ lines: options('unsafe-violations-in') }));
    const client = proxy.ask(handshake);
    proxy.accepted(PORT).send(`${accepted}raw`);
    proxy.settle();
    expect(client.text).toMatch(/^HTTP\/1\.1 101 .*raw$/s);
    proxy.expectClean();
  });

  it.each(['', options('invalid')])('and nowhere else: %j', (lines) => {
    const proxy = new SimulatedProxy(web({ lines }));
    expect(statuses(proxy.ask(handshake).text)).toEqual([400]);
    const key = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
    const client = proxy.ask(get('/', `Connection: Upgrade\r\nUpgrade: websocket\r\n${key}`));
    proxy.accepted(PORT).send(accepted);
    proxy.settle();
    expect(statuses(client.text)).toEqual([502]);
    proxy.expectClean();
  });
});

describe('option http-restrict-req-hdr-names', () => {
  const option = (policy: string) => (policy === '' ? '' : `option http-restrict-req-hdr-names ${policy}`);
  const came = get('/', 'X_A: b\r\nX-B: c\r\nX.C: d\r\n');
  const deleted = get('/', 'X-B: c\r\n');

  it.each([
    ['', '', came],
    ['preserve', '', came],
    ['delete', '', deleted],
    ['', 'delete', deleted],
    ['preserve', 'delete', deleted],
    ['delete', 'reject', deleted],
  ])('frontend %j, backend %j: leaves what is allowed', (frontend, backend, leaves) => {
    const proxy = new SimulatedProxy(pair(option(frontend), option(backend)));
    proxy.ask(came);
    expect(proxy.accepted(PORT).text).toBe(leaves);
    proxy.expectClean();
  });

  it.each([
    ['reject', ''],
    ['', 'reject'],
    ['reject', 'delete'],
    ['reject', 'preserve'],
  ])('frontend %j, backend %j: 403, and the client may go on', (frontend, backend) => {
    const proxy = new SimulatedProxy(pair(option(frontend), option(backend)));
    const client = proxy.ask(came + get('/second'));
    expect(proxy.accepted(PORT).text).toBe(get('/second'));
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(statuses(client.text)).toEqual([403, 200]);
    expect(proxy.proxyGauge(0, PROXY_BAD_REQUESTS)).toBe(0);
    proxy.expectClean();
  });

  it('reject ends the connection if there is content on its way', () => {
    const proxy = new SimulatedProxy(web({ lines: option('reject') }));
    const client = proxy.ask(post('hello', '/', 'X_A: b\r\n').slice(0, -2));
    proxy.advance(2000);
    expect(statuses(client.text)).toEqual([403]);
    expect(client.sawEnd).toBe(true);
    expect(proxy.server(PORT).peers).toEqual([]);
    proxy.expectClean();
  });
});

describe('h1-case-adjust', () => {
  const pairs = [
    'content-length cONTENT-lENGTH',
    'host HOST',
    'connection conNection',
    'x-forwarded-for x-forwarded-For',
  ];
  const global = pairs.map((names) => `h1-case-adjust ${names}`).join('\n ');

  it('for servers: names that came and names that are added', () => {
    const proxy = new SimulatedProxy(
      pair('option forwardfor\n option httpclose', 'option h1-case-adjust-bogus-server', global),
    );
    const client = proxy.ask(post('hi', '/', 'X-Other: Host: a\r\n'));
    expect(proxy.accepted(PORT).text).toBe(
      'POST / HTTP/1.1\r\nHOST: a\r\ncONTENT-lENGTH: 2\r\nX-Other: Host: a\r\n' +
        'x-forwarded-For: 10.0.1.1\r\nconNection: close\r\n\r\nhi',
    );
    proxy.accepted(PORT).send(ok());
    proxy.settle();
    expect(client.text).toBe(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi`);
    proxy.expectClean();
  });

  it('for clients: responses, interim ones and the pages of the proxy', () => {
    const proxy = new SimulatedProxy(
      pair('option h1-case-adjust-bogus-client', '', `${global}\n h1-case-adjust link lINK`),
    );
    const client = proxy.ask(get('/', 'Connection: close\r\n'));
    expect(proxy.accepted(PORT).text).toBe(get());
    proxy.accepted(PORT).send(`HTTP/1.1 103 H\r\nLink: a\r\n\r\n${ok()}`);
    proxy.settle();
    expect(client.text).toBe(
      'HTTP/1.1 103 H\r\nlINK: a\r\n\r\nHTTP/1.1 200 OK\r\ncONTENT-lENGTH: 2\r\nconNection: close\r\n\r\nhi',
    );
    for (let again = 0; again < 2; again++) {
      const page = proxy.ask('GET\r\n\r\n').text;
      expect(page).toMatch(/^HTTP\/1\.1 400 .*\r\ncONTENT-lENGTH: \d+\r\n.*\r\nconNection: close\r\n\r\n<html>/s);
    }
    proxy.expectClean();
  });

  it('for clients: a 101', () => {
    const proxy = new SimulatedProxy(
      web({ lines: 'option h1-case-adjust-bogus-client' }).replace('listen', `global\n ${global}\nlisten`),
    );
    const client = proxy.ask(get('/', 'Connection: Upgrade\r\nUpgrade: raw\r\n'));
    proxy.accepted(PORT).send('HTTP/1.1 101 S\r\nUpgrade: raw\r\nConnection: upgrade\r\n\r\nHost: no');
    proxy.settle();
    expect(client.text).toBe('HTTP/1.1 101 S\r\nUpgrade: raw\r\nconNection: upgrade\r\n\r\nHost: no');
    proxy.expectClean();
  });
});

describe('h1-accept-payload-with-any-method', () => {
  const came = 'GET / HTTP/1.0\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi';

  it('lets HTTP/1.0 send content with GET, which is 413 otherwise', () => {
    const strict = new SimulatedProxy(pair('', ''));
    expect(statuses(strict.ask(came).text)).toEqual([413]);
    strict.expectClean();
    const proxy = new SimulatedProxy(pair('', '', 'h1-accept-payload-with-any-method'));
    proxy.ask(came);
    expect(proxy.accepted(PORT).text.endsWith('\r\n\r\nhi')).toBe(true);
    proxy.expectClean();
  });
});
