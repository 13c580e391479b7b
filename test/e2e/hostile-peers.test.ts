/**
 * Clients and servers that behave badly, or only unusually, towards a real Tandem on loopback: what arrives must be what
 * was sent, and nobody may be left hanging. TANDEM_E2E_PROGRAM=/usr/sbin/haproxy shows where haproxy stands.
 */
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { ok, RawClient, RawServer, requests } from './hostile/raw-peers.ts';

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

interface Setup {
  readonly port: number;
  readonly proxy: ProxyProcess;
}

/** `{S}` in the lines is the server's port, `{P}` the proxy's. */
async function start(serve: (socket: Socket) => void, lines: string, mode = 'http'): Promise<Setup> {
  const server = await RawServer.listen(serve);
  open.push(server);
  const port = await freePort();
  const config = `global
  nbthread 1
  log stdout format raw local0
defaults
  mode ${mode}
  log global
  option ${mode}log
  timeout connect 500ms
  timeout client 3s
  timeout server 3s
${lines}
`;
  const proxy = await ProxyProcess.start(
    TANDEM_HAPROXY,
    config.replaceAll('{S}', `${server.port}`).replaceAll('{P}', `${port}`),
    port,
  );
  open.push({ close: () => proxy.stop() });
  return { port, proxy };
}

function client(port: number, options: { countOnly?: boolean; reads?: boolean } = {}): RawClient {
  const one = new RawClient(port, options);
  open.push({ close: async () => void one.socket.destroy() });
  return one;
}

const PLAIN = 'listen web\n  bind 127.0.0.1:{P}\n  server s 127.0.0.1:{S}';
const get = (path: string, fields = ''): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n${fields}\r\n`;
const post = (length: number): string => `POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;

async function upload(one: RawClient, pieces: number, size: number, everyMs: number): Promise<void> {
  for (let i = 0; i < pieces && !one.over; i++) {
    one.send(Buffer.alloc(size, 0x78));
    await sleep(everyMs);
  }
}

