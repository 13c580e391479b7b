/**
 * An address that lets connections time out: a listening socket whose accept queue is full and that nobody accepts
 * from, so the kernel drops every further SYN. Loopback has no other way to lose a packet without root.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** Listens, says the port, then blocks its only thread: libuv would accept otherwise. */
const LISTENER = `
const server = require('node:net').createServer().listen({ host: '127.0.0.1', port: 0, backlog: 1 }, () => {
  require('node:fs').writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

export class Blackhole {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #fillers: Socket[];

  private constructor(port: number, process: ChildProcess, fillers: Socket[]) {
    this.port = port;
    this.#process = process;
    this.#fillers = fillers;
  }

  static async open(): Promise<Blackhole> {
    const child = spawn(process.execPath, ['-e', LISTENER], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(chunk.toString());
    // A backlog of 1 takes two.
    const fillers = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
    for (const filler of fillers) {
      filler.on('error', () => undefined);
      await once(filler, 'connect');
    }
    return new Blackhole(port, child, fillers);
  }

  async close(): Promise<void> {
    for (const filler of this.#fillers) filler.destroy();
    this.#process.kill('SIGKILL');
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit');
  }
}
