/** All cases as sections of one proxy, with servers of their own. Each step is waited for until it is over. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { SectionProxy } from '../../support/section-proxy.ts';
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
  readonly #servers: Map<string, HeldServer>[] = [];
  readonly #proxy: SectionProxy;

  /** Its sockets go into `folder`. */
  constructor(cases: readonly Case[], folder: string) {
    this.#cases = cases;
    this.#proxy = new SectionProxy(folder);
  }

  async start(program: string): Promise<void> {
    const sections = this.#cases.map(async ({ lines, servers }, i) => {
      const held = new Map<string, HeldServer>();
      this.#servers[i] = held;
      const all = servers.map(async (words) => {
        const [name = '', ...parameters] = words.split(' ');
        const server = new HeldServer();
        held.set(name, server);
        return `${name} 127.0.0.1:${await server.start()} ${parameters.join(' ')}`;
      });
      return { lines, servers: await Promise.all(all) };
    });
    await this.#proxy.start(program, await Promise.all(sections));
  }

  async stop(): Promise<void> {
    await this.#proxy.stop();
    for (const servers of this.#servers) for (const server of servers.values()) server.stop();
  }

  async run(i: number): Promise<Outcome> {
    const clients: Client[] = [];
    const { steps = [] } = this.#cases[i] ?? {};
    for (const [at, step] of steps.entries()) await this.#take(i, at, step, clients);
    await this.#until(i, 'all are logged', () => this.#proxy.logs(i).length >= clients.length);
    await this.#until(i, 'all have heard of it', () => clients.every(({ over }) => over));
    for (const { socket } of clients) socket.destroy();
    return {
      asked: [...(this.#servers[i] ?? [])].map(([name, { asked }]) => `${name}: ${asked.join(' ')}`),
      answers: clients.map(({ name, answer }) => `${name}: ${answer.slice(9, 12)}`),
      logs: this.#proxy.logs(i).sort(),
      counters: await this.#proxy.counters(i, COUNTERS),
    };
  }

  async #take(i: number, at: number, step: Step, clients: Client[]): Promise<void> {
    const what = `step ${at}, ${step.do}`;
    const servers = this.#servers[i] ?? new Map<string, HeldServer>();
    switch (step.do) {
      case 'ask':
        clients.push(this.#client(i, step.name, step.cookie));
        await this.#until(i, what, async () => {
          const queued = (await this.#proxy.rows(i)).reduce((sum, row) => sum + Number(row['qcur']), 0);
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
        const before = this.#proxy.logs(i).length;
        // What ends by itself has been answered already.
        client?.socket.end();
        if (step.logged)
          await this.#until(i, what, () => this.#proxy.logs(i).length > 0 && this.#proxy.logs(i).length >= before);
        if (client !== undefined) await this.#until(i, what, () => client.over || !step.logged);
        return;
      }
      case 'command':
        await this.#proxy.command(i, step.text);
    }
  }

  #client(i: number, name: string, cookie: string | undefined): Client {
    const socket = connect({ path: this.#proxy.path(i), allowHalfOpen: true });
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
}
