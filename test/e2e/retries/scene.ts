/** All cases as sections of one proxy, with servers of their own; each is asked once, and what came of it is told. */
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { ask } from '../../support/stats-client.ts';
import { type Attempt, AttemptServer, type Script } from './attempt-server.ts';

export interface Case {
  readonly what: string;
  /** Of its section. */
  readonly lines: readonly string[];
  /** By name; `name parameters …`. */
  readonly servers: Readonly<Record<string, Script>>;
  readonly request: string;
  /** Counters that are not compared. */
  readonly uncounted?: readonly string[];
}

export interface Outcome {
  readonly answer: string;
  readonly attempts: readonly Attempt[];
  readonly log: string;
}

/** Counters that are compared; the times of a session are not. */
const COUNTERS = [
  'stot',
  'econ',
  'eresp',
  'wretr',
  'wredis',
  'cli_abrt',
  'srv_abrt',
  'hrsp_2xx',
  'hrsp_4xx',
  'hrsp_5xx',
];

export class Scene {
  readonly #cases: readonly Case[];
  readonly #attempts: Attempt[][] = [];
  readonly #servers: AttemptServer[] = [];
  readonly #folder: string;
  #process: ProxyProcess | null = null;

  /** Its sockets go into `folder`. */
  constructor(cases: readonly Case[], folder: string) {
    this.#cases = cases;
    this.#folder = folder;
  }

  async start(program: string): Promise<void> {
    let text = `
global
  nbthread 1
  log stdout format raw local0
  stats socket ${this.#path('stats')} level admin
defaults
  mode http
  log global
  option httplog
  timeout connect 2s
  timeout client 60s
  timeout server 60s
`;
    for (const [i, { lines, servers }] of this.#cases.entries()) {
      const attempts: Attempt[] = [];
      this.#attempts.push(attempts);
      text += `listen case${i}\n  bind ${this.#path(`${i}`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
      for (const [words, script] of Object.entries(servers)) {
        const [name = '', ...parameters] = words.split(' ');
        const started = await AttemptServer.start(name, script, attempts);
        if (started.server !== null) this.#servers.push(started.server);
        text += `  server ${name} 127.0.0.1:${started.port} ${parameters.join(' ')}\n`;
      }
    }
    const last = this.#path('ready');
    text += `listen ready\n  bind ${last}\n`;
    this.#process = await ProxyProcess.startAs([program], text, async () => existsSync(last) && accepts(last));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    for (const server of this.#servers) server.stop();
  }

  async run(i: number): Promise<Outcome> {
    const socket = connect(this.#path(`${i}`));
    socket.on('error', () => undefined);
    socket.write(this.#cases[i]?.request ?? '', 'latin1');
    let answer = '';
    for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
    while (this.#lines(i).length === 0) await sleep(5);
    return {
      answer: canonical(answer),
      attempts: (this.#attempts[i] ?? []).map(({ server, request }) => ({ server, request: canonical(request) })),
      log: this.#lines(i)[0] ?? '',
    };
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  /** Times are there or not; the port of the client and the date are gone. */
  #lines(i: number): string[] {
    const all = (this.#process?.output ?? '').matchAll(new RegExp(`^.* case${i} (case${i}/.*)$`, 'gm'));
    return [...all].map(([, line = '']) =>
      line
        .replace(/ (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\+?\d+) /, (_, ...times) => {
          const kinds = (times.slice(0, 5) as string[]).map((time) => (time.startsWith('-') ? '-' : 'n'));
          return ` ${kinds.join('/')} `;
        })
        // All cases run at the same time, so how many connections there are says nothing.
        .replace(/ \d+(\/\d+\/\d+\/\d+\/\+?\d+ \d+\/\d+ )/, ' n$1'),
    );
  }

  /** Of the servers and the backend of each case. */
  async counters(): Promise<string[][]> {
    const [head = '', ...lines] = (await ask(this.#path('stats'), 'show stat\n')).trim().split('\n');
    const names = head.replace(/^# /, '').split(',');
    const rows = lines.map((line) => line.split(','));
    return this.#cases.map(({ uncounted = [] }, i) => {
      const counted = COUNTERS.filter((name) => !uncounted.includes(name));
      return rows
        .filter(([proxy, name]) => proxy === `case${i}` && name !== 'FRONTEND')
        .map((row) => `${row[1]}: ${counted.map((name) => `${name}=${row[names.indexOf(name)] ?? ''}`).join(' ')}`);
    });
  }
}

/** Names of fields in lower case and in one order, with which proxies differ. */
function canonical(messages: string): string {
  return messages.replaceAll(/^(?:HTTP|[A-Z]+ ).*\r\n(?:.+\r\n)*\r\n/gm, (head) => {
    const [first, ...fields] = head.trim().split('\r\n');
    return [first, ...fields.map((field) => field.replace(/^[^:]+/, (name) => name.toLowerCase())).sort(), '', ''].join(
      '\n',
    );
  });
}

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
