/**
 * `source`, `usesrc` and `interface` over real sockets: which address the server sees, beside haproxy; and whose a connection
 * is that was made for one client. Binding itself: test/sys/poller-options.ts.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, get, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Namespace, NamespaceLab } from '../support/namespaces.ts';
import { describeWithPeer, programPath } from '../support/peers.ts';
import { quietPort } from '../support/ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from '../support/proxy-process.ts';

const run = promisify(execFile);
const PROGRAMS = ['haproxy', 'epoll', 'io_uring'] as const;
type Program = (typeof PROGRAMS)[number];

function commandOf(program: Program): string {
  return program === 'haproxy' ? programPath('haproxy') : TANDEM_HAPROXY;
}

/** Each is a `listen` of its own; `backend` stands in the section, `server` on the server line. */
const CASES = {
  server: { server: 'source 127.0.0.31' },
  backend: { backend: 'source 127.0.0.32' },
  serverFirst: { backend: 'source 127.0.0.33', server: 'source 127.0.0.34' },
  defaults: { backend: 'default-server source 127.0.0.35' },
  anywhere: { server: 'source 0.0.0.0 interface lo' },
  foreign: { server: 'source 127.0.0.36 usesrc 127.0.0.37' },
  client: { server: 'source 0.0.0.0 usesrc client' },
  clientIp: { server: 'source 0.0.0.0 usesrc clientip', backend: 'http-reuse always' },
  field: { server: 'source 0.0.0.0 usesrc hdr_ip(x-from,2)', backend: 'http-reuse always' },
  lastField: { server: 'source 0.0.0.0 usesrc hdr_ip(X-From)' },
  forwardedFor: { server: 'source 0.0.0.0 usesrc hdr_ip(x-forwarded-for)', backend: 'option forwardfor' },
} as const;
type Case = keyof typeof CASES;

interface Seen {
  readonly ip: string;
  readonly port: number;
  /** Which of the origin's connections it was. */
  readonly connection: number;
}

interface Client {
  readonly agent: Agent;
  readonly localAddress: string;
}

function client(localAddress: string): Client {
  return { agent: new Agent({ keepAlive: true, maxSockets: 1 }), localAddress };
}

