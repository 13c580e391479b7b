/**
 * haproxy and Tandem beside each other on the same configuration, each with a stats socket and a port of its own: what they
 * show of their servers, and say, can be compared. Nobody knows when a program has done something: `agree` waits until
 * both show the same, for a generous while.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { programPath } from './peers.ts';
import { connects, freePort } from './ports.ts';
import { ProxyProcess, TANDEM_HAPROXY } from './proxy-process.ts';
import { ask } from './stats-client.ts';

const AGREE_TRIES = 400;
const AGREE_EACH_MS = 50;

export type Columns = Readonly<Record<string, string>>;

export class Twin {
  readonly port: number;
  readonly #process: ProxyProcess;
  readonly #socket: string;

  constructor(process: ProxyProcess, socket: string, port: number) {
    this.#process = process;
    this.#socket = socket;
    this.port = port;
  }

  ask(command: string): Promise<string> {
    return ask(this.#socket, `${command}\n`);
  }

  /** `show stat` of servers: these columns by `backend/server`. */
  async servers(columns: readonly string[]): Promise<Readonly<Record<string, Columns>>> {
    const [head = '', ...rows] = (await this.ask('show stat')).trim().split('\n');
    const names = head.replace('# ', '').split(',');
    const found: Record<string, Columns> = {};
    for (const row of rows) {
      const cells = row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.map((cell) => cell.replace(/,$/, '')) ?? [];
      const all = Object.fromEntries(names.map((name, i) => [name, cells[i] ?? '']));
      if (all['svname'] === 'FRONTEND' || all['svname'] === 'BACKEND') continue;
      found[`${all['pxname']}/${all['svname']}`] = Object.fromEntries(columns.map((name) => [name, all[name] ?? '']));
    }
    return found;
  }

  /** What was said of servers and backends, in order, without what depends on the moment. */
  said(): string[] {
    const lines = this.#process.output.split('\n');
    const ours = lines.filter((line) =>
      /^(Backup )?Server |^(Health|Agent) check |^(backend|proxy) \S+ has no/.test(line),
    );
    return ours.map((line) => line.replace(/check duration: \d+ms/, 'check duration: Nms'));
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

export class Twins {
  readonly theirs: Twin;
  readonly ours: Twin;
  readonly #folder: string;

  private constructor(theirs: Twin, ours: Twin, folder: string) {
    this.theirs = theirs;
    this.ours = ours;
    this.#folder = folder;
  }

  /** `configuration` gets the stats socket's path, a port to listen at, and a name for the program. */
  static async start(configuration: (socket: string, port: number, name: string) => string): Promise<Twins> {
    const folder = mkdtempSync(join(tmpdir(), 'tandem-twins-'));
    const one = async (program: string, name: string): Promise<Twin> => {
      const port = await freePort();
      const socket = join(folder, `${name}.sock`);
      // The stats socket comes after the port.
      const ready = async (): Promise<boolean> => existsSync(socket) && (await connects(port));
      return new Twin(await ProxyProcess.startAs([program], configuration(socket, port, name), ready), socket, port);
    };
    const theirs = await one(programPath('haproxy'), 'haproxy');
    return new Twins(theirs, await one(TANDEM_HAPROXY, 'tandem'), folder);
  }

  async stop(): Promise<void> {
    await Promise.all([this.theirs.stop(), this.ours.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Waits until both show the same, and whatever else is wanted of it; fails with the difference. */
  async agree<T>(look: (twin: Twin) => Promise<T> | T, isDone: (seen: T) => boolean = () => true): Promise<T> {
    for (let tries = 0; ; tries++) {
      const [theirs, ours] = [await look(this.theirs), await look(this.ours)];
      const same = JSON.stringify(theirs) === JSON.stringify(ours);
      if ((same && isDone(theirs)) || tries === AGREE_TRIES) {
        expect(ours).toEqual(theirs);
        expect(isDone(theirs), JSON.stringify(theirs)).toBe(true);
        return theirs;
      }
      await sleep(AGREE_EACH_MS);
    }
  }
}
