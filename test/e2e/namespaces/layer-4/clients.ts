/** Clients of a network, at many addresses of one box (client.mjs): what they ask, and who answers. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { OwnBox } from '../../../support/own-box.ts';
import type { Network } from './network.ts';

/** `from`: an address of the box. */
export interface Question {
  readonly ip: string;
  readonly port?: number;
  readonly from?: string;
  readonly fromPort?: number;
}

interface Answer {
  readonly who: string;
  /** The server saw this client: `192.168.1.50 40000`. */
  readonly client?: string;
  /** The server's. */
  readonly port?: string;
  readonly bytes?: number;
}

export class Clients {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #asked = 0;

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { id, ...answer } = JSON.parse(line) as Answer & { readonly id: number };
      this.#waiting.get(id)?.(answer);
      this.#waiting.delete(id);
    });
  }

  static async start({ lab }: Network, { exec }: OwnBox): Promise<Clients> {
    const [program = '', ...rest] = [...exec, process.execPath, join(import.meta.dirname, 'client.mjs')];
    const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'] });
    lab.adopt(child);
    const clients = new Clients(child);
    await once(child.stdout, 'data');
    return clients;
  }

  /** A connection for one request: who answered, or what went wrong. */
  async get(question: Question): Promise<string> {
    return (await this.ask({ what: 'get', port: 80, ...question })).who;
  }

  /** A connection that stays. */
  async hold(name: string, question: Question): Promise<string> {
    return (await this.ask({ what: 'hold', name, port: 80, ...question })).who;
  }

  /** One more request on a connection that stays. */
  async again(name: string): Promise<string> {
    return (await this.ask({ what: 'again', name })).who;
  }

  /** The address that a name has, according to the server that answered. */
  async dns(question: Question): Promise<string> {
    return (await this.ask({ what: 'dns', ...question })).who;
  }

  ask(question: object): Promise<Answer> {
    const id = ++this.#asked;
    this.#child.stdin.write(`${JSON.stringify({ id, ...question })}\n`);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }
}
