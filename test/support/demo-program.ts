/** `tandem demo` as a person starts it, with what it says; ended by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const PROGRAM = join(import.meta.dirname, '..', '..', 'dist', 'cli', 'tandem.js');
/** A minute: a busy machine starts programs slowly. */
const READY_TRIES = 1200;

export class DemoProgram {
  readonly #child: ChildProcess;
  #output = '';

  private constructor(child: ChildProcess) {
    this.#child = child;
    const keep = (chunk: Buffer): void => {
      this.#output += chunk.toString();
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  static async start(port: number): Promise<DemoProgram> {
    const args = [PROGRAM, 'demo', '--no-open', '-p', String(port)];
    const demo = new DemoProgram(spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
    for (let tries = 0; !demo.output.includes('Ctrl-C'); tries++) {
      if (demo.#child.exitCode !== null || tries > READY_TRIES)
        throw new Error(`the demo is not ready:\n${demo.output}`);
      await sleep(50);
    }
    return demo;
  }

  get output(): string {
    return this.#output;
  }

  get dashboard(): string {
    return this.#find(/^Dashboard: (\S+)$/m);
  }

  /** Stops this server, or starts it again. */
  async toggle(server: 'web1' | 'web2'): Promise<void> {
    await fetch(this.#find(new RegExp(`curl (http://\\S+/${server}) `)));
  }

  #find(pattern: RegExp): string {
    const [, found] = pattern.exec(this.#output) ?? [];
    if (found === undefined) throw new Error(`the demo does not say ${pattern}:\n${this.#output}`);
    return found;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, 'exit');
    this.#child.kill('SIGINT');
    await gone;
  }
}
