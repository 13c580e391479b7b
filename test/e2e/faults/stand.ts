/**
 * A server, and Tandem in front of it as a whole program, for tests that break something: what it says, its processes, and a
 * client that asks once.
 *
 * Not here: clients that ask all the time (clients.ts).
 */
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/ports.ts';
import { processTree, TANDEM_HAPROXY } from '../../support/proxy-process.ts';

/** Nothing here is to be fast: only a program that does not do it at all is to fail. */
const WITHIN_MS = 40_000;

export async function eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  for (const untilMs = performance.now() + WITHIN_MS; !(await holds()); await sleep(10)) {
    if (performance.now() > untilMs) throw new Error(`never: ${what}`);
  }
}

export interface Wishes {
  readonly global?: readonly string[];
  readonly proxy?: readonly string[];
  /** Options of the line `server s`. */
  readonly server?: string;
  readonly arguments?: readonly string[];
  /** A file of this folder that is loaded before the program. */
  readonly hook?: string;
  /** By default its stdout and stderr are read here. */
  readonly stdio?: StdioOptions;
}

export class Stand {
  readonly folder = mkdtempSync(join(tmpdir(), 'tandem-faults-'));
  port = 0;
  /** What it has written to stdout and stderr. */
  output = '';
  #server: Server | null = null;
  #child: ChildProcess | null = null;

  /** Starts the server and the program; returns when a client is answered. */
  async start(wishes: Wishes): Promise<void> {
    await this.launch(wishes);
    await eventually('a client is answered', async () => {
      if (this.over) throw new Error(`it has ended:\n${this.output}`);
      return (await this.ask()) === 200;
    });
  }

  /** Starts both, and waits for nothing. */
  async launch({ global = [], proxy = [], server = '', hook, stdio, ...wishes }: Wishes): Promise<void> {
    this.#server = createServer((_request, response) => response.end('hello'));
    this.#server.keepAliveTimeout = 0;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = await freePort();
    const lines = (some: readonly string[]): string => some.map((line) => `  ${line}\n`).join('');
    const file = join(this.folder, 'haproxy.cfg');
    writeFileSync(
      file,
      `global\n${lines(global)}defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
listen web
  bind 127.0.0.1:${this.port}
${lines(proxy)}  server s 127.0.0.1:${(this.#server.address() as AddressInfo).port} ${server}
`,
    );
    const options = hook === undefined ? '' : `--import ${join(import.meta.dirname, hook)}`;
    const child = spawn(TANDEM_HAPROXY, ['-db', ...(wishes.arguments ?? []), '-f', file], {
      stdio: stdio ?? ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: options },
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
      });
    }
    await once(child, 'spawn');
  }

  get child(): ChildProcess {
    if (this.#child === null) throw new Error('it was not started');
    return this.#child;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get over(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** The process that serves clients; 0: none does. */
  get dataPid(): number {
    return this.#named('haproxy tandem data-process');
  }

  get sparePid(): number {
    return this.#named('tandem-spare');
  }

  #named(title: string): number {
    const titleOf = (pid: number): string => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
      } catch {
        return '';
      }
    };
    return processTree(this.pid).find((pid) => titleOf(pid).startsWith(title)) ?? 0;
  }

  /** Waits until it has said so. */
  async said(what: string | RegExp): Promise<void> {
    const holds = () => (typeof what === 'string' ? this.output.includes(what) : what.test(this.output));
    await eventually(`it says ${what}; it said:\n${this.output}`, holds);
  }

  timesSaid(what: string): number {
    return this.output.split(what).length - 1;
  }

  /** The status of one request on a connection of its own; 0: it was not answered. */
  ask(): Promise<number> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      let text = '';
      socket.on('connect', () => socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'));
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString('latin1');
      });
      socket.on('error', () => {});
      socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0)));
    });
  }

  /** Resolves when it has ended and nobody holds its stdout and stderr any more: how it ended. */
  async closed(): Promise<string> {
    await eventually('it has ended', () => this.over);
    const streams = [this.child.stdout, this.child.stderr];
    await eventually('nobody holds its output', () => streams.every((stream) => stream === null || stream.closed));
    return this.child.signalCode ?? String(this.child.exitCode);
  }

  async stop(): Promise<void> {
    if (this.#child?.pid !== undefined && !this.over) {
      const tree = processTree(this.#child.pid);
      const gone = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      const late = await Promise.race([gone.then(() => false), sleep(5000, true, { ref: false })]);
      if (late) for (const pid of tree) tryKill(pid);
      await gone;
    }
    this.#server?.closeAllConnections();
    this.#server?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}