function ask(port: number, { agent, localAddress }: Client, from?: string): Promise<Seen> {
  const headers = from === undefined ? {} : { 'X-From': from };
  return new Promise((resolve, reject) => {
    const request = get({ port, host: '127.0.0.1', agent, localAddress, headers }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`));
        else resolve(JSON.parse(text));
      });
    });
    request.on('error', reject);
  });
}

describeWithPeer(['haproxy', 'root'], 'connections leave from', () => {
  let origin: Server;
  let connections = 0;
  const proxies = new Map<Program, ProxyProcess>();
  const ports = new Map<string, number>();
  const clients: Client[] = [];
  const portOf = (program: Program, name: Case): number => ports.get(`${program} ${name}`) ?? 0;

  function newClient(localAddress: string): Client {
    const made = client(localAddress);
    clients.push(made);
    return made;
  }

  beforeAll(async () => {
    origin = createServer(({ socket }, response) => {
      const { remoteAddress: ip, remotePort: port } = socket;
      response.end(JSON.stringify({ ip, port, connection: Reflect.get(socket, 'number') }));
    });
    origin.on('connection', (socket) => {
      Reflect.set(socket, 'number', connections++);
    });
    origin.listen(0, '127.0.0.1');
    await once(origin, 'listening');
    const { port: to } = origin.address() as AddressInfo;
    for (const program of PROGRAMS) {
      const sections: string[] = [];
      let last = 0;
      for (const [name, lines] of Object.entries(CASES)) {
        last = await quietPort();
        ports.set(`${program} ${name}`, last);
        const { backend = '', server = '' } = lines as { backend?: string; server?: string };
        sections.push(`listen ${name}\n bind 127.0.0.1:${last}\n ${backend}\n server s 127.0.0.1:${to} ${server}`);
      }
      const config = `
global
  ${program === 'haproxy' ? '' : `tune.tandem.poller ${program}\n  nbthread 2`}
defaults
  mode http
  retries 0
  timeout connect 20s
  timeout client 20s
  timeout server 20s
${sections.join('\n')}
`;
      proxies.set(program, await ProxyProcess.start(commandOf(program), config, last));
    }
  }, 90_000);

  afterAll(async () => {
    for (const { agent } of clients) agent.destroy();
    for (const proxy of proxies.values()) await proxy.stop();
    origin?.closeAllConnections();
    origin?.close();
  });

  it.each(PROGRAMS)('the address of server, backend, default-server: %s', async (program) => {
    const seen = async (name: Case): Promise<string> => (await ask(portOf(program, name), newClient('127.0.0.1'))).ip;
    expect(await seen('server')).toBe('127.0.0.31');
    expect(await seen('backend')).toBe('127.0.0.32');
    expect(await seen('serverFirst')).toBe('127.0.0.34');
    expect(await seen('defaults')).toBe('127.0.0.35');
    expect(await seen('anywhere')).toBe('127.0.0.1');
    expect(await seen('foreign')).toBe('127.0.0.37');
  });

  it.each(PROGRAMS)('the client’s address, for each its own: %s', async (program) => {
    const [first, second] = [newClient('127.0.0.41'), newClient('127.0.0.42')];
    const port = portOf(program, 'clientIp');
    const seen: Seen[] = [];
    for (const who of [first, second, first, second, first]) seen.push(await ask(port, who));
    const own = [41, 42, 41, 42, 41].map((n) => `127.0.0.${n}`);
    expect(seen.map(({ ip }) => ip)).toEqual(own);
    // Each has one connection, and keeps it.
    expect(new Set(seen.map(({ connection }) => connection)).size).toBe(2);
  });

  it.each(PROGRAMS)('the client’s address and port: %s', async (program) => {
    const who = newClient('127.0.0.43');
    const { ip, port } = await ask(portOf(program, 'client'), who);
    const [socket] = Object.values(who.agent.freeSockets).flatMap((sockets) => sockets ?? []);
    expect(`${ip} ${port}`).toBe(`127.0.0.43 ${socket?.localPort}`);
  });

  it.each(PROGRAMS)('the address in a field of each request: %s', async (program) => {
    const who = newClient('127.0.0.1');
    const port = portOf(program, 'field');
    const froms = ['127.0.0.51, 127.0.0.52', '127.0.0.53,127.0.0.54,127.0.0.55', '127.0.0.53,127.0.0.54', '::1, ::1'];
    const seen: Seen[] = [];
    for (const from of froms) seen.push(await ask(port, who, from));
    expect(seen.map(({ ip }) => ip)).toEqual(['127.0.0.52', '127.0.0.54', '127.0.0.54', '127.0.0.1']);
    // The same one for the same address; haproxy makes new ones.
    if (program !== 'haproxy') expect(seen[1]?.connection).toBe(seen[2]?.connection);
    expect((await ask(portOf(program, 'lastField'), who, '127.0.0.56,  127.0.0.57 ')).ip).toBe('127.0.0.57');
    expect((await ask(portOf(program, 'forwardedFor'), newClient('127.0.0.58'))).ip).toBe('127.0.0.58');
    // Nothing says where from: nothing is sent.
    await expect(ask(port, newClient('127.0.0.1'))).rejects.toThrow(/status 50[03]/);
  });
});

/** Addresses that are nobody's on the box of the proxy: 198.51.100.0/24 is behind it only by what servers believe. */
describeWithPeer(['netns', 'ip', 'socat'], 'somebody else’s address', () => {
  const lab = new NamespaceLab();
  const folder = mkdtempSync(join(tmpdir(), 'tandem-sources-'));
  let box: Namespace;
  let far: Namespace;

  beforeAll(async () => {
    box = lab.add('box');
    far = lab.add('far');
    const device = lab.link(box, { address: '10.99.0.1/24' }, far, '10.99.0.2/24');
    lab.run(far, 'ip', 'route', 'add', 'default', 'via', '10.99.0.1');
    // What comes back for those addresses is for the sockets here.
    lab.run(box, 'ip', 'rule', 'add', 'iif', device, 'lookup', '99');
    lab.run(box, 'ip', 'route', 'add', 'local', 'default', 'dev', 'lo', 'table', '99');
    const script = join(folder, 'answer.sh');
    writeFileSync(
      script,
      `while read -r line && [ "$line" != "$(printf '\\r')" ]; do :; done\nprintf 'HTTP/1.0 200 OK\\r\\n\\r\\nfrom %s\\n' "$SOCAT_PEERADDR"\n`,
    );
    const command = [programPath('socat'), '-d', '-d', 'TCP-LISTEN:8080,fork,reuseaddr', `EXEC:sh ${script}`];
    // Its notices say when it listens.
    await lab.start(far, ['sh', '-c', 'exec "$0" "$@" 2>&1', ...command]);
  }, 60_000);

  afterAll(async () => {
    await lab.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(['epoll', 'io_uring'])('is used by a process that is nobody and has one capability: %s', async (poller) => {
    const config = `
global
  tune.tandem.poller ${poller}
  tune.tandem.spare-process off
  nbthread 2
defaults
  mode http
  timeout connect 10s
  timeout client 10s
  timeout server 10s
listen l
  bind 127.0.0.1:23456 accept-proxy
  server s 10.99.0.2:8080 source 0.0.0.0 usesrc clientip
`;
    const request = 'PROXY TCP4 198.51.100.7 192.0.2.1 1 2\\r\\nGET / HTTP/1.0\\r\\n\\r\\n';
    const say = async (): Promise<string> => {
      const script = `printf '${request}' | ${programPath('socat')} -t 10 - TCP:127.0.0.1:23456`;
      const [program = '', ...rest] = [...box.exec, 'sh', '-c', script];
      return (await run(program, rest).catch(() => ({ stdout: '' }))).stdout;
    };
    const proxy = await ProxyProcess.startAs([...box.exec, TANDEM_HAPROXY], config, async () => (await say()) !== '');
    try {
      expect(await say()).toContain('from 198.51.100.7');
      const capabilities = proxy.pids().flatMap((pid) => threadsOf(pid));
      // CAP_NET_RAW is bit 13. Threads of nobody have that or nothing.
      const ofNobody = capabilities.filter(({ uid }) => uid !== 0);
      expect(new Set(ofNobody.map(({ effective }) => effective))).toEqual(new Set([0n, 1n << 13n]));
      expect(ofNobody.filter(({ effective }) => effective !== 0n)).toHaveLength(2);
    } finally {
      await proxy.stop();
    }
  });
});

function threadsOf(pid: number): { readonly uid: number; readonly effective: bigint }[] {
  return readdirSync(`/proc/${pid}/task`).map((id) => {
    const status = readFileSync(`/proc/${pid}/task/${id}/status`, 'latin1');
    const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1]);
    return { uid, effective: BigInt(`0x${/^CapEff:\s+([0-9a-f]+)/m.exec(status)?.[1]}`) };
  });
}
