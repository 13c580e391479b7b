/** All cases as sections of one proxy, with servers of their own. Each step is waited for until it is over. */
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProxyProcess } from '../../support/proxy-process.ts';
import { ask } from '../../support/stats-client.ts';
import type { Case, Step } from './case.ts';
import { HeldServer } from './held-server.ts';

/** Generous: a busy machine is slow, not wrong. */
const PATIENCE_MS = 60_000;
const COUNTERS = ['qmax', 'stot', 'econ', 'eresp', 'wretr', 'wredis', 'cli_abrt', 'hrsp_2xx', 'hrsp_5xx'];

interface Client {
  readonly name: string;
  readonly socket: Socket;
  answer: string;
  /** It has an answer, or its connection is over. */
  over: boolean;
  /** A server has answered. */
  served: boolean;
}

export interface Outcome {
  /** What each server was asked for, in order. */
  readonly asked: readonly string[];
  readonly answers: readonly string[];
  readonly logs: readonly string[];
  readonly counters: readonly string[];
}

export class Scene {
  readonly #cases: readonly Case[];
  readonly #folder: string;
  readonly #servers: Map<string, HeldServer>[] = [];
  #process: ProxyProcess | null = null;
  /** One talk at a time with the stats socket, which takes few. */
  #talk: Promise<unknown> = Promise.resolve();

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
  timeout connect 20s
  timeout client 60s
  timeout server 60s
`;
    for (const [i, { lines, servers }] of this.#cases.entries()) {
      text += `listen case${i}\n  bind ${this.#path(`${i}`)}\n${lines.map((line) => `  ${line}\n`).join('')}`;
      const all = new Map<string, HeldServer>();
      this.#servers.push(all);
      for (const words of servers) {
        const [name = '', ...parameters] = words.split(' ');
        const server = new HeldServer();
        all.set(name, server);
        text += `  server ${name} 127.0.0.1:${await server.start()} ${parameters.join(' ')}\n`;
      }
    }
    const last = this.#path('ready');
    text += `listen ready\n  bind ${last}\n`;
    this.#process = await ProxyProcess.startAs([program], text, async () => existsSync(last) && accepts(last));
  }

  async stop(): Promise<void> {
    await this.#process?.stop();
    for (const servers of this.#servers) for (const server of servers.values()) server.stop();
  }

  async run(i: number): Promise<Outcome> {
    const clients: Client[] = [];
    const { steps = [] } = this.#cases[i] ?? {};
    for (const [at, step] of steps.entries()) await this.#take(i, at, step, clients);
    await this.#until(i, 'all are logged', () => this.#logs(i).length >= clients.length);
    await this.#until(i, 'all have heard of it', () => clients.every(({ over }) => over));
    for (const { socket } of clients) socket.destroy();
    return {
      asked: [...(this.#servers[i] ?? [])].map(([name, { asked }]) => `${name}: ${asked.join(' ')}`),
      answers: clients.map(({ name, answer }) => `${name}: ${answer.slice(9, 12)}`),
      logs: this.#logs(i).sort(),
      counters: (await this.#rows(i)).map(countersOf),
    };
  }

  async #take(i: number, at: number, step: Step, clients: Client[]): Promise<void> {
    const what = `step ${at}, ${step.do}`;
    const servers = this.#servers[i] ?? new Map<string, HeldServer>();
    switch (step.do) {
      case 'ask':
        clients.push(this.#client(i, step.name, step.cookie));
        await this.#until(i, what, async () => {
          const queued = (await this.#rows(i)).reduce((sum, row) => sum + Number(row['qcur']), 0);
          const asked = [...servers.values()].reduce((sum, server) => sum + server.asked.length, 0);
          // Who was answered was asked for first, unless no server was.
          return asked + queued + clients.filter((one) => one.over && !one.served).length >= clients.length;
        });
        return;
      case 'had':
        await this.#until(i, what, () => (servers.get(step.server)?.asked.length ?? 0) >= step.requests);
        return;
      case 'answer': {
        const server = servers.get(step.server);
        await this.#until(i, what, () => server?.isAsked === true);
        const before = clients.filter(({ over }) => over).length;
        server?.answer();
        await this.#until(i, what, () => clients.filter(({ over }) => over).length > before);
        for (const client of clients) if (client.answer.startsWith('HTTP/1.1 200')) client.served = true;
        return;
      }
      case 'ends': {
        const client = clients.find(({ name }) => name === step.name);
        const before = this.#logs(i).length;
        // What ends by itself has been answered already.
        client?.socket.end();
        if (step.logged) await this.#until(i, what, () => this.#logs(i).length > 0 && this.#logs(i).length >= before);
        if (client !== undefined) await this.#until(i, what, () => client.over || !step.logged);
        return;
      }
      case 'command':
        await this.#ask(step.text.replace('PROXY', `case${i}`));
    }
  }

  #client(i: number, name: string, cookie: string | undefined): Client {
    const socket = connect({ path: this.#path(`${i}`), allowHalfOpen: true });
    const client: Client = { name, socket, answer: '', over: false, served: false };
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      client.answer += chunk.toString('latin1');
      client.over = true;
    });
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        client.over = true;
      });
    }
    const field = cookie === undefined ? '' : `Cookie: S=${cookie}\r\n`;
    socket.write(`GET /${name} HTTP/1.1\r\nHost: x\r\n${field}\r\n`);
    return client;
  }

  async #until(i: number, what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`${this.#cases[i]?.what}: ${what} does not come to its end`);
      await sleep(10);
    }
  }

  #ask(command: string): Promise<string> {
    const answer = this.#talk.then(() => ask(this.#path('stats'), `${command}\n`));
    this.#talk = answer.catch(() => undefined);
    return answer;
  }

  async #rows(i: number): Promise<Record<string, string>[]> {
    const [head = '', ...lines] = (await this.#ask('show stat')).trim().split('\n');
    const names = head.replace(/^# /, '').split(',');
    return lines
      .map((line) => Object.fromEntries(line.split(',').map((value, at) => [names[at] ?? '', value])))
      .filter((row) => row['pxname'] === `case${i}` && row['svname'] !== 'FRONTEND');
  }

  #logs(i: number): string[] {
    const all = (this.#process?.output ?? '').matchAll(new RegExp(`^.* case${i} (case${i}/.*)$`, 'gm'));
    return [...all].map(([, line = '']) =>
      line
        .replace(/ (-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\d+)\/(-?\+?\d+) /, (_, ...times) => {
          const kinds = (times.slice(0, 5) as string[]).map((time) => (time.startsWith('-') ? '-' : 'n'));
          return ` ${kinds.join('/')} `;
        })
        // When a client's connection is closed says nothing of those who wait.
        .replace(/ \d+\/\d+(\/\d+\/\d+\/\+?\d+ \d+\/\d+ )/, ' n/n$1'),
    );
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function countersOf(row: Readonly<Record<string, string>>): string {
  return `${row['svname']}: ${COUNTERS.map((name) => `${name}=${row[name] ?? ''}`).join(' ')}`;
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
