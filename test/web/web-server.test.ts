/** The web server over real sockets: what it answers, and what it refuses. */
import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentJournal } from '../../src/daemon/journal.ts';
import { openWebListener } from '../../src/daemon/web-listener.ts';
import { isVisit, visitOf } from '../../src/web/answering.ts';
import { READ, READ_AND_POST, RouteTable } from '../../src/web/routes.ts';
import { answer, BODY_MAX_BYTES, html, type WebVisit } from '../../src/web/visit.ts';
import { WebServer } from '../../src/web/web-server.ts';
import type { WebSide } from '../../src/web/web-side.ts';

const visits: WebVisit[] = [];
const warnings: string[] = [];
const closing: (() => void)[] = [];

afterEach(() => {
  for (const close of closing.splice(0)) close();
  visits.length = 0;
  warnings.length = 0;
});

async function* endless(): AsyncIterable<string> {
  for (;;) yield 'x'.repeat(65_536);
}

const ROUTES = new RouteTable([
  { path: '/', methods: READ, answer: () => html('front') },
  {
    path: '/do',
    methods: READ_AND_POST,
    answer: (visit) => {
      visits.push(visit);
      return html(`did ${visit.body}`);
    },
  },
  { path: '/a/*', methods: READ, answer: (visit) => html(visit.path) },
  { path: '/stream', methods: READ, answer: () => answer(200, 'text/plain', endless()) },
  {
    path: '/broken',
    methods: READ,
    answer: () => {
      throw new Error('of the page');
    },
  },
]);

function start(admin = false): number {
  const listener = openWebListener({ family: 4, ip: '127.0.0.1', port: 0 });
  if (typeof listener === 'string') throw new Error(listener);
  listener.admin = admin;
  const journal = { ...silentJournal, warning: (text: string) => void warnings.push(text) };
  const server = new WebServer({ side: () => ({ proxies: null, pair: null, journal }), routes: ROUTES });
  server.follow([listener]);
  closing.push(() => server.close());
  return Number(/:(\d+)\/$/.exec(listener.url)?.[1]);
}

interface Got {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

async function ask(
  port: number,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Got> {
  const { method = 'GET', headers = {}, body = '' } = options;
  const sent = request({ port, path, method, headers, agent: false });
  sent.end(body);
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const piece of response) text += piece;
  return { status: response.statusCode, headers: response.headers, body: text };
}

describe('what is answered', () => {
  it('a page has its path; another path has none; what is under a star has its own', async () => {
    const port = start();
    expect(await ask(port, '/')).toMatchObject({ status: 200, body: 'front' });
    expect(await ask(port, '/?a=b')).toMatchObject({ status: 200, body: 'front' });
    expect((await ask(port, '/nothing')).status).toBe(404);
    expect((await ask(port, '/a/../../etc/passwd')).body).toBe('/a/../../etc/passwd');
  });

  it('nothing of others may be loaded or frame it, and nothing of it is kept', async () => {
    const { headers } = await ask(start(), '/');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('a page that fails is a 500, and the journal says why', async () => {
    const port = start();
    expect((await ask(port, '/broken')).status).toBe(500);
    expect(warnings.join()).toContain('of the page');
    expect((await ask(port, '/')).status).toBe(200);
  });

  it('a visit knows who asks, its query and its body', async () => {
    const port = start(true);
    await ask(port, '/do?x=1&x=2', { method: 'POST', body: 's=1' });
    const [visit] = visits;
    expect(visit).toMatchObject({ method: 'POST', path: '/do', target: '/do?x=1&x=2', body: 's=1', admin: true });
    expect(visit?.query.getAll('x')).toEqual(['1', '2']);
  });
});

describe('what is refused', () => {
  const METHODS = [
    ['PUT', '/', 501],
    ['POST', '/', 405],
    ['DELETE', '/do', 501],
  ] as const;
  it.each(METHODS)('%s of %s is a %i', async (method, path, status) => {
    expect((await ask(start(), path, { method })).status).toBe(status);
  });

  const ORIGINS: readonly (readonly [string, Record<string, string>, number])[] = [
    ['a script, which says nothing', {}, 200],
    ['a page of the same host', { Origin: 'http://127.0.0.1:1', Host: '127.0.0.1:1' }, 200],
    ['a browser that says it is', { 'Sec-Fetch-Site': 'same-origin' }, 200],
    ['a page of another host', { Origin: 'http://evil.example' }, 403],
    ['a page of another port', { Origin: 'http://127.0.0.1:2', Host: '127.0.0.1:1' }, 403],
    ['a page that hides where it is from', { Origin: 'null' }, 403],
    ['a page of another host, as the browser says', { 'Sec-Fetch-Site': 'cross-site' }, 403],
    ['a link on another host', { Referer: 'http://evil.example/127.0.0.1' }, 403],
    ['a browser that says nothing', { 'User-Agent': 'Mozilla/5.0' }, 403],
  ];
  it.each(ORIGINS)('a POST of %s', async (_who, headers, status) => {
    expect((await ask(start(), '/do', { method: 'POST', headers })).status).toBe(status);
    expect(visits.length).toBe(status === 200 ? 1 : 0);
  });

  const HOSTS = [
    ['127.0.0.1', 200],
    ['127.0.0.1:8405', 200],
    ['[::1]:8405', 200],
    ['localhost:1', 200],
    ['evil.example', 421],
    ['127.0.0.1.evil.example', 421],
  ] as const;
  it.each(HOSTS)('on a loopback address Host %s is a %i: names can be led anywhere', async (host, status) => {
    expect((await ask(start(), '/', { headers: { Host: host } })).status).toBe(status);
  });

  it('a body that is too long is a 413, and is not read to its end', async () => {
    const port = start(true);
    const body = 'x'.repeat(BODY_MAX_BYTES);
    expect((await ask(port, '/do', { method: 'POST', body })).status).toBe(200);
    expect((await ask(port, '/do', { method: 'POST', body: `${body}x` })).status).toBe(413);
    expect(visits.length).toBe(1);
  });

  it('who may change nothing is not waited for', async () => {
    const sent = request({
      port: start(),
      path: '/do',
      method: 'POST',
      headers: { 'Content-Length': '9' },
      agent: false,
    });
    sent.on('error', () => {});
    sent.flushHeaders();
    const [response] = await once(sent, 'response');
    expect(response.statusCode).toBe(200);
    expect(visits[0]).toMatchObject({ body: '', admin: false });
    sent.destroy();
  });

  it('a head that is too long is a 431', async () => {
    expect((await ask(start(), '/', { headers: { 'X-Long': 'x'.repeat(20_000) } })).status).toBe(431);
  });
});

describe('who does not read', () => {
  it('gets no more than is under way; what streams ends when he leaves', async () => {
    const port = start();
    const socket = connect(port, '127.0.0.1');
    socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await once(socket, 'readable');
    socket.pause();
    // Others are served meanwhile.
    expect((await ask(port, '/')).status).toBe(200);
    socket.destroy();
    await once(socket, 'close');
    expect((await ask(port, '/')).status).toBe(200);
  });

  it('so many answers are made at a time; who comes then is told so', async () => {
    const port = start();
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    const busy = await ask(port, '/');
    expect(busy).toMatchObject({ status: 503, headers: { 'retry-after': '2' } });
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await ask(port, '/')).status, { timeout: 20_000 }).toBe(200);
  });
});

describe('who leaves in the middle of a request', () => {
  it('is no line in the log', async () => {
    const port = start(true);
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) {
      // `Expect`: the server says when it waits for the body.
      socket.write('POST /do HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n');
    }
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    expect((await ask(port, '/')).status).toBe(503);
    for (const socket of sockets) socket.destroy();
    await expect.poll(async () => (await ask(port, '/')).status, { timeout: 20_000 }).toBe(200);
    expect(warnings).toEqual([]);
    expect(visits).toEqual([]);
  });
});

