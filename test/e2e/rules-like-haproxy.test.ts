/**
 * The same requests through a real haproxy and through Tandem, by rules with conditions: the same backend and server take them,
 * clients are told the same cookies, and the logs have the same letters.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { connects, freePort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';
import { SeededRandom } from '../support/random.ts';

const REQUESTS = 60;
const random = new SeededRandom(11);

/** Reads whole requests, answers each with its length, and sets a cookie where the path asks for it. */
function origin(): Server {
  return createServer((socket) => {
    let text = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let end = text.indexOf('\r\n\r\n'); end >= 0; end = text.indexOf('\r\n\r\n')) {
        const head = text.slice(0, end);
        const length = Number(/content-length: *(\d+)/i.exec(head)?.[1] ?? 0);
        if (text.length < end + 4 + length) return;
        text = text.slice(end + 4 + length);
        const cookie = head.includes('/own') ? 'Set-Cookie: SRV=own\r\n' : '';
        socket.write(`HTTP/1.1 200 OK\r\n${cookie}Content-Length: 0\r\n\r\n`);
      }
    });
  });
}

function configuration(http: number, tcp: number, servers: number): string {
  const server = (name: string, more: string): string => `  server ${name} 127.0.0.1:${servers} ${more}`;
  return `
global
  log stdout format raw local0
  nbthread 1
defaults
  log global
  balance first
  retries 0
  timeout connect 10s
  timeout client 60s
  timeout server 60s
frontend web
  mode http
  option httplog
  bind 127.0.0.1:${http}
  acl static path_beg /img /css
  acl static path_end .js
  acl admin hdr_dom(host) -i admin
  use_backend files if static !METH_POST
  use_backend admin if admin
  use_backend admin unless { src 127.0.0.0/8 }
  use_backend form if { path_beg /form }
  default_backend app
backend app
  mode http
  cookie SRV insert indirect
  force-persist if { path_beg /force }
  ignore-persist if { path_beg /ignore } or { hdr(x-ignore) -m found }
  use-server c if { path_end /c }
  use-server off if { path_end /off }
  use-server b unless { hdr(x) -m found } or { urlp(b) no } or !{ path_sub b }
${server('a', 'cookie a')}
${server('b', 'cookie b')}
${server('c', 'cookie c')}
${server('off', 'cookie off disabled')}
backend files
  mode http
  cookie SRV rewrite
  ignore-persist unless { hdr_cnt(cookie) 1 }
${server('f1', 'cookie a')}
${server('f2', 'cookie b')}
backend admin
  mode http
${server('x', '')}
backend form
  mode http
  balance url_param key check_post
  hash-type consistent
${server('h1', '')}
${server('h2', '')}
${server('h3', '')}
frontend raw
  mode tcp
  option tcplog
  bind 127.0.0.1:${tcp}
  use_backend near if { src 127.0.0.1 }
  default_backend far
backend near
  mode tcp
${server('n', '')}
backend far
  mode tcp
  use-server far2 if { src 127.0.0.7 }
${server('far1', '')}
${server('far2', '')}
`;
}

const PATHS = [
  '/',
  '/img/x',
  '/css',
  '/x.js',
  '/force',
  '/force/off',
  '/ignore',
  '/ignore/own',
  '/own',
  '/c',
  '/off',
  '/ab',
  '/b?b=no',
  '/form',
  '/form?key=1',
  '/form?key=abc&x=1',
] as const;

function request(): string {
  const method = random.pick(['GET', 'GET', 'POST']);
  const cookie = random.pick(['', 'a', 'b', 'c', 'off', 'nobody', '']);
  const fields = [
    random.pick(['Host: x', 'Host: x', 'Host: www.Admin.example']),
    ...(cookie === '' ? [] : [`Cookie: SRV=${cookie}`]),
    ...(random.below(4) === 0 ? [random.pick(['X: 1', 'X-Ignore: 1', 'Cookie: y=1'])] : []),
  ];
  const body = random.pick(['', 'key=one', 'a=b&key=two', 'key= x', 'key="x"', 'ke=1', 'x'.repeat(300)]);
  const length = method === 'POST' ? `Content-Length: ${body.length}\r\n` : '';
  const head = `${method} ${random.pick(PATHS)} HTTP/1.1\r\n${fields.join('\r\n')}\r\n${length}Connection: close\r\n\r\n`;
  return method === 'POST' ? head + body : head;
}

class Side {
  #process: ProxyProcess | null = null;
  #http = 0;
  #tcp = 0;

  async start(program: string, servers: number): Promise<void> {
    this.#http = await freePort();
    this.#tcp = await freePort();
    const text = configuration(this.#http, this.#tcp, servers);
    this.#process = await ProxyProcess.startAs([program], text, () => connects(this.#tcp));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
  }

  /** What the client is told, and what the log says of it. The request comes in two pieces. */
  async ask(text: string): Promise<unknown> {
    const before = this.#lines('web').length;
    const socket = connect(this.#http, '127.0.0.1');
    socket.setNoDelay();
    const half = text.length - 3;
    socket.write(text.slice(0, half), 'latin1');
    socket.write(text.slice(half), 'latin1');
    let answer = '';
    for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
    const told = [...answer.matchAll(/^(HTTP\/1.1 \d+|set-cookie:.*)/gim)].map((match) => match[1]?.toLowerCase());
    while (this.#lines('web').length === before) await new Promise((resolve) => setTimeout(resolve, 2));
    return { told, log: this.#lines('web').at(-1) };
  }

  async askRaw(address: string): Promise<unknown> {
    const before = this.#lines('raw').length;
    const socket = connect({ port: this.#tcp, host: '127.0.0.1', localAddress: address });
    socket.write('GET / HTTP/1.1\r\n\r\n');
    await once(socket, 'data');
    socket.end();
    while (this.#lines('raw').length === before) await new Promise((resolve) => setTimeout(resolve, 2));
    return this.#lines('raw').at(-1);
  }

  /** Backend, server and letters. */
  #lines(frontend: string): string[] {
    const found = (this.#process?.output ?? '').matchAll(
      new RegExp(` ${frontend} (\\S+/\\S+) .*? ([-A-Za-z]{2}(?:[-A-Z]{2})?) \\d+/`, 'g'),
    );
    return [...found].map((match) => `${match[1]} ${match[2]}`);
  }
}

describeWithPeer('haproxy', 'rules like haproxy', () => {
  const servers = origin();
  const tandem = new Side();
  const haproxy = new Side();

  beforeAll(async () => {
    servers.listen(0, '127.0.0.1');
    await once(servers, 'listening');
    const { port } = servers.address() as AddressInfo;
    await tandem.start(TANDEM_HAPROXY, port);
    await haproxy.start(programPath('haproxy'), port);
  });

  afterAll(async () => {
    await tandem.stop();
    await haproxy.stop();
    servers.close();
  });

  it('backends, servers, cookies and letters of requests', async () => {
    for (let i = 0; i < REQUESTS * 4; i++) {
      const text = request();
      const [ours, theirs] = await Promise.all([tandem.ask(text), haproxy.ask(text)]);
      expect(ours, text).toEqual(theirs);
    }
  });

  it.each(['127.0.0.1', '127.0.0.7', '127.0.0.9'])('backends and servers of connections from %s', async (address) => {
    expect(await tandem.askRaw(address)).toEqual(await haproxy.askRaw(address));
  });
});
