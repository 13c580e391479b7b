/**
 * A real haproxy in HTTP mode that hashes as the tests ask, on loopback ports and unix sockets of its own:
 *
 *   test ──▶ 127.0.0.1:PORT+N ─▶ listen hN (balance …) ──▶ sN.sock of this process, which answer with their number
 *   test ──▶ admin.sock: weights and states
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../support/peers.ts';
import { freePort } from '../../support/ports.ts';
import type { TestServer } from './backend.ts';

/** haproxy 2.6 answers 400 to a pipeline that is longer than its buffer. */
const AT_ONCE = 50;
const ADDRESSED = /^127\./;

export interface HashedBackend {
  /** `balance …`, `hash-type …`, options. */
  readonly lines: readonly string[];
  readonly servers: readonly TestServer[];
}

/** Answers every request on a connection with its number. */
function numbered(number: number): Server {
  const body = String(number);
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  return createServer((socket) => {
    let rest = '';
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let at = rest.indexOf('\r\n\r\n'); at >= 0; at = rest.indexOf('\r\n\r\n')) {
        rest = rest.slice(at + 4);
        socket.write(answer);
      }
    });
  });
}

export class HaproxyHttpPeer {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tandem-hash-'));
  readonly #servers: Server[] = [];
  readonly #ports: number[] = [];
  #pid = 0;

  async start(backends: readonly HashedBackend[]): Promise<void> {
    const count = Math.max(...backends.map(({ servers }) => servers.length));
    for (let i = 0; i < count; i++) {
      const server = numbered(i);
      this.#servers.push(server);
      server.listen(join(this.#folder, `s${i}.sock`));
      await once(server, 'listening');
    }
    for (const _ of backends) this.#ports.push(await freePort());
    const lines = [
      'global',
      '  nbthread 1',
      `  stats socket ${this.#folder}/admin.sock level admin`,
      'defaults',
      '  mode http',
      '  http-reuse always',
      '  timeout connect 10s',
      '  timeout client 60s',
      '  timeout server 60s',
      ...backends.flatMap((backend, number) => this.#section(backend, number)),
    ];
    const file = join(this.#folder, 'haproxy.cfg');
    const pidFile = join(this.#folder, 'pid');
    writeFileSync(file, `${lines.join('\n')}\n`);
    // -D: it returns when the sockets are bound.
    const started = spawnSync(programPath('haproxy'), ['-D', '-p', pidFile, '-f', file], { encoding: 'utf8' });
    if (started.status !== 0) throw new Error(`haproxy did not start: ${started.stderr}`);
    this.#pid = Number(readFileSync(pidFile, 'latin1'));
  }

  async stop(): Promise<void> {
    if (this.#pid > 0) process.kill(this.#pid);
    for (const server of this.#servers) server.close();
    rmSync(this.#folder, { recursive: true });
  }

  async command(text: string): Promise<string> {
    const socket = connect(join(this.#folder, 'admin.sock'));
    socket.write(`${text}\n`);
    let answer = '';
    for await (const chunk of socket) answer += (chunk as Buffer).toString('latin1');
    return answer.trim();
  }

  /** Which servers take these requests, one after the other on one connection from `address`. */
  async ask(backend: number, requests: readonly string[], address = '127.0.0.1'): Promise<number[]> {
    if (!ADDRESSED.test(address)) throw new Error(`${address} is not on loopback`);
    const socket = connect({ port: this.#ports[backend] ?? 0, host: '127.0.0.1', localAddress: address });
    const answers: number[] = [];
    for (let at = 0; at < requests.length; at += AT_ONCE) {
      answers.push(...(await talk(socket, requests.slice(at, at + AT_ONCE))));
    }
    socket.destroy();
    return answers;
  }

  #section({ lines, servers }: HashedBackend, number: number): string[] {
    const words = ({ weight, backup }: TestServer): string =>
      `weight ${weight ?? 1} ${backup === true ? 'backup' : ''}`;
    return [
      `listen h${number}`,
      `  bind 127.0.0.1:${this.#ports[number]}`,
      ...lines.map((line) => `  ${line}`),
      ...servers.map((server, i) => `  server s${i} unix@${this.#folder}/s${i}.sock ${words(server)}`),
    ];
  }
}

/** All requests at once; the answers' bodies, which are numbers, in order. */
function talk(socket: Socket, requests: readonly string[]): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const answers: number[] = [];
    let text = '';
    socket.removeAllListeners();
    socket.on('error', reject);
    socket.on('close', () => reject(new Error(`${requests[answers.length]} got ${text}`)));
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let found = nextAnswer(text); found !== null; found = nextAnswer(text)) {
        answers.push(Number(found[1]));
        text = text.slice(found[0].length);
      }
      if (answers.length === requests.length) resolve(answers);
    });
    socket.write(requests.join(''), 'latin1');
  });
}

function nextAnswer(text: string): RegExpExecArray | null {
  const length = /^HTTP\/1\.1 200 OK\r\n.*?content-length: (\d+)\r\n/is.exec(text)?.[1];
  return length === undefined ? null : new RegExp(`^.*?\\r\\n\\r\\n(\\d{${length}})`, 's').exec(text);
}
