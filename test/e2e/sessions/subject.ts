/** A proxy with a session of each kind: haproxy, or Tandem with one of its engines; and clients whose end one can wait for. */
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { quietPort } from '../../support/ports.ts';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { ask } from '../../support/stats-client.ts';
import { converse } from '../../support/tcp-conversation.ts';

const DEADLINE_MS = 30_000;

export async function until<T>(look: () => Promise<T | null | false>, what: string | (() => string)): Promise<T> {
  for (const end = performance.now() + DEADLINE_MS; ; await sleep(20)) {
    const found = await look().catch(() => null);
    if (found !== null && found !== false) return found;
    if (performance.now() > end) throw new Error(`never came true: ${typeof what === 'string' ? what : what()}`);
  }
}

/** A server that answers by path: `/ok` at once, `/half` with a part, `/upgrade` by switching, else not at all. */
export async function originServer(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1');
      if (text.includes('/ok')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      else if (text.includes('/half')) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
      else if (text.includes('/upgrade')) {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
      }
    });
  });
  const port = await quietPort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { server, port };
}

export class Client {
  text = '';
  isOver = false;
  readonly #socket: Socket;

  constructor(port: number, text: string) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.write(text);
    this.#socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
    this.#socket.on('error', () => {});
    const over = () => {
      this.isOver = true;
    };
    this.#socket.on('end', over);
    this.#socket.on('close', over);
  }

  say(text: string): void {
    this.#socket.write(text);
  }

  leave(): void {
    this.#socket.resetAndDestroy();
  }
}

export type Fields = Readonly<Record<string, string>>;

/** Ports of the frontends, by their names. */
export type Ports = Readonly<Record<'web' | 'tcp' | 'queue' | 'hole' | 'gate', number>>;

export class Subject {
  readonly ports: Ports;
  readonly proxy: ProxyProcess;
  readonly #path: string;

  private constructor(path: string, ports: Ports, proxy: ProxyProcess) {
    this.#path = path;
    this.ports = ports;
    this.proxy = proxy;
  }

  static async start(program: string, path: string, global: string, origin: number, hole: number): Promise<Subject> {
    const ports = {
      web: await quietPort(),
      tcp: await quietPort(),
      queue: await quietPort(),
      hole: await quietPort(),
      gate: await quietPort(),
    };
    const config = `
global
  stats socket ${path} level admin
  stats timeout 60s
  maxconn 200
  nbthread 2
  log stdout format raw local0
  ${global}
defaults
  mode http
  log global
  option httplog
  timeout connect 60s
  timeout client 60s
  timeout server 60s
  timeout queue 60s
frontend web
  bind 127.0.0.1:${ports.web} name door
  default_backend app
frontend tcp
  mode tcp
  option tcplog
  bind 127.0.0.1:${ports.tcp}
  default_backend raw
frontend queue
  bind 127.0.0.1:${ports.queue}
  default_backend busy
frontend hole
  bind 127.0.0.1:${ports.hole}
  default_backend nowhere
frontend gate
  bind 127.0.0.1:${ports.gate}
  default_backend app
backend app
  id 77
  server s1 127.0.0.1:${origin} id 5
backend raw
  mode tcp
  server t1 127.0.0.1:${origin}
backend busy
  server q1 127.0.0.1:${origin} maxconn 1
backend nowhere
  server h1 127.0.0.1:${hole}
`;
    const subject = new Subject(path, ports, await ProxyProcess.start(program, config, ports.web));
    // Its port is open before there is anybody who serves.
    await until(
      async () => {
        const answer = await converse(ports.web, 'GET /ok HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', 'ok');
        return answer.endsWith('ok');
      },
      () => `${program} serves; it says:\n${subject.proxy.output}`,
    );
    return subject;
  }

