/**
 * A real haproxy that balances as the tests ask, all of it on unix sockets in a folder of its own:
 *
 *   test ──▶ bN.sock ─▶ listen bN (balance …) ──▶ iN.sock, a socket of this process that says its number
 *   test ──▶ admin.sock: weights and states
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as netConnect, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../support/peers.ts';
import type { Algorithm, TestServer } from './backend.ts';

export interface PeerBackend {
  readonly algorithm: Algorithm;
  readonly servers: readonly TestServer[];
  readonly allBackups?: boolean;
}

/** A connection through haproxy that reached a server. */
export interface Held {
  readonly server: number;
  /** Ends it without waiting for haproxy. */
  drop(): void;
  /** Ends it and returns when haproxy has given the slot back. */
  close(): Promise<void>;
}

function section(folder: string, backend: PeerBackend, number: number): string[] {
  const options = (server: TestServer) =>
    [
      `weight ${server.weight ?? 1}`,
      server.backup === true ? 'backup' : '',
      server.maxconn === undefined ? '' : `maxconn ${server.maxconn}`,
      server.maxqueue === undefined ? '' : `maxqueue ${server.maxqueue}`,
    ].join(' ');
  return [
    `listen b${number}`,
    `  bind unix@${folder}/b${number}.sock`,
    `  balance ${backend.algorithm}`,
    backend.allBackups === true ? '  option allbackups' : '',
    ...backend.servers.map((server, i) => `  server s${i} unix@${folder}/i${i}.sock ${options(server)}`),
  ];
}

/** Reads until the other side has ended, or until a line is complete. */
function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      if (text.includes('\n')) resolve(text.slice(0, text.indexOf('\n')));
    });
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('closed without an answer')));
  });
}

export class HaproxyPeer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-balance-'));
  readonly #servers: Server[] = [];
  #pid = 0;

  async start(backends: readonly PeerBackend[]): Promise<void> {
    const count = Math.max(...backends.map((backend) => backend.servers.length));
    for (let i = 0; i < count; i++) {
      const server = createServer((socket) => {
        socket.on('error', () => {});
        socket.write(`${i}\n`);
      });
      this.#servers.push(server);
      await new Promise<void>((resolve) => server.listen(join(this.#folder, `i${i}.sock`), resolve));
    }
    const file = join(this.#folder, 'haproxy.cfg');
    const pidFile = join(this.#folder, 'pid');
    const lines = [
      'global',
      '  nbthread 1',
      `  stats socket ${this.#folder}/admin.sock level admin`,
      'defaults',
      '  mode tcp',
      '  timeout connect 10s',
      '  timeout client 60s',
      '  timeout server 60s',
      ...backends.flatMap((backend, number) => section(this.#folder, backend, number)),
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    // -D: it returns when the sockets are bound.
    const started = spawnSync(programPath('haproxy'), ['-D', '-p', pidFile, '-f', file], { encoding: 'utf8' });
    if (started.status !== 0) throw new Error(`haproxy did not start: ${started.stderr}`);
    this.#pid = Number(readFileSync(pidFile, 'latin1'));
  }

  async stop(): Promise<void> {
    if (this.#pid > 0) process.kill(this.#pid);
    for (const server of this.#servers) await new Promise((resolve) => server.close(resolve));
    rmSync(this.#folder, { recursive: true });
  }

  /** One command to the stats socket; returns when haproxy has done it. */
  command(text: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const socket = netConnect(join(this.#folder, 'admin.sock'), () => socket.write(`${text}\n`));
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk.toString('latin1');
      });
      socket.once('end', () => resolve(answer.trim()));
      socket.once('error', reject);
    });
  }

  async sessionsOf(backend: number, server: number): Promise<number> {
    const stat = await this.command('show stat');
    const row = stat.split('\n').find((line) => line.startsWith(`b${backend},s${server},`));
    return Number(row?.split(',')[4]);
  }

  /** A connection that stays open until it is dropped or closed. */
  async hold(backend: number): Promise<Held> {
    const socket = netConnect(join(this.#folder, `b${backend}.sock`));
    const server = Number(await readLine(socket));
    return {
      server,
      drop: () => socket.destroy(),
      close: async () => {
        const before = await this.sessionsOf(backend, server);
        socket.destroy();
        while ((await this.sessionsOf(backend, server)) >= before);
      },
    };
  }

  /**
   * Which servers take this many connections, one after the other. `settle`: each is over before the next begins, for
   * algorithms that count connections.
   */
  async sequence(backend: number, requests: number, settle: boolean): Promise<number[]> {
    const picked: number[] = [];
    for (let i = 0; i < requests; i++) {
      const held = await this.hold(backend);
      picked.push(held.server);
      if (settle) await held.close();
      else held.drop();
    }
    return picked;
  }
}