describe('uploads', () => {
  it('may take longer than timeout connect', async () => {
    const { port } = await start(
      requests((socket, _head, body) => socket.write(ok(`${body.length}`))),
      PLAIN,
    );
    const one = client(port);
    one.send(post(1000));
    await upload(one, 10, 100, 100);
    await one.until(() => one.over || one.text.endsWith('1000'));
    expect(one.text).toMatch(/^HTTP\/1.1 200[\s\S]*1000$/);
  });

  it('may take longer than pool-purge-delay on a connection from the pool', async () => {
    const { port } = await start(
      requests((socket, _head, body) => socket.write(ok(`${body.length}`))),
      `${PLAIN} pool-purge-delay 200ms`,
    );
    const one = client(port);
    one.send(get('/'));
    await one.until(() => one.text.endsWith('\r\n\r\n0'));
    one.send(post(1000));
    await upload(one, 10, 100, 60);
    await one.until(() => one.over || one.text.endsWith('1000'));
    expect(one.text).toMatch(/HTTP\/1.1 200[\s\S]*HTTP\/1.1 200[\s\S]*1000$/);
  });

  it('wait for a server that is slower to read than timeout client', async () => {
    const { port } = await start(
      (socket) => {
        let got = 0;
        socket.once('data', (first) => {
          got += first.length;
          socket.pause();
          setTimeout(() => {
            socket.on('data', (chunk) => {
              got += chunk.length;
              if (got > 8_000_000) socket.write(ok('all'));
            });
            socket.resume();
          }, 1200);
        });
      },
      PLAIN.replace('listen web', 'listen web\n  timeout client 400ms'),
    );
    const one = client(port);
    one.send(post(8_000_000));
    one.send(Buffer.alloc(8_000_000));
    await one.until(() => one.over || one.text.endsWith('all'), 5000);
    expect(one.text).toMatch(/^HTTP\/1.1 200[\s\S]*all$/);
  });

  it('reach a server that answers before it has read them', async () => {
    let got = 0;
    const { port } = await start((socket) => {
      socket.on('data', (chunk) => {
        if (/^(GET|POST) /.test(chunk.toString('latin1'))) socket.write(ok('early'));
        got += chunk.length;
      });
    }, PLAIN);
    const one = client(port);
    one.send(post(200_000));
    await upload(one, 10, 20_000, 20);
    await one.until(() => one.text.endsWith('early'));
    expect(one.text).toMatch(/^HTTP\/1.1 200[\s\S]*early$/);
    expect(await one.until(() => got > 200_000)).toBe(true);
    // And the connection goes on.
    one.send(get('/next'));
    expect(await one.until(() => one.text.endsWith('early') && one.text.split('HTTP/1.1 200').length === 3)).toBe(true);
  });

  it('go on while the client takes its time with an answer that is complete', async () => {
    const length = 8_000_000;
    const { port, proxy } = await start((socket) => {
      socket.once('data', () => socket.write(ok('x'.repeat(length))));
      socket.on('data', () => undefined);
    }, PLAIN);
    const before = proxy.pids().slice(0, 2);
    const one = client(port, { reads: false });
    one.send(post(500_000_000));
    let got = 0;
    one.socket.on('readable', () => undefined);
    for (let i = 0; i < 2500 && got < length && !one.closed; i++) {
      got += (one.socket.read(20_000) ?? one.socket.read())?.length ?? 0;
      one.send(Buffer.alloc(1000));
      await sleep(1);
    }
    expect({ error: one.error, whole: got >= length }).toEqual({ error: null, whole: true });
    // A spare data process may have come.
    expect(proxy.pids().slice(0, before.length)).toEqual(before);
  });

  it('that a server refuses with an answer and RST get that answer', async () => {
    const { port } = await start((socket) => {
      socket.once('data', () => {
        socket.pause();
        setTimeout(() => {
          const answer = 'HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig';
          socket.write(answer, () => socket.destroy());
        }, 100);
      });
    }, PLAIN);
    for (let round = 0; round < 5; round++) {
      const one = client(port);
      one.send(post(50_000_000));
      one.send(Buffer.alloc(20_000_000));
      await one.until(() => one.over);
      expect(one.text).toMatch(/^HTTP\/1.1 413[\s\S]*big$/);
      one.socket.destroy();
    }
  });
});

describe('heads', () => {
  it('lose an indirect cookie however long the others are', async () => {
    const { port } = await start(
      requests((socket, head) => socket.write(ok(/cookie: *(.*?) *\r/i.exec(head)?.[1] ?? ''))),
      `${PLAIN.replace('listen web', 'listen web\n  cookie SRV insert indirect nocache')} cookie s`,
    );
    const b = 'b'.repeat(1500);
    const d = 'd'.repeat(1500);
    for (const [sent, passed] of [
      [`a=${b}; SRV=s; c=${d}`, `a=${b}; c=${d}`],
      [`SRV=s; c=${d}`, `c=${d}`],
      [`a=${b};SRV=s`, `a=${b}`],
      [`SRV=s; SRV=s;a=1; SRV=x`, 'a=1'],
      ['SRV=s', ''],
    ]) {
      const one = client(port);
      one.send(get('/', `Cookie: ${sent}\r\n`));
      await one.until(() => one.text.endsWith(`\r\n\r\n${passed}`), 1000);
      expect(one.text.slice(one.text.indexOf('\r\n\r\n') + 4)).toBe(passed);
    }
  });
});