  ask(command: string): Promise<string> {
    return ask(this.#path, `${command}\n`);
  }

  /** The lines of `show sess` about clients. */
  async sessions(): Promise<readonly string[]> {
    const lines = (await this.ask('show sess')).split('\n');
    return lines.filter((line) => line.startsWith('0x') && !line.includes('fe=GLOBAL'));
  }

  /** The session of a frontend, once it is where the row wants it. */
  session(frontend: keyof Ports, isThere: (line: string) => boolean): Promise<string> {
    return until(
      async () => (await this.sessions()).find((line) => line.includes(` fe=${frontend} `) && isThere(line)) ?? null,
      `a session of ${frontend}`,
    );
  }

  /** Whatever is left is ended. */
  async quiet(): Promise<void> {
    await until(async () => {
      const left = await this.sessions();
      for (const line of left) await this.ask(`shutdown session ${line.split(':')[0]}`);
      return left.length === 0;
    }, 'no sessions');
  }

  /** The line about this request, or about this frontend's connection. */
  logLine(about: string): Promise<string> {
    return until(
      async () => this.proxy.output.split('\n').find((line) => line.includes(about)) ?? null,
      `a log line about ${about} in\n${this.proxy.output}`,
    );
  }

  async row(proxy: string, server: string): Promise<Fields> {
    const [header = '', ...lines] = (await this.ask('show stat')).split('\n');
    const names = header.slice(2).split(',');
    const line = lines.find((one) => one.startsWith(`${proxy},${server},`)) ?? '';
    return Object.fromEntries(line.split(',').map((cell, i) => [names[i] ?? '', cell]));
  }
}

/** What a line of `show sess` says that does not depend on when it was asked. */
export function lineFields(line: string): Fields {
  const one = (pattern: RegExp): string => pattern.exec(line)?.[1] ?? '';
  const isSet = (pattern: RegExp): string => (one(pattern) === '' ? '' : 'set');
  return {
    proto: one(/ proto=(\S+)/),
    src: one(/ src=([^:]+):/),
    fe: one(/ fe=(\S+)/),
    be: one(/ be=(\S+)/),
    srv: one(/ srv=(\S+)/),
    requestWork: one(/ rq\[.*?,an=(\w+)/),
    responseWork: one(/ rp\[.*?,an=(\w+)/),
    responseDue: isSet(/ rp\[.*?rx=(\w*)/),
    scf: one(/ scf=\[(\d+)/),
    scb: one(/ scb=\[(\d+)/),
    hasServer: one(/ scb=\[.*?fd=(-?\d)/) === '-' ? 'no' : 'yes',
    retries: one(/ rc=(\d+)/),
    connectDue: isSet(/ c_exp=(\w*)/),
    expires: isSet(/ exp=(\w*)/),
  };
}

/** The same of `show sess <id>`. */
export function dumpFields(text: string): Fields {
  const one = (pattern: RegExp): string => pattern.exec(text)?.[1] ?? '';
  return {
    proto: one(/ proto=(\S+) source=127\.0\.0\.1:/),
    retries: one(/conn_retries=(\d+)/),
    connectDue: one(/conn_exp=(<NEVER>)?/),
    frontend: one(/^ {2}(frontend=.*addr=127\.0\.0\.1):/m),
    backend: one(/^ {2}(backend=\S+ \(.*?\))/m),
    from: one(/^ {2}backend=.* addr=([^:]+):/m),
    server: one(/^ {2}(server=\S+ \(id=\d+\))/m),
    transaction: one(/(meth=\d+ status=-?\d+ req\.st=\w+ rsp\.st=\w+)/),
    states: `${one(/scf=.*state=(\w+)/)} ${one(/scb=.*state=(\w+)/)}`,
    fronts: one(/co0=.*(ctrl=\w+ xprt=\w+ mux=\w+ data=\w+ target=\w+)/),
    backs: one(/co1=.*(ctrl=\w+ xprt=\w+ mux=\w+ data=\w+ target=\w+)/),
  };
}