describe('inside of proxies', () => {
  /** Its port, and that of a listener of the same server. */
  function startBoth(): readonly [number, number] {
    const [inside, own] = [0, 1].map(() => openWebListener({ family: 4, ip: '127.0.0.1', port: 0 }));
    if (typeof inside !== 'object' || typeof own !== 'object') throw new Error('no address');
    const side = (): WebSide => ({ proxies: null, pair: null, journal: silentJournal });
    const server = new WebServer({ side, routes: ROUTES });
    server.follow([own]);
    server.serveInside(inside.take(), {
      answer: async (asked, gone) => {
        const visit = await visitOf(asked, { admin: true, side }, gone);
        return isVisit(visit) ? ROUTES.answer(visit) : visit;
      },
    });
    closing.push(() => server.close());
    return [Number(new URL(inside.url).port), Number(new URL(own.url).port)];
  }

  it('a request follows one whose body was too long', async () => {
    const [port] = startBoth();
    const socket = connect(port, '127.0.0.1');
    const body = 'x'.repeat(8 * BODY_MAX_BYTES);
    socket.write(`POST /do HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
    socket.write('GET /a/after HTTP/1.1\r\nHost: a\r\n\r\n');
    let text = '';
    socket.on('data', (piece) => (text += piece));
    await expect.poll(() => text, { timeout: 10_000 }).toMatch(/did .*\/a\/after$/s);
    socket.destroy();
  });

  it('strangers there take no answer away from own listeners', async () => {
    const [port, own] = startBoth();
    const sockets = Array.from({ length: 64 }, () => connect(port, '127.0.0.1'));
    for (const socket of sockets) socket.write('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    expect((await ask(port, '/')).status).toBe(503);
    expect((await ask(own, '/')).status).toBe(200);
    for (const socket of sockets) socket.destroy();
  });
});

describe('reloads', () => {
  it('a listener that is gone lets its visitors go; one that stays keeps them', async () => {
    const opened = [0, 1].map(() => openWebListener({ family: 4, ip: '127.0.0.1', port: 0 }));
    const listeners = opened.flatMap((one) => (typeof one === 'string' ? [] : [one]));
    const server = new WebServer({
      side: () => ({ proxies: null, pair: null, journal: silentJournal }),
      routes: ROUTES,
    });
    closing.push(() => server.close());
    server.follow(listeners);
    const sockets = listeners.map(({ url }) => connect(Number(new URL(url).port), '127.0.0.1'));
    for (const socket of sockets) socket.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await Promise.all(sockets.map((socket) => once(socket, 'readable')));
    const [kept, gone] = sockets;
    server.follow(listeners.slice(0, 1));
    gone?.resume();
    gone?.on('error', () => {});
    if (gone !== undefined) await once(gone, 'close');
    expect(kept?.destroyed).toBe(false);
    kept?.destroy();
  });
});