describe('servers', () => {
  const TCP = 'listen web\n  bind 127.0.0.1:{P}\n  server s 127.0.0.1:{S}';

  it('that answer and reset are heard to the end by a client that goes on sending', async () => {
    const { port } = await start(
      (socket) => {
        socket.pause();
        setTimeout(() => socket.write('denied', () => socket.destroy()), 100);
      },
      TCP,
      'tcp',
    );
    for (let round = 0; round < 5; round++) {
      const one = client(port);
      await upload(one, 10, 100_000, 20);
      await one.until(() => one.over);
      expect(one.text).toBe('denied');
    }
  });

  it('that reset after much data do not take it from a slow reader', async () => {
    const length = 3_000_000;
    const { port } = await start(
      (socket) => {
        socket.write(Buffer.alloc(length), () => setTimeout(() => socket.resetAndDestroy(), 50));
      },
      TCP,
      'tcp',
    );
    const one = client(port, { reads: false });
    await sleep(400);
    one.read(true);
    await one.until(() => one.over);
    expect({ bytes: one.bytes, error: one.error }).toEqual({ bytes: length, error: null });
  });

  it('of HTTP/1.0 leave the client its connection, which says so', async () => {
    const { port } = await start(
      requests((socket) => socket.end('HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nold')),
      PLAIN,
    );
    const one = client(port);
    for (let round = 1; round <= 2; round++) {
      one.send(get('/'));
      expect(await one.until(() => one.text.split(/connection: keep-alive/i).length === round + 1)).toBe(true);
    }
    expect(one.over).toBe(false);
  });
});

describe('clients', () => {
  it('of several listeners together stay within the limit of the process', async () => {
    const second = await freePort();
    const { port } = await start(
      requests((socket) => socket.write(ok('ok'))),
      PLAIN.replace('listen web', `global\n  maxconn 4\nlisten web\n  bind 127.0.0.1:${second}`),
    );
    const warm = client(port);
    warm.send(get('/'));
    await warm.until(() => warm.text.endsWith('ok'));
    warm.socket.destroy();
    const all: RawClient[] = [];
    for (let i = 0; i < 8; i++) {
      const one = client(i < 4 ? port : second);
      one.send(get('/'));
      all.push(one);
      await sleep(20);
    }
    const served = (): number => all.filter((one) => one.bytes > 0).length;
    await sleep(200);
    expect(served()).toBe(4);
    for (const one of all.filter((each) => each.bytes > 0)) one.socket.destroy();
    expect(await (all[7] as RawClient).until(() => served() === 8)).toBe(true);
  });

  it('that reset while their next request waits behind a slow one are noticed at once', async () => {
    const { port, proxy } = await start((socket) => socket.on('data', () => undefined), PLAIN);
    const one = client(port);
    one.send(get('/slow'));
    await sleep(50);
    one.send(get('/next'));
    await sleep(50);
    one.socket.resetAndDestroy();
    // The server's timeout is 3 s.
    expect(await one.until(() => / C[HD]-- .*"GET \/slow /.test(proxy.output), 1000)).toBe(true);
  });
});

describe('logs', () => {
  it('have the request line when a frontend without log shares the thread', async () => {
    const quiet = await freePort();
    const { port, proxy } = await start(
      requests((socket) => socket.write(ok('ok'))),
      `${PLAIN}\nfrontend quiet\n  no log\n  bind 127.0.0.1:${quiet}\n  default_backend web`,
    );
    for (let round = 0; round < 2; round++) {
      for (const [to, path] of [
        [quiet, '/quiet'],
        [port, '/logged'],
      ] as const) {
        const one = client(to);
        one.send(get(path));
        await one.until(() => one.text.endsWith('ok'));
        one.socket.destroy();
      }
    }
    // Several streams at once: those of the quiet frontend are put away last.
    const both = [client(port), client(quiet)];
    for (const one of both) one.send(get('/logged'));
    for (const one of both) await one.until(() => one.text.endsWith('ok'));
    const last = client(port);
    last.send(get('/logged'));
    await last.until(() => last.text.endsWith('ok'));
    await last.until(() => proxy.output.split(' 200 ').length > 4);
    const lines = proxy.output.split('\n').filter((line) => line.includes(' 200 '));
    expect(lines.length).toBe(4);
    for (const line of lines) expect(line).toContain('"GET /logged HTTP/1.1"');
  });
});
